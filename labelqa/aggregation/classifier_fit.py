"""Calibration of a classifier against annotators: softmax regression inside a one-coin model.

A class of item i has the log probability ``temperature * log p_ic + bias_c`` (up to a constant) before anybody labels
it. Temperature, biases and one accuracy an annotator are fitted together by expectation maximisation on the labels. One
accuracy an annotator, anchored above chance, cannot rename classes: a classifier that contradicts the annotators gets
the temperature zero, it does not turn them round.

References
----------
Guo, C. et al. (2017). On calibration of modern neural networks. ICML, 1321-1330 (temperature scaling). Raykar, V. et
al. (2010). Learning from crowds. JMLR 11, 1297-1322 (classifier and annotators in one likelihood). The anchoring is our
own, see ``python -m tests.bench.consensus_classifier``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.em import Known, normalised, with_known
from labelqa.aggregation.labeltable import LabelTable

Floats = npt.NDArray[np.float64]
HOTTEST = 10.0  # largest temperature: sharpens a timid classifier
NEWTON = 2  # steps of the regression in each round
ROUNDS = 60
STILL = 1e-3  # change of a posterior under which the fit has converged
MIX = 1e-3  # share of the uniform distribution mixed into the probabilities: no class is impossible
ANCHOR_LABELS = 20.0  # weight of the anchor on the mean accuracy of all annotators
ALONE = 0.5  # further weight for each label that is the only one of its item: it hardly tells accuracy
OWN_LABELS = 4.0  # weight of that mean on the accuracy of each
ANCHOR = 0.75  # way from chance to perfect


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoterCalibration:
    """What the classifier is worth beside the annotators.

    Attributes
    ----------
    temperature : float
        Factor on the log probabilities; 0 where they say nothing.
    bias : float64 (k,)
        Added to them.
    calibrated : float64 (n, k)
        Probability of each class before any label.
    accuracy : float64 (m,)
        Of each annotator.
    evidence : float64 (n, k)
        Log odds that the labels of an item add to a class.
    """

    temperature: float
    bias: Floats
    calibrated: Floats
    accuracy: Floats
    evidence: Floats

    @property
    def offset(self) -> Floats:
        """What the classifier says beyond the shares of classes, float64 (n, k)."""
        return np.asarray(np.log(np.maximum(self.calibrated, 1e-12) / self.calibrated.mean(axis=0)))

    @property
    def posterior(self) -> Floats:
        """Probability of each class of each item, from classifier and labels, float64 (n, k)."""
        return normalised(np.log(np.maximum(self.calibrated, 1e-300)) + self.evidence)


def calibrate(table: LabelTable, probabilities: Floats, known: Known = None) -> VoterCalibration:
    """Fit temperature, biases and accuracies to the labels.

    Parameters
    ----------
    table : LabelTable
        Labels of n items by m annotators in k classes.
    probabilities : float64 (n, k)
        The classifier's.
    known : int (n,), optional
        True class of items, -1 where not known.
    """
    logs = np.log((1 - MIX) * probabilities + MIX / table.k)
    votes = table.vote_shares()
    regression = _regressed(votes, logs, (1.0, np.zeros(table.k)), steps=8)
    posterior = with_known(0.5 * votes + 0.5 * _calibrated(logs, *regression), known)
    for _ in range(ROUNDS):
        regression = _regressed(_anchored(table, posterior, votes), logs, regression, steps=NEWTON)
        accuracy = _accuracies(table, posterior)
        found = VoterCalibration(
            temperature=regression[0],
            bias=regression[1],
            calibrated=_calibrated(logs, *regression),
            accuracy=accuracy,
            evidence=_evidence(table, accuracy),
        )
        before, posterior = posterior, with_known(found.posterior, known)
        if np.abs(posterior - before).max(initial=0.0) < STILL:
            break
    return found


def _calibrated(logs: Floats, temperature: float, bias: Floats) -> Floats:
    return normalised(temperature * logs + bias)


def _regressed(target: Floats, logs: Floats, start: tuple[float, Floats], steps: int) -> tuple[float, Floats]:
    """Return temperature and biases (k,) that predict `target` (n, k): Newton steps with a unit ridge on the biases."""
    temperature, bias = start
    k = logs.shape[1]
    ridge = np.diag([1e-3, *np.ones(k)])
    for _ in range(steps):
        now = _calibrated(logs, temperature, bias)
        centred = logs - (now * logs).sum(axis=1, keepdims=True)
        missed = target - now
        slope = np.r_[(missed * logs).sum(), missed.sum(axis=0) - bias]
        cross = (now * centred).sum(axis=0)
        bend = ridge.copy()
        bend[0, 0] += (now * centred**2).sum()
        bend[0, 1:] += cross
        bend[1:, 0] += cross
        bend[1:, 1:] += np.diag(now.sum(axis=0)) - now.T @ now
        step = np.clip(np.linalg.solve(bend, slope), -1.5, 1.5)
        temperature = float(np.clip(temperature + step[0], 0.0, HOTTEST))
        bias = bias + step[1:]
    return temperature, bias - bias.mean()


def _anchored(table: LabelTable, posterior: Floats, votes: Floats) -> Floats:
    """Return `posterior` with class shares drawn to those of the votes as far as items have one label only.

    One label an item does not tell rare classes from bad annotators: shares would drift to one class.
    """
    single = float((table.labels_per_item < 2).mean()) if table.n else 0.0
    shares = posterior.mean(axis=0)
    wanted = (1 - single) * shares + single * votes.mean(axis=0)
    moved = posterior * (wanted / np.maximum(shares, 1e-12))
    return np.asarray(moved / np.maximum(moved.sum(axis=1, keepdims=True), 1e-12))


def _accuracies(table: LabelTable, posterior: Floats) -> Floats:
    """Return the accuracy of each annotator (m,), drawn to the mean of all, and that to the anchor."""
    n = table.labels_per_annotator
    hits = np.bincount(table.annotator, weights=posterior[table.item, table.label], minlength=table.m)
    chance = 1 / table.k
    anchor = chance + ANCHOR * (1 - chance)
    firm = ANCHOR_LABELS + ALONE * float((table.labels_per_item == 1).sum())
    mean = (hits.sum() + firm * anchor) / (table.r + firm)
    return np.asarray(np.clip((hits + OWN_LABELS * mean) / (n + OWN_LABELS), chance / 2, 1 - 1e-3))


def log_odds(accuracy: Floats, k: int) -> Floats:
    """Return what a label adds to its class under one accuracy and even errors."""
    return np.asarray(np.log(accuracy * max(k - 1, 1) / (1 - accuracy)))


def _evidence(table: LabelTable, accuracy: Floats) -> Floats:
    key = table.item.astype(np.int64) * table.k + table.label
    weight = log_odds(accuracy, table.k)[table.annotator]
    flat = np.bincount(key, weights=weight, minlength=table.n * table.k).astype(np.float64)
    return np.asarray(flat.reshape(table.n, table.k))
