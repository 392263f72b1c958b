"""Long CSV: one row a label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from labelqa.annotations.schema import as_real
from labelqa.annotations.table import Annotations
from labelqa.errors import shorten
from labelqa.io.writers import cells
from labelqa.io.writers.cells import Content


def write(annotations: Annotations, columns: Sequence[str] | None) -> Content:
    """Return the file: item, annotator, label; round, timestamp (UTC), duration (s) where known; item columns."""
    classes = cells.names(annotations.schema.classes, "class")
    out = {
        "item": cells.spread(cells.names(annotations.items, "item"), annotations.item),
        "annotator": cells.spread(cells.names(annotations.annotators, "annotator"), annotations.annotator),
        "label": cells.spread(classes, annotations.label),
    }
    if annotations.round is not None and annotations.rounds is not None:
        out["round"] = cells.spread(cells.names(annotations.rounds, "round"), annotations.round)
    for name, known in (("timestamp", cells.times(annotations)), ("duration", cells.durations(annotations))):
        if known is not None:
            out[name] = known
    data = cells.item_columns(annotations, columns)
    new = cells.titles(data.columns, cells.RESERVED)
    for at, title in enumerate(new):
        out[title] = cells.spread([cells.text(v) for v in data.iloc[:, at]], annotations.item)
    frame = pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in out.items()})
    notes = [*cells.renamed_note(data.columns, new), *unlabeled(annotations), *as_numbers(annotations)]
    return cells.csv_of(frame, notes)


def unlabeled(annotations: Annotations) -> list[str]:
    """Return a note on items that have no label and so no row."""
    n = annotations.n_items - np.unique(annotations.item).size
    return [f"{n:,} items without a label have no row in this format"] * bool(n)


def as_numbers(annotations: Annotations) -> list[str]:
    """Return a note on classes that CSV would give back as numbers: 01 as 1."""
    found = [c for c in annotations.schema.classes if isinstance(c, str) and as_real(c) is not None]
    if len(found) < annotations.schema.k or all(c == str(as_real(c)).removesuffix(".0") for c in found):
        return []
    return [f"classes that spell numbers ({shorten(found)}) are read as numbers from CSV; Parquet keeps them as texts"]
