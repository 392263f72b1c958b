"""Permutation test of a difference between two rounds.

The label sets of items that both rounds labeled are swapped within the item; items of one round only are permuted
between the rounds. The statistic is the studentised difference, so that rounds that vary differently mislead less.

References
----------
Janssen, A. (1997). Studentized permutation tests for non-i.i.d. hypotheses and the generalized Behrens-Fisher problem.
Statist. Probab. Lett. 36, 9-21.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from labelqa.reliability.comparison.inference import SAME, Arrangement, Cells, as_observed, differences
from labelqa.reliability.comparison.scores import Scorer, row_blocks

ENUMERATE_UP_TO = 10_000  # arrangements that are listed one by one instead of drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Permutation:
    """Two-sided p value of the studentised difference.

    Attributes
    ----------
    p_value : float
        Share of arrangements whose statistic is at least as far from 0.
    n_arrangements : int
        Arrangements looked at.
    is_exact : bool
        Whether these were all there are.
    start : Generator or None
        State of the generator from which random ones were drawn: the same ones can be drawn again.
    """

    p_value: float
    n_arrangements: int
    is_exact: bool
    start: np.random.Generator | None = None


def permutation_test(cells: Cells, scorer: Scorer, n_permutations: int, rng: np.random.Generator) -> Permutation:
    """Swap the label sets of shared items between the rounds, permute the other items; all ways where these are few.

    An arrangement whose statistic is undefined counts as one that is at least as far from 0.
    """
    is_exact = n_arrangements(cells) <= ENUMERATE_UP_TO
    total = n_arrangements(cells) if is_exact else n_permutations
    start = None if is_exact else copy.deepcopy(rng)
    drawn = listed(cells) if is_exact else random_ones(cells, total, rng)
    extreme, undefined = n_extreme(cells, [scorer], drawn)[0]
    p_value = share_extreme(extreme + undefined, total, is_exact=is_exact)
    return Permutation(p_value=p_value, n_arrangements=total, is_exact=is_exact, start=start)


def same_again(cells: Cells, test: Permutation) -> Iterator[Arrangement]:
    """Yield the arrangements that `test` looked at, block by block."""
    if test.start is None:
        return listed(cells)
    return random_ones(cells, test.n_arrangements, copy.deepcopy(test.start))


def n_extreme(cells: Cells, scorers: Sequence[Scorer], drawn: Iterable[Arrangement]) -> list[tuple[int, int]]:
    """Return for each scorer in how many arrangements its statistic is at least as far from 0, and is undefined."""
    observed = [abs(float(differences(cells, scorer, as_observed(cells)).statistic[0])) for scorer in scorers]
    extreme, undefined = ([0] * len(scorers) for _ in range(2))
    for block in drawn:
        for i, scorer in enumerate(scorers):
            found = np.abs(differences(cells, scorer, block).statistic)
            extreme[i] += int((found >= observed[i] * (1 - SAME)).sum())
            undefined[i] += int(np.isnan(found).sum())
    return list(zip(extreme, undefined, strict=True))


def share_extreme(extreme: int, total: int, *, is_exact: bool) -> float:
    """Return the p value: of random arrangements the observed one is one more."""
    return extreme / total if is_exact else (1 + extreme) / (1 + total)


def random_ones(cells: Cells, total: int, rng: np.random.Generator) -> Iterator[Arrangement]:
    """Yield `total` random arrangements, block by block."""
    for rows in row_blocks(total, cells.width):
        yield _drawn(cells, rows.stop - rows.start, rng)


def _drawn(cells: Cells, size: int, rng: np.random.Generator) -> Arrangement:
    swapped = rng.binomial(cells.times, 0.5, size=(size, cells.times.size)).astype(np.float64)
    pool = cells.free_before + cells.free_after
    n = int(cells.free_before.sum())
    first = np.zeros((size, pool.size))
    if n and cells.free_after.any():
        quick = rng.multivariate_hypergeometric
        drawn = quick(pool, n, size, "marginals") if pool.sum() > 4 * pool.size else quick(pool, n, size, "count")
        first = drawn.astype(np.float64)
    elif n:
        first[:] = pool
    return Arrangement(straight=cells.times - swapped, swapped=swapped, first=first, second=pool - first)


def n_arrangements(cells: Cells) -> int:
    """Return in how many ways the label sets can be handed to the rounds, items told apart."""
    swaps = int(cells.times[cells.before != cells.after].sum())
    n, m = int(cells.free_before.sum()), int(cells.free_after.sum())
    if swaps > 60 or n + m > 200:
        return ENUMERATE_UP_TO + 1
    return int(2**swaps * math.comb(n + m, n))


def listed(cells: Cells) -> Iterator[Arrangement]:
    """Yield every arrangement, the observed one among them, block by block."""
    moving = np.flatnonzero(cells.before != cells.after)
    owner = np.repeat(moving, cells.times[moving])
    pool = cells.free_before + cells.free_after
    free = np.repeat(np.arange(pool.size), pool)
    n = int(cells.free_before.sum())
    ways = list(itertools.combinations(range(free.size), n))
    chosen = np.array(ways, dtype=np.intp).reshape(len(ways), n)
    for rows in row_blocks(len(chosen) * 2**owner.size, cells.width):
        swap, way = np.divmod(np.arange(rows.start, rows.stop), len(chosen))
        swapped, first = np.zeros((swap.size, cells.times.size)), np.zeros((swap.size, pool.size))
        np.add.at(swapped.T, owner, ((swap[:, None] >> np.arange(owner.size)) & 1).T)
        np.add.at(first, (np.arange(swap.size)[:, None], free[chosen[way]]), 1.0)
        yield Arrangement(straight=cells.times - swapped, swapped=swapped, first=first, second=pool - first)
