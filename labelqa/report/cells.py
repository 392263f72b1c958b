"""Values of tables as text, the same in every view."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from labelqa.report.blocks import Column, Table
from labelqa.results import as_number, as_percent
from labelqa.text import shortened

ABSENT = "\u2013"
REASON_LIMIT = 100
WRITTEN: dict[str, Callable[[float], str]] = {
    "count": "{:,.0f}".format,
    "decimal": "{:,.1f}".format,
    "percent": as_percent,
    "number": as_number,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value: what to show, what to show in a quieter tone beside it, why it is undefined, and how to align."""

    text: str
    aside: str = ""
    reason: str = ""
    is_number: bool = False

    def __str__(self) -> str:
        """Return the value with what stands beside it."""
        if self.reason:
            return f"{self.text}: {self.reason}"
        return f"{self.text} {self.aside}" if self.aside else self.text


def body(table: Table, limit: int | None = None) -> Iterator[list[Cell]]:
    """Yield the cells of each row a reader sees, at most `limit` rows."""
    shown = table.shown if limit is None else min(limit, table.shown)
    for row in table.rows.head(shown).to_dict("records"):
        yield [cell(column, row) for column in table.columns]


def shortfall(table: Table, limit: int | None = None) -> str:
    """Return the sentence that says how much of a table is shown, or an empty text where all is."""
    total = table.total if table.n_countable is None else table.n_countable
    shown = min(table.shown if limit is None else min(limit, table.shown), len(table.rows))
    if shown >= total:
        return ""
    counted = f" {table.counted}" if table.counted else ""
    return f"Showing {shown:,} of {total:,}{counted}; all rows are in the JSON."


def cell(column: Column, row: Mapping[Hashable, object]) -> Cell:
    """Return the cell of `row` in `column`."""
    value = row.get(column.key)
    if column.kind == "text":
        return Cell(text=ABSENT if _is_missing(value) else shortened(value, column.limit))
    if _is_missing(value):
        reason = _reason(column, row)
        return Cell(text="undefined" if reason else ABSENT, reason=reason, is_number=True)
    number = float(value)  # type: ignore[arg-type]  # every kind but text holds numbers
    if column.kind in ("estimate", "share"):
        written = as_percent if column.kind == "share" else as_number
        return Cell(text=written(number), aside=_interval(column, row, written), is_number=True)
    return Cell(text=WRITTEN[column.kind](number), is_number=True)


def shown_low(low: float, estimate: float) -> float:
    """Return the lower end of an interval as readers see it: not below -1, which no such coefficient can reach."""
    return max(low, min(-1.0, estimate))


def _interval(column: Column, row: Mapping[Hashable, object], written: Callable[[float], str]) -> str:
    low, high = row.get(column.low), row.get(column.high)
    if _is_missing(low) or _is_missing(high):
        return "(no interval)"
    ends = float(low), float(high)  # type: ignore[arg-type]  # not missing: numbers
    start = shown_low(ends[0], float(row[column.key])) if column.is_coefficient else ends[0]  # type: ignore[arg-type]
    return f"({written(start)} to {written(ends[1])})"


def _reason(column: Column, row: Mapping[Hashable, object]) -> str:
    reason = None if column.reason is None else row.get(column.reason)
    if _is_missing(reason) or not reason:
        return ""
    return shortened(reason, REASON_LIMIT)


def _is_missing(value: object) -> bool:
    return value is None or (not isinstance(value, str | list | tuple | dict) and bool(pd.isna(value)))  # type: ignore[call-overload]
