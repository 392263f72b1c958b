"""From one column of numbers, dates or categories to coded levels with a readable text each."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.text import counted, shortened

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
BINS = 5  # of a column of numbers
FEW_NUMBERS = 12  # distinct whole numbers up to which each is a level
MANY_NUMBERS, MOSTLY_FILLED = 5000, 0.8  # distinct whole numbers, and share of their range, that look like names
RARE = 0.005  # share of rows below which levels are pooled
SLACK = 0.25 / BINS  # how far, in quantiles, a limit may move to become a round number
LEVEL_TEXT = 40  # characters of a value
LONGEST_TEXT = 200  # of values that are alike up to there
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
IDENTIFIER = re.compile(r"(?:^|[\W_])(?:id|uuid|guid|key|index|rowid)$|[a-z]Id$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodedColumn:
    """One column as levels.

    Attributes
    ----------
    name : str
        Its name.
    codes : int32 (n,)
        Level of each row.
    levels : tuple of str
        Text of each level, as a condition on the row.
    absent : int
        Level that only says what a row has not, and makes no slice; -1 where there is none.
    source : int
        Position of the column of the features that it is made of.
    """

    name: str
    codes: Codes
    levels: tuple[str, ...]
    absent: int = -1
    source: int = 0


class LeftOutError(Exception):
    """A column that cannot make slices; the message is the reason."""


def category_levels(values: pd.Series, name: str, max_levels: int) -> CodedColumn:
    """Return the frequent values as levels; the rest is one level, and so is what is missing.

    Raises
    ------
    LeftOutError
        If cells are not hashable, or if nearly every row has a value of its own.
    """
    try:
        codes, found = pd.factorize(values, sort=False)
    except TypeError:
        raise LeftOutError(f"cells that cannot be compared ({_kinds(values)})") from None
    counts = np.bincount(codes[codes >= 0], minlength=len(found))
    order = sorted(range(len(found)), key=lambda i: (-int(counts[i]), str(found[i])))
    kept = [i for i in order[:max_levels] if len(found) <= FEW_NUMBERS or counts[i] >= RARE * len(values)]
    _refuse_identifier(len(found), int(counts[kept].sum()), int((codes >= 0).sum()))
    texts = [f"{name} = {text}" for text in told_apart([found[i] for i in kept], LEVEL_TEXT)]
    places = np.full(len(found) + 1, len(kept), dtype=np.int32)  # what is not kept is "another value"
    places[kept] = np.arange(len(kept), dtype=np.int32)
    places[-1] = len(kept) + 1  # code -1: missing
    return used_levels(name, places[codes], [*texts, f"{name} is another, rare value", f"{name} is missing"])


def told_apart(values: Sequence[object], limit: int) -> list[str]:
    """Return a short text of each value; those that begin alike are cut later, and numbered where that is no help.

    Examples
    --------
    >>> told_apart(["a long name 1", "a long name 2", 1, "1"], 8)
    ['a long name 1', 'a long name 2', '1', '1 (2)']
    """
    texts = [shortened(v, limit) for v in values]
    twice = {t for t, n in Counter(texts).items() if n > 1}
    texts = [shortened(v, LONGEST_TEXT) if t in twice else t for v, t in zip(values, texts, strict=True)]
    seen: Counter[str] = Counter()
    for i, text in enumerate(texts):
        seen[text] += 1
        texts[i] = f"{text} ({seen[text]})" if seen[text] > 1 else text
    return texts


def _kinds(values: pd.Series) -> str:
    return ", ".join(sorted({type(v).__name__ for v in values.head(1000)}))


def _refuse_identifier(n_values: int, n_kept: int, n_known: int) -> None:
    """Refuse many values of which none, or next to none, is frequent."""
    if n_values > FEW_NUMBERS and n_kept < 0.05 * n_known:
        raise LeftOutError(f"an identifier: {counted(n_values, 'different value')} in {counted(n_known, 'row')}")


def used_levels(name: str, codes: npt.NDArray[np.integer], texts: Sequence[str]) -> CodedColumn:
    """Return the column with those levels only that some row has.

    Raises
    ------
    LeftOutError
        If all rows have the same level.
    """
    counts = np.bincount(codes, minlength=len(texts))
    used = np.flatnonzero(counts)
    if used.size < 2:
        raise LeftOutError(f"constant: all rows are {texts[int(used[0])]!r}" if used.size else "no rows")
    places = np.zeros(len(texts), dtype=np.int32)
    places[used] = np.arange(used.size, dtype=np.int32)
    return CodedColumn(name=name, codes=places[codes], levels=tuple(texts[i] for i in used.tolist()))


def number_levels(values: pd.Series, name: str) -> CodedColumn:
    """Return numbers as fifths with round limits, few whole numbers as they are, and a level for missing.

    Raises
    ------
    LeftOutError
        If the column is constant or names the rows or something of many.
    """
    numbers = np.asarray(values.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    known = numbers[~np.isnan(numbers)]
    distinct = np.unique(known)
    _refuse_identifier_numbers(known, distinct, name)
    if distinct.size == 1 and known.size == numbers.size:
        raise LeftOutError(f"constant: all rows are '{name} = {distinct[0]:g}'")
    if distinct.size <= FEW_NUMBERS and _are_whole(distinct):
        codes = np.where(np.isnan(numbers), distinct.size, np.searchsorted(distinct, numbers))
        return used_levels(name, codes, [*(f"{name} = {v:g}" for v in distinct), f"{name} is missing"])
    limits = _round_limits(known, distinct)
    return bins(numbers, name, limits, [_number_text(v) for v in limits])


def _refuse_identifier_numbers(known: Floats, distinct: Floats, name: str) -> None:
    """Refuse whole numbers that name something: by the column's name, or because they fill their range like a count."""
    if distinct.size <= 50 or not _are_whole(distinct):
        return
    filled = distinct.size / (distinct[-1] - distinct[0] + 1)
    many = distinct.size == known.size or distinct.size >= MANY_NUMBERS
    if IDENTIFIER.search(name) or (many and filled >= MOSTLY_FILLED):
        found = counted(distinct.size, "different whole number")
        raise LeftOutError(f"an identifier: {found} in {counted(known.size, 'row')}")


def _are_whole(values: Floats) -> bool:
    return bool(np.all(np.isfinite(values)) and np.all(values == np.floor(values)))


def bins(numbers: Floats, name: str, limits: Sequence[float], texts: Sequence[str]) -> CodedColumn:
    """Return intervals ``low <= name < high`` between `limits`, whose `texts` are shown."""
    missing = np.isnan(numbers)
    codes = np.where(missing, len(limits) + 1, np.searchsorted(np.asarray(limits), numbers, side="right"))
    if not texts:
        return used_levels(name, codes, [f"{name} is known", f"{name} is missing"])
    middle = [f"{low} <= {name} < {high}" for low, high in itertools.pairwise(texts)]
    return used_levels(name, codes, [f"{name} < {texts[0]}", *middle, f"{name} >= {texts[-1]}", f"{name} is missing"])


def _round_limits(known: Floats, distinct: Floats) -> list[float]:
    """Return limits between fifths, moved to the roundest number near; a limit leaves rows on both sides."""
    finite = known[np.isfinite(known)]
    if not finite.size:
        return []
    at = np.arange(1, BINS) / BINS
    low, middle, high = (np.quantile(finite, np.clip(at + s, 0, 1)) for s in (-SLACK, 0, SLACK))
    found = {_roundest(*three) for three in zip(low.tolist(), middle.tolist(), high.tolist(), strict=True)}
    limits = sorted(v for v in found if distinct[0] < v <= distinct[-1])
    if not limits and distinct.size > 1:  # one value fills most rows: it against those above
        return [float(distinct[np.searchsorted(distinct, np.median(finite), side="right") % distinct.size or 1])]
    return limits


def _roundest(low: float, middle: float, high: float) -> float:
    """Return the number with fewest digits from `low` to `high` that is nearest to `middle`."""
    if low == high:
        return middle
    for digits in range(1, 15):
        rounded = float(f"{middle:.{digits - 1}e}")
        if low <= rounded <= high:
            return rounded
    return middle


def _number_text(value: float) -> str:
    text = f"{value:.10g}"
    return f"{int(value):,}" if "e" not in text and "." not in text and abs(value) >= 10_000 else text


def date_levels(values: pd.Series, name: str) -> list[CodedColumn]:
    """Return fifths of the time covered, the weekday and, where times of day differ, the part of the day.

    Raises
    ------
    LeftOutError
        If all dates are the same.
    """
    missing = values.isna().to_numpy()
    wall = values.dt.tz_localize(None)
    seconds = np.where(missing, np.nan, wall.to_numpy().astype("datetime64[s]").astype(np.int64).astype(np.float64))
    known = seconds[~missing]
    if np.unique(known).size < 2 and not missing.any():
        raise LeftOutError("constant: one date")
    days = known // 86_400
    limits = sorted(set(np.quantile(days, np.arange(1, BINS) / BINS).round().tolist())) if known.size else []
    limits = [v for v in limits if days.min() < v <= days.max()]
    texts = [str(np.datetime64(int(v), "D")) for v in limits]
    parts = [lambda: bins(seconds, name, [v * 86_400 for v in limits], texts)]
    if np.unique(days).size >= 14:
        weekday = np.where(missing, 7, wall.dt.day_of_week.fillna(7).to_numpy()).astype(np.int64)
        parts.append(lambda: _named(f"weekday of {name}", weekday, WEEKDAYS))
    if np.unique(known % 86_400).size > 1:
        quarter = np.where(missing, 4, wall.dt.hour.fillna(24).to_numpy() // 6).astype(np.int64)
        parts.append(lambda: _named(f"time of day of {name}", quarter, ("0-6 h", "6-12 h", "12-18 h", "18-24 h")))
    made = [column for part in parts if (column := varying(part)) is not None]
    if not made:
        raise LeftOutError("no date is known" if missing.all() else "constant: all dates are nearly the same")
    return made


def _named(name: str, codes: npt.NDArray[np.int64], words: Sequence[str]) -> CodedColumn:
    return used_levels(name, codes, [*(f"{name} = {w}" for w in words), f"{name} is missing"])


def varying(part: object) -> CodedColumn | None:
    """Return what `part` makes, or None where that is constant."""
    try:
        made: CodedColumn = part()  # type: ignore[operator]  # callables without arguments
    except LeftOutError:
        return None
    return made
