"""Labelbox's export v2: a data row each, with the labels that people gave it in one or more projects."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import msgspec
import pandas as pd

from labelqa.errors import shorten
from labelqa.io.formats.answers import Answers
from labelqa.io.formats.documents import Document, Record
from labelqa.io.formats.regions import Regions, class_of
from labelqa.io.tables import Table

KEY = "labelbox"
FIELDS = {
    "item": "data_row",
    "annotator": "created_by",
    "timestamp": "created_at",
    "duration": "seconds_to_create",
    "round": "project",
}
NAMES = ("external_id", "global_key", "id")  # what a data row is called, the owner's own name first
OBJECTS = "objects"  # the question that boxes answer, and
ENTITIES = "entities"  # spans of text
BY_PEOPLE = "default"
Names = tuple[str | int | float | None, str | int | float | None, str | int | float | None]
_ADDRESS = re.compile(r"[a-z][a-z0-9]*://\S+$", re.IGNORECASE)


class _DataRow(msgspec.Struct, gc=False):
    id: Any = None
    external_id: Any = None
    global_key: Any = None
    row_data: Any = None


class _Details(msgspec.Struct, gc=False):
    created_by: Any = None
    created_at: Any = None
    reviews: Any = None
    is_benchmark_reference: Any = None


class _Performance(msgspec.Struct, gc=False):
    seconds_to_create: Any = None
    skipped: Any = False


class _Given(msgspec.Struct, gc=False):
    objects: list[dict[str, Any]] | None = None
    classifications: list[dict[str, Any]] | None = None
    relationships: Any = None


class _Label(msgspec.Struct, gc=False):
    label_kind: Any = None
    label_details: _Details = msgspec.field(default_factory=_Details)
    performance_details: _Performance = msgspec.field(default_factory=_Performance)
    annotations: _Given = msgspec.field(default_factory=_Given)


class _Project(msgspec.Struct, gc=False):
    name: Any = None
    labels: list[_Label] | None = None


class _Record(msgspec.Struct, gc=False):
    data_row: _DataRow
    projects: dict[str, _Project]
    metadata_fields: list[dict[str, Any]] | None = None


def fits(sample: list[Record]) -> bool:
    """Tell whether these are data rows with projects."""
    return bool(sample) and all(
        isinstance(r.get("data_row"), dict) and isinstance(r.get("projects"), dict) for r in sample
    )


def read(document: Document) -> Table:
    """Return what people labeled; models are no annotators, and benchmarks are kept as gold."""
    answers = Answers(name=document.name, stem=document.stem, format="labelbox", fields=FIELDS)
    answers.kinds |= {OBJECTS: "boxes", ENTITIES: "spans"}
    regions, counts = Regions(document.name), Counter[str]()
    several, marks = _looked_over(document)
    names: list[Names] = []
    for row, record in document.decoded(_Record):
        labels = [(name, label) for name, project in record.projects.items() for label in project.labels or ()]
        gold = [label for _, label in labels if _is_gold(label)]
        answers.begin(_payload(record, gold, regions, row))
        names.append(_names(record.data_row))
        for project, label in labels:
            counts["reviews"] += bool(label.label_details.reviews)
            if _counts(answers, counts, row, label):
                found = _answers(label, row, regions, counts, marks, _text(record.data_row))
                round = (record.projects[project].name or project) if several else None
                _add(answers, row, len(names) - 1, label, round, list(found), _text(record.data_row))
    answers.notes += [*regions.notes(), *(f"{n:,} {what}" for what, n in _told(counts) if n)]
    return replace(answers.table(), metadata={KEY: msgspec.json.encode(names).decode()})


def together(tables: Sequence[Table]) -> list[Table]:
    """Return the tables with items named by the first of `NAMES` that each data row of all files has for itself.

    An ``external_id`` need not be unique: two data rows of one name would become one item.
    """
    names = [msgspec.json.decode(t.metadata[KEY], type=list[Names]) for t in tables]
    rows = {(None, at) if n[-1] is None else n[-1]: n for at, n in enumerate(chain.from_iterable(names))}
    at, notes = _telling(list(rows.values()))
    out = []
    for table, some in zip(tables, names, strict=True):
        column = next(c for c in (f"({FIELDS['item']})", FIELDS["item"]) if c in table.frame.columns)
        cells = [some[int(k)][at] for k in table.frame[column]]
        frame = table.frame.assign(**{column: pd.Series(cells, index=table.frame.index, dtype=object)})
        out.append(replace(table, frame=frame, notes=(*table.notes, *(notes if table is tables[0] else ()))))
    return out


def _telling(rows: Sequence[Names]) -> tuple[int, list[str]]:
    """Return the place of the name that tells all data rows apart, and a note on one that does not."""
    notes: list[str] = []
    for at, name in enumerate(NAMES[:-1]):
        found = Counter(row[at] for row in rows)
        if len(found) == len(rows) and None not in found:
            return at, notes
        none = found.pop(None, 0)
        twice = [str(value) for value, n in found.items() if n > 1]
        if found:
            why = [f"several data rows have the same ({shorten(twice)})"] * bool(twice)
            why += [f"{none:,} of {len(rows):,} data rows have none"] * bool(none)
            notes.append(f"{name} was not taken for the name of the items: {' and '.join(why)}")
    return len(NAMES) - 1, notes


def _counts(answers: Answers, counts: Counter[str], row: int, label: _Label) -> bool:
    """Whether a label is the answer of a person."""
    kind = str(label.label_kind or BY_PEOPLE).casefold()
    if _is_gold(label):
        counts["gold"] += 1
    elif kind != BY_PEOPLE and ("model" in kind or "predict" in kind or "auto" in kind):
        counts["models"] += 1
    elif label.performance_details.skipped:
        answers.set_aside(row, "skipped")
    else:
        return True
    return False


def _is_gold(label: _Label) -> bool:
    is_benchmark = "benchmark" in str(label.label_kind or "").casefold()
    return is_benchmark or label.label_details.is_benchmark_reference is True


def _told(counts: Counter[str]) -> list[tuple[str, int]]:
    return [
        ("labels of models are no answers and were not read", counts["models"]),
        ("benchmark labels were kept apart, in the item column 'gold'", counts["gold"]),
        ("labels were reviewed: the label is read as it stands, the verdicts of reviews are not", counts["reviews"]),
        ("objects that are no boxes or spans (polygons, lines, points, masks) were not read", counts["shapes"]),
        ("questions within an answer or object were not read", counts["nested"]),
        ("answers in free text were read as classes", counts["texts"]),
        ("relations between objects were not read", counts["relations"]),
    ]


def _payload(record: _Record, gold: list[_Label], regions: Regions, row: int) -> dict[str, Any]:
    found: dict[str, Any] = {"row_data": record.data_row.row_data}
    for one in record.metadata_fields or ():
        name = one.get("schema_name") or one.get("name")
        if isinstance(name, str):
            found[name] = one.get("value")
    if gold:
        labels = [label for one in gold for _, label in _answers(one, row, regions, Counter(), (), None)]
        found["gold"] = labels[0] if len(labels) == 1 else labels
    return found


def _add(
    answers: Answers,
    row: int,
    item: int,
    label: _Label,
    round: object,
    found: list[tuple[str, Any]],
    text: str | None,
) -> None:
    """Take in what a person said of a data row; `item` is its place in the file, until its name is chosen."""
    if not found:
        answers.set_aside(row, "a label without any answer")
    for question, value in found:
        if isinstance(value, list) and question not in (OBJECTS, ENTITIES):
            answers.kinds[question] = "sets"
        answers.add(
            row,
            item=item,
            annotator=label.label_details.created_by,
            label=value,
            question=question,
            timestamp=label.label_details.created_at,
            duration=label.performance_details.seconds_to_create,
            round=round,
            text=text if question == ENTITIES else None,
        )


def _names(item: _DataRow) -> Names:
    found = [v if isinstance(v, str | int | float) and v != "" else None for v in (getattr(item, n) for n in NAMES)]
    return found[0], found[1], found[2]


def _text(item: _DataRow) -> str | None:
    """Return the text of a data row; where it is the address of one, there is none."""
    found = item.row_data
    return found if isinstance(found, str) and not _ADDRESS.match(found) else None


def _answers(
    label: _Label, row: int, regions: Regions, counts: Counter[str], marks: Collection[str], text: str | None
) -> Iterator[tuple[str, Any]]:
    """Yield each question with what was answered to it: a class, a list of classes, boxes, or spans."""
    given = label.annotations
    counts["relations"] += len(given.relationships) if isinstance(given.relationships, list) else 0
    for one in given.classifications or ():
        question = str(one.get("name") or one.get("value") or "")
        radio, checked, written = one.get("radio_answer"), one.get("checklist_answers"), one.get("text_answer")
        if isinstance(radio, dict):
            counts["nested"] += bool(radio.get("classifications"))
            yield question, class_of(regions.file, row, radio.get("name"))
        elif isinstance(checked, list):
            yield question, [class_of(regions.file, row, c.get("name") if isinstance(c, dict) else c) for c in checked]
        elif isinstance(written, dict) and written.get("content"):
            counts["texts"] += 1
            yield question, class_of(regions.file, row, written["content"])
    found = _marks(given.objects or (), row, regions, counts, text)
    yield from ((question, marked) for question, marked in found.items() if marked or question in marks)


def _marks(
    found: Any,  # noqa: ANN401  # what JSON holds
    row: int,
    regions: Regions,
    counts: Counter[str],
    text: object,
) -> dict[str, list[Any]]:
    boxes: list[Any] = []
    spans: list[Any] = []
    for one in found:
        box, place = one.get("bounding_box"), one.get("location")
        counts["nested"] += bool(one.get("classifications"))
        if isinstance(box, dict):
            sizes = [box.get(k) for k in ("left", "top", "width", "height")]
            boxes += regions.sized(row, sizes, one.get("name"))
        elif isinstance(place, dict) and "start" in place:
            spans += _span(place, one.get("name"), row, regions, text)
        else:
            counts["shapes"] += 1
    return {OBJECTS: boxes, ENTITIES: spans}


def _span(place: Mapping[str, Any], name: object, row: int, regions: Regions, text: object) -> list[Any]:
    found = regions.span(row, place["start"], _end(place), name)
    words = place.get("token")
    if found and isinstance(words, str) and isinstance(text, str):
        at = found[0][:2]
        regions.compare(row, at, words, text[slice(*at)])
    return list(found)


def _looked_over(document: Document) -> tuple[bool, set[str]]:
    """Return whether there are several projects, and which marks: where there are any, none is an answer too."""
    projects: set[str] = set()
    marks: set[str] = set()
    for _, record in document.decoded(_Record):
        projects |= record.projects.keys()
        labels = (label for project in record.projects.values() for label in project.labels or ())
        for one in (o for label in labels for o in label.annotations.objects or ()):
            marks |= {OBJECTS} if "bounding_box" in one else {ENTITIES} if "location" in one else set()
    return len(projects) > 1, marks


def _end(place: Mapping[str, Any]) -> Any:  # noqa: ANN401  # what JSON holds
    """Return where a span ends, not included: where the words of the span say that it was, one later."""
    start, end, words = place["start"], place.get("end"), place.get("token")
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(words, str)):
        return end
    return end + 1 if len(words) == end - start + 1 else end
