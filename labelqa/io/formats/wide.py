"""Wide CSV as this library writes it: the annotators' columns say that they are, so that nothing has to be guessed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from labelqa.io.formats.answers import free
from labelqa.io.stack import stack
from labelqa.io.tables import Table

PERSON = "annotator:"  # before the name, at the head of a column
ITEM, ROUND = "item", "round"
NO_LABEL = "empty cell: no label by that annotator"


def fits(table: Table) -> bool:
    """Tell whether columns are marked as those of annotators."""
    names = [str(c) for c in table.frame.columns]
    return ITEM in names and any(n.startswith(PERSON) and len(n) > len(PERSON) for n in names)


def read(table: Table) -> Table:
    """Return one row a label; empty cells are set aside."""
    frame = table.frame
    people = [c for c in frame.columns if str(c).startswith(PERSON)]
    others = frame.drop(columns=people)
    _, origin = stack([table])
    row = np.repeat(np.arange(len(frame)), len(people))
    label = pd.concat([frame[p] for p in people], ignore_index=True)
    label = label.take(np.arange(len(label)).reshape(len(people), -1).T.ravel()).reset_index(drop=True)
    empty = label.isna().to_numpy() | (label == "").fillna(False).to_numpy(dtype=bool)
    kept = np.flatnonzero(~empty)
    roles = {"item": ITEM, **({"round": ROUND} if ROUND in others.columns else {})}
    for role in ("annotator", "label"):
        roles[role] = free(role, others.columns)
    names = np.tile(np.array([str(p)[len(PERSON) :] for p in people], dtype=object), len(frame))
    long = others.take(row[kept]).reset_index(drop=True)
    long[roles["annotator"]] = pd.Series(names[kept], dtype=object)
    long[roles["label"]] = label.take(kept).reset_index(drop=True)
    by_label = origin.of_rows(row)
    return replace(
        table,
        frame=long,
        row_number=by_label.of_rows(kept).row_number,
        set_aside=(*table.set_aside, *by_label.set_aside(np.flatnonzero(empty), NO_LABEL)),
        roles=roles,
    )
