"""Frames of any library as a table with text column names."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pandas as pd

from labelqa.annotations.frames import as_pandas, check_names
from labelqa.errors import FileFormatError, Problem
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
    return Table(frame=frame, notes=tuple(notes), metadata=metadata_of(source))


def metadata_of(source: object) -> Mapping[str, str]:
    """Return what an Arrow table, or a Hugging Face Dataset, says of itself beside its rows."""
    is_arrow = type(source).__module__.startswith("pyarrow")  # others have a schema too, which may be dear to ask for
    told = getattr(getattr(source, "schema", None), "metadata", None) if is_arrow else None
    if isinstance(told, Mapping):
        return {_text(k): _text(v) for k, v in told.items()}
    features = getattr(source, "features", None)
    to_dict = getattr(features, "to_dict", None)
    if not callable(to_dict):
        return {}
    return {"huggingface": json.dumps({"info": {"features": to_dict()}}, default=str)}


def _text(value: object) -> str:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def with_named_index(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return `frame` with text column names, and with its index as columns where it says something.

    Raises
    ------
    ColumnError
        If a column name occurs twice.
    """
    names = [_flat(c) for c in frame.columns]
    check_names(names)
    named = [n for n in frame.index.names if n is not None]
    if named or not (pd.api.types.is_integer_dtype(frame.index.dtype) or frame.empty):
        return _with_index_as_columns(frame.set_axis(names, axis=1))
    if names == list(frame.columns) and isinstance(frame.index, pd.RangeIndex):
        return frame, []
    return frame.reset_index(drop=True).set_axis(names, axis=1), []


def _with_index_as_columns(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Put the levels of the index before the columns; one that repeats a column is left out or gets its own name."""
    levels: dict[str, pd.Index] = {}
    for i, given in enumerate(frame.index.names):
        name = ("index" if frame.index.nlevels == 1 else f"level_{i}") if given is None else _flat(given)
        values = frame.index.get_level_values(i)
        if name in frame.columns and values.equals(pd.Index(frame[name])):
            continue
        levels[_free(name, {*frame.columns, *levels})] = values
    out = frame.reset_index(drop=True)
    for at, (name, values) in enumerate(levels.items()):
        out.insert(at, name, values)
    shown = ", ".join(repr(n) for n in levels)
    return out, [f"the index of the frame was read as column {shown}"] if levels else []


def _free(name: str, taken: set[str]) -> str:
    """Return `name`, or a name made from it that is not taken."""
    tries = (name, f"{name} (index)", *(f"{name} (index {i})" for i in range(2, len(taken) + 3)))
    return next(n for n in tries if n not in taken)


def _flat(column: object) -> str:
    """Return a column name as text; levels of a MultiIndex are joined."""
    if isinstance(column, tuple):
        return " ".join(str(part) for part in column if str(part))
    return str(column).strip()
