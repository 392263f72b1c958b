"""A measured sample: the estimate and how it would change without an item or in another sample of items."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from labelqa.inference.intervals import jackknife_standard_error
from labelqa.reliability import names
from labelqa.reliability.moments import (
    Sums,
    Terms,
    chance_agreement,
    coefficient_value,
    leave_one_out,
    linearised_standard_error,
    observed_agreement,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
CELLS_AT_ONCE = 4_000_000  # numbers of a block of resamples held in memory
CELLS_IN_CACHE = 65_536  # of a block that is drawn and summed while it is still in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A coefficient, what it is made of, and its analytic standard error (nan, with the reason, where undefined)."""

    value: float
    observed: float
    expected: float
    standard_error: float
    no_error_because: str | None = None


class Sample(Protocol):
    """What inference needs of a measured sample of items."""

    def estimate(self) -> Estimate:
        """Return the coefficient on all items."""

    def leave_one_out(self) -> tuple[Floats, Ints]:
        """Return the estimate without one item of each kind (p,), and the number of items of each kind (p,)."""

    def resample(self, n_resamples: int, rng: np.random.Generator) -> Floats:
        """Return the estimate in samples of n items drawn with replacement, (b,)."""


def blocks(n_resamples: int, width: int, cells: int = CELLS_AT_ONCE) -> Iterator[int]:
    """Yield sizes of blocks of resamples so that block size x `width` stays within `cells`."""
    size = max(1, cells // max(width, 1))
    for first in range(0, n_resamples, size):
        yield min(size, n_resamples - first)


@dataclass(frozen=True, slots=True, eq=False)
class PatternSample:
    """Sample of count patterns under weights that do not depend on the data."""

    terms: Terms

    def estimate(self) -> Estimate:
        """Return the coefficient on all items."""
        terms, sums = self.terms, self.terms.sums()
        value = float(coefficient_value(terms.coefficient, sums, terms.k, terms.weight_total))
        return Estimate(
            value=value,
            observed=float(observed_agreement(terms.coefficient, sums)),
            expected=float(chance_agreement(terms.coefficient, sums, terms.k, terms.weight_total)),
            standard_error=math.nan if math.isnan(value) else linearised_standard_error(terms),
            no_error_because=names.ONE_ITEM,
        )

    def leave_one_out(self) -> tuple[Floats, Ints]:
        """Return the estimate without one item of each kind, and the items of each kind."""
        used = self._used()
        return leave_one_out(self.terms)[used], self.terms.multiplicity[used]

    def resample(self, n_resamples: int, rng: np.random.Generator) -> Floats:
        """Return the estimate in samples of n items drawn with replacement, (b,)."""
        times = np.where(self._used(), self.terms.multiplicity, 0)
        n = int(times.sum())
        sizes = blocks(n_resamples, times.size, CELLS_IN_CACHE)
        columns = self._columns()
        return np.concatenate([self._values(rng.multinomial(n, times / n, size=size), columns) for size in sizes])

    def _used(self) -> npt.NDArray[np.bool_]:
        """Items that count: those with a label, for alpha those with two."""
        return self.terms.mass > 0

    def _columns(self) -> Floats | None:
        """Return what a pattern adds to each sum, (p, 3 + k), for one matrix product; None where that is too large."""
        terms = self.terms
        p = terms.mass.size
        if p * terms.k > CELLS_AT_ONCE:
            return None
        out = np.zeros((p, 3 + terms.k))
        out[:, 0], out[:, 1], out[:, 2] = terms.observed, terms.usable, terms.mass
        out[terms.rows.row, 3 + terms.rows.classes] = terms.unit
        return out

    def _values(self, draws: Ints, columns: Floats | None) -> Floats:
        terms, times = self.terms, draws.astype(np.float64)
        if columns is None:
            shares = np.array([terms.class_sums(draw) for draw in times])
            observed, usable, mass = times @ terms.observed, times @ terms.usable, times @ terms.mass
        else:
            totals = times @ columns
            observed, usable, mass, shares = totals[:, 0], totals[:, 1], totals[:, 2], totals[:, 3:]
        form = (shares * terms.chance_weights.apply(shares)).sum(axis=1)
        sums = Sums(observed=observed, usable=usable, mass=mass, form=form)
        return coefficient_value(terms.coefficient, sums, terms.k, terms.weight_total)


def standard_error_of(sample: Sample) -> float:
    """Return the delete-one-item jackknife standard error of a sample; nan where a leave-out value is undefined."""
    values, times = sample.leave_one_out()
    return jackknife_standard_error(values, times)
