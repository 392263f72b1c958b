"""The entry point: where error gathers."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import check_between
from labelqa.inference.randomness import random_generator
from labelqa.results import p_text
from labelqa.slices.effects import difference_interval, side
from labelqa.slices.engine import WESTFALL_YOUNG, Finding, Outcome, comparer, run
from labelqa.slices.given import LEAST_SIZE, Given, check_predicates, given
from labelqa.slices.held import Held, conditions_of
from labelqa.slices.result import COLUMNS, TEXTS, WHOLE, SliceTable
from labelqa.text import counted

LEVEL = 0.95  # of the intervals of differences


def find_slices(  # noqa: PLR0913  # what is searched, how it is tested, and what else is known about the rows
    features: object,
    error: object,
    *,
    max_predicates: int = 3,
    min_support: float = 0.01,
    alpha: float = 0.05,
    groups: object = None,
    slices: Mapping[str, object] | None = None,
    rng: int | np.random.Generator = 0,
) -> SliceTable:
    """Slices with more error than the rest, by exact search with closed inference (Westfall-Young, Mantel-Haenszel).

    Every combination of up to three conditions is compared; a slice is reported if chance would give the worst of all
    of them as high a score with a probability of at most `alpha`. Then rows are stratified on it and the rest compared
    again, so that the same excess is not reported twice. Above 100,000 rows one half of them finds candidates and the
    other half tests them.

    Parameters
    ----------
    features : table (pandas, polars, pyarrow), array (n, d), list of str or FeatureTable
        What is known of each row: categories, numbers, dates, texts, lists, embeddings; see :func:`encode_features`.
    error : sequence of float (n,)
        0 or 1, a loss, an absolute residual or any score that is higher where things are worse; nan where it does not
        apply (for false positives: the rows that are positive). A Series, here and below, is matched to a frame of
        features by its index, anything else by position.
    max_predicates : {1, 2, 3}
        Most conditions of a slice.
    min_support : float
        Least share of the rows with an error (and never below 5 rows).
    alpha : float
        Probability of reporting anything where there is nothing to find.
    groups : sequence (n,), optional
        Rows of one group (a document, a person, a duplicate) are not independent and are shuffled together; a row
        without one is a group of its own.
    slices : mapping of str to bool (n,), optional
        Your own slices: tested in the same family, and always listed in ``named``.
    rng : int or numpy.random.Generator
        Of the shuffles, or of the halves.

    Returns
    -------
    SliceTable
        One row a slice, by falling impact.

    Raises
    ------
    ParameterError
        If lengths or indexes differ, errors are no finite numbers or all nan, no row has a group, or a parameter is out
        of range.

    References
    ----------
    Westfall, P. H. & Young, S. S. (1993). Resampling-Based Multiple Testing, section 2.6.
    Mantel, N. & Haenszel, W. (1959). Statistical aspects of the analysis of data. JNCI 22, 719-748.

    Examples
    --------
    >>> rows = pd.DataFrame({"channel": ["chat", "mail"] * 200, "long": ([True] * 2 + [False] * 2) * 100})
    >>> wrong = ((rows["channel"] == "chat") & rows["long"] & (rows.index % 3 > 0)).astype(int)
    >>> found = find_slices(rows, wrong)
    >>> found.to_frame()[["predicates", "size", "rest_rate"]].values.tolist()
    [['channel = chat and long = True', 100, 0.0]]
    """
    check_predicates(max_predicates)
    check_between("alpha", alpha, 0, 1, what="a probability", example="0.05")
    generator = random_generator(rng)
    of = given(features, error, groups, slices, min_support)
    reason = _nothing_to_search(of)
    if reason is not None:
        return _table(of, _empty(of), alpha, reason)
    return _table(of, run(of, int(max_predicates), alpha, generator), alpha, None)


def _nothing_to_search(of: Given) -> str | None:
    known = of.error[of.applies]
    if known.size < 2 * LEAST_SIZE:
        few = f"{counted(known.size, 'row')} {'is' if known.size == 1 else 'are'} too few"
        return f"{few}: a slice and the rest need {LEAST_SIZE} each"
    if known.min() == known.max():
        return f"the error is {known[0]:g} in all {known.size:,} rows"
    if not of.table.names and not of.named:
        return "no column of the features makes slices: " + "; ".join(f"{n}: {r}" for n, r in of.table.left_out)
    if of.groups is not None and np.unique(of.groups[of.applies]).size < 3:
        return "there are fewer than 3 groups, which says nothing about others"
    return None


def _empty(of: Given) -> Outcome:
    named = [
        Finding(text=name, mask=mask & of.applies, p_value=math.nan, p_adjusted=math.nan, kept=math.nan)
        for name, mask in of.named.items()
    ]
    return Outcome(found=[], named=named, n_searched=0, closest=None, judged_on=of.applies, method=WESTFALL_YOUNG)


def _table(of: Given, outcome: Outcome, alpha: float, reason: str | None) -> SliceTable:
    rows = _frame(of, outcome.found, outcome.judged_on)
    order = np.argsort(-rows["impact"].to_numpy(dtype=float), kind="stable")
    found = [outcome.found[i] for i in order.tolist()]
    masks = [f.mask for f in found]
    closest = outcome.closest
    return SliceTable(
        frame=rows.iloc[order].reset_index(drop=True),
        named=_frame(of, outcome.named, outcome.judged_on),
        n_rows=int(of.applies.sum()),
        n_searched=outcome.n_searched,
        error_rate=float(of.error[of.applies].mean()),
        shares=of.shares,
        percent=of.shares,
        alpha=alpha,
        method=outcome.method,
        left_out=of.table.left_out,
        closest=f"{closest.text}, p {p_text(closest.p_adjusted)}" if closest else "",
        undefined_because=reason,
        notes=of.notes,
        _masks=np.array(masks, dtype=np.bool_).reshape(len(masks), of.error.size),
        _held=Held(
            table=of.table,
            error=of.error,
            groups=of.groups,
            judged_on=outcome.judged_on,
            shares=of.shares,
            percent=of.shares,
            index=of.index,
            conditions=tuple(conditions_of(of.table, f.text, f.mask) for f in found),
        ),
    )


def _frame(of: Given, findings: list[Finding], judged_on: npt.NDArray[np.bool_]) -> pd.DataFrame:
    frame = pd.DataFrame([_row(of, f, judged_on) for f in findings], columns=list(COLUMNS))
    kinds = {c: "int64" if c in WHOLE else object if c in TEXTS else "float64" for c in COLUMNS}
    return frame.astype(kinds)


def _row(of: Given, finding: Finding, judged_on: npt.NDArray[np.bool_]) -> dict[str, object]:
    size = int(finding.mask.sum())
    inside = side(of.error, finding.mask & judged_on, of.groups)
    outside = side(of.error, ~finding.mask & judged_on, of.groups)
    low, high = difference_interval(inside, outside, shares=of.shares, level=LEVEL)
    difference = inside.rate - outside.rate
    tested = finding.compared or comparer(of, judged_on).compared(finding.mask)
    shrunk = tested.difference * finding.kept
    part = tested.size / inside.size if inside.size else 1.0  # of the slice, in the comparison that was tested
    return {
        "predicates": finding.text,
        "size": size,
        "support": size / int(of.applies.sum()),
        "rate": inside.rate,
        "rest_rate": outside.rate,
        "difference": difference,
        "low": low,
        "high": high,
        "shrunk": shrunk,
        "lift": inside.rate / outside.rate if outside.rate > 0 else math.nan,
        "p_value": finding.p_value,
        "p_adjusted": finding.p_adjusted,
        "impact": max(shrunk, 0.0) * size * part,
        "found_as": finding.found_as,
        "tested_size": round(size * part),
        "tested_rate": tested.rate,
        "tested_rest_rate": tested.rest_rate,
        "tested_difference": tested.difference,
        "tested_low": tested.low,
        "tested_high": tested.high,
        "tested_beside": tested.beside,
    }
