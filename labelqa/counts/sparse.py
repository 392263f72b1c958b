"""Rows of class counts, stored by their non-zero entries: one form for 5 classes and for 100,000 distinct values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
PAIRS_AT_ONCE = 4_000_000  # entry pairs held in memory at a time
HASH_ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassCounts:
    """Class counts of p rows: the non-zero entries of an integer matrix (p, k), row by row, classes ascending.

    Attributes
    ----------
    start : int64 (p+1,)
        Entries of row i are ``start[i]:start[i+1]``.
    classes : int32 (e,)
        Class of each entry.
    counts : int64 (e,)
        Count of each entry, at least 1.
    k : int
        Number of classes.
    """

    start: Ints
    classes: npt.NDArray[np.int32]
    counts: Ints
    k: int

    def __len__(self) -> int:
        """Return the number of rows p."""
        return self.start.size - 1

    @classmethod
    def from_dense(cls, matrix: npt.NDArray[np.integer]) -> ClassCounts:
        """Take the entries of an integer matrix (p, k)."""
        rows, classes = np.nonzero(matrix)
        per_row = np.bincount(rows, minlength=matrix.shape[0])
        return cls(
            start=np.r_[0, np.cumsum(per_row)].astype(np.int64),
            classes=classes.astype(np.int32),
            counts=matrix[rows, classes].astype(np.int64),
            k=matrix.shape[1],
        )

    @classmethod
    def from_codes(cls, row: npt.NDArray[np.integer], label: npt.NDArray[np.integer], p: int, k: int) -> ClassCounts:
        """Count labels (r,) by their row (r,)."""
        keys, counts = np.unique(row.astype(np.int64) * k + label, return_counts=True)
        rows, classes = np.divmod(keys, k)
        return cls(
            start=np.searchsorted(rows, np.arange(p + 1)).astype(np.int64),
            classes=classes.astype(np.int32 if k < 2**31 else np.int64),
            counts=counts.astype(np.int64),
            k=k,
        )

    @property
    def row(self) -> Ints:
        """Row of each entry, (e,)."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.start))

    def sums(self, values: npt.NDArray[np.number] | None = None) -> Floats:
        """Sum `values` (e,), by default the counts, over each row; float64 (p,)."""
        weights = self.counts if values is None else values
        return np.bincount(self.row, weights=weights, minlength=len(self)).astype(np.float64)

    def to_dense(self, rows: slice = slice(None)) -> Ints:
        """Return rows `rows` as an integer matrix (., k)."""
        first, last, _ = rows.indices(len(self))
        entries = slice(self.start[first], self.start[max(first, last)])
        out = np.zeros((max(last - first, 0), self.k), dtype=np.int64)
        out[self.row[entries] - first, self.classes[entries]] = self.counts[entries]
        return out

    def take(self, rows: npt.NDArray[np.intp]) -> ClassCounts:
        """Return the rows at positions `rows`."""
        sizes = np.diff(self.start)[rows]
        start = np.r_[0, np.cumsum(sizes)].astype(np.int64)
        entries = np.repeat(self.start[rows] - start[:-1], sizes) + np.arange(start[-1])
        return ClassCounts(start=start, classes=self.classes[entries], counts=self.counts[entries], k=self.k)

    def recoded(self, classes: npt.NDArray[np.integer], k: int) -> ClassCounts:
        """Return the same entries with other, within a row distinct, classes (e,) out of k."""
        order = np.lexsort((classes, self.row))
        kind = np.int32 if k < 2**31 else np.int64
        return ClassCounts(start=self.start, classes=classes[order].astype(kind), counts=self.counts[order], k=k)

    def followed_by(self, other: ClassCounts) -> ClassCounts:
        """Return these rows and then those of `other`."""
        return ClassCounts(
            start=np.r_[self.start, other.start[1:] + self.start[-1]],
            classes=np.r_[self.classes, other.classes],
            counts=np.r_[self.counts, other.counts],
            k=self.k,
        )

    def entry_pairs(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Yield (row, entry, entry) of every unordered pair of different entries of one row, in pieces."""
        sizes = np.diff(self.start)
        cost = np.cumsum(sizes * sizes)
        first = 0
        while first < len(self):
            done = cost[first - 1] if first else 0
            last = max(first + 1, int(np.searchsorted(cost, done + PAIRS_AT_ONCE, side="right")))
            yield from self._pairs_of(first, last, sizes)
            first = last

    def _pairs_of(self, first: int, last: int, sizes: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
        entries = np.arange(self.start[first], self.start[last])
        row = np.repeat(np.arange(first, last), sizes[first:last])
        after = self.start[row + 1] - entries - 1  # entries of the same row that come later
        left = np.repeat(entries, after)
        offset = np.arange(left.size) - np.repeat(np.cumsum(after) - after, after)
        if left.size:
            yield np.repeat(row, after), left, left + 1 + offset


def distinct_rows(rows: ClassCounts, *, canonical: bool = True) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Find equal rows.

    Parameters
    ----------
    rows : ClassCounts (n, k)
        The rows.
    canonical : bool
        Whether to put the kinds in canonical order, else in the order of their hashes, which also depends on nothing
        but their content and is quicker where there are many kinds.

    Returns
    -------
    representative : (p,)
        Position of one row of each distinct kind, in order.
    inverse : (n,)
        Kind of every row.

    Notes
    -----
    Rows are grouped by a 64-bit hash and then compared entry by entry with their representative, so a collision of
    hashes can cost time (another hash is drawn) but never a wrong answer.
    """
    for seed in range(HASH_ROUNDS):
        _, first, inverse = np.unique(_row_hash(rows, seed), return_index=True, return_inverse=True)
        if _same_rows(rows, first[inverse]):
            if not canonical:
                return first, inverse
            order = canonical_order(rows.take(first))
            rank = np.empty(order.size, dtype=np.intp)
            rank[order] = np.arange(order.size)
            return first[order], rank[inverse]
    raise AssertionError("row hashes collided under every seed")  # chance below 2**-200


def _row_hash(rows: ClassCounts, seed: int) -> npt.NDArray[np.uint64]:
    word = (rows.classes.astype(np.uint64) + np.uint64(seed << 32)) * np.uint64(0x9E3779B97F4A7C15)  # splitmix64
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    terms = (word ^ (word >> np.uint64(31))) * rows.counts.astype(np.uint64)
    total = np.r_[np.uint64(0), np.cumsum(terms, dtype=np.uint64)]  # wraps around, which is what a hash wants
    return np.asarray(total[rows.start[1:]] - total[rows.start[:-1]], dtype=np.uint64)


def _same_rows(rows: ClassCounts, twin: npt.NDArray[np.intp]) -> bool:
    sizes = np.diff(rows.start)
    if (sizes != sizes[twin]).any():
        return False
    entries = np.arange(rows.classes.size)
    other = entries + np.repeat(rows.start[twin] - rows.start[:-1], sizes)
    same = (rows.classes == rows.classes[other]) & (rows.counts == rows.counts[other])
    return bool(same.all())


def canonical_order(rows: ClassCounts) -> npt.NDArray[np.intp]:
    """Return the order in which rows read as numbers, the last class the most significant digit, are ascending."""
    sizes = np.diff(rows.start)
    longest = int(sizes.max(initial=0))
    code = rows.classes.astype(np.int64) * (int(rows.counts.max(initial=0)) + 1) + rows.counts
    if longest > 64:  # a padded matrix would be mostly padding
        keys = [tuple(code[a:b][::-1].tolist()) for a, b in zip(rows.start[:-1], rows.start[1:], strict=True)]
        return np.array(sorted(range(len(rows)), key=keys.__getitem__), dtype=np.intp)
    padded = np.full((longest, len(rows)), -1, dtype=np.int64)
    from_end = rows.start[rows.row + 1] - 1 - np.arange(code.size)
    padded[from_end, rows.row] = code
    return np.lexsort(padded[::-1]) if longest else np.arange(len(rows))
