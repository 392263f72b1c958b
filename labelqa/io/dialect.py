"""How a text table is written: its separator, its header, and the lines before it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from itertools import islice

from labelqa.errors import FileFormatError, Problem
from labelqa.io.sniff import HEAD

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
FORMATS = {None: ",;\t|", "csv": ",;|", "tsv": "\t"}
SAMPLE_ROWS = 200
_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))*")
_DIRECTIVE = re.compile(r"[\"']?sep=(.)[\"']?[ \t]*(?:\r\n|\r|\n)", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Separator and header of a text table.

    Attributes
    ----------
    separator : str
        One character.
    header : tuple of str
        The cells of the header row as they stand.
    skip_bytes, skip_lines : int
        What comes before the header: blank lines, or a spreadsheet's ``sep=;``.
    """

    separator: str
    header: tuple[str, ...]
    skip_bytes: int = 0
    skip_lines: int = 0


def find_dialect(data: bytearray, name: str, format: str | None = None) -> Dialect:
    """Find separator and header from the first rows of `data` (UTF-8).

    Raises
    ------
    FileFormatError
        If there is nothing but blank lines, or only one column.
    """
    text = _sample(data)
    before, forced = _before_header(text)
    if not text[before:].strip():
        raise FileFormatError(
            Problem(what="the file holds only blank lines", file=name, next_step="Export the labels again.")
        )
    truncated = len(data) > len(text.encode())
    allowed = forced or FORMATS.get(format, FORMATS[None])
    found = {s: _records(text[before:], s, truncated) for s in allowed}
    usable = {s: rows for s, rows in found.items() if len(rows[0]) > 1}
    if not usable:
        raise _one_column(text[before:], name, format)
    separator = max(usable, key=lambda s: _fit(usable[s]))
    return Dialect(
        separator=separator,
        header=tuple(usable[separator][0]),
        skip_bytes=len(text[:before].encode()),
        skip_lines=len(_LINE_END.findall(text[:before])),
    )


def _sample(data: bytearray) -> str:
    """Return the header line, however long, and some text after it."""
    start = bytes(data[:HEAD])
    if len(data) > HEAD and not start.strip().count(b"\n") and not start.strip().count(b"\r"):
        start = bytes(data)
        ends = [at for at in (start.find(b"\n", HEAD), start.find(b"\r", HEAD)) if at >= 0]
        start = start[: min(ends, default=len(start)) + HEAD]
    return start.decode("utf-8", errors="ignore")


def _before_header(text: str) -> tuple[int, str]:
    """Return the number of characters before the header, and the separator that the file itself names."""
    blank = _BLANK_LINES.match(text)
    start = blank.end() if blank else 0
    directive = _DIRECTIVE.match(text, start)
    if directive is None or directive[1] not in SEPARATORS:
        return start, ""
    more = _BLANK_LINES.match(text, directive.end())
    return more.end() if more else directive.end(), directive[1]


def _records(text: str, separator: str, truncated: bool) -> list[list[str]]:
    """Return the first records; never empty."""
    rows: list[list[str]] = []
    try:
        rows.extend(islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator), SAMPLE_ROWS))
    except csv.Error:  # a field beyond the limit of the csv module: what came before it is sample enough
        truncated = False
    if truncated and 1 < len(rows) < SAMPLE_ROWS:
        rows.pop()
    return rows or [text.splitlines()[0].split(separator)]


def _fit(rows: list[list[str]]) -> tuple[float, int]:
    """Return the share of rows as wide as the header, and that width: the separator with the most wins."""
    width = len(rows[0])
    filled = [r for r in rows if r]
    return sum(len(r) == width for r in filled) / len(filled), width


def _one_column(text: str, name: str, format: str | None) -> FileFormatError:
    header = text.splitlines()[0].strip()
    shown = header if len(header) <= 60 else header[:57] + "..."
    other = next((s for s in SEPARATORS if s in header), None)
    if format is not None and other is not None:
        what = f"format={format!r} was asked for, but the columns are separated by {SEPARATORS[other]}s"
        return FileFormatError(Problem(what=what, file=name, parameter="format", value=format))
    return FileFormatError(
        Problem(
            what=f"there is only one column ({shown!r})",
            parameter="columns",
            file=name,
            value=header,
            allowed=tuple(f"{n} between columns" for n in SEPARATORS.values()),
            next_step="Labels need at least an item, an annotator and a label, or a column an annotator.",
        )
    )
