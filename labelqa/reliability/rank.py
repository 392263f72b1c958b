"""Weights that depend on the data: Krippendorff's ordinal metric.

The metric is the squared difference of mid-ranks, and mid-ranks come from the class margins of the very sample. So each
leave-one-out value and each resample has weights of its own; both stay cheap because the observed disagreement is one
quadratic form x' M x in the mid-ranks x.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from labelqa.counts.patterns import CountPatterns
from labelqa.counts.sparse import ClassCounts
from labelqa.reliability import names
from labelqa.reliability.moments import CELLS_AT_ONCE, PAIRABLE_ONLY, Sums, Terms, coefficient_value, make_terms
from labelqa.reliability.names import KRIPPENDORFF
from labelqa.reliability.samples import Estimate, PatternSample, standard_error_of
from labelqa.reliability.weights import (
    MAX_TABLE_CLASSES,
    ValueWeights,
    Weights,
    WeightsLike,
    make_weights,
    rank_values,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def rank_weights(rows: ClassCounts, multiplicity: Ints | Floats) -> ValueWeights:
    """Return the weights of Krippendorff's ordinal metric for patterns with these multiplicities (p,)."""
    return ValueWeights.of(rank_values(_margins(rows, multiplicity)))


def scheme_for(patterns: CountPatterns, weights: WeightsLike) -> Weights:
    """Return weights for these patterns, ``rank`` included.

    Raises
    ------
    ParameterError, LabelError
        As :func:`labelqa.reliability.weights.make_weights`.
    """
    if isinstance(weights, str) and weights == "rank":
        return rank_weights(patterns.rows, patterns.multiplicity)
    return make_weights(weights, patterns.schema)


def _margins(rows: ClassCounts, multiplicity: Ints | Floats) -> Floats:
    """Return the labels per class on items with two or more labels, (k,)."""
    times = np.where(rows.sums() >= 2, multiplicity, 0)
    return np.bincount(rows.classes, weights=rows.counts * times[rows.row], minlength=rows.k).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class RankSample:
    """Sample of count patterns under rank weights; the standard error is the exact jackknife's."""

    coefficient: str
    rows: ClassCounts
    multiplicity: Ints

    def _terms(self, multiplicity: Ints | Floats) -> Terms:
        weights = rank_weights(self.rows, multiplicity)
        return make_terms(self.coefficient, self.rows, multiplicity, weights)  # type: ignore[arg-type]  # may be weighted

    def estimate(self) -> Estimate:
        """Return the coefficient on all items."""
        found = PatternSample(self._terms(self.multiplicity)).estimate()
        if math.isnan(found.value) or int(self.multiplicity[self.rows.sums() >= 2].sum()) < 2:
            return replace(found, standard_error=math.nan)
        if self.rows.k > MAX_TABLE_CLASSES:
            return replace(found, standard_error=math.nan, no_error_because=names.TOO_MANY_CLASSES)
        error = standard_error_of(self)
        return replace(found, standard_error=error, no_error_because=names.LEAVE_ONE_OUT_UNDEFINED)

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which patterns enter, (p,)."""
        return np.asarray(self.rows.sums() >= (2 if self.coefficient in PAIRABLE_ONLY else 1))

    def value(self, multiplicity: Ints | Floats) -> float:
        """Return the coefficient of a sample with these multiplicities (p,), under the ranks of that sample."""
        terms = self._terms(multiplicity)
        return float(coefficient_value(self.coefficient, terms.sums(), terms.k, terms.weight_total))

    def resample(self, n_resamples: int, rng: np.random.Generator) -> Floats:
        """Return the estimate in samples of n items drawn with replacement, (b,)."""
        times = np.where(self.used, self.multiplicity, 0)
        n = int(times.sum())
        return np.array([self.value(rng.multinomial(n, times / n)) for _ in range(n_resamples)])

    def leave_one_out(self) -> tuple[Floats, Ints]:
        """Return the estimate without one item of each kind, and the items of each kind."""
        terms = self._terms(self.multiplicity)
        used = np.flatnonzero(terms.mass > 0)
        pair_scale = _pair_scale(terms)
        spread = _spread_matrix(terms, pair_scale)
        size = max(1, CELLS_AT_ONCE // max(self.rows.k, 1))
        parts = [self._without(terms, used[i : i + size], pair_scale, spread) for i in range(0, used.size, size)]
        return np.concatenate(parts), self.multiplicity[used]

    def _without(self, terms: Terms, chosen: npt.NDArray[np.intp], pair_scale: Floats, spread: Floats) -> Floats:
        """Return the estimates without one item of each of the `chosen` patterns, (c,)."""
        dense = self.rows.take(chosen).to_dense().astype(np.float64)
        labels, scale = terms.labels[chosen], pair_scale[chosen]
        own = dense * (labels >= 2)[:, None]
        x = rank_values(_margins(self.rows, self.multiplicity) - own)
        span = x[:, -1] - x[:, 0]
        x = (x - x[:, :1]) / np.where(span > 0, span, 1.0)[:, None]
        own_spread = scale * (labels * (dense * x**2).sum(axis=1) - (dense * x).sum(axis=1) ** 2)
        disagreement = ((x @ spread) * x).sum(axis=1) - own_spread
        whole = terms.sums()
        usable = whole.usable - terms.usable[chosen]
        unit = np.divide(terms.mass[chosen], labels, out=np.zeros_like(labels), where=labels > 0)
        shares = terms.class_sums(self.multiplicity) - dense * unit[:, None]
        mass = whole.mass - terms.mass[chosen]
        form = mass**2 - 2 * (mass * (shares * x**2).sum(axis=1) - (shares * x).sum(axis=1) ** 2)
        if self.coefficient == "gwet_ac":
            form = (shares**2).sum(axis=1)
        sums = Sums(observed=usable - 2 * disagreement, usable=usable, mass=mass, form=form)
        k = self.rows.k
        totals = k * k - 2 * (k * (x**2).sum(axis=1) - x.sum(axis=1) ** 2)
        return coefficient_value(self.coefficient, sums, k, totals)


def _pair_scale(terms: Terms) -> Floats:
    """Return what turns an item's sum of squared differences over label pairs into its disagreement, (p,)."""
    r = terms.labels
    divisor = r - 1 if terms.coefficient == KRIPPENDORFF else r * (r - 1)
    return np.where(r >= 2, 1 / np.where(r >= 2, divisor, 1.0), 0.0)


def _spread_matrix(terms: Terms, scale: Floats) -> Floats:
    """Return M (k, k) with ``x' M x = sum_i scale_i (r_i sum_c r_ic x_c^2 - (sum_c r_ic x_c)^2)``."""
    rows, times = terms.rows, terms.multiplicity * scale
    counts, row = rows.counts.astype(np.float64), rows.row
    diagonal = times[row] * counts * (terms.labels[row] - counts)
    out = np.diag(np.bincount(rows.classes, weights=diagonal, minlength=rows.k).astype(np.float64))
    for at, a, b in rows.entry_pairs():
        both = times[at] * counts[a] * counts[b]
        np.subtract.at(out, (rows.classes[a], rows.classes[b]), both)
        np.subtract.at(out, (rows.classes[b], rows.classes[a]), both)
    return out
