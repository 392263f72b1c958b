"""Exact search: every slice of up to three conditions with enough rows, its size and its error.

Each combination of columns is one count over mixed-radix codes. Pairs are reduced to those with enough rows before a
third column is added, and rows that lie in none are dropped where that saves time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np
import numpy.typing as npt

from labelqa.slices.cells import AnyCodes, Grid, Ints, Kept, frequent_grid, joined, kept_codes

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
FEW_ROWS = 0.4  # share of rows in frequent pairs below which the others are dropped for the third column


class Coded(Protocol):
    """What is searched: level codes (n, d)."""

    @property
    def codes(self) -> npt.NDArray[np.int32]:
        """Level of each row in each column; below 0: none."""


@dataclass(frozen=True, slots=True, eq=False)
class Combination:
    """Columns whose joint levels hold slices.

    Attributes
    ----------
    columns : tuple of int
        One to three columns of the grid.
    pair : Kept or None
        Frequent pairs of the first two, for three columns.
    kept : Kept
        The slices, as codes of the last step.
    start : int
        Number of the first of them in the lattice.
    """

    columns: tuple[int, ...]
    pair: Kept | None
    kept: Kept
    start: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lattice:
    """All slices of n rows with at least `min_size` rows.

    Attributes
    ----------
    columns : int32 (s, max_predicates)
        Columns of the conditions of each slice, -1 where there are fewer.
    levels : int32 (s, max_predicates)
        Levels of those columns, -1 likewise.
    size : int64 (s,)
        Rows of each slice.
    total, squares : float (s,)
        Sum of errors and of their squares.
    rows : int64 (n,)
        Rows of the table that were searched: those with an error that is a number.
    grid : Grid
        Their columns, for later passes.
    parts : list of Combination
        Where each slice is found in the grid.
    """

    columns: npt.NDArray[np.int32]
    levels: npt.NDArray[np.int32]
    size: Ints
    total: Floats
    squares: Floats
    rows: Ints
    grid: Grid
    parts: list[Combination]

    def __len__(self) -> int:
        return self.size.size

    @property
    def n_predicates(self) -> Ints:
        """Number of conditions of each slice (s,)."""
        return np.asarray((self.columns >= 0).sum(axis=1), dtype=np.int64)

    def member_codes(self, rows: npt.NDArray[np.intp] | None = None) -> Iterator[tuple[Combination, AnyCodes]]:
        """Yield each combination with the slice, counted from 0, of every row (or of `rows`); v: in none."""
        grid = self.grid if rows is None else self.grid.at(rows)
        last: tuple[int, ...] = ()
        placed: AnyCodes = np.empty(0, dtype=np.int32)
        for part in self.parts:
            if part.pair is not None and part.columns[:2] != last:
                last = part.columns[:2]
                placed = part.pair.place(_codes(grid, last))
            yield part, part.kept.place(_extended(grid, part, placed))

    def counts(
        self, labels: AnyCodes, n_labels: int, rows: npt.NDArray[np.intp] | None = None
    ) -> npt.NDArray[np.int64]:
        """Return how many rows (or of `rows`) with each label 0 to ``n_labels - 1`` each slice has (s, n_labels)."""
        out = np.empty((len(self), n_labels), dtype=np.int64)
        for part, codes in self.member_codes(rows):
            v = len(part.kept)
            joint = joined(codes, labels, n_labels) if n_labels > 1 else codes
            counts = np.bincount(joint, minlength=(v + 1) * n_labels)
            out[part.start : part.start + v] = counts.reshape(-1, n_labels)[:v]
        return out

    def sums(self, values: Floats, rows: npt.NDArray[np.intp] | None = None) -> Floats:
        """Return the sum of `values`, one a row (or one for each of `rows`), over each slice (s,)."""
        out = np.empty(len(self))
        for part, codes in self.member_codes(rows):
            v = len(part.kept)
            out[part.start : part.start + v] = np.bincount(codes, weights=values, minlength=v + 1)[:v]
        return out

    def conditions(self, s: int) -> list[tuple[int, int]]:
        """Return column and level of each condition of slice `s`."""
        both = zip(self.columns[s].tolist(), self.levels[s].tolist(), strict=True)
        return [(j, level) for j, level in both if j >= 0]

    def mask(self, s: int) -> Mask:
        """Return which of the searched rows slice `s` holds (n,)."""
        inside = np.ones(self.rows.size, dtype=np.bool_)
        for j, level in self.conditions(s):
            inside &= self.grid.columns[j] == np.searchsorted(self.grid.levels[j], level)
        return inside


def search(
    table: Coded,
    error: Floats,
    *,
    max_predicates: int = 3,
    min_size: int = 1,
    alone: Sequence[Mask] = (),
) -> Lattice:
    """Find every slice of up to `max_predicates` conditions on distinct columns with at least `min_size` rows.

    Parameters
    ----------
    table : FeatureTable or object with ``codes`` int (n, d)
        Levels; codes below 0 stand for none.
    error : float (n,)
        Rows with nan are not searched.
    max_predicates : {1, 2, 3}
        Most conditions of a slice.
    min_size : int
        Least rows of a slice.
    alone : sequence of bool (n,)
        Further slices, which are not combined with anything; they follow the d columns as columns of one level, 1.

    Returns
    -------
    Lattice
        Single conditions first, then pairs, then triples, in order of columns and levels.

    References
    ----------
    Sagadeeva, S. & Boehm, M. (2021). SliceLine: fast, linear-algebra-based slice finding. SIGMOD, section 3 (the
    problem and its pruning by support; here solved by counting).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> table = SimpleNamespace(codes=np.array([[0, 1], [0, 1], [1, 1], [1, 0]], dtype=np.int32))
    >>> found = search(table, np.array([1.0, 1.0, 0.0, 0.0]), min_size=2)
    >>> found.columns[:, :2].tolist(), found.size.tolist(), found.total.tolist()
    ([[0, -1], [0, -1], [1, -1], [0, 1]], [2, 2, 3, 2], [2.0, 0.0, 2.0, 2.0])
    """
    rows = np.flatnonzero(~np.isnan(error))
    whole = rows.size == error.size
    d = table.codes.shape[1]
    given = (table.codes[:, j] if whole else table.codes[rows, j] for j in range(d))
    own = (np.where(m if whole else m[rows], 1, -1) for m in alone)
    grid = _both(frequent_grid(given, max(min_size, 1)), frequent_grid(own, 1))
    found = _Found(grid=grid, error=error if whole else error[rows], parts=[], sums=[])
    found.singles()
    if max_predicates >= 2:
        _search_pairs(found, d, max(min_size, 1), max_predicates)
    return found.lattice(rows, max_predicates)


def _both(first: Grid, second: Grid) -> Grid:
    return Grid(first.columns + second.columns, first.levels + second.levels, first.sizes + second.sizes)


@dataclass(slots=True, eq=False)
class _Found:
    """Slices found so far."""

    grid: Grid
    error: Floats
    parts: list[Combination]
    sums: list[tuple[Floats, Floats]]
    start: int = 0
    positive: npt.NDArray[np.intp] | None = None

    def __post_init__(self) -> None:
        """Note where 0/1 errors are 1: their sums are counts over those rows alone."""
        at = np.flatnonzero(self.error)
        self.positive = at if bool(np.all(self.error[at] == 1.0)) else None

    def singles(self) -> None:
        for j, size in enumerate(self.grid.sizes):
            kept = Kept(np.arange(size.size), size, np.arange(size.size + 1, dtype=np.int32))
            self.add((j,), None, kept, self.grid.columns[j])

    def add(
        self,
        columns: tuple[int, ...],
        pair: Kept | None,
        kept: Kept,
        codes: AnyCodes,
        rows: npt.NDArray[np.intp] | None = None,
    ) -> None:
        """Take the kept codes of a combination as slices and sum their errors."""
        if not len(kept):
            return
        self.parts.append(Combination(columns, pair, kept, self.start))
        self.start += len(kept)
        self.sums.append(self._errors(kept, codes, rows))

    def _errors(self, kept: Kept, codes: AnyCodes, rows: npt.NDArray[np.intp] | None) -> tuple[Floats, Floats]:
        if self.positive is not None and rows is None:
            ones = kept.sums(np.take(codes, self.positive), None)
            return ones, ones
        error = self.error if rows is None else np.take(self.error, rows)
        total = kept.sums(codes, error)
        return total, total if self.positive is not None else kept.sums(codes, error * error)

    def lattice(self, rows: npt.NDArray[np.intp], width: int) -> Lattice:
        order = sorted(range(len(self.parts)), key=lambda i: (len(self.parts[i].columns), self.parts[i].columns))
        parts: list[Combination] = []
        start = 0
        for i in order:
            part = self.parts[i]
            parts.append(Combination(part.columns, part.pair, part.kept, start))
            start += len(part.kept)
        described = [_conditions(self.grid, part, width) for part in parts]
        joined_up = [np.concatenate([np.empty((0, width), np.int32), *side]) for side in zip(*described, strict=True)]
        columns, levels = joined_up or [np.empty((0, width), np.int32)] * 2
        return Lattice(
            columns=columns,
            levels=levels,
            size=np.concatenate([np.empty(0, np.int64), *(p.kept.size for p in parts)]),
            total=np.concatenate([np.empty(0), *(self.sums[i][0] for i in order)]),
            squares=np.concatenate([np.empty(0), *(self.sums[i][1] for i in order)]),
            rows=rows.astype(np.int64),
            grid=self.grid,
            parts=parts,
        )


def _search_pairs(found: _Found, d: int, min_size: int, max_predicates: int) -> None:
    grid = found.grid
    usable = [j for j in range(d) if grid.levels[j].size]
    for a, b in combinations(usable, 2):
        codes = _codes(grid, (a, b))
        pair = kept_codes(codes, grid.base(a) * grid.base(b), min_size, none_from=grid.base(b))
        found.add((a, b), None, pair, codes)
        later = [c for c in usable if c > b]
        if max_predicates >= 3 and later and len(pair):
            _search_triples(found, (a, b), pair, pair.place(codes), later, min_size)


def _search_triples(
    found: _Found, pair_columns: tuple[int, int], pair: Kept, placed: AnyCodes, later: list[int], min_size: int
) -> None:
    """Add each later column to the frequent pairs."""
    grid = found.grid
    rows = np.flatnonzero(placed < len(pair)) if pair.size.sum() < FEW_ROWS * placed.size else None
    first = placed if rows is None else np.take(placed, rows)
    for c in later:
        third = grid.columns[c] if rows is None else np.take(grid.columns[c], rows)
        codes = joined(first, third, grid.base(c))
        n_codes = (len(pair) + 1) * grid.base(c)
        kept = kept_codes(codes, n_codes, min_size, none_from=grid.base(c))
        found.add((*pair_columns, c), pair, kept, codes, rows)


def _codes(grid: Grid, columns: tuple[int, ...]) -> AnyCodes:
    a, b = columns
    return joined(grid.columns[a], grid.columns[b], grid.base(b))


def _extended(grid: Grid, part: Combination, placed: AnyCodes) -> AnyCodes:
    """Return the codes of a combination; `placed` are those of its first two columns where it has three."""
    if part.pair is not None:
        c = part.columns[2]
        return joined(placed, grid.columns[c], grid.base(c))
    if len(part.columns) == 2:
        return _codes(grid, part.columns)
    return grid.columns[part.columns[0]]


def _conditions(grid: Grid, part: Combination, width: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return columns and levels of the slices of a combination, both (v, width)."""
    last = part.columns[-1]
    code = part.kept.codes
    digits = [code] if len(part.columns) == 1 else [code // grid.base(last), code % grid.base(last)]
    if part.pair is not None:
        first = part.pair.codes[digits[0]]
        second_base = grid.base(part.columns[1])
        digits = [first // second_base, first % second_base, digits[1]]
    columns = np.full((code.size, width), -1, dtype=np.int32)
    levels = np.full((code.size, width), -1, dtype=np.int32)
    for at, (j, digit) in enumerate(zip(part.columns, digits, strict=True)):
        columns[:, at] = j
        levels[:, at] = grid.levels[j][digit]
    return columns, levels
