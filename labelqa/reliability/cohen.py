"""Cohen's kappa of every pair of annotators, and their mean (Light's kappa) for more than two.

References
----------
Cohen, J. (1960). A coefficient of agreement for nominal scales. Educ. Psychol. Meas. 20, 37-46.
Fleiss, J. L., Cohen, J. & Everitt, B. S. (1969). Large sample standard errors of kappa and weighted kappa. Psychol.
Bull. 72, 323-327. Light, R. J. (1971). Measures of response agreement for qualitative data. Psychol. Bull. 76, 365-377.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.reliability import names
from labelqa.reliability.moments import TINY
from labelqa.reliability.samples import Estimate
from labelqa.reliability.who import WhoLabeled, drawn_times

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
MAX_LABEL_PAIRS = 50_000_000


def too_many_pairs(who: WhoLabeled) -> bool:
    """Whether pairs of labels, or pairs of annotators times classes, are more than can be held in memory."""
    labels = who.labels_per_item.astype(np.float64)
    label_pairs = float((labels * (labels - 1) / 2).sum())
    annotator_pairs = min(label_pairs, who.m * (who.m - 1) / 2)
    return label_pairs > MAX_LABEL_PAIRS or annotator_pairs * who.k > MAX_LABEL_PAIRS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairTable:
    """Kappa of every pair of annotators that shares an item; q pairs.

    Attributes
    ----------
    first, second : int (q,)
        Annotators.
    n_items : float (q,)
        Items both labeled.
    observed, expected, kappa : float (q,)
        Agreement, chance agreement and kappa (nan where undefined).
    shares_of_first, shares_of_second : float (q, k)
        Class shares of the two annotators on these items.
    """

    first: Ints
    second: Ints
    n_items: Floats
    observed: Floats
    expected: Floats
    kappa: Floats
    shares_of_first: Floats
    shares_of_second: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CohenSample:
    """All pairs of labels of one kind of item: e entries (pair of annotators, kind, label, label).

    Attributes
    ----------
    who : WhoLabeled
        The labels.
    pair, item : int (e,)
        Pair of annotators (position in `first`, `second`) and kind of item of each entry.
    left, right : int32 (e,)
        Labels of the pair's first and second annotator.
    first, second : int (q,)
        Annotators of each pair.
    """

    who: WhoLabeled
    pair: Ints
    item: Ints
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    first: Ints
    second: Ints

    @classmethod
    def of(cls, who: WhoLabeled) -> CohenSample:
        """List the label pairs of every kind of item; callers ask :func:`too_many_pairs` first."""
        per_item = who.labels_per_item
        end = np.cumsum(per_item)
        rows = np.arange(who.item.size)
        after = end[who.item] - rows - 1
        a = np.repeat(rows, after)
        b = a + 1 + np.arange(a.size) - np.repeat(np.cumsum(after) - after, after)
        key = who.annotator[a].astype(np.int64) * who.m + who.annotator[b]
        pairs, pair = np.unique(key, return_inverse=True)
        first, second = np.divmod(pairs, max(who.m, 1))
        return cls(
            who=who,
            pair=pair,
            item=who.item[a].astype(np.int64),
            left=who.label[a],
            right=who.label[b],
            first=first,
            second=second,
        )

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which kinds of items enter, (p,): those with two labels."""
        return np.asarray(self.who.labels_per_item >= 2)

    def table(self, times: Floats | Ints | None = None) -> PairTable:
        """Return kappa of every pair, with `times` (p,) items of each kind."""
        weights = (self.who.times if times is None else times)[self.item]
        q, k = self.first.size, self.who.k
        n = np.bincount(self.pair, weights=weights, minlength=q).astype(np.float64)
        safe = np.where(n > 0, n, np.nan)
        left, right = (
            np.bincount(self.pair * k + codes, weights=weights, minlength=q * k).reshape(q, k) / safe[:, None]
            for codes in (self.left, self.right)
        )
        observed = np.bincount(self.pair, weights=weights * self._alike(), minlength=q) / safe
        expected = (left * self.who.weights.apply(right)).sum(axis=1)
        return PairTable(
            first=self.first,
            second=self.second,
            n_items=n,
            observed=observed,
            expected=expected,
            kappa=(observed - expected) / _room(expected),
            shares_of_first=left,
            shares_of_second=right,
        )

    def influence(self, table: PairTable) -> Floats:
        """Return each entry's linearised deviation of its pair's kappa, (e,); nan for undefined pairs.

        The large-sample variance of a pair's kappa is the sum of their squares over n^2 (Fleiss, Cohen & Everitt 1969).
        """
        chance = self._chance_slope(table) - 2 * table.expected[self.pair]
        agree = self._alike() - table.observed[self.pair]
        return np.asarray((agree - (1 - table.kappa[self.pair]) * chance) / _room(table.expected[self.pair]))

    def value(self, times: Floats | Ints) -> float:
        """Return the mean kappa of the pairs that share an item, with `times` (p,) items of each kind."""
        return _mean_kappa(self.table(times))

    def linearised(self, times: Floats | Ints) -> tuple[float, Floats]:
        """Return the mean kappa, and what one more item of each kind would change, (p,)."""
        table = self.table(times)
        return _mean_kappa(table), self._slope(table)

    def _slope(self, table: PairTable) -> Floats:
        """Return what one more item of each kind would add to the mean kappa, (p,); 0 for kinds without two labels."""
        present = table.n_items > 0
        if not present.any():
            return np.full(self.who.p, np.nan)
        each = self.influence(table) / np.where(present, table.n_items, np.nan)[self.pair]
        weights = np.where(present[self.pair], each, 0.0) / int(present.sum())
        return np.bincount(self.item, weights=weights, minlength=self.who.p).astype(np.float64)

    def standard_errors(self, table: PairTable) -> Floats:
        """Return the standard error of every pair's kappa, (q,)."""
        weights = self.influence(table) ** 2 * self.who.times[self.item]
        squares = np.bincount(self.pair, weights=weights, minlength=self.first.size)
        return np.asarray(np.sqrt(squares) / table.n_items)

    def estimate(self) -> Estimate:
        """Return the coefficient on all items."""
        table, times = self.table(), self.who.times
        error = math.sqrt(float(self._slope(table) ** 2 @ times)) if int(times[self.used].sum()) >= 2 else math.nan
        return Estimate(
            value=_mean_kappa(table),
            observed=float(table.observed.mean()),
            expected=float(table.expected.mean()),
            standard_error=error,
            no_error_because=names.ONE_ITEM,
        )

    def resample(self, n_resamples: int, rng: np.random.Generator) -> Floats:
        """Return the estimate in samples of n items drawn with replacement, (b,)."""
        times = np.where(self.used, self.who.times, 0)
        return np.array([self.value(drawn) for drawn in drawn_times(times, n_resamples, rng)])

    def leave_one_out(self) -> tuple[Floats, Ints]:
        """Return the estimate without one item of each kind, and the items of each kind."""
        who, table = self.who, self.table()
        alone = table.n_items[self.pair] == 1  # without its only item a pair is not in the mean
        after = np.where(alone, 0.0, self._kappa_without(table))
        change = np.bincount(self.item, weights=after - table.kappa[self.pair], minlength=who.p)
        left = self.first.size - np.bincount(self.item, weights=alone, minlength=who.p)
        values = (table.kappa.sum() + change) / np.where(left > 0, left, np.nan)
        return np.asarray(values[self.used]), who.times[self.used]

    def _kappa_without(self, table: PairTable) -> Floats:
        """Return the kappa of each entry's pair without that entry, (e,); nan where it becomes undefined."""
        n = table.n_items[self.pair]
        rest = np.where(n > 1, n - 1, np.nan)
        alike = self._alike()
        observed = (n * table.observed[self.pair] - alike) / rest
        expected = (n**2 * table.expected[self.pair] - n * self._chance_slope(table) + alike) / rest**2
        return np.asarray((observed - expected) / _room(expected))

    def _alike(self) -> Floats:
        """Return the agreement weight of each entry's two labels, (e,)."""
        return self.who.weights.between(self.left, self.right)

    def _chance_slope(self, table: PairTable) -> Floats:
        """Return (W p_second)[left label] + (W p_first)[right label] of each entry, (e,)."""
        to_right = self.who.weights.apply(table.shares_of_second)[self.pair, self.left]
        return np.asarray(to_right + self.who.weights.apply(table.shares_of_first)[self.pair, self.right])


def _room(expected: Floats) -> Floats:
    """Return 1 - p_e; nan where it is zero."""
    return np.where(1 - expected > TINY, 1 - expected, np.nan)


def _mean_kappa(table: PairTable) -> float:
    """Return the mean kappa of the pairs with an item; nan where one is undefined, or there is none."""
    present = table.n_items > 0
    return float(table.kappa[present].mean()) if present.any() else math.nan
