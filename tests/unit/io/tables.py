"""Small tables for the tests of reading: the same labels under other names, in other company."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pandas as pd

CLASSES = ("sport", "politics", "culture")


def labels(
    n_items: int = 30,
    annotators: Sequence[str] = ("ana", "ben", "cem"),
    classes: Sequence[str] = CLASSES,
    seed: int = 1,
) -> list[tuple[str, str, str]]:
    """Return (item, annotator, label) rows: each annotator agrees with a hidden truth four times in five."""
    rng = random.Random(seed)
    rows = []
    for i in range(n_items):
        truth = rng.choice(classes)
        for a in annotators:
            rows.append((f"i{i:03d}", a, truth if rng.random() < 0.8 else rng.choice(classes)))
    return rows


def long(item: str = "item", annotator: str = "annotator", label: str = "label", **kwargs: object) -> pd.DataFrame:
    """Return a long table under the given column names."""
    return pd.DataFrame(labels(**kwargs), columns=[item, annotator, label])  # type: ignore[arg-type]


def wide(columns: Sequence[str], item: str | None = "id", **kwargs: object) -> pd.DataFrame:
    """Return a wide table with one column an annotator."""
    table = long(annotators=columns, **kwargs).pivot(index="item", columns="annotator", values="label")
    table = table[list(columns)].reset_index().rename_axis(columns=None)
    return table.drop(columns="item") if item is None else table.rename(columns={"item": item})


def per_item(frame: pd.DataFrame, item: str, values: Sequence[object]) -> list[object]:
    """Return a column that is constant within items, cycling through `values`."""
    codes = pd.factorize(frame[item])[0]
    return [values[c % len(values)] for c in codes]


def per_row(frame: pd.DataFrame, values: Sequence[object], seed: int = 5) -> list[object]:
    """Return a column of random values."""
    rng = random.Random(seed)
    return [rng.choice(values) for _ in range(len(frame))]
