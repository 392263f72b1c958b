"""Long Parquet: one row a label; types, and the order of classes, are kept."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from labelqa.annotations.table import Annotations
from labelqa.io.writers import cells
from labelqa.io.writers.cells import Content
from labelqa.io.writers.long_csv import unlabeled


def write(annotations: Annotations, columns: Sequence[str] | None) -> Content:
    """Return the file, with the columns of long CSV."""
    notes: list[str] = []
    names = {
        "item": (annotations.items, annotations.item),
        "annotator": (annotations.annotators, annotations.annotator),
        "round": (annotations.rounds, annotations.round),
    }
    out: dict[str, pa.Array] = {}
    for role, (values, codes) in names.items():
        if values is not None and codes is not None:
            out[role] = typed(values, role, notes).take(pa.array(codes))
    classes = typed(annotations.schema.classes, "label", notes)
    # An ordered dictionary says in which order classes are, and which were declared but not used.
    label = pa.DictionaryArray.from_arrays(pa.array(annotations.label), classes, ordered=True)
    out["label"] = label if pa.types.is_string(classes.type) else classes.take(pa.array(annotations.label))
    if annotations.timestamp is not None and not np.isnat(annotations.timestamp).all():
        out["timestamp"] = pa.array(annotations.timestamp)
    if annotations.duration is not None and not np.isnan(annotations.duration).all():
        out["duration"] = pa.array(annotations.duration, from_pandas=True)
    data = cells.item_columns(annotations, columns)
    new = cells.titles(data.columns, cells.RESERVED)
    for at, title in enumerate(new):
        out[title] = typed(data.iloc[:, at], title, notes).take(pa.array(annotations.item))
    order = [*(r for r in cells.RESERVED if r in out), *new]
    notes += [*cells.renamed_note(data.columns, new), *unlabeled(annotations)]
    return Content(data=parquet(pa.table({n: out[n] for n in order})), n_rows=len(annotations), notes=tuple(notes))


def typed(values: Iterable[Any], name: str, notes: list[str]) -> pa.Array:
    """Return values with their type; as text, and with a note, where they have several."""
    listed = values if isinstance(values, pd.Series | pd.Index) else list(values)
    try:
        found = pa.array(listed, from_pandas=True)
        found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
        if pa.types.is_large_string(found.type):
            found = found.cast(pa.string())
    except (pa.ArrowException, TypeError, ValueError, OverflowError):  # UnicodeEncodeError is a ValueError
        found = None
    if found is None or pa.types.is_null(found.type) or pa.types.is_nested(found.type):
        notes += [f"{name}: values of several types, or lists, were written as text"] * (found is None)
        return pa.array([cells.text(v) for v in listed], pa.string())
    return found.dictionary_decode() if pa.types.is_dictionary(found.type) else found


def parquet(table: pa.Table) -> bytes:
    """Return a table as a Parquet file."""
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()
