"""One round whose items carry weights: its estimate, error and resamples."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from labelqa.reliability import names
from labelqa.reliability.comparison.inference import scattered
from labelqa.reliability.comparison.scores import PatternScorer, Scorer, row_blocks
from labelqa.reliability.moments import chance_agreement, observed_agreement
from labelqa.reliability.samples import Estimate

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeightedSample:
    """Items with weights; c cells of items alike (Hajek: only ratios of weights matter).

    Attributes
    ----------
    scorer : Scorer
        The coefficient.
    kind : int (c,)
        Kind of label set of each cell.
    weight, times : (c,)
        Weight of each item and number of items.
    n_kinds : int
        Kinds u.
    """

    scorer: Scorer
    kind: npt.NDArray[np.intp]
    weight: Floats
    times: Ints
    n_kinds: int

    @property
    def n(self) -> int:
        """Items that enter."""
        return int(self._used().sum())

    def estimate(self) -> Estimate:
        """Return the coefficient on all items."""
        times = self._counts(self.times[None, :])
        found = self.scorer.scores(times)
        squares = float(self._used() @ (self.weight * found.slope[0][self.kind]) ** 2)
        error = math.sqrt(self.n / (self.n - 1) * squares) if self.n > 1 else math.nan
        observed, expected = self._parts(times[0])
        return Estimate(
            value=float(found.value[0]),
            observed=observed,
            expected=expected,
            standard_error=error,
            no_error_because=names.ONE_ITEM,
        )

    def leave_one_out(self) -> tuple[Floats, Ints]:
        """Return the estimate without one item of each cell, and the items of each cell."""
        whole = self._counts(self.times[None, :])
        at = np.flatnonzero(self._used())
        out = np.empty(at.size)
        for rows in row_blocks(at.size, self.n_kinds):
            without = np.repeat(whole, rows.stop - rows.start, axis=0)
            without[np.arange(len(without)), self.kind[at[rows]]] -= self.weight[at[rows]]
            out[rows] = self.scorer.values(without)
        return out, self.times[at]

    def resample(self, n_resamples: int, rng: np.random.Generator) -> Floats:
        """Return the estimate in samples of n items drawn with replacement, (b,)."""
        used = self._used()
        out = np.empty(n_resamples)
        for rows in row_blocks(n_resamples, self.n_kinds + self.kind.size):
            drawn = rng.multinomial(int(used.sum()), used / used.sum(), size=rows.stop - rows.start)
            out[rows] = self.scorer.values(self._counts(drawn))
        return out

    def _used(self) -> Ints:
        return np.asarray(np.where(self.scorer.used[self.kind], self.times, 0))

    def _counts(self, times: npt.NDArray[np.integer]) -> Floats:
        """Return the weighted counts of kinds for each row of items per cell: (b, u)."""
        return scattered(((self.kind, times * self.weight),), len(times), self.n_kinds)

    def _parts(self, times: Floats) -> tuple[float, float]:
        """Return observed and chance agreement where the coefficient is made of two numbers."""
        if not isinstance(self.scorer, PatternScorer):
            return math.nan, math.nan
        terms = replace(self.scorer.terms, multiplicity=times)  # type: ignore[arg-type]  # weighted, so not whole
        sums = terms.sums()
        expected = chance_agreement(terms.coefficient, sums, terms.k, terms.weight_total)
        return float(observed_agreement(terms.coefficient, sums)), float(expected)
