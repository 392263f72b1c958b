"""The entry point of the test for groups of annotators who read the definition differently."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.annotators.divides import CLASS_COLUMNS, ITEM_COLUMNS, Division
from labelqa.aggregation.annotators.overlap import Overlap, ties, top_vector
from labelqa.aggregation.annotators.schools_result import COLUMNS, AnnotatorSchools
from labelqa.aggregation.annotators.shuffling import accuracy_log_odds, deals
from labelqa.aggregation.confusions import one_coin
from labelqa.aggregation.em import run_em
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.rounds import check_single_round
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import need_annotations
from labelqa.errors import check_whole
from labelqa.inference.intervals import check_level
from labelqa.inference.randomness import random_generator
from labelqa.text import counted

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LEAST = 4  # annotators
PAIRS = 10_000_000  # pairs of labels of one item, over all items, that are compared at most
MANY = 300  # annotators
LABELS = 60_000  # labels dealt anew at most; enough to find any division worth talking about
CHANCE_DEALS = 50
ENOUGH = 20  # deals as far from even as the labels after which no more are made: the p value is far from small
SAME = 1e-9
TOO_FEW = f"fewer than {LEAST} annotators: groups cannot be told from single annotators"
NOTHING_SHARED = "no two annotators share an item that is disputed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Test:
    """Observed eigenvalue and vector (m,), its p value by how many deals, and what divides the schools."""

    statistic: float
    lean: Floats
    p_value: float
    n_deals: int
    division: Division


def annotator_schools(
    annotations: Annotations,
    *,
    alpha: float = 0.05,
    n_permutations: int = 199,
    rng: int | np.random.Generator = 0,
) -> AnnotatorSchools:
    """Schools of annotators who read the definition differently: top eigenvalue of item-standardised agreement.

    Two annotators are alike as far as their deviations from the item's mean point the same way. The largest eigenvalue
    of that likeness is compared with deals of the same labels among the annotators of each item; a deal respects how
    accurate annotators are, so careless annotators are no school.

    Parameters
    ----------
    annotations : Annotations
        Labels of one round.
    alpha : float
        Level at which schools are called found.
    n_permutations : int
        Deals at most; twenty that divide as clearly as the labels do are enough.
    rng : int or numpy.random.Generator
        For the deals.

    Returns
    -------
    AnnotatorSchools
        Who belongs where, and the classes and items that divide them.

    Raises
    ------
    ParameterError
        If `alpha` is not between 0 and 1, `n_permutations` is not a whole number from 19 on, or `rng` is no seed.
    RoundsError
        If the annotations hold more than one round.

    References
    ----------
    The test is our own: Besag, J. & Clifford, P. (1989), Biometrika 76, 633-642, for the deals, and
    (1991), Biometrika 78, 301-304, for stopping when enough are as far; principal coordinates
    after Torgerson, W. S. (1952), Psychometrika 17, 401-419. Its rates: ``python -m tests.bench.schools``.

    Examples
    --------
    >>> import pandas as pd
    >>> strict, mild = list("yynnynnyny") * 20, list("ynnnnnyynn") * 20
    >>> wide = pd.DataFrame({"ann": strict, "ben": strict, "cem": strict, "dea": mild, "eva": mild})
    >>> annotator_schools(Annotations.from_wide(wide)).groups
    (('ann', 'ben', 'cem'), ('dea', 'eva'))
    """
    need_annotations(annotations)
    check_single_round(annotations)
    check_level(alpha, "alpha")
    check_whole("n_permutations", n_permutations, 19, what="deals cannot reach a level of 5 %", usual="199")
    generator = random_generator(rng)
    table, notes = _affordable(LabelTable.of(annotations), generator)
    overlap = Overlap.of(table, annotations.schema)
    reason = _undefined(table, overlap)
    if reason:
        return _nothing(annotations, overlap, reason, alpha)
    test = _tested(table, overlap, n_permutations, generator)
    return _result(annotations, test, alpha, notes)


def _tested(table: LabelTable, overlap: Overlap, n: int, rng: np.random.Generator) -> Test:
    observed = overlap.similarity()
    value, lean = top_vector(observed)
    lean = np.where(ties(observed) > SAME, lean, np.nan)
    division = Division(overlap=overlap, school=_split(lean), n=table.n, k=table.k)
    fit = run_em(table, one_coin)
    consensus = fit.posterior.argmax(axis=1)
    agreeing = (table.label == consensus[table.item]).astype(np.float64)
    hits = np.bincount(table.annotator, weights=agreeing, minlength=table.m).astype(np.float64)
    log_odds = accuracy_log_odds(hits, table.labels_per_annotator.astype(np.float64))
    right = overlap.label == consensus[overlap.item]
    as_far = 0
    for i, source in enumerate(deals(overlap.item, right, log_odds[overlap.annotator], n, rng), start=1):
        as_far += top_vector(overlap.similarity(source))[0] >= value - SAME
        if as_far == ENOUGH:
            return Test(statistic=value, lean=lean, p_value=as_far / i, n_deals=i, division=division)
        if i <= CHANCE_DEALS:
            division.by_chance(source)
    return Test(statistic=value, lean=lean, p_value=(1 + as_far) / (1 + n), n_deals=n, division=division)


def _split(lean: Floats) -> Ints:
    """Return the school of each annotator: the two-means split of the leans, 1 for the larger, 0 where unknown."""
    known = np.flatnonzero(~np.isnan(lean))
    ordered = np.sort(lean[known])
    sizes = np.arange(1, ordered.size)
    head = np.cumsum(ordered)[:-1]
    between = head**2 / sizes + (ordered.sum() - head) ** 2 / (ordered.size - sizes)
    cut = ordered[int(between.argmax())]
    upper = lean > cut
    out = np.zeros(lean.size, dtype=np.int64)
    larger = upper if upper.sum() * 2 > known.size else ~upper
    out[known] = np.where(larger[known], 1, 2)
    return out


def _affordable(table: LabelTable, rng: np.random.Generator) -> tuple[LabelTable, tuple[str, ...]]:
    """Return the table, or a random sample of its items where comparing all would take too long."""
    r = table.labels_per_item
    cost, limit = (r**2, PAIRS) if table.m > MANY else (r, LABELS)
    if int(cost.sum()) <= limit and table.r <= LABELS:
        return table, ()
    order = rng.permutation(table.n)
    fits = (np.cumsum(cost[order]) <= limit) & (np.cumsum(r[order]) <= LABELS)
    keep = np.zeros(table.n, dtype=np.bool_)
    keep[order[fits]] = True
    note = f"Schools were looked for on a random sample of {counted(int(fits.sum()), 'item')}."
    return table.only(keep[table.item]), (note,)


def _undefined(table: LabelTable, overlap: Overlap) -> str | None:
    if table.m < LEAST:
        return TOO_FEW
    return NOTHING_SHARED if overlap.item.size == 0 else None


def _result(annotations: Annotations, test: Test, alpha: float, notes: tuple[str, ...]) -> AnnotatorSchools:
    found = test.p_value <= alpha
    division = test.division
    school = np.where(division.school > 0, division.school, np.nan) if found else np.full(test.lean.size, np.nan)
    empty = (pd.DataFrame(columns=list(CLASS_COLUMNS)), pd.DataFrame(columns=list(ITEM_COLUMNS)))
    evidence = (
        (division.classes(annotations.schema), division.items(annotations.items, annotations.schema))
        if found
        else empty
    )
    return AnnotatorSchools(
        found=found,
        p_value=test.p_value,
        alpha=alpha,
        statistic=test.statistic,
        n_permutations=test.n_deals,
        n_items=int(np.unique(division.overlap.item).size),
        members=_members(annotations, division.overlap, school, test.lean),
        classes=evidence[0],
        items=evidence[1],
        notes=notes,
    )


def _nothing(annotations: Annotations, overlap: Overlap, reason: str, alpha: float) -> AnnotatorSchools:
    unknown = np.full(annotations.n_annotators, np.nan)
    return AnnotatorSchools(
        found=False,
        p_value=math.nan,
        alpha=alpha,
        statistic=math.nan,
        n_permutations=0,
        n_items=int(np.unique(overlap.item).size),
        members=_members(annotations, overlap, unknown, unknown),
        classes=pd.DataFrame(columns=list(CLASS_COLUMNS)),
        items=pd.DataFrame(columns=list(ITEM_COLUMNS)),
        undefined_because=reason,
    )


def _members(annotations: Annotations, overlap: Overlap, school: Floats, lean: Floats) -> pd.DataFrame:
    n = np.bincount(overlap.annotator, minlength=annotations.n_annotators)
    names = np.asarray(annotations.annotators)
    return pd.DataFrame(dict(zip(COLUMNS, (names, n, school, lean), strict=True)))
