"""From one column of texts or lists to coded levels: frequent words or entries, and length."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.slices.columns import CodedColumn, LeftOutError, number_levels, used_levels, varying
from labelqa.text import is_unspaced, shortened
from labelqa.text import words_of as words_in_order

MAX_WORDS = 24  # of one column
MOST_COMMON = 0.9  # share of rows above which a word says nothing
LEAST_COMMON = 0.01
GO_TOGETHER = 0.8  # Jaccard index of the rows above which two words are one
SAMPLE = 20_000  # rows in which frequent words are looked for
Rows = list[frozenset[object]]


def text_levels(values: pd.Series, name: str) -> list[CodedColumn]:
    """Return the presence of frequent words and the length in characters.

    Raises
    ------
    LeftOutError
        If texts share no word and have one length.
    """
    texts = values.astype(object).where(values.notna(), None).tolist()
    rows = [words_of(t) for t in texts]
    length = pd.Series([np.nan if t is None else float(len(str(t))) for t in texts])
    return _presence_and_size(rows, name, length, f"length of {name}", _worth_naming)


def list_levels(values: pd.Series, name: str) -> list[CodedColumn]:
    """Return the presence of frequent entries and their number.

    Raises
    ------
    LeftOutError
        If entries cannot be compared, or all lists are alike.
    """
    cells = values.astype(object).where(values.notna(), None).tolist()
    try:
        rows: Rows = [frozenset(() if c is None else c) for c in cells]
    except TypeError:
        raise LeftOutError("lists of entries that cannot be compared") from None
    size = pd.Series([np.nan if c is None else float(len(c)) for c in cells])
    return _presence_and_size(rows, name, size, f"number of {name}", lambda _: True)


def in_points(value: float, low: float = math.nan, high: float = math.nan) -> str:
    """Return a difference of shares in percentage points, with its interval where that is known.

    Examples
    --------
    >>> in_points(0.244, 0.1, 0.37), in_points(0.012), in_points(-0.5)
    ('24 points (10 to 37)', '1 point', '-50 points')
    """
    if math.isnan(value):
        return "undefined"
    whole = round(100 * value)
    text = f"{whole} point{'' if abs(whole) == 1 else 's'}"
    return text if math.isnan(low) or math.isnan(high) else f"{text} ({100 * low:.0f} to {100 * high:.0f})"


def words_of(text: object) -> frozenset[object]:
    """Return the distinct words of a text; scripts without spaces give pairs of characters."""
    return frozenset() if text is None else frozenset(words_in_order(str(text)))


def _worth_naming(word: object) -> bool:
    return len(str(word)) > 2 or is_unspaced(str(word))


def _presence_and_size(
    rows: Rows, name: str, size: pd.Series, size_name: str, worth: Callable[[object], bool]
) -> list[CodedColumn]:
    parts = [_presence(rows, name, word) for word in frequent(rows, worth)]
    sizes = varying(lambda: number_levels(size, size_name))
    made = [p for p in [*parts, sizes] if p is not None]
    if not made:
        raise LeftOutError("nothing frequent in it, and one length")
    return made


def frequent(rows: Sequence[frozenset[object]], worth: Callable[[object], bool]) -> list[object]:
    """Return the words that split the rows best (in many rows, not in nearly all), none of which goes with another."""
    sample = rows[:: max(1, len(rows) // SAMPLE)]
    holders = _holders(sample)
    low, high = max(2.0, LEAST_COMMON * len(sample)), MOST_COMMON * len(sample)
    fitting = [w for w, held in holders.items() if low <= len(held) <= high and worth(w)]
    order = sorted(fitting, key=lambda w: (-len(holders[w]) * (len(sample) - len(holders[w])), -len(str(w)), str(w)))
    chosen: list[object] = []
    for word in order:
        if len(chosen) == MAX_WORDS:
            break
        if all(_overlap(holders[word], holders[other]) <= GO_TOGETHER for other in chosen):
            chosen.append(word)
    return chosen


def _holders(rows: Sequence[frozenset[object]]) -> dict[object, set[int]]:
    """Return the rows that hold each word."""
    holders: dict[object, set[int]] = defaultdict(set)
    for i, row in enumerate(rows):
        for word in row:
            holders[word].add(i)
    return holders


def _overlap(a: set[int], b: set[int]) -> float:
    common = len(a & b)
    return common / (len(a) + len(b) - common)


def _presence(rows: Iterable[frozenset[object]], name: str, word: object) -> CodedColumn | None:
    codes: npt.NDArray[np.int32] = np.fromiter((word in row for row in rows), dtype=np.int32)
    shown = shortened(word, 30)
    texts = [f'{name} does not contain "{shown}"', f'{name} contains "{shown}"']
    made = varying(lambda: used_levels(f"{name}: {shown}", codes, texts))
    return None if made is None else replace(made, absent=0)
