"""From columns of anything to integer codes, fast and without changing what the values mean."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import LabelError, Problem

Codes = npt.NDArray[np.int32]
COMPACT = 4  # integer ids whose range is under COMPACT times their number are coded by offset, without hashing

SIDE_BY_SIDE = 200_000  # rows from which threads pay


def code_values(values: pd.Series, *, keep_unused: bool = False) -> tuple[Codes, pd.Index]:
    """Code `values` as integers.

    Parameters
    ----------
    values : Series (rows,)
        Anything.
    keep_unused : bool
        Whether unused categories of a categorical count: as classes of a label they were declared by the user.

    Returns
    -------
    codes : int32 (rows,)
        Position in `uniques`; -1 where the value is missing (None, nan, NaT, NA, or an empty text).
    uniques : pandas.Index
        The distinct values: in order of appearance, in numeric order for compact integers, in the order of their
        categories for categoricals.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _code_categorical(values if keep_unused else values.cat.remove_unused_categories())
    if pd.api.types.is_float_dtype(values.dtype):
        values = integral_as_int(values)
    if values.dtype.kind in "iu" and isinstance(values.dtype, np.dtype):
        compact = _code_compact_integers(values.to_numpy())
        if compact is not None:
            return compact
    if isinstance(values.dtype, pd.StringDtype) and values.dtype.storage == "pyarrow":
        return _without_empty_text(*_code_arrow_text(values))
    try:
        codes, uniques = pd.factorize(values)
    except TypeError:
        raise LabelError(
            Problem(
                what=f"column {values.name!r} holds lists or other values that cannot be compared as a whole",
                parameter=str(values.name),
                next_step="Turn them into one text or number a row.",
            )
        ) from None
    return _without_empty_text(codes.astype(np.int32), pd.Index(uniques))


def code_columns(item: pd.Series, annotator: pd.Series, label: pd.Series) -> list[tuple[Codes, pd.Index]]:
    """Code the three main columns; long ones side by side, since hashing texts releases Python's lock."""
    jobs = [partial(code_values, item), partial(code_values, annotator), partial(code_values, label, keep_unused=True)]
    if len(item) < SIDE_BY_SIDE:
        return [job() for job in jobs]
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]


def integral_as_int(values: pd.Series) -> pd.Series:
    """Return floats that are all whole numbers as nullable integers: 0.0/1.0 with gaps are the labels 0/1."""
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    present = numbers[~np.isnan(numbers)]
    if present.size == 0 or not np.isfinite(present).all() or np.abs(present).max() >= 2**53:
        return values
    if (present != np.floor(present)).any():
        return values
    return values.astype("Int64")


def contains_twice(keys: npt.NDArray[np.integer], n_keys: int) -> bool:
    """Whether a value of `keys` (all in [0, n_keys)) occurs more than once."""
    if n_keys <= 16 * keys.size + 1024:
        seen = np.zeros(n_keys, dtype=np.bool_)
        seen[keys] = True
        return int(np.count_nonzero(seen)) < keys.size
    ordered = np.sort(keys)  # many times faster here than np.unique, which hashes
    return bool((ordered[1:] == ordered[:-1]).any())


def _code_compact_integers(numbers: npt.NDArray[np.integer]) -> tuple[Codes, pd.Index] | None:
    if numbers.size == 0:
        return None
    low, high = int(numbers.min()), int(numbers.max())
    span = high - low + 1
    if span > COMPACT * numbers.size + 1024 or high >= 2**62 or low <= -(2**62):
        return None
    # Positions stay int64 here: indexing with int32 would convert them at every use.
    offsets = numbers.astype(np.int64, copy=False)
    offsets = offsets - low if low else offsets
    present = np.zeros(span, dtype=np.bool_)
    present[offsets] = True
    if present.all():
        return offsets.astype(np.int32), pd.RangeIndex(low, high + 1)
    rank = np.cumsum(present, dtype=np.int32) - 1
    return rank[offsets], pd.Index(np.flatnonzero(present) + low)


def _code_arrow_text(values: pd.Series) -> tuple[Codes, pd.Index]:
    """Code text that Arrow holds, in order of appearance; a fifth faster than by way of pandas."""
    import pyarrow as pa  # pandas loaded it for this very column

    text = pa.array(values.array)
    whole = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    encoded = whole.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int32, copy=False), pd.Index(encoded.dictionary.to_pandas(), dtype=values.dtype)


def _code_categorical(values: pd.Series) -> tuple[Codes, pd.Index]:
    codes = values.cat.codes.to_numpy().astype(np.int32)
    return _without_empty_text(codes, pd.Index(values.cat.categories))


def _without_empty_text(codes: Codes, uniques: pd.Index) -> tuple[Codes, pd.Index]:
    if uniques.dtype == object:
        empty = np.array([isinstance(u, str) and not u.strip() for u in uniques], dtype=np.bool_)
    elif pd.api.types.is_string_dtype(uniques.dtype):
        empty = np.asarray((uniques == "") | uniques.str.isspace(), dtype=np.bool_)
    else:
        return codes, uniques
    if not empty.any():
        return codes, uniques
    rank = np.where(empty, -1, np.cumsum(~empty) - 1).astype(np.int32)
    return np.where(codes < 0, -1, rank[codes]).astype(np.int32), uniques[~empty]
