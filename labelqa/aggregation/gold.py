"""True classes of some items: checked and coded."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem

NEXT_STEP = "Give true classes by the names that the labels use."
Gold = Mapping[Hashable, Hashable] | str


def known_classes(annotations: Annotations, gold: Gold | None) -> npt.NDArray[np.int32] | None:
    """Return the true class of every item, int32 (n,), -1 where not known; None without gold.

    Raises
    ------
    ParameterError
        If an item, class or column is not there; all problems together.
    """
    if gold is None:
        return None
    given: Mapping[Hashable, Hashable] = _column(annotations, gold) if isinstance(gold, str) else gold
    return coded(given, annotations.items, annotations.schema)


def coded(gold: Mapping[Hashable, Hashable], items: pd.Index, schema: LabelSchema) -> npt.NDArray[np.int32]:
    """Return the true class of every item of `items` (n,), int32 (n,), -1 where `gold` does not say.

    Raises
    ------
    ParameterError
        If `gold` does not give each item one class, or an item or class is not there; all problems together.
    """
    _check_mapping(gold)
    out = np.full(len(items), -1, dtype=np.int32)
    position = {str(item): i for i, item in enumerate(items)}
    problems = []
    for item, name in gold.items():
        place, code = position.get(str(item)), schema.index_of(name)
        if place is None:
            problems.append(_problem(f"gold names the item {item!r}, which is not in the data", item))
        elif code is None:
            problems.append(_problem(f"gold gives item {item!r} the class {name!r}", name, schema.names))
        else:
            out[place] = code
    if problems:
        raise ParameterError(problems)
    return out


def _check_mapping(gold: object) -> None:
    if not isinstance(gold, Mapping) or not all(isinstance(name, Hashable) for name in gold.values()):
        raise ParameterError(
            Problem(
                what=f"gold is a {type(gold).__name__} that does not give each item one class",
                parameter="gold",
                value=type(gold).__name__,
                allowed=("a mapping of item to class", "the name of an item column"),
                next_step='Write gold={"item 1": "class", ...}.',
            )
        )


def _problem(what: str, value: Hashable, allowed: tuple[str, ...] = ()) -> Problem:
    return Problem(what=what, parameter="gold", value=value, allowed=allowed, next_step=NEXT_STEP)


def _column(annotations: Annotations, column: str) -> dict[Hashable, Hashable]:
    if column not in annotations.item_data:
        raise ParameterError(
            Problem(
                what=f"there is no item column {column!r} with one value an item",
                parameter="gold",
                value=column,
                allowed=tuple(str(c) for c in annotations.item_data.columns),
                next_step="A column that differs between the labels of an item is not kept: give each item one class.",
            )
        )
    values = annotations.item_data[column]
    return {i: v for i, v in zip(annotations.items, values, strict=True) if not pd.isna(v)}
