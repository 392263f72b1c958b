"""The item columns of two batches: what kind of cells they hold, and which of them can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import as_real
from labelqa.validation.skew import FEW_VALUES, OTHERS, Skew, number_skew, share_skew

MOST_NAMED = 60  # most frequent classes, annotators or values compared one by one; the others count together
MOST_DISTINCT = 0.5  # texts that are new in their batch, above which share a column holds texts or ids, no categories
LONG_TEXT = 20  # mean characters from which they are texts
MISSING = "missing cells of "  # what a test of the share of missing cells is called, before the column
_EXPONENT = re.compile(r"[+-]?\d(?:\.\d+)?e[+-]\d+", re.IGNORECASE)  # as programs write small numbers; "1e5" is a code
_TRUTH = re.compile("true|false", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)?")
Codes = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """An item column of one batch.

    Attributes
    ----------
    kind : {"empty", "truth value", "number", "time", "text"}
        What the cells are, however they are stored: text files hold numbers, truth values and times as texts, and they
        are what all of them spell.
    is_filled : bool (n,)
        Which cells hold something; blank texts do not.
    texts : list of str
        The filled cells as they are written, where numbers and times are not stored as such.
    numbers : float64
        The finite numbers, where cells are numbers.
    """

    kind: str
    is_filled: npt.NDArray[np.bool_]
    texts: list[str]
    numbers: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What can be said of a column in two batches.

    Attributes
    ----------
    tests : tuple of (str, Skew)
        What was compared, and how it differs.
    reason : str or None
        Why its values were not compared.
    """

    tests: tuple[tuple[str, Skew], ...]
    reason: str | None = None


def cells_of(column: pd.Series) -> Cells:
    """Return what a column holds."""
    none = np.zeros(0)
    is_filled: npt.NDArray[np.bool_] = column.notna().to_numpy(dtype=np.bool_)
    kind = _stored_kind(column)
    if kind == "number":
        numbers: Floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
        kind = kind if is_filled.any() else "empty"
        return Cells(kind=kind, is_filled=is_filled, texts=[], numbers=numbers[np.isfinite(numbers)])
    if kind == "time":
        return Cells(kind=kind if is_filled.any() else "empty", is_filled=is_filled, texts=[], numbers=none)
    texts = [str(v) if there else "" for v, there in zip(column.tolist(), is_filled.tolist(), strict=True)]
    is_filled = np.array([bool(text) and not text.isspace() for text in texts], dtype=np.bool_)
    filled = [text for text, there in zip(texts, is_filled.tolist(), strict=True) if there]
    kind = _written_kind(filled)
    if kind == "truth value":
        filled = [text.strip().casefold() for text in filled]
    numbers = np.array(filled, dtype=np.float64) if kind == "number" else none
    return Cells(kind=kind, is_filled=is_filled, texts=filled, numbers=numbers)


def _stored_kind(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return "time"
    is_number = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
    return "number" if is_number else "text"


def _written_kind(texts: list[str]) -> str:
    if not texts:
        return "empty"
    kinds = (("truth value", _TRUTH.fullmatch), ("number", _is_number), ("time", _TIME.fullmatch))
    return next((kind for kind, spells in kinds if all(spells(text.strip()) for text in texts)), "text")


def _is_number(text: str) -> bool:
    return as_real(text) is not None or _EXPONENT.fullmatch(text) is not None


def compare_column(name: str, reference: Cells, batch: Cells) -> Compared:
    """Return how the values of an item column, and its share of missing cells, differ from the reference."""
    tests = _missing(name, reference, batch)
    values = _values(f"column {name!r}", reference, batch)
    return Compared(tests=tests, reason=values) if isinstance(values, str) else Compared(tests=(*tests, values))


def most_frequent(codes: Codes, k: int) -> tuple[Codes, Codes]:
    """Return a new code for each old one (the last is that of all others), and the old codes that were kept.

    Where several are equally frequent the lower codes are kept: codes must not follow the order of the batches.
    """
    kept = np.sort(np.argsort(-np.bincount(codes, minlength=k), kind="stable")[:MOST_NAMED])
    recode = np.full(k, kept.size, dtype=np.intp)
    recode[kept] = np.arange(kept.size)
    return recode, kept


def _missing(name: str, reference: Cells, batch: Cells) -> tuple[tuple[str, Skew], ...]:
    filled = [cells.is_filled for cells in (reference, batch)]
    if all(f.all() for f in filled) or not any(f.any() for f in filled):
        return ()
    old, new = (np.column_stack([~f, f]).astype(np.float64) for f in filled)
    return ((f"{MISSING}column {name!r}", share_skew(old, new, ["missing", "filled"])),)


def _values(what: str, reference: Cells, batch: Cells) -> tuple[str, Skew] | str:
    """Return what of the values was compared and how it differs, or why nothing was."""
    kinds = {reference.kind, batch.kind}
    if "empty" in kinds:
        return "one of the batches has no values"
    if kinds == {"number"}:
        old, new = reference.numbers, batch.numbers
        return "every whole number occurs once, as ids do" if _are_ids(old, new) else (what, number_skew(old, new))
    if kinds == {"time"}:
        return "times are not compared"
    if len(kinds) > 1 and not (kinds == {"number", "text"} and reference.texts and batch.texts):
        return f"{reference.kind} before, {batch.kind} now"
    return _text_values(what, reference.texts, batch.texts)


def _text_values(what: str, before: list[str], now: list[str]) -> tuple[str, Skew] | str:
    both = [*before, *now]
    if len(set(before)) + len(set(now)) > MOST_DISTINCT * len(both):
        lengths = np.array([len(text) for text in both], dtype=np.float64)
        if lengths.mean() < LONG_TEXT:
            return "most texts occur once, as ids do"
        return f"{what} (length)", number_skew(lengths[: len(before)], lengths[len(before) :])
    codes, names = pd.factorize(np.array(both, dtype=object), sort=True)
    recode, kept = most_frequent(codes, len(names))
    rows = np.eye(kept.size + 1)[recode[codes]]
    return what, share_skew(rows[: len(before)], rows[len(before) :], [*names[kept], OTHERS])


def _are_ids(old: Floats, new: Floats) -> bool:
    """Return whether these are whole numbers of which no batch has one twice; few of them may be anything."""
    both = np.concatenate([old, new])
    distinct = all(np.unique(v).size == v.size for v in (old, new))
    return distinct and np.unique(both).size > FEW_VALUES and bool((both == np.floor(both)).all())
