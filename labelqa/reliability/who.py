"""Labels with their annotator: what the coefficients need that depend on who labeled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.annotations.schema import natural_key
from labelqa.annotations.table import Annotations
from labelqa.reliability.weights import Weights

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WhoLabeled:
    """Labels in order of items; items and annotators without labels are gone.

    Attributes
    ----------
    item, annotator, label : int32 (r,)
        Codes, sorted by item and within it by annotator.
    n, m, k : int
        Items, annotators and classes.
    names : tuple of str, length m
        Annotators, in natural order.
    items : int (n,)
        Which item of the annotations each one is.
    weights : Weights
        Agreement weights over the classes.
    """

    item: Codes
    annotator: Codes
    label: Codes
    n: int
    m: int
    k: int
    names: tuple[str, ...]
    items: npt.NDArray[np.intp]
    weights: Weights

    @classmethod
    def of(cls, annotations: Annotations, weights: Weights) -> WhoLabeled:
        """Sort the labels of `annotations`."""
        annotator, names = _by_name(annotations)
        content = annotator.astype(np.int64) * annotations.schema.k + annotations.label
        items = _by_content(annotations.item, content, annotations.n_items)
        place = np.full(annotations.n_items, -1, dtype=np.int32)
        place[items] = np.arange(items.size)
        item = place[annotations.item]
        order = np.lexsort((annotator, item))
        return cls(
            item=item[order],
            annotator=annotator[order],
            label=annotations.label[order],
            n=items.size,
            m=len(names),
            k=annotations.schema.k,
            names=names,
            items=items,
            weights=weights,
        )

    @property
    def labels_per_item(self) -> Ints:
        """r_i, int64 (n,)."""
        return np.bincount(self.item, minlength=self.n)

    def margins(self, item_weights: Floats | None = None) -> Floats:
        """Return the labels of every annotator per class, float64 (m, k), items weighted by `item_weights` (n,)."""
        key = self.annotator.astype(np.int64) * self.k + self.label
        weights = None if item_weights is None else item_weights[self.item]
        return np.bincount(key, weights=weights, minlength=self.m * self.k).reshape(self.m, self.k).astype(np.float64)

    def item_blocks(self, width: int) -> Iterator[tuple[int, int, slice]]:
        """Yield (first item, last item, label rows) so that items x `width` numbers stay in memory."""
        size = max(1, CELLS_AT_ONCE // max(width, 1))
        start = np.searchsorted(self.item, np.arange(0, self.n + size, size))
        for i, first in enumerate(range(0, self.n, size)):
            yield first, min(first + size, self.n), slice(int(start[i]), int(start[i + 1]))


def _by_name(annotations: Annotations) -> tuple[Codes, tuple[str, ...]]:
    """Renumber the annotators with labels in natural order of their names."""
    present = np.flatnonzero(np.bincount(annotations.annotator, minlength=annotations.n_annotators))
    ordered = sorted(present.tolist(), key=lambda a: natural_key(annotations.annotators[a]))
    place = np.full(annotations.n_annotators, -1, dtype=np.int32)
    place[ordered] = np.arange(len(ordered))
    return place[annotations.annotator], tuple(str(annotations.annotators[a]) for a in ordered)


def _by_content(item: Codes, content: Ints, n_items: int) -> npt.NDArray[np.intp]:
    """Return the items with labels in an order that only their labels decide, so that resamples do not depend on rows.

    Items are ordered by a 64-bit hash of who said what; items alike are interchangeable.
    """
    word = content.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)  # splitmix64
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    rows = np.argsort(item, kind="stable")
    start = np.searchsorted(item[rows], np.arange(n_items + 1))
    total = np.r_[np.uint64(0), np.cumsum((word ^ (word >> np.uint64(31)))[rows], dtype=np.uint64)]
    labeled = np.flatnonzero(np.diff(start))
    hashes = total[start[1:]] - total[start[:-1]]  # sums wrap around, which is what a hash wants
    return labeled[np.argsort(hashes[labeled], kind="stable")]
