"""A measured sample: the estimate and how it would change without an item or in another sample of items."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from labelqa.errors import check_choice
from labelqa.inference.intervals import (
    ConfidenceInterval,
    check_level,
    check_resamples,
    jackknife_standard_error,
    percentile_interval,
    t_interval,
    undefined_interval,
)
from labelqa.reliability import names
from labelqa.reliability.moments import (
    CELLS_AT_ONCE,
    Terms,
    chance_agreement,
    coefficient_value,
    leave_one_out,
    linearised_standard_error,
    observed_agreement,
    sums_of,
    unit_table,
)

if TYPE_CHECKING:
    from labelqa.reliability.moments import UnitTable

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
CELLS_IN_CACHE = 65_536  # of a block that is drawn and summed while it is still in the processor's cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A coefficient, what it is made of, and its analytic standard error (nan, with the reason, where undefined)."""

    value: float
    observed: float
    expected: float
    standard_error: float
    no_error_because: str | None = None


class Resampled(Protocol):
    """A figure as a function of its items: what its inference needs."""

    def leave_one_out(self) -> tuple[Floats, Ints]:
        """Return the figure without one item of each kind (p,), and the number of items of each kind (p,)."""

    def resample(self, n_resamples: int, rng: np.random.Generator) -> Floats:
        """Return the figure in samples of n items drawn with replacement, (b,)."""


class Sample(Resampled, Protocol):
    """A measured sample of items: a coefficient with its inference."""

    def estimate(self) -> Estimate:
        """Return the coefficient on all items."""


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
        units = unit_table(self.terms)
        sizes = blocks(n_resamples, max(times.size, self.terms.k), CELLS_IN_CACHE)
        return np.concatenate([self._values(rng.multinomial(n, times / n, size=size), units) for size in sizes])

    def _used(self) -> npt.NDArray[np.bool_]:
        """Items that count: those with a label, for alpha those with two."""
        return self.terms.mass > 0

    def _values(self, draws: Ints, units: UnitTable) -> Floats:
        sums, _ = sums_of(self.terms, draws.astype(np.float64), units)
        return coefficient_value(self.terms.coefficient, sums, self.terms.k, self.terms.weight_total)


def standard_error_of(sample: Resampled) -> float:
    """Return the delete-one-item jackknife standard error of a sample; nan where a leave-out value is undefined."""
    return jackknife_standard_error(*sample.leave_one_out())


@dataclass(frozen=True, slots=True)
class Asked:
    """Which interval is asked for; `n_resamples` and `rng` are those of a bootstrap."""

    level: float
    method: str
    n_resamples: int
    rng: int | np.random.Generator

    def check(self, methods: tuple[str, ...]) -> None:
        """Raise :class:`ParameterError` unless the level and the number of resamples make sense, and `methods` fit."""
        check_level(self.level)
        check_choice("method", self.method, methods)
        if self.method == "bootstrap":
            check_resamples(self.n_resamples)

    @property
    def is_repeatable(self) -> bool:
        """Whether asking twice gives the same interval: a generator goes on."""
        return isinstance(self.rng, int)


Known = dict[Asked, ConfidenceInterval]  # intervals that were asked for before


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inference:
    """What the intervals of one estimate are made of.

    Attributes
    ----------
    estimate : float
        The estimate.
    sample : Resampled or None
        Its items.
    no_interval_because : str or None
        Why it has no interval.
    standard_error : float or None
        The error of a t interval; by default the jackknife's.
    degrees : int or None
        Degrees of freedom of a t interval; by default one less than the items.
    """

    estimate: float
    sample: Resampled | None
    no_interval_because: str | None = None
    standard_error: float | None = None
    degrees: int | None = None


def sample_interval(of: Inference, asked: Asked, known: Known) -> ConfidenceInterval:
    """Return the interval of an estimate over its items: percentiles of resamples, or Student t.

    It is nan with a reason where there is none. What is in `known` is not computed again.
    """
    if not asked.is_repeatable:
        return _interval(of, asked)
    if asked not in known:
        known[asked] = _interval(of, asked)
    return known[asked]


def _interval(of: Inference, asked: Asked) -> ConfidenceInterval:
    if of.no_interval_because is not None or of.sample is None:
        return undefined_interval(asked.level, asked.method, of.no_interval_because or names.UNKNOWN_ITEMS)
    if asked.method == "bootstrap":
        drawn = of.sample.resample(asked.n_resamples, np.random.default_rng(asked.rng))
        return percentile_interval(drawn, asked.level)
    error, degrees = of.standard_error, of.degrees
    if error is None or degrees is None:
        values, times = of.sample.leave_one_out()
        error = jackknife_standard_error(values, times) if error is None else error
        degrees = int(times.sum()) - 1 if degrees is None else degrees
    if math.isnan(error):
        return undefined_interval(asked.level, asked.method, names.LEAVE_ONE_OUT_UNDEFINED)
    return t_interval(of.estimate, error, level=asked.level, degrees=degrees, method=asked.method)
