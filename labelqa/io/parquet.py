"""Parquet files."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from labelqa.annotations.readlog import SourceFile
from labelqa.errors import ColumnError, FileFormatError, Problem
from labelqa.io.frames import with_named_index
from labelqa.io.tables import Table

FIRST_ROW = 1  # a Parquet file has no header row


def read_parquet(raw: bytearray, name: str, stem: str) -> Table:
    """Read a Parquet file; rows are numbered from 1.

    Raises
    ------
    FileFormatError
        If the file is damaged or has no rows.
    """
    try:
        table = pq.read_table(pa.BufferReader(raw))
    except (pa.ArrowException, OSError):
        what = "the Parquet file is damaged or incomplete"
        raise FileFormatError(Problem(what=what, file=name, next_step="Export or download it again.")) from None
    if table.num_rows == 0:
        raise FileFormatError(Problem(what="the table has no rows", file=name, next_step="Export the labels again."))
    frame, notes = with_named_index(_to_pandas(table, name))
    return Table(
        frame=frame,
        name=name,
        stem=stem,
        offset=FIRST_ROW,
        source=SourceFile(name=name, sha256="", format="parquet", rows=len(frame)),
        notes=tuple(notes),
    )


def _to_pandas(table: pa.Table, name: str) -> pd.DataFrame:
    """Convert, keeping large integers exact where some are missing."""
    names = table.column_names
    repeated = sorted({n for n in names if names.count(n) > 1})
    if repeated:
        raise ColumnError(
            [
                Problem(
                    what=f"column name {n!r} occurs {names.count(n)} times",
                    file=name,
                    parameter=n,
                    value=n,
                    next_step="Give each column a name of its own.",
                )
                for n in repeated
            ]
        )
    frame: pd.DataFrame = table.to_pandas()
    for column in names:
        chunks = table.column(column)
        if pa.types.is_integer(chunks.type) and chunks.null_count and column in frame.columns:
            frame[column] = pd.array(chunks.cast(pa.int64()).to_pylist(), dtype="Int64")
    return frame
