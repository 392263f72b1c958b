"""Who agrees with whom: every pair of annotators, and each annotator against the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import CountPatterns, check_one_round
from labelqa.inference.intervals import check_level, t_interval
from labelqa.reliability import names
from labelqa.reliability.cohen import CohenSample
from labelqa.reliability.moments import TINY
from labelqa.reliability.rank import rank_weights
from labelqa.reliability.weights import Weights, WeightsLike, make_weights
from labelqa.reliability.who import WhoLabeled
from labelqa.results import Result, as_number, reason_as_object

if TYPE_CHECKING:
    import altair as alt

Floats = npt.NDArray[np.float64]
THE_REST = "the rest"
COLUMNS = ("annotator", "other", "n_items", "observed", "estimate", "low", "high", "standard_error", "reason")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AnnotatorAgreement(Result):
    """Kappa of each annotator against the rest, and of every pair that shares items.

    Attributes
    ----------
    against_rest : pandas.DataFrame
        One row an annotator, lowest first. Columns: annotator, other ("the rest"), n_items shared, observed
        agreement, estimate (kappa), low, high, standard_error, reason.
    pairs : pandas.DataFrame
        The same columns, one row a pair (Cohen's kappa), lowest first.
    """

    against_rest: pd.DataFrame
    pairs: pd.DataFrame

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
    check_one_round(annotations)
    check_level(confidence)
    if len(annotations) == 0:
        empty = pd.DataFrame(columns=list(COLUMNS))
        return AnnotatorAgreement(against_rest=empty, pairs=empty)
    who = WhoLabeled.of(annotations, _scheme(annotations, weights))
    return AnnotatorAgreement(against_rest=_against_rest(who, confidence), pairs=_pairs(who, confidence))


def _scheme(annotations: Annotations, weights: WeightsLike) -> Weights:
    if isinstance(weights, str) and weights == "rank":
        patterns = CountPatterns.from_annotations(annotations)
        return rank_weights(patterns.rows, patterns.multiplicity)
    return make_weights(weights, annotations.schema)


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
    share, rest = _rest_shares(who)
    agree_sum, n = np.zeros(who.m), np.zeros(who.m)
    for rows, agree, _ in _label_terms(who):
        agree_sum += np.bincount(who.annotator[rows], weights=agree, minlength=who.m)
        n += np.bincount(who.annotator[rows], minlength=who.m)
    safe = np.where(n > 0, n, np.nan)
    observed = agree_sum / safe
    expected = (share * who.weights.apply(rest)).sum(axis=1)
    room = np.where(1 - expected > TINY, 1 - expected, np.nan)
    kappa = (observed - expected) / room
    squares = np.zeros(who.m)
    own_weighted = who.weights.apply(share)
    for rows, agree, others in _label_terms(who):
        g = who.annotator[rows]
        chance = who.weights.apply(rest)[g, who.label[rows]] + (others * own_weighted[g]).sum(axis=1)
        deviation = agree - observed[g] - (1 - kappa[g]) * (chance - 2 * expected[g])
        squares += np.bincount(g, weights=(deviation / room[g]) ** 2, minlength=who.m)
    error = np.sqrt(squares) / safe
    return _frame(list(who.names), [THE_REST] * who.m, (n, observed, kappa, error), confidence)


def _rest_shares(who: WhoLabeled) -> tuple[Floats, Floats]:
    """Return (m, k) class shares of each annotator and of the others on the same items."""
    own, rest, n = np.zeros((who.m, who.k)), np.zeros((who.m, who.k)), np.zeros(who.m)
    for rows, _, others in _label_terms(who):
        g = who.annotator[rows]
        np.add.at(own, (g, who.label[rows]), 1.0)
        np.add.at(rest, g, others)
        n += np.bincount(g, minlength=who.m)
    safe = np.where(n > 0, n, np.nan)[:, None]
    return own / safe, rest / safe


def _label_terms(who: WhoLabeled) -> Iterator[tuple[npt.NDArray[np.intp], Floats, Floats]]:
    """Yield blocks of (label rows, agreement with the item's other labels, class shares of those others)."""
    for first, last, rows in who.item_blocks(who.k):
        counts = who.counts(first, last, rows)
        at = who.item[rows] - first
        label = who.label[rows]
        r = counts.sum(axis=1)[at]
        usable = np.flatnonzero(r >= 2)
        others = counts[at[usable]]
        others[np.arange(usable.size), label[usable]] -= 1
        others /= (r[usable] - 1)[:, None]
        agree = who.weights.apply(others)[np.arange(usable.size), label[usable]]
        yield usable + rows.start, agree, others


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
