"""A coefficient and its linearised terms as functions of how often each kind of label set occurs.

Everything about two rounds (their difference, its error, resamples, permutations) is read off the counts of kinds in
the one round and in the other. So a scorer gives the coefficient for many count vectors at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from labelqa.counts.sparse import ClassCounts
from labelqa.reliability.moments import CELLS_AT_ONCE, Terms, coefficient_value, linearised, make_terms, sums_of
from labelqa.reliability.rank import RankSample
from labelqa.reliability.weights import Weights

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """Values of a coefficient in b samples, and what one more unit of weight on each of u kinds would change.

    Attributes
    ----------
    value : float64 (b,)
        The coefficient; nan where undefined.
    slope : float64 (b, u)
        ``(g*_i - g) / n``: zero for kinds that do not enter.
    """

    value: Floats
    slope: Floats


class Scorer(Protocol):
    """A coefficient as a function of the counts of u kinds of label sets."""

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which kinds enter at all, (u,)."""

    def values(self, times: Floats) -> Floats:
        """Return the coefficient for each row of counts (b, u): (b,)."""

    def scores(self, times: Floats) -> Scores:
        """Return the coefficient and its slopes for each row of counts (b, u)."""


@dataclass(frozen=True, slots=True, eq=False)
class PatternScorer:
    """Coefficients that ignore who labeled, under weights that do not depend on the data.

    `corrected`: the slopes of alpha carry the small-sample factor 1 - eps of their sample (Gwet 2016).
    """

    terms: Terms
    corrected: bool = False

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which kinds enter at all, (u,)."""
        return np.asarray(self.terms.mass > 0)

    def values(self, times: Floats) -> Floats:
        """Return the coefficient for each row of counts, (b,)."""
        sums, _ = sums_of(self.terms, times)
        return coefficient_value(self.terms.coefficient, sums, self.terms.k, self.terms.weight_total)

    def scores(self, times: Floats) -> Scores:
        """Return the coefficient and its slopes for each row of counts."""
        value, slope = linearised(self.terms, times, corrected=self.corrected)
        return Scores(value=value, slope=slope)


@dataclass(frozen=True, slots=True, eq=False)
class RankScorer:
    """Coefficients under rank weights, which depend on the sample; slopes are those of the exact jackknife."""

    coefficient: str
    kinds: ClassCounts

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which kinds enter at all, (u,)."""
        return self._once().used

    def values(self, times: Floats) -> Floats:
        """Return the coefficient for each row of counts, (b,)."""
        sample = self._once()
        return np.array([sample.value(row) for row in times])

    def scores(self, times: Floats) -> Scores:
        """Return the coefficient and its slopes for each row of counts."""
        slope = np.zeros_like(times)
        for i, row in enumerate(times):
            slope[i] = self._jackknife(row)
        return Scores(value=self.values(times), slope=slope)

    def _jackknife(self, times: Floats) -> Floats:
        present = np.flatnonzero(self.used & (times > 0))
        if not present.size:
            return np.full(times.size, np.nan)
        sample = RankSample(self.coefficient, self.kinds.take(present), times[present])  # type: ignore[arg-type]
        without, _ = sample.leave_one_out()
        n = float(times[present].sum())
        out = np.zeros(times.size)
        out[present] = (n - 1) / n * (float(without @ times[present]) / n - without)
        return out

    def _once(self) -> RankSample:
        return RankSample(self.coefficient, self.kinds, np.ones(len(self.kinds), dtype=np.int64))


def pattern_scorer(coefficient: str, kinds: ClassCounts, weights: Weights, *, corrected: bool = False) -> PatternScorer:
    """Return the scorer of a coefficient that ignores who labeled."""
    once = np.ones(len(kinds), dtype=np.int64)
    return PatternScorer(make_terms(coefficient, kinds, once, weights), corrected)


def row_blocks(n_rows: int, width: int) -> Iterator[slice]:
    """Yield slices of `n_rows` rows so that rows x `width` numbers stay in memory."""
    size = max(1, CELLS_AT_ONCE // max(width, 1))
    for first in range(0, n_rows, size):
        yield slice(first, min(first + size, n_rows))
