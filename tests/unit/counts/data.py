"""Labels on small engines, and counting by brute force."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa

from labelqa.annotations.classes import BuildOptions
from labelqa.counts.engine.frame import EngineFrame, Roles, engine_frame
from labelqa.counts.engine.survey import Survey, survey

ROLES = Roles(item="item", label="label")
WITH_WHO = Roles(item="item", label="label", annotator="annotator")


def looked_at(rows: pd.DataFrame, roles: Roles = WITH_WHO, **options) -> tuple[EngineFrame, Survey]:
    """The rows on pyarrow, and their survey."""
    data = engine_frame(pa.Table.from_pandas(rows, preserve_index=False), roles)
    return data, survey(data, roles, BuildOptions(**options))


def brute(rows: pd.DataFrame, *, by_annotator: bool) -> Counter[tuple[tuple[object, int], ...]]:
    """How many items have each multiset of labels, or of (annotator, label)."""
    keys = ["annotator", "label"] if by_annotator else ["label"]
    used = rows.dropna(subset=["label", "annotator"])
    kinds: Counter[tuple[tuple[object, int], ...]] = Counter()
    for item in rows["item"].unique():
        mine = used.loc[used["item"] == item, keys].itertuples(index=False, name=None)
        kinds[tuple(sorted(Counter(mine).items()))] += 1
    return kinds


def spelled(kinds, found: Survey, *, by_annotator: bool) -> Counter[tuple[tuple[object, int], ...]]:
    """Kinds as `brute` writes them."""
    k = found.schema.k
    out: Counter[tuple[tuple[object, int], ...]] = Counter()
    for dense, times in zip(kinds.rows.to_dense(), kinds.multiplicity, strict=True):
        entries = []
        for code in np.flatnonzero(dense):
            label = found.schema.classes[code % k]
            name = (found.names[code // k], label) if by_annotator else (label,)
            entries.append((name, int(dense[code])))
        out[tuple(sorted(entries))] += int(times)
    return out
