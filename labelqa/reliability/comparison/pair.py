"""Two rounds of labels as one table: which label sets each item got before and after.

A label set is what one item got in one round. Items whose label sets (and weights) are alike in both rounds form a
cell, so that work goes with the number of cells, not of items.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.reshape import joint_schema
from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import CountPatterns, check_one_round
from labelqa.counts.sparse import ClassCounts, distinct_rows
from labelqa.counts.who import WhoCounts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoundPair:
    """Two rounds in c cells over u kinds of label sets.

    Attributes
    ----------
    schema : LabelSchema
        The classes of both rounds together (k).
    kinds : ClassCounts
        Labels per class of every kind of label set (u, k); one kind is empty.
    who : ClassCounts or None
        The same by annotator and class (u, m k), where the coefficient needs to know who labeled.
    before, after : int (c,)
        Kind of the label set of each cell in the two rounds; the empty one where the items were not labeled.
    weight : float64 (c,)
        Weight of each item of the cell.
    times : int64 (c,)
        Items of the cell.
    """

    schema: LabelSchema
    kinds: ClassCounts
    who: ClassCounts | None
    before: Positions
    after: Positions
    weight: Floats
    times: Ints

    @property
    def shared(self) -> npt.NDArray[np.bool_]:
        """Which cells were labeled in both rounds, (c,)."""
        return np.asarray(self.in_before & self.in_after)

    @property
    def in_before(self) -> npt.NDArray[np.bool_]:
        """Which cells were labeled before, (c,)."""
        return np.asarray(self.kinds.sums()[self.before] > 0)

    @property
    def in_after(self) -> npt.NDArray[np.bool_]:
        """Which cells were labeled after, (c,)."""
        return np.asarray(self.kinds.sums()[self.after] > 0)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Items labeled in both rounds, before only, and after only."""
        first, second = self.in_before, self.in_after
        parts = (first & second, first & ~second, second & ~first)
        shared, before_only, after_only = (int(self.times[part].sum()) for part in parts)
        return shared, before_only, after_only


def with_joint_schema(before: Annotations, after: Annotations) -> tuple[Annotations, Annotations]:
    """Return both rounds coded in the classes of the two together.

    Raises
    ------
    ParameterError
        If the rounds differ in their level of measurement.
    """
    schema = joint_schema([before.schema, after.schema])
    recoded = [replace(part, schema=schema, label=part.schema.codes_in(schema)[part.label]) for part in (before, after)]
    return recoded[0], recoded[1]


def match_items(before: pd.Index, after: pd.Index) -> tuple[Positions, Positions, int]:
    """Return the position of every item of either round among all items of both, and how many those are.

    Names of different types (the number 7 and the text "7") are compared as texts.
    """
    texts = [{isinstance(name, str) for name in index} for index in (before, after)]
    mixed = texts in ([{True}, {False}], [{False}, {True}])
    names = [str(n) if mixed else n for index in (before, after) for n in index]
    codes, found = pd.factorize(pd.Series(names, dtype=object))
    return codes[: len(before)], codes[len(before) :], len(found)


def pair_annotations(
    before: Annotations, after: Annotations, weights: Mapping[str, Floats] | None = None, *, who: bool = False
) -> RoundPair:
    """Match two rounds, coded in the same classes, item by item.

    Parameters
    ----------
    before, after : Annotations
        One round each.
    weights : mapping, optional
        ``{"before": (n,), "after": (n,)}``: weight of every item of either round; 0 leaves it out.
    who : bool
        Whether label sets by other people are other label sets.

    Raises
    ------
    RoundsError
        If one of them holds more than one round.
    """
    check_one_round(before)
    check_one_round(after)
    places = match_items(before.items, after.items)
    n = places[2]
    row = np.concatenate([places[0][before.item], n + places[1][after.item]]).astype(np.int32)
    label = np.concatenate([before.label, after.label])
    k = before.schema.k
    if who:
        people, others, m = match_items(before.annotators, after.annotators)
        place = _by_name(before.annotators, people, after.annotators, others, m)
        annotator = place[np.concatenate([people[before.annotator], others[after.annotator]])]
        sets = ClassCounts.from_codes(row, (annotator * k + label).astype(np.int64), 2 * n + 1, m * k)
    else:
        sets = ClassCounts.from_codes(row, label, 2 * n + 1, k)  # the last row is the empty label set
    first, kind = distinct_rows(sets)
    kinds = sets.take(first)
    weight = _item_weights(places, weights)
    cells = _cells(kind[:n], kind[n : 2 * n], weight, kinds.sums() == 0)
    by_class = _by_class(kinds, k) if who else kinds
    return RoundPair(schema=before.schema, kinds=by_class, who=kinds if who else None, **cells)


def _by_name(before: pd.Index, people: Positions, after: pd.Index, others: Positions, m: int) -> Positions:
    """Return the place of every annotator in the order of their names, so that the order of rows changes nothing."""
    names = [""] * m
    for index, codes in ((before, people), (after, others)):
        for name, code in zip(index, codes, strict=True):
            names[code] = str(name)
    return np.argsort(np.argsort(np.array(names, dtype=object), kind="stable"))


def _item_weights(places: tuple[Positions, Positions, int], weights: Mapping[str, Floats] | None) -> Floats:
    out = np.ones(places[2])
    if weights is not None:
        out[places[0]] = weights["before"]
        out[places[1]] = weights["after"]
    return out


def _cells(before: Positions, after: Positions, weight: Floats, empty: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Collect items that are alike; those without labels or weight are dropped."""
    keep = ~(empty[before] & empty[after]) & (weight > 0)
    before, after, weight = before[keep], after[keep], weight[keep]
    _, pair = np.unique(before.astype(np.int64) * empty.size + after, return_inverse=True)
    _, level = np.unique(weight, return_inverse=True)
    key = pair.astype(np.int64) * (int(level.max(initial=0)) + 1) + level
    _, first, times = np.unique(key, return_index=True, return_counts=True)
    return {"before": before[first], "after": after[first], "weight": weight[first], "times": times.astype(np.int64)}


def pair_patterns(before: CountPatterns, after: CountPatterns, *, who: bool = False) -> RoundPair:
    """Put two sets of count patterns, coded in the same classes, side by side, as rounds that share no item.

    `who` is respected where both know who labeled.
    """
    if who and before.who is not None and after.who is not None:
        parts, times = _by_people(before.who, after.who), (before.who.multiplicity, after.who.multiplicity)
    else:
        who, parts, times = False, (before.rows, after.rows), (before.multiplicity, after.multiplicity)
    k, p, q = before.schema.k, len(parts[0]), len(parts[1])
    joined = parts[0].followed_by(parts[1]).followed_by(ClassCounts.from_dense(np.zeros((1, parts[0].k), dtype=int)))
    first, kind = distinct_rows(joined)
    cells: dict[str, Any] = {
        "before": np.r_[kind[:p], np.full(q, kind[-1])],
        "after": np.r_[np.full(p, kind[-1]), kind[p : p + q]],
        "weight": np.ones(p + q),
        "times": np.r_[times[0], times[1]],
    }
    labeled = cells["before"] != cells["after"]
    kinds = joined.take(first)
    return RoundPair(
        schema=before.schema,
        kinds=_by_class(kinds, k) if who else kinds,
        who=kinds if who else None,
        **{name: values[labeled] for name, values in cells.items()},
    )


def _by_people(before: WhoCounts, after: WhoCounts) -> tuple[ClassCounts, ClassCounts]:
    """Return the rows of both with annotators of the same name numbered alike."""
    first, second, m = match_items(pd.Index(before.annotators, dtype=object), pd.Index(after.annotators, dtype=object))
    k = before.k
    recoded = [
        part.rows.recoded(place[part.rows.classes // k] * k + part.rows.classes % k, m * k)
        for part, place in ((before, first), (after, second))
    ]
    return recoded[0], recoded[1]


def _by_class(who: ClassCounts, k: int) -> ClassCounts:
    """Return the labels per class (u, k) of label sets by annotator and class (u, m k)."""
    return ClassCounts.from_codes(who.row, who.classes % k, len(who), k)


def patterns_in(part: CountPatterns, schema: LabelSchema) -> CountPatterns:
    """Return count patterns coded in the classes of `schema`."""
    recode = part.schema.codes_in(schema)
    return CountPatterns(
        patterns=part.rows.recoded(recode[part.rows.classes] if recode.size else part.rows.classes, schema.k),
        multiplicity=part.multiplicity,
        schema=schema,
        who=None if part.who is None else part.who.with_classes(recode, schema.k),
        who_unknown_because=part.who_unknown_because,
        read_log=part.read_log,
    )
