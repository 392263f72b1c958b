"""Labels of items, arranged so that who said what about an item lies together, and items that look alike are one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
TOP = 4  # most frequent classes of an item that variation may be between
_MIXERS = tuple(np.uint64(number) for number in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_STEP = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: what follows from the labels is made when first needed
class Votes:
    """Labels (r,) of n items, each of which has at least one, in k classes; sorted by item, then annotator.

    Attributes
    ----------
    item : int64 (r,)
        Position of the item, ascending; every one from 0 to n - 1 occurs.
    annotator, label : int64 (r,)
        Codes of annotator and class.
    k : int
        Number of classes.
    """

    item: Ints
    annotator: Ints
    label: Ints
    k: int

    @classmethod
    def of(
        cls,
        item: npt.NDArray[np.integer],
        annotator: npt.NDArray[np.integer],
        label: npt.NDArray[np.integer],
        k: int,
    ) -> tuple[Votes, Ints]:
        """Return the labels in order, and the code (n,) of each item that has one."""
        order = np.lexsort((label, annotator, item))
        kept, position = np.unique(item[order], return_inverse=True)
        people, labels = (codes[order].astype(np.int64) for codes in (annotator, label))
        return cls(item=position.astype(np.int64), annotator=people, label=labels, k=k), kept.astype(np.int64)

    @property
    def n(self) -> int:
        """Number of items."""
        return int(self.item[-1]) + 1 if self.item.size else 0

    @cached_property
    def n_labels(self) -> Ints:
        """Labels of each item, int64 (n,)."""
        return np.bincount(self.item, minlength=self.n)

    @cached_property
    def person_start(self) -> Ints:
        """First label of each person in an item, int64 (u,): one person's labels of an item lie together."""
        same = (np.diff(self.item, prepend=-1) == 0) & (np.diff(self.annotator, prepend=-1) == 0)
        return np.flatnonzero(~same)

    @cached_property
    def item_start(self) -> Ints:
        """First person of each item, int64 (n,)."""
        return np.flatnonzero(np.diff(self.item[self.person_start], prepend=-1))

    @cached_property
    def n_people(self) -> Ints:
        """People who labeled each item, int64 (n,)."""
        return np.diff(self.item_start, append=self.person_start.size)

    @property
    def repeated(self) -> bool:
        """Whether anybody labeled an item more than once."""
        return self.person_start.size < self.item.size

    @cached_property
    def _entries(self) -> tuple[Ints, Ints, Ints]:
        keys, row, count = np.unique(self.item * self.k + self.label, return_inverse=True, return_counts=True)
        return keys, row.astype(np.int64), count.astype(np.int64)

    @property
    def entry_key(self) -> Ints:
        """``item * k + class`` of every class that an item was given, int64 (q,), ascending."""
        return self._entries[0]

    @property
    def entry_of_label(self) -> Ints:
        """Entry that each label belongs to, int64 (r,)."""
        return self._entries[1]

    @property
    def entry_count(self) -> Ints:
        """Labels of each entry, int64 (q,)."""
        return self._entries[2]

    @property
    def entry_item(self) -> Ints:
        """Item of each entry, int64 (q,)."""
        return self.entry_key // max(self.k, 1)

    @property
    def entry_class(self) -> Ints:
        """Class of each entry, int64 (q,)."""
        return self.entry_key % max(self.k, 1)

    @cached_property
    def entry_people(self) -> Ints:
        """People who gave each entry, int64 (q,): one who repeats a label counts once."""
        same = (np.diff(self.entry_of_label, prepend=-1) == 0) & (np.diff(self.annotator, prepend=-1) == 0)
        same &= np.diff(self.item, prepend=-1) == 0
        return np.bincount(self.entry_of_label[~same], minlength=self.entry_key.size)

    @cached_property
    def n_classes(self) -> Ints:
        """Different classes of each item, int64 (n,)."""
        return np.bincount(self.entry_item, minlength=self.n)

    @cached_property
    def top(self) -> Ints:
        """Classes of each item by number of labels, int64 (n, TOP), -1 where it has fewer; ties in class order."""
        order = np.lexsort((self.entry_class, -self.entry_count, self.entry_item))
        item = self.entry_item[order]
        rank = np.arange(item.size) - np.searchsorted(item, item)
        kept = rank < TOP
        out = np.full((self.n, TOP), -1, dtype=np.int64)
        out[item[kept], rank[kept]] = self.entry_class[order][kept]
        return out

    def entries_of(self, item: Ints, classes: Ints) -> Ints:
        """Return the entry of each pair of item and class (x,), -1 where the item was not given the class."""
        key = item * self.k + classes
        at = np.minimum(np.searchsorted(self.entry_key, key), max(self.entry_key.size - 1, 0))
        return np.where((self.entry_key[at] == key) & (classes >= 0), at, -1)

    def rows_of(self, items: Ints) -> Ints:
        """Return the positions of the labels of `items` (ascending), int64."""
        wanted = np.zeros(self.n, dtype=np.bool_)
        wanted[items] = True
        return np.flatnonzero(wanted[self.item])

    def take(self, rows: Ints) -> Votes:
        """Return the labels at `rows` (ascending), with their items numbered anew."""
        item = self.item[rows]
        position = np.cumsum(np.diff(item, prepend=item[:1]) != 0)
        return Votes(item=position, annotator=self.annotator[rows], label=self.label[rows], k=self.k)

    def kinds(self) -> tuple[Ints, Ints]:
        """Return an item (p,) of each kind, and the kind (n,) of each item.

        Items are of one kind where as many people gave the same labels, whoever they are. Kinds are told apart by sums
        of 64-bit hashes, which two among a million share with a chance of one in ten million.
        """
        person = np.add.reduceat(_mixed(self.label.astype(np.uint64)), self.person_start)
        whole = np.add.reduceat(_mixed(person), self.item_start)
        _, first, kind = np.unique(whole, return_index=True, return_inverse=True)
        order = np.argsort(first)  # in order of appearance, so that taking them keeps labels sorted
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        return first[order].astype(np.int64), place[kind].astype(np.int64)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return the SplitMix64 hash of each value (Steele, Lea & Flood 2014)."""
    out = values + _STEP
    for shift, factor in ((np.uint64(30), _MIXERS[0]), (np.uint64(27), _MIXERS[1])):
        out = (out ^ (out >> shift)) * factor
    return np.asarray(out ^ (out >> np.uint64(31)))
