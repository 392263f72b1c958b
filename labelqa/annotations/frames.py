"""Any table to pandas without changing a value, and checks of its column names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.errors import ColumnError, ParameterError, Problem

if TYPE_CHECKING:
    import pyarrow as pa


def as_pandas(df: object) -> pd.DataFrame:
    """Return `df` as a pandas frame.

    Parameters
    ----------
    df : pandas, polars (eager or lazy) or pyarrow table, DuckDB relation, Hugging Face Dataset
        Whatever narwhals knows, or what has ``to_pandas()`` or ``df()``.

    Raises
    ------
    ParameterError
        If it is not a table.
    """
    if isinstance(df, pd.DataFrame):
        return df
    converted = _by_arrow(df)
    if converted is None:
        method = getattr(df, "to_pandas", None) or getattr(df, "df", None)
        converted = method() if callable(method) else None
    if not isinstance(converted, pd.DataFrame):
        raise ParameterError(
            Problem(
                what=f"cannot read labels from a {type(df).__name__}",
                parameter="source",
                value=type(df).__name__,
                allowed=("a path", "a list of paths", "a folder", "a pandas, polars or pyarrow table"),
            )
        )
    return converted


def _by_arrow(df: object) -> pd.DataFrame | None:
    import narwhals.stable.v2 as nw  # only needed for frames that are not pandas

    native = nw.from_native(df, pass_through=True)
    if isinstance(native, nw.LazyFrame):
        native = native.collect()
    if isinstance(native, nw.DataFrame):
        return native.to_pandas() if native.implementation.is_pandas_like() else arrow_to_pandas(native.to_arrow())
    with_format = getattr(df, "with_format", None)  # a Hugging Face Dataset
    return arrow_to_pandas(with_format("arrow")[:]) if callable(with_format) else None


def arrow_to_pandas(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as a pandas frame in which integers stay exact where some are missing.

    Parameters
    ----------
    table : pyarrow.Table
        With distinct column names.

    Raises
    ------
    ColumnError
        If a column name occurs twice.
    """
    check_names(table.column_names)
    frame: pd.DataFrame = table.to_pandas()
    for name in table.column_names:
        column = table.column(name)
        kind = str(column.type)
        if column.null_count and name in frame and kind.startswith(("int", "uint")):  # pandas makes floats of these
            numbers = column.fill_null(0).to_numpy().astype("uint64" if kind == "uint64" else "int64")
            frame[name] = pd.arrays.IntegerArray(numbers, column.is_null().to_numpy())
    return frame


def check_names(names: Sequence[object], file: str | None = None) -> None:
    """Raise :class:`ColumnError` naming every column name that occurs twice."""
    if len(set(names)) == len(names):
        return
    raise ColumnError(
        [
            Problem(
                what=f"column name {str(n)!r} occurs {count} times",
                file=file,
                parameter=str(n),
                value=n,
                next_step="Give each column a name of its own.",
            )
            for n, count in Counter(names).items()
            if count > 1
        ]
    )


def check_columns(frame: pd.DataFrame, roles: Mapping[str, str], file: str | None = None) -> None:
    """Raise :class:`ColumnError` naming every role whose column is missing, or that shares its column.

    Raises
    ------
    ColumnError
        Also if any column name of the frame occurs twice: which column is meant cannot be told.
    """
    check_names(list(frame.columns), file)
    present = tuple(str(c) for c in frame.columns)
    problems = [
        Problem(
            what=f"there is no column {column!r} (asked for as {role})",
            file=file,
            parameter=role,
            value=column,
            allowed=present,
        )
        for role, column in roles.items()
        if column not in frame.columns
    ]
    columns = list(roles.values())
    problems += [
        Problem(
            what=f"column {column!r} was named for more than one role",
            file=file,
            parameter=role,
            value=column,
            next_step="Give each role a column of its own.",
        )
        for i, (role, column) in enumerate(roles.items())
        if column in columns[:i]
    ]
    if problems:
        raise ColumnError(problems)
