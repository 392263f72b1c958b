"""What a project begins with, from files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from labelqa.errors import ColumnError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from labelqa.guidelines.document import Guideline


def read_items(paths: tuple[str, ...], item: str | None, *, must_exist: bool = False) -> pd.DataFrame:
    """Read items, one a row; the column that names them becomes ``item``.

    Parameters
    ----------
    paths : tuple of str
        Files.
    item : str or None
        The column; found by its name if not given.
    must_exist : bool
        Whether `item` must be there; else it may be the name of a column of another file.

    Raises
    ------
    ColumnError
        If no column names the items.
    """
    from labelqa.io.labeled import item_column, without_blanks
    from labelqa.io.onetable import one_table

    frame, _, _, file = one_table(list(paths) if len(paths) > 1 else paths[0], None)
    frame.columns = frame.columns.astype(str)
    named = [item] if must_exist and item is not None else [item, "item"]
    known = [c for c in named if c in frame.columns]
    column = known[0] if known else None if len(named) == 1 else item_column(frame, ())
    if column is None:
        what = "no column names each item once" if item is None else f"there is no column {item!r}"
        step = "Name the column of the item ids with --item."
        raise ColumnError(
            Problem(what=what, file=file, parameter="item", value=item, allowed=tuple(frame.columns), next_step=step)
        )
    frame = frame.apply(without_blanks)
    return frame if column == "item" else frame.rename(columns={"item": "item (data)", column: "item"})


def read_guideline(path: str | Path) -> Guideline:
    """Read a guideline from a Markdown file.

    Raises
    ------
    FileFormatError
        If it cannot be read; with every line that is not understood.
    """
    from labelqa.cli.guideline_files import read_file

    return read_file(Path(path)).guideline


def default_name(database: str) -> str:
    """Return a name for a project: that of its file, or of the database on a server."""
    from labelqa.store.connect import place_of

    place = place_of(database)
    if place.file is not None:
        return place.file.stem
    return place.shown.rsplit("/", 1)[-1] or "project"
