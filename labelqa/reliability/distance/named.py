"""The distances that have a name, the kind of values each compares, and how a caller's own function is checked."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from labelqa.errors import ParameterError, Problem
from labelqa.reliability.distance.geometry import box_distance, span_distance
from labelqa.reliability.distance.inputs import shown
from labelqa.reliability.distance.orders import ranking_distance
from labelqa.reliability.distance.sets import SetDistance
from labelqa.reliability.distance.text import edit_distance
from labelqa.text import shortened

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]
Distance = Callable[[Any, Any], float]
CHECKED = 200  # pairs and values on which a caller's distance is tried before it is used
ROUNDING = 1e-9

KIND_OF = {
    "nominal": "values",
    "jaccard": "sets",
    "masi": "sets",
    "interval": "numbers",
    "ratio": "numbers",
    "edit": "text",
    "spans": "spans",
    "boxes": "boxes",
    "rankings": "rankings",
}
_FUNCTIONS: dict[str, Distance] = {
    "edit": edit_distance,
    "spans": span_distance,
    "boxes": box_distance,
    "rankings": ranking_distance,
}


class PairDistance(Protocol):
    """Distances between the distinct values of a data set."""

    def between(self, left: Positions, right: Positions) -> Floats:
        """Return the distance of each pair of values, elementwise."""


class CalledDistance:
    """Distance by a Python function of two values.

    Parameters
    ----------
    values : sequence, length k
        The distinct values.
    function : callable
        ``(a, b) -> [0, 1]``.
    name : str
        What messages call it.
    """

    def __init__(self, values: Sequence[Hashable], function: Distance, name: str) -> None:
        self._values, self._function, self._name = values, function, name

    def between(self, left: Positions, right: Positions) -> Floats:
        """Return the distance of each pair of values, elementwise."""
        found = np.empty(left.size)
        for at, (i, j) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            found[at] = self._one(i, j)
        return found

    def check(self) -> None:
        """Raise :class:`ParameterError` unless the function is 0 on equal values and the same in both directions."""
        k = len(self._values)
        for i in range(min(k, CHECKED)):
            if abs(distance := self._one(i, i)) > ROUNDING:
                raise self._problem(i, i, distance, "but the values are equal")
        pairs = itertools.combinations(range(min(k, CHECKED)), 2)
        for i, j in itertools.islice(pairs, CHECKED):
            there, back = self._one(i, j), self._one(j, i)
            if abs(there - back) > ROUNDING:
                raise self._problem(i, j, there, f"but {back:g} the other way round")

    def _one(self, i: int, j: int) -> float:
        found = self._function(self._values[i], self._values[j])
        try:
            distance = float(found)
        except (TypeError, ValueError):
            raise self._problem(i, j, found, "which is not a number") from None
        if not -ROUNDING <= distance <= 1 + ROUNDING:  # nan too
            raise self._problem(i, j, distance, "which is not between 0 and 1")
        return min(max(distance, 0.0), 1.0)

    def _problem(self, i: int, j: int, found: object, fault: str) -> ParameterError:
        pair = ", ".join(shown(self._values[at]) for at in (i, j))
        return ParameterError(
            Problem(
                what=f"{self._name}({pair}) is {shortened(repr(found), 40)}, {fault}",
                parameter="distance",
                value=found,
                allowed=("a number from 0 to 1, the same in both directions, 0 for equal values",),
                next_step="Divide by the largest possible distance, or take the mean of both directions.",
            )
        )


class RatioDistance:
    """``((a - b) / (a + b))^2``, Krippendorff's metric for numbers with a true zero."""

    def __init__(self, values: Sequence[Hashable]) -> None:
        self._x = np.array(values, dtype=np.float64)
        if self._x.min(initial=0) < 0:
            raise ParameterError(
                Problem(
                    what=f"the ratio distance needs numbers of 0 or more, but {self._x.min():g} occurs",
                    parameter="distance",
                    value="ratio",
                    allowed=("interval",),
                )
            )

    def between(self, left: Positions, right: Positions) -> Floats:
        """Return the distance of each pair of values, elementwise."""
        a, b = self._x[left], self._x[right]
        total = a + b
        return np.asarray(((a - b) / np.where(total > 0, total, 1)) ** 2)


def pair_distance(distance: str | Distance, values: Sequence[Hashable]) -> PairDistance:
    """Return the distances between distinct `values` (k) under a name or a function, the function checked.

    Raises
    ------
    ParameterError
        If a function is not a distance in [0, 1].
    """
    if distance in ("jaccard", "masi"):
        return SetDistance(values, monotonic=distance == "masi")
    if distance == "ratio":
        return RatioDistance(values)
    if isinstance(distance, str):
        return CalledDistance(values, _FUNCTIONS[distance], distance)
    own = CalledDistance(values, distance, name_of(distance))
    own.check()
    return own


def name_of(distance: str | Distance) -> str:
    """Return the name of a distance: its own, that of the function, or ``custom`` for a lambda."""
    if isinstance(distance, str):
        return distance
    inner = distance.func if isinstance(distance, partial) else distance
    name = str(getattr(inner, "__name__", type(inner).__name__))
    return "custom" if name == "<lambda>" else name
