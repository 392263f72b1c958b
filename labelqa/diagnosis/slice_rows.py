"""What the caller of :func:`diagnose_slices` passed, checked and brought into arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import ParameterError, Problem, shorten
from labelqa.slices.comparable import check_classes, check_comparable, spelling_notes
from labelqa.slices.given import codes_of_groups, group_notes
from labelqa.slices.result import SliceTable
from labelqa.slices.rowwise import in_order_of, index_of, is_numbered, same_names
from labelqa.text import counted

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
LEAST_ROWS = 30  # with a label and a prediction


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SliceRows:
    """Slices, labels and predictions, one entry a row.

    Attributes
    ----------
    names : tuple of str, length s
        Conditions of each slice.
    masks : bool (s, n)
        Rows of each slice whose label and prediction are known.
    label, predicted : int64 (n,)
        Codes into `classes`; -1 where missing.
    classes : object (k,)
        Labels behind the codes.
    index : pandas.Index, length n
        Names of the rows: the index of `labels` where that is a Series, else positions.
    groups : int64 (n,)
        Code of the rows that belong together; a row without a group is its own.
    has_index : bool
        Whether labels came with an index, to match other pandas objects by.
    notes : tuple of str
        What a user should know of.
    """

    names: tuple[str, ...]
    masks: Mask
    label: Ints
    predicted: Ints
    classes: npt.NDArray[np.object_]
    index: pd.Index
    groups: Ints
    has_index: bool = False
    notes: tuple[str, ...] = ()

    @property
    def known(self) -> Mask:
        """Rows with a label and a prediction (n,)."""
        return np.asarray((self.label >= 0) & (self.predicted >= 0))

    @property
    def wrong(self) -> Floats:
        """1 where the prediction is not the stored label, nan where either is missing (n,)."""
        return np.where(self.known, (self.label != self.predicted).astype(np.float64), np.nan)


def slice_rows(slices: object, labels: object, predictions: object, groups: object) -> SliceRows:
    """Check and code what was passed.

    Raises
    ------
    ParameterError
        If lengths or indexes differ, slices are no masks, groups cannot be compared, predictions are no classes, or no
        row has both a label and a prediction.
    LabelError
        If no prediction is one of the labels.
    """
    labels = _as_found(slices, labels)
    named = index_of(labels)
    stored = _column("labels", labels)
    n = len(stored)
    predicted = _column("predictions", in_order_of(named, predictions, "predictions", "labels"))
    _same_length("predictions", len(predicted), n)
    index = pd.RangeIndex(n) if named is None else named
    check_classes(stored, predicted)
    codes, classes = _codes(stored, predicted)
    known = (codes[:n] >= 0) & (codes[n:] >= 0)
    if not known.any():
        refuse("no row has both a label and a prediction", "predictions", "Pass one of each a row, in the same order.")
    check_comparable(stored, predicted)
    masks = _masks(slices, n, named)
    together = in_order_of(named, groups, "groups", "labels")
    return SliceRows(
        names=tuple(name for name, _ in masks),
        masks=np.array([mask for _, mask in masks], dtype=np.bool_).reshape(len(masks), n) & known,
        label=codes[:n],
        predicted=codes[n:],
        classes=classes,
        index=index,
        groups=_group_codes(together, n),
        has_index=named is not None,
        notes=(*group_notes(together), *spelling_notes(stored, predicted), *_too_few(int(known.sum()))),
    )


def _as_found(slices: object, labels: object) -> object:
    """Return labels in the order of the rows in which slices were found, where both have names."""
    rows = slices.index if isinstance(slices, SliceTable) else None
    named = index_of(labels)
    if rows is None or named is None or (is_numbered(rows) and not same_names(rows, named)):
        return labels  # rows that were only numbered: labels may name them
    return in_order_of(rows, labels, "labels", "the features of the slices")


def _too_few(n: int) -> tuple[str, ...]:
    few = (
        f"{counted(n, 'row')} {'is' if n == 1 else 'are'} too few to tell causes apart: from {LEAST_ROWS} on it begins"
    )
    return (few,) if n < LEAST_ROWS else ()


def _column(name: str, values: object) -> pd.Series:
    if np.ndim(values) != 1:  # type: ignore[arg-type]  # anything has a number of dimensions
        refuse(f"{name} is {type(values).__name__}, not one value a row", name, "Pass one class a row.")
    series = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values, dtype=object))
    return series.reset_index(drop=True).astype(object)


def _codes(stored: pd.Series, predicted: pd.Series) -> tuple[Ints, npt.NDArray[np.object_]]:
    """Return codes of both columns, one after the other, and the classes behind them."""
    try:
        codes, classes = pd.factorize(pd.concat([stored, predicted], ignore_index=True))
    except TypeError:
        refuse("labels hold values that cannot be compared, such as lists", "labels", "Pass one class a row.")
        raise
    return codes.astype(np.int64), np.asarray(classes, dtype=object)


def _masks(slices: object, n: int, index: pd.Index | None) -> list[tuple[str, Mask]]:
    masks: list[tuple[str, Mask]] = []
    if isinstance(slices, SliceTable):
        masks = [(str(name), slices.mask(i)) for i, name in enumerate(slices.frame["predicates"])]
    elif isinstance(slices, Mapping):
        rows = ((str(k), in_order_of(index, m, f"slices[{k!r}]", "labels")) for k, m in slices.items())
        masks = [(name, np.asarray(mask)) for name, mask in rows]
    else:
        step = 'Pass find_slices(...), or masks such as {"chat": frame["channel"] == "chat"}.'
        refuse(f"slices is {type(slices).__name__}, not a SliceTable or a mapping of names to masks", "slices", step)
    for name, mask in masks:
        if mask.ndim != 1 or mask.dtype != np.bool_:
            step = "Pass one True or False a row."
            refuse(f"slices[{name!r}] holds {mask.dtype} in {mask.ndim} dimensions", "slices", step)
        _same_length(f"slices[{name!r}]", len(mask), n)
    return masks


def _group_codes(groups: object, n: int) -> Ints:
    if groups is None:
        return np.arange(n, dtype=np.int64)
    series = _column("groups", groups)
    _same_length("groups", len(series), n)
    return codes_of_groups(series)


def _same_length(name: str, found: int, n: int) -> None:
    if found != n:
        refuse(
            f"{name} has {found:,} values for {n:,} labels", name.split("[")[0], "Pass one a row, in the same order."
        )


def refuse(what: str, parameter: str, next_step: str) -> None:
    """Raise :class:`ParameterError`."""
    raise ParameterError(Problem(what=what, parameter=parameter, next_step=next_step))


def item_of_row(items: pd.Index, index: pd.Index) -> Ints:
    """Return the annotated item of each row (n,), -1 where there is none: by name, else by position.

    Rows without names of their own are only numbered: with as many items as rows, of which some are no row number (they
    are counted from 1, say), items are taken in their order.

    Raises
    ------
    ParameterError
        If no item is named like a row and there are not as many items as rows.
    """
    names = index.astype(str)
    texts = pd.Index([str(i) for i in items])
    if texts.is_unique:
        found = texts.get_indexer(names)
        in_order = isinstance(index, pd.RangeIndex) and len(items) == len(index) and bool((found < 0).any())
        if (found >= 0).any() and not in_order:
            return found.astype(np.int64)
    if len(items) == len(index):
        return np.arange(len(index), dtype=np.int64)
    refuse(
        f"none of the {len(items):,} annotated items ({shorten(items, 3)}) is a row of labels ({shorten(index, 3)})",
        "annotations",
        "Pass labels as a Series whose index holds the item names.",
    )
    raise AssertionError
