"""Count of errors in a population of strata, with an interval that small and rare samples do not break.

The interval inverts tests: a total is left out where a sample as extreme as the one seen has a probability of less than
2.5 %. Under each total the errors lie in the strata as the sample makes most probable (restricted maximum likelihood),
and verdicts are hypergeometric, so that a stratum without errors keeps an upper limit and one that is judged completely
is known.

References
----------
Cochran, W. (1977). Sampling Techniques, 3rd ed., ch. 5. Kabaila, P. & Lloyd, C. (2000). Profile upper confidence limits
from discrete data. Aust. N. Z. J. Stat. 42, 67-79. Coverage: ``python -m tests.bench.error_estimate``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
TAIL = 0.025
BINS = 1000  # of the distribution of the estimated count
STEPS = 60
CLOSE = 2e-3  # of an interval's limit: share of the population's width that is left open


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strata:
    """A sample from h strata.

    Attributes
    ----------
    size, judged, wrong : int64 (h,)
        Rows, rows with a verdict, and those of them that are wrong.
    """

    size: Counts
    judged: Counts
    wrong: Counts

    @property
    def blind(self) -> npt.NDArray[np.bool_]:
        """Strata that hold rows, but no verdict, bool (h,)."""
        return (self.judged == 0) & (self.size > 0)

    @property
    def total(self) -> float:
        """Unbiased number of errors (stratified expansion); nan where a stratum has no verdict."""
        if self.blind.any() or not self.size.sum():
            return math.nan
        return float((self.size * self.wrong / np.maximum(self.judged, 1)).sum())

    def limits(self) -> tuple[float, float]:
        """Return the 95 % interval of the number of errors; strata without a verdict may hold none or only errors."""
        seen = self.judged > 0
        part = Strata(size=self.size[seen], judged=self.judged[seen], wrong=self.wrong[seen])
        hidden = float(self.size[~seen].sum())
        if not seen.any():
            return 0.0, hidden
        return part._lowest(), part._highest() + hidden

    def _lowest(self) -> float:
        least, total = float(self.wrong.sum()), self.total
        return _border(least, total, lambda t: self._tail(t, above=True) < TAIL)

    def _highest(self) -> float:
        most, total = float((self.size - self.judged + self.wrong).sum()), self.total
        return _border(most, total, lambda t: self._tail(t, above=False) < TAIL)

    def _tail(self, total: float, *, above: bool) -> float:
        """Return the probability of a count at least as high (low) as the one seen if `total` rows are wrong."""
        chances = self._chances(self._errors(total))
        worth = self.size / self.judged
        step = float(self.size.sum()) / BINS
        spread = np.zeros(BINS + self.size.size + 2)
        spread[0] = 1.0
        for row, value in zip(chances, worth, strict=True):
            spread = _added(spread, row, value / step)
        here = self.total / step
        slack = 0.5 * self.size.size  # of rounding to bins
        rows = np.arange(spread.size)
        return float(spread[rows >= here - slack].sum() if above else spread[rows <= here + slack].sum())

    def _errors(self, total: float) -> Floats:
        """Return the errors (h,) of the strata that sum to `total` and make the sample most probable."""
        known = np.maximum(self.size - self.judged, 0.5)
        weight = self.size * known / (self.judged * np.maximum(self.size - 1, 1))  # a finite stratum tells more
        seen = self.wrong / self.judged
        least, most = self.wrong / self.size, 1 - (self.judged - self.wrong) / self.size
        low, high = -46.0, 46.0
        for _ in range(STEPS):
            middle = (low + high) / 2
            rates = np.clip(_pulled(seen, weight * math.sinh(middle)), least, most)
            if float((self.size * rates).sum()) > total:
                low = middle
            else:
                high = middle
        return np.asarray(self.size * rates)

    def _chances(self, errors: Floats) -> Floats:
        """Return the probabilities (h, most judged + 1) of the number of wrong verdicts if `errors` (h,) are wrong."""
        whole = np.floor(errors + 1e-9)
        part = np.clip(errors - whole, 0, 1)[:, None]
        above = np.minimum(whole + 1, self.size)
        return np.asarray((1 - part) * self._hypergeometric(whole) + part * self._hypergeometric(above))

    def _hypergeometric(self, errors: Floats) -> Floats:
        from scipy.special import gammaln

        found = np.arange(int(self.judged.max()) + 1, dtype=np.float64)
        bad, good = errors[:, None], (self.size - errors)[:, None]
        size, judged = self.size[:, None].astype(np.float64), self.judged[:, None].astype(np.float64)
        possible = (found <= bad) & (found <= judged) & (judged - found <= good)
        x, y = np.where(possible, found, 0.0), np.where(possible, judged - found, 0.0)

        def ways(of: Floats, taken: Floats) -> Floats:
            return np.asarray(gammaln(of + 1) - gammaln(taken + 1) - gammaln(of - taken + 1))

        logs = ways(bad, np.minimum(x, bad)) + ways(good, np.minimum(y, good)) - ways(size, judged)
        return np.where(possible, np.exp(logs), 0.0)


def _pulled(seen: Floats, pull: Floats) -> Floats:
    """Return the rates p with seen / p - (1 - seen) / (1 - p) = pull, (h,)."""
    root = np.sqrt(np.maximum((1 + pull) ** 2 - 4 * pull * seen, 0.0))
    down = 2 * seen / np.maximum(1 + pull + root, 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        up = (1 + pull - root) / (2 * pull)
    return np.where(1 + pull > 0, down, up)


def _added(spread: Floats, chances: Floats, value: float) -> Floats:
    """Return the distribution over bins of a sum with another number, `value` bins each."""
    out = np.zeros_like(spread)
    for times, chance in enumerate(chances):
        if chance > 1e-12:
            shift = min(round(times * value), out.size - 1)
            out[shift:] += chance * spread[: out.size - shift]
    return out


def _border(outer: float, inner: float, refused: Callable[[float], bool]) -> float:
    """Return where `refused` ends between `outer` and `inner` (never refused), or `outer` where it is not refused."""
    if abs(outer - inner) < 1e-9 or not refused(outer):
        return outer
    while abs(outer - inner) > max(CLOSE * abs(inner), 0.25):
        middle = (outer + inner) / 2
        if refused(middle):
            outer = middle
        else:
            inner = middle
    return outer
