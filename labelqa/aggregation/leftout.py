"""Fits in which no label is judged by what it said itself, and what the left-out labels tell about them.

In plain EM an item's posterior shapes the confusions that then judge that item: with few labels an annotator confirms
themselves. Here each item is judged by confusions counted without it (the zero-order collapsed variational update of
Asuncion et al. 2009, applied to annotators). Every label is then predicted by the others at no further cost, which
serves twice: the *temperature* by which log posteriors must be scaled for the best prediction makes probabilities less
sure where labels of an item depend on each other, and the mean log probability compares models.

That this temperature follows the one that true classes would give is our own finding. It stays above it where the
labels of an item err together (errors that all share cannot be seen in labels), so probabilities remain too sure there:
`python -m tests.bench.consensus`.

References
----------
Asuncion, A., Welling, M., Smyth, P. & Teh, Y. W. (2009). On smoothing and inference for topic models. UAI, 27-34.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.em import FLOOR, Setting, add_outside, normalised, start
from labelqa.aggregation.labeltable import LabelTable

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]
MAX_ITERATIONS = 100
TOLERANCE = 1e-4  # largest change of a probability
TEMPERATURES = np.round(np.arange(1, 21) / 20, 2)
JUDGED = 200_000  # labels that a temperature is chosen by, at most
TINY = 1e-9

Judge = Callable[[Floats, Codes, Codes], Floats]
"""Own posteriors (b, k), annotators and labels (b,) to log probabilities (b, k) of the labels without their item."""
Model = Callable[[Floats], Judge]  # soft counts (m, k, k) to a judge


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeftOutFit:
    """A fit without self-confirmation.

    Attributes
    ----------
    posterior : float64 (n, k)
        Probability of each class of each item, at the temperature.
    scores : float64 (n, k)
        Log posterior up to a constant, before the temperature.
    temperature : float
        By which `scores` are scaled; 1 is as sure as independent errors allow.
    held_out : float
        Mean log probability of a label given the others of its item; nan where no item has two.
    iterations : int
        Rounds of updates.
    converged : bool
        Whether the probabilities stopped changing.
    """

    posterior: Floats
    scores: Floats
    temperature: float
    held_out: float
    iterations: int
    converged: bool


def full_confusion(prior: Callable[[Floats], Floats]) -> Model:
    """Every annotator has a confusion of their own; ``prior(counts)`` (m, k, k) are pseudo-labels added to it."""

    def model(counts: Floats) -> Judge:
        added = counts + prior(counts)
        total = added.sum(axis=2)
        by_label = np.ascontiguousarray(added.transpose(0, 2, 1))

        def judge(own: Floats, annotator: Codes, label: Codes) -> Floats:
            share = by_label[annotator, label] - own
            np.maximum(share, TINY, out=share)
            share /= np.maximum(total[annotator] - own, TINY)
            return np.log(share, out=share)

        return judge

    return model


def one_accuracy(weight: float) -> Model:
    """Every annotator is right with one probability; `weight` labels of the mean accuracy are added to each."""

    def model(counts: Floats) -> Judge:
        k = counts.shape[1]
        right = np.trace(counts, axis1=1, axis2=2)
        total = counts.sum(axis=(1, 2))
        overall = float(right.sum()) / max(float(total.sum()), FLOOR)

        def judge(own: Floats, annotator: Codes, label: Codes) -> Floats:
            row = np.arange(label.size)
            hits = right[annotator] - own[row, label] + weight * overall
            accuracy = np.clip(hits / (total[annotator] - 1.0 + weight), 1e-4, 1 - 1e-4)
            out = np.repeat(np.log((1 - accuracy) / max(k - 1, 1))[:, None], k, axis=1)
            out[row, label] = np.log(accuracy)
            return out

        return judge

    return model


def fit_left_out(table: LabelTable, model: Model, setting: Setting | None = None) -> LeftOutFit:
    """Fit a model so that no item takes part in judging its own labels.

    Parameters
    ----------
    table : LabelTable
        The labels.
    model : callable
        Soft counts (m, k, k) to a judge of labels.
    setting : Setting, optional
        `prior_count`, `offset` and `known` are used.
    """
    how = setting or Setting()
    posterior = start(table, how)
    change, done = math.inf, 0
    while True:
        judge = model(table.soft_counts(posterior))
        scores = left_out_scores(table, judge, posterior, how)
        new = normalised(scores)
        change = float(np.abs(new - posterior).max(initial=0.0))
        posterior = new
        done += 1
        if change < TOLERANCE or done == MAX_ITERATIONS:
            break
    judge = model(table.soft_counts(posterior))
    temperature, held_out = _temperature(table, judge, posterior, scores, how)
    return LeftOutFit(
        posterior=normalised(temperature * scores),
        scores=scores,
        temperature=temperature,
        held_out=held_out,
        iterations=done,
        converged=change < TOLERANCE,
    )


def left_out_scores(table: LabelTable, judge: Judge, posterior: Floats, how: Setting) -> Floats:
    """Return log posteriors (n, k) up to a constant, each item judged without itself."""
    k = table.k
    scores = np.zeros(table.n * k)
    for part in table.label_blocks():
        item = table.item[part]
        evidence = judge(posterior[item], table.annotator[part], table.label[part])
        cell = np.multiply(item, k, dtype=np.intp)[:, None] + np.arange(k)
        np.add.at(scores, cell.ravel(), evidence.ravel())  # its cost does not grow with the items a block reaches over
    out = scores.reshape(table.n, k)
    out += np.log(np.maximum(posterior.sum(axis=0) + how.prior_count - posterior, TINY))
    add_outside(out, how)
    return out


def _temperature(
    table: LabelTable, judge: Judge, posterior: Floats, scores: Floats, how: Setting
) -> tuple[float, float]:
    """Return the temperature at which labels are predicted best by the others of their item, and how well."""
    judged = table.labels_per_item >= 2
    if how.known is not None:
        judged &= how.known < 0
    chosen = np.flatnonzero(judged[table.item])
    if not chosen.size:
        return 1.0, math.nan
    chosen = chosen[:: -(-chosen.size // JUDGED)]
    item = table.item[chosen]
    own = judge(posterior[item], table.annotator[chosen], table.label[chosen])
    others = scores[item] - own
    likelihood = np.exp(own)
    values = [float(np.log((normalised(t * others) * likelihood).sum(axis=1)).mean()) for t in TEMPERATURES]
    best = int(np.argmax(values))
    return float(TEMPERATURES[best]), values[best]
