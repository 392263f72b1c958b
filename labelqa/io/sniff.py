"""What are these bytes? Decided by content, never by the ending of a file name."""

from __future__ import annotations

import string
from collections.abc import Iterable

from labelqa.errors import FileFormatError, Problem

HEAD = 1 << 16  # bytes looked at to tell the kind
MAX_NUL = 4  # in the beginning of a text that is damaged and no binary file
READABLE = ("CSV", "TSV", "Parquet", "xlsx", "JSON", "exports of annotation tools", "gzip or zip of these")
_TEXT_BYTES = bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100)) + b"\t\n\r\f\b\x1a\x1b"
_CONTAINERS = ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"PAR1", "parquet"))
_FOREIGN = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
    (b"\xd0\xcf\x11\xe0", "an old Excel (.xls) or Office file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"ARROW1", "an Arrow (Feather) file"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
)
XML, JSON = "an XML file", "JSON"
_MARKUP = (
    (b"<!doctype html", "a web page (HTML)"),
    (b"<html", "a web page (HTML)"),
    (b"<?xml", XML),
    (b"<annotations", XML),
    (b"{\\rtf", "a Rich Text document"),
    (b"{", JSON),
    (b"[", JSON),
)
_KINDS = {XML: "xml", JSON: "json"}
_NEXT = {
    "an old Excel (.xls) or Office file": "Save it as .xlsx or CSV.",
    "a web page (HTML)": "Probably a login or error page was saved instead of the data: download it again.",
}


def kind_of(head: bytes, name: str) -> str:
    """Return what `head`, the first bytes of a file, begins.

    ``gzip``, ``zip``, ``parquet``, ``json`` (lines of it too), ``xml`` or ``text``.

    Raises
    ------
    FileFormatError
        If it is empty, or of a kind that is not read.
    """
    if not head:
        raise FileFormatError(Problem(what="the file is empty", file=name, next_step="Export the labels again."))
    for magic, kind in _CONTAINERS:
        if head.startswith(magic):
            return kind
    foreign = _first_match(head, ((m, k) for m, k in _FOREIGN if m != b"MZ" or b"\0" in head))
    order = utf16_order(head)
    if foreign is None and order is None:
        foreign = _foreign_text(head)
    elif order is not None:
        foreign = _foreign_text(head.decode(order, errors="ignore").removeprefix("\ufeff").encode())
    if foreign in _KINDS:
        return _KINDS[foreign]
    if foreign is not None:
        raise not_read(foreign, name)
    return "text"


def not_read(what: str, name: str) -> FileFormatError:
    """Return the error for a file of a kind that this version does not read."""
    text = f"this is {what}, not a table of labels"
    return FileFormatError(Problem(what=text, file=name, value=what, allowed=READABLE, next_step=_NEXT.get(what, "")))


def utf16_order(head: bytes) -> str | None:
    """Return ``"utf-16-le"`` or ``"utf-16-be"`` if `head` is UTF-16, with or without a byte order mark, else None."""
    if head[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"):
        return None  # UTF-32: nobody has ever seen one
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16-le" if head[:2] == b"\xff\xfe" else "utf-16-be"
    pairs = len(head) // 2
    low, high = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if pairs >= 2 and high > 0.4 * pairs and low <= 0.02 * pairs:
        return "utf-16-le"
    if pairs >= 2 and low > 0.4 * pairs and high <= 0.02 * pairs:
        return "utf-16-be"
    return None


def _foreign_text(head: bytes) -> str | None:
    foreign = head.translate(None, _TEXT_BYTES)
    if len(foreign) > 0.002 * len(head) and not _is_slip(foreign, head):
        return "a binary file"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(string.whitespace.encode())[:64].lower()
    what = _first_match(start, _MARKUP)
    return None if what == JSON and not _opens_json(start) else what


def _is_slip(foreign: bytes, head: bytes) -> bool:
    """Whether a short text holds a NUL or two: reading it as text tells where."""
    return not foreign.strip(b"\0") and len(foreign) <= min(MAX_NUL, 0.05 * len(head))


def _opens_json(start: bytes) -> bool:
    """Whether text that begins with a bracket is JSON: a header may begin with one too, such as ``[id],label``."""
    after = start[1:].lstrip()[:1]
    return after in (b'"', b"{", b"[", b"}", b"]", b"") or (start[:1] == b"[" and after in b"-0123456789tfn")


def _first_match(head: bytes, table: Iterable[tuple[bytes, str]]) -> str | None:
    return next((what for magic, what in table if head.startswith(magic)), None)
