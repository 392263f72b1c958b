"""Hugging Face Parquet: one row an item, with the majority, the shares of the classes and each label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem
from labelqa.io.writers import cells
from labelqa.io.writers.cells import Content
from labelqa.io.writers.long_parquet import parquet, typed

LABELS, PEOPLE = "annotator_labels", "annotators"
OURS = ("item", "label", "soft_label", LABELS, PEOPLE)
DTYPES = {"string": "string", "int64": "int64", "double": "float64", "bool": "bool"}


def write(annotations: Annotations, columns: Sequence[str] | None) -> Content:
    """Return the data set; ``datasets`` gives the classes their names.

    `label` is the class that most annotators gave, -1 where there is no such class; `soft_label` has the share of
    each class in the order of the classes (empty without labels).

    Raises
    ------
    ParameterError
        If there are several rounds: an item would have several rows.
    """
    if annotations.n_rounds > 1:
        step = "Choose one: annotations.where(round=...), --only-round."
        what = f"one row an item cannot hold {annotations.n_rounds} rounds"
        raise ParameterError(Problem(what=what, parameter="format", value="huggingface", next_step=step))
    notes: list[str] = []
    data = cells.item_columns(annotations, columns)
    new = cells.titles(data.columns, OURS)
    out = {"item": pa.array(cells.names(annotations.items, "item"), pa.string())}
    out |= {title: _simple(typed(data.iloc[:, at], title, notes)) for at, title in enumerate(new)}
    features: dict[str, object] = {
        name: {"dtype": DTYPES[str(column.type)], "_type": "Value"} for name, column in out.items()
    }
    classes = {"names": cells.names(annotations.schema.classes, "class"), "_type": "ClassLabel"}
    out |= _labels(annotations)
    features |= {
        "label": classes,
        "soft_label": {"feature": {"dtype": "float64", "_type": "Value"}, "_type": "List"},
        LABELS: {"feature": classes, "_type": "List"},
        PEOPLE: {"feature": {"dtype": "string", "_type": "Value"}, "_type": "List"},
    }
    table = pa.table(out).replace_schema_metadata({"huggingface": cells.as_json({"info": {"features": features}})})
    lost = [n for n in ("timestamp", "duration") if getattr(annotations, n) is not None]
    notes += [f"one row an item has no place for {' and '.join(lost)}: Parquet keeps them"] * bool(lost)
    notes += cells.renamed_note(data.columns, new)
    return Content(data=parquet(table), n_rows=table.num_rows, notes=tuple(notes))


def _labels(annotations: Annotations) -> dict[str, pa.Array]:
    counts = annotations.counts
    total = counts.sum(axis=1)
    most = counts.max(axis=1, initial=0)
    decided = (total > 0) & ((counts == most[:, None]).sum(axis=1) == 1)
    majority = np.where(decided, counts.argmax(axis=1), -1) if annotations.schema.k else np.full(len(total), -1)
    shares = [(row / n).tolist() if n else [] for row, n in zip(counts, total, strict=True)]
    order = np.lexsort((annotations.annotator, annotations.item))
    ends = np.searchsorted(annotations.item[order], np.arange(annotations.n_items + 1))
    people = cells.names(annotations.annotators, "annotator")
    return {
        "label": pa.array(majority.astype(np.int64)),
        "soft_label": pa.array(shares, pa.list_(pa.float64())),
        LABELS: _lists(ends, pa.array(annotations.label[order].astype(np.int64))),
        PEOPLE: _lists(ends, pa.array(people, pa.string()).take(pa.array(annotations.annotator[order]))),
    }


def _lists(ends: Any, values: pa.Array) -> pa.Array:  # noqa: ANN401  # int (n + 1,)
    return pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), values)


def _simple(column: pa.Array) -> pa.Array:
    """Return a column of a type that every version of `datasets` knows."""
    if pa.types.is_integer(column.type) and not pa.types.is_uint64(column.type):
        return column.cast(pa.int64())
    if pa.types.is_floating(column.type):
        return column.cast(pa.float64())
    if pa.types.is_boolean(column.type) or pa.types.is_string(column.type):
        return column
    return pa.array([cells.text(v) for v in column.to_pylist()], pa.string())
