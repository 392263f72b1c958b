"""From the variance of one item to the width, the power and the size of a study.

Letters: n items; v the variance per item (standard error squared times n).

References
----------
Cantor, A. B. (1996). Sample-size calculations for Cohen's kappa. Psychol. Methods 1, 150-153, eq. 2.
Donner, A. & Eliasziw, M. (1992). A goodness-of-fit approach to inference procedures for the kappa statistic. Stat. Med.
11, 1511-1519 (the same question for equal margins). Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, ch. 6.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

MOST_ITEMS = 10**9
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """What a plan knows about sizes.

    Attributes
    ----------
    goal : {"width", "threshold", "change"}
        What the study is for.
    asked : float
        Width of the two-sided interval, threshold, or change.
    confidence, power : float
        Level of the interval or test (one-sided for a threshold), and probability to succeed.
    gap : float
        Distance between the value and the threshold, or the change.
    variance : float
        v at the value.
    other_variance : float or None
        v where the coefficient is at the threshold, or in the second round (change); None: as at the value.
    correlation : float
        Between the two rounds' contributions of one item (change).
    by_null : bool
        Whether the test takes the standard error of the null hypothesis (Cantor), not the interval's own.
    """

    goal: str
    asked: float
    confidence: float
    power: float
    gap: float
    variance: float
    other_variance: float | None = None
    correlation: float = 0.0
    by_null: bool = False

    def width_at(self, n: int) -> float:
        """Return the full width of the two-sided t interval that `n` items give."""
        from scipy.special import stdtrit

        if n < 2:
            return math.inf
        return float(2 * stdtrit(n - 1, 0.5 + self.confidence / 2) * math.sqrt(self.variance / n))

    def power_at(self, n: int, *, paired: bool = False) -> float:
        """Return the probability that `n` items (a round) show what is asked; nan for a width."""
        from scipy.special import ndtr, ndtri

        if self.goal == "width" or n < 2:
            return math.nan if self.goal == "width" else 0.0
        if self.goal == "threshold":
            return float(ndtr((self.gap - self._margin(n)) * math.sqrt(n / self.variance)))
        spread = self._spread(self.correlation if paired else 0.0)
        return float(ndtr(self.gap * math.sqrt(n / spread) - float(ndtri(0.5 + self.confidence / 2))))

    def smallest(self, *, paired: bool = False) -> int | None:
        """Return the smallest number of items (a round) that suffices; None beyond a billion."""
        if self.goal == "width":
            return smallest_number(lambda n: self.width_at(n) <= self.asked * (1 + ROUNDING))
        return smallest_number(lambda n: self.power_at(n, paired=paired) >= self.power - ROUNDING)

    @property
    def formula(self) -> str:
        """The formula in one line."""
        if self.goal == "width":
            return "2 t_(n-1) sqrt(v/n) <= width"
        if self.goal == "change":
            return "n = ((z + z_power) / change)^2 (v1 + v2 - 2 r sqrt(v1 v2)), two-sided"
        if self.by_null and self.other_variance is not None:
            return "n = ((z sqrt(v_null) + z_power sqrt(v)) / gap)^2, one-sided (Cantor 1996)"
        at_margin = "v" if self.other_variance is None else "v_margin"
        return f"n = ((t_(n-1) sqrt({at_margin}) + z_power sqrt(v)) / gap)^2, one-sided"

    def _margin(self, n: int) -> float:
        """Return how far beyond the threshold an estimate must lie for the test to succeed."""
        from scipy.special import ndtri, stdtrit

        null = self.variance if self.other_variance is None else self.other_variance
        if self.by_null and self.other_variance is not None:
            return float(ndtri(self.confidence)) * math.sqrt(null / n)
        # x = t sqrt(v(x)/n), v(x) moving in a line from the threshold (x = 0) to the value (x = gap)
        scale = float(stdtrit(n - 1, self.confidence)) ** 2 / n
        slope = scale * (self.variance - null) / self.gap
        return (slope + math.sqrt(slope**2 + 4 * scale * null)) / 2

    def _spread(self, correlation: float) -> float:
        other = self.variance if self.other_variance is None else self.other_variance
        return self.variance + other - 2 * correlation * math.sqrt(self.variance * other)


def smallest_number(enough: Callable[[int], bool]) -> int | None:
    """Return the smallest whole number from 2 on that is enough, where more than enough is enough too."""
    high = 2
    while not enough(high):
        high *= 2
        if high > MOST_ITEMS:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
