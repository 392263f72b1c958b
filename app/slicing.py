"""Kinds of items: which items a slice holds, which classes are mixed up in it, and what a model gets wrong."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

import labelqa as lq
from labelqa_app.measured import KEPT, Key, key_of, labels_of, slices_in
from labelqa_app.shell import Here

STORED = ("label", "stored", "gold", "target", "y", "class")  # how a column of stored labels may be called
PREDICTED = ("predict", "model", "pred", "guess", "output")


def items_of_slice(here: Here, round: int, predicates: str) -> tuple[str, ...]:
    """Return the items of a slice that an address names by its conditions; none where there is no such slice.

    For pages that are opened with the items of a slice: ``?round=1&slice=channel = chat``.
    """
    data = labels_of(here, round)
    if data is None or not data.item_data.shape[1]:
        return ()
    key = key_of(here, round, data)
    found = slices_in(key, data)
    names = found.frame["predicates"].tolist()
    return _mask_items(found, names.index(predicates), data) if predicates in names else ()


@st.cache_resource(max_entries=4 * KEPT, show_spinner=False)
def taken_apart(key: Key, i: int, _found: lq.SliceTable) -> Any:  # noqa: ANN401  # a result without a public name
    """Return slice `i` beside its parts."""
    del key
    return _found.detail(i)


@st.cache_resource(max_entries=4 * KEPT, show_spinner=False)
def crossed(key: Key, first: str | None, second: str | None, _found: lq.SliceTable) -> Any:  # noqa: ANN401  # the same
    """Return the disagreement for each pair of values of two columns; of the strongest two where none is named."""
    del key
    return _found.cells(first, second)


def _mask_items(found: lq.SliceTable, i: int, data: lq.Annotations) -> tuple[str, ...]:
    return tuple(str(item) for item in data.items[found.mask(i)])


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def class_columns(key: Key, _data: lq.Annotations) -> list[str]:
    """Return the item columns that hold nothing but classes: stored labels and predictions."""
    del key
    names = set(_data.schema.names)
    return [str(c) for c in _data.item_data.columns if _holds_classes(_data.item_data[c], names)]


def _holds_classes(column: pd.Series, names: set[str]) -> bool:
    known = column.dropna()
    return len(known) > 0 and set(known.astype(str).str.slice(0, 500).unique()) <= names


def guessed(columns: list[str]) -> tuple[str, str]:
    """Return which of two or more columns holds the stored labels and which the predictions, by their names.

    Examples
    --------
    >>> guessed(["prediction", "stored_label"])
    ('stored_label', 'prediction')
    """
    predicted = next((c for c in columns if any(w in c.casefold() for w in PREDICTED)), columns[-1])
    rest = [c for c in columns if c != predicted]
    stored = next((c for c in rest if any(w in c.casefold() for w in STORED)), rest[0])
    return stored, predicted


@st.cache_resource(max_entries=KEPT, show_spinner="Looking for where the model goes wrong, and why…")
def diagnosed(
    key: Key, stored: str, predicted: str, _data: lq.Annotations
) -> tuple[lq.SliceTable, lq.SliceDiagnosis | None]:
    """Return where predictions differ from stored labels more than elsewhere, and the remedy for each."""
    del key
    items = _data.item_data.set_axis(_data.items)
    items = items[items[stored].notna() & items[predicted].notna()]
    labels, said = items[stored].astype(str), items[predicted].astype(str)
    found = lq.find_slices(items.drop(columns=[stored, predicted]), (labels != said).to_numpy(dtype=float))
    if not len(found):
        return found, None
    return found, lq.diagnose_slices(found, labels, said, annotations=_data)
