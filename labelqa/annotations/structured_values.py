"""One annotation that is more than a class code, checked and brought to one form per kind.

Equal answers get equal forms (a span list in any order, a ranking as a list or as ranks), so that distinct values can
be coded once and compared once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from numbers import Real

import numpy as np
import pandas as pd

from labelqa.annotations.schema import as_real, natural_key
from labelqa.errors import shorten

KINDS = ("sets", "spans", "boxes", "rankings", "text", "numbers", "values")
ALLOWED = {
    "sets": "a set, list or tuple of labels; empty is an answer too",
    "spans": "a list of (start, end, label) or {'start', 'end', 'label'}, whole numbers, start < end, end not included",
    "boxes": "a list of (x1, y1, x2, y2, label) or {'x1', 'y1', 'x2', 'y2', 'label'}, corners, x1 < x2, y1 < y2",
    "rankings": "a list of objects, best first, tied ones in a tuple, or {object: rank} with 1 the best",
    "text": "a text",
    "numbers": "a finite number",
    "values": "a value that can be a dictionary key",
}


def is_missing(value: object) -> bool:
    """Return whether `value` stands for no annotation: None, nan, NA, NaT or an empty text, never an empty list."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, float | np.floating) and math.isnan(value)


def normalised(value: object, kind: str) -> Hashable:
    """Return the one form of `value` for its `kind`.

    Parameters
    ----------
    value : object
        As :data:`ALLOWED` says.
    kind : str
        One of :data:`KINDS`.

    Raises
    ------
    ValueError
        If the value is not of that kind; the message says why, without the place.

    Examples
    --------
    >>> normalised([(7, 9, "LOC"), {"start": 0, "end": 5, "label": "PER"}], "spans")
    ((0, 5, 'PER'), (7, 9, 'LOC'))
    >>> normalised({"tea": 1, "milk": 2, "water": 2}, "rankings")
    ('tea', ('milk', 'water'))
    """
    return _FORMS[kind](value)


def tiers(ranking: Iterable[Hashable]) -> list[tuple[Hashable, ...]]:
    """Return a ranking in its one form as a list of groups of tied objects, best first."""
    return [entry if isinstance(entry, tuple) else (entry,) for entry in ranking]


def _entries(value: object) -> list[object]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        is_json = isinstance(value, str) and value.lstrip()[:1] in ("[", "{")
        advice = " (parse it first, with json.loads)" if is_json else ""
        raise ValueError(f"{_shown(value)} is of type {type(value).__name__}, not a list{advice}")
    return list(value)


def _label(value: object) -> Hashable:
    """Return a label, as Python's own type."""
    plain = value.item() if isinstance(value, np.generic) else value
    if not isinstance(plain, Hashable):
        raise ValueError(f"{_shown(value)} cannot be compared as a whole")
    try:
        hash(plain)
    except TypeError:
        raise ValueError(f"{_shown(value)} cannot be compared as a whole") from None
    return plain


def _set(value: object) -> Hashable:
    entries = _entries(value)
    if any(is_missing(e) for e in entries):
        raise ValueError(f"{_shown(value)} holds an empty label")
    return frozenset(_label(e) for e in entries)


def _fields(entry: object, names: Sequence[str]) -> tuple[list[float], Hashable]:
    """Return the numbers `names` of a span or box and its label (None where it has none)."""
    if isinstance(entry, Mapping):
        missing = [n for n in names if n not in entry]
        if missing:
            raise ValueError(f"{_shown(entry)} has no {' and no '.join(missing)}")
        if "label" not in entry and len(entry) > len(names):  # "labels", "category" ...: never dropped in silence
            others = shorten([repr(key) for key in entry if key not in names], 5)
            raise ValueError(f"{_shown(entry)} has no 'label', only {others}; write 'label': None where there is none")
        parts = [*(entry[n] for n in names), entry.get("label")]
    elif isinstance(entry, str | bytes) or not isinstance(entry, Iterable):
        raise ValueError(f"{_shown(entry)}, an entry of the list, is not ({', '.join(names)}, label)")
    else:
        parts = list(entry)
    if len(parts) not in (len(names), len(names) + 1):
        raise ValueError(f"{_shown(entry)} has {len(parts)} parts")
    numbers = [_number(p) for p in parts[: len(names)]]
    label = parts[len(names)] if len(parts) > len(names) else None
    return numbers, None if is_missing(label) else _label(label)


def _spans(value: object) -> Hashable:
    found = set()
    for entry in _entries(value):
        (start, end), label = _fields(entry, ("start", "end"))
        if start != int(start) or end != int(end) or not 0 <= start < end:
            raise ValueError(f"{_shown(entry)} does not run from a whole number to a larger one")
        found.add((int(start), int(end), label))
    return tuple(sorted(found, key=_place))


def _boxes(value: object) -> Hashable:
    found = []
    for entry in _entries(value):
        (x1, y1, x2, y2), label = _fields(entry, ("x1", "y1", "x2", "y2"))
        if not (x1 < x2 and y1 < y2):
            raise ValueError(f"{_shown(entry)} has no area: its second corner is not below and right of its first")
        found.append((x1, y1, x2, y2, label))
    return tuple(sorted(found, key=_place))


def _place(entry: tuple[Hashable, ...]) -> tuple[object, ...]:
    return (*entry[:-1], natural_key(entry[-1]))


def _ranking(value: object) -> Hashable:
    groups = _groups_of_ranks(value) if isinstance(value, Mapping) else _groups_in_order(value)
    objects = [o for group in groups for o in group]
    if not objects:
        raise ValueError("a ranking without objects")
    if len(set(objects)) < len(objects):
        twice = next(o for o in objects if objects.count(o) > 1)
        raise ValueError(f"{_shown(value)} ranks {twice!r} twice")
    ordered = [tuple(sorted(group, key=natural_key)) for group in groups]
    return tuple(group if len(group) > 1 else group[0] for group in ordered)


def _groups_of_ranks(ranks: Mapping[object, object]) -> list[list[Hashable]]:
    by_rank: dict[float, list[Hashable]] = {}
    for thing, rank in ranks.items():
        if not is_missing(rank):  # not ranked
            by_rank.setdefault(_number(rank), []).append(_object(thing))
    return [by_rank[rank] for rank in sorted(by_rank)]


def _groups_in_order(value: object) -> list[list[Hashable]]:
    tied = (list, tuple, set, frozenset, np.ndarray)
    groups = [[_object(o) for o in e] if isinstance(e, tied) else [_object(e)] for e in _entries(value)]
    return [group for group in groups if group]


def _object(value: object) -> Hashable:
    if is_missing(value) or isinstance(value, tuple):
        raise ValueError(f"{_shown(value)} cannot be an object of a ranking")
    return _label(value)


def _text(value: object) -> Hashable:
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is of type {type(value).__name__}, not a text")
    return value


def _number(value: object) -> float:
    number = as_real(value) if isinstance(value, Real | str | np.generic) else None
    if number is None:
        raise ValueError(f"{_shown(value)} is not a finite number")
    return number


def _shown(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


_FORMS: dict[str, Callable[[object], Hashable]] = {
    "sets": _set,
    "spans": _spans,
    "boxes": _boxes,
    "rankings": _ranking,
    "text": _text,
    "numbers": _number,
    "values": _label,
}
