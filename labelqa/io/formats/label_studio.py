"""Label Studio's JSON export: a list of tasks, each with its data and the annotations of several people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from labelqa.io.formats.answers import Answers
from labelqa.io.formats.documents import Document, Record
from labelqa.io.formats.label_studio_results import Control, Json, Results, Value, labeled_field, settled
from labelqa.io.formats.regions import wrong
from labelqa.io.tables import Table

FIELDS = {
    "item": "id",
    "annotator": "completed_by",
    "label": "result",
    "timestamp": "created_at",
    "duration": "lead_time",
    "question": "from_name",
}
NOTHING = "submitted without an answer"
GOLD = "ground truth: kept as the item column 'gold', and no annotator"
_Many = list[msgspec.Raw] | dict[str, msgspec.Raw] | str | int | float | bool | None


class _Person(msgspec.Struct, gc=False):
    email: Any = None
    id: Any = None
    username: Any = None
    first_name: Any = None
    last_name: Any = None


class _Region(msgspec.Struct, gc=False):
    from_name: Any = None
    to_name: Any = None
    type: Any = None
    value: Value | Json = None
    original_width: Any = None
    original_height: Any = None


class _Annotation(msgspec.Struct, gc=False):
    result: list[_Region] | None = None
    completed_by: _Person | Json = None
    was_cancelled: Any = False
    skipped: Any = False
    ground_truth: Any = False
    created_at: Any = None
    lead_time: Any = None


class _Task(msgspec.Struct, gc=False):
    id: Any = None
    data: dict[str, Any] = {}
    annotations: list[_Annotation] | None = None
    completions: list[_Annotation] | None = None  # what annotations were called before 2021
    predictions: _Many = None
    drafts: _Many = None


def fits(sample: list[Record]) -> bool:
    """Tell whether these are tasks with data and annotations."""
    keys = ("annotations", "completions")
    return bool(sample) and all(isinstance(t.get("data"), dict) and any(k in t for k in keys) for t in sample)


def read(document: Document) -> Table:
    """Return the answers that people gave; predictions are no answers."""
    answers = Answers(name=document.name, stem=document.stem, format="label_studio", fields=FIELDS)
    reading = _Reading(answers)
    for row, task in document.decoded(_Task):
        reading.take(row, task)
    document.release()
    return reading.table()


@dataclass(slots=True)
class _Reading:
    """Columns of a file that is being read: of annotations, and of the answers that each holds."""

    answers: Answers
    results: Results = field(init=False)
    row: list[int] = field(default_factory=list)  # of each annotation ...
    task: list[int] = field(default_factory=list)
    who: list[Any] = field(default_factory=list)
    when: list[Any] = field(default_factory=list)
    seconds: list[Any] = field(default_factory=list)
    annotation: list[int] = field(default_factory=list)  # ... and of each answer
    question: list[str] = field(default_factory=list)
    cell: list[Any] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    ids: list[Any] = field(default_factory=list)
    people: dict[Any, Any] = field(default_factory=dict)
    gold: list[tuple[int, str, Any]] = field(default_factory=list)
    predictions: int = 0
    drafts: int = 0

    def __post_init__(self) -> None:
        self.results = Results(self.answers.name)

    def take(self, row: int, task: _Task) -> None:
        """Take in what people said of one task."""
        at = len(self.ids)
        self.answers.payload.append(task.data)
        self.ids.append(task.id)
        if task.predictions:
            self.predictions += _count(task.predictions)
        if task.drafts:
            self.drafts += _count(task.drafts)
        for annotation in task.annotations or task.completions or ():
            if annotation.was_cancelled or annotation.skipped:
                self.answers.set_aside(row, "skipped or cancelled")
            elif annotation.ground_truth:
                self.gold += [(at, name, cell) for name, cell in self._given(row, at, annotation).items()]
                self.answers.set_aside(row, GOLD)
            else:
                self._take(row, at, annotation)

    def _take(self, row: int, at: int, annotation: _Annotation) -> None:
        number = len(self.row)
        self.row.append(row)
        self.task.append(at)
        self.who.append(self._person(row, annotation.completed_by))
        self.when.append(annotation.created_at)
        self.seconds.append(annotation.lead_time)
        simple = self._one_class(annotation.result)
        if simple is not None:
            self.annotation.append(number)
            self.question.append(simple[0])
            self.cell.append(simple[1])
            return
        given = self._given(row, at, annotation)
        for name, cell in given.items():
            self.annotation.append(number)
            self.question.append(name)
            self.cell.append(cell)
        if not given:
            self.empty.append(number)

    def _one_class(self, result: list[_Region] | None) -> tuple[str, str] | None:
        """Return question and class where that is all there is: most answers, at a third of the time."""
        if not result or len(result) != 1:
            return None
        region = result[0]
        value = region.value
        if not isinstance(value, Value) or value.start is not None or value.x is not None:
            return None
        named = value.choices
        known = self.results.questions.get(region.from_name) if isinstance(region.from_name, str) else None
        if known is None or not isinstance(named, list) or len(named) != 1 or "classes" not in known.shapes:
            return None
        label = named[0]
        return (region.from_name, label) if isinstance(label, str) and label else None

    def _given(self, row: int, at: int, annotation: _Annotation) -> dict[str, Any]:
        """Return the answer to each question."""
        parts: dict[str, list[Any]] = {}
        for region in annotation.result or ():
            if region.from_name is None or not isinstance(region.value, Value):
                continue  # relations between regions
            name = str(region.from_name)
            question = self.results.questions.setdefault(name, Control(about=region.to_name))
            value = region.value
            value.original_width = region.original_width
            value.original_height = region.original_height
            found = self.results.parts(row, question, value)
            if found is None:
                self._not_read(region)
                continue
            found = question.placed(row, at, self.answers.payload[at], found, value.text)
            parts.setdefault(name, []).extend(found)
        return {name: self.results.cell(self.results.questions[name], found) for name, found in parts.items()}

    def _not_read(self, region: _Region) -> None:
        self.results.regions.left_out[f"results of type {str(region.type)[:40]!r} without a class"] += 1

    def _person(self, row: int, who: Any) -> Any:  # noqa: ANN401  # an id, an address, or an object with both
        if isinstance(who, _Person):
            name = f"{who.first_name or ''} {who.last_name or ''}".strip()
            who = next((v for v in (who.email, who.id, who.username, name) if v not in (None, "")), None)
        if who is not None and not isinstance(who, str | int | float):
            raise wrong(self.answers.name, row, "completed_by is an id, an address or an object with one", who)
        return self.people.setdefault(who, who)  # one text each, however often it stands in the file

    def table(self) -> Table:
        """Return everything that was taken in."""
        kinds = {name: question.kind for name, question in self.results.questions.items()}
        self._add_unmarked(kinds)
        annotation = np.asarray(self.annotation, dtype=np.intp)
        used = set(self.question)
        asked = [name for name in kinds if name in used]
        if len(asked) == 1:
            labels = settled(self.cell, kinds[asked[0]])
        else:
            labels = [settled([c], kinds[q])[0] for q, c in zip(self.question, self.cell, strict=True)]
        task = np.asarray(self.task, dtype=np.intp)[annotation]
        columns: dict[str, list[Any]] = {
            "item": _picked(self.ids, task),
            "annotator": _picked(self.who, annotation),
            "label": labels,
            "timestamp": _picked(_only(self.when, str, int, float), annotation),
            "duration": _picked(_only(self.seconds, int, float, str), annotation),
        }
        columns["question"] = self.question
        columns |= self._texts(kinds, task)
        self.answers.keep_gold([(at, name, settled([cell], kinds[name])[0]) for at, name, cell in self.gold])
        self.answers.extend(_picked(self.row, annotation), task.tolist(), columns)
        self.answers.kind = kinds[asked[0]] if len(asked) == 1 else "classes"
        self.answers.kinds = {name: kind for name, kind in kinds.items() if len(asked) > 1 and kind != "classes"}
        self.answers.notes += self._notes()
        return self.answers.table()

    def _add_unmarked(self, kinds: Mapping[str, str]) -> None:
        """Add the answers of people who marked nothing: an answer where places are marked, or all that apply."""
        alone = len(kinds) == 1
        marking = [name for name, kind in kinds.items() if kind in ("spans", "boxes")]
        given = self._who_gave(marking)
        missing = [(n, name) for name in marking for n in range(len(self.row)) if n not in given[name]]
        if alone and "sets" in kinds.values():
            missing += [(n, next(iter(kinds))) for n in self.empty]
        elif not marking:
            for number in self.empty:
                self.answers.set_aside(self.row[number], NOTHING)
        for number, name in missing:
            self._add_cell(number, name, [])
        if not alone:
            self._add_unanswered([name for name, kind in kinds.items() if kind == "sets"], with_empty=bool(marking))

    def _add_unanswered(self, names: Sequence[str], *, with_empty: bool) -> None:
        """Add a missing answer where several could be chosen, and nobody can tell "none" from "not asked"."""
        given = self._who_gave(names)
        counted = set() if with_empty else set(self.empty)  # as those without any answer
        for name in names:
            without = [n for n in range(len(self.row)) if n not in given[name] and n not in counted]
            for number in without:
                self._add_cell(number, name, None)
            if without:
                share = f"{len(without):,} of {len(self.row):,} answers"
                self.answers.notes.append(
                    f"{name!r} was left empty beside other questions in {share} of "
                    f"{self.answers.name}: missing, as none of the choices cannot be told from a question not asked"
                )

    def _who_gave(self, names: Sequence[str]) -> dict[str, set[int]]:
        """Return the annotations that answer each of some questions."""
        given = {name: set[int]() for name in names}
        for number, name in zip(self.annotation, self.question, strict=True) if names else ():
            if name in given:
                given[name].add(number)
        return given

    def _add_cell(self, number: int, name: str, cell: list[Any] | None) -> None:
        self.annotation.append(number)
        self.question.append(name)
        self.cell.append(cell)

    def _texts(self, kinds: Mapping[str, str], task: npt.NDArray[np.intp]) -> dict[str, list[Any]]:
        """Return the text of each answer that marks spans."""
        payload = self.answers.payload
        asked = self.results.questions
        regions = self.results.regions
        fields = {n: labeled_field(asked[n], payload, regions) for n, kind in kinds.items() if kind == "spans"}
        if not any(fields.values()):
            return {}
        texts = [payload[at].get(fields.get(q) or "") for at, q in zip(task, self.question, strict=True)]
        return {"text": [t if isinstance(t, str) else None for t in texts]}

    def _notes(self) -> list[str]:
        notes = self.results.notes()
        if self.predictions:
            notes.append(f"{self.predictions:,} predictions of models were not read: they are no annotators")
        if self.drafts:
            notes.append(f"{self.drafts:,} drafts were not read: they are no answers yet")
        return notes


def _count(many: _Many) -> int:
    return len(many) if isinstance(many, list) else 1


def _picked(cells: list[Any], at: npt.NDArray[np.intp]) -> list[Any]:
    """Return the cells at some positions."""
    whole = at.size == len(cells) and bool((at == np.arange(at.size)).all())
    return cells if whole else [cells[i] for i in at.tolist()]


def _only(cells: list[Any], *types: type) -> list[Any]:
    """Return cells, None for those that are of another type: lists and objects are no time."""
    return cells if set(map(type, cells)) <= {type(None), *types} else [c if type(c) in types else None for c in cells]
