"""Wide CSV: one row an item (and round), one column an annotator, headed so that reading need not guess."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem, shorten
from labelqa.io.formats.wide import ITEM, PERSON, ROUND
from labelqa.io.writers import cells
from labelqa.io.writers.cells import Content
from labelqa.io.writers.long_csv import as_numbers


def write(annotations: Annotations, columns: Sequence[str] | None) -> Content:
    """Return the file; times and durations have no place in it."""
    people = _people(annotations)
    item, round_ = ITEM, ROUND
    items = cells.names(annotations.items, "item")
    rounds = ["1"] if annotations.rounds is None else cells.names(annotations.rounds, "round")
    codes = np.zeros_like(annotations.item) if annotations.round is None else annotations.round
    in_rounds = len(rounds) > 1
    row = annotations.item.astype(np.int64) * len(rounds) + codes
    used = np.unique(row) if in_rounds else np.arange(len(items))
    table = np.full((used.size, len(people)), None, dtype=object)
    classes = cells.names(annotations.schema.classes, "class")
    table[np.searchsorted(used, row), annotations.annotator] = cells.spread(classes, annotations.label)
    of_item = used // len(rounds)
    out = {item: cells.spread(items, of_item)}
    if in_rounds:
        out[round_] = cells.spread(rounds, used % len(rounds))
    data = cells.item_columns(annotations, columns)
    new = cells.titles(data.columns, (*people, item, round_))
    for at, title in enumerate(new):
        out[title] = cells.spread([cells.text(v) for v in data.iloc[:, at]], of_item)
    out |= {name: table[:, at] for at, name in enumerate(people)}
    frame = pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in out.items()})
    notes = [*cells.renamed_note(data.columns, new), *as_numbers(annotations), *_lost(annotations)]
    return cells.csv_of(frame, notes)


def _people(annotations: Annotations) -> list[str]:
    """Return the annotators as names of columns."""
    found = cells.names(annotations.annotators, "annotator")
    stripped = [name.strip() for name in found]
    if len(set(stripped)) < len(stripped):
        twice = [n for n in found if stripped.count(n.strip()) > 1]
        raise ParameterError(
            Problem(
                what=f"annotators that differ in spaces alone ({shorten(map(repr, twice))}) cannot each have a column",
                parameter="format",
                value="wide_csv",
                next_step="Write long CSV, or give them other names.",
            )
        )
    return [f"{PERSON}{name}" for name in stripped]


def _lost(annotations: Annotations) -> list[str]:
    lost = [n for n in ("timestamp", "duration") if getattr(annotations, n) is not None]
    return [f"wide CSV has no place for {' and '.join(lost)}: long CSV and Parquet keep them"] * bool(lost)
