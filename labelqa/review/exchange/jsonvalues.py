"""Values of foreign JSON, of whatever type they turn out to be."""

from __future__ import annotations

import math
from collections.abc import Mapping


def as_map(value: object) -> Mapping[str, object]:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """Return a JSON list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def text_of(value: object) -> str:
    """Return a text or number as text, or an empty one for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def texts_of(value: object) -> tuple[str, ...]:
    """Return a text, or the texts of a list, leaving out what is neither text nor number.

    Examples
    --------
    >>> texts_of(["a", 1, None]), texts_of("a"), texts_of(None)
    (('a', '1'), ('a',), ())
    """
    values = value if isinstance(value, list) else [value]
    return tuple(t for t in map(text_of, values) if t)


def number(value: object) -> float | None:
    """Return a finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
