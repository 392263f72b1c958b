"""What a report is made of. All texts are plain: each renderer escapes them for its own medium."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.errors import check_choice

if TYPE_CHECKING:
    from altair import Chart, LayerChart

KINDS = ("text", "count", "decimal", "number", "percent", "estimate", "share")
NOTICE_LEVELS = ("problem", "caution", "info")  # most important first
SHOWN = 50  # rows of a table that a reader sees; JSON has all
NAME_LIMIT = 80  # characters of a name in a cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a :class:`Table`.

    Attributes
    ----------
    key : str
        Column of the rows.
    title : str
        What the reader sees.
    kind : {"text", "count", "decimal", "number", "percent", "estimate", "share"}
        How values are written: a decimal with one digit after the point; an estimate, or a share in percent, with its
        interval, from the columns `low` and `high`.
    low, high : str
        Columns of the interval of an estimate.
    reason : str or None
        Column that says why a value is undefined.
    limit : int
        Characters of a text before it is cut.
    is_coefficient : bool
        Whether an estimate is a coefficient of agreement, of which no interval is shown to reach below -1; False for
        what has a unit of its own, such as a loss.
    """

    key: str
    title: str
    kind: str = "text"
    low: str = "low"
    high: str = "high"
    reason: str | None = None
    limit: int = NAME_LIMIT
    is_coefficient: bool = True

    def __post_init__(self) -> None:
        check_choice("kind", self.kind, KINDS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """A table of which the reader sees the first rows and JSON holds all.

    Attributes
    ----------
    key : str
        Name in the JSON, unique within the report.
    title : str
        Caption.
    columns : tuple of Column
        What is shown, in order; `rows` may hold more.
    rows : DataFrame
        The rows to show, at least the first `shown`.
    shown : int
        Rows a reader sees.
    note : str
        A remark below the table.
    n_rows : int or None
        Number of all rows where `rows` holds only the first.
    n_countable : int or None
        Number of rows that belong in the table where `all_rows` holds others too (items nobody disputes).
    counted : str
        What `n_countable` counts, such as ``"disputed items"``.
    all_rows : callable or None
        Makes all rows where `rows` holds only the first; called for JSON only.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: pd.DataFrame
    shown: int = SHOWN
    note: str = ""
    n_rows: int | None = None
    n_countable: int | None = None
    counted: str = ""
    all_rows: Callable[[], pd.DataFrame] | None = None

    @property
    def total(self) -> int:
        """Number of all rows."""
        return len(self.rows) if self.n_rows is None else self.n_rows

    def complete(self) -> pd.DataFrame:
        """Return all rows."""
        return self.rows if self.all_rows is None else self.all_rows()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figure:
    """A chart that is drawn only where it is shown.

    Attributes
    ----------
    key : str
        Unique within the report.
    title : str
        Short name, read by screen readers.
    alt : str
        What the picture shows, in words.
    caption : str
        How to read it.
    draw : callable
        Returns the Altair chart.
    """

    key: str
    title: str
    alt: str
    draw: Callable[[], Chart | LayerChart]
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A list of short texts, under a small heading where it has a title."""

    items: tuple[str, ...]
    ordered: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something the reader must know.

    Attributes
    ----------
    level : {"problem", "caution", "info"}
        Importance.
    key : str
        Kind of notice, stable: for programs that read the JSON.
    title, text : str
        What it is, and what it means or what to do.
    """

    level: str
    key: str
    title: str
    text: str

    def __post_init__(self) -> None:
        check_choice("level", self.level, NOTICE_LEVELS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Details:
    """Blocks one click away.

    Attributes
    ----------
    title : str
        What the reader clicks.
    blocks : tuple of Block
        What appears.
    in_terminal : bool
        Whether the terminal, where nothing can be clicked, shows it too.
    """

    title: str
    blocks: tuple[Block, ...]
    in_terminal: bool = False


Block = Table | Figure | Prose | Points | Notice | Details


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """One question and its answer.

    Attributes
    ----------
    key : str
        Stable name, unique within the report.
    title : str
        Heading.
    lead : str
        The answer in a sentence or two.
    how_to_read : str
        What the numbers of the section mean.
    blocks : tuple of Block
        The evidence.
    """

    key: str
    title: str
    lead: str
    how_to_read: str = ""
    blocks: tuple[Block, ...] = ()


def tables_in(blocks: tuple[Block, ...]) -> list[Table]:
    """Return every table of `blocks`, in order, those within details included."""
    found: list[Table] = []
    for block in blocks:
        if isinstance(block, Table):
            found.append(block)
        elif isinstance(block, Details):
            found += tables_in(block.blocks)
    return found
