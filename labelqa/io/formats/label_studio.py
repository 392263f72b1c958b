"""Label Studio's JSON export: a list of tasks, each with its data and the annotations of several people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from labelqa.io.formats.answers import Answers
from labelqa.io.formats.documents import Document, Record
from labelqa.io.tables import Table

FIELDS = {"item": "id", "annotator": "completed_by", "timestamp": "created_at", "duration": "lead_time"}


class _Region(msgspec.Struct, gc=False):
    from_name: Any = None
    type: Any = None
    value: Any = None


class _Annotation(msgspec.Struct, gc=False):
    result: list[_Region] | None = None
    completed_by: Any = None
    was_cancelled: Any = False
    ground_truth: Any = False
    created_at: Any = None
    lead_time: Any = None


class _Task(msgspec.Struct, gc=False):
    id: Any = None
    data: dict[str, Any] = {}
    annotations: list[_Annotation] | None = None
    completions: list[_Annotation] | None = None  # what annotations were called before 2021


def fits(sample: list[Record]) -> bool:
    """Tell whether these are tasks with data and annotations."""
    keys = ("annotations", "completions")
    return bool(sample) and all(isinstance(t.get("data"), dict) and any(k in t for k in keys) for t in sample)


def read(document: Document) -> Table:
    """Return the answers that people gave; predictions are no answers."""
    answers = Answers(name=document.name, stem=document.stem, format="label_studio", fields=FIELDS)
    for row, task in document.decoded(_Task):
        answers.begin(task.data)
        for annotation in task.annotations or task.completions or ():
            _take(answers, row, task, annotation)
    return answers.table()


def _take(answers: Answers, row: int, task: _Task, annotation: _Annotation) -> None:
    if annotation.was_cancelled:
        answers.set_aside(row, "skipped or cancelled")
        return
    for question, label in _labels(annotation):
        answers.add(
            row,
            item=task.id,
            annotator=_person(annotation.completed_by),
            label=label,
            question=question,
            timestamp=annotation.created_at,
            duration=annotation.lead_time,
        )


def _labels(annotation: _Annotation) -> Iterator[tuple[Any, Any]]:
    for region in annotation.result or ():
        if isinstance(region.value, dict) and "choices" in region.value:
            yield region.from_name, region.value["choices"][0]


def _person(who: Any) -> Any:  # noqa: ANN401  # an id, an address, or an object with both
    return (who.get("email") or who.get("id")) if isinstance(who, dict) else who
