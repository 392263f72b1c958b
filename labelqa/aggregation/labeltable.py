"""Labels as a sparse matrix, and the two kernels that every model of annotators is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from labelqa.annotations.table import Annotations

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelTable:
    """Labels of n items by m annotators in k classes.

    Attributes
    ----------
    item, annotator, label : int32 (r,)
        The labels.
    n, m, k : int
        Items, annotators and classes.
    matrix : scipy.sparse.csr_array (n, m * k)
        1 where annotator g gave an item label l, in column ``g * k + l``.
    """

    item: npt.NDArray[np.int32]
    annotator: npt.NDArray[np.int32]
    label: npt.NDArray[np.int32]
    n: int
    m: int
    k: int
    matrix: Any

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
        from scipy.sparse import csr_array

        n, m, k = shape
        column = np.multiply(annotator, k, dtype=np.int64 if m * k >= 2**31 else np.int32) + label
        matrix = csr_array((np.ones(item.size), (item, column)), shape=(n, m * k))
        return cls(item=item, annotator=annotator, label=label, n=n, m=m, k=k, matrix=matrix)

    def only(self, keep: npt.NDArray[np.bool_]) -> LabelTable:
        """Return the same table with the labels where `keep` (r,) is true."""
        return LabelTable.from_codes(self.item[keep], self.annotator[keep], self.label[keep], (self.n, self.m, self.k))

    @property
    def r(self) -> int:
        """Number of labels."""
        return int(self.item.size)

    @property
    def votes(self) -> Floats:
        """Labels of every item per class, float64 (n, k)."""
        key = self.item.astype(np.int64) * self.k + self.label
        return np.bincount(key, minlength=self.n * self.k).reshape(self.n, self.k).astype(np.float64)

    @property
    def labels_per_item(self) -> Ints:
        """r_i, int64 (n,)."""
        return np.bincount(self.item, minlength=self.n)

    @property
    def labels_per_annotator(self) -> Ints:
        """Labels of every annotator, int64 (m,)."""
        return np.bincount(self.annotator, minlength=self.m)

    def vote_shares(self) -> Floats:
        """Return the share of an item's labels per class, float64 (n, k); equal shares where it has none."""
        votes = self.votes
        total = votes.sum(axis=1, keepdims=True)
        return np.asarray(np.where(total > 0, votes / np.maximum(total, 1), 1 / max(self.k, 1)))

    def soft_counts(self, posterior: Floats) -> Floats:
        """Return how often each annotator gave label l where class c is true: float64 (m, k, k), [g, c, l].

        `posterior` (n, k) says how probable each class of an item is: the M-step.
        """
        counts = self.matrix.T @ posterior
        return np.ascontiguousarray(counts.reshape(self.m, self.k, self.k).transpose(0, 2, 1))

    def evidence(self, log_confusion: Floats) -> Floats:
        """Return the sum of ``log_confusion[g, c, l]`` over the labels of each item: float64 (n, k), the E-step."""
        by_label = np.ascontiguousarray(log_confusion.transpose(0, 2, 1)).reshape(self.m * self.k, self.k)
        return np.asarray(self.matrix @ by_label)
