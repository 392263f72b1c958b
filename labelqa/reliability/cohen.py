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
    """

    first: Ints
    second: Ints
    n_items: Floats
    observed: Floats
    expected: Floats
    kappa: Floats


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

    def table(self, times: Floats | None = None) -> PairTable:
        """Return kappa of every pair, with `times` (p,) items of each kind."""
        n, observed, left, right = self._shares((self.who.times if times is None else times)[self.item])
        expected = (left * self.who.weights.apply(right)).sum(axis=1)
        room = 1 - expected
        kappa = (observed - expected) / np.where(room > TINY, room, np.nan)
        return PairTable(
            first=self.first, second=self.second, n_items=n, observed=observed, expected=expected, kappa=kappa
        )

    def influence(self, table: PairTable) -> Floats:
        """Return each entry's linearised deviation of its pair's kappa, (e,); nan for undefined pairs.

        The large-sample variance of a pair's kappa is the sum of their squares over n^2 (Fleiss, Cohen & Everitt 1969).
        """
        _, _, left, right = self._shares(self.who.times[self.item])
        chance = self._chance_slope(left, right) - 2 * table.expected[self.pair]
        agree = self.who.weights.between(self.left, self.right) - table.observed[self.pair]
        room = 1 - table.expected[self.pair]
        return np.asarray((agree - (1 - table.kappa[self.pair]) * chance) / np.where(room > TINY, room, np.nan))

    def standard_errors(self, table: PairTable) -> Floats:
        """Return the standard error of every pair's kappa, (q,)."""
        weights = self.influence(table) ** 2 * self.who.times[self.item]
        squares = np.bincount(self.pair, weights=weights, minlength=self.first.size)
        return np.asarray(np.sqrt(squares) / table.n_items)

    def estimate(self) -> Estimate:
        """Return the coefficient on all items."""
        table = self.table()
        influence = self.influence(table) / (table.n_items[self.pair] * self.first.size)
        per_item = np.bincount(self.item, weights=influence, minlength=self.who.p)
        usable = int(self.who.times[self.who.labels_per_item >= 2].sum())
        return Estimate(
            value=float(table.kappa.mean()),
            observed=float(table.observed.mean()),
            expected=float(table.expected.mean()),
            standard_error=math.sqrt(float(per_item**2 @ self.who.times)) if usable >= 2 else math.nan,
            no_error_because=names.ONE_ITEM,
        )

    def resample(self, n_resamples: int, rng: np.random.Generator) -> Floats:
        """Return the estimate in samples of n items drawn with replacement, (b,)."""
        usable = np.where(self.who.labels_per_item >= 2, self.who.times, 0)
        out = []
        for times in drawn_times(usable, n_resamples, rng):
            table = self.table(times)
            drawn = table.n_items > 0
            out.append(table.kappa[drawn].mean() if drawn.any() else math.nan)
        return np.array(out)

    def leave_one_out(self) -> tuple[Floats, Ints]:
        """Return the estimate without one item of each kind, and the items of each kind."""
        who, table = self.who, self.table()
        alone = table.n_items[self.pair] == 1  # without its only item a pair is not in the mean
        after = np.where(alone, 0.0, self._kappa_without(table))
        change = np.bincount(self.item, weights=after - table.kappa[self.pair], minlength=who.p)
        left = self.first.size - np.bincount(self.item, weights=alone, minlength=who.p)
        values = (table.kappa.sum() + change) / np.where(left > 0, left, np.nan)
        used = who.labels_per_item >= 2
        return np.asarray(values[used]), who.times[used]

    def _kappa_without(self, table: PairTable) -> Floats:
        """Return the kappa of each entry's pair without that entry, (e,); nan where it becomes undefined."""
        n = table.n_items[self.pair]
        rest = np.where(n > 1, n - 1, np.nan)
        agree = self.who.weights.between(self.left, self.right)
        _, _, left, right = self._shares(self.who.times[self.item])
        observed = (n * table.observed[self.pair] - agree) / rest
        slope = self._chance_slope(left, right)
        expected = (n**2 * table.expected[self.pair] - n * slope + agree) / rest**2
        room = 1 - expected
        return np.asarray((observed - expected) / np.where(room > TINY, room, np.nan))

    def _shares(self, weights: Floats | Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Return per pair: items, agreement, class shares of the first and of the second annotator."""
        q, k = self.first.size, self.who.k
        n = np.bincount(self.pair, weights=weights, minlength=q)
        safe = np.where(n > 0, n, np.nan)
        agree = weights * self.who.weights.between(self.left, self.right)
        shares = [
            np.bincount(self.pair * k + codes, weights=weights, minlength=q * k).reshape(q, k) / safe[:, None]
            for codes in (self.left, self.right)
        ]
        return n.astype(np.float64), np.bincount(self.pair, weights=agree, minlength=q) / safe, shares[0], shares[1]

    def _chance_slope(self, left: Floats, right: Floats) -> Floats:
        """Return (W p_second)[left label] + (W p_first)[right label] of each entry, (e,)."""
        to_right = self.who.weights.apply(right)[self.pair, self.left]
        return np.asarray(to_right + self.who.weights.apply(left)[self.pair, self.right])
