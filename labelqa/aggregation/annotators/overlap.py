"""Labels coded within their items, and how alike annotators code them.

A label is coded as its deviation from the mean of its item, divided by the item's standard deviation: one indicator a
class (one alone for two classes; the value itself for ordered classes). Two annotators are alike as far as their codes
point the same way on the items they share; the sum is divided by the square root of the number of those items, so that
every pair has the same noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.labeltable import LabelTable
from labelqa.annotations.schema import LabelSchema

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SPREAD = 1e-12  # variance of an item under which nothing divides it
DENSE_CELLS = 5_000_000
DENSE_SHARE = 0.15  # of cells that are filled, from which on a dense product is the faster one
LANCZOS_FROM = 60  # annotators


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: what every deal needs is worked out once
class Overlap:
    """Coded labels of disputed items, grouped by item.

    Attributes
    ----------
    item, annotator, label : int64 (r,)
        Labels of disputed items, sorted by item and annotator.
    start : int64 (r + 1,)
        Where the codes of each label begin; labels of one item have equally many, one a class that the item got.
    codes : float64 (start[-1],)
        The codes.
    columns : int64 (start[-1],)
        Which coordinate each of them belongs to.
    weight : csr_array (m, m)
        1 / sqrt(shared items), 0 on the diagonal.
    m : int
        Annotators.
    """

    item: Ints
    annotator: Ints
    label: Ints
    start: Ints
    codes: Floats
    columns: Ints
    weight: csr_array[np.float64]
    m: int

    @classmethod
    def of(cls, table: LabelTable, schema: LabelSchema) -> Overlap:
        """Code the labels of a table."""
        disputed = (table.votes > 0).sum(axis=1) > 1
        order = np.lexsort((table.annotator, table.item))
        rows = order[disputed[table.item[order]]]
        item, annotator, label = (a[rows].astype(np.int64) for a in (table.item, table.annotator, table.label))
        if schema.level == "nominal" and table.k > 2:
            start, codes, columns = _indicators(item, label, table)
        else:
            start, codes, columns = np.arange(rows.size + 1), _deviations(item, schema.values[label], table.n), item
        return cls(
            item=item,
            annotator=annotator,
            label=label,
            start=start,
            codes=codes,
            columns=np.unique(columns, return_inverse=True)[1].astype(np.int64),
            weight=_weight(table),
            m=table.m,
        )

    def similarity(self, source: Ints | None = None) -> Floats | csr_array[np.float64]:
        """Return how alike annotators are, (m, m); dense where they are few.

        Parameters
        ----------
        source : int64 (r,), optional
            Which label of the same item each annotator is given; by default the own one.
        """
        codes = self.codes
        if source is not None:
            codes = codes[np.repeat(self.start[source] - self.start[:-1], self._sizes) + self._places]
        if self._is_dense:
            dense = np.zeros((self.m, self.width))
            dense[self._owner, self.columns] = codes
            return np.asarray((dense @ dense.T) * self._dense_weight)
        from scipy.sparse import csr_array

        coded = csr_array((codes, (self._owner, self.columns)), shape=(self.m, self.width))
        return csr_array((coded @ coded.T).multiply(self.weight))

    @cached_property
    def width(self) -> int:
        """Number of coordinates."""
        return int(self.columns.max(initial=-1)) + 1

    @cached_property
    def _sizes(self) -> Ints:
        return np.diff(self.start)

    @cached_property
    def _places(self) -> Ints:
        return np.arange(self.codes.size)

    @cached_property
    def _owner(self) -> Ints:
        return np.repeat(self.annotator, self._sizes)

    @cached_property
    def _is_dense(self) -> bool:
        cells = self.m * self.width
        return cells <= DENSE_CELLS and self.codes.size >= DENSE_SHARE * cells

    @cached_property
    def _dense_weight(self) -> Floats:
        return np.asarray(self.weight.toarray())


def _indicators(item: Ints, label: Ints, table: LabelTable) -> tuple[Ints, Floats, Ints]:
    """Return start, codes and columns of one indicator a class that the item got."""
    got = table.votes > 0
    width = got.sum(axis=1)[item]
    start = np.concatenate([[0], np.cumsum(width)])
    entry_item, entry_class = np.nonzero(got)
    first = np.concatenate([[0], np.cumsum(got.sum(axis=1))])[item]
    column = np.repeat(first, width) + np.arange(start[-1]) - np.repeat(start[:-1], width)
    share = table.votes[entry_item, entry_class] / table.labels_per_item[entry_item]
    deviation = np.sqrt(np.maximum(share * (1 - share), SPREAD))
    own = entry_class[column] == np.repeat(label, width)
    return start, (own - share[column]) / deviation[column], column


def _deviations(item: Ints, value: Floats, n: int) -> Floats:
    times = np.maximum(np.bincount(item, minlength=n), 1)
    mean = np.bincount(item, weights=value, minlength=n) / times
    away = value - mean[item]
    variance = np.bincount(item, weights=away**2, minlength=n) / times
    return np.asarray(away / np.sqrt(np.maximum(variance, SPREAD))[item])


def _weight(table: LabelTable) -> csr_array[np.float64]:
    from scipy.sparse import csr_array

    present = csr_array((np.ones(table.r), (table.annotator, table.item)), shape=(table.m, table.n))
    shared = (present @ present.T).tocoo()
    apart = shared.row != shared.col
    values = 1 / np.sqrt(shared.data[apart])
    return csr_array((values, (shared.row[apart], shared.col[apart])), shape=(table.m, table.m))


def ties(similarity: Floats | csr_array[np.float64]) -> Floats:
    """Return how much each annotator has to do with any other, (m,); 0 where no disputed item is shared."""
    if isinstance(similarity, np.ndarray):
        return np.asarray(np.abs(similarity).sum(axis=1))
    size = np.abs(similarity.data)
    owner = np.repeat(np.arange(similarity.shape[0]), np.diff(similarity.indptr))
    return np.bincount(owner, weights=size, minlength=similarity.shape[0]).astype(np.float64)


def top_vector(similarity: Floats | csr_array[np.float64]) -> tuple[float, Floats]:
    """Return the largest eigenvalue and its vector (m,), the sign by the entry of largest size.

    Lanczos iterations for many annotators, from a fixed start.
    """
    m = similarity.shape[0]
    if m < LANCZOS_FROM:
        values, vectors = np.linalg.eigh(similarity if isinstance(similarity, np.ndarray) else similarity.toarray())
        value, vector = float(values[-1]), vectors[:, -1]
    else:
        from scipy.sparse.linalg import eigsh

        values, vectors = eigsh(similarity, k=1, which="LA", v0=np.cos(np.arange(m) + 1.0), tol=1e-4)
        value, vector = float(values[0]), vectors[:, 0]
    return value, np.asarray(vector * np.sign(vector[np.abs(vector).argmax()]))
