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
LEAST_BINS = 2000  # of the distribution of the estimated count
FINE = 100  # bins by root of the number of verdicts, at least: the more verdicts, the narrower the distribution
GRID = 2001  # numbers of errors whose place in the strata is computed; between them it is interpolated
PULL = 40.0  # largest log of the pull on rates: rates are then 0 or 1
CLOSE = 2e-3  # of an interval's limit: share of the population's width that is left open


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strata:
    """A sample from h strata.

    Attributes
    ----------
    size, judged, wrong : int64 (h,)
        Rows, rows with a verdict, and those of them that are wrong.
    chosen : bool (h,)
        Strata that were not sampled, but chosen and judged: they say nothing of the others.
    """

    size: Counts
    judged: Counts
    wrong: Counts
    chosen: npt.NDArray[np.bool_]

    @property
    def total(self) -> float:
        """Unbiased number of errors (stratified expansion); nan where no stratum of several has a verdict.

        A stratum without a verdict is taken to be like the nearest one with verdicts: the limits do not rely on it.
        """
        lenders = np.flatnonzero((self.judged > 0) & ~self.chosen)
        own = self.judged > 0
        if not own.all() and not lenders.size:
            return math.nan
        place = np.arange(self.size.size)
        near = place if own.all() else lenders[np.abs(place[:, None] - lenders).argmin(axis=1)]
        of = np.where(own, place, near)
        return float((self.size * self.wrong[of] / self.judged[of]).sum())

    def limits(self) -> tuple[float, float]:
        """Return the 95 % interval of the number of errors; strata without a verdict may hold none or only errors."""
        seen = self.judged > 0
        hidden = float(self.size[~seen].sum())
        if not seen.any():
            return 0.0, hidden
        test = _Test.of(self.size[seen], self.judged[seen], self.wrong[seen])
        least = float(self.wrong.sum())
        most = float((self.size - self.judged + self.wrong)[seen].sum())
        low = _border(least, test.seen, lambda total: test.chance(total, above=True) < TAIL)
        return low, _border(most, test.seen, lambda total: test.chance(total, above=False) < TAIL) + hidden


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Test:
    """How probable a sample of h strata as extreme as the one seen is, by the number of errors.

    Attributes
    ----------
    size, judged : int64 (h,)
        Rows and verdicts.
    seen : float
        Estimated number of errors.
    totals, errors : float64 (g,), (g, h)
        Numbers of errors, ascending, and the errors of the strata that make the sample most probable under each.
    places : int64 (h, j)
        Bin of the estimate in which a stratum's number of wrong verdicts puts it, counted through all strata.
    above, below : bool (f,)
        Bins of estimates at least as high, or as low.
    """

    size: Counts
    judged: Counts
    seen: float
    totals: Floats
    errors: Floats
    places: Counts
    above: npt.NDArray[np.bool_]
    below: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, size: Counts, judged: Counts, wrong: Counts) -> _Test:
        """Prepare the test of a sample."""
        span = int(max(LEAST_BINS, FINE * math.sqrt(judged.sum())))
        worth = size / judged * span / size.sum()  # of a wrong verdict, in bins of the estimate
        slack = size.size / 4 + 0.5  # bins that rounding may take or add: on the side of caution
        bins = 1 << (span + size.size).bit_length()  # a power of two is transformed quickly
        found = np.arange(int(judged.max()) + 1)
        places = np.minimum(np.rint(worth[:, None] * found), bins - 1).astype(np.int64)
        here = float((worth * wrong).sum())
        totals, errors = _most_probable(size, judged, wrong)
        return cls(
            size=size,
            judged=judged,
            seen=float((size * wrong / judged).sum()),
            totals=totals,
            errors=errors,
            places=places + bins * np.arange(size.size)[:, None],
            above=np.arange(bins) >= here - slack,
            below=np.arange(bins) <= here + slack,
        )

    def chance(self, total: float, *, above: bool) -> float:
        """Return the probability of an estimate at least as high (low) as the one seen if `total` rows are wrong."""
        at = int(np.clip(np.searchsorted(self.totals, total), 1, self.totals.size - 1))
        gap = self.totals[at] - self.totals[at - 1]
        part = float(np.clip((total - self.totals[at - 1]) / gap, 0, 1)) if gap > 0 else 0.0
        errors = (1 - part) * self.errors[at - 1] + part * self.errors[at]
        side = self.above if above else self.below
        return float(self._distribution(self._chances(errors))[side].sum())

    def _distribution(self, chances: Floats) -> Floats:
        """Return the probability of each bin of the estimate, (f,): independent strata add up."""
        h, bins = self.size.size, self.above.size
        each = np.bincount(self.places.ravel(), weights=chances.ravel(), minlength=h * bins).reshape(h, bins)
        return np.fft.irfft(np.fft.rfft(each, axis=1).prod(axis=0), n=bins)

    def _chances(self, errors: Floats) -> Floats:
        """Return the probabilities (h, j) of the number of wrong verdicts if `errors` (h,) are wrong."""
        whole = np.floor(errors + 1e-9)
        part = np.clip(errors - whole, 0, 1)[:, None]
        above = np.minimum(whole + 1, self.size)
        return np.asarray((1 - part) * self._hypergeometric(whole) + part * self._hypergeometric(above))

    def _hypergeometric(self, errors: Floats) -> Floats:
        from scipy.special import gammaln

        found = np.arange(self.places.shape[1], dtype=np.float64)
        bad, good = errors[:, None], (self.size - errors)[:, None]
        size, judged = self.size[:, None].astype(np.float64), self.judged[:, None].astype(np.float64)
        possible = (found <= bad) & (found <= judged) & (judged - found <= good)
        x, y = np.where(possible, found, 0.0), np.where(possible, judged - found, 0.0)

        def ways(of: Floats, taken: Floats) -> Floats:
            return np.asarray(gammaln(of + 1) - gammaln(taken + 1) - gammaln(of - taken + 1))

        logs = ways(bad, x) + ways(good, y) - ways(size, judged)
        return np.where(possible, np.exp(logs), 0.0)


def _most_probable(size: Counts, judged: Counts, wrong: Counts) -> tuple[Floats, Floats]:
    """Return numbers of errors (g,), ascending, and the errors of the strata (g, h) that suit the sample best."""
    open_rows = np.maximum(size - judged, 0.5)
    weight = size * open_rows / (judged * np.maximum(size - 1, 1))  # a stratum that is nearly known yields less
    pulls = np.sinh(np.linspace(PULL, -PULL, GRID))[:, None]
    rates = np.clip(_pulled(wrong / judged, weight * pulls), wrong / size, 1 - (judged - wrong) / size)
    errors = size * rates
    totals = errors.sum(axis=1)
    order = np.argsort(totals, kind="stable")
    return totals[order], errors[order]


def _pulled(seen: Floats, pull: Floats) -> Floats:
    """Return the rates p with seen / p - (1 - seen) / (1 - p) = pull, (g, h)."""
    root = np.sqrt(np.maximum((1 + pull) ** 2 - 4 * pull * seen, 0.0))
    down = 2 * seen / np.maximum(1 + pull + root, 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        up = (1 + pull - root) / (2 * pull)
    return np.where(1 + pull > 0, down, up)


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
