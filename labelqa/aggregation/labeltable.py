"""Labels as a sparse matrix, and the two kernels that every model of annotators is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from labelqa.annotations.table import Annotations

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


BLOCK = 1 << 18  # labels worked on at once where every label needs numbers of its own


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: the matrix is made once, when it is first needed
class LabelTable:
    """Labels of n items by m annotators in k classes.

    Attributes
    ----------
    item, annotator, label : int32 (r,)
        The labels.
    n, m, k : int
        Items, annotators and classes.
    """

    item: npt.NDArray[np.int32]
    annotator: npt.NDArray[np.int32]
    label: npt.NDArray[np.int32]
    n: int
    m: int
    k: int

    @classmethod
    def of(cls, annotations: Annotations) -> LabelTable:
        """Take the labels of one round."""
        return cls.from_codes(
            annotations.item,
            annotations.annotator,
            annotations.label,
            (annotations.n_items, annotations.n_annotators, annotations.schema.k),
        )

    @classmethod
    def from_codes(
        cls,
        item: npt.NDArray[np.int32],
        annotator: npt.NDArray[np.int32],
        label: npt.NDArray[np.int32],
        shape: tuple[int, int, int],
    ) -> LabelTable:
        """Take labels (r,) by their codes; `shape` is (n, m, k)."""
        n, m, k = shape
        return cls(item=item, annotator=annotator, label=label, n=n, m=m, k=k)

    @cached_property
    def matrix(self) -> csr_array[np.float64]:
        """Sparse (n, m * k) matrix: 1 where annotator g gave an item label l, in column ``g * k + l``."""
        from scipy.sparse import csr_array

        width = self.m * self.k
        column = np.multiply(self.annotator, self.k, dtype=np.int64 if width >= 2**31 else np.int32) + self.label
        return csr_array((np.ones(self.r), (self.item, column)), shape=(self.n, width))

    def apart(self) -> LabelTable:
        """Return the same labels without the matrix, for keeping."""
        return LabelTable.from_codes(self.item, self.annotator, self.label, (self.n, self.m, self.k))

    def label_blocks(self) -> Iterator[slice]:
        """Cut the labels, in their own order, into slices of bounded size."""
        return (slice(start, start + BLOCK) for start in range(0, self.r, BLOCK))

    def only(self, keep: npt.NDArray[np.bool_]) -> LabelTable:
        """Return the same table with the labels where `keep` (r,) is true."""
        return LabelTable.from_codes(self.item[keep], self.annotator[keep], self.label[keep], (self.n, self.m, self.k))

    @property
    def r(self) -> int:
        """Number of labels."""
        return int(self.item.size)

    @cached_property
    def votes(self) -> Floats:
        """Labels of every item per class, float64 (n, k), class by class in memory."""
        key = np.multiply(self.label, self.n, dtype=np.intp)
        key += self.item
        return np.bincount(key, minlength=self.n * self.k).astype(np.float64).reshape(self.k, self.n).T

    @cached_property
    def labels_per_item(self) -> Ints:
        """r_i, int64 (n,)."""
        return np.asarray(self.votes.sum(axis=1), dtype=np.int64)

    @property
    def labels_per_annotator(self) -> Ints:
        """Labels of every annotator, int64 (m,)."""
        return np.bincount(self.annotator, minlength=self.m)

    def vote_shares(self) -> Floats:
        """Return the share of an item's labels per class, float64 (n, k); equal shares where it has none."""
        total = self.labels_per_item
        out = self.votes / np.maximum(total, 1)[:, None]
        out[total == 0] = 1 / max(self.k, 1)
        return out

    def soft_counts(self, posterior: Floats) -> Floats:
        """Return how often each annotator gave label l where class c is true: float64 (m, k, k), [g, c, l].

        `posterior` (n, k) says how probable each class of an item is: the M-step.
        """
        counts = np.asarray(self.matrix.T @ posterior)
        return np.ascontiguousarray(counts.reshape(self.m, self.k, self.k).transpose(0, 2, 1))

    def evidence(self, log_confusion: Floats) -> Floats:
        """Return the sum of ``log_confusion[g, c, l]`` over the labels of each item: float64 (n, k), the E-step."""
        by_label = np.ascontiguousarray(log_confusion.transpose(0, 2, 1)).reshape(self.m * self.k, self.k)
        return np.asarray(self.matrix @ by_label)
