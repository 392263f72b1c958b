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

    def estimate(self) -> Estimate:
        """Return the coefficient on all items."""
        times = self.who.times
        agreement = float(self.terms.observed @ times) / float(self.terms.usable @ times)
        expected = float(self._chance(self.who.margins()))
        value = _kappa(agreement, expected)
        error = math.nan if math.isnan(value) else self._standard_error(value, expected)
        return Estimate(
            value=value,
            observed=agreement,
            expected=expected,
            standard_error=error,
            no_error_because=names.ONE_ITEM,
        )

    def resample(self, n_resamples: int, rng: np.random.Generator) -> Floats:
        """Return the estimate in samples of n items drawn with replacement, (b,)."""
        out = []
        for times in drawn_times(self.who.times, n_resamples, rng):
            pairs = float(self.terms.usable @ times)
            agreement = float(self.terms.observed @ times) / pairs if pairs else math.nan
            out.append(_kappa(agreement, self._chance(self.who.margins(times))))
        return np.array(out)

    def leave_one_out(self) -> tuple[Floats, Ints]:
        """Return the estimate without one item of each kind, and the items of each kind."""
        observed, usable, times = self.terms.observed, self.terms.usable, self.who.times
        pairs = usable @ times - usable
        agreement = (observed @ times - observed) / np.where(pairs > 0, pairs, np.nan)
        expected = self._chance_without()
        room = 1 - expected
        values = (agreement - expected) / np.where(room > TINY, room, np.nan)
        return np.asarray(values), times

    def _chance(self, margins: Floats) -> float:
        """Return p_e from the labels per annotator and class (m, k): the mean of p_g' W p_h over pairs g != h."""
        n = margins.sum(axis=1, keepdims=True)
        shares = margins[n[:, 0] > 0] / n[n[:, 0] > 0]
        m = len(shares)
        if m < 2:
            return math.nan
        whole = shares.sum(axis=0)
        own = (shares * self.who.weights.apply(shares)).sum()
        return float((whole @ self.who.weights.apply(whole) - own) / (m * (m - 1)))

    def _standard_error(self, value: float, expected: float) -> float:
        """Return the linearised standard error over items (Gwet 2021)."""
        n = self.who.n
        if self.terms.usable @ self.who.times < 2:
            return math.nan
        squares = (self.influence(value, expected) - value) ** 2
        return math.sqrt(float(squares @ self.who.times) / (n * (n - 1)))

    def influence(self, value: float, expected: float) -> Floats:
        """Return the linearised value g*_i of every kind of item, (p,), around the estimate `value` (Gwet 2021)."""
        who = self.who
        observed, usable = self.terms.observed, self.terms.usable
        margins = who.margins()
        labels = margins.sum(axis=1, keepdims=True)
        shares = margins / labels
        slope = who.weights.apply(shares.sum(axis=0) - shares)  # W (sum_h p_h - p_g), (m, k)
        centred = (slope - (shares * slope).sum(axis=1, keepdims=True)) * who.n / labels
        term = centred[who.annotator, who.label] / (who.m * (who.m - 1))
        chance = np.bincount(who.item, weights=term, minlength=who.p)  # e_i - p_e
        g = who.n / float(usable @ who.times) * (observed - expected * usable) / (1 - expected)
        return np.asarray(g - 2 * (1 - value) * chance / (1 - expected))

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


def _kappa(agreement: float, expected: float) -> float:
    if math.isnan(expected) or 1 - expected <= TINY:
        return math.nan
    return (agreement - expected) / (1 - expected)
