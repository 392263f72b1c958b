"""Whether each row of a filled file still shows the item of its assignment: a sort of single columns parts them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labelqa.errors import Problem
from labelqa.review.exchange.filled import Filled
from labelqa.review.exchange.sheet import Payload, as_text
from labelqa.review.exchange.spreadsheet import disarmed, headers
from labelqa.review.manifest import Manifest
from labelqa.text import counted

MIXED = (
    "Only label and comment may change. Sort all columns together, by no selection of single ones, or fill in the "
    "export again; nothing was read."
)
LONGEST = 32_000  # spreadsheets cut longer cells
_DROPPED = re.compile("_x000[dD]_|[\\s\ufeff\u200b\u200c\u200d\u2060]+")
_LOST = re.compile(r"[^\x21-\x7e]|\?")  # what an old encoding turns into question marks


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTexts:
    """What was shown for each assignment of a round.

    Attributes
    ----------
    columns : tuple of str
        Names of the shown columns as they head a spreadsheet.
    cells : mapping of assignment to tuple of str
        One text a column.
    """

    columns: tuple[str, ...]
    cells: Mapping[str, tuple[str, ...]]


def shown_texts(manifest: Manifest, payload: Payload, columns: Sequence[str]) -> ShownTexts:
    """Return what a spreadsheet of the round shows."""
    texts = {item: tuple(disarmed(as_text(known.get(c))) for c in columns) for item, known in payload.items()}
    cells = {a.id: texts[a.item] for a in manifest.plan.assignments if a.item in texts}
    return ShownTexts(columns=tuple(headers(columns)), cells=cells)


def alignment_problems(rows: Sequence[Filled], shown: ShownTexts, file: str) -> Iterator[Problem]:
    """Name all rows whose shown text is not that of their assignment, as one problem."""
    of_others = [{_plain(cells[i]) for cells in shown.cells.values()} for i in range(len(shown.columns))]
    wrong = [
        row
        for row in rows
        if row.shown and any(map(_differs, row.shown, shown.cells.get(row.assignment, row.shown), of_others))
    ]
    if wrong:
        numbers = sorted({row.row for row in wrong})
        which = f"row {numbers[0]}" if len(numbers) == 1 else f"rows {_ranges(numbers)}"
        yield Problem(
            what=f"{counted(len(numbers), 'row')} ({which}) do{'es' if len(numbers) == 1 else ''} not show the text of "
            f"{'its assignment' if len(numbers) == 1 else 'their assignments'}: labels may stand beside other items",
            file=file,
            row=numbers[0],
            parameter="assignment",
            value=tuple(numbers),
            next_step=MIXED,
        )


def _differs(found: str, expected: str, of_others: set[str]) -> bool:
    """Tell whether a cell shows another text; what spreadsheets do to a cell, they may do."""
    seen, meant = _plain(found), _plain(expected)
    if seen == meant or _is_same_number(seen, meant):
        return False
    if len(seen) > LONGEST - 1_000 and meant.startswith(seen[: LONGEST // 2]):
        return False
    if "?" in seen and _LOST.sub("", seen) == _LOST.sub("", meant):
        return False
    if any(c.isalpha() for c in meant):
        return True
    return seen in of_others  # dates, times and amounts are written anew: they count if they are those of another item


def _plain(text: str) -> str:
    r"""Return a text without the blanks, line ends and apostrophes that spreadsheets add or drop.

    Examples
    --------
    >>> _plain("'=1 +\r\n 2") == _plain("=1+ 2")
    True
    """
    return _DROPPED.sub("", unicodedata.normalize("NFC", text)).lstrip("'").casefold()


def _is_same_number(seen: str, meant: str) -> bool:
    try:
        return math.isclose(float(seen.replace(",", ".")), float(meant), rel_tol=1e-5)
    except ValueError:
        return False


def _ranges(numbers: Sequence[int]) -> str:
    """Return row numbers, neighbours as ranges.

    Examples
    --------
    >>> _ranges([2, 3, 4, 9])
    '2-4, 9'
    """
    known, out = set(numbers), []
    for start in (n for n in numbers if n - 1 not in known):
        end = start
        while end + 1 in known:
            end += 1
        out.append(f"{start}" if end == start else f"{start}-{end}")
    return ", ".join(out)
