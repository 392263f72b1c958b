"""Who says a and who says b where a pair splits: a border fuzzy to everybody, or people who read it differently.

Within the items that got both labels, each annotator's share of a is compared with what the item's labels lead one to
expect: the generalised Cochran-Mantel-Haenszel test with items as strata. With two annotators this is McNemar's (and,
for one pair of classes, Bowker's) test, here the exact one; with complete labels by more annotators it is Cochran's Q.

References
----------
Landis, J. R., Heyman, E. R. & Koch, G. G. (1978). Average partial association in three-way contingency tables. Int.
Statist. Rev. 46, 237-254. McNemar, Q. (1947). Psychometrika 12, 153-157. Bowker, A. H. (1948). JASA 43, 572-574.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.counts.who import WhoCounts

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
FEW = 5  # labels on split items; annotators with fewer are taken as one
LEAST_ITEMS = 5
MOST_GROUPS = 60  # annotators who are compared one by one; the rest is one group


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sides:
    """Who says a on the items of a pair that got both labels; m annotators.

    Attributes
    ----------
    p_value : float
        That all annotators read the border alike; nan where there are too few items or only one annotator.
    labels, says_a : float64 (m,)
        Labels a or b of each annotator on these items, and how many of them are a.
    expected_a, variance : float64 (m,)
        How many would be a if all read the border alike, and the variance of that.
    """

    p_value: float
    labels: Floats
    says_a: Floats
    expected_a: Floats
    variance: Floats

    @property
    def z_scores(self) -> Floats:
        """How far each annotator leans to a (positive) or b, in standard errors; 0 where nothing can be said, (m,)."""
        lean = self.says_a - self.expected_a
        return np.where(self.variance > 0, lean / np.sqrt(np.where(self.variance > 0, self.variance, 1.0)), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelEntries:
    """Labels as columns, one entry a kind of item, annotator and label; made once for all pairs.

    Attributes
    ----------
    row, annotator, label : int (e,)
        Kind of item, annotator and class of each entry.
    times : float64 (p,)
        Items of each kind.
    m : int
        Number of annotators.
    """

    row: Codes
    annotator: Codes
    label: Codes
    times: Floats
    m: int

    @classmethod
    def of(cls, who: WhoCounts) -> LabelEntries:
        """Take the entries of who said what."""
        row, annotator, label = who.codes
        return cls(
            row=row.astype(np.int64),
            annotator=annotator.astype(np.int64),
            label=label.astype(np.int64),
            times=who.multiplicity.astype(np.float64),
            m=who.m,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _SplitLabels:
    """Labels a or b on the kinds of item that have both: kind, annotator and whether it is a, of each label (e,)."""

    row: Codes
    annotator: Codes
    is_a: Floats
    size: Floats
    share: Floats
    times: Floats

    @classmethod
    def of(cls, entries: LabelEntries, a: int, b: int) -> _SplitLabels:
        mine = np.flatnonzero((entries.label == a) | (entries.label == b))
        rows, row = np.unique(entries.row[mine], return_inverse=True)
        is_a = (entries.label[mine] == a).astype(np.float64)
        size, n_a = np.bincount(row, minlength=rows.size), np.bincount(row, weights=is_a, minlength=rows.size)
        split = np.flatnonzero((n_a > 0) & (n_a < size))
        place = np.full(rows.size, -1)
        place[split] = np.arange(split.size)
        keep = np.flatnonzero(place[row] >= 0)
        return cls(
            row=place[row[keep]],
            annotator=entries.annotator[mine[keep]],
            is_a=is_a[keep],
            size=size[split].astype(np.float64),
            share=n_a[split] / size[split],
            times=entries.times[rows[split]],
        )

    def by_annotator(self, values: Floats, m: int) -> Floats:
        """Sum values of labels (e,) over the items of each annotator, (m,)."""
        weights = self.times[self.row] * values
        return np.bincount(self.annotator, weights=weights, minlength=m).astype(np.float64)


def sides_of(entries: LabelEntries, a: int, b: int) -> Sides:
    """Return who says a and who says b, and whether they differ by more than chance."""
    found = _SplitLabels.of(entries, a, b)
    spread = found.share * (1 - found.share)
    labels = found.by_annotator(np.ones_like(found.is_a), entries.m)
    says_a = found.by_annotator(found.is_a, entries.m)
    expected = found.by_annotator(found.share[found.row], entries.m)
    return Sides(
        p_value=_p_value(found, labels, says_a, says_a - expected),
        labels=labels,
        says_a=says_a,
        expected_a=expected,
        variance=found.by_annotator(spread[found.row], entries.m),
    )


def _p_value(found: _SplitLabels, labels: Floats, says_a: Floats, lean: Floats) -> float:
    people = np.flatnonzero(labels > 0)
    if float(found.times.sum()) < LEAST_ITEMS or people.size < 2:
        return math.nan
    if people.size == 2 and bool((found.size == 2).all()):
        return _exact(round(labels[people[0]]), round(says_a[people[0]]))
    return _chi_squared(found, labels, lean)


def _exact(n: int, x: int) -> float:
    """Return the exact two-sided McNemar test."""
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(x, n - x), n, 0.5)))


def _chi_squared(found: _SplitLabels, labels: Floats, lean: Floats) -> float:
    """Return the p value of the generalised test; annotators with few labels are one group."""
    from scipy.special import chdtrc

    group = _groups(labels)
    width = int(group.max()) + 1
    table = np.zeros((found.times.size, width))
    np.add.at(table, (found.row, group[found.annotator]), 1.0)
    scale = found.times * found.share * (1 - found.share) / (found.size - 1)
    covariance = np.diag((table * (scale * found.size)[:, None]).sum(axis=0)) - (table * scale[:, None]).T @ table
    values, vectors = np.linalg.eigh(covariance)
    real = values > 1e-9 * max(float(np.trace(covariance)), 1e-9)
    if not real.any():
        return math.nan
    leaning = vectors[:, real].T @ np.bincount(group, weights=lean, minlength=width)
    return float(chdtrc(int(real.sum()), float((leaning**2 / values[real]).sum())))


def _groups(labels: Floats) -> Codes:
    """Return the group of each annotator, (m,): one of their own for those with most labels, 0 for all others."""
    order = np.argsort(-labels, kind="stable")[:MOST_GROUPS]
    own = order[labels[order] >= FEW]
    group = np.zeros(labels.size, dtype=np.int64)
    group[own] = np.arange(1, own.size + 1)
    return group
