"""Every error a caller can meet, with the facts of its message as attributes.

One message says what was wrong, where (file and row, or parameter), the value, what is allowed and the next step.
All problems of one input are reported together: an error holds one or more :class:`Problem` objects.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real

from labelqa.text import visible

MAX_SHOWN = 8  # problems, or allowed values, that one message spells out


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with an input.

    Attributes
    ----------
    what : str
        What was wrong, without the place.
    file : str or None
        Name of the file, where one was read.
    row : int or None
        Row as a spreadsheet counts it (the header is row 1), or None.
    parameter : str or None
        The parameter or column concerned.
    value : object
        The offending value, or None.
    allowed : tuple of str
        What would have been accepted.
    next_step : str
        What to do about it.
    """

    what: str
    file: str | None = None
    row: int | None = None
    parameter: str | None = None
    value: object = None
    allowed: tuple[str, ...] = ()
    next_step: str = ""

    def __str__(self) -> str:
        """Return the message: place, what, allowed values, nearest spelling, next step; safe for a terminal."""
        parts = [f"{self._place()}{self.what}"]
        if self.allowed:
            parts.append(f"(allowed: {shorten(self.allowed)}{did_you_mean(self.value, self.allowed)})")
        message = " ".join(parts)
        return visible(f"{message}. {self.next_step}" if self.next_step else message)

    def _place(self) -> str:
        if self.file is None:
            return ""
        return f"{self.file}: " if self.row is None else f"{self.file} row {self.row}: "


class LabelqaError(Exception):
    """Base of every error that labelqa raises on purpose.

    Parameters
    ----------
    problems : Problem or sequence of Problem
        What was wrong; the message lists all of them.
    """

    def __init__(self, problems: Problem | Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(_listed(self.problems)))

    @property
    def problem(self) -> Problem:
        """The first problem: the only one in most cases."""
        return self.problems[0]

    def __reduce__(self) -> tuple[type[LabelqaError], tuple[tuple[Problem, ...]]]:
        """Rebuild from the problems, so that errors survive worker processes."""
        return type(self), (self.problems,)


class ParameterError(LabelqaError, ValueError):
    """A parameter has a value that is not allowed."""


class FileFormatError(LabelqaError, ValueError):
    """A file cannot be read as what it should hold: empty, binary, ragged, or of a kind that is not known."""


class ColumnError(LabelqaError, ValueError):
    """The columns that hold item, annotator and label are missing or cannot be told apart."""


class LabelError(LabelqaError, ValueError):
    """A label is not one of the declared classes, or is not of the declared level."""


class DuplicateError(LabelqaError, ValueError):
    """One annotator labeled one item more than once in one round."""


class RoundsError(LabelqaError, ValueError):
    """A measure was asked of data that holds more than one round."""


class EngineError(LabelqaError, RuntimeError):
    """The engine that holds the labels failed; its own error is the cause."""


class StoreError(LabelqaError, RuntimeError):
    """A project database cannot be opened, read or written, or refuses what it was given."""


class ConflictError(LabelqaError, RuntimeError):
    """Somebody else changed meanwhile what was to be changed; nothing was overwritten."""


class NotAllowedError(LabelqaError, PermissionError):
    """The role of the actor does not include this action."""


class MissingExtraError(LabelqaError, ImportError):
    """An optional dependency is not installed."""


def shorten(values: Iterable[object], limit: int = MAX_SHOWN) -> str:
    """Join `values` with commas, naming at most `limit` of them and counting the rest."""
    texts = [str(v) for v in values]
    more = len(texts) - limit
    return ", ".join(texts[:limit]) + (f" and {more} more" if more > 0 else "")


def did_you_mean(value: object, allowed: Iterable[object]) -> str:
    """Return ``; did you mean 'x'?`` for the allowed value spelled most like `value`, or an empty string."""
    by_lower = {str(a).casefold(): str(a) for a in allowed}
    if str(value) in by_lower.values():
        return ""
    near = difflib.get_close_matches(str(value).casefold(), list(by_lower), n=1, cutoff=0.6)
    return f"; did you mean '{by_lower[near[0]]}'?" if near else ""


def check_choice(parameter: str, value: object, allowed: Sequence[str]) -> None:
    """Raise :class:`ParameterError` unless `value` is one of `allowed`."""
    if value not in allowed:
        raise ParameterError(
            Problem(
                what=f"{parameter}={value!r} is not known",
                parameter=parameter,
                value=value,
                allowed=tuple(allowed),
            )
        )


def is_between(value: object, low: float, high: float) -> bool:
    """Whether `value` is a number (not a truth value) above `low` and below `high`."""
    return not isinstance(value, bool) and isinstance(value, Real) and low < float(value) < high


def check_between(parameter: str, value: object, low: float, high: float, *, what: str, example: str) -> None:
    """Raise :class:`ParameterError` unless `value` is a number above `low` and below `high`.

    Parameters
    ----------
    parameter : str
        Name of the parameter.
    value : object
        What was given.
    low, high : float
        Limits, themselves not allowed; :func:`math.nextafter` of a limit allows it.
    what : str
        What the value is not, for example "a share".
    example : str
        A usual value.
    """
    if not is_between(value, low, high):
        raise ParameterError(
            Problem(
                what=f"{parameter}={value!r} is not {what}",
                parameter=parameter,
                value=value,
                allowed=(f"a number between {low:g} and {high:g}, for example {example}",),
            )
        )


def is_whole(value: object, low: int) -> bool:
    """Whether `value` is a whole number (not a truth value) from `low` on."""
    return not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= low


def check_whole(parameter: str, value: object, low: int, *, what: str, usual: str) -> None:
    """Raise :class:`ParameterError` unless `value` is a whole number from `low` on.

    Parameters
    ----------
    parameter : str
        Name of the parameter.
    value : object
        What was given.
    low : int
        Least value that is allowed.
    what : str
        What is wrong with other values, for example "is not a number of labels".
    usual : str
        A usual value.
    """
    if not is_whole(value, low):
        raise ParameterError(
            Problem(
                what=f"{parameter}={value!r} {what}",
                parameter=parameter,
                value=value,
                allowed=(f"a whole number from {low:,} on; {usual} is usual",),
            )
        )


def check_kind(parameter: str, value: object, kind: type, *, allowed: str, next_step: str) -> None:
    """Raise :class:`ParameterError` unless `value` is of `kind`, which `allowed` and `next_step` put in words."""
    if not isinstance(value, kind):
        raise ParameterError(
            Problem(
                what=f"{parameter} is a {type(value).__name__}, not {allowed}",
                parameter=parameter,
                value=type(value).__name__,
                next_step=next_step,
            )
        )


def _listed(problems: Sequence[Problem]) -> list[str]:
    lines = [str(p) for p in problems[:MAX_SHOWN]]
    more = len(problems) - MAX_SHOWN
    return [*lines, f"... and {more} more problems of this input"] if more > 0 else lines
