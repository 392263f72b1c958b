"""F1 of each class and their mean, with intervals."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.inference.intervals import t_half_width
from labelqa.inference.proportions import wilson

Floats = npt.NDArray[np.float64]
Interval = tuple[int, float, float, float, str | None]  # n, estimate, low, high, reason
MACRO = "mean of classes"


def f1_of_class(label: pd.Series, predicted: pd.Series, name: object, level: float) -> Interval:
    """Return F1 of one class; n counts rows that have it as label or prediction.

    F1 is 2 J / (1 + J) of the share J of these rows that have it as both: Wilson's interval of J, bent the same way.
    """
    either, both = (
        int(((label == name) | (predicted == name)).sum()),
        int(((label == name) & (predicted == name)).sum()),
    )
    if not either:
        return 0, math.nan, math.nan, math.nan, "there are no such rows"
    values = (float(v[0]) for v in wilson(np.array([float(both)]), np.array([float(either)]), level))
    estimate, low, high = (2 * v / (1 + v) for v in values)
    return either, estimate, low, high, None


def macro_f1(label: pd.Series, predicted: pd.Series, level: float) -> Interval:
    """Return the mean of F1 over classes that occur, with the jackknife interval over rows.

    References
    ----------
    Efron, B. (1982). The Jackknife, the Bootstrap and Other Resampling Plans. SIAM, chapter 3.
    """
    n = len(label)
    if not n:
        return 0, math.nan, math.nan, math.nan, "there are no such rows"
    codes, classes = pd.factorize(pd.concat([label, predicted], ignore_index=True))  # no prediction: -1, a wrong one
    k = len(classes)
    table = np.zeros((k, k + 1))
    np.add.at(table, (codes[:n], codes[n:]), 1)
    estimate = _mean_f1(table)
    cells = np.argwhere(table > 0)
    without = np.empty(len(cells))
    for at, (i, j) in enumerate(cells.tolist()):
        table[i, j] -= 1
        without[at] = _mean_f1(table)
        table[i, j] += 1
    times = table[*cells.T]
    spread = float(times @ (without - without @ times / n) ** 2) * (n - 1) / n
    half = t_half_width(math.sqrt(spread), level, n - 1) if n > 1 else math.nan
    return n, estimate, max(0.0, estimate - half), min(1.0, estimate + half), None


def _mean_f1(table: Floats) -> float:
    """Return the mean F1 of classes in a table (k, k + 1) of labels by predictions, the last: none."""
    total = table.sum(axis=1) + table[:, :-1].sum(axis=0)
    used = total > 0
    return float((2 * np.diag(table)[used] / total[used]).mean()) if used.any() else math.nan
