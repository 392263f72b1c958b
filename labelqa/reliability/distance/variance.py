"""Analysis of variance of a complete table, items by annotators, and the intraclass correlations read off it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ROUNDING = 1e-14  # a mean square below this share of the largest is zero


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanSquares:
    """Mean squares of n items by k annotators.

    Attributes
    ----------
    n, k : int
        Items and annotators.
    items, annotators, rest : float
        Two-way mean squares: between items, between annotators, residual.
    within : float
        One-way mean square within items.
    """

    n: int
    k: int
    items: float
    annotators: float
    rest: float
    within: float

    def estimate(self, form: str) -> float:
        """Return the intraclass correlation of `form`; nan where there is no variance to compare with."""
        n, k = self.n, self.k
        error, extra = self._error(form), (self.annotators - self.rest) / n if form[4] == "2" else 0.0
        room = self.items + extra if form[6] == "k" else self.items + (k - 1) * error + k * extra
        return (self.items - error) / room if room > 0 else math.nan

    def test(self, form: str) -> tuple[float, float, float, float]:
        """Return F, its degrees of freedom and the p-value of no correlation; nan where nothing varies."""
        error, df1, df2 = self._error(form), self.n - 1, self.degrees(form)
        if error == 0:
            return (math.inf, df1, df2, 0.0) if self.items > 0 else (math.nan, df1, df2, math.nan)
        from scipy.special import fdtrc  # needed for p-values only

        ratio = self.items / error
        return ratio, df1, df2, float(fdtrc(df1, df2, ratio))

    def has_test(self, form: str) -> bool:
        """Whether there is variance to divide by or to be divided: else neither F nor an interval exists."""
        return self.items > 0 or self._error(form) > 0

    def degrees(self, form: str) -> int:
        """Return the degrees of freedom of the error of `form`."""
        return self.n * (self.k - 1) if form[4] == "1" else (self.n - 1) * (self.k - 1)

    def _error(self, form: str) -> float:
        return self.within if form[4] == "1" else self.rest


def mean_squares(matrix: npt.NDArray[np.float64]) -> MeanSquares:
    """Return the mean squares of a complete matrix (n, k), n and k at least 2."""
    n, k = matrix.shape
    centred = matrix - matrix.mean()
    rows, columns = centred.mean(axis=1), centred.mean(axis=0)
    residual = centred - rows[:, None] - columns
    items = k * float(rows @ rows) / (n - 1)
    annotators = n * float(columns @ columns) / (k - 1)
    rest = float((residual**2).sum()) / ((n - 1) * (k - 1))
    within = float(((centred - rows[:, None]) ** 2).sum()) / (n * (k - 1))
    floor = ROUNDING * max(items, annotators, rest, within)
    clean = [0.0 if square <= floor else square for square in (items, annotators, rest, within)]
    return MeanSquares(n=n, k=k, items=clean[0], annotators=clean[1], rest=clean[2], within=clean[3])


def f_interval(squares: MeanSquares, form: str, level: float) -> tuple[float, float]:
    """Return the interval of an intraclass correlation from quantiles of F.

    References
    ----------
    McGraw, K. O. & Wong, S. P. (1996), tables 7 and 8; for ICC(2,k) by the Spearman-Brown formula.
    """
    if form[4] == "2":
        low, high = _absolute(squares, level)
        return (low, high) if form[6] == "1" else (_stepped_up(low, squares.k), _stepped_up(high, squares.k))
    ratio, df1, df2, _ = squares.test(form)
    if math.isinf(ratio):
        return 1.0, 1.0
    below, above = ratio / _quantile(df1, df2, level), ratio * _quantile(df2, df1, level)
    if form[6] == "k":
        return (1 - 1 / below if below else -math.inf), (1 - 1 / above if above else -math.inf)
    return (below - 1) / (below + squares.k - 1), (above - 1) / (above + squares.k - 1)


def _absolute(squares: MeanSquares, level: float) -> tuple[float, float]:
    """Return the interval of ICC(2,1), degrees of freedom by Satterthwaite."""
    n, k = squares.n, squares.k
    icc = squares.estimate("ICC(2,1)")
    if icc >= 1:
        return 1.0, 1.0
    a = k * icc / (n * (1 - icc))
    b = 1 + k * icc * (n - 1) / (n * (1 - icc))
    one, other = a * squares.annotators, b * squares.rest
    spread = one**2 / (k - 1) + other**2 / ((n - 1) * (k - 1))
    degrees = (one + other) ** 2 / spread if spread > 0 else 1.0
    below, above = _quantile(n - 1, degrees, level), _quantile(degrees, n - 1, level)
    mixed = k * squares.annotators + (k * n - k - n) * squares.rest
    low = n * (squares.items - below * squares.rest) / (below * mixed + n * squares.items)
    high = n * (above * squares.items - squares.rest) / (mixed + n * above * squares.items)
    return low, high


def _stepped_up(single: float, k: int) -> float:
    """Return the reliability of the mean of k ratings, by the Spearman-Brown formula."""
    room = 1 + (k - 1) * single
    return k * single / room if room > 0 else -math.inf


def _quantile(df1: float, df2: float, level: float) -> float:
    from scipy.special import fdtri  # needed for intervals only

    return float(fdtri(df1, max(df2, 1e-3), 0.5 + level / 2))
