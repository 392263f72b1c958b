"""Prodigy's JSONL: a line each answer to one task, with the name of the session that gave it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from labelqa.io.formats.answers import Answers, free
from labelqa.io.formats.documents import Document, Record
from labelqa.io.formats.regions import Regions, class_of, wrong
from labelqa.io.tables import Table
from labelqa.io.words import word_set

FIELDS = {"item": "_input_hash", "annotator": "_annotator_id", "timestamp": "_timestamp"}
NOT_PAYLOAD = word_set(
    "accept answer config label meta options priority score sessions spans tokens versions view_id relations"
)
VERDICTS = ("accept", "reject", "ignore")
GOLD = "adjudication by the review recipe: kept as the item column 'gold', and no annotator"
NOTHING = "accepted without a choice"
NO_CLASS = "the task was rejected, which is no label"
CHOICE, MARKS, VERDICT = "choice", "spans", "answer"  # what a question without a name is called
_STARTED = re.compile(r"\d{4}-\d\d-\d\d[_T ]\d\d[-:]\d\d[-:]\d\d.*$")  # the name of a session that has none


def fits(sample: list[Record]) -> bool:
    """Tell whether these records are answers, or adjudications, of Prodigy."""
    return bool(sample) and all("_input_hash" in r and ("answer" in r or "versions" in r) for r in sample)


def read(document: Document) -> Table:
    """Return the answers that people gave; adjudications are the gold of their items."""
    answers = Answers(name=document.name, stem=document.stem, format="prodigy", fields=FIELDS)
    reading = _Reading(answers, Regions(document.name))
    for row, record in document.decoded(dict[str, Any]):
        reading.take(row, record)
    return reading.table()


@dataclass(slots=True)
class _Reading:
    """Columns of a file that is being read."""

    answers: Answers
    regions: Regions
    row: list[int] = field(default_factory=list)
    of: list[int] = field(default_factory=list)
    who: list[str | None] = field(default_factory=list)
    when: list[Any] = field(default_factory=list)
    question: list[str] = field(default_factory=list)
    cell: list[Any] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    binary: set[str] = field(default_factory=set)  # questions of one label each, that was accepted or rejected
    items: dict[Any, int] = field(default_factory=dict)
    gold: list[tuple[int, str, Any]] = field(default_factory=list)

    def take(self, row: int, record: Record) -> None:
        """Take in one answer."""
        name = record.get("_input_hash")
        if not isinstance(name, str | int):
            raise wrong(self.answers.name, row, "_input_hash is a number", name)
        at = self.items.setdefault(name, len(self.items))
        if at == len(self.answers.payload):
            self.answers.begin({})
        self.answers.payload[at] = {**_payload(record), **self.answers.payload[at]}
        is_review = record.get("_view_id") == "review" or "versions" in record or "sessions" in record
        given, reason = self._given(row, record)
        if is_review:
            self.gold += [(at, question, cell) for question, cell in given.items()]
            self.answers.set_aside(row, GOLD)
            return
        if reason is not None:
            self.answers.set_aside(row, reason)
        for question, cell in given.items():
            self.row.append(row)
            self.of.append(at)
            self.who.append(self._person(row, record))
            when = record.get("_timestamp")
            self.when.append(when if isinstance(when, str | int | float) else None)
            self.question.append(question)
            self.cell.append(cell)

    def _given(self, row: int, record: Record) -> tuple[dict[str, Any], str | None]:
        """Return the answer to each question, or why there is none."""
        verdict = record.get("answer", "accept" if "versions" in record else None)
        if verdict not in VERDICTS:
            raise wrong(self.answers.name, row, f"answer is one of {', '.join(VERDICTS)}", verdict)
        if verdict == "ignore":
            return {}, "ignored"
        chosen, marked = record.get("accept"), record.get("spans")
        is_choice = isinstance(chosen, list) or isinstance(record.get("options"), list)
        is_marked = "label" not in record and not _is_suggestion(record)
        is_marked = is_marked and (isinstance(marked, list) or _is_manual(record))
        if (is_choice or is_marked) and verdict == "reject":
            return {}, NO_CLASS
        if not (is_choice or is_marked):
            return self._binary(row, record, verdict)
        given: dict[str, Any] = {}
        if is_choice:
            given |= self._choice(row, record, chosen)
        if is_marked and (marked or not is_choice):
            given[MARKS] = self._marks(row, marked or [])
        return given, None if given else NOTHING

    def _binary(self, row: int, record: Record, verdict: str) -> tuple[dict[str, Any], str | None]:
        if _is_suggestion(record):
            return {}, "accept or reject of a suggested span, which is no label of the text"
        label = record.get("label")
        question = VERDICT if label is None else str(class_of(self.answers.name, row, label))
        self.kinds[question] = "classes"
        if label is None:
            return {question: verdict}, None
        self.binary.add(question)
        return {question: question if verdict == "accept" else f"not {question}"}, None

    def _choice(self, row: int, record: Record, chosen: object) -> dict[str, Any]:
        names = [class_of(self.answers.name, row, c) for c in chosen] if isinstance(chosen, list) else []
        config = record.get("config")
        style = config.get("choice_style") if isinstance(config, dict) else None
        if not names and style == "single":
            return {}
        several = style == "multiple" or len(names) > 1
        self.kinds[CHOICE] = "sets" if several else self.kinds.get(CHOICE, "classes")
        return {CHOICE: names}

    def _marks(self, row: int, marked: Iterable[Any]) -> list[Any]:
        found: list[Any] = []
        for mark in marked:
            if not isinstance(mark, dict):
                raise wrong(self.answers.name, row, "an entry of spans is an object", mark)
            place = [mark.get(k) for k in ("x", "y", "width", "height")]
            if mark.get("start") is not None:
                self.kinds[MARKS] = "spans"
                found += self.regions.span(row, mark["start"], mark.get("end"), mark.get("label"))
            elif None not in place:
                self.kinds[MARKS] = "boxes"
                found += self.regions.sized(row, place, mark.get("label"))
            else:
                self.regions.left_out["shapes that are no boxes"] += 1
        self.kinds.setdefault(MARKS, "spans")
        return found

    def _person(self, row: int, record: Record) -> str | None:
        name = next((record[k] for k in ("_annotator_id", "_session_id") if record.get(k) not in (None, "")), None)
        if name is not None and not isinstance(name, str | int):
            raise wrong(self.answers.name, row, "_annotator_id and _session_id are texts", name)
        return None if name is None else str(name)

    def table(self) -> Table:
        """Return everything that was taken in."""
        self._drop_empty()
        questions = list(dict.fromkeys(self.question))
        kinds = {q: self.kinds[q] for q in questions}
        prefix = dataset_prefix({w for w in self.who if w is not None})
        names = list(self.items)
        columns: dict[str, list[Any]] = {
            "item": [names[at] for at in self.of],
            "annotator": [None if w is None else w.removeprefix(prefix) for w in self.who],
            "label": [self._form(q, c, len(questions)) for q, c in zip(self.question, self.cell, strict=True)],
            "timestamp": self.when,
        }
        columns |= {"question": self.question} if len(questions) > 1 else {}
        if "spans" in kinds.values():
            columns["text"] = [self._text(at) if kinds[q] == "spans" else None for at, q in
                               zip(self.of, self.question, strict=True)]  # fmt: skip
        self._keep_gold(len(questions))
        self.answers.extend(self.row, self.of, columns)
        self.answers.kind = kinds[questions[0]] if len(questions) == 1 else "classes"
        self.answers.kinds = {q: kind for q, kind in kinds.items() if len(questions) > 1 and kind != "classes"}
        self.answers.notes += [*self._people(prefix), *self.regions.notes()]
        return self.answers.table()

    def _drop_empty(self) -> None:
        """Set choices of nothing aside, unless several may be chosen: then nothing is an answer."""
        if self.kinds.get(CHOICE) != "classes" or CHOICE in self.binary:
            return
        empty = [q == CHOICE and c == [] for q, c in zip(self.question, self.cell, strict=True)]
        for row, drop in zip(self.row, empty, strict=True):
            if drop:
                self.answers.set_aside(row, NOTHING)
        for column in (self.row, self.of, self.who, self.when, self.question, self.cell):
            column[:] = [v for v, drop in zip(column, empty, strict=True) if not drop]
        self.gold = [g for g in self.gold if g[1:] != (CHOICE, [])]

    def _form(self, question: str, cell: Any, n_questions: int) -> Any:  # noqa: ANN401  # an answer
        """Return an answer in the form that its question has."""
        if question == CHOICE and question not in self.binary and self.kinds[question] == "classes":
            return cell[0]
        if question in self.binary and n_questions > 1:
            return "accept" if cell == question else "reject"
        return cell

    def _text(self, at: int) -> str | None:
        text = self.answers.payload[at].get("text")
        return text if isinstance(text, str) else None

    def _keep_gold(self, n_questions: int) -> None:
        payload = self.answers.payload
        taken = {key for one in payload for key in one} if self.gold else set()
        several = len({q for _, q, _ in self.gold}) > 1
        names = {q: free(f"gold {q}" if several else "gold", taken) for _, q, _ in self.gold}
        for at, question, cell in self.gold:
            payload[at] = {**payload[at], names[question]: self._form(question, cell, n_questions)}

    def _people(self, prefix: str) -> list[str]:
        """Return what a user should know of who is taken for an annotator."""
        who = {w for w in self.who if w is not None}
        notes = []
        if prefix:
            notes.append(f"annotators are named without {prefix!r}, the data set that their sessions share")
        unnamed = sum(bool(_STARTED.search(w)) for w in who)
        if unnamed:
            notes.append(f"{unnamed} annotators are sessions without a name: one person may have had several")
        return notes


def dataset_prefix(names: set[str]) -> str:
    """Return what all session names begin with, up to a hyphen: the data set. Empty where it cannot be told.

    A session that nobody named is called after the time at which it began, which holds hyphens of its own.

    Parameters
    ----------
    names : set of str
        All names in a file.

    Examples
    --------
    >>> dataset_prefix({"news-ana", "news-ben"})
    'news-'
    >>> dataset_prefix({"2026-01-01_10-00-00", "2026-01-02_10-00-00"}), dataset_prefix({"news-ana"})
    ('', '')
    """
    heads = [_STARTED.sub("", name) for name in names]
    shortest = min(heads, key=len, default="")
    shared = next(i for i in range(len(shortest), -1, -1) if all(h.startswith(shortest[:i]) for h in heads))
    prefix = shortest[: shortest.rfind("-", 0, shared) + 1]
    return prefix if len(names) > 1 and all(len(name) > len(prefix) for name in names) else ""


def _payload(record: Record) -> dict[str, Any]:
    """Return what is known of the item, what ``meta`` says of it included."""
    meta = record.get("meta")
    own = {k: v for k, v in record.items() if not k.startswith("_") and k not in NOT_PAYLOAD}
    extra: Mapping[str, Any] = meta if isinstance(meta, dict) else {}
    return {**{k: v for k, v in extra.items() if k not in ("score", "pattern")}, **own}


def _is_manual(record: Record) -> bool:
    view = record.get("_view_id")
    return isinstance(view, str) and view.endswith("_manual")


def _is_suggestion(record: Record) -> bool:
    """Whether one suggested span was judged, as ``ner.teach`` asks; a class with marked words is a class."""
    marked = isinstance(record.get("spans"), list) and bool(record["spans"])
    return marked and (
        record.get("_view_id") not in (None, "classification", "blocks", "review")
        if "label" in record
        else record.get("_is_binary") is True
    )
