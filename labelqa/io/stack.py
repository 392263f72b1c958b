"""Several tables as one, each row with its place of origin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.readlog import Origin
from labelqa.errors import ColumnError, Problem, shorten
from labelqa.io.tables import Table

FILE_COLUMN = "(file name)"  # the column that holds the file's stem, where each annotator has a file


def stack(tables: Sequence[Table]) -> tuple[pd.DataFrame, Origin]:
    """Join `tables` below each other.

    Raises
    ------
    ColumnError
        If they do not have the same columns; every file that differs from the first is named.
    """
    first = tables[0]
    if len(tables) == 1:
        return first.frame, Origin(files=(first.name or "frame",), row_number=first.row_number, offset=first.offset)
    _check_same_columns(tables)
    columns = list(first.frame.columns)
    frames = _alike([t.frame[columns] for t in tables])
    origin = Origin(
        files=tuple(t.name or "frame" for t in tables),
        file_of_row=np.repeat(np.arange(len(tables), dtype=np.int32), [len(t.frame) for t in tables]),
        row_number=np.concatenate([row_numbers(t) for t in tables]),
    )
    return pd.concat(frames, ignore_index=True), origin


def stems(tables: Sequence[Table]) -> pd.Series:
    """Return the stem of the file that each row comes from."""
    codes = np.repeat(np.arange(len(tables)), [len(t.frame) for t in tables])
    return pd.Series(pd.Index([t.stem for t in tables], dtype=object).take(codes), name=FILE_COLUMN)


def row_numbers(table: Table) -> npt.NDArray[np.int64]:
    """Return the number of each row, as messages give it."""
    if table.row_number is not None:
        return table.row_number
    return np.arange(len(table.frame), dtype=np.int64) + table.offset


def _alike(frames: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Turn a column into text where it is text in some files and numbers in others."""
    mixed = [
        c
        for c in frames[0].columns
        if len({pd.api.types.is_numeric_dtype(f[c].dtype) for f in frames if f[c].notna().any()}) > 1
    ]
    frames = [f.assign(**{c: _spelled(f[c]) for c in mixed}) for f in frames] if mixed else frames
    signs = [c for c in frames[0].columns if _signs_differ([f[c] for f in frames])]
    return [f.astype(dict.fromkeys(signs, object)) for f in frames] if signs else frames


def _signs_differ(columns: list[pd.Series]) -> bool:
    """Whether integers have a sign in some files and none in others: joined they would become inexact fractions."""
    kinds = [c.dtype for c in columns]
    unsigned = [pd.api.types.is_unsigned_integer_dtype(k) for k in kinds]
    return any(unsigned) and not all(unsigned) and all(pd.api.types.is_integer_dtype(k) for k in kinds)


def _spelled(column: pd.Series) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype(object)
    texts = [None if pd.isna(v) else str(int(v)) if float(v).is_integer() else str(v) for v in column]
    return pd.Series(texts, index=column.index, dtype=object)


def _check_same_columns(tables: Sequence[Table]) -> None:
    first = tables[0]
    expected = set(first.frame.columns)
    problems = []
    for table in tables[1:]:
        extra = [c for c in table.frame.columns if c not in expected]
        lacking = [c for c in first.frame.columns if c not in set(table.frame.columns)]
        if extra or lacking:
            parts = [f"has no {shorten(map(repr, lacking))}"] * bool(lacking)
            parts += [f"has {shorten(map(repr, extra))} in addition"] * bool(extra)
            problems.append(
                Problem(
                    what=f"the columns differ from those of {first.name}: this file {' and '.join(parts)}",
                    file=table.name,
                    value=tuple(table.frame.columns),
                    next_step="Give all files the same columns, or read only those that belong together.",
                )
            )
    if problems:
        raise ColumnError(problems)
