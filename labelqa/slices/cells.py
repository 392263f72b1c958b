"""Rows as cells of column combinations: mixed-radix codes over the levels that are frequent enough.

A level, and a pair of levels, with too few rows is replaced by one code for "no slice" before the next column is added,
so codes stay below (n / min_size + 1)^2 whatever the number of levels, and fit 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
AnyCodes = npt.NDArray[np.integer]
DENSE = 1 << 20  # cells up to which a table of all cells is kept, whatever the number of rows


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Which codes of a combination have enough rows, and as what they are counted on.

    Attributes
    ----------
    codes : int64 (v,)
        The codes kept, ascending; code ``codes[i]`` becomes i, all others v.
    size : int64 (v,)
        Rows of each.
    table : int32 (cells,) or None
        New code of every code, where few enough.
    """

    codes: Ints
    size: Ints
    table: Codes | None

    def __len__(self) -> int:
        return self.codes.size

    def place(self, codes: AnyCodes) -> AnyCodes:
        """Return the new code of each row; ``len(self)`` for rows of no kept code."""
        if self.table is not None:
            return np.take(self.table, codes)
        at = np.searchsorted(self.codes, codes)
        found = self.codes[np.minimum(at, len(self) - 1)] == codes if len(self) else np.zeros(codes.shape, np.bool_)
        return np.where(found, at, len(self)).astype(np.int32)

    def sums(self, codes: AnyCodes, weights: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64]:
        """Return the sum of `weights` (by default: the number of rows) for each kept code."""
        if self.table is not None:  # dense: count all cells, then pick; saves a pass over the rows
            return np.bincount(codes, weights=weights, minlength=self.table.size)[self.codes].astype(np.float64)
        return np.bincount(self.place(codes), weights=weights, minlength=len(self) + 1)[: len(self)].astype(np.float64)


def kept_codes(codes: AnyCodes, n_codes: int, min_size: int, *, none_from: int) -> Kept:
    """Return the codes that occur in `min_size` rows.

    Parameters
    ----------
    codes : int (n,)
        Codes of the rows, from 0 to ``n_codes - 1``.
    n_codes : int
        Number of possible codes.
    min_size : int
        Least rows.
    none_from : int
        Base of the last column: codes whose last digit is ``none_from - 1`` stand for no slice, as do those whose
        first digit is the highest; both are never kept.
    """
    if n_codes <= max(DENSE, 2 * codes.size):
        counts = np.bincount(codes, minlength=n_codes)
        frequent = np.flatnonzero(counts >= min_size)
        size = counts[frequent]
    else:
        frequent, size = np.unique(codes, return_counts=True)
        frequent, size = frequent[size >= min_size], size[size >= min_size]
    real = (frequent % none_from != none_from - 1) & (frequent < n_codes - none_from)
    frequent, size = frequent[real].astype(np.int64), size[real].astype(np.int64)
    return Kept(frequent, size, _table(frequent, n_codes))


def _table(frequent: Ints, n_codes: int) -> Codes | None:
    if n_codes > DENSE:
        return None
    table = np.full(n_codes, frequent.size, dtype=np.int32)
    table[frequent] = np.arange(frequent.size, dtype=np.int32)
    return table


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Columns with their frequent levels only.

    Attributes
    ----------
    columns : list of int arrays (n,)
        New level of each row, as narrow as it fits; the highest stands for "no frequent level".
    levels : list of int64 (v,)
        Level of the original table behind each new one.
    sizes : list of int64 (v,)
        Rows of each.
    """

    columns: list[AnyCodes]
    levels: list[Ints]
    sizes: list[Ints]

    def base(self, j: int) -> int:
        """Digits of column `j`: its frequent levels and "none"."""
        return self.levels[j].size + 1

    def at(self, rows: npt.NDArray[np.intp]) -> Grid:
        """Return the grid of some rows, with the same levels."""
        return Grid([np.take(c, rows) for c in self.columns], self.levels, self.sizes)


def frequent_grid(columns: Iterator[AnyCodes], min_size: int) -> Grid:
    """Return each column with those of its levels that have `min_size` rows; codes below 0 are of no level."""
    narrow: list[AnyCodes] = []
    levels: list[Ints] = []
    sizes: list[Ints] = []
    for given in columns:
        column = np.where(given < 0, given.max(initial=0) + 1, given) if given.min(initial=0) < 0 else given
        counts = np.bincount(column[given >= 0] if column is not given else column)
        frequent = np.flatnonzero(counts >= min_size)
        places = np.full(counts.size + 1, frequent.size, dtype=np.min_scalar_type(frequent.size))
        places[frequent] = np.arange(frequent.size)
        narrow.append(places[np.minimum(column, counts.size)])
        levels.append(frequent.astype(np.int64))
        sizes.append(counts[frequent].astype(np.int64))
    return Grid(narrow, levels, sizes)


def joined(first: AnyCodes, second: AnyCodes, second_base: int) -> AnyCodes:
    """Return ``first * second_base + second``, in the integers that counting needs anyway."""
    out = first.astype(np.intp)
    out *= second_base
    out += second
    return out
