"""Alpha from many small units inside each item, with inference over the items.

The positions of a text, the matched boxes of an image: units that come in clusters. Their sums are taken per item, so
that leaving out or resampling an item takes all its units along.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import numpy.typing as npt

from labelqa.counts.sparse import ClassCounts
from labelqa.reliability.moments import Terms, coefficient_value
from labelqa.reliability.names import KRIPPENDORFF
from labelqa.reliability.samples import PatternSample
from labelqa.reliability.weights import IdentityWeights

Floats = npt.NDArray[np.float64]


class UnitSums:
    """Collects units: what each adds to observed agreement, to the number of labels, and to the margins of labels.

    Parameters
    ----------
    n_items : int
        Items whose units are collected.
    """

    def __init__(self, n_items: int) -> None:
        self._agreeing = np.zeros(n_items)
        self._labels = np.zeros(n_items)
        self._margins: list[dict[Hashable, float]] = [{} for _ in range(n_items)]

    def add(self, item: int, labels: dict[Hashable, float], agreeing: float, weight: float = 1.0) -> None:
        """Add a unit of `item`.

        Parameters
        ----------
        item : int
            The item it belongs to.
        labels : dict
            Number of labels of each class, two or more in all.
        agreeing : float
            Sum over its labels of the share of its other labels that are equal.
        weight : float
            How many such units there are.
        """
        margins = self._margins[item]
        for label, count in labels.items():
            margins[label] = margins.get(label, 0.0) + weight * count
            self._labels[item] += weight * count
        self._agreeing[item] += weight * agreeing

    def alpha(self) -> PatternSample:
        """Return the sample of items with units: its :func:`alpha_of` is Krippendorff's nominal alpha."""
        code: dict[Hashable, int] = {}
        used = [i for i, margins in enumerate(self._margins) if margins]
        codes = [[code.setdefault(label, len(code)) for label in self._margins[i]] for i in used]
        unit = [count for i in used for count in self._margins[i].values()]
        sizes = np.array([len(c) for c in codes], dtype=np.int64)
        rows = ClassCounts(
            start=np.r_[0, np.cumsum(sizes)].astype(np.int64),
            classes=np.array([c for row in codes for c in row], dtype=np.int32),
            counts=np.ones(int(sizes.sum()), dtype=np.int64),
            k=max(len(code), 1),
        )
        return PatternSample(_terms(rows, np.array(unit), self._agreeing[used], self._labels[used]))


def alpha_of(sample: PatternSample) -> float:
    """Return Krippendorff's alpha of a sample of units; nan where undefined."""
    terms = sample.terms
    if not terms.multiplicity.size:
        return float("nan")
    return float(coefficient_value(KRIPPENDORFF, terms.sums(), terms.k, terms.weight_total))


def _terms(rows: ClassCounts, unit: Floats, agreeing: Floats, labels: Floats) -> Terms:
    equal = IdentityWeights(rows.k)
    return Terms(
        coefficient=KRIPPENDORFF,
        k=rows.k,
        weight_total=equal.total(),
        rows=rows,
        multiplicity=np.ones(len(rows), dtype=np.int64),
        labels=labels,
        observed=agreeing,
        usable=labels,
        mass=labels,
        unit=unit.astype(np.float64),
        form=rows.sums(unit**2),
        chance_weights=equal,
    )
