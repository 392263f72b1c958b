"""The difference between two rounds class by class, adjusted for looking at all of them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.counts.sparse import ClassCounts
from labelqa.inference.adjustment import holm
from labelqa.reliability import names
from labelqa.reliability.comparison.inference import Cells, Differences, as_observed, differences
from labelqa.reliability.comparison.pair import RoundPair
from labelqa.reliability.comparison.permutation import Permutation, n_extreme, same_again, share_extreme
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
PERMUTED, LINEARISED = "permutation", "linearised t"  # what the p values of classes are
PERMUTED_UP_TO = 300_000_000  # numbers in all arrangements and classes, a few seconds
ONE_BY_ONE = 5_000  # numbers that take as long as one call
NOT_USED = "the class was not used"
NO_ERROR = "too few items for an error of the difference"


def class_differences(pair: RoundPair, cells: Cells, coefficient: str, confidence: float) -> pd.DataFrame:
    """Return one row a class ("this class" against "another"), the clearest change first; columns COLUMNS.

    p values are those of the linearised t test, adjusted by Holm over the classes that have one;
    :func:`permuted_classes` puts better ones in their place.
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
    return _clearest_first(pd.DataFrame(rows, columns=list(COLUMNS)))


def permuted_classes(
    classes: pd.DataFrame, pair: RoundPair, cells: Cells, coefficient: str, test: Permutation
) -> tuple[pd.DataFrame, str]:
    """Return the rows of `class_differences` with p values of the arrangements of `test`, and PERMUTED.

    Arrangements in which a class has no coefficient (a round does not use it) are left out: the others are equally
    likely too. Where all that would take too long, return the rows as they are, and LINEARISED.
    """
    if _work(pair, cells, coefficient, len(classes)) * test.n_arrangements > PERMUTED_UP_TO:
        return classes, LINEARISED
    corrected = design_of(pair.sizes) == PAIRED
    defined = np.flatnonzero(classes["p_value"].notna())
    places = [pair.schema.index_of(name) for name in classes["class"].iloc[defined]]
    scorers = [class_scorer(pair, coefficient, c, corrected=corrected) for c in places if c is not None]
    extreme = n_extreme(cells, scorers, same_again(cells, test)) if scorers else []
    p_values = np.full(len(classes), np.nan)
    p_values[defined] = [
        share_extreme(n, test.n_arrangements - undefined, is_exact=test.is_exact) for n, undefined in extreme
    ]
    return _clearest_first(classes.assign(p_value=p_values)), PERMUTED


def _work(pair: RoundPair, cells: Cells, coefficient: str, n_classes: int) -> int:
    """Return the numbers that one arrangement takes."""
    each = cells.width
    if pair.who is not None:  # arrangements are scored one by one
        labels = pair.kinds.sums()
        entries = float((labels * (labels - 1)).sum()) if coefficient == "cohen_kappa" else float(labels.sum())
        each += ONE_BY_ONE + int(entries)
    return each * n_classes


def _clearest_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Adjust the p values and sort by them."""
    frame = frame.assign(p_adjusted=holm(frame["p_value"].to_numpy(dtype=np.float64)))
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
