"""Which rows have a value that somebody wrote down: compared by what the column holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import shorten

Mask = npt.NDArray[np.bool_]
TRUTHS = {"true": True, "false": False}
DAY = 10  # characters of a date without a time
SHOWN = 8


def has_value(column: pd.Series, value: object) -> Mask:
    """Return the rows whose cell is `value` (n,): "1" is the number 1.0, "true" is True, "2024-01-01" that day.

    Raises
    ------
    TypeError
        If cells cannot be compared.

    Examples
    --------
    >>> has_value(pd.Series([1.0, 2.0]), "1").tolist(), has_value(pd.Series(["1", "x"]), 1).tolist()
    ([True, False], [True, False])
    """
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):  # type: ignore[call-overload]  # a scalar
        return np.asarray(column.isna())
    kinds = pd.api.types
    if kinds.is_bool_dtype(column.dtype):
        return _equal(column, TRUTHS.get(str(value).strip().casefold(), value))
    if kinds.is_numeric_dtype(column.dtype):
        return _equal(column, _number(value))
    if kinds.is_datetime64_any_dtype(column.dtype):
        return _on(column.dt.tz_localize(None), value)
    return _in_objects(column, value)


def _equal(column: pd.Series, value: object) -> Mask:
    return np.asarray((column == value).fillna(False), dtype=np.bool_)


def _number(value: object) -> object:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _on(times: pd.Series, value: object) -> Mask:
    """Return the rows at a time, or on a day where no time of day is given."""
    at = pd.to_datetime(str(value), errors="coerce")
    if pd.isna(at):
        return np.zeros(len(times), dtype=np.bool_)
    whole_day = len(str(value).strip()) <= DAY or (isinstance(value, dt.date) and not isinstance(value, dt.datetime))
    return _equal(times.dt.normalize() if whole_day else times, at.tz_localize(None))


def _in_objects(column: pd.Series, value: object) -> Mask:
    """Return the rows of a column of texts or anything else; each distinct cell is looked at once."""
    codes, found = pd.factorize(column)
    same = np.array([_is_same(v, value) for v in found], dtype=np.bool_)
    return np.append(same, False)[codes]  # code -1: missing


def _is_same(cell: object, value: object) -> bool:
    if isinstance(cell, bool | np.bool_):
        return bool(cell) == TRUTHS.get(str(value).strip().casefold(), value)
    if isinstance(cell, int | float | np.number):
        return bool(cell == _number(value))
    if isinstance(cell, str) and not isinstance(value, str):
        return cell in (str(value), f"{value:g}" if isinstance(value, float) else str(value))
    if isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
        return str(cell) == str(value)[:DAY]
    return bool(cell == value)


def absent_notes(frame: pd.DataFrame, wanted: Mapping[str, Sequence[object]]) -> tuple[str, ...]:
    """Return a note for each column in which a wanted value occurs nowhere, with what the column holds."""
    notes = []
    for name, values in wanted.items():
        gone = [str(v) for v in values if not has_value(frame[name], v).any()]
        if gone:
            held = sorted(frame[name].dropna().unique().tolist(), key=str)
            some = shorten([repr(v) if isinstance(v, str) else str(v) for v in held], SHOWN)
            notes.append(f"No row has {name} = {' or '.join(gone)}: is it spelled so? {name} holds {some}")
    return tuple(notes)
