"""Tables of crowd platforms: a row is what one worker did, and each question has columns of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import FileFormatError, Problem, shorten
from labelqa.io.formats.answers import free, own_item
from labelqa.io.stack import stack
from labelqa.io.tables import Table
from labelqa.io.words import item_score, take_apart
from labelqa.text import shortened

LABEL, QUESTION, GOLD = "label", "question", "gold"
MAY_BE_ITEM = 2.5  # a name score that may say item, such as that of "id"
MAX_QUESTIONS = 1000  # a row each for every row of the file: with one question a row that would be the square of it
MAX_SHOWN = 30  # characters of a value in a note


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answers to one question, in the order of the rows; None where there is none.

    Attributes
    ----------
    name : str
        What it is called.
    cells : sequence
        A class each, or a list of classes each where `several`.
    unmarked : bool (rows,) or None
        Rows in which boxes were shown and none was ticked.
    gold : sequence or None
        The right answers, where the platform knows them.
    """

    name: str
    cells: Sequence[Any]
    several: bool = False
    unmarked: npt.NDArray[np.bool_] | None = None
    gold: Sequence[Any] | None = None


def without(table: Table, reasons: Mapping[str, npt.NDArray[np.bool_]]) -> Table:
    """Set rows aside for the first reason that holds."""
    _, origin = stack([table])
    left = np.zeros(len(table.frame), dtype=np.bool_)
    aside = list(table.set_aside)
    for reason, holds in reasons.items():
        aside += origin.set_aside(np.flatnonzero(holds & ~left), reason)
        left |= holds
    rows = np.flatnonzero(~left)
    numbers = origin.of_rows(rows).row_number
    return replace(table, frame=_rows(table.frame, rows), row_number=numbers, set_aside=tuple(aside))


def answered(table: Table, format: str, roles: Mapping[str, str], questions: Sequence[Answered]) -> Table:
    """Return `table`, whose columns are roles and payload, with one row for each answer to each question."""
    n = len(table.frame)
    refuse_many(len(questions), table.name)
    _, origin = stack([table])
    frame = _rows(table.frame, np.tile(np.arange(n), len(questions)))
    columns: dict[str, list[Any]] = {LABEL: [], QUESTION: [], GOLD: []}
    several = any(q.several for q in questions)
    for q in questions:
        listed = several and not q.several
        columns[LABEL] += [None if c is None else [c] for c in q.cells] if listed else q.cells
        columns[QUESTION] += [q.name] * n
        columns[GOLD] += [None] * n if q.gold is None else q.gold
    used = (LABEL, QUESTION, GOLD)
    named = {r: free(r, frame.columns) for r in used if r != GOLD or any(v is not None for v in columns[r])}
    frame = frame.assign(**{name: pd.Series(columns[r], index=frame.index, dtype=object) for r, name in named.items()})
    source = None if table.source is None else replace(table.source, format=format)
    numbers = origin.of_rows(np.tile(np.arange(n), len(questions))).row_number
    whole = replace(
        table,
        frame=frame,
        row_number=numbers,
        source=source,
        kind="sets" if several else "classes",
        roles={**roles, **{r: name for r, name in named.items() if r != GOLD}},
    )
    unmarked = np.concatenate([np.zeros(n, dtype=np.bool_) if q.unmarked is None else q.unmarked for q in questions])
    return without(whole, {"no class was marked": unmarked}) if unmarked.any() else whole


def refuse_many(n: int, file: str | None) -> None:
    """Raise an error where a file asks more questions than anybody does.

    Raises
    ------
    FileFormatError
        If `n` is beyond `MAX_QUESTIONS`.
    """
    if n > MAX_QUESTIONS:
        what = f"there are more than {MAX_QUESTIONS:,} questions, as if each row had its own"
        step = "Give the answers to one question the same name in all rows, or read a table with one row a label."
        raise FileFormatError(Problem(what=what, file=file, next_step=step))


def payload_names(prefix: str, columns: Sequence[str], taken: Iterable[str]) -> dict[str, str]:
    """Return names without `prefix` for the columns that have it; one that would clash keeps it."""
    used = {*taken, *(c for c in columns if not c.startswith(prefix)), LABEL, QUESTION, GOLD}
    short = {c: c.removeprefix(prefix).strip() for c in columns if c.startswith(prefix)}
    return {c: name if name and name not in used else c for c, name in short.items()}


def item_column(frame: pd.DataFrame, item: str, payload: Sequence[str]) -> str:
    """Return the column that names the items: the user's own one in the payload if there is one, else `item`."""
    one_each = frame[[item, *payload]].drop_duplicates(item)
    found = own_item(one_each[[c for c in payload if not _are_links(one_each[c])]])
    same = found is not None and frame.groupby(item, sort=False)[found].nunique(dropna=False).le(1).all()
    return found if found is not None and same else item


def repeated_ids(frame: pd.DataFrame, item: str, payload: Sequence[str], called: str) -> list[str]:
    """Return a note on each column that is called as one of items, and has the same value in several of `item`."""
    notes = []
    one_each = frame[[item, *payload]].drop_duplicates(item)
    for name in payload:
        if item_score(take_apart(name)) < MAY_BE_ITEM or _are_links(one_each[name]):
            continue
        counts = one_each[name].dropna().astype(str).value_counts()
        shared = counts[counts > 1]
        if len(shared):
            values = shorten([shortened(v, MAX_SHOWN) for v in shared.index])
            notes.append(
                f"{int(shared.sum()):,} {called} share their {name!r} with another ({values}) and were "
                f"read as an item each: if {name!r} names the items, say so (item={name!r}, --item)"
            )
    return notes


def _are_links(column: pd.Series) -> bool:
    """Whether a column shows what there is to label (pictures, pages), so that it is needed as such."""
    return all("://" in str(v) for v in column.dropna())


def present(column: pd.Series) -> list[Any]:
    """Return cells, None where there is nothing."""
    missing = column.isna().tolist()
    cells = zip(column.tolist(), missing, strict=True)
    return [None if none or (isinstance(c, str) and not c.strip()) else c for c, none in cells]


def left_out(columns: Sequence[str], frame: pd.DataFrame) -> list[str]:
    """Return a note that names columns of a platform that are not kept."""
    found = [c for c in columns if c in frame.columns and frame[c].notna().any()]
    return [f"columns of the platform that say nothing of items or labels were not kept: {shorten(found)}"] * bool(
        found
    )


def _rows(frame: pd.DataFrame, rows: npt.NDArray[np.intp]) -> pd.DataFrame:
    return frame.take(rows).reset_index(drop=True)
