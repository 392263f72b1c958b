"""Decimal commas, as they stand where semicolons separate the cells: read as numbers only where that is certain.

A cell ``1,2`` may be a number and may be two answers. It is a number where the user says that labels are measured
(level interval or ratio) and every label is one; items and annotators are names and are never touched.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.classes import BuildOptions
from labelqa.annotations.coding import code_values
from labelqa.annotations.readlog import Origin
from labelqa.errors import shorten
from labelqa.io.columns import Columns
from labelqa.io.tables import Table

_NUMBER = r"\s*[+-]?\d+(?:,\d+)?\s*"


def read_commas(
    frame: pd.DataFrame, columns: Columns, tables: Sequence[Table], origin: Origin, options: BuildOptions
) -> tuple[pd.DataFrame, list[str]]:
    """Return `frame` with numbers in place of decimal commas in the labels, and a note that names the columns.

    Parameters
    ----------
    frame : DataFrame (rows,)
        The rows of all tables.
    columns : Columns
        Which columns hold labels.
    tables : sequence of Table
        Where the rows come from; only those that semicolons separate are looked at.
    origin : Origin
        The table of each row.
    options : BuildOptions
        The level of measurement, and labels that the user renames or sets aside: those are left as they are.
    """
    names = columns.annotators if columns.layout == "wide" else (columns.roles["label"],)
    rows = _rows(tables, origin, len(frame))
    if not rows.any():
        return frame, []
    kept = {*options.cleaning.mapping, *options.cleaning.cannot_tell}
    texts = {n: _distinct(frame[n][rows], kept) for n in names}
    if not all(t.str.fullmatch(_NUMBER).all() for t in texts.values()):
        return frame, []
    found = [n for n, t in texts.items() if t.str.contains(",").any()]
    if not found:
        return frame, []
    example = next(t for t in texts[found[0]] if "," in t).strip()
    if options.level not in ("interval", "ratio"):
        return frame, [
            f"labels such as {example} in {_named(found)} were kept as text; if they are numbers with a decimal comma, "
            "say that labels are measured (level interval)"
        ]
    changed = {n: _with_points(frame[n], rows, kept) for n in found}
    note = f"decimal commas in {_named(found)} were read as points ({example} as {example.replace(',', '.')})"
    return frame.assign(**changed), [note]


def _rows(tables: Sequence[Table], origin: Origin, n: int) -> npt.NDArray[np.bool_]:
    by_semicolon = np.array([t.by_semicolon for t in tables], dtype=np.bool_)
    return np.full(n, by_semicolon[0]) if origin.file_of_row is None else by_semicolon[origin.file_of_row]


def _distinct(column: pd.Series, kept: Collection[str]) -> pd.Series:
    values = [str(v) for v in code_values(column)[1]]
    return pd.Series([v for v in values if v not in kept], dtype=object)


def _with_points(column: pd.Series, rows: npt.NDArray[np.bool_], kept: Collection[str]) -> pd.Series:
    chosen = rows & ~column.isin(list(kept)).to_numpy()
    return column.where(~chosen, column.str.replace(",", ".", regex=False))


def _named(names: Sequence[str]) -> str:
    return f"column{'s' * (len(names) > 1)} {shorten(map(repr, names))}"
