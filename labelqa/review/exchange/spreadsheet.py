"""CSV for annotators: one row an assignment, to be filled in with a spreadsheet or an editor."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from itertools import repeat
from pathlib import Path

import pandas as pd

from labelqa.errors import ColumnError, FileFormatError, Problem, did_you_mean
from labelqa.io import formulas
from labelqa.io.sources import read_tables
from labelqa.review.exchange.filled import Filled
from labelqa.review.exchange.sheet import Sheet
from labelqa.text import visible

BEFORE, AFTER = ("assignment",), ("label", "comment", "round", "guideline_version", "manifest")
NEEDED = ("assignment", "label", "manifest")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # no spreadsheet takes them; we read them as binary


def as_csv(sheet: Sheet) -> bytes:
    """Return the sheet as CSV: UTF-8 with the mark that spreadsheets need, formulas disarmed.

    A cell that a spreadsheet would run starts with an apostrophe. Nothing is lost by it: a filled file is joined by
    the ids of assignments, and what was shown only tells whether they still stand beside their items.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*BEFORE, *headers(sheet.columns), *AFTER])
    stamp = (sheet.round, sheet.guideline_version, sheet.manifest_hash)
    for row in sheet.rows:
        writer.writerow([row.assignment, *map(disarmed, row.cells), "", "", *stamp])
    return text.getvalue().encode("utf-8-sig")


def disarmed(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, its control characters spelled out.

    Examples
    --------
    >>> disarmed("=HYPERLINK(1)"), disarmed("a=b")
    ("'=HYPERLINK(1)", 'a=b')
    """
    return formulas.disarmed(_CONTROL.sub(lambda found: visible(found[0]), cell))


def headers(columns: Sequence[str]) -> list[str]:
    """Return names for the columns shown, none of which is one of ours or occurs twice.

    Examples
    --------
    >>> headers(["text", "comment"])
    ['text', 'item: comment']
    """
    taken, out = set(BEFORE + AFTER), []
    for column in columns:
        name = disarmed(visible(column)) or "item"
        while name.casefold() in taken:
            name = f"item: {name}"
        taken.add(name.casefold())
        out.append(name)
    return out


def read_spreadsheet(path: Path, shown: Sequence[str] = ()) -> list[Filled]:
    """Return the rows of a filled CSV (or of the workbook it was saved as).

    Read are files as spreadsheets leave them: a mark, semicolons or tabs, columns in another order, blank rows,
    capitals in column names. The columns `shown` must be there, too.

    Raises
    ------
    FileFormatError
        If it is no table.
    ColumnError
        If columns that were exported are gone.
    """
    tables, _ = read_tables(path, None)
    if len(tables) != 1:
        what = f"there are {len(tables)} tables where one file was expected"
        raise FileFormatError(Problem(what=what, file=path.name, next_step="Read the files one by one."))
    table = tables[0]
    found = {_key(c): c for c in reversed(list(table.frame.columns))}
    missing = [c for c in (*NEEDED, *shown) if _key(c) not in found]
    if missing:
        names = tuple(map(str, table.frame.columns))
        problems = [
            Problem(
                what=f"the column {c!r} is gone{did_you_mean(c, names)}",
                file=path.name,
                row=1,
                parameter=c,
                next_step="Fill in the exported file: only label and comment may change." if c == missing[-1] else "",
            )
            for c in missing
        ]
        raise ColumnError(problems)
    cells = {name: _texts(table.frame, found.get(_key(name))) for name in (*NEEDED, "comment", *shown)}
    beside = zip(*(cells[c] for c in shown), strict=True) if shown else repeat((), len(table.frame))
    numbers = range(table.offset, table.offset + len(table.frame)) if table.row_number is None else table.row_number
    return [
        Filled(row=int(n), assignment=a, manifest=m, labels=(label,) if label else (), comment=comment, shown=texts)
        for n, a, m, label, comment, texts in zip(
            numbers, cells["assignment"], cells["manifest"], cells["label"], cells["comment"], beside, strict=True
        )
    ]


def _key(column: object) -> str:
    """Return a column name as spreadsheets may spell it."""
    return "".join(str(column).split()).lstrip("'").casefold()


def _texts(frame: pd.DataFrame, column: object) -> list[str]:
    if column is None:
        return [""] * len(frame)
    values = frame[column]
    return [str(v).strip() if present else "" for v, present in zip(values, values.notna(), strict=True)]
