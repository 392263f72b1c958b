"""How the items of a round were chosen: the stratum of each and its probability of being chosen."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping

import pandas as pd

from labelqa.errors import ParameterError, Problem, shorten
from labelqa.review.sampling import STRATA

COLUMNS = ("item", "stratum", "probability")
Strata = Mapping[Hashable, tuple[str, float | None]] | pd.DataFrame
Chosen = dict[str, tuple[str, float]]


def checked_strata(strata: Strata, parameter: str) -> Chosen:
    """Return item -> (stratum, probability) in the order given; a missing probability is 1: as likely as the others.

    Raises
    ------
    ParameterError
        If there are no such columns, a stratum is not known, or a probability is not above 0 and at most 1.

    Examples
    --------
    >>> checked_strata({"i1": ("paired", 0.5), "i2": ("fresh", None)}, "strata")
    {'i1': ('paired', 0.5), 'i2': ('fresh', 1.0)}
    """
    out: Chosen = {}
    problems: list[Problem] = []
    for item, stratum, probability in _rows(strata, parameter):
        number = _number(probability)
        if stratum not in STRATA:
            problems.append(_problem(parameter, f"item {item!r} is of stratum {stratum!r}", stratum, STRATA))
        elif not 0 < number <= 1:
            allowed = ("a number above 0 and at most 1",)
            problems.append(
                _problem(parameter, f"item {item!r} was chosen with probability {probability!r}", probability, allowed)
            )
        out[str(item)] = (str(stratum), number)
    if problems:
        raise ParameterError(problems)
    return out


def check_all_listed(items: Iterable[object], chosen: Chosen) -> None:
    """Raise :class:`ParameterError` if labels are of items that nobody chose."""
    missing = [str(item) for item in items if str(item) not in chosen]
    if missing:
        raise ParameterError(
            Problem(
                what=f"strata lacks {len(missing):,} items of the later round: {shorten(missing, 5)}",
                parameter="strata",
                value=missing[0],
                next_step="Give each its stratum and probability, or leave its labels out.",
            )
        )


def _rows(strata: object, parameter: str) -> Iterable[tuple[object, object, object]]:
    if isinstance(strata, Mapping):
        for item, value in strata.items():
            if not isinstance(value, tuple | list) or len(value) != 2:
                allowed = ("(stratum, probability)",)
                raise ParameterError(_problem(parameter, f"item {item!r} has {value!r}", value, allowed))
        return [(item, value[0], value[1]) for item, value in strata.items()]
    if not isinstance(strata, pd.DataFrame) or not set(COLUMNS) <= set(strata.columns):
        what = f"{parameter} is a {type(strata).__name__} that does not say how items were chosen"
        kinds = ("a mapping of item to (stratum, probability)", f"a frame with columns {', '.join(COLUMNS)}")
        raise ParameterError(_problem(parameter, what, type(strata).__name__, kinds))
    return zip(*(strata[name].tolist() for name in COLUMNS), strict=True)


def _number(value: object) -> float:
    if value is None:
        return 1.0
    try:
        number = float(value)  # type: ignore[arg-type]  # what is no number is caught
    except (TypeError, ValueError):
        return -1.0
    return 1.0 if math.isnan(number) else number


def _problem(parameter: str, what: str, value: object, allowed: tuple[str, ...]) -> Problem:
    return Problem(what=what, parameter=parameter, value=value, allowed=allowed)
