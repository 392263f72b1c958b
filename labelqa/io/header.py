"""Column names of a file: stripped, complete, unique, and not the first row of data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from labelqa.errors import ColumnError, FileFormatError, Problem, shorten

_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def column_names(header: Sequence[str], is_empty: Sequence[bool], name: str) -> tuple[list[int], list[str], list[str]]:
    """Check the header of a file.

    Parameters
    ----------
    header : sequence of str, one a column
        The cells of the header.
    is_empty : sequence of bool
        Whether the column holds no value at all.
    name : str
        The file.

    Returns
    -------
    kept : list of int
        Columns to keep: those without name and without values are separators at the ends of lines.
    names : list of str
        Their names.
    notes : list of str
        What a user should know.

    Raises
    ------
    ColumnError
        If a name is missing or occurs twice; all such columns are named.
    """
    names = [h.strip().strip("\ufeff\u200b").strip() for h in header]
    notes: list[str] = []
    if not names[0] and not is_empty[0]:
        names[0] = next(n for n in ("index", "index_1", "index_2", "row index") if n not in names)
        notes.append(f"the first column of {name} has no name and is called {names[0]!r}")
    kept = [i for i, n in enumerate(names) if n or not is_empty[i]]
    if len(kept) < len(names):
        notes.append(f"{len(names) - len(kept)} empty columns without a name in {name} were left out")
    problems = _nameless(names, kept, name) + _repeated(names, kept, name)
    if problems and all(_NUMBER.fullmatch(names[i]) for i in kept):
        raise _data_in_header(names, name)
    if problems:
        raise ColumnError(problems)
    return kept, [names[i] for i in kept], notes


def check_body(frame: pd.DataFrame, header: Sequence[str], name: str) -> None:
    """Raise :class:`FileFormatError` if there is no data row, or if the header is data."""
    if frame.empty:
        raise FileFormatError(
            Problem(
                what=f"there is a header ({shorten(h.strip() for h in header)}) but no row of data",
                file=name,
                next_step="Export the labels again.",
            )
        )
    if _is_data(frame):
        raise _data_in_header([str(c) for c in frame.columns], name)


def _data_in_header(names: Sequence[str], file: str) -> FileFormatError:
    return FileFormatError(
        Problem(
            what=f"the first row looks like data, not like column names ({shorten(names)})",
            file=file,
            row=1,
            value=tuple(names),
            next_step="Put a row of column names above it, such as item, annotator, label.",
        )
    )


def _is_data(frame: pd.DataFrame) -> bool:
    """Whether two or more names occur as values of their own column, or all names are numbers over numbers."""
    names = [str(c) for c in frame.columns]
    if len(names) > 50:
        return False
    head = frame.head(2000)
    repeated = sum(bool((head[c] == c).any()) for c in names)
    if repeated >= 2 and repeated * 2 >= len(names):
        return True
    if not all(_NUMBER.fullmatch(n) for n in names) or names in (_counted(names, 0), _counted(names, 1)):
        return False
    return bool(head.iloc[0].dropna().astype(str).str.fullmatch(_NUMBER.pattern).all())


def _counted(names: Sequence[str], start: int) -> list[str]:
    return [str(i) for i in range(start, start + len(names))]


def _nameless(names: Sequence[str], kept: Sequence[int], file: str) -> list[Problem]:
    return [
        Problem(
            what=f"column {i + 1} has values but no name",
            file=file,
            row=1,
            parameter=f"column {i + 1}",
            value="",
            next_step="Name it in the header.",
        )
        for i in kept
        if not names[i]
    ]


def _repeated(names: Sequence[str], kept: Sequence[int], file: str) -> list[Problem]:
    counts = Counter(names[i] for i in kept if names[i])
    out = []
    for column, count in counts.items():
        if count > 1:
            places = ", ".join(str(i + 1) for i in kept if names[i] == column)
            out.append(
                Problem(
                    what=f"column name {column!r} occurs {count} times (columns {places})",
                    file=file,
                    row=1,
                    parameter=column,
                    value=column,
                    next_step="Give each column a name of its own.",
                )
            )
    return out
