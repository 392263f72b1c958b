"""Coefficients that ignore who labeled, as functions of sums over count patterns.

Every such coefficient is ``(p_a - p_e) / (1 - p_e)`` with p_a a ratio of two sums over items and p_e a function of
one quadratic form ``S' Q S / N^2`` in the class sums S. Point estimate, leave-one-out values, resamples and the
linearised standard error are all read off the same per-pattern terms.

References
----------
Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement. Br. J. Math.
Stat. Psychol. 61, 29-48. Gwet, K. L. (2014, 2021). Handbook of Inter-Rater Reliability.
Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.counts.sparse import ClassCounts
from labelqa.reliability.names import KRIPPENDORFF
from labelqa.reliability.weights import IdentityWeights, Weights

Floats = npt.NDArray[np.float64]
PAIRABLE_ONLY = (KRIPPENDORFF, "scott_pi")  # items with a single label do not enter at all
TINY = 1e-12  # 1 - p_e below this is zero


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """The sums a coefficient is a function of; each a number or an array of one value a resample.

    Attributes
    ----------
    observed : sum of the items' observed agreement.
    usable : what observed agreement is divided by.
    mass : N, what class sums are divided by to be shares.
    form : S' Q S.
    """

    observed: Floats
    usable: Floats
    mass: Floats
    form: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terms:
    """What each pattern adds to :class:`Sums`, all (p,); `unit` holds the entries' terms of the class sums (e,)."""

    coefficient: str
    k: int
    weight_total: float
    rows: ClassCounts
    multiplicity: npt.NDArray[np.int64]
    labels: Floats  # r_i
    observed: Floats
    usable: Floats
    mass: Floats
    unit: Floats
    form: Floats  # u_i' Q u_i
    chance_weights: Weights  # Q

    def class_sums(self, multiplicity: Floats | npt.NDArray[np.int64]) -> Floats:
        """Return S for one set of multiplicities (p,): float64 (k,)."""
        weights = self.unit * multiplicity[self.rows.row]
        return np.bincount(self.rows.classes, weights=weights, minlength=self.k).astype(np.float64)

    def sums(self) -> Sums:
        """Return the sums over all items."""
        times = self.multiplicity.astype(np.float64)
        shares = self.class_sums(times)
        return Sums(
            observed=self.observed @ times,
            usable=self.usable @ times,
            mass=self.mass @ times,
            form=shares @ self.chance_weights.apply(shares),
        )

    def cross(self) -> Floats:
        """Return u_i' Q S of every pattern, (p,)."""
        weighted = self.chance_weights.apply(self.class_sums(self.multiplicity))
        return self.rows.sums(self.unit * weighted[self.rows.classes])


def make_terms(coefficient: str, rows: ClassCounts, multiplicity: npt.NDArray[np.int64], weights: Weights) -> Terms:
    """Return the terms of `coefficient` for patterns `rows` (p) with agreement `weights`.

    a_i = sum_c r_ic (r*_ic - 1) / (r_i (r_i - 1)); for alpha each item counts as often as it has labels.
    """
    r = rows.sums()
    pairable = r >= 2
    agreeing = np.where(pairable, weights.form(rows) - r, 0.0)  # sum_c r_ic (r*_ic - 1)
    chance: Weights = IdentityWeights(rows.k) if coefficient == "gwet_ac" else weights
    if coefficient == KRIPPENDORFF:
        mass = np.where(pairable, r, 0.0)
        observed = agreeing / np.maximum(r - 1, 1)
        usable, scale = mass, np.where(pairable, 1.0, 0.0)
    else:
        mass = (pairable if coefficient in PAIRABLE_ONLY else r > 0).astype(np.float64)
        observed = agreeing / np.maximum(r * (r - 1), 1)
        usable, scale = pairable.astype(np.float64), mass / np.maximum(r, 1)
    return Terms(
        coefficient=coefficient,
        k=rows.k,
        weight_total=weights.total(),
        rows=rows,
        multiplicity=multiplicity,
        labels=r,
        observed=observed,
        usable=usable,
        mass=mass,
        unit=np.asarray(rows.counts * scale[rows.row], dtype=np.float64),
        form=chance.form(rows) * scale**2,
        chance_weights=chance,
    )


def observed_agreement(coefficient: str, sums: Sums) -> Floats:
    """Return p_a; nan where no item has two labels."""
    usable = np.where(sums.usable > 0, sums.usable, np.nan)
    share = sums.observed / usable
    if coefficient == KRIPPENDORFF:  # the small-sample correction that makes alpha pair each label with all others
        return np.asarray((1 - 1 / usable) * share + 1 / usable)
    return np.asarray(share)


def chance_agreement(coefficient: str, sums: Sums, k: int, weight_total: float | Floats) -> Floats:
    """Return p_e; `weight_total` is one number, or one a resample where weights depend on the data."""
    if coefficient == "percent_agreement":
        return np.zeros_like(sums.form)
    if coefficient == "brennan_prediger":
        return np.asarray(np.zeros_like(sums.form) + weight_total / k**2)
    quadratic = sums.form / np.where(sums.mass > 0, sums.mass, np.nan) ** 2
    if coefficient == "gwet_ac":
        return np.asarray(weight_total / (k * (k - 1)) * (1 - quadratic) if k > 1 else np.ones_like(quadratic))
    return np.asarray(quadratic)


def coefficient_value(coefficient: str, sums: Sums, k: int, weight_total: float | Floats) -> Floats:
    """Return (p_a - p_e) / (1 - p_e), elementwise; nan where undefined."""
    expected = chance_agreement(coefficient, sums, k, weight_total)
    room = 1 - expected
    safe = np.where(room > TINY, room, np.nan)
    return np.asarray((observed_agreement(coefficient, sums) - expected) / safe)


def leave_one_out(terms: Terms) -> Floats:
    """Return the estimate without one item of each pattern, (p,)."""
    whole = terms.sums()
    without = Sums(
        observed=whole.observed - terms.observed,
        usable=whole.usable - terms.usable,
        mass=whole.mass - terms.mass,
        form=whole.form - 2 * terms.cross() + terms.form,
    )
    return coefficient_value(terms.coefficient, without, terms.k, terms.weight_total)


def influence(terms: Terms) -> Floats:
    """Return the linearised value g*_i of every pattern, (p,), around the estimate that its mean is.

    The variance of the coefficient is the sum of ``(g*_i - mean)^2`` over items divided by n (n - 1).
    """
    sums = terms.sums()
    n = float((terms.mass > 0) @ terms.multiplicity)
    expected = float(chance_agreement(terms.coefficient, sums, terms.k, terms.weight_total))
    room = 1 - expected
    cross = terms.cross() / float(sums.mass)
    pairable = terms.labels >= 2
    if terms.coefficient == KRIPPENDORFF:
        return _alpha_influence(terms, sums, cross, expected)
    value = float(coefficient_value(terms.coefficient, sums, terms.k, terms.weight_total))
    g = n / float(sums.usable) * (terms.observed - expected * pairable) / room
    if terms.coefficient == "gwet_ac":
        chance = terms.weight_total / (terms.k * (terms.k - 1)) * (1 - cross)
    elif terms.coefficient in ("fleiss_kappa", "scott_pi"):
        chance = cross
    else:  # percent agreement and Brennan-Prediger: chance does not depend on the data
        return np.asarray(g)
    return np.asarray(g - 2 * (1 - value) * (chance - expected) / room)


def _alpha_influence(terms: Terms, sums: Sums, cross: Floats, expected: float) -> Floats:
    n = float((terms.labels >= 2) @ terms.multiplicity)
    mean_labels = float(sums.usable) / n
    agreement = float(sums.observed / sums.usable)  # p'_a, before the small-sample correction
    value = (agreement - expected) / (1 - expected)
    unequal = (terms.labels - mean_labels) / mean_labels
    a = terms.observed / mean_labels - agreement * unequal
    e = cross / mean_labels - expected * unequal
    return np.asarray((a - expected) / (1 - expected) - 2 * (1 - value) * (e - expected) / (1 - expected))


def linearised_standard_error(terms: Terms) -> float:
    """Return the analytic standard error over items; nan with fewer than two usable items."""
    used = terms.mass > 0
    times = terms.multiplicity[used].astype(np.float64)
    n = float(times.sum())
    if n < 2 or float((terms.labels >= 2) @ terms.multiplicity) < 2:
        return math.nan
    values = influence(terms)[used]
    mean = float(values @ times) / n
    return math.sqrt(float((values - mean) ** 2 @ times) / (n * (n - 1)))
