"""The classifier as a voter: calibrated against the annotators, weighed by labels that the fit did not see.

Temperature and biases come from :mod:`labelqa.aggregation.classifier_fit`. A weight in [0, 1] on what the classifier
says beyond the shares of classes is then the largest that predicts held-out labels no worse than the best; where the
best gain is within two standard errors the classifier is left out, and the consensus is that of the annotators alone.
No gold is involved. All of this is our own; ``python -m tests.bench.consensus_classifier`` shows where it helps and
where it does not: held-out labels cannot tell an error that annotators share from the truth, nor, with one label an
item and two classes, annotators who lean to a class from a classifier that does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.classifier_fit import VoterCalibration, calibrate, log_odds
from labelqa.aggregation.classifier_input import class_probabilities
from labelqa.aggregation.em import Known, Setting, normalised, with_known
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.solve import Found
from labelqa.annotations.table import Annotations
from labelqa.inference.randomness import random_generator
from labelqa.results import as_number

Floats = npt.NDArray[np.float64]
WEIGHTS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
FOLDS = 5
LARGE = 20_000  # labels from which one fold is enough
FEW_REPEATS = 0.2  # share of items with two labels under which only one accuracy an annotator can be told
DEPENDENCE = 0.075  # what each further label of an item takes from the labels' evidence against the classifier's
MOST_DEPENDENCE = 0.15
CLOSE = 0.1  # temperatures this near to one are not worth a word
ERRORS = 2.0  # standard errors that a gain in held-out log probability must exceed
LEAST_GAIN = 1e-6
WORTH_KNOWING = 0.01  # gain in the log probability of a label that would be worth having
TOO_FEW = (
    "Too few labels to tell whether the classifier helps: it was left out. Label some items twice, or give true "
    "classes (gold=)."
)
NO_HELP = "The classifier does not help to predict labels that it was not shown, and was left out."
TINY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassifierVote:
    """A classifier beside n items labeled in k classes.

    Attributes
    ----------
    offset : float64 (n, k) or None
        What it adds to the log posterior; None where it is left out.
    calibration : VoterCalibration
        Behind it.
    weight : float
        In [0, 1], by held-out labels.
    gain : float
        Mean log probability that it adds to a held-out label.
    labels_worth : float64 (n,)
        How many labels of an average annotator it counts for on each item.
    notes : tuple of str
        In words.
    """

    offset: Floats | None
    calibration: VoterCalibration
    weight: float
    gain: float
    labels_worth: Floats
    notes: tuple[str, ...]

    def joined(self, table: LabelTable, posterior: Floats, method: str) -> Floats:
        """Return the posterior (n, k) of a method that was run with the offset, completed by what the method lacks.

        A vote takes the classifier as `labels_worth` labels. ``auto`` halves the log odds because errors of annotators
        on one item depend on each other; the classifier's do not add up that way, so it regains a part with every
        further label. Where hardly an item has two labels, confusions cannot be told: one accuracy an annotator then.
        """
        if self.offset is None:
            return posterior
        if method == "majority":
            return self._among_votes(table)
        if method != "auto":
            return posterior
        if (table.labels_per_item >= 2).mean() < FEW_REPEATS:
            return normalised(np.log(np.maximum(self.calibration.posterior, TINY)))
        regained = np.clip(DEPENDENCE * (table.labels_per_item - 1), 0.0, MOST_DEPENDENCE)
        return normalised(np.log(np.maximum(posterior, TINY)) + regained[:, None] * self.offset)

    def shares(self, table: LabelTable, weights: dict[str, float]) -> dict[str, float]:
        """Return the shares of the methods in a blend with the classifier's, in evidence, beside them."""
        labels = table.r / max(table.n, 1)
        worth = float(self.labels_worth.mean()) if table.n else 0.0
        own = worth / max(worth + labels, 1e-12)
        return {**{name: share * (1 - own) for name, share in weights.items()}, "classifier": own}

    def _among_votes(self, table: LabelTable) -> Floats:
        votes = table.votes + self.labels_worth[:, None] * self.calibration.calibrated
        return np.asarray(votes / np.maximum(votes.sum(axis=1, keepdims=True), 1e-12))


def classifier_vote(
    annotations: Annotations, table: LabelTable, pred_probs: object, setting: Setting, seed: int
) -> ClassifierVote:
    """Calibrate and weigh the classifier.

    Parameters
    ----------
    annotations : Annotations
        Labels of one round.
    table : LabelTable
        The same.
    pred_probs : array (n, k) or DataFrame
        Out-of-sample class probabilities.
    setting : Setting
        For the true classes that are known.
    seed : int
        Of the folds.

    Raises
    ------
    ParameterError
        If the probabilities do not fit the labels or are none.
    """
    probabilities, notes = class_probabilities(annotations, pred_probs)
    calibration = calibrate(table, probabilities, setting.known)
    scores = held_out_scores(table, probabilities, setting, seed)
    weight, gain = _best_weight(scores)
    worth = _labels_worth(calibration, weight, table.k)
    if weight > 0:
        said = _helps(float(worth.mean()) if worth.size else 0.0, gain, calibration)
    else:
        said = TOO_FEW if _may_help(scores) else NO_HELP
    return ClassifierVote(
        offset=weight * calibration.offset if weight > 0 else None,
        calibration=calibration,
        weight=weight,
        gain=gain,
        labels_worth=worth,
        notes=(said, *notes),
    )


def with_classifier(table: LabelTable, method: str, found: Found, vote: ClassifierVote, known: Known = None) -> Found:
    """Return what a method that was run with the vote's offset found, joined with the classifier.

    Items of a `known` class (n,) keep it, whatever the classifier says.
    """
    posterior = with_known(vote.joined(table, found.posterior, method), known)
    return replace(found, posterior=posterior, weights=vote.shares(table, found.weights or {method: 1.0}))


def held_out_scores(table: LabelTable, probabilities: Floats, setting: Setting, seed: int) -> Floats:
    """Return the log probability of labels held out of the fit under each of `WEIGHTS`, float64 (held, weights)."""
    if table.k < 2 or table.r < FOLDS:
        return np.zeros((0, WEIGHTS.size))
    fold = np.empty(table.r, dtype=np.int64)
    by_item = np.lexsort((table.annotator, table.item))  # the order of rows decides nothing
    fold[by_item] = random_generator(seed).integers(0, FOLDS, size=table.r)
    held = [fold == f for f in range(1 if table.r >= LARGE else FOLDS)]
    return np.concatenate([_scores(table, h, probabilities, setting) for h in held if h.any()])


def _best_weight(scores: Floats) -> tuple[float, float]:
    """Return the largest weight that is no worse than the best, and its gain; zero where the best gains nothing."""
    if not len(scores):
        return 0.0, 0.0
    gains = scores - scores[:, :1]
    best = gains[:, [int(gains.mean(axis=0).argmax())]]
    if not _clear(best[:, 0]):
        return 0.0, 0.0
    behind = best - gains
    full = int(np.flatnonzero(behind.mean(axis=0) <= behind.std(axis=0) / np.sqrt(len(gains))).max())
    return float(WEIGHTS[full]), float(gains[:, full].mean())


def _may_help(scores: Floats) -> bool:
    """Tell whether a gain worth having is within the random error of the best one."""
    if not len(scores):
        return True
    gains = scores - scores[:, :1]
    best = gains[:, int(gains.mean(axis=0).argmax())]
    return bool(best.mean() > 0 and best.mean() + ERRORS * best.std() / np.sqrt(len(best)) > WORTH_KNOWING)


def _helps(labels: float, gain: float, calibration: VoterCalibration) -> str:
    confidence = "" if abs(calibration.temperature - 1) < CLOSE else f", once it is made {_bolder(calibration)}"
    return (
        f"The classifier counts like {as_number(labels, 1)} labels of an average annotator{confidence}: with it, "
        f"labels that were held out are predicted better (log probability {gain:+.3f} each)."
    )


def _bolder(calibration: VoterCalibration) -> str:
    """Return what recalibration did, with the factor on its log probabilities."""
    said = "bolder" if calibration.temperature > 1 else "less sure of itself"
    return f"{said} (temperature {as_number(calibration.temperature, 2)})"


def _clear(gains: Floats) -> bool:
    """Tell whether a mean gain is beyond its random error."""
    return bool(len(gains) and gains.mean() > ERRORS * gains.std() / np.sqrt(len(gains)) + LEAST_GAIN)


def _scores(table: LabelTable, held: npt.NDArray[np.bool_], probabilities: Floats, setting: Setting) -> Floats:
    """Return the log probability of every held label under every weight, float64 (held, weights)."""
    fit = calibrate(table.only(~held), probabilities, setting.known)
    item, label = table.item[held], table.label[held]
    right = fit.accuracy[table.annotator[held]]
    base = fit.evidence[item] + np.log(np.maximum(fit.calibrated.mean(axis=0), 1e-12))
    says = fit.offset[item]
    out = np.empty((item.size, WEIGHTS.size))
    for j, weight in enumerate(WEIGHTS):
        own = normalised(base + weight * says)[np.arange(item.size), label]
        out[:, j] = np.log(own * right + (1 - own) * (1 - right) / (table.k - 1))
    return out


def _labels_worth(calibration: VoterCalibration, weight: float, k: int) -> Floats:
    """Return the classifier's lead of its first class over the others in units of an average label, (n,)."""
    said = calibration.offset
    if weight == 0 or k < 2:
        return np.zeros(len(said))
    lead = (said.max(axis=1) - said.mean(axis=1)) * k / (k - 1)
    a_label = float(log_odds(np.asarray([calibration.accuracy.mean()]), k)[0])
    return np.asarray(weight * lead / max(a_label, 0.1))
