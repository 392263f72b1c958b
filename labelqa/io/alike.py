"""Exports of a tool made alike before they are stacked: columns, item column, and the kind of each question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import FileFormatError, Problem, shorten
from labelqa.io.formats.answers import TOOL_ITEM
from labelqa.io.tables import Table
from labelqa.io.words import item_score, take_apart


def aligned(tables: Sequence[Table]) -> list[Table]:
    """Give tables that know their own columns the same ones: what a file does not have is missing there.

    Raises
    ------
    FileFormatError
        If some files are exports of a tool and others are not, or of another kind.
    """
    first = tables[0]
    for table in tables[1:]:
        if bool(table.roles) != bool(first.roles) or _tool(table) != _tool(first):
            raise _mixed(first, table, table.kind)
    if len(tables) == 1 or not first.roles:
        return list(tables)
    _check_questions(tables)
    tables = _with_one_item(_of_one_kind(tables))
    used = {role for t in tables for role in t.roles}
    named = {role: next(t.roles[role] for t in tables if role in t.roles) for role in used}
    if any(t.roles.get(role, column) != column for t in tables for role, column in named.items()):
        named = {role: f"({role})" for role in used}  # files that call it differently
        tables = [replace(t, frame=t.frame.rename(columns={c: named[r] for r, c in t.roles.items()})) for t in tables]
    columns = list(dict.fromkeys(c for t in tables for c in t.frame.columns))
    kinds = {question: kind for t in tables for question, kind in t.kinds.items()}
    return [replace(t, frame=t.frame.reindex(columns=columns), roles=named, kinds=kinds) for t in tables]


def _check_questions(tables: Sequence[Table]) -> None:
    """Raise where some files say which question a label answers and others do not: it could be any of them."""
    asking = [t for t in tables if "question" in t.roles]
    silent = [t for t in tables if "question" not in t.roles and "label" in t.roles]
    if asking and silent:
        what = f"{asking[0].name} says which question each label answers, and this file does not"
        raise FileFormatError(Problem(what=what, file=silent[0].name, next_step="Read them one at a time."))


def _of_one_kind(tables: Sequence[Table]) -> list[Table]:
    """Bring the answers to each question to one kind where they can be: a class is a set, an empty list is of any kind.

    Raises
    ------
    FileFormatError
        If they are of kinds that cannot be one.
    """
    kinds = [_kinds(t) for t in tables]
    for question in dict.fromkeys(q for own in kinds for q in own):
        having = [at for at, own in enumerate(kinds) if question in own]
        found = {kinds[at][question] for at in having}
        if len(found) > 1:
            of_some = {kinds[at][question] for at in having if not _is_empty(tables[at], question)} or found
            wanted = "sets" if of_some == {"classes", "sets"} else next(iter(of_some))
            for at in having:
                tables = [_as_kind(t, question, own, wanted) if i == at else t
                          for i, (t, own) in enumerate(zip(tables, kinds, strict=True))]  # fmt: skip
            if len(of_some) > 1 and wanted != "sets":
                raise _two_kinds([tables[at] for at in having], [kinds[at][question] for at in having])
            kinds = [own | {question: wanted} if question in own else own for own in kinds]
    return [_with_kinds(t, own) for t, own in zip(tables, kinds, strict=True)]


def _kinds(table: Table) -> dict[str | None, str]:
    """Return the kind of the answers to each question; to None where it is not said."""
    if "question" not in table.roles:
        return {None: table.kind}
    names = table.frame[table.roles["question"]].dropna().unique()
    return {str(name): table.kinds.get(str(name), table.kind) for name in names}


def _with_kinds(table: Table, kinds: dict[str | None, str]) -> Table:
    if None in kinds:
        return replace(table, kind=kinds[None])
    return replace(table, kind="classes", kinds={str(q): kind for q, kind in kinds.items() if kind != "classes"})


def _rows_of(table: Table, question: str | None) -> npt.NDArray[np.bool_]:
    if question is None:
        return np.ones(len(table.frame), dtype=np.bool_)
    return (table.frame[table.roles["question"]].astype(str) == question).to_numpy()


def _is_empty(table: Table, question: str | None) -> bool:
    """Whether no answer to a question marks anything."""
    label = table.roles.get("label")
    cells = () if label is None else table.frame[label][_rows_of(table, question)].tolist()
    return all(v is None or v != v or (isinstance(v, list) and not v) for v in cells)  # nan


def _as_kind(table: Table, question: str | None, kinds: dict[str | None, str], wanted: str) -> Table:
    label = table.roles.get("label")
    if label is None or wanted != "sets" or kinds[question] != "classes":
        return table
    rows = _rows_of(table, question)
    cells = [
        c if not there or isinstance(c, list) else None if c is None or c != c else [c]  # nan
        for c, there in zip(table.frame[label], rows, strict=True)
    ]
    return replace(table, frame=table.frame.assign(**{label: pd.Series(cells, index=table.frame.index, dtype=object)}))


def _with_one_item(tables: list[Table]) -> list[Table]:
    """Let the same column name the items of all files: ids of the tool are not those of the user."""
    of_tool = [t.metadata.get(TOOL_ITEM) for t in tables]
    named = [t.roles.get("item") for t in tables]
    own = [None if column == tool else column for column, tool in zip(named, of_tool, strict=True)]
    if None in of_tool or len(set(own)) == 1:
        return tables
    choices = sorted({c for c in own if c is not None}, key=lambda c: (-item_score(take_apart(c)), c))
    column = next((c for c in choices if all(_names_items(t, c) for t in tables)), None)
    out = [replace(t, roles={**t.roles, "item": column or str(t.metadata[TOOL_ITEM])}) for t in tables]
    if column is None:
        lacking = shorten(str(t.name) for t, c in zip(tables, own, strict=True) if c != choices[0])
        note = (
            f"items are called by their ids in the tool, as {choices[0]!r} does not tell all items of {lacking} apart"
        )
        out[0] = replace(out[0], notes=(*out[0].notes, note))
    return out


def _names_items(table: Table, column: str) -> bool:
    """Whether each item of a table has a value of its own in a column."""
    if column not in table.frame or table.frame[column].isna().any():
        return False
    pairs = table.frame[[table.metadata[TOOL_ITEM], column]].astype(str).drop_duplicates()
    return bool(not pairs[column].duplicated().any() and not pairs.iloc[:, 0].duplicated().any())


def _mixed(first: Table, other: Table, kind: str) -> FileFormatError:
    kinds = [f"{t.name or 'the frame'} is {_described(t)}" for t in (first, replace(other, kind=kind))]
    what = f"these files are of different kinds: {kinds[0]}, {kinds[1]}"
    return FileFormatError(Problem(what=what, file=other.name, next_step="Read those of one kind at a time."))


def _two_kinds(tables: Sequence[Table], kinds: Sequence[str]) -> FileFormatError:
    at = next(i for i, kind in enumerate(kinds) if kind != kinds[0])
    return _mixed(replace(tables[0], kind=kinds[0]), tables[at], kinds[at])


def _tool(table: Table) -> str | None:
    """Return the tool that wrote an export: ids of two tools that are alike are not the same item."""
    return table.source.format if table.roles and table.source is not None else None


def _described(table: Table) -> str:
    format = "a frame" if table.source is None else table.source.format
    return f"an export of a tool ({format}, with {table.kind})" if table.roles else f"a plain table ({format})"
