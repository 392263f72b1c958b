"""Class probabilities of a classifier, brought to the order of the items and classes, and checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.errors import ParameterError, Problem, shorten
from labelqa.text import counted

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
EXACT = 1e-6  # row sums this near to one are one
ROUNDING = 1e-3  # row sums this near to one are renormalised and noted
ROUND_OFF = 1e-9  # what a normalised array may lie under zero
NEXT_STEP = "Pass one row an item and one column a class, both in order, or a DataFrame with their names."


class Labeled(Protocol):
    """Rows with labels: annotations, or one label a row."""

    @property
    def items(self) -> pd.Index:
        """Names of the rows, (n,)."""

    @property
    def n_items(self) -> int:
        """Number of rows n."""

    @property
    def schema(self) -> LabelSchema:
        """The k classes."""


def class_probabilities(annotations: Labeled, pred_probs: object) -> tuple[Floats, tuple[str, ...]]:
    """Return the probabilities (n, k) in the order of items and classes, and notes of what was changed.

    Parameters
    ----------
    annotations : Annotations or other labeled rows
        The labels, for the names of n items and k classes.
    pred_probs : array (n, k) or DataFrame
        Out-of-sample probabilities. The rows of a DataFrame are items by its index, its columns classes by their names;
        items that the labels do not have are left out.

    Raises
    ------
    ParameterError
        If shape or names do not fit, a value is missing or negative, or a row does not sum to one.
    """
    values = _by_name(annotations, pred_probs) if isinstance(pred_probs, pd.DataFrame) else _as_array(pred_probs)
    wanted = (annotations.n_items, annotations.schema.k)
    if values.shape != wanted:
        _refuse(f"pred_probs has the shape {values.shape}, but the labels have (items, classes) = {wanted}")
    _check_values(annotations, values)
    return _sums_to_one(annotations, values)


def _as_array(pred_probs: object) -> Floats:
    try:
        values = np.asarray(pred_probs)
        return values.astype(np.float64, casting="unsafe" if values.dtype.kind == "O" else "same_kind", copy=False)
    except (TypeError, ValueError):
        _refuse(f"pred_probs is not a table of numbers but {type(pred_probs).__name__}")


def _by_name(annotations: Labeled, frame: pd.DataFrame) -> Floats:
    names = [str(c) for c in frame.columns]
    if sorted(names) != sorted(annotations.schema.names):
        classes = ", ".join(annotations.schema.names)
        _refuse(f"the columns of pred_probs are {shorten(names)}, but the classes are {classes}")
    place = pd.Index([str(i) for i in frame.index])
    if not place.is_unique:
        twice = place[place.duplicated()].unique()
        _refuse(f"pred_probs names {counted(len(twice), 'item')} more than once: {shorten(twice)}")
    rows = place.get_indexer(pd.Index([str(i) for i in annotations.items]))
    lost = annotations.items[rows < 0]
    if len(lost):
        _refuse(f"pred_probs has no row for {len(lost):,} of {counted(annotations.n_items, 'item')}: {shorten(lost)}")
    return _as_array(frame.iloc[rows, [names.index(c) for c in annotations.schema.names]].to_numpy())


def _check_values(annotations: Labeled, values: Floats) -> None:
    if values.size and np.isfinite(values.sum()) and values.min() >= -ROUND_OFF:
        return  # the usual case, told without a look at each row
    missing: Mask = np.asarray(~np.isfinite(values).all(axis=1))
    negative: Mask = np.asarray((values < -ROUND_OFF).any(axis=1) & ~missing)
    for bad, what in ((missing, "missing or infinite"), (negative, "negative")):
        if bad.any():
            _refuse(f"pred_probs holds {what} values for {_named(annotations, bad)}")


def _sums_to_one(annotations: Labeled, values: Floats) -> tuple[Floats, tuple[str, ...]]:
    if not values.size:
        return values, ()
    total = values @ np.ones(values.shape[1])  # several times as fast as summing short rows
    off = np.abs(total - 1)
    if (off > ROUNDING).any():
        first = float(total[off > ROUNDING][0])
        _refuse(f"pred_probs does not sum to one (but to {first:.6g}) for {_named(annotations, off > ROUNDING)}")
    n_off = int((off > EXACT).sum())
    if not n_off:
        return values, ()
    were = "was" if n_off == 1 else "were"
    note = f"pred_probs: {counted(n_off, 'row')} summed to one only within {ROUNDING:g} and {were} renormalised"
    return values / total[:, None], (note,)


def _named(annotations: Labeled, bad: Mask) -> str:
    names: Sequence[object] = annotations.items[bad].tolist()
    return f"{counted(len(names), 'item')}: {shorten(names, 3)}"


def _refuse(what: str) -> NoReturn:
    raise ParameterError(Problem(what=what, parameter="pred_probs", next_step=NEXT_STEP))
