"""From records to rows: every value checked and in the type of its column, on every database alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Any

from sqlalchemy import Boolean, Column, Double, Integer, Table

from labelqa.errors import Problem, StoreError
from labelqa.store.schema import KEYS, RECORDS, JsonText, people, projects
from labelqa.store.values import MAX_KEY_BYTES, check_number, check_text

Row = dict[str, Any]

_NAMES = {people.c.name, projects.c.name}
_WHOLE = range(-(2**31), 2**31)  # PostgreSQL's integer


def rows_of(records: Sequence[object]) -> list[Row]:
    """Return one row a record; the records are of one kind.

    Raises
    ------
    StoreError
        If a value cannot be stored as it is, or one that is needed is None.

    Examples
    --------
    >>> from labelqa.store.records import PersonRecord
    >>> rows_of([PersonRecord(project_id="p", name="Ann", role="lead")])[0]["role"]
    'lead'
    """
    if not records:
        return []
    table = RECORDS[type(records[0])]
    names = table.c.keys()
    columns = (checked(column, [getattr(r, name) for r in records]) for name, column in table.c.items())
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def checked(column: Column[Any], values: list[Any]) -> list[Any]:
    """Return the values of a column in its type.

    Raises
    ------
    StoreError
        As for :func:`rows_of`.
    """
    convert = _converter(column)
    may_miss = column.nullable or isinstance(column.type, JsonText)
    if not may_miss and None in values:
        raise StoreError(Problem(what=f"{column.table.name}: {column.name} is missing", parameter=column.name))
    return [None if v is None else convert(v) for v in values]


def refuse_unknown(table: Table, names: Iterable[str]) -> None:
    """Raise :class:`StoreError` if the table has no column of one of the names."""
    unknown = [n for n in names if n not in table.c]
    if unknown:
        what = f"{table.name} has no column {unknown[0]!r}"
        raise StoreError(Problem(what=what, value=unknown[0], allowed=tuple(table.c.keys())))


def _converter(column: Column[Any]) -> Callable[[Any], Any]:
    name = str(column.name)
    if isinstance(column.type, JsonText):
        return _same
    if isinstance(column.type, Boolean):
        return bool
    if isinstance(column.type, Integer):
        return lambda value: _whole(name, value)
    if isinstance(column.type, Double):
        return lambda value: _number(name, value)
    is_key = column.primary_key or name in KEYS or column in _NAMES
    return lambda value: _text(name, value, is_key)


def _same(value: object) -> object:
    return value


def _text(name: str, value: object, is_key: bool) -> str:
    if type(value) is str and value.isascii() and "\0" not in value and (not is_key or 0 < len(value) <= MAX_KEY_BYTES):
        return value  # the common case, decided fast
    check_text(name, value, key=is_key)
    return str(value)


def _whole(name: str, value: object) -> int:
    if type(value) is int and value in _WHOLE:
        return value
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) not in _WHOLE:
        what = f"{name}={value!r} is not a whole number of 32 bits"
        raise StoreError(Problem(what=what, parameter=name, value=value))
    return int(value)


def _number(name: str, value: object) -> float:
    check_number(name, value)
    return float(value)  # type: ignore[arg-type]  # a number, as checked
