"""Numbers by several annotators as a complete table, whatever form they come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.frames import as_pandas, check_columns
from labelqa.annotations.structured import StructuredAnnotations
from labelqa.annotations.table import Annotations
from labelqa.errors import LabelError, ParameterError, Problem
from labelqa.reliability.distance.inputs import as_structured, is_frame
from labelqa.text import visible

Floats = npt.NDArray[np.float64]


# Columns of a wide frame that hold names of items, whatever their numbers; only the first is taken without being asked.
ITEM = "item"
LIKE_ITEM = ("id", "item_id", "index", "subject", "task", "unit", "example", "unnamed: 0")


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
    advice : str or None
        Which annotator to leave out so that far more items are complete.
    """

    matrix: Floats
    crossed: bool
    n_set_aside: int
    n_annotators: int
    advice: str | None = None


def as_ratings(data: object, item: str | None = None) -> Ratings:
    """Return numbers as ratings; `item` is the column of item names of a wide frame.

    Raises
    ------
    ColumnError
        If there is no column `item`.
    LabelError
        If there are labels that are not numbers, or whose level is nominal or ordinal.
    ParameterError
        If `data` is no table of numbers, or a column looks like names of items.
    """
    if isinstance(data, Annotations):
        _check_numeric_level(data)
    if isinstance(data, Annotations | StructuredAnnotations):
        return _ratings(as_structured(data, "numbers"))
    frame = as_pandas(data) if is_frame(data) else None
    if frame is None:
        return _ratings(_from_matrix(_matrix(pd.DataFrame(_cells(data)))))
    if item is None and {"item", "annotator"} <= set(frame.columns):
        return _ratings(as_structured(frame, "numbers"))
    return _ratings(_from_wide(frame, item))


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


def _ratings(data: StructuredAnnotations) -> Ratings:
    values = np.array(data.values, dtype=np.float64)
    per_item = np.bincount(data.item, minlength=data.n_items)
    labeled, m = int((per_item > 0).sum()), data.n_annotators
    crossed = m > 0 and int((per_item == m).sum()) >= 2
    k = m if crossed or m < 2 else _usual(per_item)
    used = per_item[data.item] == k
    order = np.lexsort((data.annotator[used], data.item[used]))
    matrix = values[used][order].reshape(-1, max(k, 1))
    return Ratings(
        matrix=matrix,
        crossed=crossed,
        n_set_aside=labeled - len(matrix),
        n_annotators=m,
        advice=_advice(data, len(matrix) if crossed else 1),
    )


def _advice(data: StructuredAnnotations, n_complete: int) -> str | None:
    """Return whom to leave out, where that more than doubles the complete items."""
    m = data.n_annotators
    if m < 3:
        return None
    given = np.bincount(data.annotator, minlength=m)
    least = int(given.argmin())
    others = data.item[data.annotator != least]
    complete = int((np.bincount(others, minlength=data.n_items) == m - 1).sum())
    if complete <= 2 * n_complete:
        return None
    name = visible(str(data.annotators[least]))
    return f"without annotator {name!r}, who gave {given[least]:,} numbers, {complete:,} items are complete"


def _usual(per_item: npt.NDArray[np.intp]) -> int:
    """Return the most frequent number of ratings from 2 on; of equally frequent ones the largest."""
    times = np.bincount(per_item, minlength=3)
    times[:2] = 0
    return int(times.size - 1 - np.argmax(times[::-1]))


def _from_wide(frame: pd.DataFrame, item: str | None) -> StructuredAnnotations:
    """Return a frame with one row an item and one column an annotator."""
    found = item if item is not None or ITEM not in frame.columns else ITEM
    check_columns(frame, {} if found is None else {"item": found})
    columns = [c for c in frame.columns if c != found]
    for column in columns if found is None else ():
        if str(column).strip().casefold() in LIKE_ITEM:
            raise ParameterError(
                Problem(
                    what=f"column {str(column)!r} looks like names of items, and would count as an annotator's numbers",
                    parameter="item",
                    value=column,
                    next_step=f"Pass item={str(column)!r}, or give that column another name if it is an annotator.",
                )
            )
    return _from_matrix(_matrix(frame[columns]), columns, None if found is None else frame[found])


def _from_matrix(
    matrix: Floats, annotators: Sequence[object] = (), items: pd.Series | None = None
) -> StructuredAnnotations:
    """Return the numbers of a matrix (n, m), nan where there is none."""
    n, m = matrix.shape
    people = list(annotators) or list(range(1, m + 1))
    names = np.arange(n) if items is None else items.to_numpy()
    long = {
        "item": np.repeat(names, m),
        "annotator": np.tile(np.array([str(a) for a in people], dtype=object), n),
        "value": matrix.reshape(-1),
    }
    frame = pd.DataFrame(long)[~np.isnan(matrix).reshape(-1)]
    return StructuredAnnotations.from_frame(frame, item="item", annotator="annotator", value="value", kind="numbers")


def _cells(data: object) -> npt.NDArray[np.object_]:
    try:
        cells = np.asarray(data, dtype=object)
    except ValueError as fault:  # ragged
        raise _no_numbers(f"a table of numbers is needed: {fault}") from None
    if cells.ndim > 2 or cells.ndim == 0:
        raise _no_numbers(f"a table of numbers is needed, this has {cells.ndim} dimensions")
    return cells


def _matrix(frame: pd.DataFrame) -> Floats:
    """Return a wide frame as float64 (n, m), missing as nan."""
    try:
        matrix: Floats = frame.apply(pd.to_numeric).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as fault:
        raise _no_numbers(f"a table of numbers is needed: {fault}") from None
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
