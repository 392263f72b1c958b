"""Simulated labels with confused classes, and dense formulas to check against."""

from __future__ import annotations

import numpy as np
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import CountPatterns


def counts_of(rng, k=5, n=300, m=3, errors=0.15, planted=(), rate=0.4, shares=None):
    """Return label counts (n, k) of items with a true class; pairs in `planted` are fuzzy on a share of their items."""
    truth = rng.choice(k, n, p=shares)
    wrong = rng.random((n, m)) < errors
    labels = np.where(wrong, rng.integers(0, k, (n, m)), truth[:, None])
    for a, b in planted:
        fuzzy = ((truth == a) | (truth == b)) & (rng.random(n) < rate)
        labels = np.where(fuzzy[:, None] & ~wrong, np.where(rng.random((n, m)) < 0.5, a, b), labels)
    counts = np.zeros((n, k), dtype=np.int64)
    np.add.at(counts, (np.repeat(np.arange(n), m), labels.ravel()), 1)
    return counts


def patterns_of(counts):
    times = np.ones(len(counts), dtype=np.int64)
    return CountPatterns(
        patterns=counts,
        multiplicity=times,
        schema=LabelSchema(classes=tuple("abcdefghijklmnopqrst"[: counts.shape[1]])),
    )


def coincidences(counts):
    """Return the coincidence matrix (k, k) by its definition."""
    r = counts.sum(axis=1)
    counts, r = counts[r >= 2], r[r >= 2]
    weighted = counts / (r - 1)[:, None]
    return weighted.T @ counts - np.diag(weighted.sum(axis=0))


def alpha(counts):
    o = coincidences(counts)
    shares, total = o.sum(axis=1) / o.sum(), o.sum()
    return 1 - (1 - 1 / total) * (1 - np.trace(o) / total) / (1 - (shares**2).sum())


def annotations_of(labels, **columns):
    """Return annotations of a table (n, m) of class names; `columns` are data of the items."""
    n, m = np.shape(labels)
    frame = pd.DataFrame(
        {
            "item": np.repeat(np.arange(n), m),
            "annotator": np.tile([f"p{j}" for j in range(m)], n),
            "label": np.ravel(labels),
            **{name: np.repeat(np.asarray(values, dtype=object), m) for name, values in columns.items()},
        }
    )
    return Annotations.from_frame(frame.dropna(subset=["label"]), item="item", annotator="annotator", label="label")
