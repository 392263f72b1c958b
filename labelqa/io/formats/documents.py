"""JSON as records: an array of objects, one object, or one object a line; each is decoded when it is its turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec

from labelqa.errors import FileFormatError, Problem
from labelqa.io.formats import halves

T = TypeVar("T")
Record = Mapping[str, Any]
SAMPLE = 20  # records looked at to tell the format
MAX_SHOWN = 5  # broken lines that are named
DEEP = "it is nested too deeply"
UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Document:
    """The records of one file, not decoded yet.

    Attributes
    ----------
    name, stem : str
        What messages call the file, and its name without endings.
    records : list of msgspec.Raw
        One each, as JSON.
    lines : list of int or None
        The line that each record stands in; None where the file is one array or object, counted from 1.
    single : bool
        Whether the file is one object and not a list of records.
    notes : tuple of str
        What a user should know of how it was read.
    """

    name: str
    stem: str
    records: list[msgspec.Raw]
    lines: list[int] | None = None
    single: bool = False
    notes: tuple[str, ...] = ()

    def sample(self) -> list[Record]:
        """Return the first records, to look at; empty where they are no objects."""
        found = [decoded(raw, self.name, self.place(at)) for at, raw in enumerate(self.records[:SAMPLE])]
        return [r for r in found if isinstance(r, dict)] if all(isinstance(r, dict) for r in found) else []

    def place(self, at: int) -> int:
        """Return the number of the record at a position as messages give it: its line, or its place in the list."""
        return at + 1 if self.lines is None else self.lines[at]

    def release(self) -> None:
        """Let go of the file's bytes, where all records have been decoded: room for what was made of them."""
        self.records.clear()

    def decoded(self, form: type[T]) -> Iterator[tuple[int, T]]:
        """Yield the number of each record and the record as `form`.

        Raises
        ------
        FileFormatError
            If a record does not have that form.
        """
        decoder = msgspec.json.Decoder(form)
        for at, raw in enumerate(self.records):
            try:
                yield self.place(at), decoder.decode(raw)
            except UNREADABLE as error:
                raise damaged(error, self.name, self.place(at)) from None


def read_document(data: bytes | bytearray, name: str, stem: str) -> Document:
    """Cut the bytes of a JSON or JSON lines file into records.

    Parameters
    ----------
    data : bytes-like
        UTF-8, with or without a byte order mark.
    name, stem : str
        What messages call the file, and its name without endings.

    Raises
    ------
    FileFormatError
        If it is neither; broken lines are named.
    """
    try:
        return _whole(data, name, stem)
    except UNREADABLE as error:
        mended, spots = halves.without_halves(data)
        return _mended(mended, spots, name, stem) if spots else _lines(data, name, stem, error)


def _whole(data: bytes | bytearray, name: str, stem: str) -> Document:
    view = memoryview(data)[3:] if data[:3] == b"\xef\xbb\xbf" else memoryview(data)
    if _opens_array(data):
        return Document(name=name, stem=stem, records=msgspec.json.Decoder(list[msgspec.Raw]).decode(view))
    return Document(name=name, stem=stem, records=[msgspec.json.Decoder(msgspec.Raw).decode(view)], single=True)


def _mended(data: bytearray, spots: list[int], name: str, stem: str) -> Document:
    """Return the records of a file in which half characters were replaced; a note tells how many, and where."""
    try:
        found = _whole(data, name, stem)
    except UNREADABLE as error:
        found = _lines(data, name, stem, error)
    listed = found.lines is None and not found.single
    where = "records" if listed else "lines"
    at = [i + 1 for i in halves.records_of(spots, data, found.records)] if listed else halves.lines_of(spots, data)
    return replace(found, notes=(halves.told(len(spots), name, where, at),))


def decoded(raw: msgspec.Raw | bytes, name: str, place: int) -> Any:  # noqa: ANN401  # what JSON holds
    """Return one record.

    Raises
    ------
    FileFormatError
        If it is damaged.
    """
    try:
        return msgspec.json.decode(raw)
    except UNREADABLE as error:
        raise damaged(error, name, place) from None


def damaged(error: Exception, name: str, place: int | None = None) -> FileFormatError:
    """Return the error for JSON that is none, or not of the form that its format has."""
    why = DEEP if isinstance(error, RecursionError) else _plain(error)
    step = "Export the labels again; if this is what the tool wrote, please report it with a sample."
    return FileFormatError(
        Problem(what=f"this is not the JSON that was expected: {why}", file=name, row=place, next_step=step)
    )


def _plain(error: Exception) -> str:
    text = str(error)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _opens_array(data: bytes | bytearray) -> bool:
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] == b"["


def _lines(data: bytes | bytearray, name: str, stem: str, error: Exception) -> Document:
    """Read one record a line; where the first line is none either, `error` tells what is wrong."""
    records, lines, problems = [], [], []
    decoder = msgspec.json.Decoder(msgspec.Raw)
    for number, line in enumerate(bytes(data).removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            records.append(decoder.decode(line))
            lines.append(number)
        except UNREADABLE as broken:
            problems.append((number, broken))
            if len(problems) > MAX_SHOWN or not records:
                break
    if not records:
        raise damaged(error, name)
    if problems:
        raise FileFormatError([damaged(why, name, number).problem for number, why in problems[:MAX_SHOWN]])
    return Document(name=name, stem=stem, records=records, lines=lines)
