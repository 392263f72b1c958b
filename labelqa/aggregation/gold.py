"""True classes of some items: checked and coded."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.names import quoted
from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem
from labelqa.text import counted

NEXT_STEP = "Give true classes by the names that the labels use."
Gold = Mapping[Hashable, Hashable] | pd.Series | str
SHOWN = 5  # items or classes that one sentence names


def known_classes(annotations: Annotations, gold: Gold | None) -> npt.NDArray[np.int32] | None:
    """Return the true class of every item, int32 (n,), -1 where not known; None without gold.

    Raises
    ------
    ParameterError
        If an item, class or column is not there; all problems together.
    """
    if gold is None:
        return None
    return coded(_column(annotations, gold) if isinstance(gold, str) else gold, annotations.items, annotations.schema)


def coded(gold: Mapping[Hashable, Hashable] | pd.Series, items: pd.Index, schema: LabelSchema) -> npt.NDArray[np.int32]:
    """Return the true class of every item of `items` (n,), int32 (n,), -1 where `gold` does not say or is missing.

    Raises
    ------
    ParameterError
        If `gold` does not give each item one class, or an item or class is not there; all problems together.
    """
    out = np.full(len(items), -1, dtype=np.int32)
    position = {str(item): i for i, item in enumerate(items)}
    given = {item: name for item, name in _pairs(gold) if not _is_missing(name, schema)}
    strange = [item for item in given if str(item) not in position]
    codes = {item: schema.index_of(name) for item, name in given.items()}
    unknown = {item: given[item] for item, code in codes.items() if code is None}
    if problems := [*_strange_items(strange), *_unknown_classes(unknown, schema)]:
        raise ParameterError(problems)
    for item, code in codes.items():
        out[position[str(item)]] = -1 if code is None else code
    return out


def _pairs(gold: object) -> list[tuple[Hashable, Hashable]]:
    """Return item and class of what is given, each item once."""
    pairs = list(gold.items()) if isinstance(gold, Mapping | pd.Series) else []
    twice = isinstance(gold, pd.Series) and not gold.index.is_unique
    if not isinstance(gold, Mapping | pd.Series) or twice or not all(isinstance(name, Hashable) for _, name in pairs):
        raise ParameterError(
            Problem(
                what=f"gold is a {type(gold).__name__} that does not give each item one class",
                parameter="gold",
                value=type(gold).__name__,
                allowed=("a mapping or Series of item to class", "the name of an item column"),
                next_step='Write gold={"item 1": "class", ...}.',
            )
        )
    return pairs


def _is_missing(name: Hashable, schema: LabelSchema) -> bool:
    """Tell whether `name` stands for a class that is not known: None, nan, or an empty cell that names no class."""
    is_nothing = name is None or name is pd.NA or name != name
    return is_nothing or (name == "" and schema.index_of(name) is None)


def _strange_items(items: list[Hashable]) -> list[Problem]:
    if not items:
        return []
    named, are = counted(len(items), "item"), "that is" if len(items) == 1 else "that are"
    what = f"gold names {named} {are} not in the data: {quoted(items, SHOWN)}"
    return [Problem(what=what, parameter="gold", value=items[0], next_step="Give true classes of items in the data.")]


def _unknown_classes(given: Mapping[Hashable, Hashable], schema: LabelSchema) -> list[Problem]:
    if not given:
        return []
    classes = dict.fromkeys(given.values())
    where = f"{counted(len(given), 'item')} ({quoted(given, SHOWN)})"
    what = f"gold gives {where} a class that no label can have: {quoted(classes, SHOWN)}"
    first = next(iter(classes))
    return [Problem(what=what, parameter="gold", value=first, allowed=schema.names, next_step=NEXT_STEP)]


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
    return dict(zip(annotations.items, values, strict=True))
