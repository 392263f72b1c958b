"""Prodigy: tasks of the choice interface as JSONL, and what ``db-out`` gives back."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from labelqa.errors import FileFormatError, Problem
from labelqa.review.exchange.filled import Filled
from labelqa.review.exchange.jsonvalues import as_map, number, text_of, texts_of
from labelqa.review.exchange.sheet import Sheet, Shown

SKIPPED = {"ignore": "ignored", "reject": "rejected"}


def as_prodigy(sheet: Sheet) -> bytes:
    """Return one task a line for the interface ``choice``.

    Prodigy drops tasks whose input it has seen: it hashes ``text`` and ``input``. The id of the assignment is the
    ``input``, so that hidden repeats survive even where a recipe hashes again; the hashes are given as well.
    """
    options = [{"id": c, "text": c} for c in sheet.classes]
    return b"".join(_line(sheet, row, options) for row in sheet.rows)


def _line(sheet: Sheet, row: Shown, options: list[dict[str, str]]) -> bytes:
    task = {
        "text": _text(sheet.columns, row.cells),
        "input": row.assignment,
        "options": options,
        "meta": {"assignment": row.assignment, "round": sheet.round, "guideline": sheet.guideline_version},
        "labelqa": {"assignment": row.assignment, "manifest": sheet.manifest_hash},
        "_input_hash": _hash("input", row.assignment),
        "_task_hash": _hash("task", row.assignment),
    }
    return json.dumps(task, ensure_ascii=False).encode() + b"\n"


def _text(columns: tuple[str, ...], cells: tuple[str, ...]) -> str:
    if len(cells) == 1:
        return cells[0]
    return "\n\n".join(f"{c}: {cell}" for c, cell in zip(columns, cells, strict=True))


def _hash(kind: str, assignment: str) -> int:
    """Return a number of 32 bits with sign, as Prodigy stores them."""
    digest = hashlib.sha256(f"{kind}:{assignment}".encode()).digest()
    return int.from_bytes(digest[:4], "big", signed=True)


def read_prodigy(text: str, name: str) -> list[Filled]:
    """Return the answers in the JSONL that ``prodigy db-out`` writes.

    ``accept`` with an option is an answer; ``ignore`` and ``reject`` are skipped; no answer, or ``accept`` without an
    option, is unanswered.

    Raises
    ------
    FileFormatError
        If lines are no JSON objects; all of them are named.
    """
    out: list[Filled] = []
    problems: list[Problem] = []
    for number_, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            task = json.loads(line)
        except ValueError as error:
            task, reason = None, f" ({error})"
        else:
            reason = ""
        if isinstance(task, dict):
            out.append(_filled(task, number_))
        else:
            problems.append(Problem(what=f"this line is no JSON object{reason}", file=name, row=number_))
    if problems:
        raise FileFormatError(problems)
    return out


def _filled(task: dict[str, object], row: int) -> Filled:
    ours, meta = as_map(task.get("labelqa")), as_map(task.get("meta"))
    answer = text_of(task.get("answer"))
    skipped = SKIPPED.get(answer, "")
    return Filled(
        row=row,
        assignment=text_of(ours.get("assignment")) or text_of(meta.get("assignment")),
        manifest=text_of(ours.get("manifest")),
        labels=() if skipped or not answer else texts_of(task.get("accept")),
        comment=text_of(task.get("comment")) or text_of(task.get("user_input")),
        skipped=skipped,
        answered_utc=_utc(number(task.get("_timestamp"))),
    )


def _utc(timestamp: float | None) -> str | None:
    if timestamp is None or not 0 < timestamp < 1e11:
        return None
    return dt.datetime.fromtimestamp(timestamp, dt.UTC).isoformat()
