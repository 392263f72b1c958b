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
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from labelqa.counts.sparse import ClassCounts
from labelqa.reliability.names import KRIPPENDORFF
from labelqa.reliability.weights import IdentityWeights, Weights

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    UnitTable = npt.NDArray[np.float64] | csr_array

Floats = npt.NDArray[np.float64]
PAIRABLE_ONLY = (KRIPPENDORFF, "scott_pi")  # items with a single label do not enter at all
FIXED_CHANCE = ("percent_agreement", "brennan_prediger")  # p_e does not depend on the data
TINY = 1e-12  # 1 - p_e below this is zero
CELLS_AT_ONCE = 4_000_000  # numbers of a table held in memory at a time
MOSTLY_EMPTY = 16  # cells an entry from which the sparse product is the faster one


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

    def class_sums(self, times: Floats | npt.NDArray[np.int64]) -> Floats:
        """Return S of one sample with these multiplicities (p,): float64 (k,)."""
        weights = self.unit * times[self.rows.row]
        return np.bincount(self.rows.classes, weights=weights, minlength=self.k).astype(np.float64)

    def sums(self) -> Sums:
        """Return the sums over all items."""
        return sums_of(self, self.multiplicity)[0]


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


def unit_table(terms: Terms) -> UnitTable:
    """Return what each pattern adds to the class sums as a table (p, k), sparse where that is the quicker form."""
    rows, shape = terms.rows, (len(terms.rows), terms.k)
    if shape[0] * shape[1] <= min(CELLS_AT_ONCE, MOSTLY_EMPTY * terms.unit.size):
        table = np.zeros(shape)
        table[rows.row, rows.classes] = terms.unit
        return table
    from scipy.sparse import csr_array  # only where there are many classes

    return csr_array((terms.unit, rows.classes, rows.start), shape=shape)


def sums_of(terms: Terms, times: Floats | npt.NDArray[np.int64], units: UnitTable | None = None) -> tuple[Sums, Floats]:
    """Return the sums in samples of the patterns, and Q S.

    Parameters
    ----------
    terms : Terms
        What each pattern adds.
    times : (p,) or (b, p)
        Multiplicities of one sample or of b samples.
    units : array or sparse array (p, k), optional
        ``unit_table(terms)``, for who asks for b samples more than once.
    """
    plain = np.asarray(times @ np.stack((terms.observed, terms.usable, terms.mass), axis=1), dtype=np.float64)
    if times.ndim == 1:
        shares = terms.class_sums(times)
    else:
        shares = np.asarray(times @ (unit_table(terms) if units is None else units))
    weighted = terms.chance_weights.apply(shares)
    form = np.asarray((shares * weighted).sum(axis=-1))
    return Sums(observed=plain[..., 0], usable=plain[..., 1], mass=plain[..., 2], form=form), weighted


def _cross(terms: Terms, weighted: Floats, units: UnitTable | None = None) -> Floats:
    """Return u_i' Q S of every pattern, (p,), or in every sample, (b, p)."""
    if units is None:
        return terms.rows.sums(terms.unit * weighted[terms.rows.classes])
    return np.asarray(weighted @ units.T)


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
    quadratic = np.asarray(sums.form / np.where(sums.mass > 0, sums.mass, np.nan) ** 2)
    return _gwet_chance(quadratic, k, weight_total) if coefficient == "gwet_ac" else quadratic


def _gwet_chance(alike: Floats, k: int, weight_total: float | Floats) -> Floats:
    """Return Gwet's chance agreement where two labels drawn at random are `alike` (...)."""
    return np.asarray(weight_total / (k * (k - 1)) * (1 - alike) if k > 1 else np.ones_like(alike))


def coefficient_value(coefficient: str, sums: Sums, k: int, weight_total: float | Floats) -> Floats:
    """Return (p_a - p_e) / (1 - p_e), elementwise; nan where undefined."""
    expected = chance_agreement(coefficient, sums, k, weight_total)
    room = 1 - expected
    safe = np.where(room > TINY, room, np.nan)
    return np.asarray((observed_agreement(coefficient, sums) - expected) / safe)


def leave_one_out(terms: Terms) -> Floats:
    """Return the estimate without one item of each pattern, (p,)."""
    whole, weighted = sums_of(terms, terms.multiplicity)
    without = Sums(
        observed=whole.observed - terms.observed,
        usable=whole.usable - terms.usable,
        mass=whole.mass - terms.mass,
        form=whole.form - 2 * _cross(terms, weighted) + terms.form,
    )
    return coefficient_value(terms.coefficient, without, terms.k, terms.weight_total)


def linearised(
    terms: Terms, times: Floats | npt.NDArray[np.int64], *, corrected: bool = False
) -> tuple[Floats, Floats]:
    """Return a coefficient in samples of the patterns, and what one more item of each pattern would change.

    Parameters
    ----------
    terms : Terms
        What each pattern adds.
    times : (p,) or (b, p)
        Multiplicities of one sample or of b samples.
    corrected : bool
        Whether slopes of alpha carry the small-sample factor 1 - eps of their sample (Gwet 2016).

    Returns
    -------
    value : () or (b,)
        The coefficient; nan where undefined.
    slope : (p,) or (b, p)
        ``(g*_i - g) / n`` with the linearised values g*_i and their mean g; 0 for patterns that do not enter. The
        variance of the coefficient is the sum of the squares of the slopes over items, times n / (n - 1).
    """
    units = unit_table(terms) if times.ndim > 1 else None
    sums, weighted = sums_of(terms, times, units)
    value = coefficient_value(terms.coefficient, sums, terms.k, terms.weight_total)
    expected = chance_agreement(terms.coefficient, sums, terms.k, terms.weight_total)
    used = terms.mass > 0
    n, usable, mass = (np.where(s > 0, s, np.nan) for s in (times @ used.astype(np.float64), sums.usable, sums.mass))
    room = np.where(1 - expected > TINY, 1 - expected, np.nan)
    agreement = sums.observed / usable  # of alpha before the small-sample correction
    at = _At(*(np.asarray(x)[..., None] for x in (n, usable, agreement, expected, room)))
    fixed = terms.coefficient in FIXED_CHANCE
    alike = at.expected if fixed else _cross(terms, weighted, units) / mass[..., None]
    is_alpha = terms.coefficient == KRIPPENDORFF
    deviation = _alpha_deviation(terms, at, alike) if is_alpha else _deviation(terms, at, alike)
    factor = 1 - 1 / at.usable if corrected and is_alpha else 1.0
    return value, np.where(used, deviation / at.n * factor, 0.0)


@dataclass(frozen=True, slots=True)
class _At:
    """Numbers of each sample, (1,) or (b, 1)."""

    n: Floats
    usable: Floats
    agreement: Floats
    expected: Floats
    room: Floats

    @property
    def value(self) -> Floats:
        return np.asarray((self.agreement - self.expected) / self.room)


def _deviation(terms: Terms, at: _At, alike: Floats) -> Floats:
    """Return g*_i - g of a coefficient whose items all count alike; `alike` is u_i' Q S / N, or p_e."""
    g = at.n / at.usable * (terms.observed - at.expected * (terms.labels >= 2)) / at.room - at.value
    chance = _gwet_chance(alike, terms.k, terms.weight_total) if terms.coefficient == "gwet_ac" else alike
    return np.asarray(g - 2 * (1 - at.value) * (chance - at.expected) / at.room)


def _alpha_deviation(terms: Terms, at: _At, alike: Floats) -> Floats:
    """Return g*_i - g of alpha, whose items count as often as they have labels."""
    mean_labels = at.usable / at.n
    unequal = (terms.labels - mean_labels) / mean_labels
    a = terms.observed / mean_labels - at.agreement * unequal
    e = alike / mean_labels - at.expected * unequal
    return np.asarray((a - at.expected) / at.room - 2 * (1 - at.value) * (e - at.expected) / at.room - at.value)


def linearised_standard_error(terms: Terms) -> float:
    """Return the analytic standard error over items; nan with fewer than two usable items."""
    times = terms.multiplicity.astype(np.float64)
    n = float(times[terms.mass > 0].sum())
    if n < 2 or float((terms.labels >= 2) @ times) < 2:
        return math.nan
    _, slope = linearised(terms, times)
    return math.sqrt(n / (n - 1) * float(slope**2 @ times))
