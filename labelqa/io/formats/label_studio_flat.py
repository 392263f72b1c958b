"""Label Studio's flat exports, JSON_MIN and CSV or TSV: a row each annotation, answers and data in columns alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from labelqa.errors import shorten
from labelqa.io.formats import halves
from labelqa.io.formats.answers import ANSWERS, TOOL_ITEM, Answers, free
from labelqa.io.formats.documents import Document, Record
from labelqa.io.formats.label_studio_results import (
    FIELDS,
    NAMES,
    SCALARS,
    Control,
    Results,
    Value,
    labeled_field,
    settled,
)
from labelqa.io.formats.platforms import present
from labelqa.io.formats.regions import class_of, wrong
from labelqa.io.stack import row_numbers
from labelqa.io.tables import Table

MARKS = frozenset({"id", "annotator", "annotation_id", "created_at", "lead_time"})  # what each row has
BOOKKEEPING = ("annotation_id", "updated_at", "agreement", "history")
OWN = MARKS | set(BOOKKEEPING)
DATA = "_data_"  # before the name of a data field that a question is called like
ROLES = {"item": "id", "annotator": "annotator", "timestamp": "created_at", "duration": "lead_time"}
AS_DATA = "read as data of the tasks, since no two annotators differ in them: "
_WHOLE = re.compile(r"-?[0-9]{1,18}")


def fits_label_studio_min(sample: list[Record]) -> bool:
    """Tell whether these records are annotations with the data of their tasks."""
    return bool(sample) and all(r.keys() >= MARKS and "annotations" not in r for r in sample)


def fits_label_studio_csv(table: Table) -> bool:
    """Tell whether the rows of a table are annotations with the data of their tasks."""
    return set(table.frame.columns) >= MARKS


def read_label_studio_min(document: Document) -> Table:
    """Return the answers in a JSON_MIN export."""
    rows: list[int] = []
    records: list[dict[str, Any]] = []
    for row, record in document.decoded(dict[str, Any]):
        rows.append(row)
        records.append(record)
    names = dict.fromkeys(key for record in records for key in record)
    columns = {name: [record.get(name) for record in records] for name in names}
    answers = Answers(name=document.name, stem=document.stem, format="label_studio_min", fields=ROLES)
    return _table(answers, rows, columns)


def read_label_studio_csv(table: Table) -> Table:
    """Return the answers in a CSV or TSV export, whose cells are text."""
    rows = row_numbers(table).tolist()
    half: list[int] = []
    columns = {str(name): _parsed(present(table.frame[name]), rows, half) for name in table.frame.columns}
    columns |= {name: _whole(columns[name]) for name in ("id", "annotator")}
    answers = Answers(name=table.name or "the frame", stem=table.stem, format="label_studio_csv", fields=ROLES)
    answers.details = table.source.details if table.source else ""
    answers.notes += [halves.told(len(half), answers.name, "rows", sorted(set(half)))] if half else []
    found = _table(answers, rows, columns)
    source = found.source if table.source else None
    return replace(found, source=source, set_aside=(*table.set_aside, *found.set_aside), name=table.name)


def _table(answers: Answers, rows: list[int], columns: dict[str, list[Any]]) -> Table:
    """Return the answers in `columns`, each of which is the answers to a question or data of the tasks."""
    _check(answers.name, rows, columns)
    tasks = list(dict.fromkeys(columns["id"]))
    position = {task: at for at, task in enumerate(tasks)}
    of = [position[task] for task in columns["id"]]
    questions = [c for c in columns if c not in OWN and _is_question(c, columns, of)]
    answers.payload = _data(columns, questions, of, len(tasks))
    answers.notes += _notes(columns, questions)
    results = Results(answers.name)
    cells = {name: _answers(results, name, (rows, of), columns[name], answers.payload) for name in questions}
    kinds = {name: results.questions[name].kind for name in questions}
    answers.kind = kinds[questions[0]] if len(questions) == 1 else "classes"
    answers.kinds = {name: kind for name, kind in kinds.items() if len(questions) > 1 and kind != "classes"}
    own = {role: columns[name] for role, name in ROLES.items()}
    answers.fields = {**ROLES, "label": questions[0] if len(questions) == 1 else "label"}
    for name in questions or [""]:
        label = settled(cells[name], kinds[name]) if name else [None] * len(rows)
        if kinds.get(name) == "sets" and len(questions) == 1:
            label = [[] if c is None else c for c in label]  # none of them, as nothing else was asked
        text = _text(results, name, kinds, answers.payload, of)
        asked = {"question": [name] * len(rows)} if name else {}
        answers.extend(rows, of, {**own, "label": label, "text": text, **asked})
    answers.notes += results.notes()
    table = answers.table()
    table = replace(table, metadata={**table.metadata, ANSWERS: "columns"})
    if questions:
        return table
    return replace(table, frame=table.frame.drop(columns=table.roles["label"]), roles=_without_label(table.roles))


def together(tables: Sequence[Table]) -> list[Table]:
    """Return the tables of one reading: a column that is a question in one of them is a question in all."""
    asked = [_asked(t) for t in tables]
    every = dict.fromkeys(q for own in asked for q in own)
    more = [
        [q for q in every if q not in own and q in t.frame.columns and q not in t.roles.values()]
        for t, own in zip(tables, asked, strict=True)
    ]
    return [_asking(t, own, also) if also else t for t, own, also in zip(tables, asked, more, strict=True)]


def _asked(table: Table) -> list[str]:
    return list(table.frame[table.roles["question"]].unique()) if "question" in table.roles else []


def _asking(table: Table, asked: Sequence[str], more: Sequence[str]) -> Table:
    """Return a table with the answers to more questions, which were read as data of its tasks."""
    frame, roles = table.frame, dict(table.roles)
    rows = np.flatnonzero(frame[roles["question"]] == asked[0]) if asked else np.arange(len(frame))
    for role in ("label", "question"):
        roles.setdefault(role, free(f"({role})", frame.columns))
    base = frame.take(rows)
    answers = [base.assign(**{roles["label"]: base[q]}).assign(**{roles["question"]: q}) for q in more]
    frame = pd.concat([frame] * bool(asked) + answers, ignore_index=True).drop(columns=list(more))
    numbers = row_numbers(table)
    numbers = np.concatenate([numbers] * bool(asked) + [numbers[rows]] * len(more))
    kinds = {asked[0]: table.kind} if len(asked) == 1 else dict(table.kinds)
    notes = [n for n in table.notes if not n.startswith(AS_DATA)]
    data = [c for c in frame.columns if c not in roles.values() or c == roles["item"] != table.metadata[TOOL_ITEM]]
    notes += [AS_DATA + shorten(data)] if data else []
    source = table.source if table.source is None else replace(table.source, rows=table.source.rows + len(rows))
    return replace(
        table,
        frame=frame,
        roles=roles,
        row_number=numbers,
        kind="classes",
        kinds=kinds,
        notes=tuple(notes),
        source=source,
    )


def _check(file: str, rows: Sequence[int], columns: Mapping[str, list[Any]]) -> None:
    """Raise where what names tasks and people is a list or an object."""
    for name in ("id", "annotator"):
        for row, cell in zip(rows, columns[name], strict=True):
            if isinstance(cell, dict | list):
                raise wrong(file, row, f"{name} is a number or a text", cell)
    for name in ("created_at", "lead_time"):
        cells = columns[name]
        cells[:] = [None if isinstance(c, dict | list) else c for c in cells]


def _without_label(roles: Mapping[str, str]) -> dict[str, str]:
    return {role: column for role, column in roles.items() if role != "label"}


def _is_question(name: str, columns: Mapping[str, list[Any]], of: Sequence[int]) -> bool:
    """Whether a column holds answers: its name pushed data aside, it holds results, or annotators of a task differ."""
    if f"{DATA}{name}" in columns:
        return True
    if name.startswith(DATA) and name.removeprefix(DATA) in columns:
        return False
    cells = columns[name]
    filled = [c for c in cells if c is not None]
    nested = [c for c in filled if isinstance(c, dict | list)]
    if nested and all(_is_result(c) for c in nested):
        return True
    first: dict[int, Any] = {}
    return any(first.setdefault(task, cell) != cell for task, cell in zip(of, cells, strict=True))


def _is_result(cell: Any) -> bool:  # noqa: ANN401  # what JSON holds
    """Whether a list or object is what a control of Label Studio gives."""
    parts = cell if isinstance(cell, list) else [cell]
    return bool(parts) and all(isinstance(p, dict) and p.keys() <= FIELDS and _tells(p) for p in parts)


def _tells(part: Mapping[str, Any]) -> bool:
    return any(part.get(f) is not None for f in (*NAMES, *SCALARS)) or isinstance(part.get("text"), list)


def _answers(
    results: Results,
    name: str,
    placed: tuple[Sequence[int], Sequence[int]],
    cells: Sequence[Any],
    payload: Sequence[Record],
) -> list[Any]:
    """Return a column of answers as classes, or lists of what was marked; each is `placed` in a row and of a task."""
    rows, of = placed
    question = results.questions.setdefault(name, Control(about=name))
    found = []
    for row, cell, at in zip(rows, cells, of, strict=True):
        if isinstance(cell, dict | list):
            found.append(_nested(results, question, row, (at, payload[at]), cell))
            continue
        if cell is not None:
            question.shapes.add("classes")
        found.append(cell)
    marks = question.kind in ("spans", "boxes")
    return [[] if c is None and marks else c for c in found]


def _nested(results: Results, question: Control, row: int, task: tuple[int, Record], cell: Any) -> Any:  # noqa: ANN401
    """Return an answer with parts; `task` is the position of its task and the data of it."""
    parts: list[Any] = []
    for entry in cell if isinstance(cell, list) else [cell]:
        if not isinstance(entry, dict):  # several texts of one control
            parts.append(class_of(results.file, row, entry))
            question.shapes.add("classes")
            continue
        value = msgspec.convert(entry, Value)
        found = results.parts(row, question, value)
        if found is None:
            results.regions.left_out["results without a class"] += 1
        parts += question.placed(row, *task, found or [], value.text)
    return results.cell(question, parts)


def _text(
    results: Results, name: str, kinds: Mapping[str, str], payload: Sequence[Mapping[str, Any]], of: Sequence[int]
) -> list[Any]:
    """Return the text that was labeled with spans."""
    spans = kinds.get(name) == "spans"
    field = labeled_field(results.questions[name], payload, results.regions) if spans else None
    return [None if field is None else payload[at].get(field) for at in of]


def _data(
    columns: Mapping[str, list[Any]], questions: Sequence[str], of: Sequence[int], n: int
) -> list[Mapping[str, Any]]:
    """Return what is known of each task; a field that a question pushed aside has its own name again."""
    data = {c: cells for c, cells in columns.items() if c not in OWN and c not in questions}
    names = {c: c.removeprefix(DATA) if c.removeprefix(DATA) in questions else c for c in data}
    first = dict(zip(reversed(of), reversed(range(len(of))), strict=True))
    return [{names[c]: cells[first[task]] for c, cells in data.items()} for task in range(n)]


def _notes(columns: Mapping[str, list[Any]], questions: Sequence[str]) -> list[str]:
    notes = [f"columns of Label Studio itself were not kept: {shorten([c for c in BOOKKEEPING if c in columns])}"]
    data = [c for c in columns if c not in OWN and c not in questions]
    if questions and data:
        notes.append(AS_DATA + shorten(data))
    return notes


def _parsed(cells: Sequence[Any], rows: Sequence[int], half: list[int]) -> list[Any]:
    """Return cells with the results that they spell as JSON; any other cell as it is.

    The row of each half character that was replaced goes to `half`.
    """
    out = list(cells)
    for at, cell in enumerate(cells):
        if not isinstance(cell, str) or cell[:1] not in ("{", "["):
            continue
        try:
            found, n = halves.cell_decoded(cell)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            continue
        if _is_result(found):
            out[at] = found
            half += [rows[at]] * n
    return out


def _whole(cells: list[Any]) -> list[Any]:
    """Return ids that are whole numbers as such: the other exports of Label Studio have them so."""
    texts = [c for c in cells if c is not None]
    spelled = all(isinstance(c, str) and _WHOLE.fullmatch(c) and str(int(c)) == c for c in texts)
    return [None if c is None else int(c) for c in cells] if spelled else cells
