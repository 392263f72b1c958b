"""Shares of each annotator's labels that can be counted without knowing the truth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.labeltable import LabelTable
from labelqa.annotations.table import Annotations

Floats = npt.NDArray[np.float64]
OTHERS_NEEDED = 2


def lone_dissents(table: LabelTable) -> tuple[Floats, Floats]:
    """Return how often each annotator stood alone against two or more others who agree, and out of how many labels.

    Counted are labels whose item has two or more others, float64 (m,) each.
    """
    judged = (table.labels_per_item >= OTHERS_NEEDED + 1)[table.item]
    own = table.votes[table.item, table.label]
    most = table.votes.max(axis=1, initial=0.0)[table.item]
    alone = judged & (own == 1) & (most == table.labels_per_item[table.item] - 1)
    return _per_annotator(table.annotator, alone, table.m), _per_annotator(table.annotator, judged, table.m)


def repeated_labels(annotations: Annotations) -> tuple[Floats, Floats]:
    """Return how often each annotator gave an item the same label as in the round before, and out of how many.

    Pairs are successive rounds in which the annotator labeled the item, float64 (m,) each.
    """
    m = annotations.n_annotators
    if annotations.round is None:
        return np.zeros(m), np.zeros(m)
    order = np.lexsort((annotations.round, annotations.annotator, annotations.item))
    item, annotator, label = (a[order] for a in (annotations.item, annotations.annotator, annotations.label))
    again = (item[1:] == item[:-1]) & (annotator[1:] == annotator[:-1])
    same = again & (label[1:] == label[:-1])
    return _per_annotator(annotator[1:], same, m), _per_annotator(annotator[1:], again, m)


def median_seconds(annotations: Annotations) -> Floats:
    """Return the median seconds each annotator spent on a label, float64 (m,), nan where not known."""
    import pandas as pd

    out = np.full(annotations.n_annotators, np.nan)
    if annotations.duration is not None:
        found = pd.Series(annotations.duration).groupby(annotations.annotator).median()
        out[found.index.to_numpy()] = found.to_numpy()
    return out


def _per_annotator(annotator: npt.NDArray[np.int32], counted: npt.NDArray[np.bool_], m: int) -> Floats:
    return np.bincount(annotator[counted], minlength=m).astype(np.float64)
