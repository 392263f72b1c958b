"""Small data for the tests of triage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.label_issues.find import find_label_issues


def wide(*rows, people="abcdefgh"):
    """Return annotations with one string of one-letter labels an item, ``.`` where one is missing."""
    columns = {
        g: [row[at] if at < len(row) and row[at] != "." else None for row in rows] for at, g in enumerate(people)
    }
    return Annotations.from_wide(pd.DataFrame({g: column for g, column in columns.items() if any(column)}))


def long(rows, **options):
    """Return annotations of (item, annotator, label, round) tuples."""
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "round"])
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label", round="round", **options)


def calm(n=40):
    """Return rows of items on which five people agree, classes x, y and z in turn."""
    return ["xyz"[i % 3] * 5 for i in range(n)]


def split_pair(n=12):
    """Return rows on which people split between x and y, three against two either way."""
    return ["xxxyy" if i % 2 else "yyyxx" for i in range(n)]


def issues_of(labels, probabilities, classes="xyz"):
    """Return label issues of a Series of labels whose opinion is `probabilities` (n, k)."""
    found = find_label_issues(labels, pred_probs=pd.DataFrame(probabilities, columns=list(classes), index=labels.index))
    given = found.given
    stated = np.asarray(probabilities, dtype=float)
    return replace(
        found,
        probabilities=stated,
        quality=stated[np.arange(len(given)), given],
        suggested=stated.argmax(axis=1).astype(np.int32),
    )
