"""The labels that are judged, as codes of classes, and what else was passed brought to their rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import LabelSchema, declared_classes, natural_order
from labelqa.errors import LabelError, ParameterError, Problem, shorten
from labelqa.text import counted

Codes = npt.NDArray[np.int32]
Classes = LabelSchema | Sequence[Hashable] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """Labels of n rows.

    Attributes
    ----------
    items : pandas.Index (n,)
        Names of the rows.
    codes : int32 (n,)
        Given classes.
    schema : LabelSchema
        The k classes.
    named : bool
        Whether the names were given and not just counted.
    """

    items: pd.Index
    codes: Codes
    schema: LabelSchema
    named: bool = False

    @property
    def n_items(self) -> int:
        """Number of rows."""
        return len(self.items)


def given_labels(labels: object, classes: Classes, width: int | Sequence[Hashable] | None) -> Given:
    """Return labels (n,) as codes.

    Parameters
    ----------
    labels : array, sequence or Series of str, int or bool
        One label a row; the index of a Series names the rows.
    classes : LabelSchema or sequence, optional
        All classes, in their order; by default those that occur.
    width : int or sequence, optional
        Number of columns of probabilities, or their names: whole-number labels in 0..width - 1 are then positions, as
        is usual where probabilities come as an array.

    Raises
    ------
    ParameterError
        If labels are not one value a row, some are missing, or there are none.
    LabelError
        If a label is not among the declared classes.
    """
    series = labels if isinstance(labels, pd.Series) else pd.Series(_one_dimension(labels), copy=False)
    if not len(series):
        _refuse("labels is empty", "Pass one label a row.")
    missing = np.flatnonzero(series.isna().to_numpy())
    if missing.size:
        rows = shorten(series.index[missing].tolist(), 5)
        _refuse(f"labels holds no label in {counted(missing.size, 'row')}: {rows}", "Leave those rows out.")
    codes, raw = pd.factorize(series)
    found: list[Hashable] = [_plain(value) for value in raw]
    schema = _schema(found, classes, width)
    place = np.array([-1 if (at := schema.index_of(c)) is None else at for c in found], dtype=np.int32)
    unknown = [c for c, at in zip(found, place, strict=True) if at < 0]
    if unknown:
        raise LabelError(
            Problem(
                what=f"labels holds {shorten(unknown, 3)}, not among the classes",
                parameter="labels",
                value=unknown[0],
                allowed=schema.names,
                next_step="Add the class, or correct the label.",
            )
        )
    items = series.index if series.index.is_unique else pd.RangeIndex(len(series))
    return Given(items=items, codes=place[codes], schema=schema, named=isinstance(labels, pd.Series))


def width_of(pred_probs: object) -> int | Sequence[Hashable] | None:
    """Return how many classes probabilities tell, or their names; None where there are none."""
    if isinstance(pred_probs, pd.DataFrame):
        return [*pred_probs.columns]
    values: Any = pred_probs
    shape: tuple[int, ...] = np.shape(values) if pred_probs is not None else ()
    return shape[-1] if len(shape) == 2 else None


def _one_dimension(labels: object) -> npt.NDArray[np.generic]:
    values: Any = labels
    if isinstance(labels, str) or not hasattr(labels, "__len__"):
        _refuse(f"labels is a {type(labels).__name__}", "Pass one label a row, as an array, list or Series.")
    if getattr(labels, "ndim", 1) != 1:
        _refuse(f"labels has the shape {getattr(labels, 'shape', ())}", "Pass one label a row.")
    if isinstance(labels, np.ndarray) and labels.dtype.kind in "biuf":
        return labels
    out = np.empty(len(values), dtype=object)
    out[:] = list(values)
    return out


def _plain(value: Hashable) -> Hashable:
    plain = value.item() if isinstance(value, np.generic) else value
    return int(plain) if isinstance(plain, float) and plain.is_integer() else plain


def _schema(found: list[Hashable], classes: Classes, width: int | Sequence[Hashable] | None) -> LabelSchema:
    if isinstance(classes, LabelSchema):
        return classes
    if classes is not None:
        return LabelSchema(classes=declared_classes(classes))
    if isinstance(width, int) and all(type(c) is int and 0 <= c < width for c in found):
        return LabelSchema(classes=tuple(range(width)), order_is_guessed=True)
    if width is not None and not isinstance(width, int):
        return LabelSchema(classes=tuple(width), order_is_guessed=True)
    return LabelSchema(classes=tuple(natural_order(found)), order_is_guessed=True)


def rows_of(name: str, passed: object, given: Given) -> object:
    """Return `passed` (features, groups, texts) with one row a label, in the order of the labels.

    Where both have an index of their own, rows are matched by it; else they are taken as they stand.

    Raises
    ------
    ParameterError
        If their number or their names differ.
    """
    values: Any = passed
    if not hasattr(values, "__len__") and not hasattr(values, "shape"):
        _refuse_rows(name, f"{name} is a {type(values).__name__}")
    n = values.shape[0] if hasattr(values, "shape") and len(values.shape) else len(values)
    if n != given.n_items:
        _refuse_rows(name, f"{name} has {counted(n, 'row')}, but there are {counted(given.n_items, 'label')}")
    if not isinstance(values, pd.DataFrame | pd.Series) or values.index.equals(given.items):
        return values
    place = values.index.get_indexer(given.items) if values.index.is_unique and given.named else np.full(n, -1)
    if (place < 0).any() and (not given.named or _counted(values.index) or _counted(given.items)):
        return values
    if (place < 0).any():
        lost = given.items[place < 0]
        _refuse_rows(name, f"{name} has no row of its own for {counted(len(lost), 'label')}: {shorten(lost, 3)}")
    return values.iloc[place]


def _counted(index: pd.Index) -> bool:
    return isinstance(index, pd.RangeIndex)


def _refuse_rows(name: str, what: str) -> None:
    raise ParameterError(Problem(what=what, parameter=name, next_step="Pass one row a label, with the same names."))


def _refuse(what: str, next_step: str) -> None:
    raise ParameterError(Problem(what=what, parameter="labels", next_step=next_step))


def class_values(schema: LabelSchema) -> npt.NDArray[np.object_]:
    """Return the classes as an object array (k,), tuples whole."""
    out = np.empty(schema.k, dtype=object)
    out[:] = schema.classes
    return out
