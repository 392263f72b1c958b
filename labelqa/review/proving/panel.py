"""Both rounds, one row an item, so that items can be chosen by their stratum before anything is measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import check_one_round
from labelqa.counts.sparse import ClassCounts, distinct_rows
from labelqa.reliability import names
from labelqa.reliability.comparison.pair import RoundPair, match_items, with_joint_schema
from labelqa.review.proving.strata import Chosen

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """The items that enter a comparison, (n,): which labels of before and of after, and what each item weighs."""

    before: Mask
    after: Mask
    weight: Floats

    @property
    def shared(self) -> Mask:
        """Items that enter with the labels of both rounds."""
        return np.asarray(self.before & self.after)

    @property
    def is_weighted(self) -> bool:
        """Whether items weigh differently."""
        weight = self.weight[self.before | self.after]
        return bool(weight.size) and not np.allclose(weight, weight[0])

    def __bool__(self) -> bool:
        """Whether there is anything to compare."""
        return bool(self.before.any() and self.after.any())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """n items of two rounds over u kinds of label sets, coded in the classes of both.

    Attributes
    ----------
    rounds : tuple of Annotations
        Before and after.
    places : tuple of int arrays
        Position of the items of each round among the n.
    items : object (n,)
        Their names as text.
    kinds, who : ClassCounts
        As in :class:`labelqa.reliability.comparison.pair.RoundPair`.
    before, after : int (n,)
        Kind of the label set of each item; `empty` where it has none.
    empty : int
        The kind without labels.
    """

    rounds: tuple[Annotations, Annotations]
    places: tuple[Positions, Positions]
    items: npt.NDArray[np.object_]
    kinds: ClassCounts
    who: ClassCounts | None
    before: Positions
    after: Positions
    empty: int

    @property
    def schema(self) -> LabelSchema:
        """The classes of both rounds together (k)."""
        return self.rounds[0].schema

    @property
    def labeled(self) -> tuple[Mask, Mask]:
        """Which items have labels before, and after."""
        return self.before != self.empty, self.after != self.empty

    def of_stratum(self, chosen: Chosen, stratum: str) -> Mask:
        """Return which items are of this stratum, (n,)."""
        return np.array([chosen.get(name, ("",))[0] == stratum for name in self.items], dtype=np.bool_)

    def probability(self, chosen: Chosen) -> Floats:
        """Return the probability with which each item was chosen, (n,); 1 for those not listed."""
        return np.array([chosen.get(name, ("", 1.0))[1] for name in self.items], dtype=np.float64)

    def part(self, before: Mask, after: Mask, weight: Floats | None = None) -> Part:
        """Return the labeled items among those given."""
        first, second = self.labeled
        weight = np.ones(self.items.size) if weight is None else weight
        return Part(before=before & first, after=after & second, weight=weight)

    def annotations(self, part: Part) -> tuple[Annotations, Annotations]:
        """Return the labels of both rounds that enter."""
        out = []
        for data, place, keep in zip(self.rounds, self.places, (part.before, part.after), strict=True):
            out.append(data.take(np.flatnonzero(keep[place][data.item])))
        return out[0], out[1]

    def pair(self, part: Part) -> RoundPair:
        """Return the items that enter as cells of items alike."""
        keep = (part.before | part.after) & (part.weight > 0)
        before = np.where(part.before, self.before, self.empty)[keep]
        after = np.where(part.after, self.after, self.empty)[keep]
        _, level = np.unique(part.weight[keep], return_inverse=True)
        key = np.stack([before, after, level], axis=1)
        _, first, times = np.unique(key, axis=0, return_index=True, return_counts=True)
        return RoundPair(
            schema=self.schema,
            kinds=self.kinds,
            who=self.who,
            before=before[first],
            after=after[first],
            weight=part.weight[keep][first],
            times=times.astype(np.int64),
        )

    def uses(self, classes: list[int]) -> tuple[Mask, Mask]:
        """Return which items got one of these classes before, and after, (n,)."""
        used = np.zeros(len(self.kinds), dtype=np.bool_)
        used[self.kinds.row[np.isin(self.kinds.classes, classes)]] = True
        return used[self.before], used[self.after]


def make_panel(before: Annotations, after: Annotations, coefficient: str) -> Panel:
    """Match two rounds item by item.

    Raises
    ------
    ParameterError
        If the rounds differ in their level of measurement.
    RoundsError
        If one of them holds more than one round.
    """
    check_one_round(before)
    check_one_round(after)
    first, second = with_joint_schema(before, after)
    one, two, n = match_items(first.items, second.items)
    names_of = np.empty(n, dtype=object)
    names_of[one] = [str(name) for name in first.items]
    names_of[two] = [str(name) for name in second.items]
    row = np.concatenate([one[first.item], n + two[second.item]]).astype(np.int32)
    label = np.concatenate([first.label, second.label])
    k = first.schema.k
    people, others, m = match_items(first.annotators, second.annotators)
    who = coefficient in names.WHO_COEFFICIENTS
    if who:
        label = (np.concatenate([people[first.annotator], others[second.annotator]]) * k + label).astype(np.int64)
    sets = ClassCounts.from_codes(row, label, 2 * n + 1, m * k if who else k)  # the last row is the empty label set
    found, kind = distinct_rows(sets)
    kinds = sets.take(found)
    by_class = ClassCounts.from_codes(
        np.repeat(kinds.row, kinds.counts), np.repeat(kinds.classes % max(k, 1), kinds.counts), len(kinds), k
    )
    return Panel(
        rounds=(first, second),
        places=(one, two),
        items=names_of,
        kinds=by_class if who else kinds,
        who=kinds if who else None,
        before=kind[:n],
        after=kind[n : 2 * n],
        empty=int(kind[2 * n]),
    )
