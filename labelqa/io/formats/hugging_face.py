"""Hugging Face data sets: names of classes stand in the metadata of their Parquet files and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from labelqa.io.formats.answers import Answers, own_item
from labelqa.io.formats.regions import wrong
from labelqa.io.stack import stack
from labelqa.io.tables import Table
from labelqa.io.words import NOUNS, annotator_score, take_apart, word_set

KEY = "huggingface"
MISSING = -1  # the code of a ClassLabel that says: no label
ACTS = word_set("annotation rating vote judgment judgement answer response verdict")
ROW = "row"
IDS = word_set("id idx uid guid uuid index")
SAYS_WHO = 2.5


def fits(table: Table) -> bool:
    """Tell whether the table knows that it is a data set."""
    return KEY in table.metadata


def read(table: Table) -> Table:
    """Return the table with names for codes; lists of labels by several people become a row each."""
    table = decoded(table)
    column = _answers_column(table.frame)
    if column is None:
        return table
    records = list(rows_of(table))
    people = _people_column(table.frame, column, records)
    own = _item_column(table.frame.drop(columns=[c for c in (column, people) if c is not None]))
    answers = Answers(
        name=table.name or "frame", stem=table.stem, format="hugging_face", fields={"label": column, "item": own or ROW}
    )
    for at, (row, record) in enumerate(records):
        answers.begin({k: v for k, v in record.items() if k not in (column, people)})
        names = record[people] if people else _positions(column, len(record[column] or ()))
        for who, label in zip(names or (), record[column] or (), strict=False):
            answers.add(row, item=record[own] if own else at, annotator=who, label=label)
    if people is None:
        answers.notes.append(f"{column!r} does not name annotators: each place in the list was read as one of them")
    if own is None:
        answers.notes.append("no column names the items: they were numbered from 0, as the data set does")
    found = told_of(table, answers)
    return found if own else replace(found, metadata={ROW: str(len(records))})


def together(tables: Sequence[Table]) -> list[Table]:
    """Return the tables with rows numbered on over the files, which are parts of one data set."""
    before, out = 0, []
    for table in tables:
        item = table.roles["item"]
        n = int(table.metadata.get(ROW, 0))
        if before and n and item in (ROW, f"({ROW})"):
            frame = table.frame.assign(**{item: pd.Series([at + before for at in table.frame[item]], dtype=object)})
            table = replace(table, frame=frame)
        out.append(table)
        before += n
    return out


def told_of(table: Table, answers: Answers) -> Table:
    """Return the answers that rows of `table` hold, as from the same file or frame."""
    found = answers.table()
    source = None if table.source is None else replace(table.source, format=answers.format)
    return replace(found, name=table.name, source=source, set_aside=(*table.set_aside, *found.set_aside),
                   notes=(*table.notes, *found.notes))  # fmt: skip


def rows_of(table: Table) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number of each row, and what it holds in Python's own types."""
    _, origin = stack([table])
    columns = [[plain(v) for v in table.frame[c]] for c in table.frame.columns]
    for at, cells in enumerate(zip(*columns, strict=True)):
        yield origin.place(at)[1], dict(zip(table.frame.columns, cells, strict=True))


def plain(value: Any) -> Any:  # noqa: ANN401  # what a cell holds
    """Return a cell of a frame in Python's own types; None where it is missing."""
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # nan
        return None
    return value.item() if isinstance(value, np.generic) and not isinstance(value, np.datetime64) else value


def decoded(table: Table) -> Table:
    """Return the table with the names of classes in place of their codes.

    Raises
    ------
    FileFormatError
        If a code has no name, or what describes the columns is damaged.
    """
    names = {c: n for c, n in _class_names(table).items() if c in table.frame.columns}
    if not names:
        return table
    _, origin = stack([table])
    changed: dict[str, pd.Series] = {}
    for column, classes in names.items():
        cells = [_named(plain(cell), classes, *origin.place(at)) for at, cell in enumerate(table.frame[column])]
        changed[column] = pd.Series(cells, index=table.frame.index, dtype=object)
    return replace(table, frame=table.frame.assign(**changed))


def _named(cell: Any, classes: Sequence[str], file: str, row: int) -> Any:  # noqa: ANN401  # what a cell holds
    if isinstance(cell, list):
        return [_named(c, classes, file, row) for c in cell]
    if cell is None or cell == MISSING:
        return None
    if isinstance(cell, str):
        return cell
    if not isinstance(cell, int | float) or not 0 <= cell < len(classes) or cell != int(cell):
        raise wrong(file, row, f"the code of a class is a whole number from 0 to {len(classes) - 1}", cell)
    return classes[int(cell)]


def _class_names(table: Table) -> dict[str, list[str]]:
    """Return the names of the classes of each column that holds codes of them, alone or in lists."""
    try:
        told = msgspec.json.decode(table.metadata[KEY].encode()) if KEY in table.metadata else {}
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise wrong(table.name or "frame", None, "the metadata of a data set is JSON", table.metadata[KEY]) from None
    info = told.get("info") if isinstance(told, dict) else None
    features = info.get("features") if isinstance(info, dict) else None
    if not isinstance(features, dict):
        return {}
    found = {column: _names_in(feature) for column, feature in features.items()}
    return {column: names for column, names in found.items() if names}


def _names_in(feature: Any) -> list[str]:  # noqa: ANN401  # what JSON holds
    """Return the names of a ClassLabel, or of one in a list: ``Sequence``, ``List`` or a JSON list, by version."""
    for _ in range(4):  # lists of lists
        if isinstance(feature, list) and len(feature) == 1:
            feature = feature[0]
        elif isinstance(feature, dict) and "feature" in feature:
            feature = feature["feature"]
    if not isinstance(feature, dict) or feature.get("_type") != "ClassLabel":
        return []
    names = feature.get("names")
    return [str(n) for n in names] if isinstance(names, list) else []


def _answers_column(frame: pd.DataFrame) -> str | None:
    """Return the column whose cells list the labels of several people.

    Tags of tokens and several labels by one person are lists too: the name has to say that people are behind it.
    """
    fit = [c for c in frame.columns if _is_listed(frame[c]) and _names_answers(c)]
    return fit[0] if len(fit) == 1 else None


def _names_answers(column: str) -> bool:
    words = take_apart(column).words
    by_people = any(NOUNS["annotator"].get(w, 0.0) >= SAYS_WHO for w in words)
    is_label = any(w in NOUNS["label"] or w in ACTS for w in words)
    return (by_people and is_label) or bool(words and words[-1] in ACTS)


def _people_column(frame: pd.DataFrame, column: str, records: Sequence[tuple[int, Mapping[str, Any]]]) -> str | None:
    """Return the column whose cells list the people behind the labels in `column`, one each."""
    for other in frame.columns:
        if other == column or not _is_listed(frame[other]) or annotator_score(take_apart(other)) < SAYS_WHO:
            continue
        if all(len(r[other] or ()) == len(r[column] or ()) for _, r in records):
            return str(other)
    return None


def _is_listed(cells: pd.Series) -> bool:
    present = [v for v in cells if isinstance(v, np.ndarray | list)]
    others = (v for v in cells if not isinstance(v, np.ndarray | list))
    if not present or any(plain(v) is not None for v in others):
        return False
    return all(not isinstance(e, np.ndarray | list | dict) for v in present for e in v)


def _item_column(frame: pd.DataFrame) -> str | None:
    """Return the column that names the items: one that says so, else a plain ``id``."""
    flat = frame[[c for c in frame.columns if not _is_listed(frame[c]) and all(map(_is_flat, frame[c]))]]
    plain_ids = [c for c in flat.columns if c.casefold() in IDS and flat[c].notna().all() and flat[c].is_unique]
    return own_item(flat) or next(iter(plain_ids), None)


def _is_flat(cell: object) -> bool:
    return not isinstance(cell, np.ndarray | list | dict)


def _positions(column: str, n: int) -> list[str]:
    return [f"{column}[{i}]" for i in range(n)]
