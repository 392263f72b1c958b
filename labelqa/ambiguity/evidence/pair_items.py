"""The items that a pair of classes concerns: disputed between the two, or agreed to be one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.annotations.table import Annotations

Codes = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairItems:
    """Items with two or more labels that a pair of classes concerns; c of them, in the order of the data.

    Attributes
    ----------
    item : int (c,)
        Positions among the items of the annotations.
    says_a, says_b, says_other : float64 (c,)
        Labels of each item in class a, class b, or another.
    is_split, is_a, is_b : bool (c,)
        Whether an item got both labels, only a, or only b.
    """

    item: Codes
    says_a: Floats
    says_b: Floats
    says_other: Floats
    is_split: npt.NDArray[np.bool_]
    is_a: npt.NDArray[np.bool_]
    is_b: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, annotations: Annotations, a: int, b: int) -> PairItems:
        """Find the items of classes with codes `a` and `b`."""
        n = annotations.n_items
        every = np.bincount(annotations.item, minlength=n).astype(np.float64)
        counts = [np.bincount(annotations.item[annotations.label == c], minlength=n).astype(np.float64) for c in (a, b)]
        split = (counts[0] > 0) & (counts[1] > 0)
        agreed = [(every >= 2) & (c == every) for c in counts]
        item = np.flatnonzero(split | agreed[0] | agreed[1])
        return cls(
            item=item,
            says_a=counts[0][item],
            says_b=counts[1][item],
            says_other=(every - counts[0] - counts[1])[item],
            is_split=split[item],
            is_a=agreed[0][item],
            is_b=agreed[1][item],
        )

    def __len__(self) -> int:
        """Return the number of items c."""
        return int(self.item.size)

    @property
    def n_split(self) -> int:
        """Number of disputed items."""
        return int(self.is_split.sum())
