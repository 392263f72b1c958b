"""What should hold for a table of annotations, as a user declares it."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from labelqa.errors import ParameterError, Problem, is_whole, shorten

EXAMPLE = '{"classes": ["yes", "no"], "labels_per_item": 3, "time_range": ["2024-01-01", "2024-06-30"]}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What should hold; None (or nothing) where anything may be.

    Attributes
    ----------
    classes : tuple or None
        Classes that may occur.
    annotators : tuple or None
        Annotators that may occur, each with at least one label.
    labels_per_item : (int, int) or None
        Fewest and most labels an item of one round may have; one whole number is both.
    columns : tuple of str
        Item columns that must be there and filled, for example the text.
    time_range : (Timestamp or None, Timestamp or None)
        Earliest and latest time a label may have; a latest day counts whole.

    Examples
    --------
    >>> expectation_of({"labels_per_item": 3, "columns": ["text"]}).labels_per_item
    (3, 3)
    """

    classes: tuple[Hashable, ...] | None = None
    annotators: tuple[Hashable, ...] | None = None
    labels_per_item: tuple[int, int] | None = None
    columns: tuple[str, ...] = ()
    time_range: tuple[pd.Timestamp | None, pd.Timestamp | None] = (None, None)


NAMES = tuple(f.name for f in fields(Expectation))


def expectation_of(expect: object) -> Expectation:
    """Return what `expect` declares: an :class:`Expectation`, a mapping with its fields, or a JSON file of one.

    Raises
    ------
    ParameterError
        If it is none of these, or a field is not known or has a value it cannot have; all problems together.
    """
    if expect is None or isinstance(expect, Expectation):
        return expect or Expectation()
    given = _from_file(expect) if isinstance(expect, str | os.PathLike) else expect
    if not isinstance(given, Mapping):
        raise ParameterError(_wrong("expect", type(given).__name__, "what should hold", f"for example {EXAMPLE}"))
    problems = [_unknown(name) for name in given if name not in NAMES]
    values: dict[str, object] = {}
    for name, value in given.items():
        if name in NAMES and value is not None:
            try:
                values[name] = READ[name](name, value)
            except ParameterError as error:
                problems += error.problems
    if problems:
        raise ParameterError(problems)
    return Expectation(**values)  # type: ignore[arg-type]  # each field was read by its own function


def _from_file(path: str | os.PathLike[str]) -> object:
    try:
        found: object = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ParameterError(_in_file(path, f"cannot read what should hold: {why}")) from error
    except (ValueError, RecursionError) as error:
        raise ParameterError(_in_file(path, "what should hold is not JSON")) from error
    return found


def _in_file(path: str | os.PathLike[str], what: str) -> Problem:
    next_step = f"Write a file that holds for example {EXAMPLE}."
    return Problem(what=what, file=Path(path).name, parameter="expect", next_step=next_step)


def _wrong(name: str, value: object, what: str, allowed: str) -> Problem:
    return Problem(what=f"{name}={value!r} is not {what}", parameter=name, value=value, allowed=(allowed,))


def _unknown(name: object) -> Problem:
    return Problem(what=f"expect names {name!r}", parameter="expect", value=name, allowed=NAMES)


def _names(name: str, value: object) -> tuple[Hashable, ...]:
    listed = list(value) if isinstance(value, list | tuple | set | frozenset | pd.Index) else []
    if not listed or not all(isinstance(v, Hashable) for v in listed):
        raise ParameterError(_wrong(name, value, "a list of names", 'for example ["yes", "no"]'))
    twice = [v for v in dict.fromkeys(listed) if listed.count(v) > 1]
    if twice:
        raise ParameterError(
            Problem(what=f"{name} names {shorten(map(repr, twice))} twice", parameter=name, value=twice[0])
        )
    return tuple(listed)


def _columns(name: str, value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in _names(name, value))


def _limits(name: str, value: object) -> tuple[int, int]:
    ends: list[Any] = list(value) if isinstance(value, list | tuple) else [value, value]
    if len(ends) != 2 or not all(is_whole(v, 1) for v in ends) or ends[0] > ends[1]:
        raise ParameterError(_wrong(name, value, "a number of labels", "a whole number from 1 on, or [fewest, most]"))
    return int(ends[0]), int(ends[1])


def _times(name: str, value: object) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ParameterError(_wrong(name, value, "a pair of times", '["2024-01-01", "2024-06-30"]; null is open'))
    first, last = _time(name, value[0]), _time(name, value[1])
    if last is not None and last == last.normalize() and len(str(value[1])) <= len("2024-06-30"):
        last = last + pd.Timedelta(days=1) - pd.Timedelta(1, unit="ns")
    if first is not None and last is not None and first > last:
        raise ParameterError(_wrong(name, value, "a pair of times", "the earlier one first"))
    return first, last


def _time(name: str, value: object) -> pd.Timestamp | None:
    if value is None:
        return None
    refused = ParameterError(_wrong(name, value, "a time", "for example 2024-06-30 or 2024-06-30T17:00Z"))
    if not isinstance(value, str | dt.date | np.datetime64):
        raise refused
    try:
        found = pd.Timestamp(value)
    except (ValueError, OverflowError):
        raise refused from None
    if pd.isna(found):
        raise refused
    return found.tz_convert(None) if found.tzinfo is not None else found


READ: dict[str, Callable[[str, object], object]] = {
    "classes": _names, "annotators": _names, "labels_per_item": _limits, "columns": _columns, "time_range": _times,
}  # fmt: skip
