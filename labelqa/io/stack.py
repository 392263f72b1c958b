"""Several tables as one, each row with its place of origin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.readlog import Origin
from labelqa.errors import ColumnError, FileFormatError, Problem, shorten
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
        row_number=np.concatenate([_row_numbers(t) for t in tables]),
    )
    return pd.concat(frames, ignore_index=True), origin


def aligned(tables: Sequence[Table]) -> list[Table]:
    """Give tables that know their own columns the same ones: what a file does not have is missing there.

    Raises
    ------
    FileFormatError
        If some files are exports of a tool and others are not, or of another kind.
    """
    tables = _of_one_kind(tables)
    first = tables[0]
    for table in tables[1:]:
        if bool(table.roles) != bool(first.roles) or table.kind != first.kind or _tool(table) != _tool(first):
            raise _mixed(first, table)
    if len(tables) == 1 or not first.roles:
        return list(tables)
    used = {role for t in tables for role in t.roles}
    named = {role: next(t.roles[role] for t in tables if role in t.roles) for role in used}
    if any(t.roles.get(role, column) != column for t in tables for role, column in named.items()):
        named = {role: f"({role})" for role in used}  # files that call it differently
        tables = [replace(t, frame=t.frame.rename(columns={c: named[r] for r, c in t.roles.items()})) for t in tables]
    columns = list(dict.fromkeys(c for t in tables for c in t.frame.columns))
    kinds = {question: kind for t in tables for question, kind in t.kinds.items()}
    return [replace(t, frame=t.frame.reindex(columns=columns), roles=named, kinds=kinds) for t in tables]


def _of_one_kind(tables: Sequence[Table]) -> list[Table]:
    """Bring the tables of a tool to one kind where they can be: a class is a set, an empty list is of any kind."""
    kinds = {t.kind for t in tables if t.roles}
    if len(kinds) < 2 or any("question" in t.roles for t in tables):
        return list(tables)
    of_some = {t.kind for t in tables if t.roles and not _is_empty(t)} or kinds
    if of_some == {"classes", "sets"}:
        return [_as_sets(t) for t in tables]
    kind = next(iter(of_some))
    return [replace(t, kind=kind) if t.roles and _is_empty(t) else t for t in tables]


def _is_empty(table: Table) -> bool:
    """Whether no answer of a table marks anything."""
    return all(v is None or (isinstance(v, list) and not v) for v in table.frame[table.roles["label"]])


def _as_sets(table: Table) -> Table:
    label = table.roles.get("label")
    if label is None or table.kind == "sets":
        return table
    cells = [None if v is None or v != v else [v] for v in table.frame[label]]  # nan
    return replace(table, kind="sets", frame=table.frame.assign(**{label: pd.Series(cells, dtype=object)}))


def _mixed(first: Table, other: Table) -> FileFormatError:
    kinds = [f"{t.name or 'the frame'} is {_described(t)}" for t in (first, other)]
    what = f"these files are of different kinds: {kinds[0]}, {kinds[1]}"
    return FileFormatError(Problem(what=what, file=other.name, next_step="Read those of one kind at a time."))


def _tool(table: Table) -> str | None:
    """Return the tool that wrote an export: ids of two tools that are alike are not the same item."""
    return table.source.format if table.roles and table.source is not None else None


def _described(table: Table) -> str:
    format = "a frame" if table.source is None else table.source.format
    return f"an export of a tool ({format}, with {table.kind})" if table.roles else f"a plain table ({format})"


def stems(tables: Sequence[Table]) -> pd.Series:
    """Return the stem of the file that each row comes from."""
    codes = np.repeat(np.arange(len(tables)), [len(t.frame) for t in tables])
    return pd.Series(pd.Index([t.stem for t in tables], dtype=object).take(codes), name=FILE_COLUMN)


def _row_numbers(table: Table) -> npt.NDArray[np.int64]:
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
