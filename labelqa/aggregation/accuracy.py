"""How often each annotator is right where nobody knows the truth: what the others say, and how sure that is.

A label is right with probability q by what the others of its item say. If its annotator is right with probability a,
the others' word and the own label fit together with probability ``a q + (1 - a) e``, where e is the chance of this
label given that it is wrong. The product over the annotator's labels is the likelihood of a: labels whose truth is
doubtful say little, and errors of the others do not count against the annotator. With a flat prior the interval holds
the middle of the posterior; it is widened to what a likelihood-ratio test would keep, so that it can reach 0 and 1.
That these intervals cover is our own finding: ``python -m tests.bench.annotator_intervals``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.labeltable import LabelTable
from labelqa.annotations.schema import LabelSchema
from labelqa.results import reason_as_object

Floats = npt.NDArray[np.float64]
FEW = 20  # labels under which an interval is a rough guide
COLUMNS = ("annotator", "n", "accuracy", "low", "high", "confuses", "reason")
NO_OTHERS = "nobody else labeled the same items"
FEW_LABELS = f"fewer than {FEW} labels: a rough guide"
GRID = np.linspace(0.0, 1.0, 401)  # accuracies a
NODES = (1 - np.cos(np.linspace(0.0, np.pi, 129))) / 2  # odds q / (q + e), dense at both ends
TINY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Likelihood:
    """Log-likelihood of the accuracy of every annotator on :data:`GRID`.

    Attributes
    ----------
    log : float64 (m, 401)
        Largest value 0.
    n : float64 (m,)
        Labels that are judged.
    """

    log: Floats
    n: Floats

    @classmethod
    def of(cls, annotator: npt.NDArray[np.int32], right: Floats, wrong: Floats, m: int) -> Likelihood:
        """Take q and e of every label (r,); labels where they are nan are left out.

        Labels are collected at 129 values of q / (q + e), so the cost hardly depends on their number.
        """
        known = ~np.isnan(right)
        owner = annotator[known].astype(np.int64)
        odds = right[known] / np.maximum(right[known] + wrong[known], TINY)
        above = np.clip(np.searchsorted(NODES, odds), 1, NODES.size - 1)
        part = (odds - NODES[above - 1]) / (NODES[above] - NODES[above - 1])
        size = m * NODES.size
        key = owner * NODES.size + above
        at_nodes = np.bincount(key, weights=part, minlength=size) + np.bincount(key - 1, 1 - part, minlength=size)
        fits = GRID * NODES[:, None] + (1 - GRID) * (1 - NODES[:, None])
        log = at_nodes.reshape(m, NODES.size) @ np.log(np.maximum(fits, TINY))
        top = log.max(axis=1, keepdims=True, initial=-np.inf)
        return cls(log=log - top, n=np.bincount(owner, minlength=m).astype(np.float64))

    def density(self) -> Floats:
        """Return the posterior under a flat prior, float64 (m, 401)."""
        density = np.exp(self.log)
        return np.asarray(density / density.sum(axis=1, keepdims=True))

    def moments(self) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of the posterior, (m,) each."""
        density = self.density()
        mean = density @ GRID
        return mean, np.sqrt(np.maximum(density @ GRID**2 - mean**2, TINY**2))

    def limits(self, level: float, stretch: Floats | float = 1.0) -> tuple[Floats, Floats, Floats]:
        """Return estimate (the maximum), low and high, (m,) each; nan where no label is judged.

        Parameters
        ----------
        level : float
            Nominal coverage.
        stretch : float64 (m,) or float
            By which both arms are longer, for what the likelihood does not know of.
        """
        from scipy.special import chdtri

        below = np.cumsum(self.density(), axis=1)
        estimate = GRID[self.log.argmax(axis=1)]
        kept = self.log >= -chdtri(1, 1 - level) / 2
        low = np.minimum(GRID[(below < 0.5 - level / 2).sum(axis=1)], GRID[kept.argmax(axis=1)])
        upper = np.minimum((below < 0.5 + level / 2).sum(axis=1), GRID.size - 1)
        high = np.maximum(GRID[upper], GRID[GRID.size - 1 - kept[:, ::-1].argmax(axis=1)])
        low = np.maximum(estimate - stretch * (estimate - low), 0.0)
        high = np.minimum(estimate + stretch * (high - estimate), 1.0)
        none = self.n == 0
        return tuple(np.where(none, np.nan, value) for value in (estimate, low, high))  # type: ignore[return-value]


def annotator_frame(
    table: LabelTable, right: Floats, confusion: Floats, names: pd.Index, schema: LabelSchema
) -> pd.DataFrame:
    """Return accuracy, 95 % interval and main confusion of every annotator, least accurate first.

    Parameters
    ----------
    table : LabelTable
        The labels.
    right : float64 (r,)
        Probability that each label is right by what the others say; nan where there are no others.
    confusion : float64 (m, k, k)
        Confusions, for the class that is mistaken most.
    names : pandas.Index (m,)
        Annotators.
    schema : LabelSchema
        Classes.

    Notes
    -----
    Errors are taken to be spread evenly over the other classes; :func:`labelqa.annotator_quality` knows better, and
    also counts in how uncertain the errors of the others are.
    """
    wrong = (1 - right) / max(table.k - 1, 1)
    likelihood = Likelihood.of(table.annotator, right, wrong, table.m)
    accuracy, low, high = likelihood.limits(0.95)
    frame = pd.DataFrame(
        {
            "annotator": [str(name) for name in names],
            "n": table.labels_per_annotator,
            "accuracy": accuracy,
            "low": low,
            "high": high,
            "confuses": main_confusions(confusion, schema),
            "reason": [NO_OTHERS if n == 0 else FEW_LABELS if n < FEW else None for n in likelihood.n],
        },
        columns=list(COLUMNS),
    )
    frame = reason_as_object(frame)
    return frame.sort_values(["accuracy", "n"], kind="stable", na_position="last").reset_index(drop=True)


def main_confusions(errors: Floats, schema: LabelSchema) -> list[str | None]:
    """Return the largest entry off the diagonal of each annotator's (m, k, k) in words, None where there is none."""
    m, k = errors.shape[:2]
    if k < 2 or m == 0:
        return [None] * m
    off = errors * (1 - np.eye(k))
    flat = off.reshape(m, -1)
    c, given = np.divmod(flat.argmax(axis=1), k)
    names = schema.names
    return [
        f"{names[a]} as {names[b]}" if flat[g].max() > 0 else None
        for g, (a, b) in enumerate(zip(c, given, strict=True))
    ]
