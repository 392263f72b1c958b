"""Columns that belong to the item (text, channel, ...) and columns that belong to the label (time, duration)."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.readlog import COLUMNS_NOT_KEPT
from labelqa.errors import shorten

Codes = npt.NDArray[np.int32]
ZONES = {
    r"\b(UTC|GMT|Z)\b": "+0000", r"\bEDT\b": "-0400", r"\b(EST|CDT)\b": "-0500", r"\b(CST|MDT)\b": "-0600",
    r"\b(MST|PDT)\b": "-0700", r"\bPST\b": "-0800", r"\bBST\b": "+0100", r"\bCET\b": "+0100", r"\bCEST\b": "+0200",
}  # fmt: skip
MILLISECONDS_FROM = 1e11  # epoch numbers above this are milliseconds: in seconds they would be after the year 5000


def collect(extra: pd.DataFrame, item_of_row: Codes, n_items: int) -> tuple[pd.DataFrame, list[str]]:
    """Keep the columns of `extra` that are constant within every item.

    Parameters
    ----------
    extra : DataFrame (rows,)
        Columns that have no role.
    item_of_row : int32 (rows,)
        Item of each row; -1 where unknown.
    n_items : int
        Number of items n.

    Returns
    -------
    item_data : DataFrame (n rows)
        One row an item, in item order.
    notes : list of str
        One note that names the columns that differ within an item and were therefore left out.
    """
    if len(extra) == n_items and np.array_equal(item_of_row, np.arange(n_items)):
        return extra.set_axis([str(c) for c in extra.columns], axis=1).reset_index(drop=True), []  # one row an item
    kept: dict[str, pd.Series] = {}
    varying: list[str] = []
    for name in extra.columns:
        column = extra[name]
        first = _first_row_with_value(column, item_of_row, n_items)
        values = column.take(np.maximum(first, 0)).reset_index(drop=True)
        values = values.where(first >= 0) if (first < 0).any() else values
        if _is_constant(column, item_of_row, first):
            kept[str(name)] = values
        else:
            varying.append(str(name))
    note = f"{COLUMNS_NOT_KEPT}{shorten(varying)}"
    return pd.DataFrame(kept, index=pd.RangeIndex(n_items)), [note] if varying else []


def _first_row_with_value(column: pd.Series, item_of_row: Codes, n_items: int) -> npt.NDArray[np.intp]:
    usable = np.flatnonzero((item_of_row >= 0) & column.notna().to_numpy())
    first = np.full(n_items, -1, dtype=np.intp)
    first[item_of_row[usable][::-1]] = usable[::-1]
    return first


def _is_constant(column: pd.Series, item_of_row: Codes, first: npt.NDArray[np.intp]) -> bool:
    try:
        codes = pd.factorize(column)[0]
    except TypeError:  # lists or dicts as cells cannot be hashed; their text can
        codes = pd.factorize(column.astype(str).where(column.notna()))[0]
    usable = (item_of_row >= 0) & (codes >= 0)
    return bool((codes[usable] == codes[first[item_of_row[usable]]]).all())


def parse_times(column: pd.Series) -> tuple[npt.NDArray[np.datetime64], int]:
    """Parse a column of times to UTC datetime64[ns]; return it and the number of values that are not times."""
    present = _present(column)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        parsed = pd.to_datetime(column, utc=True)
    else:
        start = pd.to_numeric(column[present].head(100), errors="coerce")
        numbers = pd.to_numeric(column, errors="coerce") if bool(start.notna().all()) else None
        if numbers is not None and bool(present.any()) and bool(numbers[present].notna().all()):
            scale = 1 if float(numbers[present].abs().max()) > MILLISECONDS_FROM else 1000
            parsed = pd.to_datetime(numbers * scale, unit="ms", utc=True, errors="coerce")
        else:
            parsed = _times_from_text(column.where(present))
    times = parsed.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")
    return times, int((present.to_numpy() & np.isnat(times)).sum())


def _times_from_text(column: pd.Series) -> pd.Series:
    """Parse ISO 8601 at once, anything else value by value; American and European zone names are understood."""
    try:
        return pd.to_datetime(column, utc=True, format="ISO8601")
    except (ValueError, TypeError):
        texts = column.astype(object).replace(ZONES, regex=True)
    with warnings.catch_warnings():  # other zone names: pandas warns and reads the time as UTC
        warnings.simplefilter("ignore")
        return pd.to_datetime(texts, utc=True, errors="coerce", format="mixed")


def _present(column: pd.Series) -> pd.Series:
    if pd.api.types.is_string_dtype(column.dtype):
        return column.notna() & (column.astype(str).str.strip() != "")
    return column.notna()


def parse_durations(column: pd.Series) -> tuple[npt.NDArray[np.float64], int]:
    """Parse seconds; return float64 (rows,) and the number of values that are not numbers."""
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    present = _present(column).to_numpy()
    return numbers, int((present & np.isnan(numbers)).sum())
