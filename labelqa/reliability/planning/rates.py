"""What one assumes about labels that do not exist yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.errors import ParameterError, Problem, is_between

Shares = tuple[float, ...]
SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumedRates:
    """Assumptions that stand in for a pilot.

    Attributes
    ----------
    agreement : float
        Value of the planned coefficient.
    class_shares : tuple of float (k,), or one such tuple an annotator
        How often each class is used; shares that differ between annotators are for ``cohen_kappa`` of two.
    n_annotators : int
        Labels that each item gets.
    correlation : float
        Between an item's contributions to two rounds on the same items; 0, the default, promises no gain from pairing.

    Raises
    ------
    ParameterError
        If shares do not sum to 1 or a number is out of range.

    Examples
    --------
    >>> AssumedRates(agreement=0.8, class_shares=(0.7, 0.3)).n_annotators
    2
    """

    agreement: float
    class_shares: Shares | tuple[Shares, ...]
    n_annotators: int = 2
    correlation: float = 0.0

    def __post_init__(self) -> None:
        _check_number("agreement", self.agreement, -1, 1, "a number above -1, at most 1, for example 0.8")
        _check_number("correlation", self.correlation, math.nextafter(0, -1), 1 - 1e-9, "a number from 0 to below 1")
        _check_number("n_annotators", self.n_annotators, 1, 1e6, "a whole number from 2 on")
        if self.n_annotators != int(self.n_annotators):
            raise _refused("n_annotators", self.n_annotators, "a whole number from 2 on")
        rows = _rows(self.class_shares)
        if len(rows) not in (1, self.n_annotators) or len({len(row) for row in rows}) != 1:
            raise _refused("class_shares", self.class_shares, "one share a class, or as many such lists as annotators")
        for row in rows:
            _check_shares(row)
        object.__setattr__(self, "class_shares", rows[0] if len(rows) == 1 else tuple(rows))

    @property
    def by_annotator(self) -> tuple[Shares, ...]:
        """Class shares of each annotator, (m, k)."""
        rows = _rows(self.class_shares)
        return tuple(rows * self.n_annotators if len(rows) == 1 else rows)

    @property
    def common_shares(self) -> Shares | None:
        """Class shares where all annotators have the same, else None."""
        rows = set(self.by_annotator)
        return rows.pop() if len(rows) == 1 else None


def _rows(shares: object) -> list[Shares]:
    shares = shares.tolist() if isinstance(shares, np.ndarray | pd.Series) else shares
    if isinstance(shares, str) or not isinstance(shares, Sequence) or not shares:
        raise _refused("class_shares", shares, "one share a class, for example (0.7, 0.3)")
    nested = [isinstance(s, Sequence) and not isinstance(s, str) for s in shares]
    try:
        rows = shares if all(nested) else [shares]
        return [tuple(float(s) for s in row) for row in rows]
    except (TypeError, ValueError):
        raise _refused("class_shares", shares, "numbers, for example (0.7, 0.3)") from None


def _check_shares(row: Shares) -> None:
    if not all(0 <= s <= 1 for s in row) or abs(sum(row) - 1) > SUM_TOLERANCE:
        raise _refused("class_shares", row, f"shares from 0 to 1 that sum to 1 (these sum to {sum(row):g})")
    if sum(s > 0 for s in row) < 2:
        raise _refused("class_shares", row, "at least two classes that are used")


def _check_number(name: str, value: object, low: float, high: float, allowed: str) -> None:
    if not is_between(value, low, math.nextafter(high, math.inf)):
        raise _refused(name, value, allowed)


def _refused(name: str, value: object, allowed: str) -> ParameterError:
    what = f"{name}={value!r} cannot be assumed"
    return ParameterError(Problem(what=what, parameter=name, value=value, allowed=(allowed,)))


def numbered_classes(k: int) -> LabelSchema:
    """Return the classes 1 to k: assumed rates have no names."""
    return LabelSchema(classes=tuple(range(1, k + 1)))
