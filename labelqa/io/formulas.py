"""Cells that a spreadsheet would run: labels may come from strangers, and CSV files are opened by double click.

As OWASP advises ("CSV injection"): an apostrophe in front, which reading takes away again. Numbers such as -3 stay,
since they are no formulas. A text that has apostrophes before something like a formula gets one more, so that nothing
is lost: reading takes away just one, and only where a formula follows.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from labelqa.io.tables import Table

# Spreadsheets skip blanks, and also read the full-width forms of Japanese and Chinese keyboards.
FORMULA = re.compile("(?:[\\s\ufeff\u200b]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]).", re.DOTALL)
NUMBER = re.compile(r"[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?%?")
MARK = "'"


def is_formula(value: object) -> bool:
    """Whether a spreadsheet may take a text for something to compute.

    Examples
    --------
    >>> [is_formula(v) for v in ("=1+1", "@me", "-2+3", " =1", "-2", "+1.5e3", "-", "a=b", -2)]
    [True, True, True, True, False, False, False, False, False]
    """
    return isinstance(value, str) and bool(FORMULA.match(value)) and not NUMBER.fullmatch(value)


def disarmed(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> disarmed("=HYPERLINK(1)"), disarmed("'=1"), disarmed("a=b"), disarmed("-1")
    ("'=HYPERLINK(1)", "''=1", 'a=b', '-1')
    """
    return MARK + text if is_formula(text.lstrip(MARK)) else text


def rearmed(text: str) -> str:
    """Return the text that :func:`disarmed` was given.

    Examples
    --------
    >>> rearmed("'=HYPERLINK(1)"), rearmed("''=1"), rearmed("'tis"), rearmed("'-1")
    ('=HYPERLINK(1)', "'=1", "'tis", "'-1")
    """
    return text[1:] if text.startswith(MARK) and is_formula(text.lstrip(MARK)) else text


def defused(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return `frame` with ``'`` in front of texts and column names that look like formulas, and how many these are."""
    import pandas as pd

    columns = [_defused(frame.iloc[:, at]) for at in range(frame.shape[1])]
    names: list[object] = list(frame.columns)
    header = [disarmed(name) if isinstance(name, str) else name for name in names]
    n_names = sum(new != old for new, old in zip(header, names, strict=True))
    n = sum(count for _, count in columns)
    if n:
        frame = pd.concat([column for column, _ in columns], axis=1)
    return (frame.set_axis(header, axis=1) if n_names else frame), n + n_names


def _defused(column: pd.Series) -> tuple[pd.Series, int]:
    import numpy as np
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column.dtype):
        return column, 0
    is_text = np.asarray([isinstance(v, str) for v in column], dtype=np.bool_)
    codes, uniques = pd.factorize(column.astype(object).where(is_text))
    safe = [disarmed(str(u)) for u in uniques]
    changed = np.asarray([new != old for new, old in zip(safe, uniques, strict=True)] + [False], dtype=np.bool_)[codes]
    n = int(changed.sum())
    if not n:
        return column, 0
    return column.astype(object).mask(changed, np.asarray([*safe, None], dtype=object)[codes]), n


def restored(table: Table) -> Table:
    """Return a table of a text file without the apostrophes that keep formulas from being run; a note counts them."""
    frame = table.frame
    columns: dict[str, pd.Series] = {}
    n = 0
    for name in frame.columns:
        cells = frame[name]
        marked = _marked(cells)
        if marked is not None:
            changed = marked.map(rearmed)
            n += int((changed != marked).sum())
            columns[name] = cells.astype(object).where(~cells.index.isin(marked.index), changed).astype(cells.dtype)
    names = [rearmed(str(c)) for c in frame.columns]
    n_names = sum(new != old for new, old in zip(names, frame.columns, strict=True))
    if not n + n_names or len(set(names)) < len(names):
        return table
    frame = frame.assign(**columns) if n else frame
    return replace(table, frame=frame.set_axis(names, axis=1), notes=(*table.notes, _note(n + n_names, table.name)))


def _marked(cells: pd.Series) -> pd.Series | None:
    """Return the cells that begin with an apostrophe; None where there are none."""
    import pandas as pd

    if cells.dtype == object:
        marked = [isinstance(v, str) and v.startswith(MARK) for v in cells]
        return cells[marked] if any(marked) else None
    if not pd.api.types.is_string_dtype(cells.dtype):
        return None
    at = cells.str.startswith(MARK).fillna(False).astype(bool)
    return cells[at] if at.any() else None


def _note(n: int, file: str | None) -> str:
    cells = "1 cell" if n == 1 else f"{n:,} cells"
    return (
        f"{cells} of {file or 'the file'} had a ' before what a spreadsheet would run as a formula (=, +, -, @): it "
        "was left out, as no part of the text"
    )


def note_on_disarmed(n: int, file: str = "", then: str = "labelqa takes it away again on reading") -> list[str]:
    """Return the note on `n` cells that were written with an apostrophe; `then` says what to know of them."""
    cells, verb = ("1 cell", "begins") if n == 1 else (f"{n:,} cells", "begin")
    of = f" of {file}" * bool(file)
    return [
        f"{cells}{of} {verb} like a spreadsheet formula (=, +, -, @) and got a ' in front, so that nothing is run when "
        f"the file is opened; {then}"
    ] * bool(n)
