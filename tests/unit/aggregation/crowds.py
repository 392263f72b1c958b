"""Small simulated crowds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from labelqa.aggregation.labeltable import LabelTable
from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations


def codes(labels):
    """Return item, annotator and label codes of a matrix (n, m); -1 is no label."""
    item, annotator = np.nonzero(np.asarray(labels) >= 0)
    return item.astype(np.int32), annotator.astype(np.int32), np.asarray(labels)[item, annotator].astype(np.int32)


def table(labels, k):
    return LabelTable.from_codes(*codes(labels), (*np.shape(labels), k))


def annotations(labels, k):
    """Return annotations of a matrix (n, m) of class codes; items i0, i1, ..., annotators g0, ..., classes c0, ..."""
    n, m = np.shape(labels)
    item, annotator, label = codes(labels)
    return Annotations(
        item=item,
        annotator=annotator,
        label=label,
        items=pd.Index([f"i{i}" for i in range(n)]),
        annotators=pd.Index([f"g{g}" for g in range(m)]),
        schema=LabelSchema(classes=tuple(f"c{c}" for c in range(k))),
        item_data=pd.DataFrame(index=range(n)),
    )


def crowd(n, right, k=2, *, share=1.0, seed=0):
    """Return truth (n,) and labels (n, m) of annotators who are right with probability `right` (m,)."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    m = len(right)
    wrong = (truth[:, None] + rng.integers(1, k, (n, m))) % k
    labels = np.where(rng.random((n, m)) < np.asarray(right), truth[:, None], wrong)
    return truth, np.where(rng.random((n, m)) < share, labels, -1)
