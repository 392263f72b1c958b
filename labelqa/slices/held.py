"""What a :class:`SliceTable` keeps of its rows: codes and errors, from which pictures and details are made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.inference.intervals import t_half_width
from labelqa.inference.proportions import wilson
from labelqa.slices.cells import Ints
from labelqa.slices.effects import Side, side
from labelqa.slices.features import FeatureTable

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Condition = tuple[int, int]  # column and level
LEVEL = 0.95
FEW = 30  # rows below which a rate is too uncertain to be looked at


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Held:
    """Coded rows with their errors: never the values of the caller.

    Attributes
    ----------
    table : FeatureTable
        Coded features (n, d); -1 where a row states nothing.
    error : float (n,)
        Errors, nan where none applies.
    groups : int64 (n,) or None
        Code of the rows that belong together.
    judged_on : bool (n,)
        Rows with an error that rates are measured on.
    shares : bool
        Whether errors are 0 or 1.
    percent : bool
        Whether errors are written as percentages: they are 0 or 1, or shares between them.
    conditions : tuple of tuple of (int, int)
        Column and level of each condition, one entry a slice.
    index : pandas.Index or None
        Names of the rows; None where features had none.
    """

    table: FeatureTable
    error: Floats
    groups: Ints | None
    judged_on: Mask
    shares: bool
    percent: bool
    conditions: tuple[tuple[Condition, ...], ...]
    index: pd.Index | None = None

    def side(self, mask: Mask) -> Side:
        """Return the errors of the rows in `mask` that rates are measured on."""
        return side(self.error, mask & self.judged_on, self.groups)

    def meets(self, condition: Condition) -> Mask:
        """Return the rows that meet a condition (n,)."""
        column, level = condition
        return np.asarray(self.table.codes[:, column] == level)

    def text(self, condition: Condition) -> str:
        """Return a condition in words."""
        return self.table.levels[condition[0]][condition[1]]


def conditions_of(table: FeatureTable, text: str, mask: Mask) -> tuple[Condition, ...]:
    """Return the conditions of a slice: those that all its rows meet and that its words spell.

    Parameters
    ----------
    table : FeatureTable
        Coded features.
    text : str
        The slice in words.
    mask : bool (n,)
        Its rows, at least one.
    """
    first = table.codes[int(np.argmax(mask))].tolist()
    spelled = [(j, v) for j, v in enumerate(first) if v >= 0 and table.levels[j][v] in text]
    met = [(j, v) for j, v in spelled if bool((table.codes[mask, j] == v).all())]
    for size in (1, 2, 3):
        for chosen in combinations(met, size):
            if " and ".join(table.levels[j][v] for j, v in chosen) == text:
                return chosen
    return ()


def rate_interval(of: Side, *, shares: bool) -> tuple[float, float]:
    """Return the 95 % interval of a mean error: Wilson for shares, else t; with as many rows as are independent."""
    if not of.size:
        return math.nan, math.nan
    if shares:
        n = np.array([of.effective])
        _, low, high = wilson(n * of.rate, n, LEVEL)
        return float(low[0]), float(high[0])
    if of.effective <= 1:
        return math.nan, math.nan
    half = t_half_width(math.sqrt(of.variance / (of.effective - 1)), LEVEL, of.effective - 1)
    return of.rate - half, of.rate + half


def measured(of: Side, *, shares: bool) -> dict[str, object]:
    """Return n, rate, low, high and whether the rows are few, one table row."""
    low, high = rate_interval(of, shares=shares)
    return {"n": of.size, "rate": of.rate, "low": low, "high": high, "few": of.size < FEW}


def all_of(masks: Sequence[Mask], n: int) -> Mask:
    """Return the rows in all `masks` (n,)."""
    out = np.ones(n, dtype=np.bool_)
    for mask in masks:
        out &= mask
    return out
