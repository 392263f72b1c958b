"""From the bytes of a text file to UTF-8, without ever holding a line of absurd length."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass

from labelqa.errors import FileFormatError, Problem
from labelqa.io.sniff import utf16_order
from labelqa.io.streams import CHUNK

_QUOTED = re.compile(rb'(?<![^,;\t|\r\n])"(?:[^"]|"")*(?:"|$)')
MAX_LINE = 8 << 20  # a text longer than this on one line is not a table of labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text file as UTF-8.

    Attributes
    ----------
    data : bytearray
        The text without byte order mark.
    encoding : str
        How the file encodes it.
    notes : tuple of str
        What a user should know of the decoding.
    """

    data: bytearray
    encoding: str
    notes: tuple[str, ...] = ()


def read_bounded(stream: io.BufferedIOBase, name: str) -> bytearray:
    """Read `stream` to its end, giving up as soon as one line is longer than ``MAX_LINE``.

    Raises
    ------
    FileFormatError
        If a line is too long; only a bounded amount of it has been read by then.
    """
    data, unbroken, lines = bytearray(), 0, 0
    while chunk := stream.read(CHUNK):
        last = chunk.rfind(b"\n")
        last = chunk.rfind(b"\r") if last < 0 else last
        unbroken = unbroken + len(chunk) if last < 0 else len(chunk) - last - 1
        data += chunk
        if unbroken > MAX_LINE:
            lines = data.count(b"\n") or data.count(b"\r")
            raise FileFormatError(
                Problem(
                    what=f"line {lines + 1} is longer than {MAX_LINE >> 20} MB",
                    file=name,
                    value=f"more than {MAX_LINE} bytes",
                    next_step="A table of labels has one row a line: check that this is the right file.",
                )
            )
    return data


def decode(data: bytearray, name: str) -> Text:
    """Return `data` as UTF-8: UTF-8 with or without mark, UTF-16, else Windows-1252 with a note.

    Raises
    ------
    FileFormatError
        If the bytes are none of these, or hold NUL characters.
    """
    order = utf16_order(bytes(data[:4096]))
    if order is not None:
        return _from_utf16(data, order, name)
    at = data.find(b"\0")
    if at >= 0:
        raise _bad_byte("NUL", data, at, name)
    encoding = "UTF-8"
    if data.startswith(codecs.BOM_UTF8):
        del data[: len(codecs.BOM_UTF8)]
        encoding = "UTF-8 with BOM"
    if data.isascii():
        return Text(data=data, encoding=encoding)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _from_cp1252(data, error.start, name)
    return Text(data=data, encoding=encoding)


def _from_utf16(data: bytearray, order: str, name: str) -> Text:
    try:
        text = data.decode(order).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        what = f"this is not valid {order.upper()} (at byte {error.start})"
        raise FileFormatError(Problem(what=what, file=name, next_step="Save the file as UTF-8.")) from None
    return Text(data=bytearray(text.encode()), encoding=order.upper())


def _from_cp1252(raw: bytearray, at: int, name: str) -> Text:
    lenient = raw.decode("utf-8", errors="replace")
    bad = lenient.count("\ufffd")
    good = sum(1 for c in lenient if c > "\x7f") - bad
    if good > bad:  # mostly UTF-8: reading it as Windows-1252 would garble the rest
        raise _bad_byte(f"0x{raw[at]:02x}", raw, at, name)
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _bad_byte(f"0x{raw[error.start]:02x}", raw, error.start, name) from None
    note = f"{name} is not UTF-8 and was read as Windows-1252; save it as UTF-8 if letters look wrong"
    return Text(data=bytearray(text.encode()), encoding="Windows-1252", notes=(note,))


def _bad_byte(what: str, raw: bytearray, at: int, name: str) -> FileFormatError:
    line = (raw.count(b"\n", 0, at) or raw.count(b"\r", 0, at)) + 1
    return FileFormatError(
        Problem(
            what=f"byte {what} on line {line} is not text",
            file=name,
            row=_row(bytes(raw[:at])),
            value=what,
            allowed=("UTF-8", "UTF-16", "Windows-1252"),
            next_step="Save the file as UTF-8, or check that it is a table.",
        )
    )


def _row(before: bytes) -> int:
    """Return the row that follows this text, as a spreadsheet counts: line ends between quotes begin no row."""
    outside = _QUOTED.sub(b"", before)
    return (outside.count(b"\n") or outside.count(b"\r")) + 1
