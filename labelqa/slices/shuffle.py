"""Shuffled errors, many at once, and the highest score of the whole lattice in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from labelqa.slices.cells import Ints
from labelqa.slices.lattice import Lattice
from labelqa.slices.strata import Chance, Strata, chance

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
FIRST_BATCH = 50  # enough where nothing is to be found, which is most often
BATCH = 250  # shuffles held at once, for 50,000 rows
ENTRIES = 1_000_000  # memberships held at once
LEAST_POOL = 20  # groups among which whole groups change places


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shuffler:
    """Errors of n rows, and which rows stay together when they are shuffled.

    Attributes
    ----------
    error : float (n,)
        Errors.
    groups : Groups or None
        Rows that stay together.
    """

    error: Floats
    groups: Groups | None = None

    def batch(self, strata: Strata, b: int, rng: np.random.Generator) -> Singles:
        """Return residuals from the means of strata, shuffled `b` times (n, b).

        Single rows change places within their stratum. Whole groups change places with groups of about their size,
        whatever their strata; residuals are then scaled to the spread of the stratum they come to, and centred.
        """
        residual = self.error - strata.means(self.error)[strata.of_row]
        if self.groups is None:
            return _within_strata(residual, strata, b, rng)
        spread = np.sqrt(strata.means(residual**2))[strata.of_row]
        steady = np.where(spread > 0, residual / np.where(spread > 0, spread, 1.0), 0.0)
        # Groups without any row that varies have nothing to lend: their zeros would make chance look too small.
        lends = np.bincount(self.groups.of_row, weights=spread > 0) > 0
        lent = steady[lends[self.groups.of_row]]
        steady = (steady / max(np.sqrt(np.mean(lent**2)) if lent.size else 1.0, 1e-12)).astype(np.float32)
        moved = np.empty((residual.size, b), dtype=np.float32)
        for at in range(b):
            moved[:, at] = steady[self.groups.shuffled(rng, lends)]
        moved *= spread[:, None].astype(np.float32)
        return _centred(moved, strata)

    def chance(self, lattice: Lattice, strata: Strata, view: bool, rng: np.random.Generator) -> Chance:
        """Return what sums are by chance: exact moments for single rows, moments of shuffles for groups.

        With `view`, sums are over the rows in no slice found before.
        """
        exact = chance(strata, self.error, outside=view)
        if self.groups is None:
            return exact
        values = self.batch(strata, BATCH, rng)
        sums = member_sums(lattice, _seen(values, strata) if view else values).astype(np.float64)
        deviation = np.where(exact.deviation > 0, sums.std(axis=1), 0.0)
        centred = sums - sums.mean(axis=1, keepdims=True)
        skewness = (centred**3).mean(axis=1) / np.where(deviation > 0, deviation, 1.0) ** 3
        return Chance(expected=exact.expected, deviation=deviation, skewness=np.clip(skewness, 0.0, 2.0))

    def highest(
        self, lattice: Lattice, strata: Strata, views: Sequence[Chance], allowed: Mask, rng: np.random.Generator
    ) -> Iterator[Floats]:
        """Yield, batch by batch without end, the highest score among `allowed` slices in each shuffle.

        `views` holds what chance gives over all rows and, where there is a second one, over those in stratum 0.
        """
        b = FIRST_BATCH
        while True:
            values = self.batch(strata, b, rng)
            b = int(np.clip(BATCH * 50_000 // max(self.error.size, 1), FIRST_BATCH, BATCH))
            best = _highest(lattice, values, views[0], allowed)
            for view in views[1:]:
                best = np.maximum(best, _highest(lattice, _seen(values, strata), view, allowed))
            yield best.astype(np.float64)


def _seen(values: Singles, strata: Strata) -> Singles:
    """Return `values` with 0 in rows of a slice found before."""
    return np.asarray(np.where(strata.of_row[:, None] == 0, values, np.float32(0)))


def _highest(lattice: Lattice, values: Singles, by_chance: Chance, allowed: Mask) -> Singles:
    centred = Chance(expected=np.zeros(len(lattice)), deviation=by_chance.deviation, skewness=by_chance.skewness)
    best = np.full(values.shape[1], -np.inf, dtype=np.float32)
    for start, sums in _member_sums_in_parts(lattice, values):
        part = slice(start, start + len(sums))
        usable = allowed[part] & (centred.deviation[part] > 0)
        if usable.any():
            best = np.maximum(best, _part(centred, part, usable).scores(sums[usable]).max(axis=0))
    return best


def _part(of_all: Chance, part: slice, usable: Mask) -> Chance:
    return Chance(
        expected=of_all.expected[part][usable],
        deviation=of_all.deviation[part][usable],
        skewness=of_all.skewness[part][usable],
    )


def _within_strata(residual: Floats, strata: Strata, b: int, rng: np.random.Generator) -> Singles:
    order = np.argsort(strata.of_row, kind="stable")
    limits = np.r_[0, np.cumsum(strata.size)]
    moved = np.empty((residual.size, b), dtype=np.float32)
    for low, high in zip(limits[:-1].tolist(), limits[1:].tolist(), strict=True):
        rows = order[low:high]
        many = np.tile(residual[rows].astype(np.float32), (b, 1))
        moved[rows] = rng.permuted(many, axis=1, out=many).T
    return moved


def _centred(moved: Singles, strata: Strata) -> Singles:
    order = np.argsort(strata.of_row, kind="stable")
    filled = np.flatnonzero(strata.size)
    starts = np.r_[0, np.cumsum(strata.size)][filled]
    means = np.zeros((strata.n_strata, moved.shape[1]), dtype=np.float32)
    means[filled] = np.add.reduceat(moved[order].astype(np.float64), starts, axis=0) / strata.size[filled, None]
    return np.asarray(moved - means[strata.of_row])


def member_sums(lattice: Lattice, values: Singles) -> Singles:
    """Return the sums of `values` (n, b) over the rows of each slice (s, b)."""
    out = np.empty((len(lattice), values.shape[1]), dtype=np.float32)
    for start, sums in _member_sums_in_parts(lattice, values):
        out[start : start + len(sums)] = sums
    return out


def _member_sums_in_parts(lattice: Lattice, values: Singles) -> Iterator[tuple[int, Singles]]:
    """Yield sums of `values` over the rows of consecutive slices, with the number of the first."""
    n = len(values)
    at_once = max(1, ENTRIES // max(n, 1))
    held: list[npt.NDArray[np.int32]] = []
    start = width = 0
    for part, codes in lattice.member_codes():
        v = len(part.kept)
        held.append(np.where(codes < v, codes.astype(np.int32) + width, -1).astype(np.int32))
        width += v
        if len(held) == at_once:
            yield start, _sums_of(held, width, values)
            start, width, held = start + width, 0, []
    if held:
        yield start, _sums_of(held, width, values)


def _sums_of(held: list[npt.NDArray[np.int32]], width: int, values: Singles) -> Singles:
    """Multiply the memberships (n, width), one entry a row and combination, with `values`."""
    from scipy.sparse import csr_array

    member = np.stack(held, axis=1)
    real = member >= 0
    indptr = np.r_[0, np.cumsum(real.sum(axis=1))].astype(np.int32)
    indices = member[real]
    ones = np.ones(indices.size, dtype=np.float32)
    sums: Singles = csr_array((ones, indices, indptr), shape=(len(member), width)).T @ values
    return sums


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Rows that stay together, ready to change places.

    Attributes
    ----------
    of_row : int64 (n,)
        Group of each row, groups numbered by rising size.
    place : int64 (n,)
        Place of each row in its group.
    rows : int64 (n,)
        Rows, group by group.
    start, size : int64 (g,)
        First place of each group in `rows`, and its number of rows.
    pool : int64 (g,)
        Groups of one pool change places: those of about the same size.
    """

    of_row: Ints
    place: Ints
    rows: Ints
    start: Ints
    size: Ints
    pool: Ints = field(repr=False)

    def shuffled(self, rng: np.random.Generator, lends: Mask) -> Ints:
        """Return the row that each row takes its error from (n,): whole groups move, turned at random.

        Groups that lend errors, `lends` (g,), change places among themselves. A group that takes the place of a larger
        one is repeated, of a smaller one cut: all errors of a group still come from one group.
        """
        pool = 2 * self.pool + lends
        source = np.empty(self.size.size, dtype=np.int64)
        source[np.argsort(pool, kind="stable")] = np.lexsort((rng.random(self.size.size), pool))
        turn = rng.integers(0, self.size)
        taken = source[self.of_row]
        return np.asarray(self.rows[self.start[taken] + (self.place + turn[self.of_row]) % self.size[taken]])


def grouped(codes: Ints) -> Groups:
    """Return groups from a code a row (n,)."""
    size = np.bincount(codes)
    order = np.argsort(size, kind="stable")
    rank = np.empty(size.size, dtype=np.int64)
    rank[order] = np.arange(size.size)
    of_row = rank[codes]
    rows = np.argsort(of_row, kind="stable")
    size = size[order]
    start = np.r_[0, np.cumsum(size)[:-1]]
    place = np.empty(codes.size, dtype=np.int64)
    place[rows] = np.arange(codes.size) - np.repeat(start, size)
    return Groups(of_row, place, rows, start, size, _pools(size))


def _pools(size: Ints) -> Ints:
    """Return pools of equal sizes; sizes of few groups join the next larger, the last ones the pool before."""
    values, counts = np.unique(size, return_counts=True)
    pool_of_value = np.zeros(values.size, dtype=np.int64)
    pool = filled = 0
    for i, count in enumerate(counts.tolist()):
        pool_of_value[i] = pool
        filled += count
        if filled >= LEAST_POOL and counts[i + 1 :].sum() >= LEAST_POOL:
            pool, filled = pool + 1, 0
    return np.asarray(np.repeat(pool_of_value, counts))
