"""Excel workbooks, with the optional extra ``xlsx``."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from labelqa.annotations.readlog import Origin, SourceFile
from labelqa.errors import FileFormatError, MissingExtraError, Problem
from labelqa.io import header as header_rules
from labelqa.io.streams import check_unpacked
from labelqa.io.tables import BLANK_ROW, Table

Row = tuple[object, ...]


def read_xlsx(raw: bytearray, name: str, stem: str) -> Table:
    """Read the one sheet that holds data; every cell becomes text, as it would in a CSV file.

    Raises
    ------
    MissingExtraError
        If openpyxl is not installed.
    FileFormatError
        If the workbook is damaged, has no data, has data on several sheets, or unpacks to absurdly much.
    """
    _check_size(raw, name)
    sheets = {title: rows for title, rows in _sheets(raw, name) if rows}
    if len(sheets) != 1:
        raise _not_one_sheet(list(sheets), name)
    title, rows = sheets.popitem()
    (first, header), *body = rows
    numbers = np.array([n for n, _ in body], dtype=np.int64)
    width = max(len(cells) for _, cells in rows)
    cells = [[_as_text(c) for c in values] + [None] * (width - len(values)) for _, values in body]
    table = pd.DataFrame(cells, columns=range(width), dtype=object)
    raw_names = ["" if h is None else str(_as_text(h)) for h in header] + [""] * (width - len(header))
    kept, names, notes = header_rules.column_names(raw_names, table.isna().all().tolist(), name)
    frame = table[kept].set_axis(names, axis=1)
    header_rules.check_body(frame, names, name)
    blank = np.setdiff1d(np.arange(first + 1, numbers[-1] + 1), numbers)
    origin = Origin(files=(name,), offset=0)
    return Table(
        frame=frame,
        name=name,
        stem=stem,
        row_number=numbers,
        source=SourceFile(
            name=name, sha256="", format="xlsx", stem=stem, details=f"sheet {title!r}", rows=len(frame) + blank.size
        ),
        set_aside=tuple(origin.set_aside(blank, BLANK_ROW)),
        notes=tuple(notes),
    )


def _check_size(raw: bytearray, name: str) -> None:
    """Refuse a workbook whose parts are absurdly large: no more is unpacked of each than the archive says."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            sizes = [(part.file_size, part.compress_size) for part in archive.infolist()]
    except zipfile.BadZipFile:
        raise _damaged(name) from None
    for unpacked, packed in [*sizes, (sum(u for u, _ in sizes), sum(p for _, p in sizes))]:
        check_unpacked(unpacked, packed, name)


def _sheets(raw: bytearray, name: str) -> Iterator[tuple[str, list[tuple[int, Row]]]]:
    """Yield the visible sheets: title, and the rows that are not blank with their numbers."""
    try:
        import openpyxl  # optional extra
    except ImportError:
        raise MissingExtraError(
            Problem(
                what="reading an Excel workbook needs openpyxl, which is not installed",
                file=name,
                value="openpyxl",
                next_step="Run pip install 'labelqa[xlsx]', or save the sheet as CSV.",
            )
        ) from None
    try:
        book: Any = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                sheet.reset_dimensions()
                yield (
                    sheet.title,
                    [
                        (number, row)
                        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1)
                        if any(c is not None and c != "" for c in row)
                    ],
                )
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError, TypeError, EOFError):
        raise _damaged(name) from None


def _damaged(name: str) -> FileFormatError:
    what = "the Excel workbook is damaged or incomplete"
    return FileFormatError(Problem(what=what, file=name, next_step="Open it and save it again."))


def _not_one_sheet(titles: list[str], name: str) -> FileFormatError:
    if not titles:
        return FileFormatError(Problem(what="the workbook has no sheet with data", file=name))
    return FileFormatError(
        Problem(
            what=f"{len(titles)} sheets hold data: {', '.join(repr(t) for t in titles)}",
            file=name,
            value=tuple(titles),
            next_step="Save the one with the labels as a file of its own.",
        )
    )


def _as_text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value)
