"""Tables of the report as Streamlit draws them: numbers stay numbers, intervals stand beside them in words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from labelqa.report.blocks import Column, Table
from labelqa.report.cells import cell
from labelqa_app.glossary import meaning

LEAST_LIMIT = 300  # characters of a cell: a reader opens it by a double click
INTERVAL = re.compile(r" \((\d+% (?:\w+ )?interval)\)$")
NUMBERS = {"decimal": "%.1f", "number": "%.3f", "percent": "%.0f%%", "share": "%.0f%%", "estimate": "%.3f"}


def shown_table(found: Table, data: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the columns that are drawn and how to draw each.

    Examples
    --------
    >>> rows = pd.DataFrame({"c": ["bug"], "estimate": [0.5], "low": [0.4], "high": [0.6]})
    >>> alpha = Column(key="estimate", title="Alpha (95% interval)", kind="estimate")
    >>> columns = (Column(key="c", title="Class"), alpha)
    >>> shown_table(Table(key="t", title="", columns=columns, rows=rows), rows)[0].to_dict("records")
    [{'Class': 'bug', 'Alpha': 0.5, '95% interval': '0.400 to 0.600'}]
    """
    shown: dict[str, object] = {}
    config: dict[str, Any] = {}
    for column in found.columns:
        title, interval = _titles(column.title)
        title = _free(title, shown)
        shown[title], config[title] = _values(column, data), _config(column, found.key)
        if column.kind in ("estimate", "share"):
            name = _free(interval, shown, f"{title}: interval")
            shown[name] = pd.Series(_intervals(column, data), index=data.index, dtype=object)
            config[name] = st.column_config.TextColumn(help=meaning(found.key, "interval"))
    return pd.DataFrame(shown, index=data.index).reset_index(drop=True), config


def _titles(title: str) -> tuple[str, str]:
    """Return the heading of the number and that of its interval."""
    match = INTERVAL.search(title)
    return (title[: match.start()], match[1]) if match else (title, "95% interval")


def _free(name: str, taken: dict[str, object], other: str | None = None) -> str:
    name = name if name not in taken else other or name
    while name in taken:
        name += " "
    return name


def _values(column: Column, data: pd.DataFrame) -> pd.Series:
    if column.kind == "text":
        wide = replace(column, limit=max(column.limit, LEAST_LIMIT))
        texts = [None if _is_missing(v) else cell(wide, {column.key: v}).text for v in data[column.key]]
        return pd.Series(texts, index=data.index, dtype=object)
    numbers = pd.to_numeric(data[column.key], errors="coerce").astype(float)
    if column.kind == "count":
        return numbers.round().astype("Int64")
    return 100 * numbers if column.kind in ("percent", "share") else numbers


def _config(column: Column, table: str) -> object:
    told = meaning(table, column.key)
    if column.kind == "text":
        return st.column_config.TextColumn(help=told)
    return st.column_config.NumberColumn(help=told, format=NUMBERS.get(column.kind, "localized"))


def _intervals(column: Column, data: pd.DataFrame) -> list[str | None]:
    """Return the interval of each number, or why there is none."""
    out: list[str | None] = []
    for row in data.to_dict("records"):
        written = cell(column, row)
        out.append(written.reason or written.aside.strip("()") or None)
    return out


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)
