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
Floats = npt.NDArray[np.float64]
AnyCodes = npt.NDArray[np.integer]
CHUNK = 1 << 16  # rows counted at once
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
    table : int (cells,) or None
        New code of every code, where few enough.
    """

    codes: Ints
    size: Ints
    table: AnyCodes | None

    def __len__(self) -> int:
        return self.codes.size

    def place(self, codes: AnyCodes) -> AnyCodes:
        """Return the new code of each row; ``len(self)`` for rows of no kept code."""
        if self.table is not None:
            return np.take(self.table, codes)
        at = np.searchsorted(self.codes, codes)
        found = self.codes[np.minimum(at, len(self) - 1)] == codes if len(self) else np.zeros(codes.shape, np.bool_)
        return np.where(found, at, len(self)).astype(np.int32)

    def sums(self, joint: Joint, weights: Floats | None) -> Floats:
        """Return the sum of `weights` (by default: the number of rows) for each kept code."""
        if self.table is not None:  # dense: count all cells, then pick; saves a pass over the rows
            return joint.counts(weights)[self.codes].astype(np.float64)
        placed = self.place(joint.codes())
        return np.bincount(placed, weights=weights, minlength=len(self) + 1)[: len(self)].astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """Two columns of codes as one.

    Attributes
    ----------
    first, second : int (n,)
        Codes of both; the highest of each stands for no slice.
    first_base, second_base : int
        Number of codes of both.
    """

    first: AnyCodes
    second: AnyCodes
    first_base: int
    second_base: int

    @property
    def n_codes(self) -> int:
        """Number of possible codes."""
        return self.first_base * self.second_base

    def codes(self) -> AnyCodes:
        """Return the code of each row (n,)."""
        return joined(self.first, self.second, self.second_base)

    def at(self, rows: npt.NDArray[np.intp]) -> Joint:
        """Return the codes of some rows."""
        return Joint(np.take(self.first, rows), np.take(self.second, rows), self.first_base, self.second_base)

    def counts(self, weights: Floats | None = None) -> Floats:
        """Return the number of rows, or the sum of `weights`, for each possible code."""
        n = self.first.size
        if n <= CHUNK or self.n_codes > CHUNK // 8:
            return np.asarray(np.bincount(self.codes(), weights, self.n_codes), dtype=np.float64)
        total = np.zeros(self.n_codes)
        for start in range(0, n, CHUNK):  # so that the codes stay in the cache
            part = slice(start, start + CHUNK)
            codes = joined(self.first[part], self.second[part], self.second_base)
            total += np.bincount(codes, None if weights is None else weights[part], self.n_codes)
        return total


def kept_codes(joint: Joint, min_size: int) -> Kept:
    """Return the codes that occur in `min_size` rows and stand for a slice."""
    n_codes, base = joint.n_codes, joint.second_base
    if n_codes <= max(DENSE, 2 * joint.first.size):
        counts = joint.counts()
        frequent = np.flatnonzero(counts >= min_size)
        size = counts[frequent]
    else:
        frequent, size = np.unique(joint.codes(), return_counts=True)
        frequent, size = frequent[size >= min_size], size[size >= min_size]
    real = (frequent % base != base - 1) & (frequent < n_codes - base)
    frequent, size = frequent[real].astype(np.int64), size[real].astype(np.int64)
    return Kept(frequent, size, _table(frequent, n_codes))


def _table(frequent: Ints, n_codes: int) -> AnyCodes | None:
    if n_codes > DENSE:
        return None
    table = np.full(n_codes, frequent.size, dtype=np.min_scalar_type(frequent.size))
    table[frequent] = np.arange(frequent.size)
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
