"""Which round came first: the latest one is the headline of a report, so the order must not be a guess in silence."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import natural_order
from labelqa.errors import shorten

Codes = npt.NDArray[np.int32]


def in_order(
    codes: Codes, names: pd.Index, timestamp: npt.NDArray[np.generic] | None, *, declared: bool = False
) -> tuple[Codes, pd.Index, list[str]]:
    """Renumber rounds from first to latest, leaving out those that do not occur.

    The order is the declared one (an ordered categorical); else that of the numbers in the names ("round 2" before
    "round 10"); else that of the earliest timestamp of each; else the alphabet's, with a note that it is a guess.

    Parameters
    ----------
    codes : int32 (rows,)
        Round of each row; -1 where missing.
    names : pandas.Index
        Names of the rounds.
    timestamp : datetime64[ns] (rows,) or None
        When each label was given.
    declared : bool
        Whether `names` are in order already.
    """
    present = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(names)))
    order, notes = _order(present.tolist(), names, _first_times(codes, timestamp, len(names)), declared)
    recode = np.full(len(names) + 1, -1, dtype=np.int32)  # the last entry is for -1
    recode[order] = np.arange(len(order))
    return recode[codes], names.take(np.array(order, dtype=np.intp)), notes


def _order(
    present: Sequence[int], names: pd.Index, first: npt.NDArray[np.datetime64] | None, declared: bool
) -> tuple[list[int], list[str]]:
    if declared or len(present) < 2:
        return list(present), []
    position = {names[i]: i for i in present}
    by_name = [position[name] for name in natural_order(position)]
    if len({re.sub(r"\d+", "#", str(names[i])) for i in present}) == 1:  # they differ in their numbers only
        return by_name, []
    if first is not None and not np.isnat(first[list(present)]).any():
        by_time = sorted(present, key=lambda i: (first[i], by_name.index(i)))
        return by_time, [f"rounds are in the order of their first timestamp: {shorten(names[i] for i in by_time)}"]
    guess = shorten(names[i] for i in by_name)
    return by_name, [f"the order of the rounds was guessed from their names: {guess}; number them if this is not it"]


def _first_times(codes: Codes, timestamp: npt.NDArray[np.generic] | None, n: int) -> npt.NDArray[np.datetime64] | None:
    if timestamp is None:
        return None
    first = np.full(n, np.datetime64("NaT", "ns"))
    for i in range(n):
        times = timestamp[codes == i]
        known = times[~np.isnat(times)]
        if known.size:
            first[i] = known.min()
    return first
