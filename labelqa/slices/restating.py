"""Columns of items that restate what people said: no description of the item, and left out of the search."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.results import as_number, as_percent

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DETERMINED = 0.95  # share of the variance of disagreement from which a column is made of the votes
SAME_LABEL = 0.8  # kappa with the majority label from which a column is an answer, not a description
LEAST = 10  # items that must tell
RESTATES = "restates the labels"


def restating_columns(annotations: Annotations, disagreement: Floats) -> dict[str, str]:
    """Return item columns that are made of the labels, each with the reason; names are not looked at.

    A column is left out if, on items with two labels or more,

    1. its values explain at least 95 % of the variance of the items' disagreement, or of whether they are disputed at
       all (adjusted for the number of values; for numbers also the best cut in two). Votes are draws: what is known of
       an item before anybody labels it does not determine them, a vote share or a number of agreeing people does; or
    2. its values agree with the majority label, where there is one, with Cohen's kappa of at least .8: the column
       answers the question that people were asked (a consensus, an adjudicated or a true label).

    Parameters
    ----------
    annotations : Annotations
        Labels of one round, with item columns.
    disagreement : float (n,)
        Share of label pairs that split, nan for items with fewer than two labels.

    Examples
    --------
    >>> wide = pd.DataFrame({"ann": ["x", "y"] * 20, "ben": ["x", "y", "y", "y"] * 10})
    >>> both = Annotations.from_wide(wide)
    >>> from labelqa.slices.disagreement import disagreement_of_items
    >>> from dataclasses import replace
    >>> same = pd.DataFrame({"n_agree": [2, 2, 1, 2] * 10, "noise": ["car", "cafe"] * 20}, index=both.item_data.index)
    >>> list(restating_columns(replace(both, item_data=same), disagreement_of_items(both)))
    ['n_agree']
    """
    known = np.flatnonzero(~np.isnan(disagreement))
    split = disagreement[known]
    if known.size < LEAST or split.min() == split.max():
        return {}
    majority = _majority(annotations)[known]
    out = {}
    for j, name in enumerate(annotations.item_data.columns):
        column = annotations.item_data.iloc[:, j].iloc[known].reset_index(drop=True)
        codes = _codes(column)
        explained = max(_explained(codes, y, column) for y in (split, (split > 0).astype(np.float64)))
        if explained >= DETERMINED:
            out[str(name)] = f"{RESTATES}: its values tell {as_percent(explained)} of the disagreement"
            continue
        kappa = _kappa(column, majority, annotations.schema.classes)
        if kappa >= SAME_LABEL:
            out[str(name)] = f"{RESTATES}: it is the majority label (kappa {as_number(kappa, 2)})"
    return out


def _majority(annotations: Annotations) -> Ints:
    """Return the class with most labels of each item (n,), -1 where it is tied or there is none."""
    counts = np.asarray(annotations.counts)
    top = counts.max(axis=1)
    single = (counts == top[:, None]).sum(axis=1) == 1
    return np.where(single & (top > 0), counts.argmax(axis=1), -1).astype(np.int64)


def _codes(column: pd.Series) -> Ints:
    """Return one code a distinct value, what is missing being one."""
    if column.dtype != object:
        return pd.factorize(column)[0].astype(np.int64) + 1
    missing = column.isna().tolist()
    texts = [None if gone else str(v) for v, gone in zip(column.tolist(), missing, strict=True)]  # lists too
    return pd.factorize(np.array(texts, dtype=object))[0].astype(np.int64) + 1


def _explained(codes: Ints, y: Floats, column: pd.Series) -> float:
    """Return the share of the variance of `y` that values explain, adjusted for their number; or the best cut does."""
    total = float(((y - y.mean()) ** 2).sum())
    if total <= 0:
        return 0.0
    n = np.bincount(codes)
    used = int((n > 0).sum())
    found = 0.0
    if 1 < used <= y.size / 2:
        sums = np.bincount(codes, weights=y)
        within = float((y**2).sum() - (sums[n > 0] ** 2 / n[n > 0]).sum())
        found = 1 - within / (y.size - used) * (y.size - 1) / total
    if used > 2 and pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        found = max(found, _best_cut(column, y, total))
    return found


def _best_cut(column: pd.Series, y: Floats, total: float) -> float:
    """Return the share of the variance that numbers below and above the best limit explain."""
    numbers = np.asarray(column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    known = ~np.isnan(numbers)
    order = np.argsort(numbers[known], kind="stable")
    values, sorted_y = numbers[known][order], y[known][order] - y.mean()
    at = np.flatnonzero(values[1:] > values[:-1]) + 1
    if not at.size or not known.all():
        return 0.0
    below = np.cumsum(sorted_y)[at - 1]  # the sum of all is 0
    return float((below**2 / at + below**2 / (values.size - at)).max() / total)


def _kappa(column: pd.Series, majority: Ints, classes: tuple[object, ...]) -> float:
    """Return Cohen's kappa of a column with the majority label; 0 where they have no class in common."""
    if not column.map(lambda v: isinstance(v, str | int | float | bool | np.generic)).any():
        return 0.0
    names = {str(c): i for i, c in enumerate(classes)}
    said = np.array([names.get(_as_class(v), -1) for v in column.tolist()], dtype=np.int64)
    both = (majority >= 0) & column.notna().to_numpy()
    if both.sum() < LEAST or (said[both] < 0).mean() > 1 - SAME_LABEL:
        return 0.0
    k = len(names) + 1  # the last: no class
    table = np.bincount(np.where(said[both] < 0, k - 1, said[both]) * k + majority[both], minlength=k * k)
    shares = table.reshape(k, k) / both.sum()
    chance = float(shares.sum(axis=1) @ shares.sum(axis=0))
    return float((np.trace(shares) - chance) / (1 - chance)) if chance < 1 else 0.0


def _as_class(value: object) -> str:
    """Return a value as classes are spelled: whole numbers without a point."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()
