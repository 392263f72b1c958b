"""Files or a frame as one table, with the record of how it was read."""

from __future__ import annotations

import pandas as pd

from labelqa.annotations.readlog import Origin, ReadLog
from labelqa.errors import shorten
from labelqa.io.sources import read_tables
from labelqa.io.stack import stack
from labelqa.slices.features import has_decimal_commas


def one_table(source: object, format: str | None) -> tuple[pd.DataFrame, Origin, ReadLog, str | None]:
    """Return all rows, where each came from, the record, and the name of the first file (None for a frame).

    Raises
    ------
    FileFormatError
        If a file cannot be read as a table.
    ColumnError
        If several files do not have the same columns.
    """
    tables, notes = read_tables(source, format)
    frame, origin = stack(tables)
    log = ReadLog(
        sources=tuple(t.source for t in tables if t.source is not None),
        n_rows_read=sum(t.n_rows_read for t in tables),
        set_aside=tuple(s for t in tables for s in t.set_aside),
    ).adding(notes=[*notes, *(n for t in tables for n in t.notes)])
    return frame, origin, log, tables[0].name


def with_points(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the frame with points in numbers that have decimal commas, and a note that names their columns.

    Examples
    --------
    >>> frame, notes = with_points(pd.DataFrame({"loss": ["0,5", "2", None], "name": ["a,b", "c", "d"]}))
    >>> frame["loss"].tolist()[:2], notes
    (['0.5', '2'], ["numbers with decimal commas: 'loss'"])
    """
    changed = {str(c): frame[c].map(_with_point, na_action="ignore") for c in frame.columns if _has_commas(frame[c])}
    return frame.assign(**changed), [f"numbers with decimal commas: {shorten(map(repr, changed))}"] if changed else []


def _with_point(text: str) -> str:
    return text.strip().replace(",", ".")


def _has_commas(column: pd.Series) -> bool:
    if not (column.dtype == object or isinstance(column.dtype, pd.StringDtype)):
        return False
    known = column.dropna()
    if not len(known) or not all(isinstance(v, str) for v in known):
        return False
    return has_decimal_commas(known.astype(str).str.strip()) and bool(known.str.contains(",").any())
