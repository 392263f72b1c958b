"""Frames of any library as a table with text column names."""

from __future__ import annotations

import pandas as pd

from labelqa.annotations.frames import as_pandas
from labelqa.errors import ColumnError, FileFormatError, Problem
from labelqa.io.tables import Table


def read_frame(source: object) -> Table:
    """Take a frame as it is; rows are numbered from 0.

    Raises
    ------
    ParameterError
        If `source` is not a table.
    FileFormatError
        If it has no rows.
    ColumnError
        If a column name occurs twice.
    """
    frame, notes = with_named_index(as_pandas(source))
    if frame.empty:
        what = f"the frame has {len(frame):,} rows and {len(frame.columns):,} columns: there is nothing to read"
        raise FileFormatError(Problem(what=what, parameter="source"))
    return Table(frame=frame, notes=tuple(notes))


def with_named_index(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return `frame` with text column names, and with its index as columns where it says something."""
    notes: list[str] = []
    named = [str(n) for n in frame.index.names if n is not None]
    if named or not (pd.api.types.is_integer_dtype(frame.index.dtype) or frame.empty):
        frame = frame.reset_index()
        shown = ", ".join(repr(str(c)) for c in frame.columns[: max(1, len(named))])
        notes.append(f"the index of the frame was read as column {shown}")
    names = [_flat(c) for c in frame.columns]
    repeated = sorted({n for n in names if names.count(n) > 1}) if len(set(names)) < len(names) else []
    if repeated:
        raise ColumnError(
            [
                Problem(
                    what=f"column name {n!r} occurs {names.count(n)} times",
                    parameter=n,
                    value=n,
                    next_step="Give each column a name of its own.",
                )
                for n in repeated
            ]
        )
    if names == list(frame.columns) and isinstance(frame.index, pd.RangeIndex):
        return frame, notes
    return frame.reset_index(drop=True).set_axis(names, axis=1), notes


def _flat(column: object) -> str:
    """Return a column name as text; levels of a MultiIndex are joined."""
    if isinstance(column, tuple):
        return " ".join(str(part) for part in column if str(part))
    return str(column).strip()
