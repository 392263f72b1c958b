"""Files or a frame as one table, with the record of how it was read."""

from __future__ import annotations

import pandas as pd

from labelqa.annotations.readlog import Origin, ReadLog
from labelqa.io.sources import read_tables
from labelqa.io.stack import stack


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
