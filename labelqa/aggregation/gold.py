"""True classes of some items: checked and coded."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem

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
    given = _column(annotations, gold) if isinstance(gold, str) else dict(gold)
    out = np.full(annotations.n_items, -1, dtype=np.int32)
    position = {str(item): i for i, item in enumerate(annotations.items)}
    problems = []
    for item, name in given.items():
        place, code = position.get(str(item)), annotations.schema.index_of(name)
        if place is None or code is None:
            what = (
                f"gold names the item {item!r}, which is not in the data"
                if place is None
                else (f"gold gives item {item!r} the class {name!r}")
            )
            allowed = () if place is None else annotations.schema.names
            problems.append(
                Problem(what=what, parameter="gold", value=item if place is None else name, allowed=allowed)
            )
        else:
            out[place] = code
    if problems:
        raise ParameterError(problems)
    return out


def _column(annotations: Annotations, column: str) -> dict[Hashable, Hashable]:
    if column not in annotations.item_data:
        raise ParameterError(
            Problem(
                what=f"there is no item column {column!r}",
                parameter="gold",
                value=column,
                allowed=tuple(str(c) for c in annotations.item_data.columns),
            )
        )
    values = annotations.item_data[column]
    return {i: v for i, v in zip(annotations.items, values, strict=True) if not pd.isna(v)}
