"""How large the excess error of a slice is: interval, correction for having been picked as the best, impact."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.inference.intervals import t_half_width
from labelqa.inference.proportions import wilson
from labelqa.slices.cells import Ints

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Errors inside or outside a slice.

    Attributes
    ----------
    size : int
        Rows.
    rate : float
        Mean error; nan without rows.
    effective : float
        Independent rows that tell as much: fewer where rows of a group are alike.
    variance : float
        Of the error of a row.
    """

    size: int
    rate: float
    effective: float
    variance: float


def side(error: Floats, mask: Mask, groups: Ints | None) -> Side:
    """Return the errors of the rows in `mask`."""
    inside = error[mask]
    size = int(inside.size)
    if not size:
        return Side(size=0, rate=math.nan, effective=0.0, variance=math.nan)
    rate, variance = float(inside.mean()), float(inside.var())
    effect = 1.0 if groups is None else _design_effect(inside - rate, groups[mask])
    return Side(size=size, rate=rate, effective=size / effect, variance=variance)


def _design_effect(residual: Floats, groups: Ints) -> float:
    """Return the variance of the mean with groups drawn as wholes, over that with rows drawn singly; at least 1."""
    _, codes = np.unique(groups, return_inverse=True)
    sums = np.bincount(codes, weights=residual)
    of_rows = float(residual @ residual)
    if sums.size < 2 or of_rows <= 0:
        return residual.size / max(sums.size, 1)
    return max(1.0, float(sums @ sums) / of_rows * sums.size / (sums.size - 1))


def difference_interval(inside: Side, outside: Side, *, shares: bool, level: float) -> tuple[float, float]:
    """Return the interval of the difference of two rates.

    Parameters
    ----------
    inside, outside : Side
        What is compared.
    shares : bool
        Whether errors are 0 or 1: then by Newcombe's method 10, from two Wilson intervals; else by Welch.
    level : float
        Confidence level.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions. Stat. Med. 17,
    873-890, method 10.
    """
    if min(inside.size, outside.size) == 0:
        return math.nan, math.nan
    difference = inside.rate - outside.rate
    if not shares:
        half = _welch_half_width(inside, outside, level)
        return difference - half, difference + half
    n = np.array([inside.effective, outside.effective])
    rates, low, high = wilson(n * np.array([inside.rate, outside.rate]), n, level)
    down = math.hypot(rates[0] - low[0], high[1] - rates[1])
    up = math.hypot(high[0] - rates[0], rates[1] - low[1])
    return difference - down, difference + up


def _welch_half_width(inside: Side, outside: Side, level: float) -> float:
    if min(inside.effective, outside.effective) <= 1:
        return math.nan
    parts = [s.variance / (s.effective - 1) for s in (inside, outside)]
    total = sum(parts)
    if total == 0:
        return 0.0
    spread = sum((p / total) ** 2 / (s.effective - 1) for p, s in zip(parts, (inside, outside), strict=True))
    return t_half_width(math.sqrt(total), level, 1 / spread)


def shrinkage(score: float, threshold: float) -> float:
    """Return the share of an effect that remains when it is known because its score passed `threshold`.

    Half way between the score seen and the one for which the expected score, given that it passes, is the one seen: the
    first is too high, the second too low for effects that pass easily.

    References
    ----------
    Zhong, H. & Prentice, R. L. (2008). Bias-reduced estimators and confidence intervals for odds ratios in genome-wide
    association studies. Biostatistics 9, 621-634. Ghosh, A., Zou, F. & Wright, F. A. (2008). Estimating odds ratios in
    genome scans: an approximate conditional likelihood approach. Am. J. Hum. Genet. 82, 1064-1074 (the compromise).

    Examples
    --------
    >>> round(shrinkage(4.1, 4.0), 2), round(shrinkage(9.0, 4.0), 2)
    (0.5, 1.0)
    """
    if score <= 0:
        return 0.0
    low, high = 0.0, score
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _expected_given_passed(middle, threshold) < score else (low, middle)
    return (1 + low / score) / 2


def _expected_given_passed(mean: float, threshold: float) -> float:
    from scipy.special import log_ndtr

    gap = threshold - mean
    return mean + math.exp(-(gap**2) / 2 - 0.5 * math.log(2 * math.pi) - float(log_ndtr(-gap)))


def hypergeometric_p(errors: int, size: int, all_errors: int, n: int) -> float:
    """Return the probability that `size` rows drawn from n, `all_errors` of them wrong, hold `errors` or more.

    References
    ----------
    Fisher, R. A. (1935). The logic of inductive inference. J. R. Stat. Soc. 98, 39-82.
    """
    from scipy.stats import hypergeom  # slow to import, and needed for the few slices reported

    return float(np.exp(hypergeom.logsf(errors - 1, n, all_errors, size)))


def upper_tail(z: float, skewness: float) -> float:
    """Return the upper tail of the Pearson type III distribution with mean 0, variance 1 and `skewness`.

    References
    ----------
    Mielke, P. W. & Berry, K. J. (2007). Permutation Methods, 2nd ed., section 2.3.
    """
    from scipy.special import gammainc, gammaincc, ndtr

    if not math.isfinite(z):
        return 1.0 if z < 0 else 0.0
    if abs(skewness) < 1e-3:
        return float(ndtr(-z))
    shape = 4 / skewness**2
    at = shape + math.copysign(1.0, skewness) * z * math.sqrt(shape)
    return float(gammaincc(shape, max(at, 0.0)) if skewness > 0 else gammainc(shape, max(at, 0.0)))
