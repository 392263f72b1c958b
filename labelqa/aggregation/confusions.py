"""Models of annotators: how soft counts (m, k, k) become confusions (m, k, k).

Every model is one function of the soft counts, ``counts[g, c, l]``: how often annotator g gave label l where class c is
true. They differ in what an annotator may borrow from where own labels are few.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.em import FLOOR, MStep

Floats = npt.NDArray[np.float64]
PSEUDO_LABELS = 3.0  # weight, in labels a class, of the group and of the annotator's own mean accuracy
CLIP = 1e-4
LEAST = 1e-10  # soft count of a label never given


def dawid_skene(counts: Floats) -> Floats:
    """Every annotator has a confusion of their own (Dawid & Skene 1979), rows without labels are uniform."""
    counted = np.maximum(counts, LEAST)
    return np.asarray(counted / counted.sum(axis=2, keepdims=True))


def one_coin(counts: Floats) -> Floats:
    """Every annotator is right with one probability whatever the class, errors are spread evenly."""
    return _one_coin(counts, weight=0.5)


def hierarchical(counts: Floats) -> Floats:
    """Every annotator's confusion is shrunk towards the group's and towards the annotator's own one-coin confusion."""
    prior = PSEUDO_LABELS * group(counts) + PSEUDO_LABELS * _one_coin(counts, weight=2.0)
    shrunk = counts + prior
    return np.asarray(shrunk / shrunk.sum(axis=2, keepdims=True))


def three_way_prior(counts: Floats) -> Floats:
    """Return pseudo-labels (m, k, k) from the group (1 a class), the own accuracy (3) and the own habit (3)."""
    return np.asarray(group(counts) + 3.0 * _one_coin(counts, weight=2.0) + 3.0 * spammer(counts) + 0.01)


def group(counts: Floats) -> Floats:
    """Return the pooled confusion of all annotators, (k, k)."""
    k = counts.shape[1]
    pooled = counts.sum(axis=0) + 0.1 * np.eye(k) + 0.01
    return np.asarray(pooled / pooled.sum(axis=1, keepdims=True))


def spammer(counts: Floats) -> Floats:
    """Every annotator tells the truth or, with a probability of their own, draws from a habit (MACE).

    Hovy, D. et al. (2013). Learning whom to trust with MACE. NAACL-HLT, 1120-1130. The share of true answers among
    those that equal the truth is found by a few inner iterations.
    """
    m, k, _ = counts.shape
    right = np.diagonal(counts, axis1=1, axis2=2)  # (m, k): labels that equal the class
    total = counts.sum(axis=(1, 2)) + 1.0
    honest = np.full(m, 0.7)
    habit = counts.sum(axis=1) + 0.5
    habit /= habit.sum(axis=1, keepdims=True)
    given = counts.sum(axis=1)
    for _ in range(20):
        told = honest[:, None] / np.maximum(honest[:, None] + (1 - honest[:, None]) * habit, FLOOR)
        meant = right * told
        honest = np.clip((meant.sum(axis=1) + 0.5) / total, CLIP, 1 - CLIP)
        habit = np.maximum(given - meant, 0.0) + 0.5
        habit /= habit.sum(axis=1, keepdims=True)
    return np.asarray(honest[:, None, None] * np.eye(k) + (1 - honest[:, None, None]) * habit[:, None, :])


def _one_coin(counts: Floats, weight: float) -> Floats:
    """Return one-coin confusions; `weight` labels of the group's accuracy are added to each annotator's."""
    m, k, _ = counts.shape
    right = np.trace(counts, axis1=1, axis2=2)
    total = counts.sum(axis=(1, 2))
    overall = right.sum() / max(float(total.sum()), FLOOR)
    accuracy = np.clip((right + weight * overall) / (total + weight), CLIP, 1 - CLIP)
    out = np.empty((m, k, k))
    out[:] = ((1 - accuracy) / max(k - 1, 1))[:, None, None]
    out[:, np.arange(k), np.arange(k)] = accuracy[:, None]
    return out


MODELS: dict[str, MStep] = {
    "one_coin": one_coin,
    "dawid_skene": dawid_skene,
    "hierarchical": hierarchical,
    "spammer": spammer,
}
PRIOR_COUNTS = {name: 0.0 if name == "dawid_skene" else 0.5 for name in MODELS}
"""Pseudo-items a class when class shares are estimated; none where nothing else keeps an unused class from a share."""
