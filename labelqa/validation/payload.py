"""What annotators saw: missing, broken or unreadable texts, and columns that were expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from labelqa.errors import did_you_mean, shorten
from labelqa.text import counted
from labelqa.validation.result import Example, Finding
from labelqa.validation.subject import MOST_EXAMPLES, Subject, finding_on, texts_of

LEAST_ITEMS = 3  # from which the same text for all of them is a mistake
JSON_SAMPLE = 200
MOSTLY = 0.5  # share of cells that parse as JSON, from which the others are damaged
# UTF-8 read as Latin-1 or Windows-1252: two- and three-byte letters, a byte order mark, emoji; then replacement marks.
_BROKEN = re.compile(
    "[\u00c2\u00c3][\u0080-\u00bf]"
    "|\u00c3[\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
    "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]"
    "|\u00e2\u20ac[\u0080-\u00bf\u2122\u0153\u009d\u02dc\u201c\u201d\u00a6\u00a2\u00ba]|\u00ef\u00bb\u00bf|\u00f0\u0178|(?:[\u00d0\u00d1][\u0080-\u00bf]){2}"
    "|\ufffd|[\ud800-\udfff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
Cells = list[str | None]


def check_payload(subject: Subject) -> list[Finding]:
    """Return what is wrong with the columns of the items."""
    data = subject.annotations.item_data
    texts = {str(c): texts_of(data[c]) for c in data.columns if _may_hold_text(data[c])}
    out = [*_expected_columns(subject)]
    if subject.payload is not None and subject.payload not in subject.expect.columns:
        out += _empty(subject, subject.payload, "warning")
    if subject.payload in texts:
        out += _same_for_all(subject, subject.payload, texts[subject.payload])
    for column, cells in texts.items():
        out += _matching(subject, column, cells, _BROKEN, BROKEN)
        out += _matching(subject, column, cells, _CONTROL, CONTROL)
        out += _unreadable_json(subject, column, cells)
    return out


BROKEN = (
    "broken_text", "damaged characters (a replacement mark, or UTF-8 read with another encoding)",
    "Export it again as UTF-8, or read the file with its own encoding; people labeled what is damaged.",
)  # fmt: skip
CONTROL = (
    "control_characters", "control characters that no page shows",
    "Remove them at the source: they come from a binary file or a damaged export.",
)  # fmt: skip


def _may_hold_text(column: pd.Series) -> bool:
    return bool(
        column.dtype == object
        or isinstance(column.dtype, pd.CategoricalDtype)
        or pd.api.types.is_string_dtype(column.dtype)
    )


def _expected_columns(subject: Subject) -> list[Finding]:
    """Return the expected columns that are not there, or not filled."""
    data = subject.annotations.item_data
    present = [str(c) for c in data.columns]
    missing = [c for c in subject.expect.columns if c not in present]
    named = shorten([f"{c!r}{did_you_mean(c, present)}" for c in missing])
    out = finding_on(
        missing, lambda c: Example(value=repr(c)),
        ("error", "missing_column", f"{counted(len(missing), 'expected column')} not there: {named}."),
        "Export it with the labels. Only columns that are the same in all rows of an item are kept.",
    )  # fmt: skip
    for column in subject.expect.columns:
        out += _empty(subject, column, "error") if column in present else []
    return out


def _empty(subject: Subject, column: str, severity: str) -> list[Finding]:
    values = subject.annotations.item_data[column]
    empty = values.isna().to_numpy(dtype=np.bool_)
    if _may_hold_text(values):
        empty = empty | np.array([v is not None and not v.strip() for v in texts_of(values)], dtype=np.bool_)
    at = subject.labeled[empty[subject.labeled]]
    return _items(
        subject, at, [""] * at.size, (severity, "empty_payload", f"{_no_value(column)}, and were labeled nevertheless"),
        "Find out what the annotators saw; leave these items out where it was nothing.",
    )  # fmt: skip


def _no_value(column: str) -> str:
    return f"have an empty {column!r}"


def _items(
    subject: Subject, at: np.ndarray, values: Sequence[object], what: tuple[str, str, str], next_step: str
) -> list[Finding]:
    """Return one finding on these items, or none; `what` is severity, code and sentence."""
    severity, code, text = what
    told = f"{counted(int(at.size), 'item')} {_of_one(text) if at.size == 1 else text}."
    shown = at[: min(len(values), MOST_EXAMPLES)]
    value_of = dict(zip(shown.tolist(), values, strict=False))
    return finding_on(
        shown, lambda i: subject.item(i, value_of[i]), (severity, code, told), next_step, count=int(at.size)
    )


def _same_for_all(subject: Subject, column: str, cells: Cells) -> list[Finding]:
    shown = [cells[i] for i in subject.labeled.tolist()]
    if len(shown) < LEAST_ITEMS or shown[0] is None or any(text != shown[0] for text in shown):
        return []
    what = ("warning", "same_payload", f"all have the same {column!r}")
    return _items(
        subject, subject.labeled, [shown[0]], what, "The export repeated one value, or the column is another."
    )


def _matching(
    subject: Subject, column: str, cells: Cells, pattern: re.Pattern[str], words: tuple[str, str, str]
) -> list[Finding]:
    code, text, next_step = words
    search: Callable[[str], re.Match[str] | None] = pattern.search
    hits = [(i, m) for i, cell in enumerate(cells) if cell and not cell.isascii() and (m := search(cell))]
    if pattern is _CONTROL:
        hits = [(i, m) for i, cell in enumerate(cells) if cell and not cell.isprintable() and (m := search(cell))]
    at = np.array([i for i, _ in hits], dtype=np.intp)
    values = [_around(m) for _, m in hits[:MOST_EXAMPLES]]
    return _items(subject, at, values, ("warning", code, f"have {text} in {column!r}"), next_step)


def _around(match: re.Match[str]) -> str:
    start, end = max(match.start() - 25, 0), match.end() + 25
    return f"{'…' if start else ''}{match.string[start:end]}{'…' if end < len(match.string) else ''}"


def _unreadable_json(subject: Subject, column: str, cells: Cells) -> list[Finding]:
    """Return cells that look like JSON and do not parse, in a column where most do."""
    looks = [i for i, cell in enumerate(cells) if cell and cell.lstrip()[:1] in ("{", "[")]
    sample = looks[:JSON_SAMPLE]
    n_filled = sum(bool(cell) for cell in cells)
    if not sample or len(looks) < MOSTLY * n_filled or sum(_parses(cells[i]) for i in sample) < MOSTLY * len(sample):
        return []
    at = np.array([i for i in looks if not _parses(cells[i])], dtype=np.intp)
    what = ("warning", "unreadable_json", f"have JSON in {column!r} that cannot be read (cut off?)")
    return _items(
        subject, at, [cells[i] for i in at[:MOST_EXAMPLES].tolist()], what, "Export the column again in full."
    )


def _parses(cell: str | None) -> bool:
    import orjson  # only where a column holds JSON

    try:
        orjson.loads(cell or "")
    except orjson.JSONDecodeError:
        return False
    return True


def _of_one(text: str) -> str:
    """Return what is said of several items as it is said of one."""
    return text.replace("have ", "has ", 1).replace("and were ", "and was ", 1)
