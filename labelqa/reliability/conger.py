"""Conger's kappa: chance agreement is the mean over pairs of annotators of what their own class shares would give.

References
----------
Conger, A. J. (1980). Integration and generalization of kappas for multiple raters. Psychol. Bull. 88, 322-328.
Gwet, K. L. (2021). Large-sample variance of Fleiss generalized kappa. Educ. Psychol. Meas. 81, 781-790.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.reliability import names
from labelqa.reliability.moments import TINY, Terms, make_terms
from labelqa.reliability.samples import Estimate
from labelqa.reliability.who import WhoLabeled, drawn_times

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CongerSample:
    """Labels with their annotators, and the observed-agreement terms of every kind of item.

    Attributes
    ----------
    who : WhoLabeled
        The labels.
    terms : Terms
        Terms of percent agreement, (p,).
    """

    who: WhoLabeled
    terms: Terms

    @classmethod
    def of(cls, who: WhoLabeled) -> CongerSample:
        """Prepare the terms of `who`."""
        return cls(who=who, terms=make_terms("percent_agreement", who.rows, who.times, who.weights))

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which kinds of items enter, (p,): those with a label."""
        return np.asarray(self.terms.labels > 0)

    def estimate(self) -> Estimate:
        """Return the coefficient on all items."""
        times = self.who.times
        value, slope = self.linearised(times)
        n = self.who.n
        known = not math.isnan(value) and self.terms.usable @ times >= 2
        return Estimate(
            value=value,
            observed=self._agreement(times),
            expected=self._chance(times).expected,
            standard_error=math.sqrt(n / (n - 1) * float(slope**2 @ times)) if known else math.nan,
            no_error_because=names.ONE_ITEM,
        )

    def value(self, times: Floats | Ints) -> float:
        """Return the coefficient with `times` (p,) items of each kind; nan where undefined."""
        return _kappa(self._agreement(times), self._chance(times).expected)

    def linearised(self, times: Floats | Ints) -> tuple[float, Floats]:
        """Return the coefficient, and what one more item of each kind would change, (p,) (Gwet 2021).

        The change is ``(g*_i - g) / n``, g*_i the linearised values and g their mean; 0 for kinds that do not enter.
        """
        chance, agreement = self._chance(times), self._agreement(times)
        value, who = _kappa(agreement, chance.expected), self.who
        if math.isnan(value):
            return math.nan, np.full(who.p, np.nan)
        by_item = np.bincount(who.item, weights=chance.gain[who.annotator, who.label], minlength=who.p)
        room, terms = 1 - chance.expected, self.terms
        g = (terms.observed - chance.expected * terms.usable) / float(terms.usable @ times) / room
        slope = g - value / float(times @ self.used) - 2 * (1 - value) * by_item / room
        return value, np.where(self.used, slope, 0.0)

    def resample(self, n_resamples: int, rng: np.random.Generator) -> Floats:
        """Return the estimate in samples of n items drawn with replacement, (b,)."""
        return np.array([self.value(times) for times in drawn_times(self.who.times, n_resamples, rng)])

    def leave_one_out(self) -> tuple[Floats, Ints]:
        """Return the estimate without one item of each kind, and the items of each kind."""
        observed, usable, times = self.terms.observed, self.terms.usable, self.who.times
        pairs = usable @ times - usable
        agreement = (observed @ times - observed) / np.where(pairs > 0, pairs, np.nan)
        expected = self._chance_without()
        room = 1 - expected
        values = (agreement - expected) / np.where(room > TINY, room, np.nan)
        return np.asarray(values), times

    def _agreement(self, times: Floats | Ints) -> float:
        """Return p_a; nan where no item has two labels."""
        pairs = float(self.terms.usable @ times)
        return float(self.terms.observed @ times) / pairs if pairs > 0 else math.nan

    def _chance(self, times: Floats | Ints) -> _Chance:
        """Return p_e: the mean of p_g' W p_h over pairs of annotators g != h who gave labels."""
        margins = self.who.margins(times)
        labels = margins.sum(axis=1, keepdims=True)
        shares = margins / np.where(labels > 0, labels, 1.0)
        return _Chance(labels=labels, shares=shares, slope=self.who.weights.apply(shares.sum(axis=0) - shares))

    def _chance_without(self) -> Floats:
        """Return p_e without one item of each kind, (p,).

        Leaving out item i moves the shares of the annotators g that labeled it from p_g to (n_g p_g - 1_x)/(n_g - 1),
        or drops g if that was the only label.
        """
        who = self.who
        margins = who.margins()
        labels = margins.sum(axis=1)
        shares = margins / labels[:, None]
        whole = shares.sum(axis=0)
        weighted = who.weights.apply(shares)
        own = (shares * weighted).sum(axis=1)
        last = labels == 1
        rest = np.where(last, 1.0, labels - 1)
        keep = np.where(last, -1.0, 1 / rest)[:, None] * shares  # what p_g gains by the smaller divisor
        n_g, at = labels[who.annotator], (who.annotator, who.label)
        own_without = (n_g**2 * own[who.annotator] - 2 * n_g * weighted[at] + 1) / rest[who.annotator] ** 2
        own_change = np.where(last[who.annotator], 0.0, own_without) - own[who.annotator]
        own_sum = own.sum() + np.bincount(who.item, weights=own_change, minlength=who.p)
        m = who.m - np.bincount(who.item, weights=last[who.annotator], minlength=who.p)
        cross = np.empty(who.p)
        for first, final, rows in who.item_blocks(max(who.m, who.k)):
            size = final - first
            present = np.zeros((size, who.m))
            present[who.item[rows] - first, who.annotator[rows]] = 1
            key = (who.item[rows].astype(np.int64) - first) * who.k + who.label[rows]
            loss = np.where(last, 0.0, 1 / rest)[who.annotator[rows]]
            moved = present @ keep - np.bincount(key, weights=loss, minlength=size * who.k).reshape(size, who.k)
            total = whole + moved
            cross[first:final] = (total * who.weights.apply(total)).sum(axis=1)
        pairs = m * (m - 1)
        return np.asarray((cross - own_sum) / np.where(pairs > 0, pairs, np.nan))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chance:
    """Chance agreement: labels of each annotator (m, 1), class shares p_g and W (sum_h p_h - p_g), both (m, k)."""

    labels: Floats
    shares: Floats
    slope: Floats

    @property
    def expected(self) -> float:
        """p_e; nan with fewer than two annotators."""
        return float((self.shares * self.slope).sum() / self._pairs) if self._pairs else math.nan

    @property
    def gain(self) -> Floats:
        """What one more label of each annotator and class adds to p_e, (m, k)."""
        own = (self.shares * self.slope).sum(axis=1, keepdims=True)
        return np.asarray((self.slope - own) / np.where(self.labels > 0, self.labels, np.inf) / self._pairs)

    @property
    def _pairs(self) -> int:
        m = int((self.labels > 0).sum())
        return m * (m - 1)


def _kappa(agreement: float, expected: float) -> float:
    if math.isnan(agreement) or math.isnan(expected) or 1 - expected <= TINY:
        return math.nan
    return (agreement - expected) / (1 - expected)
