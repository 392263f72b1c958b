"""What divides two schools: the classes they swap, and the items on which they do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.annotators.overlap import Overlap
from labelqa.annotations.schema import LabelSchema

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
CLASS_COLUMNS = ("school_1_says", "school_2_says", "items", "expected", "excess")
ITEM_COLUMNS = ("item", "school_1", "school_2", "division")
SHOWN_ITEMS = 10
SHOWN_PAIRS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Division:
    """Labels of disputed items by two schools.

    Attributes
    ----------
    overlap : Overlap
        The labels.
    school : int64 (m,)
        1, 2, or 0 where an annotator belongs to none.
    n, k : int
        Items and classes.
    """

    overlap: Overlap
    school: Ints
    n: int
    k: int
    _chance: list[csr_array[np.float64]] = field(default_factory=list)

    def swaps(self, source: Ints | None = None) -> csr_array[np.float64]:
        """Return on how many items school 1 says a where school 2 says b, (k, k); split items count in part."""
        from scipy.sparse import csr_array

        label = self.overlap.label if source is None else self.overlap.label[source]
        side = self.school[self.overlap.annotator]
        said = []
        for school in (1, 2):
            mine = side == school
            items = self.overlap.item[mine]
            share = 1 / np.maximum(np.bincount(items, minlength=self.n), 1)[items]
            said.append(csr_array((share, (label[mine], items)), shape=(self.k, self.n)))
        return csr_array(said[0] @ said[1].T)

    def by_chance(self, source: Ints) -> None:
        """Count the swaps of a random deal as chance."""
        self._chance.append(self.swaps(source))

    def classes(self, schema: LabelSchema) -> pd.DataFrame:
        """Return the class pairs that divide the schools, most beyond chance first."""
        seen = self.swaps().toarray()
        chance = np.zeros_like(seen)
        for dealt in self._chance:
            chance += dealt.toarray() / len(self._chance)
        excess = np.where(np.eye(self.k, dtype=bool), -np.inf, seen - chance)
        order = np.argsort(-excess, axis=None, kind="stable")[:SHOWN_PAIRS]
        a, b = np.unravel_index(order, excess.shape)
        beyond = excess[a, b] > 0
        a, b = a[beyond], b[beyond]
        names = np.array(schema.classes, dtype=object)
        columns = (names[a], names[b], seen[a, b], chance[a, b], excess[a, b])
        return pd.DataFrame(dict(zip(CLASS_COLUMNS, columns, strict=True)))

    def items(self, items: pd.Index, schema: LabelSchema) -> pd.DataFrame:
        """Return the ten items on which the schools stand furthest apart, with what each said."""
        rows = self.overlap
        side = self.school[rows.annotator]
        votes = [self._votes(side == school) for school in (1, 2)]
        n1, n2 = (v.sum(axis=1) for v in votes)
        both = np.flatnonzero((n1 > 0) & (n2 > 0))
        shares = [v[both] / v[both].sum(axis=1, keepdims=True) for v in votes]
        apart = np.abs(shares[0] - shares[1]).sum(axis=1) / 2 * (n1 * n2)[both] / (n1 + n2)[both]
        chosen = both[np.argsort(-apart, kind="stable")[:SHOWN_ITEMS]]
        found = np.sort(apart)[::-1][:SHOWN_ITEMS]
        texts = [[_said(v[i], schema) for i in chosen] for v in votes]
        place = np.unique(rows.item)[chosen]
        columns = (items.take(place).to_numpy(), texts[0], texts[1], found)
        return pd.DataFrame(dict(zip(ITEM_COLUMNS, columns, strict=True)))

    def _votes(self, mine: npt.NDArray[np.bool_]) -> Floats:
        """Return labels per disputed item and class of some rows."""
        kept, position = np.unique(self.overlap.item, return_inverse=True)
        key = position[mine] * self.k + self.overlap.label[mine]
        return np.bincount(key, minlength=kept.size * self.k).reshape(kept.size, self.k).astype(np.float64)


def _said(votes: Floats, schema: LabelSchema) -> str:
    """Write counts as ``sport x2, politics x1``, the most frequent class first."""
    order = [c for c in np.argsort(-votes, kind="stable") if votes[c] > 0]
    return ", ".join(f"{schema.names[c]} x{votes[c]:.0f}" for c in order)
