"""Label issues with a quality that the test chooses."""

from __future__ import annotations

import numpy as np
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.label_issues.result import LabelIssues
from labelqa.label_issues.words import Evidence


def issues_of(quality, *, given=None, suggested=None, classes=("a", "b", "c"), items=None):
    """Return issues with `quality` (n,); suggested is by default another class where quality is below one half."""
    quality = np.asarray(quality, dtype=float)
    n, k = quality.size, len(classes)
    given = np.zeros(n, np.int32) if given is None else np.asarray(given, np.int32)
    suggested = np.where(quality < 0.5, (given + 1) % k, given) if suggested is None else suggested
    suggested = np.asarray(suggested, np.int32)
    schema = LabelSchema(classes=tuple(classes))
    return LabelIssues(
        items=pd.RangeIndex(n) if items is None else pd.Index(items),
        schema=schema,
        given=given,
        suggested=suggested,
        quality=quality,
        probabilities=np.full((n, k), 1 / k),
        expected_errors=float((1 - quality).sum()),
        expected_errors_low=0.0,
        expected_errors_high=float(n),
        source="a model",
        _evidence=Evidence(names=schema.names, given=given, suggested=suggested, models=suggested[:, None]),
    )


def population(n, rate, seed, *, seen=True):
    """Return issues and which labels are wrong (n,); unseen errors have the quality of right labels."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(n) < rate
    good = rng.beta(20, 1, n)
    return issues_of(np.where(wrong, rng.beta(1.5, 2, n), good) if seen else good), wrong


def words(wrong, rows):
    """Return verdicts on `rows`, by item."""
    return {int(row): "wrong" if wrong[row] else "right" for row in rows}
