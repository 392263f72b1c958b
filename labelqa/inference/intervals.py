"""Confidence intervals and the quantiles behind them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import ParameterError, Problem, check_whole, is_between
from labelqa.results import Result, as_number, as_percent


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ConfidenceInterval(Result):
    """An interval that covers the true value with probability `level`.

    Attributes
    ----------
    low, high : float
        Limits; nan where undefined.
    level : float
        Nominal coverage, for example 0.95.
    method : {"analytic", "jackknife", "bootstrap"}
        How it was computed.
    standard_error : float
        Standard error behind it; for the bootstrap the standard deviation of the resampled estimates.
    undefined_because : str or None
        Why the limits are nan.
    n_undefined_resamples : int
        Bootstrap resamples in which the estimate was undefined; they are left out of the percentiles.
    """

    low: float
    high: float
    level: float
    method: str
    standard_error: float = math.nan
    undefined_because: str | None = None
    n_undefined_resamples: int = 0

    def to_frame(self) -> pd.DataFrame:
        """Return one row: low, high, level, method, standard_error, reason."""
        row = {
            "low": self.low,
            "high": self.high,
            "level": self.level,
            "method": self.method,
            "standard_error": self.standard_error,
            "reason": self.undefined_because,
        }
        return pd.DataFrame([row])

    def summary(self) -> list[str]:
        """Return the interval in words."""
        following = "  next: low, high = interval, or .to_frame()"
        if self.undefined_because:
            return [f"{as_percent(self.level)} interval undefined", f"  {self.undefined_because}", following]
        head = f"{as_percent(self.level)} interval {as_number(self.low)} to {as_number(self.high)} ({self.method})"
        lost = self.n_undefined_resamples
        lines = [head, f"  standard error {as_number(self.standard_error, 4)}"]
        return [*lines, *([f"  {lost:,} resamples were undefined and left out"] if lost else []), following]

    def __iter__(self) -> Iterator[float]:
        """Unpack as ``low, high = interval``."""
        return iter((self.low, self.high))


def check_level(level: object, parameter: str = "confidence level") -> None:
    """Raise :class:`ParameterError` unless `level` is a number between 0 and 1."""
    if not is_between(level, 0, 1):
        raise ParameterError(
            Problem(
                what=f"{parameter} {level!r} is not a share",
                parameter=parameter,
                value=level,
                allowed=("a number between 0 and 1, for example 0.95",),
            )
        )


def check_resamples(n_resamples: object) -> None:
    """Raise :class:`ParameterError` unless `n_resamples` is a whole number from 2 on."""
    check_whole("n_resamples", n_resamples, 2, what="resamples give no interval", usual="1,000")


def t_half_width(standard_error: float, level: float, degrees: float) -> float:
    """Return the half width t * SE of a Student t interval with `degrees` degrees of freedom."""
    if standard_error == 0:
        return 0.0
    from scipy.special import stdtrit  # 0.1 s to import, and needed only where an interval is

    return float(stdtrit(degrees, 0.5 + level / 2)) * standard_error


def t_interval(
    estimate: float, standard_error: float, *, level: float, degrees: float, method: str
) -> ConfidenceInterval:
    """Return estimate +- t SE, the upper limit capped at 1 (no coefficient of agreement is higher)."""
    half = t_half_width(standard_error, level, degrees)
    return ConfidenceInterval(
        low=estimate - half,
        high=max(min(estimate + half, 1.0), estimate),
        level=level,
        method=method,
        standard_error=standard_error,
    )


def percentile_interval(estimates: npt.NDArray[np.float64], level: float) -> ConfidenceInterval:
    """Return the percentile bootstrap interval of resampled estimates (b,), leaving out undefined ones."""
    defined = estimates[~np.isnan(estimates)]
    if defined.size < 2:
        return undefined_interval(level, "bootstrap", "the estimate was undefined in nearly every resample")
    low, high = np.quantile(defined, [0.5 - level / 2, 0.5 + level / 2])
    return ConfidenceInterval(
        low=float(low),
        high=float(high),
        level=level,
        method="bootstrap",
        standard_error=float(defined.std(ddof=1)),
        n_undefined_resamples=int(estimates.size - defined.size),
    )


def undefined_interval(level: float, method: str, reason: str) -> ConfidenceInterval:
    """Return an interval of nan with its reason."""
    return ConfidenceInterval(low=math.nan, high=math.nan, level=level, method=method, undefined_because=reason)


def jackknife_standard_error(leave_out: npt.NDArray[np.float64], multiplicity: npt.NDArray[np.int64]) -> float:
    """Return the delete-one standard error.

    Parameters
    ----------
    leave_out : float64 (p,)
        Estimate without one item of each pattern; nan where that estimate is undefined.
    multiplicity : int64 (p,)
        Items of each pattern.

    Returns
    -------
    float
        ``sqrt((n-1)/n * sum (theta_i - mean)^2)`` over the n items; nan if any leave-out estimate is undefined.

    References
    ----------
    Efron, B. & Tibshirani, R. (1993). An Introduction to the Bootstrap, eq. 11.5.
    """
    n = int(multiplicity.sum())
    if n < 2:
        return math.nan
    mean = float(leave_out @ multiplicity) / n
    return math.sqrt((n - 1) / n * float((leave_out - mean) ** 2 @ multiplicity))
