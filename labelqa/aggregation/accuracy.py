"""How often each annotator is right where nobody knows the truth: what the others say, and how sure that is.

A label is right with probability q by what the others of its item say. If its annotator is right with probability a,
the others' word and the own label fit together with probability ``a q + (1 - a) e``, where e is the chance of this
label given that it is wrong. The product over the annotator's labels is the likelihood of a: labels whose truth is
doubtful say little, and errors of the others do not count against the annotator. With a flat prior the interval holds
the middle of the posterior; it is widened to what a likelihood-ratio test would keep, so that it can reach 0 and 1.
The accuracy that is shown is the maximum with two pseudo-labels of the group's accuracy: where the labels hardly tell
(a likelihood that is nearly flat has its maximum at 0 or 1) it is that of the group, and with many labels the
annotator's own. That these intervals cover is our own finding: ``python -m tests.bench.annotator_intervals``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.em import Known
from labelqa.aggregation.labeltable import LabelTable
from labelqa.annotations.schema import LabelSchema
from labelqa.results import reason_as_object

Floats = npt.NDArray[np.float64]
LEVEL = 0.95  # of intervals, unless asked otherwise
FEW = 20  # labels under which an interval is a rough guide
COLUMNS = ("annotator", "n", "accuracy", "low", "high", "confuses", "reason")
NO_OTHERS = "nobody else labeled the same items"
FEW_LABELS = f"fewer than {FEW} labels: a rough guide"
WIDE = 0.75  # width of an interval from which on the group says more than the labels
HARDLY = "the labels hardly tell: a rough guide, drawn to the accuracy of the group"
ONE_CLASS = "only one class was used: no label could be wrong"
BELOW_CHANCE = "worse than chance: labels may be swapped, or the instruction misread"
CONTRADICT = "annotators contradict each other more often than chance would: nothing tells who is right"
TWO_ONLY = "two annotators only: where they differ, labels do not tell who is right"
GRID = np.linspace(0.0, 1.0, 401)  # accuracies a
NODES = (1 - np.cos(np.linspace(0.0, np.pi, 129))) / 2  # odds q / (q + e), dense at both ends
TINY = 1e-6
GROUP_LABELS = 2.0  # pseudo-labels of the group's accuracy in that of each
ANCHOR_LABELS = 4.0  # pseudo-labels of the anchor in the group's accuracy
ANCHOR = 0.75  # way from chance to perfect
TIE = 1e-9
ONE_MISTAKE = 1.0 - 0.05  # expected mistakes of a kind from which on they are named; one that is nearly certain counts


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

    def pulled(self, k: int) -> Floats:
        """Return the accuracy of each annotator, drawn to that of the group, and that to one of k classes, (m,)."""
        anchor = 1 / k + ANCHOR * (1 - 1 / k)
        group = GRID[(self.log.sum(axis=0) + ANCHOR_LABELS * _log_of(anchor)).argmax()]
        return np.asarray(GRID[(self.log + GROUP_LABELS * _log_of(group)).argmax(axis=1)])

    def contradict(self, k: int) -> bool:
        """Tell whether labels fit the others' word less often than chance would with k classes, all in all."""
        return bool(self.n.any() and GRID[self.log.sum(axis=0).argmax()] < 1 / k)

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


def accuracies(
    table: LabelTable,
    likelihood: Likelihood,
    *,
    known: Known = None,
    level: float = LEVEL,
    stretch: Floats | float = 1.0,
) -> dict[str, npt.NDArray[np.generic]]:
    """Return accuracy, low, high, below_chance and reason of every annotator, (m,) each.

    Parameters
    ----------
    table : LabelTable
        The labels.
    likelihood : Likelihood
        Of their accuracies.
    known : int (n,), optional
        True class of items, -1 where not known.
    level : float
        Nominal coverage.
    stretch : float64 (m,) or float
        By which intervals are longer.
    """
    k = max(table.k, 1)
    _, low, high = likelihood.limits(level, stretch)
    accuracy = np.clip(likelihood.pulled(k), low, high)
    below = high < 1 / k
    reason = np.full(table.m, None, dtype=object)
    reason[likelihood.n < FEW] = FEW_LABELS
    reason[high - low > WIDE] = HARDLY
    reason[below] = BELOW_CHANCE
    open_to_doubt = ~told_by_truth(table, known)
    if table.m == 2 or likelihood.contradict(k):
        reason[below & open_to_doubt] = CONTRADICT
        below &= ~open_to_doubt  # who of those that contradict each other is wrong, nothing tells
    if table.m == 2:
        reason[open_to_doubt] = TWO_ONLY
    reason[likelihood.n == 0] = NO_OTHERS
    if table.k < 2 or not _could_be_wrong(table, known):
        accuracy, low, high = (np.full(table.m, np.nan) for _ in range(3))
        below[:] = False
        reason[:] = ONE_CLASS
    elif _oppose(table):
        accuracy, low, high = (np.where(open_to_doubt, np.nan, value) for value in (accuracy, low, high))
    return {"accuracy": accuracy, "low": low, "high": high, "below_chance": below, "reason": reason}


def _oppose(table: LabelTable) -> bool:
    """Tell whether there are two annotators who agree less often than chance would."""
    shared = table.labels_per_item == 2
    if table.m != 2 or not shared.any():
        return False
    return bool((table.votes[shared].max(axis=1) == 2).mean() < 1 / table.k)


def _could_be_wrong(table: LabelTable, known: Known) -> bool:
    """Tell whether a second class is among the labels or the true classes of their items."""
    first = table.label[:1]
    if (table.label != first).any():
        return True
    return known is not None and bool(((known[table.item] >= 0) & (known[table.item] != first)).any())


def told_by_truth(table: LabelTable, known: Known) -> npt.NDArray[np.bool_]:
    """Tell for whom true classes say who is right, bool (m,): they are known of 20 of their labels, or of all."""
    if known is None:
        return np.zeros(table.m, dtype=np.bool_)
    by_truth = np.bincount(table.annotator[known[table.item] >= 0], minlength=table.m)
    return np.asarray(by_truth >= np.minimum(FEW, table.labels_per_annotator))


def right_by_votes(table: LabelTable) -> Floats:
    """Return the share of the other labels of the item that are the same, float64 (r,); nan where there are none."""
    others = table.labels_per_item - 1
    same = table.votes[table.item, table.label] - 1
    return np.asarray(same / np.where(others > 0, others, np.nan)[table.item])


def right_by_truth(table: LabelTable, right: Floats, known: Known) -> Floats:
    """Return `right` (r,), but 1 or 0 where the true class of the item is known."""
    if known is None:
        return right
    truth = known[table.item]
    return np.where(truth >= 0, truth == table.label, right)


def by_even_errors(table: LabelTable, right: Floats) -> Likelihood:
    """Return the likelihood of accuracies where errors are spread evenly over the other classes."""
    return Likelihood.of(table.annotator, right, (1 - right) / max(table.k - 1, 1), table.m)


def annotator_frame(
    table: LabelTable, figures: Mapping[str, npt.NDArray[np.generic]], posterior: Floats, schema: LabelSchema
) -> pd.DataFrame:
    """Return `figures` (see :func:`accuracies`) and the main confusion of every annotator, in columns COLUMNS[1:].

    Parameters
    ----------
    table : LabelTable
        The labels.
    figures : mapping of column to array (m,)
        Accuracy with interval and reason.
    posterior : float64 (n, k)
        Of the consensus, for the class that is mistaken most.
    schema : LabelSchema
        Classes.
    """
    columns = {"n": table.labels_per_annotator, "confuses": main_confusions(table, posterior, schema), **figures}
    return reason_as_object(pd.DataFrame(columns)[list(COLUMNS[1:])])


def least_accurate_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` in the order in which annotators are shown."""
    return frame.sort_values(["accuracy", "n"], kind="stable", na_position="last").reset_index(drop=True)


def _log_of(accuracy: float) -> Floats:
    """Return the log-likelihood of :data:`GRID` for one pseudo-label that is right with probability `accuracy`."""
    inside = np.clip(GRID, TINY, 1 - TINY)
    return np.asarray(accuracy * np.log(inside) + (1 - accuracy) * np.log(1 - inside))


def main_confusions(table: LabelTable, posterior: Floats, schema: LabelSchema) -> list[str | None]:
    """Return the most frequent mistake of each annotator in words; None where less than one of a kind is expected.

    Counted are labels other than the consensus of their item, each by the probabilities (n, k) of the classes it may
    have been taken for. A doubt about a label that is the consensus is nobody's mistake, and neither is a tie.
    """
    m, k = table.m, table.k
    if k < 2 or m == 0 or not table.r:
        return [None] * m
    wrong = posterior[table.item, table.label] < posterior.max(axis=1)[table.item] - TIE
    counts = table.only(wrong).soft_counts(posterior) * (1 - np.eye(k))
    flat = counts.reshape(m, -1)
    meant, given = np.divmod(flat.argmax(axis=1), k)
    names = schema.names
    return [
        f"{names[c]} as {names[label]}" if flat[g].max() >= ONE_MISTAKE else None
        for g, (c, label) in enumerate(zip(meant, given, strict=True))
    ]
