"""Which column names the rows of a table, and what to say where it names some twice."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from labelqa.io import words
from labelqa.io.labeled import ITEM_NAMES, holds_arrays, item_column
from labelqa.text import counted

MANY_NAMES = 12  # different values from which a column called item names rows, even if some twice


def name_column(frame: pd.DataFrame, taken: Collection[str]) -> str | None:
    """Return the column that names the rows, not one that is `taken`; also one called item that names some twice.

    Examples
    --------
    >>> name_column(pd.DataFrame({"item": [*range(20), 0], "size": 1}), ())
    'item'
    """
    found = item_column(frame, taken)
    if found is not None:
        return found
    free = [str(c) for c in frame.columns if c not in taken and not holds_arrays(frame[c])]
    named = [c for c in free if words.item_score(words.take_apart(c)) >= ITEM_NAMES]
    return next((c for c in named if frame[c].nunique() > max(MANY_NAMES, 0.5 * len(frame))), None)


def repeated_names(frame: pd.DataFrame, column: str | None) -> list[str]:
    """Return a note where items have several rows: these are not independent.

    Examples
    --------
    >>> repeated_names(pd.DataFrame({"item": ["a", "a", "b"]}), "item")
    ["1 row repeats an item of column 'item': rows of one item are not independent, which --groups item allows for"]
    """
    n = 0 if column is None else int(frame[column].dropna().duplicated().sum())
    if not n:
        return []
    rows = counted(n, "row repeats", "rows repeat")
    step = f"rows of one item are not independent, which --groups {column} allows for"
    return [f"{rows} an item of column {column!r}: {step}"]
