"""Which annotators answered which items together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.reliability.distance import words

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Together:
    """Answers of items with two or more of them.

    Attributes
    ----------
    rows : list of int (r_i,)
        Per item the positions of its answers, in the order of annotators.
    annotator : int32 (r,)
        Annotator of each answer.
    pair_code : dict
        Number of each annotator pair that shares an item.
    n_items, n_single, n_unlabeled : int
        Items with at least one answer, with exactly one, with none.
    """

    rows: list[list[int]]
    annotator: npt.NDArray[np.int32]
    pair_code: dict[tuple[int, int], int]
    n_items: int
    n_single: int
    n_unlabeled: int
    n_annotators: int

    @classmethod
    def of(cls, data: StructuredAnnotations) -> Together:
        """Group the answers of `data` by item."""
        per_item = np.bincount(data.item, minlength=data.n_items)
        order = np.lexsort((data.annotator, data.item))
        ends = np.cumsum(per_item)
        rows = [order[end - size : end].tolist() for end, size in zip(ends, per_item, strict=True) if size >= 2]
        code: dict[tuple[int, int], int] = {}
        for positions in rows:
            people = data.annotator[positions].tolist()
            for i, left in enumerate(people):
                for right in people[i + 1 :]:
                    code.setdefault((left, right), len(code))
        return cls(
            rows=rows,
            annotator=data.annotator,
            pair_code=code,
            n_items=int((per_item > 0).sum()),
            n_single=int((per_item == 1).sum()),
            n_unlabeled=int((per_item == 0).sum()),
            n_annotators=data.n_annotators,
        )

    def pairs(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield (item, annotator pair, answer, answer) of every two answers to one item."""
        for item, positions in enumerate(self.rows):
            for i, left in enumerate(positions):
                for right in positions[i + 1 :]:
                    yield item, self.pair_code[int(self.annotator[left]), int(self.annotator[right])], left, right

    def impossible(self) -> str | None:
        """Return why agreement cannot be measured at all, if so."""
        if self.n_items == 0:
            return words.NO_ANSWERS
        if not self.rows:
            return words.ONE_ANNOTATOR if self.n_annotators == 1 else words.NO_OVERLAP
        return None
