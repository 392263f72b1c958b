"""The comparison that was tested: a slice beside rows that the slices found before treat alike."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from labelqa.inference.intervals import t_half_width
from labelqa.slices.cells import Ints
from labelqa.slices.effects import Side, difference_interval, side

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
LEVEL = 0.95
ALL, OUTSIDE, ALIKE = (
    "all other rows",
    "rows in none of the slices found before",
    "rows alike in the slices found before",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Error of a slice beside that of the rows it was compared with.

    Attributes
    ----------
    size : int
        Rows of the slice that took part.
    rate, rest_rate : float
        Mean error of these, and of the rows they were compared with; over strata with the weights of Mantel-Haenszel.
    low, high : float
        95 % interval of their difference.
    beside : str
        Which rows those are, in words.
    """

    size: int = 0
    rate: float = math.nan
    rest_rate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    beside: str = ALL

    @property
    def difference(self) -> float:
        """Error of the slice above that of the others."""
        return self.rate - self.rest_rate


@dataclass(slots=True, kw_only=True, eq=False)
class Comparer:
    """Compares slices one after the other, each within the strata of those before.

    Attributes
    ----------
    error : float (n,)
        Errors.
    judged_on : bool (n,)
        Rows that rates are measured on.
    groups : int64 (n,) or None
        Code of the rows that belong together.
    shares : bool
        Whether errors are 0 or 1.
    """

    error: Floats
    judged_on: Mask
    groups: Ints | None
    shares: bool
    _strata: Ints = field(init=False)

    def __post_init__(self) -> None:
        self._strata = np.zeros(self.error.size, dtype=np.int64)

    def compared(self, mask: Mask, *, outside: bool = False) -> Compared:
        """Return the comparison of the rows in `mask`, with `outside` only in rows of no slice before."""
        used = self.judged_on & (self._strata == 0) if outside else self.judged_on
        parts = list(self._parts(mask, used))
        beside = ALL if not self._strata.any() else OUTSIDE if outside else ALIKE
        if not parts:
            inside, others = (self._side(m & used) for m in (mask, ~mask))
            return Compared(size=inside.size, rate=inside.rate, rest_rate=others.rate, beside=beside)
        w = np.array([a.size * b.size / (a.size + b.size) for a, b in parts])
        w /= w.sum()
        low, high = self._interval(parts, w)
        return Compared(
            size=sum(a.size for a, _ in parts),
            rate=float(w @ [a.rate for a, _ in parts]),
            rest_rate=float(w @ [b.rate for _, b in parts]),
            low=low,
            high=high,
            beside=beside,
        )

    def found(self, mask: Mask) -> None:
        """Take the rows in `mask` as a slice found before, from now on."""
        codes = 2 * self._strata + mask
        used = np.bincount(codes) > 0
        used[0] = True  # 0 stays: in no slice
        self._strata = (np.cumsum(used) - 1)[codes]

    def _side(self, mask: Mask) -> Side:
        return side(self.error, mask, self.groups)

    def _parts(self, mask: Mask, used: Mask) -> list[tuple[Side, Side]]:
        """Return both sides of each stratum that has rows on both."""
        rows = np.flatnonzero(used)
        rows = rows[np.argsort(self._strata[rows], kind="stable")]
        starts = np.flatnonzero(np.diff(self._strata[rows])) + 1
        parts = []
        for at in np.split(rows, starts):
            error, groups = self.error[at], None if self.groups is None else self.groups[at]
            both = side(error, mask[at], groups), side(error, ~mask[at], groups)
            parts += [both] if min(s.size for s in both) else []
        return parts

    def _interval(self, parts: list[tuple[Side, Side]], w: Floats) -> tuple[float, float]:
        """Return the interval of the weighted difference; of shares from the intervals of the strata.

        References
        ----------
        Zou, G. Y. & Donner, A. (2008). Construction of confidence limits about effect measures. Stat. Med. 27,
        1693-1702, eq. 11 (limits of a sum from the limits of its terms).
        """
        if self.shares or len(parts) == 1:
            each = np.array([difference_interval(a, b, shares=self.shares, level=LEVEL) for a, b in parts])
            d = np.array([a.rate - b.rate for a, b in parts])
            down, up = (float(np.sqrt(((w * (d - end)) ** 2).sum())) for end in each.T)
            return float(w @ d) - down, float(w @ d) + up
        spread = degrees = 0.0
        for sides in zip(*parts, strict=True):  # inside, then outside: one variance each, pooled over strata
            n = np.array([s.effective for s in sides])
            free = float((n - 1).clip(0).sum())
            if free <= 0:
                return math.nan, math.nan
            pooled = float(np.array([s.variance for s in sides]) @ n) / free
            spread, degrees = spread + pooled * float((w**2 / n).sum()), degrees + free
        d0 = float(w @ [a.rate - b.rate for a, b in parts])
        half = t_half_width(math.sqrt(spread), LEVEL, degrees)
        return d0 - half, d0 + half
