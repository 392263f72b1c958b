"""What one answer in Label Studio says: a class, several, marked spans or boxes; the same in each of its exports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from labelqa.errors import shorten
from labelqa.io.formats.regions import Regions, class_of, same_words

SCALARS = ("rating", "number", "datetime", "selected")
NAMES = ("labels", "rectanglelabels", "hypertextlabels", "paragraphlabels", "choices", "taxonomy")
Json = str | int | float | bool | list[Any] | None  # what JSON holds beside objects


class Value(msgspec.Struct, gc=False):
    """What one result holds; each kind of control has fields of its own."""

    choices: Any = None
    labels: Any = None
    rectanglelabels: Any = None
    hypertextlabels: Any = None
    paragraphlabels: Any = None
    taxonomy: Any = None
    rating: Any = None
    number: Any = None
    datetime: Any = None
    selected: Any = None
    text: Any = None
    start: Any = None
    end: Any = None
    globalOffsets: Any = None  # noqa: N815  # the file calls it so
    x: Any = None
    y: Any = None
    width: Any = None
    height: Any = None
    rotation: Any = None
    original_width: Any = None
    original_height: Any = None


SPAN = 3  # start, end, class
FIELDS = frozenset(Value.__struct_fields__)


@dataclass(slots=True)
class Control:
    """What is known of one question so far.

    Attributes
    ----------
    shapes : set of str
        Of ``"classes"``, ``"spans"`` and ``"boxes"``, those that its answers have.
    several : bool
        Whether an answer holds several classes, or none.
    about : object
        The name of what was labeled (``to_name``).
    n_words : int
        Spans that come with their words.
    holds : Counter of str
        How many of these words stand at their place in each field of the data: tells which one was labeled.
    n_in_units : int
        How many stand at their place only where UTF-16 units are counted, as a browser does.
    n_astray, astray : int, tuple or None
        How many do not in any; row, item, place and words of the first.
    """

    shapes: set[str] = field(default_factory=set)
    several: bool = False
    about: object = None
    n_words: int = 0
    holds: Counter[str] = field(default_factory=Counter)
    n_in_units: int = 0
    n_astray: int = 0
    astray: tuple[int, int, tuple[int, int], str] | None = None

    def placed(self, row: int, item: int, data: Mapping[str, Any], parts: list[Any], words: object) -> list[Any]:
        """Take in where the words of a marked span stand in the data of its task; return it in code points."""
        if not isinstance(words, str) or not parts or not isinstance(parts[0], tuple) or len(parts[0]) != SPAN:
            return parts
        start, end = parts[0][:2]
        texts = {f: text[start:end] for f, text in data.items() if isinstance(text, str)}
        holding = [f for f, there in texts.items() if same_words(words, there)]
        if not holding and (place := _place_of_units(data, (start, end), words)):
            self.n_in_units += 1
            return self.placed(row, item, data, [(*place, part[2]) for part in parts], words)
        self.n_words += bool(texts)
        self.holds.update(holding)
        if texts and not holding:
            self.n_astray += 1
            self.astray = self.astray or (row, item, (start, end), words)
        return parts

    @property
    def kind(self) -> str:
        """What its answers are; marked places count more than a class beside them."""
        marked = next((s for s in ("boxes", "spans") if s in self.shapes), None)
        return marked or ("sets" if self.several else "classes")


@dataclass(slots=True)
class Results:
    """Reads the results of one file, and keeps account of what they are."""

    file: str
    regions: Regions = field(init=False)
    questions: dict[str, Control] = field(default_factory=dict)
    rotated: int = 0
    in_percent: int = 0

    def __post_init__(self) -> None:
        """Start to check the places of this file."""
        self.regions = Regions(self.file)

    def parts(self, row: int, question: Control, value: Value) -> list[Any] | None:
        """Return the classes, spans and boxes that a result holds; None where it holds nothing that is read."""
        names = self._names(row, value)
        if value.x is not None and value.width is not None:
            return self._marked(question, "boxes", names, lambda n: self._box(row, value, n))
        start, end = _offsets(value)
        if start is not None and end is not None:
            return self._marked(question, "spans", names, lambda n: self.regions.span(row, start, end, n))
        found = names if names is not None else self._scalar(row, value)
        if found is not None:
            question.shapes.add("classes")
        return found

    def cell(self, question: Control, parts: Sequence[Any]) -> Any:  # noqa: ANN401  # a class, or a list
        """Return parts as one answer: the class where there is one, else a list."""
        found = list(dict.fromkeys(parts))
        if len(found) == 1 and not isinstance(found[0], tuple):
            return found[0]
        question.several |= not any(isinstance(part, tuple) for part in found)
        return found

    def notes(self) -> list[str]:
        """Return what a user should know of how places were read."""
        notes = self.regions.notes()
        if self.rotated:
            notes.append(f"{self.rotated:,} boxes are rotated; they were read as they were before that")
        if self.in_percent:
            notes.append(f"{self.in_percent:,} boxes are in percent of their picture, whose size is not given")
        in_units = sum(q.n_in_units for q in self.questions.values())
        if in_units:
            notes.append(
                f"{in_units:,} spans in {self.file} have places that count an emoji as two characters, as a browser "
                "does: they were read where their words stand"
            )
        lost = [f"{q.n_words:,} spans of {name!r}" for name, q in self.questions.items() if q.n_words and not q.holds]
        if lost:
            notes.append(
                f"no field of the data holds the words of {shorten(lost)} at their places: the text lies elsewhere, or "
                "its places are counted in another way"
            )
        return notes

    def _marked(self, question: Control, shape: str, names: list[Any] | None, place: Any) -> list[Any] | None:  # noqa: ANN401
        if names is None:
            return None  # the region itself: its class is another result
        question.shapes.add(shape)
        return [part for name in names for part in place(name)]

    def _names(self, row: int, value: Value) -> list[Any] | None:
        for kind in NAMES:
            found = getattr(value, kind)
            if found is None:
                continue
            entries = found if isinstance(found, list) else [found]
            return [self._path(row, e) if isinstance(e, list) else class_of(self.file, row, e) for e in entries]
        return None

    def _path(self, row: int, path: list[Any]) -> str:
        return " / ".join(str(class_of(self.file, row, step)) for step in path)

    def _scalar(self, row: int, value: Value) -> list[Any] | None:
        for kind in SCALARS:
            if getattr(value, kind) is not None:
                return [class_of(self.file, row, getattr(value, kind))]
        if value.text is None or value.text in ([], ""):
            return None
        lines = value.text if isinstance(value.text, list) else [value.text]
        return ["\n".join(str(class_of(self.file, row, line)) for line in lines)]

    def _box(self, row: int, value: Value, name: Any) -> list[Any]:  # noqa: ANN401  # a class
        place = [self.regions.number(row, v) for v in (value.x, value.y, value.width, value.height)]
        sizes = (value.original_width, value.original_height)
        self.rotated += bool(value.rotation)
        if all(isinstance(s, int | float) and s > 0 for s in sizes):
            place = [p * s / 100 for p, s in zip(place, sizes * 2, strict=True)]
        else:
            self.in_percent += 1
        return self.regions.sized(row, place, name)


def settled(cells: Sequence[Any], kind: str) -> list[Any]:
    """Return the answers to one question in the form that its kind has; None where they are of another."""
    if kind == "classes":
        return list(cells)
    if kind == "sets":
        return [c if c is None or isinstance(c, list) else [c] for c in cells]
    parts = 3 if kind == "spans" else 5
    return [_places(c, parts) for c in cells]


def text_field(question: Control, payload: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the field of the data that was labeled with spans: the one that has the marked words at their places."""
    first: Mapping[str, Any] = next((p for p in payload if p), {})
    fields = [f for f, v in first.items() if isinstance(v, str)]
    if question.n_words:
        most = max(question.holds.values(), default=0)
        fields = [f for f, n in question.holds.items() if n == most]
    if question.about in fields:
        return str(question.about)
    return fields[0] if len(fields) == 1 else None


def labeled_field(question: Control, payload: Sequence[Mapping[str, Any]], regions: Regions) -> str | None:
    """Return :func:`text_field`; spans whose words do not stand at their place in it are counted in `regions`."""
    name = text_field(question, payload)
    if name is not None and question.astray is not None:
        row, item, place, words = question.astray
        text = payload[item].get(name)
        regions.compare(row, place, words, text[slice(*place)] if isinstance(text, str) else "")
        regions.n_astray += question.n_astray - 1
    return name


def _place_of_units(data: Mapping[str, Any], place: tuple[int, int], words: str) -> tuple[int, int] | None:
    """Return a place in UTF-16 units as one in code points, where `words` stand there in a text with both counts."""
    for text in (t for t in data.values() if isinstance(t, str) and max(t, default="") > "\uffff"):
        units = text.encode("utf-16-le", "surrogatepass")
        before, there = units[: 2 * place[0]], units[2 * place[0] : 2 * place[1]]
        start = len(before.decode("utf-16-le", "ignore"))
        end = start + len(there.decode("utf-16-le", "ignore"))
        if same_words(words, text[start:end]):
            return start, end
    return None


def _places(cell: Any, parts: int) -> list[Any] | None:  # noqa: ANN401  # a class, or a list
    if cell is None or not isinstance(cell, list):
        return None
    found = [p for p in cell if isinstance(p, tuple) and len(p) == parts]
    return found if found or not cell else None


def _offsets(value: Value) -> tuple[Any, Any]:
    whole = value.globalOffsets  # in texts with tags start and end are paths
    if isinstance(whole, dict):
        return whole.get("start"), whole.get("end")
    return value.start, value.end
