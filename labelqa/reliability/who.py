"""Labels with their annotator: what the coefficients need that depend on who labeled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.annotations.table import Annotations
from labelqa.counts.sparse import ClassCounts
from labelqa.counts.who import WhoCounts
from labelqa.reliability.moments import CELLS_AT_ONCE
from labelqa.reliability.weights import Weights

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WhoLabeled:
    """Labels of p kinds of items (items that the same annotators labeled alike), in order of kinds.

    Attributes
    ----------
    item, annotator, label : int32 (e,)
        Kind, annotator and class of every label, sorted by kind and within it by annotator.
    times : int64 (p,)
        Number of items of each kind; items and annotators without labels are gone.
    p, m, k : int
        Kinds of items, annotators and classes.
    names : tuple of str, length m
        Annotators, in natural order.
    weights : Weights
        Agreement weights over the classes.
    """

    item: Codes
    annotator: Codes
    label: Codes
    times: Ints
    p: int
    m: int
    k: int
    names: tuple[str, ...]
    weights: Weights

    @classmethod
    def of(cls, data: Annotations | WhoCounts, weights: Weights) -> WhoLabeled:
        """Return the labels of annotations (one round) or of counts by annotator."""
        counts = data if isinstance(data, WhoCounts) else WhoCounts.of(data)[0]
        item, annotator, label = counts.codes
        return cls(
            item=item,
            annotator=annotator,
            label=label,
            times=counts.multiplicity,
            p=counts.multiplicity.size,
            m=counts.m,
            k=counts.k,
            names=counts.annotators,
            weights=weights,
        )

    @classmethod
    def of_kinds(cls, kinds: ClassCounts, k: int, weights: Weights) -> WhoLabeled:
        """Return one item of each of the `kinds`, which hold labels by annotator and class (p, m k)."""
        annotator, label = np.divmod(kinds.classes, max(k, 1))
        m = kinds.k // max(k, 1)
        return cls(
            item=kinds.row.astype(np.int32),
            annotator=annotator.astype(np.int32),
            label=label.astype(np.int32),
            times=np.ones(len(kinds), dtype=np.int64),
            p=len(kinds),
            m=m,
            k=k,
            names=tuple(str(g) for g in range(m)),
            weights=weights,
        )

    @property
    def n(self) -> int:
        """Number of items n."""
        return int(self.times.sum())

    @property
    def labels_per_item(self) -> Ints:
        """r_i of each kind, int64 (p,)."""
        return np.bincount(self.item, minlength=self.p)

    @property
    def rows(self) -> ClassCounts:
        """Class counts of each kind, (p, k)."""
        return ClassCounts.from_codes(self.item, self.label, self.p, self.k)

    @property
    def label_times(self) -> Floats:
        """Number of items behind each label, float64 (e,)."""
        return self.times[self.item].astype(np.float64)

    def margins(self, times: Floats | Ints | None = None) -> Floats:
        """Return the labels of every annotator per class, float64 (m, k), with `times` (p,) items of each kind."""
        key = self.annotator.astype(np.int64) * self.k + self.label
        weights = (self.times if times is None else times)[self.item]
        return np.bincount(key, weights=weights, minlength=self.m * self.k).reshape(self.m, self.k).astype(np.float64)

    def item_blocks(self, width: int) -> Iterator[tuple[int, int, slice]]:
        """Yield (first kind, last kind, label rows) so that kinds x `width` numbers stay in memory."""
        size = max(1, CELLS_AT_ONCE // max(width, 1))
        start = np.searchsorted(self.item, np.arange(0, self.p + size, size))
        for i, first in enumerate(range(0, self.p, size)):
            yield first, min(first + size, self.p), slice(int(start[i]), int(start[i + 1]))


def drawn_times(times: Ints, n_resamples: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield how many items of each kind (p,) are in a sample of n items drawn with replacement."""
    n = int(times.sum())
    for _ in range(n_resamples):
        yield rng.multinomial(n, times / n).astype(np.float64)
