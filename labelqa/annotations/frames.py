"""Any table to pandas, and a check that its columns exist."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from labelqa.errors import ColumnError, ParameterError, Problem


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
    converted = _by_narwhals(df)
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


def _by_narwhals(df: object) -> pd.DataFrame | None:
    import narwhals.stable.v2 as nw  # only needed for frames that are not pandas

    native = nw.from_native(df, pass_through=True)
    if isinstance(native, nw.LazyFrame):
        native = native.collect()
    return native.to_pandas() if isinstance(native, nw.DataFrame) else None


def check_columns(frame: pd.DataFrame, roles: Mapping[str, str], file: str | None = None) -> None:
    """Raise :class:`ColumnError` naming every role whose column is missing, or that shares its column."""
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
