"""The classes of a labeling task: their names, order and level of measurement."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from labelqa.errors import LabelError, ParameterError, Problem, check_choice

LEVELS = ("nominal", "ordinal", "interval", "ratio")
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?")  # "007" is an id and "1e5" a code: neither is a number here
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSchema:
    """Classes and level of measurement.

    Attributes
    ----------
    classes : tuple, length k
        Class names in their order; the order is the scale of ordinal labels.
    level : {"nominal", "ordinal", "interval", "ratio"}
        Level of measurement (Stevens 1946).
    order_is_guessed : bool
        True where the order of the classes was not given by the user.

    Examples
    --------
    >>> LabelSchema(classes=("low", "high"), level="ordinal").k
    2
    """

    classes: tuple[Hashable, ...]
    level: str = "nominal"
    order_is_guessed: bool = False
    _position: dict[tuple[str, object], int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        check_choice("level", self.level, LEVELS)
        object.__setattr__(self, "classes", _as_tuple(self.classes))
        if len(set(self.classes)) != len(self.classes):
            twice = sorted({str(c) for c in self.classes if self.classes.count(c) > 1})
            raise ParameterError(
                Problem(
                    what=f"classes names a class twice: {', '.join(twice)}",
                    parameter="classes",
                    value=twice[0],
                    next_step="Name each class once.",
                )
            )
        if self.level in ("interval", "ratio"):
            self._check_numeric()
        for i, c in reversed(list(enumerate(self.classes))):
            self._position["spelled", str(c)] = i
            self._position[_kind(c), c] = i

    @property
    def k(self) -> int:
        """Number of classes."""
        return len(self.classes)

    @property
    def names(self) -> tuple[str, ...]:
        """Class names as text, in order."""
        return tuple(str(c) for c in self.classes)

    @property
    def is_numeric(self) -> bool:
        """Whether every class is a number (or a text that spells one)."""
        return all(as_real(c) is not None for c in self.classes)

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """Numbers the classes stand for, shape (k,): their own value where all are numbers, else 1..k in order."""
        reals = [as_real(c) for c in self.classes]
        if any(v is None for v in reals):
            return np.arange(1, self.k + 1, dtype=np.float64)
        return np.array(reals, dtype=np.float64)

    def index_of(self, value: object) -> int | None:
        """Return the position of the class equal to `value`, or spelled like it; None if there is none."""
        equal = self._position.get((_kind(value), value))
        return self._position.get(("spelled", str(value))) if equal is None else equal

    def codes_in(self, other: LabelSchema) -> npt.NDArray[np.int32]:
        """Return the position of every class in `other`, int32 (k,), -1 for classes it does not have."""
        found = (other.index_of(c) for c in self.classes)
        return np.array([-1 if position is None else position for position in found], dtype=np.int32)

    def _check_numeric(self) -> None:
        bad = [c for c in self.classes if as_real(c) is None]
        if bad:
            raise LabelError(
                Problem(
                    what=f"level='{self.level}' needs numbers, but {len(bad)} of {self.k} classes are not: "
                    + ", ".join(repr(str(c)) for c in bad[:5]),
                    parameter="level",
                    value=bad[0],
                    allowed=("nominal", "ordinal"),
                    next_step="Choose a level that fits text labels, or set those labels aside first.",
                )
            )


def _kind(value: object) -> str:
    """Tell True from 1, which Python calls equal."""
    return "bool" if isinstance(value, bool | np.bool_) else "other"


def as_real(value: object) -> float | None:
    """Return `value` as a float if it is a number or a text that plainly spells one, else None."""
    if isinstance(value, Real | np.bool_):
        try:
            real = float(value)
        except OverflowError:  # a whole number beyond all fractions
            return None
        return real if np.isfinite(real) else None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value.strip())
    return None


def natural_key(value: object) -> tuple[Any, ...]:
    """Sort key under which "round 2" comes before "round 10" and numbers come in numeric order before text."""
    real = as_real(value)
    if real is not None:
        return (0, real, str(value))
    pieces = _DIGITS.split(str(value))
    return (1, [(0, int(p), "") if p.isdecimal() else (1, 0, p.casefold()) for p in pieces], str(value))


def natural_order(values: Iterable[Hashable]) -> list[Hashable]:
    """Sort `values` by :func:`natural_key`."""
    return sorted(values, key=natural_key)


def declared_classes(classes: Sequence[Hashable]) -> tuple[Hashable, ...]:
    """Check the user's `classes=` and return it as a tuple.

    Raises
    ------
    ParameterError
        If it is a single string (its letters would become classes) or empty.
    """
    out = _as_tuple(classes)
    if not out:
        raise ParameterError(
            Problem(what="classes is empty", parameter="classes", value=(), next_step="Leave it out to use all labels.")
        )
    return out


def _as_tuple(classes: Sequence[Hashable]) -> tuple[Hashable, ...]:
    if isinstance(classes, str):
        raise ParameterError(
            Problem(
                what=f"classes={classes!r} is one text, not a list of classes",
                parameter="classes",
                value=classes,
                next_step=f"Write classes={[c.strip() for c in classes.split(',')]!r}.",
            )
        )
    return tuple(c.item() if isinstance(c, np.generic) else c for c in classes)
