"""The two ways to a set of slices: shuffles of all rows, or one half that finds and one that tests."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from labelqa.inference.adjustment import holm
from labelqa.slices.compared import Compared, Comparer
from labelqa.slices.effects import hypergeometric_p, shrinkage, upper_tail
from labelqa.slices.given import Given
from labelqa.slices.greedy import MOST_OVERLAP, ROUNDING, SHUFFLES, Pick, Stage, by_shuffling, pick_set
from labelqa.slices.holdout import Rows, halves, promising
from labelqa.slices.lattice import Lattice, search
from labelqa.slices.shuffle import Groups, Shuffler, grouped

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
MOST_SHUFFLED = 100_000  # rows up to which all rows are shuffled
WESTFALL_YOUNG, HOLD_OUT = "westfall_young", "hold_out"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finding:
    """One slice with its p values.

    Attributes
    ----------
    text : str
        Its conditions.
    mask : bool (n,)
        Its rows, among all rows.
    p_value, p_adjusted : float
        Of this slice alone, and adjusted for the search.
    kept : float
        Share of the difference that remains after correction for the search; 1 where rows took no part in it.
    compared : Compared or None
        The comparison that was tested; None where it is with all other rows.
    found_as : int
        Its place in the order of finding, from 1 on; 0 where the caller named it.
    """

    text: str
    mask: Mask
    p_value: float
    p_adjusted: float
    kept: float
    compared: Compared | None = None
    found_as: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """What was found.

    Attributes
    ----------
    found, named : list of Finding
        The set, and the slices the caller defined.
    n_searched : int
        Slices searched.
    closest : Finding or None
        Where nothing was found: the slice that came closest.
    judged_on : bool (n,)
        Rows that rates and differences are measured on.
    method : {"westfall_young", "hold_out"}
        How the search was allowed for.
    """

    found: list[Finding]
    named: list[Finding]
    n_searched: int
    closest: Finding | None
    judged_on: Mask
    method: str


def run(of: Given, max_predicates: int, alpha: float, rng: np.random.Generator) -> Outcome:
    """Search and test in the way that fits the number of rows."""
    way = shuffle_all if of.applies.sum() <= MOST_SHUFFLED else find_and_test
    return way(of, max_predicates, alpha, rng)


def shuffle_all(of: Given, max_predicates: int, alpha: float, rng: np.random.Generator) -> Outcome:
    """Judge the best of the lattice by the best of the lattice in shuffled data, step by step.

    References
    ----------
    Westfall, P. H. & Young, S. S. (1993). Resampling-Based Multiple Testing, section 2.6 (single-step min-p).
    """
    error = _scaled(of)
    lattice = _searched(of, error, max_predicates)
    shuffler = Shuffler(error=error[lattice.rows], groups=_groups_of(of, lattice))
    judge = by_shuffling(lattice, shuffler, alpha, rng)
    picked = pick_set(lattice, shuffler, judge, alpha, rng)
    first = picked.first
    tester = _Tester(of=of, lattice=lattice, first=first, threshold=_threshold(alpha, len(lattice)))
    outside = [p.outside for p in picked.picks]
    found = _in_turn([tester.finding(p) for p in picked.picks], comparer(of, of.applies), outside)
    best = int(np.argmax(first.scores)) if len(lattice) else -1
    closest = None
    if not found and best >= 0 and first.scores[best] > 0:
        closest = tester.finding(Pick(slice=best, score=float(first.scores[best]), p_adjusted=picked.ended_at))
    return Outcome(
        found=found,
        named=_named(tester, shuffler, rng),
        n_searched=len(lattice),
        closest=closest,
        judged_on=of.applies,
        method=WESTFALL_YOUNG,
    )


def _scaled(of: Given) -> Floats:
    """Return errors with mean 0 and standard deviation 1, whatever their unit; 0/1 errors as they are."""
    if of.shares:
        return of.error
    known = of.error[of.applies]
    largest = float(np.abs(known).max())
    steady = known / largest  # no square overflows
    return np.asarray((of.error / largest - steady.mean()) / (steady.std() or 1.0))


def _searched(of: Given, error: Floats, max_predicates: int, min_size: int | None = None) -> Lattice:
    least = of.min_size if min_size is None else min_size
    return search(of.table, error, max_predicates=max_predicates, min_size=least, alone=list(of.named.values()))


def _groups_of(of: Given, lattice: Lattice) -> Groups | None:
    if of.groups is None:
        return None
    return grouped(np.unique(of.groups[lattice.rows], return_inverse=True)[1])


def _threshold(alpha: float, n_slices: int) -> float:
    from scipy.special import ndtri

    return float(-ndtri(alpha / max(n_slices, 1)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tester:
    """Turns slices of the lattice into findings."""

    of: Given
    lattice: Lattice
    first: Stage
    threshold: float

    def finding(self, pick: Pick) -> Finding:
        mask = mask_of(self.of, self.lattice, pick.slice)
        p_value = self.p_value(pick.slice) if pick.p_value is None else pick.p_value
        return Finding(
            text=text_of(self.of, self.lattice, pick.slice),
            mask=mask,
            p_value=p_value,
            p_adjusted=max(pick.p_adjusted, p_value),  # exact tails and scores differ a little
            kept=shrinkage(pick.score, self.threshold),
        )

    def p_value(self, s: int) -> float:
        lattice, by_chance = self.lattice, self.first.views[0]
        if self.of.shares and self.of.groups is None:
            n, errors = lattice.rows.size, round(float(np.nansum(self.of.error)))
            return hypergeometric_p(int(lattice.total[s]), int(lattice.size[s]), errors, n)
        if by_chance.deviation[s] <= 0:
            return 1.0
        z = (lattice.total[s] - by_chance.expected[s]) / by_chance.deviation[s]
        return upper_tail(float(z), float(by_chance.skewness[s]))


def comparer(of: Given, judged_on: Mask) -> Comparer:
    """Return what compares slices on the rows `judged_on`."""
    return Comparer(error=of.error, judged_on=judged_on, groups=of.groups, shares=of.shares)


def _in_turn(findings: list[Finding], beside: Comparer, outside: list[bool]) -> list[Finding]:
    """Add to findings, in the order they were found in, what each was compared with."""
    told = []
    for i, (finding, out) in enumerate(zip(findings, outside, strict=True)):
        told.append(replace(finding, compared=beside.compared(finding.mask, outside=out), found_as=i + 1))
        beside.found(finding.mask)
    return told


def _named(tester: _Tester, shuffler: Shuffler, rng: np.random.Generator) -> list[Finding]:
    """Judge the caller's slices by the highest scores of the whole lattice, to which they belong."""
    if not tester.of.named:
        return []
    lattice, first = tester.lattice, tester.first
    at = _columns_of_named(tester.of, lattice)
    batches = shuffler.highest(lattice, first.strata, first.views, first.allowed, rng)
    highest = np.empty(0)
    while highest.size < SHUFFLES:
        highest = np.r_[highest, next(batches)]
    findings = []
    for s, (name, mask) in zip(at, tester.of.named.items(), strict=True):
        if s < 0:
            inside = mask & tester.of.applies
            findings.append(Finding(text=name, mask=inside, p_value=math.nan, p_adjusted=math.nan, kept=math.nan))
            continue
        reached = int((highest >= first.scores[s] - ROUNDING).sum())
        p_adjusted = (1 + reached) / (1 + highest.size)
        made = tester.finding(Pick(slice=s, score=float(first.scores[s]), p_adjusted=p_adjusted))
        findings.append(replace(made, kept=1.0))  # chosen by the caller, not by the search
    return findings


def _columns_of_named(of: Given, lattice: Lattice) -> list[int]:
    """Return the slice of each of the caller's slices, -1 for those without rows."""
    d = of.table.codes.shape[1]
    first = {int(c): s for s, c in enumerate(lattice.columns[:, 0].tolist()) if c >= d}
    return [first.get(d + i, -1) for i in range(len(of.named))]


def find_and_test(of: Given, max_predicates: int, alpha: float, rng: np.random.Generator) -> Outcome:
    """Find candidates in one half of the rows and test them in the other, in turn, adjusted by Holm.

    References
    ----------
    Cox, D. R. (1975). A note on data-splitting for the evaluation of significance levels. Biometrika 62, 441-444.
    """
    known = np.flatnonzero(of.applies)
    finds = halves(known.size, None if of.groups is None else _codes(of.groups[known]), rng)
    error = _scaled(of).copy()
    error[known[~finds]] = np.nan
    lattice = _searched(of, error, max_predicates, max(1, round(of.min_size * finds.mean())))
    shuffler = Shuffler(error=error[lattice.rows])
    picks = pick_set(lattice, shuffler, promising(), alpha, rng).picks
    fixed = _without_repeats([(text_of(of, lattice, p.slice), mask_of(of, lattice, p.slice)) for p in picks])
    texts = [text for text, _ in fixed] + list(of.named)
    masks = [mask for _, mask in fixed] + [m & of.applies for m in of.named.values()]
    findings = _tested(of, known[~finds], texts, masks, len(fixed))
    judged_on = np.zeros(of.error.size, dtype=np.bool_)
    judged_on[known[~finds]] = True
    candidates = _in_turn(findings[: len(fixed)], comparer(of, judged_on), [False] * len(fixed))
    named = findings[len(fixed) :]
    found = [f for f in candidates if f.p_adjusted <= alpha]
    return Outcome(
        found=found,
        named=named,
        n_searched=len(lattice),
        closest=min(candidates, key=lambda f: f.p_adjusted) if candidates and not found else None,
        judged_on=judged_on,
        method=HOLD_OUT,
    )


def _without_repeats(slices: list[tuple[str, Mask]]) -> list[tuple[str, Mask]]:
    """Leave out what holds nearly the rows of one before, on all rows and not only on those searched."""
    kept: list[tuple[str, Mask]] = []
    for text, mask in slices:
        if all((mask & m).sum() <= MOST_OVERLAP * (mask | m).sum() for _, m in kept):
            kept.append((text, mask))
    return kept


def _tested(of: Given, rows: npt.NDArray[np.intp], texts: list[str], masks: list[Mask], k: int) -> list[Finding]:
    """Test the first `k` masks in turn, the others each by itself, all in one family."""
    tester = Rows(error=of.error[rows], groups=None if of.groups is None else _codes(of.groups[rows]), shares=of.shares)
    held = [m[rows] for m in masks]
    p_values = np.r_[tester.p_values(held[:k], in_turn=True), tester.p_values(held[k:], in_turn=False)]
    both = zip(texts, masks, p_values.tolist(), holm(p_values).tolist(), strict=True)
    return [Finding(text=t, mask=m, p_value=p, p_adjusted=q, kept=1.0) for t, m, p, q in both]


def _codes(groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)


def text_of(of: Given, lattice: Lattice, s: int) -> str:
    """Return the conditions of slice `s` in words."""
    d, names = of.table.codes.shape[1], list(of.named)
    return " and ".join(of.table.levels[j][v] if j < d else names[j - d] for j, v in lattice.conditions(s))


def mask_of(of: Given, lattice: Lattice, s: int) -> Mask:
    """Return the rows that meet the conditions of slice `s` and have an error (n,)."""
    d, masks = of.table.codes.shape[1], list(of.named.values())
    inside = of.applies
    for j, level in lattice.conditions(s):
        inside = inside & (of.table.codes[:, j] == level if j < d else masks[j - d])
    return inside
