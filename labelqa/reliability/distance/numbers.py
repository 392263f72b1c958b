"""Numbers by several annotators as a complete table, whatever form they come in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.annotations.table import Annotations
from labelqa.errors import LabelError, ParameterError, Problem
from labelqa.reliability.distance.inputs import as_structured

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ratings:
    """Numbers of items (n) with a number by each of k annotators.

    Attributes
    ----------
    matrix : float64 (n, k)
        The numbers; columns are annotators where `crossed`.
    crossed : bool
        Whether the same annotators rated every item.
    n_set_aside : int
        Items with a number that are not in the matrix.
    n_annotators : int
        Annotators who gave a number.
    """

    matrix: Floats
    crossed: bool
    n_set_aside: int
    n_annotators: int


def as_ratings(data: object) -> Ratings:
    """Return numbers as ratings.

    Raises
    ------
    LabelError
        If there are labels that are not numbers, or whose level is nominal or ordinal.
    ParameterError
        If `data` is no table of numbers.
    """
    if isinstance(data, Annotations):
        _check_numeric_level(data)
    if isinstance(data, Annotations | StructuredAnnotations) or _is_long(data):
        return _from_long(as_structured(data, "numbers"))
    matrix = _matrix(data)
    given = ~np.isnan(matrix)
    matrix = matrix[:, given.any(axis=0)]  # an annotator who gave no number is none
    complete = ~np.isnan(matrix).any(axis=1)
    aside = int(given.any(axis=1).sum() - complete.sum()) if matrix.size else 0
    return Ratings(matrix=matrix[complete], crossed=True, n_set_aside=aside, n_annotators=matrix.shape[1])


def _check_numeric_level(data: Annotations) -> None:
    if data.schema.level not in ("interval", "ratio"):
        raise LabelError(
            Problem(
                what=f"labels of level {data.schema.level!r} are classes, not numbers",
                parameter="level",
                value=data.schema.level,
                allowed=("interval", "ratio"),
                next_step="If their differences mean something, read them with level='interval'.",
            )
        )


def _is_long(data: object) -> bool:
    return isinstance(data, pd.DataFrame) and {"item", "annotator"} <= set(data.columns)


def _from_long(data: StructuredAnnotations) -> Ratings:
    values = np.array(data.values, dtype=np.float64)
    per_item = np.bincount(data.item, minlength=data.n_items)
    labeled = int((per_item > 0).sum())
    m = data.n_annotators
    crossed = m > 0 and int((per_item == m).sum()) >= 2
    k = m if crossed or m < 2 else _usual(per_item)
    used = per_item[data.item] == k
    order = np.lexsort((data.annotator[used], data.item[used]))
    matrix = values[used][order].reshape(-1, max(k, 1))
    return Ratings(matrix=matrix, crossed=crossed, n_set_aside=labeled - len(matrix), n_annotators=m)


def _usual(per_item: npt.NDArray[np.intp]) -> int:
    """Return the most frequent number of ratings from 2 on; of equally frequent ones the largest."""
    times = np.bincount(per_item, minlength=3)
    times[:2] = 0
    return int(times.size - 1 - np.argmax(times[::-1]))


def _matrix(data: object) -> Floats:
    """Return a wide frame or matrix as float64 (n, m), missing as nan."""
    try:
        frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(np.asarray(data, dtype=object))
        matrix: Floats = frame.apply(pd.to_numeric).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as fault:
        raise _no_numbers(f"a table of numbers is needed: {fault}") from None
    if matrix.ndim != 2:
        raise _no_numbers(f"a table of numbers is needed, this has {matrix.ndim} dimensions")
    if np.isinf(matrix).any():
        raise _no_numbers("the table holds an infinite number")
    return matrix


def _no_numbers(what: str) -> ParameterError:
    return ParameterError(
        Problem(
            what=what,
            parameter="data",
            allowed=(
                "Annotations with level interval or ratio",
                "StructuredAnnotations of kind 'numbers'",
                "a frame or matrix with one row an item and one column an annotator",
            ),
        )
    )
