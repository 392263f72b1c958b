"""What may be stored, and how it is written: canonical JSON, checked text, times."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from numbers import Real

import orjson

from labelqa.errors import Problem, StoreError
from labelqa.text import shortened

Clock = Callable[[], dt.datetime]

MAX_KEY_BYTES = 1000  # three such texts still fit in one entry of a PostgreSQL index
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY


def utc_now() -> dt.datetime:
    """Return the time now, in UTC.

    Examples
    --------
    >>> utc_now().tzname()
    'UTC'
    """
    return dt.datetime.now(dt.UTC)


def as_utc_text(time: dt.datetime) -> str:
    """Return a time as ISO 8601 text in UTC with microseconds: texts sort as times do.

    Examples
    --------
    >>> as_utc_text(dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC))
    '2026-01-02T03:04:00.000000+00:00'
    """
    return time.astimezone(dt.UTC).isoformat(timespec="microseconds")


def utc_text_of(stated: str | None) -> str:
    """Return a time that a tool states in ISO 8601 as :func:`as_utc_text` does; nothing for what is no such time.

    A time without a zone is taken for UTC.

    Examples
    --------
    >>> utc_text_of("2026-01-02T04:04:00+01:00"), utc_text_of("yesterday"), utc_text_of(None)
    ('2026-01-02T03:04:00.000000+00:00', '', '')
    """
    try:
        time = dt.datetime.fromisoformat(stated or "")
        return as_utc_text(time if time.tzinfo is not None else time.replace(tzinfo=dt.UTC))
    except (ValueError, OverflowError):
        return ""


def canonical_json(value: object) -> str:
    """Return JSON in one spelling: sorted keys, no spaces, UTF-8; what is not a number (nan) becomes null.

    Raises
    ------
    StoreError
        If JSON cannot hold the value.

    Examples
    --------
    >>> canonical_json({"b": [1, None], "a": "é"})
    '{"a":"é","b":[1,null]}'
    """
    try:
        return orjson.dumps(value, option=_CANONICAL).decode()
    except TypeError as error:
        what = f"{shortened(repr(value), 80)} cannot be written as JSON ({error})"
        allowed = ("text", "whole numbers of 64 bits", "numbers", "true", "false", "none", "lists", "mappings by text")
        raise StoreError(Problem(what=what, value=value, allowed=allowed)) from error


def parsed_json(text: str) -> object:
    """Return what :func:`canonical_json` wrote.

    Examples
    --------
    >>> parsed_json('{"a":[1,2]}')
    {'a': [1, 2]}
    """
    return orjson.loads(text)


def check_text(column: str, value: object, *, key: bool = False) -> None:
    r"""Refuse text that not every database stores as it is.

    Parameters
    ----------
    column : str
        Where it is to stand, for the message.
    value : object
        Text.
    key : bool
        Whether it is a name or an id, which has to be short and not empty.

    Raises
    ------
    StoreError
        If it is no text, holds a NUL character or half a character, or is a key that is empty or too long.

    Examples
    --------
    >>> check_text("label", "Tür \u202e ' ; drop table labels")
    >>> check_text("label", "a\0b")
    Traceback (most recent call last):
        ...
    labelqa.errors.StoreError: label='a\x00b' holds a NUL character, which a database cannot store. Remove it.
    """
    fault = _fault(value, key)
    if fault:
        shown = shortened(repr(value), 80)
        raise StoreError(
            Problem(what=f"{column}={shown} {fault[0]}", parameter=column, value=value, next_step=fault[1])
        )


def check_number(column: str, value: object) -> None:
    """Refuse numbers that not every database stores as they are.

    Raises
    ------
    StoreError
        If it is not a finite number.

    Examples
    --------
    >>> check_number("seconds", 2.5)
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(float(value)):
        what = f"{column}={value!r} is not a finite number"
        raise StoreError(Problem(what=what, parameter=column, value=value, next_step="Leave it out where unknown."))


def _fault(value: object, key: bool) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return "is not text", "Give it as text."
    if "\0" in value:
        return "holds a NUL character, which a database cannot store", "Remove it."
    if not value.isascii() and not _is_encodable(value):
        return "holds half a character (a lone surrogate)", "Read the file again with the right encoding."
    if key and not value:
        return "is empty", "Give it a name."
    if key and len(value.encode()) > MAX_KEY_BYTES:
        return f"is longer than {MAX_KEY_BYTES:,} bytes", "Use a short id and keep the text in the item's data."
    return None


def _is_encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
