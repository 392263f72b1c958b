"""A coefficient and its linearised terms as functions of how often each kind of label set occurs.

Everything about two rounds (their difference, its error, resamples, permutations) is read off the counts of kinds in
the one round and in the other. So the coefficient is written here for many count vectors at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from labelqa.counts.sparse import ClassCounts
from labelqa.reliability.moments import (
    TINY,
    Sums,
    Terms,
    chance_agreement,
    coefficient_value,
    make_terms,
)
from labelqa.reliability.names import KRIPPENDORFF
from labelqa.reliability.rank import RankSample, rank_weights
from labelqa.reliability.samples import CELLS_AT_ONCE
from labelqa.reliability.weights import Weights

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
MOSTLY_EMPTY = 16  # cells an entry from which the sparse product is the faster one


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
        return self._value(self._sums(times)[0])

    def scores(self, times: Floats) -> Scores:
        """Return the coefficient and its slopes for each row of counts."""
        terms = self.terms
        sums, weighted = self._sums(times)
        value = self._value(sums)
        expected = np.asarray(chance_agreement(terms.coefficient, sums, terms.k, terms.weight_total))
        room = np.where(1 - expected > TINY, 1 - expected, np.nan)
        mass, usable = (np.where(s > 0, s, np.nan) for s in (sums.mass, sums.usable))
        n = times @ self.used.astype(np.float64)
        column = _Columns(*(x[:, None] for x in (value, expected, room, mass, usable, np.where(n > 0, n, np.nan))))
        if terms.coefficient == KRIPPENDORFF:
            linear = self._alpha(column, sums, weighted)
        else:
            linear = self._kappa(column, weighted) - column.value
        return Scores(value=value, slope=np.where(self.used, linear / column.n, 0.0))

    def _kappa(self, at: _Columns, weighted: Floats) -> Floats:
        terms = self.terms
        g = at.n / at.usable * (terms.observed - at.expected * (terms.labels >= 2)) / at.room
        if terms.coefficient in ("percent_agreement", "brennan_prediger"):  # chance does not depend on the data
            return np.asarray(g)
        chance = self._cross(weighted) / at.mass
        if terms.coefficient == "gwet_ac":
            chance = terms.weight_total / (terms.k * (terms.k - 1)) * (1 - chance) if terms.k > 1 else chance * 0 + 1
        return np.asarray(g - 2 * (1 - at.value) * (chance - at.expected) / at.room)

    def _alpha(self, at: _Columns, sums: Sums, weighted: Floats) -> Floats:
        terms = self.terms
        mean_labels = at.usable / at.n
        agreement = sums.observed[:, None] / at.usable  # p'_a, before the small-sample correction
        value = (agreement - at.expected) / at.room
        unequal = (terms.labels - mean_labels) / mean_labels
        a = terms.observed / mean_labels - agreement * unequal
        e = self._cross(weighted) / at.mass / mean_labels - at.expected * unequal
        linear = (a - at.expected) / at.room - 2 * (1 - value) * (e - at.expected) / at.room - value
        return np.asarray(linear * (1 - 1 / at.usable) if self.corrected else linear)

    def _value(self, sums: Sums) -> Floats:
        return coefficient_value(self.terms.coefficient, sums, self.terms.k, self.terms.weight_total)

    def _sums(self, times: Floats) -> tuple[Sums, Floats]:
        """Return the sums of each sample and W S, (b, k)."""
        terms = self.terms
        shares = times @ self._units() if self._is_small() else np.asarray((self._sparse_units().T @ times.T).T)
        weighted = terms.chance_weights.apply(shares)
        sums = Sums(
            observed=times @ terms.observed,
            usable=times @ terms.usable,
            mass=times @ terms.mass,
            form=(shares * weighted).sum(axis=1),
        )
        return sums, weighted

    def _cross(self, weighted: Floats) -> Floats:
        """Return u_i' W S of every kind in every sample, (b, u)."""
        if self._is_small():
            return np.asarray(weighted @ self._units().T)
        return np.asarray((self._sparse_units() @ weighted.T).T)

    def _is_small(self) -> bool:
        """Whether a full table of kinds by classes is no slower than one of the classes that occur."""
        cells = len(self.terms.rows) * self.terms.k
        return cells <= min(CELLS_AT_ONCE, MOSTLY_EMPTY * self.terms.unit.size)

    def _sparse_units(self) -> csr_array:
        from scipy.sparse import csr_array  # only where there are many classes

        terms = self.terms
        shape = (len(terms.rows), terms.k)
        return csr_array((terms.unit, terms.rows.classes, terms.rows.start), shape=shape)

    def _units(self) -> Floats:
        terms = self.terms
        unit = np.zeros((len(terms.rows), terms.k))
        unit[terms.rows.row, terms.rows.classes] = terms.unit
        return unit


@dataclass(frozen=True, slots=True)
class _Columns:
    """Numbers of each sample, (b, 1)."""

    value: Floats
    expected: Floats
    room: Floats
    mass: Floats
    usable: Floats
    n: Floats


@dataclass(frozen=True, slots=True, eq=False)
class RankScorer:
    """Coefficients under rank weights, which depend on the sample; slopes are those of the exact jackknife."""

    coefficient: str
    kinds: ClassCounts

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which kinds enter at all, (u,)."""
        unweighted = np.ones(len(self.kinds), dtype=np.int64)
        return np.asarray(self._terms(unweighted).mass > 0)

    def values(self, times: Floats) -> Floats:
        """Return the coefficient for each row of counts, (b,)."""
        out = np.empty(len(times))
        for i, row in enumerate(times):
            terms = self._terms(row)
            out[i] = coefficient_value(self.coefficient, terms.sums(), terms.k, terms.weight_total)
        return out

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

    def _terms(self, times: npt.NDArray[np.generic]) -> Terms:
        weights = rank_weights(self.kinds, times)  # type: ignore[arg-type]  # counts, whole or not
        return make_terms(self.coefficient, self.kinds, times, weights)  # type: ignore[arg-type]


def pattern_scorer(coefficient: str, kinds: ClassCounts, weights: Weights, *, corrected: bool = False) -> PatternScorer:
    """Return the scorer of a coefficient that ignores who labeled."""
    once = np.ones(len(kinds), dtype=np.int64)
    return PatternScorer(make_terms(coefficient, kinds, once, weights), corrected)


def row_blocks(n_rows: int, width: int) -> Iterator[slice]:
    """Yield slices of `n_rows` rows so that rows x `width` numbers stay in memory."""
    size = max(1, CELLS_AT_ONCE // max(width, 1))
    for first in range(0, n_rows, size):
        yield slice(first, min(first + size, n_rows))
