"""The difference of a coefficient between two rounds, its linearised error and its resamples.

Items that both rounds labeled are drawn with both their label sets; items of one round only are drawn within their
round. Work is done on cells of items that are alike.

References
----------
Gwet, K. L. (2016). Testing the difference of correlated agreement coefficients for statistical significance. Educ.
Psychol. Meas. 76, 609-637. Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance
components. Biometrics Bull. 2, 110-114.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.reliability.comparison.pair import RoundPair
from labelqa.reliability.comparison.scores import Scorer, Scores, row_blocks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Positions = npt.NDArray[np.intp]
SAME = 1e-9  # statistics closer than this, relatively, are the same number


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Shared cells (s) with both their kinds, and free cells (f), whose items have labels in one round only.

    Attributes
    ----------
    n_kinds : int
        Kinds u.
    before, after : int (s,)
        Kinds of the shared cells.
    weight, times : (s,)
        Weight of each item and number of items.
    kind, free_weight : (f,)
        Kind and weight of free items.
    free_before, free_after : int64 (f,)
        How many of them were labeled before and after.
    """

    n_kinds: int
    before: Positions
    after: Positions
    weight: Floats
    times: Ints
    kind: Positions
    free_weight: Floats
    free_before: Ints
    free_after: Ints

    @classmethod
    def of(cls, pair: RoundPair) -> Cells:
        """Tell shared from free cells."""
        both = pair.shared
        kind = np.where(pair.in_before, pair.before, pair.after)[~both]
        weight, times, first = pair.weight[~both], pair.times[~both], pair.in_before[~both]
        _, level = np.unique(weight, return_inverse=True)
        key = kind.astype(np.int64) * (int(level.max(initial=0)) + 1) + level
        _, at, inverse = np.unique(key, return_index=True, return_inverse=True)
        before, after = (
            np.round(np.bincount(inverse, weights=times * part, minlength=at.size)).astype(np.int64)
            for part in (first, ~first)
        )
        return cls(
            n_kinds=len(pair.kinds),
            before=pair.before[both],
            after=pair.after[both],
            weight=pair.weight[both],
            times=pair.times[both],
            kind=kind[at],
            free_weight=weight[at],
            free_before=before,
            free_after=after,
        )

    @property
    def width(self) -> int:
        """Numbers needed for one arrangement."""
        return 4 * (self.times.size + self.kind.size + self.n_kinds) + 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrangement:
    """b ways to hand the label sets to the rounds; the items of shared cells stay together.

    Attributes
    ----------
    straight, swapped : (b, s)
        Items of each shared cell with their label sets as they are, and swapped.
    first, second : (b, f)
        Free items in the round before and in the round after.
    """

    straight: Floats
    swapped: Floats
    first: Floats
    second: Floats

    def part(self, rows: slice) -> Arrangement:
        """Return some of the ways."""
        return Arrangement(
            straight=self.straight[rows], swapped=self.swapped[rows], first=self.first[rows], second=self.second[rows]
        )

    def __len__(self) -> int:
        """Return b."""
        return len(self.straight)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Differences:
    """Values in both rounds, and the linearised variance of their difference in its independent parts.

    Attributes
    ----------
    before, after : float64 (b,)
        The coefficient in both rounds.
    variances, sizes : float64 (3, b)
        Variance and number of items of each part: shared items, items before only, items after only.
    """

    before: Floats
    after: Floats
    variances: Floats
    sizes: Floats

    @property
    def difference(self) -> Floats:
        """After minus before, (b,)."""
        return np.asarray(self.after - self.before)

    @property
    def standard_error(self) -> Floats:
        """Standard error of the difference, (b,); nan where a round has fewer than two items."""
        shared, before, after = self.sizes
        few = (shared + before < 2) | (shared + after < 2)
        return np.where(few, np.nan, np.sqrt(self.variances.sum(axis=0)))

    @property
    def degrees(self) -> Floats:
        """Degrees of freedom of that standard error (Satterthwaite 1946), (b,): n - 1 for shared items alone."""
        whole = self.variances.sum(axis=0)
        parts = np.sum(self.variances**2 / np.maximum(self.sizes - 1, 1), axis=0)
        fewest = np.maximum(np.where(self.sizes > 0, self.sizes, np.inf).min(axis=0) - 1, 1)
        return np.asarray(np.where(parts > 0, whole**2 / np.where(parts > 0, parts, 1.0), fewest))

    @property
    def statistic(self) -> Floats:
        """The studentised difference, (b,): 0 where nothing differs, infinite where nothing varies."""
        difference, error = self.difference, self.standard_error
        flat = np.abs(difference) < SAME
        ratio = difference / np.where(error > 0, error, np.where(np.isnan(error), np.nan, 1.0))
        return np.where(flat, 0.0, np.where(error == 0, np.where(difference > 0, np.inf, -np.inf), ratio))


def as_observed(cells: Cells) -> Arrangement:
    """Return the one arrangement that was observed."""
    straight = cells.times[None, :].astype(np.float64)
    first, second = (n[None, :].astype(np.float64) for n in (cells.free_before, cells.free_after))
    return Arrangement(straight=straight, swapped=np.zeros_like(straight), first=first, second=second)


def counts(cells: Cells, drawn: Arrangement) -> tuple[Floats, Floats]:
    """Return how often each kind occurs before and after, weighted: two (b, u)."""
    after = (
        (cells.after, drawn.straight * cells.weight),
        (cells.before, drawn.swapped * cells.weight),
        (cells.kind, drawn.second * cells.free_weight),
    )
    return _counts_before(cells, drawn), scattered(after, len(drawn), cells.n_kinds)


def _counts_before(cells: Cells, drawn: Arrangement) -> Floats:
    before = (
        (cells.before, drawn.straight * cells.weight),
        (cells.after, drawn.swapped * cells.weight),
        (cells.kind, drawn.first * cells.free_weight),
    )
    return scattered(before, len(drawn), cells.n_kinds)


def scattered(parts: tuple[tuple[Positions, Floats], ...], b: int, u: int) -> Floats:
    """Add up amounts (b, c) by their kinds (c,): (b, u)."""
    row = np.arange(b, dtype=np.int64)[:, None] * u
    out = np.zeros(b * u)
    for kinds, amount in parts:
        if kinds.size:
            out += np.bincount((row + kinds).ravel(), weights=amount.ravel(), minlength=b * u)
    return out.reshape(b, u)


def differences(cells: Cells, scorer: Scorer, drawn: Arrangement) -> Differences:
    """Return the values of both rounds and the standard error of their difference for every arrangement."""
    parts = [_differences(cells, scorer, drawn.part(rows)) for rows in row_blocks(len(drawn), cells.width)]
    return Differences(
        before=np.concatenate([p.before for p in parts]),
        after=np.concatenate([p.after for p in parts]),
        variances=np.concatenate([p.variances for p in parts], axis=1),
        sizes=np.concatenate([p.sizes for p in parts], axis=1),
    )


def _differences(cells: Cells, scorer: Scorer, drawn: Arrangement) -> Differences:
    whole = np.sum(counts(cells, as_observed(cells)), axis=0)
    first = _counts_before(cells, drawn)
    second = whole - first  # every label set is in one of the rounds
    left, right = scorer.scores(first), scorer.scores(np.where(second < SAME, 0.0, second))
    spreads = _spreads(cells, drawn, scorer.used, left, right)
    return Differences(
        before=left.value,
        after=right.value,
        variances=np.stack([variance for variance, _ in spreads]),
        sizes=np.stack([n for _, n in spreads]),
    )


def _spreads(
    cells: Cells, drawn: Arrangement, used: npt.NDArray[np.bool_], left: Scores, right: Scores
) -> tuple[tuple[Floats, Floats], ...]:
    """Return variance and size of the shared items, which vary with both label sets, and of the free ones."""
    a, b, f = cells.before, cells.after, cells.kind
    straight = cells.weight * (right.slope[:, b] - left.slope[:, a])
    swapped = cells.weight * (right.slope[:, a] - left.slope[:, b])
    shared = np.asarray(used[a] | used[b], dtype=np.float64)
    free = used[f].astype(np.float64)
    return (
        _spread(((drawn.straight * shared, straight), (drawn.swapped * shared, swapped))),
        _spread(((drawn.first * free, cells.free_weight * left.slope[:, f]),)),
        _spread(((drawn.second * free, cells.free_weight * right.slope[:, f]),)),
    )


def _spread(parts: tuple[tuple[Floats, Floats], ...]) -> tuple[Floats, Floats]:
    """Return the variance of a sum over n items, and n; `parts` hold (times, value), each (b, .).

    That is n / (n - 1) times the sum of squares around the mean; a lone item varies around 0.
    """
    n = np.sum([times.sum(axis=1) for times, _ in parts], axis=0)
    total = np.sum([(times * value).sum(axis=1) for times, value in parts], axis=0)
    squares = np.sum([(times * value**2).sum(axis=1) for times, value in parts], axis=0)
    around = np.maximum(squares - total**2 / np.maximum(n, 1), 0.0)
    return np.where(n > 1, n / np.maximum(n - 1, 1) * around, squares), n


def resampled(cells: Cells, scorer: Scorer, n_resamples: int, rng: np.random.Generator) -> Floats:
    """Return the difference in samples of items drawn with replacement, (b,): shared items jointly, others apart."""
    out = np.empty(n_resamples)
    for rows in row_blocks(n_resamples, cells.width):
        size = rows.stop - rows.start
        straight, first, second = (
            _multinomial(times, size, rng) for times in (cells.times, cells.free_before, cells.free_after)
        )
        drawn = Arrangement(straight=straight, swapped=np.zeros_like(straight), first=first, second=second)
        before, after = counts(cells, drawn)
        out[rows] = scorer.values(after) - scorer.values(before)
    return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Redraw:
    """The resamples of a comparison, drawn again from the state of the generator `start`: the same each time."""

    cells: Cells
    scorer: Scorer
    n: int
    start: np.random.Generator

    def differences(self) -> Floats:
        """Return the difference in each of the n resamples, (n,)."""
        return resampled(self.cells, self.scorer, self.n, copy.deepcopy(self.start))


def _multinomial(times: Ints, size: int, rng: np.random.Generator) -> Floats:
    n = int(times.sum())
    if n == 0:
        return np.zeros((size, times.size))
    return rng.multinomial(n, times / n, size=size).astype(np.float64)
