"""Permutation test of a difference between two rounds.

The label sets of items that both rounds labeled are swapped within the item; items of one round only are permuted
between the rounds. The statistic is the studentised difference, so that rounds that vary differently mislead less.

References
----------
Janssen, A. (1997). Studentized permutation tests for non-i.i.d. hypotheses and the generalized Behrens-Fisher problem.
Statist. Probab. Lett. 36, 9-21.
"""

from __future__ import annotations

import itertools
import math
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
    """

    p_value: float
    n_arrangements: int
    is_exact: bool


def permutation_test(cells: Cells, scorer: Scorer, n_permutations: int, rng: np.random.Generator) -> Permutation:
    """Swap the label sets of shared items between the rounds, permute the other items; all ways where these are few.

    An arrangement whose statistic is undefined counts as one that is at least as far from 0.
    """
    observed = abs(float(differences(cells, scorer, as_observed(cells)).statistic[0]))
    listed = n_arrangements(cells) <= ENUMERATE_UP_TO
    total = n_arrangements(cells) if listed else n_permutations
    extreme = 0
    every = enumerated(cells) if listed else None
    for rows in row_blocks(total, cells.width):
        drawn = _drawn(cells, rows.stop - rows.start, rng) if every is None else every.part(rows)
        found = np.abs(differences(cells, scorer, drawn).statistic)
        extreme += int((np.isnan(found) | (found >= observed * (1 - SAME))).sum())
    p_value = extreme / total if listed else (1 + extreme) / (1 + total)
    return Permutation(p_value=p_value, n_arrangements=total, is_exact=listed)


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


def enumerated(cells: Cells) -> Arrangement:
    """Return every arrangement, the observed one among them."""
    moving = np.flatnonzero(cells.before != cells.after)
    owner = np.repeat(moving, cells.times[moving])
    bits = (np.arange(2**owner.size)[:, None] >> np.arange(owner.size)) & 1
    swapped = np.zeros((len(bits), cells.times.size))
    np.add.at(swapped.T, owner, bits.T)
    pool = cells.free_before + cells.free_after
    free = np.repeat(np.arange(pool.size), pool)
    chosen = list(itertools.combinations(range(free.size), int(cells.free_before.sum())))
    first = np.zeros((len(chosen), pool.size))
    for row, positions in enumerate(chosen):
        first[row] = np.bincount(free[list(positions)], minlength=pool.size)
    swapped, first = np.repeat(swapped, len(first), axis=0), np.tile(first, (len(swapped), 1))
    return Arrangement(straight=cells.times - swapped, swapped=swapped, first=first, second=pool - first)
