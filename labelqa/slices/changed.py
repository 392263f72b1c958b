"""Whose error changed between two batches: every slice, one family, one change after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.slices.effects import upper_tail
from labelqa.slices.greedy import MOST_OVERLAP, MOST_SLICES, simplest
from labelqa.slices.lattice import Lattice
from labelqa.slices.strata import Chance, overlap

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorChange:
    """One slice whose error changed.

    Attributes
    ----------
    slice : int
        Its number in the lattice.
    rose : bool
        Whether there is more error than before.
    against_all : bool
        Whether that is beside the change of all rows, which was picked before.
    p_value, p_adjusted : float
        Two-sided, and times the slices, times two (the other half of alpha is for shares).
    """

    slice: int
    rose: bool
    against_all: bool
    p_value: float
    p_adjusted: float


def changed_errors(lattice: Lattice, error: Floats, is_after: Mask, alpha: float) -> list[ErrorChange]:
    """Pick changed slices one after the other, each on the rows in none picked before.

    Where all rows are a slice of the lattice and picked, later ones are those that changed otherwise than all.
    """
    values, n_slices = error.copy(), len(lattice)
    still, allowed = np.ones(error.size, dtype=np.bool_), np.ones(n_slices, dtype=np.bool_)
    changes: list[ErrorChange] = []
    against_all = False
    while len(changes) < MOST_SLICES and still.any() and allowed.any():
        total, chance = exchanged(lattice, values, is_after, np.flatnonzero(still))
        rose, fell = chance.scores(total), _flipped(chance).scores(-total)
        scores = np.where(allowed, np.maximum(rose, fell), -np.inf)
        if not scores.max() > 0:
            break
        chosen = simplest(lattice, scores)
        up = bool(rose[chosen] >= fell[chosen])
        p_value = _p_value(float(total[chosen]), chance, chosen)
        if 2 * n_slices * p_value > alpha:
            break
        adjusted = 2 * n_slices * p_value
        changes.append(
            ErrorChange(slice=chosen, rose=up, against_all=against_all, p_value=p_value, p_adjusted=adjusted)
        )
        mask = lattice.mask(chosen)
        allowed &= overlap(lattice, mask) <= MOST_OVERLAP
        if mask.all():
            against_all = True
            values = np.where(is_after, values - values[is_after].mean(), values - values[~is_after].mean())
        else:
            still &= ~mask
    return changes


def exchanged(lattice: Lattice, error: Floats, is_after: Mask, rows: npt.NDArray[np.intp]) -> tuple[Floats, Chance]:
    """Return the later errors of every slice, and what they are if its `rows` are exchanged between the batches."""
    values, later = error[rows], is_after[rows].astype(np.float64)
    n, n_later = lattice.sums(np.ones(rows.size), rows), lattice.sums(later, rows)
    first, second, third = (lattice.sums(values**k, rows) / np.maximum(n, 1) for k in (1, 2, 3))
    spread = n_later * (n - n_later)
    variance = spread * (second - first**2) / np.maximum(n - 1, 1)
    skew = third - 3 * first * second + 2 * first**3
    cumulant = spread * (n - 2 * n_later) * skew / np.maximum((n - 1) * (n - 2), 1)
    floor = 1e-9 * max(float(np.var(values)), np.finfo(float).tiny)  # below it: rounding
    deviation = np.sqrt(np.where(variance > floor, variance, 0.0))
    skewness = cumulant / np.where(deviation > 0, deviation, 1.0) ** 3
    chance = Chance(expected=n_later * first, deviation=deviation, skewness=skewness)
    return lattice.sums(values * later, rows), chance


def _flipped(chance: Chance) -> Chance:
    return Chance(expected=-chance.expected, deviation=chance.deviation, skewness=-chance.skewness)


def _p_value(total: float, chance: Chance, s: int) -> float:
    """Return twice the smaller tail."""
    z = (total - float(chance.expected[s])) / float(chance.deviation[s])
    skewness = float(chance.skewness[s])
    return min(1.0, 2 * min(upper_tail(z, skewness), upper_tail(-z, -skewness)))
