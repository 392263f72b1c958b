"""Coefficients that need to know who labeled, as functions of how often each kind of label set occurs.

References
----------
Conger, A. J. (1980). Psychol. Bull. 88, 322-328. Gwet, K. L. (2021). Educ. Psychol. Meas. 81, 781-790.
Fleiss, J. L., Cohen, J. & Everitt, B. S. (1969). Psychol. Bull. 72, 323-327.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.counts.sparse import ClassCounts
from labelqa.reliability.comparison.scores import Scores
from labelqa.reliability.moments import TINY, Terms, make_terms
from labelqa.reliability.weights import Weights

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CongerScorer:
    """Conger's kappa of kinds of label sets, each with its annotators.

    Attributes
    ----------
    who : ClassCounts
        Labels by annotator and class (u, m k).
    terms : Terms
        Percent agreement of every kind.
    weights : Weights
        Agreement weights over the k classes.
    """

    who: ClassCounts
    terms: Terms
    weights: Weights

    @classmethod
    def of(cls, who: ClassCounts, kinds: ClassCounts, weights: Weights) -> CongerScorer:
        """Prepare the kinds `who` (u, m k), which hold the labels `kinds` (u, k)."""
        once = np.ones(len(kinds), dtype=np.int64)
        return cls(who=who, terms=make_terms("percent_agreement", kinds, once, weights), weights=weights)

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which kinds enter at all, (u,)."""
        return np.asarray(self.terms.labels > 0)

    def values(self, times: Floats) -> Floats:
        """Return the coefficient for each row of counts, (b,)."""
        return np.array([self._one(row, slopes=False)[0] for row in times])

    def scores(self, times: Floats) -> Scores:
        """Return the coefficient and its slopes for each row of counts."""
        found = [self._one(row) for row in times]
        return Scores(value=np.array([f[0] for f in found]), slope=np.stack([f[1] for f in found]))

    def _one(self, times: Floats, *, slopes: bool = True) -> tuple[float, Floats]:
        """Return kappa and its slopes (u,) for one row of counts."""
        terms, k = self.terms, self.terms.k
        rows, nothing = self.who.row, np.full(times.size, np.nan)
        usable = float(times @ terms.usable)
        counted = self.who.counts * times[rows]
        margins = np.bincount(self.who.classes, weights=counted, minlength=self.who.k).reshape(-1, k)
        labels = margins.sum(axis=1, keepdims=True)
        m = int((labels > 0).sum())
        if usable <= 0 or m < 2:
            return np.nan, nothing
        shares = margins / np.where(labels > 0, labels, 1.0)
        whole = shares.sum(axis=0)
        slope = self.weights.apply(whole - shares)  # W (sum_h p_h - p_g), (m, k)
        own = (shares * slope).sum(axis=1, keepdims=True)
        expected = float(own.sum()) / (m * (m - 1))
        room = 1 - expected
        if room <= TINY:
            return np.nan, nothing
        value = (float(times @ terms.observed) / usable - expected) / room
        if not slopes:
            return value, nothing
        centred = ((slope - own) / np.where(labels > 0, labels, np.inf)).reshape(-1) / (m * (m - 1))
        chance = self.who.sums(self.who.counts * centred[self.who.classes])  # (e_i - p_e) / n
        n = float(times @ self.used)
        g = (terms.observed - expected * terms.usable) / usable / room
        linear = g - value / n - 2 * (1 - value) * chance / room
        return value, np.where(self.used, linear, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CohenScorer:
    """Mean of Cohen's kappa over the pairs of annotators; e entries, one a pair of labels of one kind.

    Attributes
    ----------
    kind, pair : int (e,)
        Kind of label set and pair of annotators of each entry.
    left, right : int32 (e,)
        The two labels.
    weights : Weights
        Agreement weights over the k classes.
    n_kinds, n_pairs, k : int
        Kinds u, pairs of annotators q, classes.
    """

    kind: npt.NDArray[np.int64]
    pair: npt.NDArray[np.intp]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    weights: Weights
    n_kinds: int
    n_pairs: int
    k: int

    @classmethod
    def of(cls, who: ClassCounts, k: int, weights: Weights) -> CohenScorer:
        """List the label pairs of the kinds `who` (u, m k)."""
        found = [part for part in who.entry_pairs() if part[0].size]
        kind, a, b = (np.concatenate([p[i] for p in found]) if found else np.zeros(0, dtype=np.int64) for i in range(3))
        people, labels = np.divmod(who.classes, k)
        m = who.k // max(k, 1)
        pairs, pair = np.unique(people[a].astype(np.int64) * m + people[b], return_inverse=True)
        sizes = {"n_kinds": len(who), "n_pairs": pairs.size, "k": k}
        return cls(kind=kind, pair=pair, left=labels[a], right=labels[b], weights=weights, **sizes)

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which kinds enter at all, (u,)."""
        return np.asarray(np.bincount(self.kind, minlength=self.n_kinds) > 0)

    def values(self, times: Floats) -> Floats:
        """Return the coefficient for each row of counts, (b,)."""
        return np.array([self._one(row)[0] for row in times])

    def scores(self, times: Floats) -> Scores:
        """Return the coefficient and its slopes for each row of counts."""
        found = [self._one(row) for row in times]
        return Scores(value=np.array([f[0] for f in found]), slope=np.stack([f[1] for f in found]))

    def _one(self, times: Floats) -> tuple[float, Floats]:
        """Return the mean kappa and its slopes (u,) for one row of counts."""
        weight, q, k = times[self.kind], self.n_pairs, self.k
        n = np.bincount(self.pair, weights=weight, minlength=q)
        present = n > 0
        if not present.any():
            return np.nan, np.full(self.n_kinds, np.nan)
        safe = np.where(present, n, np.nan)
        alike = self.weights.between(self.left, self.right)
        observed = np.bincount(self.pair, weights=weight * alike, minlength=q) / safe
        first, second = (
            np.bincount(self.pair * k + codes, weights=weight, minlength=q * k).reshape(q, k) / safe[:, None]
            for codes in (self.left, self.right)
        )
        to_first, to_second = self.weights.apply(second), self.weights.apply(first)
        expected = (first * to_first).sum(axis=1)
        room = np.where(1 - expected > TINY, 1 - expected, np.nan)
        kappa = (observed - expected) / room
        chance = to_first[self.pair, self.left] + to_second[self.pair, self.right] - 2 * expected[self.pair]
        linear = (alike - observed[self.pair] - (1 - kappa[self.pair]) * chance) / room[self.pair]
        linear = np.where(present[self.pair], linear / safe[self.pair], 0.0) / int(present.sum())
        slopes = np.bincount(self.kind, weights=linear, minlength=self.n_kinds).astype(np.float64)
        return float(kappa[present].mean()), slopes
