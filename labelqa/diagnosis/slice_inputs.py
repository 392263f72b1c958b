"""Features in a form that the caller's model can be refitted on."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.diagnosis.slice_rows import SliceRows, refuse
from labelqa.errors import shorten
from labelqa.slices.rowwise import as_table, in_order_of, index_of, is_numbered, same_names

TRIED = 300  # rows on which it is tried whether a model takes the features


def fitting_table(rows: SliceRows, features: object, model: object) -> tuple[object, list[str]]:
    """Return features that `model` takes, and a note where they were encoded for it.

    A model that takes the features as they are (a pipeline with its own encoding) gets them so; columns that are no
    numbers are else encoded as for label issues, which needs no labels.

    Raises
    ------
    ParameterError
        If `model` cannot be fitted on them either way, or they are not one row a label.
    """
    if not (hasattr(model, "fit") and hasattr(model, "predict")):
        kind = type(model).__name__
        refuse(f"model is {kind}, which has no fit and predict", "model", "Pass a scikit-learn classifier.")
    is_sparse = hasattr(features, "tocsr")
    table: Any = features if is_sparse else as_table(features, "features")
    table = _in_order(rows, table)
    if not is_sparse and not isinstance(table, pd.DataFrame):
        table = np.asarray(table)
    if table.ndim != 2 or table.shape[0] != rows.label.size:
        refuse(f"features has shape {table.shape} for {rows.label.size:,} labels", "features", "Pass one row a label.")
    reason = _reason_against(rows, table, model)
    if reason is None:
        return table, []
    if not isinstance(table, pd.DataFrame):
        refuse(f"model cannot be fitted on features: {reason}", "features", "Pass numbers without gaps.")
    return _encoded(rows, table, model, reason)


def _in_order(rows: SliceRows, table: Any) -> Any:  # noqa: ANN401  # whatever the caller passed
    """Return a frame in the order of the labels where both name the same rows in another order."""
    index = index_of(table)
    if index is None or len(index) != len(rows.index) or not rows.has_index:
        return table
    if not same_names(rows.index, index) and (is_numbered(index) or is_numbered(rows.index)):
        return table  # labels may name items while features are only numbered
    position = pd.Series(np.arange(len(index)), index=index)
    return table.iloc[np.asarray(in_order_of(rows.index, position, "features", "labels"))]


def _encoded(rows: SliceRows, table: pd.DataFrame, model: object, reason: str) -> tuple[object, list[str]]:
    from labelqa.label_issues.training.encode import encode  # models are imported only where one is refitted

    odd = [str(c) for j, c in enumerate(table.columns) if not _is_plain(table.iloc[:, j])]
    named = f"{'column' if len(odd) == 1 else 'columns'} {shorten(map(repr, odd), 4)}"
    encoded = encode(table.reset_index(drop=True), 0)
    for made in (encoded.linear, encoded.table):
        if odd and made is not None and _reason_against(rows, made, model) is None:
            return made, [f"{named} of features {'was' if len(odd) == 1 else 'were'} encoded for the model"]
    cause = f" ({named})" if odd else ""
    step = "Pass numbers without gaps, or a pipeline that encodes these columns itself."
    refuse(f"model cannot be fitted on features{cause}: {reason}", "features", step)
    raise AssertionError


def _is_plain(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column.dtype) and column.notna().all())


def _reason_against(rows: SliceRows, table: Any, model: object) -> str | None:  # noqa: ANN401  # any kind of table
    """Return why `model` cannot be fitted on some rows; None where it can."""
    from sklearn.base import clone

    at = _tried(rows)
    if np.unique(rows.label[at]).size < 2:
        return None
    part = table.iloc[at] if isinstance(table, pd.DataFrame) else table[at]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            clone(model).fit(part, rows.label[at]).predict(part)
        except (TypeError, ValueError) as error:
            return str(error).strip().split("\n")[0].rstrip(".")
    return None


def _tried(rows: SliceRows) -> npt.NDArray[np.intp]:
    """Return rows with a label, spread over all, and some of every class."""
    known = np.flatnonzero(rows.known)
    spread = known[:: max(1, known.size // TRIED)]
    first = np.concatenate([known[rows.label[known] == c][:3] for c in np.unique(rows.label[known])])
    return np.union1d(spread, first)
