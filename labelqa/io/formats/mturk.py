"""Batch results of Amazon Mechanical Turk (CSV): a row an assignment, ``Input.*`` and ``Answer.*`` columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import FileFormatError, Problem, shorten
from labelqa.io.formats import halves
from labelqa.io.formats.platforms import (
    Answered,
    answered,
    item_column,
    left_out,
    payload_names,
    present,
    refuse_many,
    repeated_ids,
    without,
)
from labelqa.io.stack import stack
from labelqa.io.tables import Table

HIT, WORKER, STATUS, REJECT = "HITId", "WorkerId", "AssignmentStatus", "Reject"
INPUT, ANSWER, JSON = "Input.", "Answer.", "Answer.taskAnswers"
TIMES = {"timestamp": "SubmitTime", "duration": "WorkTimeInSeconds"}
BOOKKEEPING = (
    "HITTypeId", "Title", "Description", "Keywords", "Reward", "CreationTime", "MaxAssignments", "RequesterAnnotation",
    "AssignmentDurationInSeconds", "AutoApprovalDelayInSeconds", "Expiration", "NumberOfSimilarHITs",
    "LifetimeInSeconds", "AssignmentId", STATUS, "AcceptTime", "AutoApprovalTime", "ApprovalTime", "RejectionTime",
    "RequesterFeedback", "LifetimeApprovalRate", "Last30DaysApprovalRate", "Last7DaysApprovalRate", "Approve", REJECT,
)  # fmt: skip
REMARKS = frozenset({"comment", "comments", "feedback"})
TICKED = frozenset({"true", "on", "yes", "checked"})
NO_ANSWER = "{}"
MAX_DEPTH = 4
Path = tuple[str, ...]


def fits(table: Table) -> bool:
    """Tell whether a table is what MTurk gives for a batch."""
    names = table.frame.columns
    return {HIT, WORKER} <= set(names) and any(c.startswith(ANSWER) for c in names)


def read(table: Table) -> Table:
    """Read the results; rejected assignments are set aside."""
    table = without(table, _rejected(table.frame))
    frame = table.frame
    cells, notes = _answers(table)
    questions, more = _questions(cells, table)
    names = payload_names(INPUT, [str(c) for c in frame.columns], (HIT, WORKER, *TIMES.values()))
    others = [c for c in frame.columns if not c.startswith((INPUT, ANSWER)) and c not in BOOKKEEPING]
    kept = frame[[*others, *names]].rename(columns=names)
    payload = [c for c in kept.columns if c not in (HIT, WORKER, *TIMES.values())]
    item = item_column(kept, HIT, payload)
    roles = {"item": item, "annotator": WORKER, **{r: c for r, c in TIMES.items() if c in kept.columns}}
    more += repeated_ids(kept, HIT, payload, "HITs") if item == HIT else []
    kept = kept if item == HIT else kept.drop(columns=HIT)
    whole = replace(table, frame=kept, notes=(*table.notes, *notes, *more, *left_out(BOOKKEEPING, frame)))
    return answered(whole, "mturk", roles, questions)


def _rejected(frame: pd.DataFrame) -> dict[str, npt.NDArray[np.bool_]]:
    none = np.zeros(len(frame), dtype=np.bool_)
    status = frame[STATUS].astype(str).str.strip().str.casefold().eq("rejected").to_numpy() if STATUS in frame else none
    marked = np.array([c is not None for c in present(frame[REJECT])], dtype=np.bool_) if REJECT in frame else none
    return {"rejected by the requester (AssignmentStatus)": status, "rejected by the requester (Reject)": marked}


def _answers(table: Table) -> tuple[dict[Path, list[Any]], list[str]]:
    """Return the cells of each answer by the parts of its name, and notes."""
    frame = table.frame
    names = [str(c) for c in frame.columns if c.startswith(ANSWER)]
    found: dict[Path, list[Any]] = {tuple(n.removeprefix(ANSWER).split(".")): _given(frame[n]) for n in names}
    notes: list[str] = []
    if JSON in frame.columns:
        del found["taskAnswers",]
        unread: set[str] = set()
        half: list[int] = []
        for name, cells in _unpacked(table, unread, half).items():
            found.setdefault(name, cells)
        notes += [f"answers that are no class were not read: {shorten(sorted(unread))}"] if unread else []
        notes += [halves.told(len(half), table.name or "the frame", "rows", sorted(set(half)))] if half else []
    empty = [".".join(name) for name, cells in found.items() if all(c is None for c in cells)]
    if 0 < len(empty) < len(found):
        notes.append(f"questions without any answer were left out: {shorten(empty)}")
        found = {name: cells for name, cells in found.items() if ".".join(name) not in empty}
    remarks = [n for n in found if n[-1].casefold() in REMARKS]
    if 0 < len(remarks) < len(found):
        notes.append(f"remarks were not taken for labels: {shorten('.'.join(n) for n in remarks)}")
        found = {name: cells for name, cells in found.items() if name not in remarks}
    return found, notes


def _given(column: pd.Series) -> list[Any]:
    """Return the cells of an answer; what newer templates write where nothing was answered, ``{}``, is nothing."""
    return [None if isinstance(c, str) and c.strip() == NO_ANSWER else c for c in present(column)]


def _unpacked(table: Table, unread: set[str], half: list[int]) -> dict[Path, list[Any]]:
    """Return the answers in the JSON of newer templates, ``[{"category": {"label": "x"}}]``, as columns."""
    n = len(table.frame)
    found: dict[Path, list[Any]] = {}
    for at, cell in enumerate(present(table.frame[JSON])):
        if cell is None:
            continue
        for path, value in _leaves(_decoded(cell, table, at, half), unread):
            if path not in found:
                refuse_many(len(found) + 1, table.name)
                found[path] = [None] * n
            found[path][at] = value
    return found


def _decoded(cell: Any, table: Table, at: int, half: list[int]) -> dict[str, Any]:  # noqa: ANN401  # any frame's
    """Return the answers in a cell; the row of each half character that was replaced goes to `half`."""
    try:
        value, n_half = halves.cell_decoded(cell.decode() if isinstance(cell, bytes) else str(cell))
        half += [_row(table, at)] * n_half
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        value = None
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(p, dict) for p in parts):
        raise FileFormatError(
            Problem(
                what=f"{JSON} does not hold answers as JSON",
                file=table.name,
                row=_row(table, at),
                parameter=JSON,
                value=str(cell)[:80],
                next_step="Download the results again: the file was cut or changed.",
            )
        )
    return {str(k): v for part in parts for k, v in part.items()}


def _row(table: Table, at: int) -> int:
    return stack([table])[1].place(at)[1]


def _leaves(answers: Mapping[str, Any], unread: set[str]) -> Iterator[tuple[Path, Any]]:
    """Yield each answer with its path; those with boxes, polygons and other structures go to `unread`."""
    for name, value in answers.items():
        leaves = list(_below((name,), value))
        if any(v is _STRUCTURE for _, v in leaves):
            unread.add(name)
        else:
            yield from leaves


_STRUCTURE = object()


def _below(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401  # what JSON holds
    if isinstance(value, dict) and len(path) < MAX_DEPTH:
        for name, inner in value.items():
            yield from _below((*path, str(name)), inner)
    elif isinstance(value, list):
        plain = all(isinstance(v, str | int | float | bool) for v in value)
        yield path, [_plain(v) for v in value] if plain else _STRUCTURE
    else:
        yield path, _STRUCTURE if isinstance(value, dict) else _plain(value)


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, bool):
        return str(value).lower()
    return None if isinstance(value, str) and not value.strip() else value


def _questions(cells: Mapping[Path, list[Any]], table: Table) -> tuple[list[Answered], list[str]]:
    """Return the questions; ticks of boxes that belong together are one."""
    marks = {path: column for path, column in cells.items() if path[-1] != "label" and _are_marks(column)}
    groups = _families(marks)
    grouped = {path for group in groups.values() for path in group.values()}
    questions = [_one_hot(name, {c: marks[p] for c, p in group.items()}) for name, group in groups.items()]
    for path, column in cells.items():
        if path not in grouped:
            questions.append(_single(path, column, {q.name for q in questions}))
    if not questions:
        what = "there is no answer that is a class"
        raise FileFormatError(Problem(what=what, file=table.name, parameter=ANSWER + "*", next_step="Read other data."))
    named = [f"{n or 'answer'} ({shorten(g)})" for n, g in groups.items()]
    return questions, [f"ticked boxes were read as the classes of one question: {shorten(named)}"] * bool(named)


def _are_marks(cells: Sequence[Any]) -> bool:
    return {str(c).strip().casefold() for c in cells if c is not None} <= {"true", "false"}


def _families(marks: Mapping[Path, Sequence[Any]]) -> dict[str, dict[str, Path]]:
    """Return question -> class -> column: ``q.x``, ``q.y``; ``x.on``, ``y.on``; ``x``, ``y`` where just one is true."""
    siblings: dict[Path, dict[str, Path]] = defaultdict(dict)
    for path in marks:
        siblings[path[:-1]][path[-1]] = path
    found = {parent: group for parent, group in siblings.items() if parent and len(group) > 1}
    ticks: dict[Path, dict[str, Path]] = defaultdict(dict)
    for path in marks:
        if path[:-1] not in found and len(path) > 1 and path[-1].casefold() in TICKED:
            ticks[path[:-2]][path[-2]] = path
    found |= {parent: group for parent, group in ticks.items() if len(group) > 1 and parent not in found}
    bare = siblings.get((), {})
    if len(bare) > 1 and () not in found and _one_true_each([marks[p] for p in bare.values()]):
        found[()] = bare
    return {".".join(parent): group for parent, group in found.items()}


def _one_true_each(columns: Sequence[Sequence[Any]]) -> bool:
    return all(sum(_is_true(c) for c in row) == 1 for row in zip(*columns, strict=True))


def _is_true(cell: Any) -> bool:  # noqa: ANN401
    return cell is not None and str(cell).strip().casefold() == "true"


def _one_hot(name: str, columns: Mapping[str, Sequence[Any]]) -> Answered:
    """Return the class that was ticked, or all of them where somebody ticked several."""
    rows = list(zip(*columns.values(), strict=True))
    ticked = [[c for c, cell in zip(columns, row, strict=True) if _is_true(cell)] for row in rows]
    shown = [any(cell is not None for cell in row) for row in rows]
    name = name or "answer"
    if any(len(t) > 1 for t in ticked):
        return Answered(name=name, cells=[t if s else None for t, s in zip(ticked, shown, strict=True)], several=True)
    unmarked = np.array([s and not t for t, s in zip(ticked, shown, strict=True)], dtype=np.bool_)
    return Answered(name=name, cells=[t[0] if t else None for t in ticked], unmarked=unmarked)


def _single(path: Path, cells: Sequence[Any], taken: set[str]) -> Answered:
    """Return the question of one column: a class, or a list of them (``labels``)."""
    short = ".".join(path[:-1] if len(path) > 1 and path[-1] in ("label", "labels", *TICKED) else path)
    name = short if short and short not in taken else ".".join(path)
    if path[-1] == "labels":
        cells = [_listed(c) for c in cells]
    if not any(isinstance(c, list) for c in cells):
        return Answered(name=name, cells=cells)
    return Answered(name=name, cells=[c if c is None or isinstance(c, list) else [c] for c in cells], several=True)


def _listed(cell: Any) -> Any:  # noqa: ANN401
    """Return the classes in a cell: a JSON list, or texts between upright strokes."""
    if not isinstance(cell, str):
        return cell
    try:
        return msgspec.json.decode(cell, type=list[str])
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeError):
        return [part.strip() for part in cell.split("|") if part.strip()]
