"""Argilla's records, flat or nested, as JSON or as a data set: each question is answered by several people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labelqa.io.formats.answers import Answers
from labelqa.io.formats.documents import Document, Record
from labelqa.io.formats.hugging_face import decoded, rows_of, told_of
from labelqa.io.formats.regions import Regions, class_of, wrong
from labelqa.io.tables import Table

FIELDS = {"item": "id", "annotator": "user_id", "timestamp": "inserted_at"}
RESPONSES, USERS, STATUS, SUGGESTION = ".responses", ".responses.users", ".responses.status", ".suggestion"
BOOKKEEPING = ("id", "status", "_server_id", "vectors", "external_id")
SUBMITTED = "submitted"
TEXT = "text"
EMPTY: tuple[object, ...] = (None, "", {})


@dataclass(frozen=True, slots=True)
class _Response:
    """What one person said to one question."""

    question: str
    value: Any
    user: Any
    status: Any
    time: Any = None


@dataclass(slots=True)
class _Reading:
    """The answers of one file while they are collected, and what else was in it."""

    answers: Answers
    regions: Regions
    counts: Counter[str] = field(default_factory=Counter)
    empty: set[str] = field(default_factory=set)

    def take(self, row: int, item: Any, text: str | None, responses: Iterator[_Response]) -> None:  # noqa: ANN401
        """Take the responses to the questions on one record in."""
        for response in responses:
            if response.status not in (None, SUBMITTED):
                self.answers.set_aside(row, f"{response.status} response, not submitted")
                continue
            self.counts["without status"] += response.status is None
            if response.value in EMPTY:
                self.answers.set_aside(row, "question not answered")
                continue
            self.answers.add(
                row,
                item=item,
                annotator=response.user,
                label=self.label(row, response),
                question=response.question,
                timestamp=response.time,
                text=text,
            )

    def label(self, row: int, response: _Response) -> Any:  # noqa: ANN401  # a class, or a list
        """Return the answer as a class, a set or spans, and remember which of these the question asks for."""
        value, question = response.value, response.question
        if value == []:  # nothing marked, or none of the classes: other answers tell which
            self.empty.add(question)
            return value
        kind, label = self.listed(row, value) if isinstance(value, list) else ("classes", value)
        known = self.answers.kinds.setdefault(question, kind)
        if known != kind:
            raise wrong(self.answers.name, row, f"the answers to {question!r} are {known}", value)
        return class_of(self.answers.name, row, label) if kind == "classes" else label

    def listed(self, row: int, value: Sequence[Any]) -> tuple[str, Any]:
        """Return the kind of an answer that is a list, and the answer."""
        if all(isinstance(v, dict) and "start" in v for v in value):
            spans = [s for v in value for s in self.regions.span(row, v["start"], v.get("end"), v.get("label"))]
            return "spans", spans
        if all(isinstance(v, dict) and "rank" in v for v in value):
            self.counts["rankings"] += 1
            return "classes", _ranking(value)
        return "sets", [class_of(self.answers.name, row, v) for v in value]

    def finish(self) -> Answers:
        """Return the answers, and with them what was found."""
        self.answers.notes += self.notes()
        self.answers.kinds |= {q: "sets" for q in self.empty if q not in self.answers.kinds}
        wrong_empty = [q for q in self.empty if self.answers.kinds[q] == "classes"]
        if wrong_empty:
            raise wrong(self.answers.name, None, f"each answer to {wrong_empty[0]!r} is one class", [])
        return self.answers

    def notes(self) -> list[str]:
        """Return what a user should know of the file."""
        told = self.regions.notes()
        if self.counts["suggestions"]:
            told.append(f"{self.counts['suggestions']:,} suggestions of models are no answers and were not read")
        if self.counts["without status"]:
            told.append(
                f"{self.counts['without status']:,} responses do not say whether they were submitted: drafts and "
                "discarded ones may be among them (records.to_list(flatten=True) keeps the status)"
            )
        if self.counts["rankings"]:
            told.append("rankings were read as one class each, such as 'a > b'")
        return told


def fits_argilla(sample: list[Record]) -> bool:
    """Tell whether these are records with responses to questions, of either form."""
    return bool(sample) and (all(map(_is_nested, sample)) or any(_questions(record) for record in sample))


def fits_argilla_table(table: Table) -> bool:
    """Tell whether there are columns of responses with those of their users or status."""
    return bool(_questions(table.frame.columns))


def read_argilla(document: Document) -> Table:
    """Return the responses that were submitted."""
    reading = _reading(document.name, document.stem)
    text = _text_field(record for _, record in document.decoded(dict) if not _is_nested(record))
    for row, record in document.decoded(dict):
        if _is_nested(record):
            _nested(reading, row, record)
        else:
            _flat(reading, row, record, text)
    return reading.finish().table()


def read_argilla_table(table: Table) -> Table:
    """Return the responses that were submitted, from rows with lists of them."""
    reading = _reading(table.name or "frame", table.stem)
    records = list(rows_of(decoded(table)))
    text = _text_field(record for _, record in records)
    for row, record in records:
        _flat(reading, row, record, text)
    return told_of(table, reading.finish())


def _reading(name: str, stem: str) -> _Reading:
    return _Reading(Answers(name=name, stem=stem, format="argilla", fields=FIELDS), Regions(name))


def _is_nested(record: Record) -> bool:
    return isinstance(record.get("fields"), dict) and isinstance(record.get("responses"), dict | list)


def _questions(keys: Any) -> list[str]:  # noqa: ANN401  # a mapping, or an index of columns
    """Return the questions of a flat record: those that have responses, and who gave them or their status."""
    found = [str(k).removesuffix(RESPONSES) for k in keys if str(k).endswith(RESPONSES)]
    return [q for q in found if q + USERS in keys or q + STATUS in keys]


def _text_field(records: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the field that holds the text, where that is clear: one called so, or the only one with texts."""
    names = {k for record in records for k, v in record.items() if isinstance(v, str) and _is_payload(k)}
    return TEXT if TEXT in names else next(iter(names)) if len(names) == 1 else None


def _flat(reading: _Reading, row: int, record: Mapping[str, Any], text_field: str | None) -> None:
    payload = {k: v for k, v in record.items() if _is_payload(k)}
    reading.counts["suggestions"] += sum(k.endswith(SUGGESTION) and v is not None for k, v in record.items())
    reading.answers.begin(payload)
    text = None if text_field is None else record.get(text_field)
    file = reading.answers.name
    for question in _questions(record):
        lists = [_listed(record.get(question + end), file, row) for end in (RESPONSES, USERS, STATUS)]
        values, users, status = (found or [None] * len(lists[0] or ()) for found in lists)
        if not len(values) == len(users) == len(status):
            what = f"{question!r} has as many users as responses ({len(values)})"
            raise wrong(file, row, what, users if len(users) != len(values) else status)
        said = (_Response(question, *one) for one in zip(values, users, status, strict=True))
        reading.take(row, _item(record, row), text if isinstance(text, str) else None, said)


def _is_payload(key: str) -> bool:
    parts = (RESPONSES, SUGGESTION, ".vector")
    return key not in BOOKKEEPING and not any(p in key for p in parts)


def _listed(found: Any, file: str, row: int) -> list[Any] | None:  # noqa: ANN401  # what JSON holds
    if not isinstance(found, list | None):
        raise wrong(file, row, "responses are a list", found)
    return found


def _item(record: Mapping[str, Any], row: int) -> Any:  # noqa: ANN401  # what JSON holds
    """Return the name of a record: the one that its owner gave, else the tool's."""
    return next((record[k] for k in ("external_id", "id", "_server_id") if record.get(k) is not None), row)


def _nested(reading: _Reading, row: int, record: Mapping[str, Any]) -> None:
    fields = record["fields"]
    metadata = record.get("metadata")
    reading.answers.begin({**(metadata if isinstance(metadata, dict) else {}), **fields})
    suggestions = record.get("suggestions")
    reading.counts["suggestions"] += len(suggestions) if isinstance(suggestions, dict | list) else 0
    name = _text_field([fields])
    reading.take(row, _item(record, row), None if name is None else fields[name], _said(reading, row, record))


def _said(reading: _Reading, row: int, record: Mapping[str, Any]) -> Iterator[_Response]:
    """Yield the responses: listed by question, as the client writes them, or by person, as the server does."""
    file, found = reading.answers.name, record["responses"]
    if isinstance(found, dict):
        for question, given in found.items():
            for one in _objects(given, file, row):
                yield _Response(question, one.get("value"), one.get("user_id"), one.get("status"))
        return
    for one in _objects(found, file, row):
        values = one.get("values")
        for question, given in values.items() if isinstance(values, dict) else ():
            value = given.get("value") if isinstance(given, dict) else given
            yield _Response(question, value, one.get("user_id"), one.get("status"), one.get("inserted_at"))


def _objects(found: Any, file: str, row: int) -> list[Mapping[str, Any]]:  # noqa: ANN401  # what JSON holds
    for one in found if isinstance(found, list) else [found]:
        if not isinstance(one, dict):
            raise wrong(file, row, "responses are a list of objects", one)
    return list(found) if isinstance(found, list) else [found]


def _ranking(value: Sequence[Mapping[str, Any]]) -> str:
    """Return objects in the order of their ranks, ``>`` between ranks and ``=`` within."""
    ranks: dict[str, list[str]] = {}
    for one in sorted(value, key=lambda v: str(v["rank"]).rjust(9)):
        ranks.setdefault(str(one["rank"]), []).append(str(one.get("value")))
    return " > ".join(" = ".join(sorted(tied)) for tied in ranks.values())
