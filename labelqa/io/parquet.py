"""Parquet files."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from labelqa.annotations.frames import arrow_to_pandas, check_names
from labelqa.annotations.readlog import SourceFile
from labelqa.errors import FileFormatError, Problem
from labelqa.io.frames import metadata_of, with_named_index
from labelqa.io.streams import check_unpacked
from labelqa.io.tables import Table

FIRST_ROW = 1  # a Parquet file has no header row


def read_parquet(raw: bytearray, name: str, stem: str) -> Table:
    """Read a Parquet file; rows are numbered from 1.

    Raises
    ------
    FileFormatError
        If the file is damaged, has no rows, or unpacks to absurdly much.
    ColumnError
        If a column name occurs twice.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(raw))
        groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
        check_unpacked(sum(g.total_byte_size for g in groups), len(raw), name)
        table = file.read()
        table.validate(full=True)  # texts must be UTF-8, which reading alone does not check
        names = table.column_names
    except pa.ArrowMemoryError:
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError):  # the last: names of columns that are no text
        what = "the Parquet file is damaged or incomplete"
        raise FileFormatError(Problem(what=what, file=name, next_step="Export or download it again.")) from None
    if table.num_rows == 0:
        raise FileFormatError(Problem(what="the table has no rows", file=name, next_step="Export the labels again."))
    check_names(names, name)
    frame, notes = with_named_index(arrow_to_pandas(table))
    return Table(
        frame=frame,
        name=name,
        stem=stem,
        offset=FIRST_ROW,
        source=SourceFile(name=name, sha256="", format="parquet", stem=stem, rows=len(frame)),
        notes=tuple(notes),
        metadata=metadata_of(table),
    )
