"""Assignments of Toloka (TSV): ``INPUT:``, ``OUTPUT:``, ``GOLDEN:`` and ``ASSIGNMENT:`` columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.itemdata import parse_times
from labelqa.io.formats.answers import free
from labelqa.io.formats.platforms import (
    Answered,
    answered,
    item_column,
    left_out,
    payload_names,
    present,
    repeated_ids,
    without,
)
from labelqa.io.tables import Table

INPUT, OUTPUT, GOLDEN, OF_TOLOKA = "INPUT:", "OUTPUT:", "GOLDEN:", ("ASSIGNMENT:", "HINT:", "ACCEPT:", "GOLDEN:")
TASK, WORKER, STATUS, SUITE = (f"ASSIGNMENT:{n}" for n in ("task_id", "worker_id", "status", "assignment_id"))
STARTED, SUBMITTED, VERDICT = "ASSIGNMENT:started", "ASSIGNMENT:submitted", "ACCEPT:verdict"
NOT_DONE = {
    "SKIPPED": "skipped by the worker",
    "EXPIRED": "not finished in time (EXPIRED)",
    "ACTIVE": "not finished yet (ACTIVE)",
    "REJECTED": "rejected by the requester",
}


def fits(table: Table) -> bool:
    """Tell whether a table is what Toloka gives for the assignments of a pool."""
    names = table.frame.columns
    return WORKER in names and any(c.startswith(OUTPUT) for c in names)


def read(table: Table) -> Table:
    """Read the assignments; those that were skipped, rejected or not finished are set aside."""
    table = without(table, _not_done(table.frame))
    frame = table.frame
    outputs = [c for c in frame.columns if c.startswith(OUTPUT)]
    bookkeeping = [c for c in frame.columns if c.startswith(OF_TOLOKA)]
    names = payload_names(INPUT, [str(c) for c in frame.columns], (TASK, WORKER, SUBMITTED))
    known = {*names, *outputs, *bookkeeping}
    others = [c for c in frame.columns if c not in known]
    kept = frame[[*others, *names]].rename(columns=names)
    payload = [str(c) for c in kept.columns]
    task = _tasks(frame, list(names))
    kept = kept.assign(**{TASK: task, WORKER: frame[WORKER]})
    item = item_column(kept, TASK, payload)
    roles = {"item": item, "annotator": WORKER}
    shared = repeated_ids(kept, TASK, payload, "tasks") if item == TASK else []
    kept = kept if item == TASK else kept.drop(columns=TASK)
    kept, times, notes = _with_times(kept, frame)
    questions = [_question(frame, c) for c in outputs]
    dropped = [c for c in bookkeeping if not c.startswith(GOLDEN) and c not in (TASK, WORKER, STARTED, SUBMITTED)]
    notes += shared + _on_gold(questions, task) + left_out(dropped, frame)
    whole = replace(table, frame=kept, notes=(*table.notes, *notes))
    return answered(whole, "toloka", roles | times, questions)


def _not_done(frame: pd.DataFrame) -> dict[str, npt.NDArray[np.bool_]]:
    status = frame[STATUS].astype(str).str.strip().str.upper() if STATUS in frame else pd.Series("", index=frame.index)
    found = {reason: status.eq(name).to_numpy(dtype=np.bool_) for name, reason in NOT_DONE.items()}
    if VERDICT in frame:
        found["rejected in review (ACCEPT:verdict)"] = frame[VERDICT].astype(str).str.strip().eq("-").to_numpy()
    return found


def _tasks(frame: pd.DataFrame, inputs: Sequence[str]) -> pd.Series:
    """Return what names each task: its id, or where there is none what was shown."""
    if TASK in frame.columns and frame[TASK].notna().any():
        return frame[TASK]
    shown = frame[list(inputs)].astype(object)
    texts = [msgspec.json.encode([None if pd.isna(v) else str(v) for v in row]).decode() for row in shown.to_numpy()]
    return pd.Series(texts, index=frame.index, dtype=object)


def _with_times(kept: pd.DataFrame, frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """Add when a page of tasks was submitted, and its time divided among its tasks."""
    if SUBMITTED not in frame.columns:
        return kept, {}, []
    kept = kept.assign(**{SUBMITTED: frame[SUBMITTED]})
    roles = {"timestamp": SUBMITTED}
    if STARTED not in frame.columns:
        return kept, roles, []
    seconds = (parse_times(frame[SUBMITTED])[0] - parse_times(frame[STARTED])[0]) / np.timedelta64(1, "s")
    pages = frame[SUITE] if SUITE in frame.columns else pd.Series(np.arange(len(frame)), index=frame.index)
    tasks = pages.map(pages.value_counts()).fillna(1).to_numpy(dtype=np.float64)
    duration = free("duration", kept.columns)
    kept = kept.assign(**{duration: seconds / tasks})
    note = "the time for a page of several tasks was divided among them in equal parts"
    return kept, roles | {"duration": duration}, [note] if tasks.max(initial=1) > 1 else []


def _question(frame: pd.DataFrame, column: str) -> Answered:
    name = column.removeprefix(OUTPUT)
    cells, several = _classes(present(frame[column]))
    golden = GOLDEN + name
    gold = present(frame[golden]) if golden in frame.columns else None
    return Answered(name=name, cells=cells, several=several, gold=gold)


def _classes(cells: list[Any]) -> tuple[list[Any], bool]:
    """Return lists of classes where all cells hold such lists, as JSON."""
    if not all(c is None or (isinstance(c, str) and c.lstrip().startswith("[")) for c in cells):
        return cells, False
    try:
        lists = [None if c is None else msgspec.json.decode(c, type=list[str]) for c in cells]
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeError):
        return cells, False
    return (lists, True) if any(c is not None for c in lists) else (cells, False)


def _on_gold(questions: Sequence[Answered], tasks: pd.Series) -> list[str]:
    known = np.zeros(len(tasks), dtype=np.bool_)
    for q in questions:
        known |= np.array([c is not None for c in q.gold or [None] * len(tasks)], dtype=np.bool_)
    n = tasks[known].nunique()
    if not n:
        return []
    control = "1 item is a control task" if n == 1 else f"{n:,} items are control tasks"
    return [
        f"{control}: the right answer is the item column 'gold', and what workers answered is kept; to measure without "
        "them, use annotations.where(mask=annotations.item_data['gold'].isna().to_numpy()[annotations.item])"
    ]
