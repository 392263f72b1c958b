"""What the values of a column look like, computed when asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.coding import code_values
from labelqa.annotations.schema import as_real
from labelqa.errors import LabelError
from labelqa.io import words

Codes = npt.NDArray[np.int32]
LOOKED_AT = 200  # distinct values whose spelling is looked at
_TIME = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}( .*)?|\d{1,2}:\d{2}(:\d{2})?.*"
    r"|\w{3},? (\w{3} \d{1,2}|\d{1,2} \w{3}).*\d{2}:\d{2}.*"
)
_MEASURED = re.compile(r"[+-]?\d+,\d{2,}")
_WHOLE = re.compile(r"([+-]?\d+)\.0+")
EPOCH = (9.4e8, 4.2e9)  # seconds from 1999 to 2103; milliseconds are a thousand times that


class Profile:
    """One column: its name taken apart and its values coded.

    Parameters
    ----------
    column : Series
        The values (rows,).
    """

    def __init__(self, column: pd.Series) -> None:
        self.column = column
        self.name = str(column.name)
        self.words = words.take_apart(self.name)

    @cached_property
    def _coded(self) -> tuple[Codes, pd.Index]:
        try:
            return code_values(self.column)
        except (TypeError, LabelError):  # lists or dictionaries as cells
            return np.full(len(self.column), -1, dtype=np.int32), pd.Index([], dtype=object)

    @property
    def codes(self) -> Codes:
        """Position of each value among the distinct ones, -1 where missing: int32 (rows,)."""
        return self._coded[0]

    @property
    def k(self) -> int:
        """Number of distinct values."""
        return len(self._coded[1])

    @cached_property
    def n_present(self) -> int:
        """Number of rows with a value."""
        return int((self.codes >= 0).sum())

    @cached_property
    def texts(self) -> list[str]:
        """The first distinct values as text."""
        return [str(v) for v in self._coded[1][:LOOKED_AT]]

    @cached_property
    def is_unique(self) -> bool:
        """Whether no value occurs twice."""
        return self.k == self.n_present

    @cached_property
    def mean_length(self) -> float:
        """Mean number of characters of the distinct values."""
        return sum(map(len, self.texts)) / len(self.texts) if self.texts else 0.0

    @cached_property
    def is_prose(self) -> bool:
        """Whether the values are running text: long, and of several words."""
        several = sum(t.count(" ") >= 3 for t in self.texts)
        return self.mean_length > 60 or (self.mean_length > 25 and several > 0.5 * len(self.texts))

    @cached_property
    def reals(self) -> list[float]:
        """The distinct values as numbers; empty where one of them is not a number."""
        if pd.api.types.is_bool_dtype(self.column.dtype):
            return []
        numbers = [as_real(v) for v in self._coded[1][:LOOKED_AT]]
        return [] if any(v is None for v in numbers) else [v for v in numbers if v is not None]

    @cached_property
    def is_fractional(self) -> bool:
        """Whether the values are numbers with many different fractions: measurements, not ratings."""
        if self.k <= 20:
            return False
        with_comma = sum(bool(_MEASURED.fullmatch(t)) for t in self.texts)  # 0,53: a list of answers is seldom so
        return any(v != int(v) for v in self.reals) or 2 * with_comma > len(self.texts)

    @cached_property
    def is_time(self) -> bool:
        """Whether the values are dates, times or epoch seconds."""
        if pd.api.types.is_datetime64_any_dtype(self.column.dtype):
            return True
        if self.reals:
            low, high = min(self.reals), max(self.reals)
            return any(EPOCH[0] * unit <= low and high <= EPOCH[1] * unit for unit in (1, 1000)) and self.k > 1
        return bool(self.texts) and all(_TIME.fullmatch(t) for t in self.texts[:50])

    @property
    def holds_emails(self) -> bool:
        """Whether the values are addresses of people."""
        return bool(self.texts) and all("@" in t[1:-1] and " " not in t for t in self.texts)

    @cached_property
    def vocabulary(self) -> Mapping[str, int]:
        """How often each distinct value occurs; 1.0 counts as 1, and case and outer spaces do not count."""
        counts = np.bincount(self.codes[self.codes >= 0], minlength=self.k)
        out: dict[str, int] = {}
        for value, count in zip(self._coded[1], counts.tolist(), strict=True):
            text = str(value).strip().casefold()
            whole = _WHOLE.fullmatch(text)
            key = whole[1] if whole else text
            out[key] = out.get(key, 0) + count
        return out

    @property
    def examples(self) -> str:
        """Two values, for messages."""
        shown = [repr(t if len(t) <= 24 else t[:21] + "...") for t in self.texts[:2]]
        return ", ".join(shown) or "empty"


def n_pairs(*codes: Codes) -> int:
    """Return the number of distinct combinations among the rows where every code is present."""
    present = np.logical_and.reduce([c >= 0 for c in codes])
    key = np.zeros(int(present.sum()), dtype=np.int64)
    for c in codes:
        chosen = c[present]
        key = key * (int(chosen.max(initial=0)) + 1) + chosen
    bound = int(key.max(initial=0)) + 1
    if bound <= 32 * key.size + 1024:
        return int(np.count_nonzero(np.bincount(key, minlength=1)))
    key.sort()  # numpy's unique hashes, which is ten times slower on millions of distinct keys
    return int(np.count_nonzero(key[1:] != key[:-1])) + (key.size > 0)


def varies_within(value: Codes, group: Codes) -> float:
    """Return the share of groups with two rows or more in which `value` takes more than one value."""
    present = (value >= 0) & (group >= 0)
    v, g = value[present], group[present]
    if g.size == 0:
        return 0.0
    rows = np.bincount(g)
    first = np.full(rows.size, -1, dtype=np.int64)
    first[g[::-1]] = v[::-1]
    differs = np.bincount(g, weights=v != first[g]) > 0
    several = rows > 1
    return float(differs[several].mean()) if several.any() else 0.0
