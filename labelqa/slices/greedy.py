"""From all slices to a set of few that do not repeat each other, with an error rate for the set.

The best slice is picked, rows are stratified on it, every slice is compared again within the strata, and so on while
the best of the rest is above what the best of the whole lattice is by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.slices.effects import upper_tail
from labelqa.slices.lattice import Lattice
from labelqa.slices.shuffle import Shuffler
from labelqa.slices.strata import Chance, Strata, one_stratum, overlap, split

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
SHUFFLES = 1000
MOST_OVERLAP = 0.8  # Jaccard index above which two slices are one finding
NEARLY_AS_GOOD = 0.95  # share of the best score with which a simpler description of the same rows is preferred
MOST_SLICES = 30
SURE = 0.01  # Bonferroni-adjusted p, as a share of alpha, below which nothing is shuffled
UNLIKELY = 1e-3  # with which the shuffles so far may mislead about the rest
ROUNDING = 1e-4  # of scores: sums of shuffles are in single precision
MOMENTS = ("expected", "deviation", "skewness")  # of Chance
MOST_SKEW = 1.0  # up to which the tail is trusted that far out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pick:
    """One slice of the set.

    Attributes
    ----------
    slice : int
        Its number in the lattice.
    score : float
        Normal score within the strata of the slices picked before.
    p_adjusted : float
        Probability that the best of the lattice scores as high by chance.
    outside : bool
        Whether it scored so high among rows in no slice picked before, and not over all rows within strata.
    p_value : float or None
        Of this comparison alone; None for the first pick.
    """

    slice: int
    score: float
    p_adjusted: float
    outside: bool = False
    p_value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """How slices compare, given those picked so far.

    Attributes
    ----------
    strata : Strata
        Rows by the picked slices that they are in; stratum 0: in none, where there are such rows.
    allowed : bool (s,)
        Slices that do not repeat a picked one.
    views : list of Chance
        What chance gives over all rows and, after the first pick, over rows in no picked slice alone: a slice may
        add to the errors of another, or merely share some rows with it.
    scores : float (s,)
        The higher of the scores in both views; -inf for slices not allowed.
    """

    strata: Strata
    allowed: Mask
    views: list[Chance]
    scores: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picked:
    """The set, and how it began and ended.

    Attributes
    ----------
    picks : list of Pick
        The set, best first.
    first : Stage
        Before anything was picked.
    ended_at : float
        Adjusted p value of the best slice that was not picked; 1 where none was left.
    """

    picks: list[Pick]
    first: Stage
    ended_at: float


Judge = Callable[[Stage], float]


def pick_set(lattice: Lattice, shuffler: Shuffler, judge: Judge, alpha: float, rng: np.random.Generator) -> Picked:
    """Pick slices one after the other while `judge` gives an adjusted p value of at most `alpha`."""
    strata, outside_total = one_stratum(lattice), lattice.total
    allowed = np.ones(len(lattice), dtype=np.bool_)
    picks: list[Pick] = []
    stage = first = _stage(lattice, shuffler, strata, allowed, outside_total, rng)
    p_adjusted = 1.0
    while len(picks) < MOST_SLICES and stage.scores.max(initial=-np.inf) > 0:
        p_adjusted = judge(stage)
        if p_adjusted > alpha:
            break
        chosen = simplest(lattice, stage.scores)
        picks.append(_pick(stage, chosen, p_adjusted, (lattice.total, outside_total)))
        mask = lattice.mask(chosen)
        newly = np.flatnonzero(mask & (strata.of_row == 0))
        outside_total = outside_total - lattice.sums(shuffler.error[newly], newly)
        strata, allowed = split(strata, lattice, mask), allowed & (overlap(lattice, mask) <= MOST_OVERLAP)
        stage = _stage(lattice, shuffler, strata, allowed, outside_total, rng)
        p_adjusted = 1.0
    return Picked(picks=picks, first=first, ended_at=p_adjusted)


def _pick(stage: Stage, chosen: int, p_adjusted: float, totals: tuple[Floats, Floats]) -> Pick:
    """Return a pick, with the view in which it scored higher and its p value there."""
    score = float(stage.scores[chosen])
    views = [(view, float(total[chosen])) for view, total in zip(stage.views, totals, strict=False)]
    ones = [Chance(**{f: getattr(v, f)[[chosen]] for f in MOMENTS}) for v, _ in views]
    at = int(np.argmax([float(one.scores(np.array([t]))[0]) for one, (_, t) in zip(ones, views, strict=True)]))
    if stage.strata.n_strata == 1:
        return Pick(slice=chosen, score=score, p_adjusted=p_adjusted)
    mean, deviation, skewness = (float(getattr(ones[at], f)[0]) for f in MOMENTS)
    p_value = upper_tail((views[at][1] - mean) / deviation, skewness) if deviation > 0 else 1.0
    return Pick(slice=chosen, score=score, p_adjusted=p_adjusted, outside=at == 1, p_value=p_value)


def _stage(
    lattice: Lattice,
    shuffler: Shuffler,
    strata: Strata,
    allowed: Mask,
    outside_total: Floats,
    rng: np.random.Generator,
) -> Stage:
    views = [shuffler.chance(lattice, strata, False, rng)]
    scores = views[0].scores(lattice.total)
    if strata.n_strata > 1 and strata.size[0] > 1:
        views.append(shuffler.chance(lattice, strata, True, rng))
        scores = np.maximum(scores, views[1].scores(outside_total))
    return Stage(strata=strata, allowed=allowed, views=views, scores=np.where(allowed, scores, -np.inf))


def simplest(lattice: Lattice, scores: Floats) -> int:
    """Return the description with fewest conditions of nearly the rows of the best, and nearly as high a score."""
    best = int(np.argmax(scores))
    good = scores >= NEARLY_AS_GOOD * scores[best]
    good &= overlap(lattice, lattice.mask(best)) > MOST_OVERLAP
    candidates = np.flatnonzero(good)
    order = np.lexsort((candidates, -scores[candidates], lattice.n_predicates[candidates]))
    return int(candidates[order[0]])


def by_shuffling(lattice: Lattice, shuffler: Shuffler, alpha: float, rng: np.random.Generator) -> Judge:
    """Return the judge that compares with the highest score of the lattice in shuffled data (Westfall-Young)."""

    def judge(stage: Stage) -> float:
        score = float(stage.scores.max())
        at_most = bonferroni(score, len(stage.views) * int(stage.allowed.sum()))
        skew = max(float(np.abs(view.skewness[stage.allowed]).max()) for view in stage.views)
        if shuffler.groups is None and skew <= MOST_SKEW and at_most <= SURE * alpha:
            return at_most
        return _shuffled_p(shuffler.highest(lattice, stage.strata, stage.views, stage.allowed, rng), score, alpha)

    return judge


def _shuffled_p(batches: Iterator[Floats], score: float, alpha: float) -> float:
    """Return the share of shuffles that reach `score`; stops early where it is surely below or above `alpha`."""
    done = reached = 0
    while done < SHUFFLES and not _is_clear(reached, done, alpha):
        highest = next(batches)
        done += highest.size
        reached += int((highest >= score - ROUNDING).sum())
    return (1 + reached) / (1 + done)


def _is_clear(reached: int, done: int, alpha: float) -> bool:
    """Whether `reached` of `done` would be very rare if the probability were `alpha`."""
    from scipy.special import bdtr, bdtrc

    if not done:
        return False
    below = bdtr(reached, done, alpha) < UNLIKELY
    return bool(below or (reached > 0 and bdtrc(reached - 1, done, alpha) < UNLIKELY))


def bonferroni(score: float, n_slices: int) -> float:
    """Return the p value of a normal score times the number of slices, at most 1."""
    from scipy.special import ndtr

    return min(1.0, float(ndtr(-score)) * n_slices)
