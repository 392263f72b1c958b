"""What people bring as files before it is in a project: a look at a table, and items one a row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from labelqa.errors import ColumnError, Problem
from labelqa.io.labeled import item_column, without_blanks
from labelqa.io.onetable import one_table


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHead:
    """The beginning of a table as it stands in a file.

    Attributes
    ----------
    rows : DataFrame
        The first rows, each cell as text.
    columns : tuple of str
        All columns.
    n_rows : int
        Rows of the whole file.
    """

    rows: pd.DataFrame
    columns: tuple[str, ...]
    n_rows: int


def table_head(path: str | Path, rows: int = 8) -> TableHead:
    """Return the first rows of a file as they stand there, before anything is made of them.

    Parameters
    ----------
    path : path
        A file that :func:`labelqa.read_annotations` reads.
    rows : int
        How many.

    Raises
    ------
    FileFormatError
        If the file cannot be read as a table.
    """
    frame, _, _, _ = one_table(str(path), None)
    frame.columns = frame.columns.astype(str)
    head = frame.head(rows)
    shown = head.astype(object).where(head.notna(), "").astype(str).reset_index(drop=True)
    return TableHead(rows=shown, columns=tuple(frame.columns), n_rows=len(frame))


def read_items(path: str | Path | list[str], item: str | None = None, *, must_exist: bool = False) -> pd.DataFrame:
    """Read items, one a row; the column that names them becomes ``item``.

    Parameters
    ----------
    path : path or list of path
        File or files.
    item : str, optional
        The column; found by its name if not given, or if the file has none of that name.
    must_exist : bool
        Whether `item` must be there; else it may be the name of a column of another file.

    Returns
    -------
    DataFrame (n, columns)
        With a column ``item``; what :func:`labelqa.review.add_items` takes.

    Raises
    ------
    FileFormatError
        If a file cannot be read as a table.
    ColumnError
        If no column names the items.
    """
    frame, _, _, file = one_table(path if isinstance(path, list) else str(path), None)
    frame.columns = frame.columns.astype(str)
    named = [item] if must_exist and item is not None else [item, "item"]
    known = [c for c in named if c in frame.columns]
    column = known[0] if known else None if len(named) == 1 else item_column(frame, ())
    if column is None:
        what = "no column names each item once" if item is None else f"there is no column {item!r}"
        step = "Name the column of the item ids (item=, --item), or call it item."
        raise ColumnError(
            Problem(what=what, file=file, parameter="item", value=item, allowed=tuple(frame.columns), next_step=step)
        )
    frame = frame.apply(without_blanks)
    return frame if column == "item" else frame.rename(columns={"item": "item (data)", column: "item"})
