"""Who agrees with whom: every pair of annotators, and each annotator against the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import CountPatterns, check_one_round, need_annotations
from labelqa.counts.sparse import PAIRS_AT_ONCE
from labelqa.inference.intervals import check_level, t_interval
from labelqa.reliability import names
from labelqa.reliability.cohen import CohenSample, too_many_pairs
from labelqa.reliability.moments import TINY
from labelqa.reliability.rank import scheme_for
from labelqa.reliability.weights import WeightsLike
from labelqa.reliability.who import WhoLabeled
from labelqa.results import Result, as_number, reason_as_object

if TYPE_CHECKING:
    import altair as alt

Floats = npt.NDArray[np.float64]
THE_REST = "the rest"
COLUMNS = ("annotator", "other", "n_items", "observed", "estimate", "low", "high", "standard_error", "reason")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class AnnotatorAgreement(Result):
    """Kappa of each annotator against the rest, and of every pair that shares items.

    Attributes
    ----------
    against_rest : pandas.DataFrame
        One row an annotator, lowest first. Columns: annotator, other ("the rest"), n_items shared, observed
        agreement, estimate (kappa), low, high, standard_error, reason.
    pairs : pandas.DataFrame
        The same columns, one row a pair (Cohen's kappa), lowest first.
    pairs_undefined_because : str or None
        Why `pairs` is empty although annotators share items.
    """

    against_rest: pd.DataFrame
    pairs: pd.DataFrame
    pairs_undefined_because: str | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return both tables, annotators against the rest first."""
        return pd.concat([self.against_rest, self.pairs], ignore_index=True)

    def summary(self) -> list[str]:
        """Return who agrees least with the others."""
        lines = [
            f"  {row['annotator']} against the rest: {as_number(row['estimate'])}"
            + (f" ({as_number(row['low'])} to {as_number(row['high'])})" if row["reason"] is None else "")
            for row in self.against_rest.head(3).to_dict("records")
        ]
        head = f"{len(self.against_rest):,} annotators, {len(self.pairs):,} pairs that share items; lowest kappa first"
        return [head, *lines, "  next: .against_rest, .pairs, .plot()"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return each annotator's kappa against the rest as a chart (the lowest 40)."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn

        return interval_chart(self.against_rest.head(40).rename(columns={"annotator": "name"}))


def annotator_agreement(
    annotations: Annotations, *, weights: WeightsLike = "identity", confidence: float = 0.95
) -> AnnotatorAgreement:
    """Kappa of every pair of annotators, and of each annotator against the rest.

    Against the rest, an annotator's observed agreement is the mean share of the other labels of an item that equal the
    own one, and chance agreement comes from the own class shares and those of the others on the same items; with two
    annotators this is Cohen's kappa.

    Parameters
    ----------
    annotations : Annotations
        Labels of one round.
    weights : str or array (k, k)
        Agreement weights as for :func:`labelqa.agreement`.
    confidence : float
        Level of the intervals.

    Returns
    -------
    AnnotatorAgreement
        Tables `against_rest` and `pairs`, lowest kappa first.

    Raises
    ------
    ParameterError, LabelError, RoundsError
        As for :func:`labelqa.agreement`.

    References
    ----------
    Cohen, J. (1960); Fleiss, J. L., Cohen, J. & Everitt, B. S. (1969). The form against the rest is our own.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"ann": ["x", "x", "y", "z"], "ben": ["x", "x", "y", "x"]})
    >>> annotator_agreement(Annotations.from_wide(wide)).pairs["estimate"].round(2).tolist()
    [0.56]
    """
    need_annotations(annotations)
    check_one_round(annotations)
    check_level(confidence)
    if len(annotations) == 0:
        empty = pd.DataFrame(columns=list(COLUMNS))
        return AnnotatorAgreement(against_rest=empty, pairs=empty)
    who = WhoLabeled.of(annotations, scheme_for(CountPatterns.from_annotations(annotations), weights))
    too_many = names.TOO_MANY_PAIRS if too_many_pairs(who) else None
    pairs = pd.DataFrame(columns=list(COLUMNS)) if too_many else _pairs(who, confidence)
    rest = _against_rest(who, confidence)
    return AnnotatorAgreement(against_rest=rest, pairs=pairs, pairs_undefined_because=too_many)


def _pairs(who: WhoLabeled, confidence: float) -> pd.DataFrame:
    sample = CohenSample.of(who)
    table = sample.table()
    return _frame(
        [who.names[a] for a in table.first],
        [who.names[b] for b in table.second],
        (table.n_items, table.observed, table.kappa, sample.standard_errors(table)),
        confidence,
    )


def _against_rest(who: WhoLabeled, confidence: float) -> pd.DataFrame:
    """Compare each annotator's labels with the mean of the others' on the same items."""
    shared = who.labels_per_item[who.item] >= 2
    g, x, times = who.annotator[shared], who.label[shared], who.label_times[shared]
    n = np.bincount(g, weights=times, minlength=who.m).astype(np.float64)
    safe = np.where(n > 0, n, np.nan)
    key = g.astype(np.int64) * who.k + x
    share = np.bincount(key, weights=times, minlength=who.m * who.k).reshape(who.m, who.k) / safe[:, None]
    rest = np.zeros(who.m * who.k)
    agree = np.zeros(len(who.item))
    for label, other, weight in _others(who):
        theirs = who.annotator[label].astype(np.int64) * who.k + other
        rest += np.bincount(theirs, weights=weight * who.label_times[label], minlength=who.m * who.k)
        likeness = who.weights.between(who.label[label], other)
        agree += np.bincount(label, weights=weight * likeness, minlength=agree.size)
    rest_share = rest.reshape(who.m, who.k) / safe[:, None]
    observed = np.bincount(g, weights=times * agree[shared], minlength=who.m) / safe
    expected = (share * who.weights.apply(rest_share)).sum(axis=1)
    room = np.where(1 - expected > TINY, 1 - expected, np.nan)
    kappa = (observed - expected) / room
    chance = who.weights.apply(rest_share)[g, x] + _mean_of_others(who, who.weights.apply(share))[shared]
    deviation = agree[shared] - observed[g] - (1 - kappa[g]) * (chance - 2 * expected[g])
    error = np.sqrt(np.bincount(g, weights=times * (deviation / room[g]) ** 2, minlength=who.m)) / safe
    return _frame(list(who.names), [THE_REST] * who.m, (n, observed, kappa, error), confidence)


def _mean_of_others(who: WhoLabeled, table: Floats) -> Floats:
    """Return, for each label, the mean of ``table[annotator, class]`` over the item's other labels, (r,)."""
    out = np.zeros(who.item.size)
    for label, other, weight in _others(who):
        out += np.bincount(label, weights=weight * table[who.annotator[label], other], minlength=out.size)
    return out


def _others(who: WhoLabeled) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], Floats]]:
    """Yield (label, class, share of the item's other labels that are of that class), in pieces.

    The cost is the number of labels times the different classes on their item, whatever k is and however many labels
    an item has.
    """
    rows = who.rows
    sizes = np.diff(rows.start)[who.item]
    cost = np.cumsum(sizes)
    first = 0
    while first < who.item.size:
        done = cost[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(cost, done + PAIRS_AT_ONCE, side="right")))
        size = sizes[first:last]
        label = np.repeat(np.arange(first, last), size)
        offset = np.arange(label.size) - np.repeat(np.cumsum(size) - size, size)
        entry = rows.start[who.item[label]] + offset
        other = rows.classes[entry]
        left = rows.counts[entry] - (other == who.label[label])
        yield label, other, left / np.maximum(who.labels_per_item[who.item[label]] - 1, 1)
        first = last


def _frame(
    annotators: list[str], others: list[str], numbers: tuple[Floats, Floats, Floats, Floats], confidence: float
) -> pd.DataFrame:
    n, observed, kappa, error = numbers
    rows = []
    for i, (annotator, other) in enumerate(zip(annotators, others, strict=True)):
        reason = _reason(n[i], observed[i], kappa[i])
        interval = t_interval(kappa[i], error[i], level=confidence, degrees=max(n[i] - 1, 1), method="analytic")
        rows.append(
            {
                "annotator": annotator,
                "other": other,
                "n_items": int(n[i]),
                "observed": observed[i],
                "estimate": kappa[i],
                "low": np.nan if reason else interval.low,
                "high": np.nan if reason else interval.high,
                "standard_error": np.nan if reason else error[i],
                "reason": reason,
            }
        )
    frame = reason_as_object(pd.DataFrame(rows, columns=list(COLUMNS)))
    return frame.sort_values(["estimate", "n_items"], kind="stable", na_position="last").reset_index(drop=True)


def _reason(n: float, observed: float, kappa: float) -> str | None:
    if n == 0:
        return names.NO_OVERLAP
    if np.isnan(kappa):
        return names.ONE_CLASS if observed == 1 else names.CHANCE_IS_ONE
    return names.ONE_ITEM if n == 1 else None
