"""Populations to plan for: a pilot's items, or items that follow from assumed rates.

Each knows the coefficient's value, its variance per item (standard error squared times number of items), and how to
draw a study of n items, which the same :func:`labelqa.reliability.estimate.agreement` then measures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from math import comb
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import CountPatterns, as_patterns
from labelqa.counts.sparse import ClassCounts
from labelqa.counts.who import WhoCounts
from labelqa.errors import ParameterError, Problem
from labelqa.reliability import names
from labelqa.reliability.estimate import Data, agreement
from labelqa.reliability.planning.rates import AssumedRates, numbered_classes
from labelqa.reliability.weights import WeightsLike, make_weights

Floats = npt.NDArray[np.float64]
WHOLE = 10_000_000  # items of an enumerated population: shares are exact to 1e-7
MAX_PATTERNS = 20_000
SIMULATED_ITEMS = 100_000


class Population(Protocol):
    """Items to draw studies from."""

    @property
    def value(self) -> float:
        """The coefficient."""

    @property
    def variance(self) -> float:
        """Its variance per item; nan where undefined."""

    @property
    def labels_per_item(self) -> float:
        """Mean number of labels of an item."""

    @property
    def class_shares(self) -> dict[str, float]:
        """How often each class is used."""

    @property
    def correlation(self) -> float:
        """Assumed correlation between an item's contributions to two rounds."""

    @property
    def basis(self) -> str:
        """Where it comes from, in words."""

    def at(self, value: float) -> Population:
        """Return the same population with another value of the coefficient."""

    def draw(self, n: int, rng: np.random.Generator) -> Data:
        """Return the labels of `n` items."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PilotPopulation:
    """The items of a pilot, drawn with replacement; another value leaves its variance as it is."""

    data: Data
    value: float
    variance: float
    labels_per_item: float
    n_pairable: int
    share_single: float
    class_shares: dict[str, float]
    basis: str
    reason: str | None
    correlation: float = 0.0

    def at(self, value: float) -> PilotPopulation:
        """Return the pilot with another value and the same variance."""
        return replace(self, value=value)

    def draw(self, n: int, rng: np.random.Generator) -> Data:
        """Return `n` items drawn with replacement."""
        if isinstance(self.data, CountPatterns):
            return draw_patterns(self.data, n, rng)
        return _draw_items(self.data, n, rng)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AssumedPopulation:
    """Items with exchangeable annotators and known class shares; `patterns` count them per ten million."""

    rates: AssumedRates
    coefficient: str
    weights: WeightsLike
    patterns: CountPatterns
    value: float
    variance: float
    basis: str

    @property
    def labels_per_item(self) -> float:
        """Labels that each item gets."""
        return float(self.rates.n_annotators)

    @property
    def class_shares(self) -> dict[str, float]:
        """How often each class is used; classes are numbered from 1."""
        return {str(i): s for i, s in enumerate(self.rates.by_annotator[0], start=1)}

    @property
    def correlation(self) -> float:
        """The assumed one."""
        return self.rates.correlation

    def at(self, value: float) -> AssumedPopulation:
        """Return the population with another agreement and the same class shares."""
        return assumed_population(replace(self.rates, agreement=value), self.coefficient, self.weights)

    def draw(self, n: int, rng: np.random.Generator) -> Data:
        """Return the labels of `n` items."""
        return draw_patterns(self.patterns, n, rng)


def pilot_population(data: Data, coefficient: str, weights: WeightsLike) -> PilotPopulation:
    """Measure a pilot.

    Raises
    ------
    ParameterError, RoundsError
        As for :func:`labelqa.reliability.estimate.agreement`.
    """
    found = agreement(data, coefficient, weights=weights)
    patterns = as_patterns(data)
    class_sums = np.bincount(
        patterns.rows.classes,
        weights=patterns.rows.counts * patterns.multiplicity[patterns.rows.row],
        minlength=patterns.schema.k,
    )
    total = max(float(class_sums.sum()), 1.0)
    n = max(found.n_items, 1)
    reason = found.undefined_because or found.interval_undefined_because
    if reason is None and found.standard_error == 0:
        reason = "the pilot's items do not vary, so it does not tell how much agreement would vary"
    return PilotPopulation(
        data=data if coefficient in names.WHO_COEFFICIENTS else _without_who(patterns),
        value=found.estimate,
        variance=found.standard_error**2 * found.n_items,
        labels_per_item=found.n_annotations / n,
        n_pairable=found.n_items - found.n_single,
        share_single=found.n_single / n,
        class_shares=dict(zip(patterns.schema.names, (class_sums / total).tolist(), strict=True)),
        basis=f"pilot of {found.n_items:,} items",
        reason=reason,
    )


def assumed_population(rates: AssumedRates, coefficient: str, weights: WeightsLike) -> AssumedPopulation:
    """Build the population of assumed rates for a coefficient that ignores who labeled.

    Some items are clear, and all annotators give them the same class, drawn from the class shares; on the others every
    label is drawn from the class shares. Any distance between classes gives this population the same agreement. Of the
    populations with that agreement it is a cautious one: with items that lean more or less towards a class
    (Dirichlet-multinomial) three to nine annotators have a variance 15 to 55 % smaller; two have the same.

    Raises
    ------
    ParameterError
        If class shares differ between annotators, or the agreement cannot be reached with them.
    """
    shares = rates.common_shares
    if shares is None:
        raise ParameterError(
            Problem(
                what=f"{coefficient} takes one set of class shares for all annotators",
                parameter="class_shares",
                value=rates.class_shares,
                next_step="Give one, or plan for coefficient='cohen_kappa' with n_annotators=2.",
            )
        )
    m, pi = rates.n_annotators, np.array(shares)
    excess = _excess_agreement(rates, coefficient, weights, pi)
    if comb(m + pi.size - 1, m) <= MAX_PATTERNS:
        counts = _all_counts(m, pi.size)
        times = np.rint(_pattern_shares(counts, excess, pi) * WHOLE).astype(np.int64)
        model = "variance by enumeration"
    else:
        counts = _simulated(excess, m, pi)
        times = np.ones(len(counts), dtype=np.int64)
        model = f"variance from {SIMULATED_ITEMS:,} simulated items"
    patterns = CountPatterns(patterns=counts, multiplicity=times, schema=numbered_classes(pi.size))
    error = agreement(patterns, coefficient, weights=weights).standard_error
    return AssumedPopulation(
        rates=rates,
        coefficient=coefficient,
        weights=weights,
        patterns=patterns,
        value=float(rates.agreement),
        variance=error**2 * patterns.n_items,
        basis=f"assumed rates ({model})",
    )


def draw_patterns(patterns: CountPatterns, n: int, rng: np.random.Generator) -> CountPatterns:
    """Return `n` items drawn with replacement from those of `patterns` that have a label; who said what is kept."""
    if patterns.who is not None:
        return _draw_who(patterns.who, patterns.schema, n, rng)
    times = np.where(patterns.rows.sums() > 0, patterns.multiplicity, 0)
    drawn = rng.multinomial(n, times / times.sum())
    return CountPatterns(patterns=patterns.rows, multiplicity=drawn, schema=patterns.schema)


def _draw_who(who: WhoCounts, schema: LabelSchema, n: int, rng: np.random.Generator) -> CountPatterns:
    times = rng.multinomial(n, who.multiplicity / who.multiplicity.sum())
    drawn = replace(who, rows=who.rows.take(np.flatnonzero(times)), multiplicity=times[times > 0].astype(np.int64))
    row, _, label = drawn.codes
    counts = ClassCounts.from_codes(row, label, len(drawn.rows), schema.k)
    return CountPatterns(patterns=counts, multiplicity=drawn.multiplicity, schema=schema, who=drawn)


def _without_who(patterns: CountPatterns) -> CountPatterns:
    """Return the counts alone: the other coefficients need no more, and are drawn the same however it was counted."""
    if patterns.who is None:
        return patterns
    return CountPatterns(patterns=patterns.rows, multiplicity=patterns.multiplicity, schema=patterns.schema)


def _draw_items(annotations: Annotations, n: int, rng: np.random.Generator) -> Annotations:
    labels = np.bincount(annotations.item, minlength=annotations.n_items)
    drawn = rng.choice(np.flatnonzero(labels), size=n)
    order = np.argsort(annotations.item, kind="stable")
    start = np.cumsum(labels) - labels
    item = np.repeat(np.arange(n), labels[drawn])
    within = np.arange(item.size) - np.repeat(np.cumsum(labels[drawn]) - labels[drawn], labels[drawn])
    rows = order[start[drawn][item] + within]
    return coded_annotations(item, annotations.annotator[rows], annotations.label[rows], annotations)


def coded_annotations(
    item: npt.NDArray[np.integer], annotator: npt.NDArray[np.integer], label: npt.NDArray[np.integer], like: Annotations
) -> Annotations:
    """Return annotations of codes, with the annotators and classes of `like` and numbered items."""
    n = int(item.max(initial=-1)) + 1
    return Annotations(
        item=item.astype(np.int32),
        annotator=annotator.astype(np.int32),
        label=label.astype(np.int32),
        items=pd.RangeIndex(n),
        annotators=like.annotators,
        schema=like.schema,
        item_data=pd.DataFrame(index=range(n)),
    )


def _excess_agreement(rates: AssumedRates, coefficient: str, weights: WeightsLike, pi: Floats) -> float:
    """Return how far two labels of an item agree beyond independent ones, 0 to 1: Fleiss' kappa of the population."""
    if coefficient in names.SCALE_FREE:
        excess, low = rates.agreement, 0.0
    else:
        scheme = make_weights(weights, numbered_classes(pi.size))
        independent, total, k = float(pi @ scheme.apply(pi)), scheme.total(), pi.size
        chance = {"brennan_prediger": total / k**2, "gwet_ac": total / (k * (k - 1)) * (1 - float(pi @ pi))}
        by_chance = chance.get(coefficient, 0.0)
        observed = rates.agreement * (1 - by_chance) + by_chance
        excess, low = (observed - independent) / (1 - independent), (independent - by_chance) / (1 - by_chance)
    if not -1e-12 <= excess <= 1:
        raise ParameterError(
            Problem(
                what=f"{coefficient} of {rates.agreement:g} is less than what unrelated labels with these shares reach",
                parameter="agreement",
                value=rates.agreement,
                allowed=(f"{low:.3g} to 1",),
            )
        )
    return max(excess, 0.0)


def _all_counts(m: int, k: int) -> npt.NDArray[np.int64]:
    """Return every way in which m labels fall into k classes, (p, k)."""
    drawn = np.array(list(combinations_with_replacement(range(k), m)))
    return np.stack([(drawn == c).sum(axis=1) for c in range(k)], axis=1).astype(np.int64)


def _pattern_shares(counts: npt.NDArray[np.int64], excess: float, pi: Floats) -> Floats:
    """Return how often each of the `counts` (p, k) occurs, (p,)."""
    from scipy.special import gammaln, xlogy

    m = int(counts[0].sum())
    independent = np.exp(gammaln(m + 1) - gammaln(counts + 1).sum(axis=1) + xlogy(counts, pi).sum(axis=1))
    unanimous = np.where(counts == m, pi, 0.0).sum(axis=1)
    return np.asarray((1 - excess) * independent + excess * unanimous)


def _simulated(excess: float, m: int, pi: Floats) -> npt.NDArray[np.int64]:
    rng = np.random.default_rng(0)
    clear = rng.random(SIMULATED_ITEMS) < excess
    counts = rng.multinomial(m, pi, size=SIMULATED_ITEMS)
    counts[clear] = m * rng.multinomial(1, pi, size=int(clear.sum()))
    return counts
