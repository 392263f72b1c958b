"""Distances between sets of labels.

References
----------
Jaccard, P. (1912). The distribution of the flora in the alpine zone. New Phytologist 11, 37-50.
Passonneau, R. (2006). Measuring agreement on set-valued items (MASI) for semantic and pragmatic annotation. LREC.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]


class SetDistance:
    """Jaccard or MASI distance between distinct sets, by an incidence matrix (k sets by their labels).

    Parameters
    ----------
    values : sequence of frozenset, length k
        The distinct sets.
    monotonic : bool
        Whether overlap is weighted by how the sets lie (MASI): equal 1, one inside the other 2/3, crossing 1/3.
    """

    def __init__(self, values: Sequence[Hashable], *, monotonic: bool) -> None:
        from scipy.sparse import csr_array  # only where sets are compared

        sets = [frozenset(v) for v in values]  # type: ignore[call-overload]  # kind "sets" holds frozensets
        column: dict[Hashable, int] = {}
        found = [[column.setdefault(label, len(column)) for label in s] for s in sets]
        sizes = np.array([len(s) for s in sets], dtype=np.int64)
        columns = np.fromiter((c for row in found for c in row), dtype=np.int64, count=int(sizes.sum()))
        start = np.r_[0, np.cumsum(sizes)]
        shape = (len(sets), max(len(column), 1))
        self._incidence = csr_array((np.ones(columns.size), columns, start), shape=shape)
        self._sizes = sizes.astype(np.float64)
        self._monotonic = monotonic

    def between(self, left: Positions, right: Positions) -> Floats:
        """Return the distance of each pair of sets, elementwise; two empty sets have distance 0."""
        common = np.asarray(self._incidence[left].multiply(self._incidence[right]).sum(axis=1), dtype=np.float64)
        a, b = self._sizes[left], self._sizes[right]
        union = a + b - common
        similarity = np.where(union > 0, common / np.maximum(union, 1), 1.0)
        if self._monotonic:
            similarity = similarity * _monotonicity(common, a, b)
        return np.asarray(1 - similarity)


def _monotonicity(common: Floats, a: Floats, b: Floats) -> Floats:
    equal, inside = (common == a) & (common == b), common == np.minimum(a, b)
    return np.select([equal, inside, common > 0], [1.0, 2 / 3, 1 / 3], 0.0)
