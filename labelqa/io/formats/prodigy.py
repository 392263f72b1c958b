"""Prodigy's JSONL: a line each answer to one task, with the name of the session that gave it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

import pandas as pd

from labelqa.io.formats.answers import Answers
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
    datasets: set[str] = field(default_factory=set)
    by_session: bool = True  # nobody has a name of his own

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
            given[MARKS] = self._marks(row, marked or [], record.get("text"))
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

    def _marks(self, row: int, marked: Iterable[Any], text: object) -> list[Any]:
        found: list[Any] = []
        for mark in marked:
            if not isinstance(mark, dict):
                raise wrong(self.answers.name, row, "an entry of spans is an object", mark)
            place = [mark.get(k) for k in ("x", "y", "width", "height")]
            if mark.get("start") is not None:
                self.kinds[MARKS] = "spans"
                found += self._span(row, mark, text)
            elif None not in place:
                self.kinds[MARKS] = "boxes"
                found += self.regions.sized(row, place, mark.get("label"))
            else:
                self.regions.left_out["shapes that are no boxes"] += 1
        self.kinds.setdefault(MARKS, "spans")
        return found

    def _span(self, row: int, mark: Mapping[str, Any], text: object) -> list[Any]:
        found = self.regions.span(row, mark["start"], mark.get("end"), mark.get("label"))
        words = mark.get("text")
        if found and isinstance(words, str) and isinstance(text, str):
            place = found[0][:2]
            self.regions.compare(row, place, words, text[slice(*place)])
        return list(found)

    def _person(self, row: int, record: Record) -> str | None:
        key = next((k for k in ("_annotator_id", "_session_id") if record.get(k) not in (None, "")), None)
        name = None if key is None else record[key]
        self.by_session &= key != "_annotator_id"
        self.datasets |= {d for k in ("dataset", "_dataset") if isinstance(d := record.get(k), str) and d}
        if name is not None and not isinstance(name, str | int):
            raise wrong(self.answers.name, row, "_annotator_id and _session_id are texts", name)
        return None if name is None else str(name)

    def table(self) -> Table:
        """Return everything that was taken in."""
        self._drop_empty()
        questions = list(dict.fromkeys(self.question))
        kinds = {q: self.kinds[q] for q in questions}
        names = list(self.items)
        columns: dict[str, list[Any]] = {
            "item": [names[at] for at in self.of],
            "annotator": self.who,
            "label": [self._form(q, c, len(questions)) for q, c in zip(self.question, self.cell, strict=True)],
            "timestamp": self.when,
        }
        columns["question"] = self.question
        if "spans" in kinds.values():
            columns["text"] = [self._text(at) if kinds[q] == "spans" else None for at, q in
                               zip(self.of, self.question, strict=True)]  # fmt: skip
        self.answers.keep_gold([(at, q, self._form(q, cell, len(questions))) for at, q, cell in self.gold])
        self.answers.extend(self.row, self.of, columns)
        self.answers.kind = kinds[questions[0]] if len(questions) == 1 else "classes"
        self.answers.kinds = {q: kind for q, kind in kinds.items() if len(questions) > 1 and kind != "classes"}
        self.answers.notes += [*self._unnamed(), *self.regions.notes()]
        known = {"dataset": next(iter(self.datasets))} if len(self.datasets) == 1 else {}
        known |= {"sessions": ""} if self.by_session else {}
        known |= {"binary": questions[0]} if len(questions) == 1 and questions[0] in self.binary else {}
        table = self.answers.table()
        return replace(table, metadata={**table.metadata, **known})

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

    def _unnamed(self) -> list[str]:
        unnamed = sum(bool(_STARTED.search(w)) for w in {w for w in self.who if w is not None})
        note = f"{unnamed} annotators are sessions without a name: one person may have had several"
        return [note] if unnamed else []


def together(tables: Sequence[Table]) -> list[Table]:
    """Return the tables of one reading with people in the place of sessions, which are called DATASET-NAME.

    The data set is a field of the records, what the sessions of a file share, or what those of all files share. For
    one session alone it is guessed, and a note says so.
    """
    tables = _answering_alike(tables)
    names = [_names(table) for table in tables]
    prefixes = [_known_prefix(table, own) or dataset_prefix(own) for table, own in zip(tables, names, strict=True)]
    found = [p for p in prefixes if p]
    prefixes = [p or next((f for f in found if _all_begin(own, f)), "") for p, own in zip(prefixes, names, strict=True)]
    rest = {name for own, p in zip(names, prefixes, strict=True) if not p for name in own}
    shared, guess = dataset_prefix(rest), ""
    if len(rest) == 1 and all(_is_guessed(t) for t, p in zip(tables, prefixes, strict=True) if not p):
        shared = guess = _guessed_prefix(next(iter(rest)))
    out = [_without(table, p or shared) for table, p in zip(tables, prefixes, strict=True)]
    notes = [f"annotators are named without {p!r}, the data set of their sessions" for p in dict.fromkeys(found)]
    if guess:
        name = next(iter(rest))
        notes.append(
            f"{name!r} is the only session, so what is the data set was guessed: up to the last hyphen, and the "
            f"annotator is {name.removeprefix(guess)!r} (Prodigy names sessions DATASET-NAME)"
        )
    elif shared:
        notes.append(f"annotators are named without {shared!r}, the data set of their sessions")
    return [replace(out[0], notes=(*out[0].notes, *notes)), *out[1:]]


def _answering_alike(tables: Sequence[Table]) -> list[Table]:
    """Return tables in which each label is accepted or rejected, where several labels were asked for over all files."""
    asked = {q for t in tables if "question" in t.roles for q in t.frame[t.roles["question"]].unique()}
    return [_verdicts(t) if len(asked) > 1 and "binary" in t.metadata else t for t in tables]


def _verdicts(table: Table) -> Table:
    label = table.roles["label"]
    cells = ["accept" if c == table.metadata["binary"] else "reject" for c in table.frame[label]]
    return replace(table, frame=table.frame.assign(**{label: pd.Series(cells, index=table.frame.index, dtype=object)}))


def _names(table: Table) -> set[str]:
    return set() if "annotator" not in table.roles else set(table.frame[table.roles["annotator"]].dropna().unique())


def _is_guessed(table: Table) -> bool:
    return "sessions" in table.metadata or "annotator" not in table.roles


def _all_begin(names: set[str], prefix: str) -> bool:
    return bool(names) and all(name.startswith(prefix) and len(name) > len(prefix) for name in names)


def _known_prefix(table: Table, names: set[str]) -> str:
    """Return the data set that the records name, where the sessions begin with it."""
    prefix = f"{table.metadata.get('dataset', '')}-"
    return prefix if len(prefix) > 1 and _all_begin(names, prefix) else ""


def _guessed_prefix(name: str) -> str:
    head = _STARTED.sub("", name)
    prefix = head[: head.rfind("-") + 1]
    return prefix if 1 < len(prefix) < len(name) else ""


def _without(table: Table, prefix: str) -> Table:
    if not prefix or "annotator" not in table.roles:
        return table
    column = table.roles["annotator"]
    who = table.frame[column].map(lambda name: name.removeprefix(prefix), na_action="ignore").astype(object)
    return replace(table, frame=table.frame.assign(**{column: who.where(who.notna(), None)}))


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
    first, last = min(heads, default=""), max(heads, default="")  # what these two share, all between them do
    shared = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    prefix = shared[: shared.rfind("-") + 1]
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
