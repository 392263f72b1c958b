"""The change of one measure of agreement (the whole, one class, one pair of classes), item by item.

A measure is a function of the labels of one round, so nothing is conditioned on the labels of either: of a pair of
classes it is the agreement among the labels of these two, other labels taken as missing. Under "nothing changed" its
difference between rounds is 0 however the items fall.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.counts.sparse import ClassCounts
from labelqa.reliability.comparison.classes import class_scorer
from labelqa.reliability.comparison.inference import Cells, as_observed, differences
from labelqa.reliability.comparison.pair import RoundPair
from labelqa.reliability.comparison.permutation import (
    ENUMERATE_UP_TO,
    listed,
    n_arrangements,
    n_extreme,
    random_ones,
    share_extreme,
)
from labelqa.reliability.comparison.scores import Scorer, pattern_scorer
from labelqa.reliability.comparison.verdict import PAIRED, ChangeTest, design_of, difference_test, t_test
from labelqa.reliability.comparison.who import CohenScorer, CongerScorer
from labelqa.reliability.weights import IdentityWeights
from labelqa.review.proving.panel import Floats, Mask, Panel, Part

ONE_LABEL = "no item has two labels of these classes in one of the rounds"
ONE_CLASS = "only one of the classes was given in one of the rounds, so there is nothing to agree on"
NO_ERROR = "too few items for an error of the difference"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Effect:
    """A measure before and after.

    Attributes
    ----------
    before, after : float
        Its values; nan where undefined.
    test : ChangeTest
        Error, interval and t test of the difference.
    n_before, n_after : int
        Items that say something about it in either round.
    reason : str or None
        Why there is no difference, or no interval.
    """

    before: float
    after: float
    test: ChangeTest
    n_before: int
    n_after: int
    reason: str | None

    @property
    def difference(self) -> float:
        """After minus before."""
        return self.after - self.before


def scorer_of(pair: RoundPair, coefficient: str, classes: list[int]) -> Scorer:
    """Return the scorer of one class against all others, or of agreement among the labels of several classes."""
    corrected = design_of(pair.sizes) == PAIRED
    if len(classes) == 1:
        return class_scorer(pair, coefficient, classes[0], corrected=corrected)
    k, wanted = pair.kinds.k, len(classes)
    place = np.full(k, -1, dtype=np.int64)
    place[classes] = np.arange(wanted)
    weights = IdentityWeights(wanted)
    kinds = _only(pair.kinds, place[pair.kinds.classes], wanted)
    if pair.who is None:
        return pattern_scorer(coefficient, kinds, weights, corrected=corrected)
    of_class = place[pair.who.classes % k]
    people = pair.who.k // k
    who = _only(pair.who, np.where(of_class < 0, -1, pair.who.classes // k * wanted + of_class), people * wanted)
    if coefficient == "cohen_kappa":
        return CohenScorer.of(who, wanted, weights)
    return CongerScorer.of(who, kinds, weights)


def _only(counts: ClassCounts, classes: npt.NDArray[np.int64], k: int) -> ClassCounts:
    """Return the entries with their new classes, without those of class -1."""
    keep = classes >= 0
    times = counts.counts[keep]
    return ClassCounts.from_codes(np.repeat(counts.row[keep], times), np.repeat(classes[keep], times), len(counts), k)


def effect_of(pair: RoundPair, scorer: Scorer, confidence: float) -> Effect:
    """Return the change of a measure with its linearised error."""
    cells = Cells.of(pair)
    found = differences(cells, scorer, as_observed(cells))
    test = difference_test(found, confidence)
    informative = [
        int(pair.times[part & scorer.used[kind]].sum())
        for kind, part in ((pair.before, pair.in_before), (pair.after, pair.in_after))
    ]
    before, after = float(found.before[0]), float(found.after[0])
    return Effect(
        before=before,
        after=after,
        test=test,
        n_before=informative[0],
        n_after=informative[1],
        reason=_reason(after - before, test.p_value, informative),
    )


def _reason(difference: float, p_value: float, informative: list[int]) -> str | None:
    if math.isnan(difference):
        return ONE_CLASS if min(informative) else ONE_LABEL
    return NO_ERROR if math.isnan(p_value) else None


def permuted(pair: RoundPair, scorers: list[Scorer], total: int, rng: np.random.Generator) -> Floats:
    """Return p values of studentised permutation tests on the same arrangements; nan where a measure has no error."""
    cells = Cells.of(pair)
    exact = n_arrangements(cells) <= ENUMERATE_UP_TO
    drawn = listed(cells) if exact else random_ones(cells, total, rng)
    defined = [not math.isnan(float(differences(cells, s, as_observed(cells)).statistic[0])) for s in scorers]
    out = np.full(len(scorers), np.nan)
    if any(defined):
        n = n_arrangements(cells) if exact else total
        counted = n_extreme(cells, [s for s, known in zip(scorers, defined, strict=True) if known], drawn)
        out[defined] = [share_extreme(extreme, n - undefined, is_exact=exact) for extreme, undefined in counted]
    return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Influence:
    """A measure before and after, and what each of the n items adds to its error in either round."""

    before: float
    after: float
    of_before: Floats
    of_after: Floats
    used: Mask


def influence_of(panel: Panel, part: Part, scorer: Scorer) -> Influence:
    """Return the linearised terms of every item of a part; 0 for the others."""
    values, terms = [], []
    used = np.zeros(panel.items.size, dtype=np.bool_)
    for kind, mask in ((panel.before, part.before), (panel.after, part.after)):
        weight = np.where(mask, part.weight, 0.0)
        times = np.bincount(kind, weights=weight, minlength=len(panel.kinds)).astype(np.float64)
        found = scorer.scores(times[None, :])
        values.append(float(found.value[0]))
        terms.append(weight * found.slope[0][kind])
        used |= mask & scorer.used[kind]
    return Influence(before=values[0], after=values[1], of_before=terms[0], of_after=terms[1], used=used)


def summed_test(value: float, terms: Floats, group: npt.NDArray[np.int64], confidence: float) -> ChangeTest:
    """Return the t test of a value whose error is the sum of `terms` (n,) over items, independent between groups.

    Degrees of freedom are Satterthwaite's; items of group -1 do not enter.
    """
    variances, parts = 0.0, 0.0
    for which in np.unique(group[group >= 0]):
        mine = terms[group == which]
        if mine.size > 1:
            variance = mine.size / (mine.size - 1) * float(((mine - mine.mean()) ** 2).sum())
        else:
            variance = float((mine**2).sum())
        variances += variance
        parts += variance**2 / max(mine.size - 1, 1)
    if not math.isfinite(variances) or math.isnan(value):
        return t_test(math.nan, math.nan, 1.0, confidence)
    degrees = variances**2 / parts if parts > 0 else float(max((group >= 0).sum() - 1, 1))
    return t_test(value, math.sqrt(variances), degrees, confidence)
