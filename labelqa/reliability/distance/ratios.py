"""A ratio of two sums per annotator pair, averaged over pairs: F1 and its relatives, with inference over items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.reliability.samples import blocks

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairRatios:
    """Tops and bottoms of a ratio, added up to one entry an item and annotator pair.

    The figure is, for every annotator pair, the sum of tops over the sum of bottoms (micro: over all their items), and
    then the plain mean over the pairs whose bottoms are not all 0.

    Attributes
    ----------
    item, pair : int64 (q,)
        Item and annotator pair of each entry, numbered from 0.
    top, bottom : float64 (q,)
        What the entry adds.
    n_items, n_pairs : int
        How many items and pairs there are.
    """

    item: Ints
    pair: Ints
    top: Floats
    bottom: Floats
    n_items: int
    n_pairs: int

    def __post_init__(self) -> None:
        """Add up entries of one item and pair: leaving out an item must change each of its pairs once."""
        key, entry = np.unique(self.item * self.n_pairs + self.pair, return_inverse=True)
        if key.size < self.item.size:
            sums = {name: np.bincount(entry, weights=getattr(self, name)) for name in ("top", "bottom")}
            item, pair = np.divmod(key, self.n_pairs)
            for name, values in {"item": item, "pair": pair, **sums}.items():
                object.__setattr__(self, name, values)

    def value(self) -> float:
        """Return the mean over pairs; nan where every bottom is 0."""
        return float(_mean_ratio(*self._sums()))

    @property
    def n_counting(self) -> int:
        """Items that add to a bottom: the others (nothing marked by anybody) do not enter."""
        return int(np.unique(self.item[self.bottom > 0]).size)

    def pooled(self) -> float:
        """Return the ratio of the sums over all pairs."""
        bottom = float(self.bottom.sum())
        return float(self.top.sum()) / bottom if bottom else float("nan")

    def leave_one_out(self) -> tuple[Floats, Ints]:
        """Return the figure without each item, (n,), and ones: only the pairs of that item change."""
        top, bottom = self._sums()
        before, counted = _ratio(top, bottom), bottom > 0
        left = bottom[self.pair] - self.bottom
        after = _ratio(top[self.pair] - self.top, np.where(left > 1e-9, left, 0.0))
        change = np.nan_to_num(after) - np.nan_to_num(before[self.pair])
        lost = counted[self.pair] & np.isnan(after)
        total = np.nansum(before) + np.bincount(self.item, weights=change, minlength=self.n_items)
        pairs = counted.sum() - np.bincount(self.item, weights=lost, minlength=self.n_items)
        return _ratio(total, pairs), np.ones(self.n_items, dtype=np.int64)

    def resample(self, n_resamples: int, rng: np.random.Generator) -> Floats:
        """Return the figure in samples of n items drawn with replacement, (b,)."""
        from scipy.sparse import csr_array  # only where items are resampled

        shape = (self.n_items, self.n_pairs)
        top = csr_array((self.top, (self.item, self.pair)), shape=shape)
        bottom = csr_array((self.bottom, (self.item, self.pair)), shape=shape)
        equal = np.full(self.n_items, 1 / self.n_items)
        found = []
        for size in blocks(n_resamples, max(shape)):
            draws = rng.multinomial(self.n_items, equal, size=size).astype(np.float64)
            found.append(_mean_ratio(np.asarray(draws @ top), np.asarray(draws @ bottom)))
        return np.concatenate(found)

    def _sums(self) -> tuple[Floats, Floats]:
        top = np.bincount(self.pair, weights=self.top, minlength=self.n_pairs)
        bottom = np.bincount(self.pair, weights=self.bottom, minlength=self.n_pairs)
        return top.astype(np.float64), bottom.astype(np.float64)


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.asarray(np.where(bottom > 0, top, np.nan) / np.where(bottom > 0, bottom, 1), dtype=np.float64)


def _mean_ratio(top: Floats, bottom: Floats) -> Floats:
    """Return the mean of top / bottom along the last axis, over the entries whose bottom is above 0."""
    ratios = np.nan_to_num(_ratio(top, bottom)).sum(axis=-1)
    return _ratio(np.asarray(ratios), np.asarray((bottom > 0).sum(axis=-1), dtype=np.float64))
