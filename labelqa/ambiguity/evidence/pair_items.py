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
    for_a, for_b : float
        How many items agreed to be a (or b) each of them stands for: more than 1 in a sample.
    """

    item: Codes
    says_a: Floats
    says_b: Floats
    says_other: Floats
    is_split: npt.NDArray[np.bool_]
    is_a: npt.NDArray[np.bool_]
    is_b: npt.NDArray[np.bool_]
    for_a: float = 1.0
    for_b: float = 1.0

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

    def sample(self, most: int) -> PairItems:
        """Return all disputed items with at most so many agreed ones of each class, spread evenly over the data.

        Whatever tells disputed items from agreed ones can be tested on such a sample, as in a case-control study; what
        is counted must be weighed, by :meth:`standing_for`.
        """
        sides = [np.flatnonzero(side) for side in (self.is_a, self.is_b)]
        if max(side.size for side in sides) <= most:
            return self
        chosen = [s if s.size <= most else s[np.linspace(0, s.size - 1, most).astype(np.intp)] for s in sides]
        at = np.sort(np.concatenate([np.flatnonzero(self.is_split), *chosen]))
        for_a, for_b = (side.size / max(some.size, 1) for side, some in zip(sides, chosen, strict=True))
        names = ("item", "says_a", "says_b", "says_other", "is_split", "is_a", "is_b")
        return PairItems(**{name: getattr(self, name)[at] for name in names}, for_a=for_a, for_b=for_b)

    def standing_for(self, n_split: float, n_a: float, n_b: float) -> int:
        """Return how many items so many disputed and agreed ones stand for."""
        return round(n_split + self.for_a * n_a + self.for_b * n_b)

    @property
    def n_whole(self) -> int:
        """Number of items that they stand for: c, unless they are a sample."""
        return self.standing_for(self.n_split, int(self.is_a.sum()), int(self.is_b.sum()))

    @property
    def n_split(self) -> int:
        """Number of disputed items."""
        return int(self.is_split.sum())
