"""Labels with their annotator: what the coefficients need that depend on who labeled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
        Annotators.
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
    weights: Weights

    @classmethod
    def of(cls, annotations: Annotations, weights: Weights) -> WhoLabeled:
        """Sort the labels of `annotations`."""
        order = np.lexsort((annotations.annotator, annotations.item))
        item, items = _renumbered(annotations.item[order])
        annotator, annotators = _renumbered(annotations.annotator[order])
        return cls(
            item=item,
            annotator=annotator,
            label=annotations.label[order],
            n=items.size,
            m=annotators.size,
            k=annotations.schema.k,
            names=tuple(str(annotations.annotators[a]) for a in annotators),
            weights=weights,
        )

    @property
    def labels_per_item(self) -> Ints:
        """r_i, int64 (n,)."""
        return np.bincount(self.item, minlength=self.n)

    @property
    def n_label_pairs(self) -> int:
        """Number of pairs of labels of one item."""
        return int((self.labels_per_item * (self.labels_per_item - 1) // 2).sum())

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


def _renumbered(codes: Codes) -> tuple[Codes, npt.NDArray[np.intp]]:
    present = np.bincount(codes) > 0 if codes.size else np.zeros(0, dtype=np.bool_)
    rank = np.cumsum(present) - 1
    return rank[codes].astype(np.int32), np.flatnonzero(present)
