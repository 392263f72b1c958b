"""The difference between two rounds class by class, adjusted for looking at all of them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.counts.sparse import ClassCounts
from labelqa.reliability import names
from labelqa.reliability.comparison.inference import Cells, Differences, as_observed, differences
from labelqa.reliability.comparison.pair import RoundPair
from labelqa.reliability.comparison.scores import Scorer, pattern_scorer
from labelqa.reliability.comparison.verdict import PAIRED, ChangeTest, design_of, difference_test
from labelqa.reliability.comparison.who import CohenScorer, CongerScorer
from labelqa.reliability.weights import IdentityWeights
from labelqa.results import reason_as_object

Floats = npt.NDArray[np.float64]
MAX_CLASSES = 500  # the most used ones are compared
COLUMNS = (
    "class",
    "n_before",
    "n_after",
    "before",
    "after",
    "difference",
    "low",
    "high",
    "standard_error",
    "p_value",
    "p_adjusted",
    "reason",
)
NOT_USED = "the class was not used"
NO_ERROR = "too few items for an error of the difference"


def class_differences(pair: RoundPair, cells: Cells, coefficient: str, confidence: float) -> pd.DataFrame:
    """Return one row a class ("this class" against "another"), the clearest change first; columns COLUMNS.

    p values are those of the linearised t test, adjusted by Holm over the classes that have one.
    """
    labels = [_labels(pair, kind, part) for kind, part in ((pair.before, pair.in_before), (pair.after, pair.in_after))]
    corrected = design_of(pair.sizes) == PAIRED  # as for the whole
    most_used = np.argsort(-(labels[0] + labels[1]), kind="stable")[:MAX_CLASSES]
    rows = []
    for c in sorted(most_used.tolist()):
        found = differences(cells, class_scorer(pair, coefficient, c, corrected=corrected), as_observed(cells))
        test = difference_test(found, confidence)
        numbers = {"n_before": int(labels[0][c]), "n_after": int(labels[1][c])}
        rows.append({"class": pair.schema.classes[c]} | numbers | _row(found, test, used=labels[0][c] and labels[1][c]))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["p_adjusted"] = holm(frame["p_value"].to_numpy(dtype=np.float64))
    frame = frame.assign(_size=-frame["difference"].abs())
    frame = frame.sort_values(["p_value", "_size"], kind="stable", na_position="last").drop(columns="_size")
    return reason_as_object(frame.reset_index(drop=True))


def _row(found: Differences, test: ChangeTest, *, used: bool) -> dict[str, object]:
    names_of = ("before", "after", "difference", "low", "high", "standard_error", "p_value")
    if not used:
        return dict.fromkeys(names_of, math.nan) | {"p_adjusted": math.nan, "reason": f"{NOT_USED} in both rounds"}
    before, after = float(found.before[0]), float(found.after[0])
    values = (before, after, after - before, test.low, test.high, test.standard_error, test.p_value)
    if math.isnan(after - before):
        reason: str | None = names.ONE_CLASS
    else:
        reason = NO_ERROR if math.isnan(test.p_value) else None
    return dict(zip(names_of, values, strict=True)) | {"p_adjusted": math.nan, "reason": reason}


def _labels(pair: RoundPair, kind: npt.NDArray[np.intp], part: npt.NDArray[np.bool_]) -> Floats:
    """Return the labels per class of one round, (k,)."""
    times = np.bincount(kind, weights=pair.times * part, minlength=len(pair.kinds))
    weights = pair.kinds.counts * times[pair.kinds.row]
    return np.bincount(pair.kinds.classes, weights=weights, minlength=pair.kinds.k).astype(np.float64)


def class_scorer(pair: RoundPair, coefficient: str, c: int, *, corrected: bool = False) -> Scorer:
    """Return the scorer of "class c" against "another class"."""
    weights = IdentityWeights(2)
    if pair.who is None:
        return pattern_scorer(coefficient, _collapsed(pair.kinds, c), weights, corrected=corrected)
    k = pair.kinds.k
    codes = pair.who.classes // k * 2 + (pair.who.classes % k != c)
    who = ClassCounts(
        start=pair.who.start, classes=codes.astype(np.int32), counts=pair.who.counts, k=pair.who.k // k * 2
    )
    if coefficient == "cohen_kappa":
        return CohenScorer.of(who, 2, weights)
    return CongerScorer.of(who, _collapsed(pair.kinds, c), weights)


def _collapsed(kinds: ClassCounts, c: int) -> ClassCounts:
    """Return the counts of class c and of all others, (u, 2)."""
    labels = kinds.sums()
    mine = kinds.sums(kinds.counts * (kinds.classes == c))
    return ClassCounts.from_dense(np.stack([mine, labels - mine], axis=1).astype(np.int64))


def holm(p_values: Floats) -> Floats:
    """Return p values adjusted by Holm (1979) so that the chance of any false one is bounded; nan stays nan.

    Written here because the one library that has it takes half a second to import.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values)  # nan last
    m = int((~np.isnan(p_values)).sum())
    stepwise = np.maximum.accumulate(p_values[order[:m]] * (m - np.arange(m)))
    out = np.full(p_values.size, np.nan)
    out[order[:m]] = np.minimum(stepwise, 1.0)
    return out
