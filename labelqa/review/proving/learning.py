"""What people learn from labeling alone, read off the classes that no changed rule touches.

Control items are items on which nobody used a touched class: in either round where both labeled the item, in the one
round otherwise. The condition is the same for both rounds, so that under "nothing changed" neither is favoured.
Learning is taken to remove the same share of disagreement everywhere: with c the coefficient on control items and a
that of the touched classes, learning alone would have led to ``1 - (1 - a_before) (1 - c_after) / (1 - c_before)``;
what lies above is the excess (a difference in differences of log disagreement, told on the scale of the coefficient).
This is our own reasoning, checked in `tests/bench/campaigns.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from labelqa.reliability.comparison.verdict import ChangeTest
from labelqa.review.proving.effects import Influence, influence_of, scorer_of, summed_test
from labelqa.review.proving.overall import compared
from labelqa.review.proving.panel import Panel, Part
from labelqa.review.proving.settings import Settings

FEWEST = 10  # control items
ROOM = 2.0  # standard errors by which control items must have disagreed before
FEW_CONTROL = f"fewer than {FEWEST} items of a round are free of the changed classes"
NO_ROOM = "people hardly disagreed on the control items before, so learning could not show there"
NO_RULES = "no changed rules were given"
UNDEFINED = "agreement on the touched or on the control items is undefined in one of the rounds"
NOWHERE = ChangeTest(standard_error=math.nan, low=math.nan, high=math.nan, p_value=math.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningEffect:
    """The change where no rule changed, and what the touched classes gained beyond it.

    Attributes
    ----------
    n_before, n_after : int
        Items free of the touched classes in either round.
    before, after, difference, low, high, p_value : float
        Agreement on them, its change, interval and permutation p value.
    verdict : str
        As of a comparison: improved (people learned), worse, no_evidence, too_few_items, undefined.
    touched_before, touched_after : float
        Agreement on the touched classes, all rules together.
    by_learning : float
        What the touched classes would have reached by learning alone.
    excess, excess_low, excess_high, excess_p : float
        `touched_after` less `by_learning`: what is left for the rules.
    beyond_learning : bool or None
        Whether the interval of the excess is above 0; None where it is undefined.
    reason : str or None
        Why there is no excess.
    """

    n_before: int
    n_after: int
    before: float = math.nan
    after: float = math.nan
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_value: float = math.nan
    verdict: str = "undefined"
    touched_before: float = math.nan
    touched_after: float = math.nan
    by_learning: float = math.nan
    excess: float = math.nan
    excess_low: float = math.nan
    excess_high: float = math.nan
    excess_p: float = math.nan
    beyond_learning: bool | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Control:
    """Control items, measured; `terms` is None where nothing can be learned from them."""

    part: Part
    effect: LearningEffect
    terms: Influence | None


def measure_control(
    panel: Panel, control: Part, touched: list[int], settings: Settings, rng: np.random.Generator
) -> Control:
    """Return the learning effect, without the touched classes."""
    used_before, used_after = panel.uses(touched)
    shared = control.shared & ~used_before & ~used_after
    first = shared | (control.before & ~control.after & ~used_before)
    second = shared | (control.after & ~control.before & ~used_after)
    part = panel.part(first, second, control.weight)
    n_before, n_after = int(first.sum()), int(second.sum())
    if not touched or min(n_before, n_after) < FEWEST:
        reason = FEW_CONTROL if touched else NO_RULES
        effect = LearningEffect(n_before=n_before, n_after=n_after, reason=reason)
        return Control(part=part, effect=effect, terms=None)
    found = compared(panel, part, settings, rng)
    effect = LearningEffect(
        n_before=n_before,
        n_after=n_after,
        before=found.before.estimate,
        after=found.after.estimate,
        difference=found.difference,
        low=found.low,
        high=found.high,
        p_value=found.p_permutation,
        verdict=found.verdict,
        reason=found.undefined_because,
    )
    if found.undefined_because:
        return Control(part=part, effect=effect, terms=None)
    scorer = scorer_of(panel.pair(part), settings.coefficient, list(range(panel.schema.k)))
    if 1 - effect.before <= ROOM * found.before.standard_error or math.isnan(found.before.standard_error):
        return Control(part=part, effect=replace(effect, reason=NO_ROOM), terms=None)
    return Control(part=part, effect=effect, terms=influence_of(panel, part, scorer))


def excess_over_learning(
    panel: Panel, part: Part, classes: list[int], control: Control, settings: Settings
) -> tuple[float, float, ChangeTest]:
    """Return what learning alone would have given for these classes, the excess over it, and its test."""
    if control.terms is None or not part:
        return math.nan, math.nan, NOWHERE
    scorer = scorer_of(panel.pair(part), settings.coefficient, classes)
    mine, theirs = influence_of(panel, part, scorer), control.terms
    if math.isnan(mine.after - mine.before):
        return math.nan, math.nan, NOWHERE
    left = (1 - theirs.after) / (1 - theirs.before)  # share of disagreement that learning leaves
    scale = (1 - mine.before) / (1 - theirs.before)
    terms = mine.of_after - left * mine.of_before - scale * theirs.of_after + scale * left * theirs.of_before
    masks = (control.part.before, control.part.after, part.before, part.after)
    group = np.sum([mask.astype(np.int64) << bit for bit, mask in enumerate(masks)], axis=0)
    group = np.where(mine.used | theirs.used, group, -1)
    by_learning = 1 - (1 - mine.before) * left
    excess = mine.after - by_learning
    return by_learning, excess, summed_test(excess, terms, group, settings.confidence)


def with_touched(panel: Panel, part: Part, touched: list[int], control: Control, settings: Settings) -> LearningEffect:
    """Return the learning effect together with the excess of all touched classes."""
    if not touched or not part:
        return control.effect
    pair = panel.pair(part)
    mine = influence_of(panel, part, scorer_of(pair, settings.coefficient, touched))
    by_learning, excess, test = excess_over_learning(panel, part, touched, control, settings)
    known = not math.isnan(test.low)
    return replace(
        control.effect,
        touched_before=mine.before,
        touched_after=mine.after,
        by_learning=by_learning,
        excess=excess,
        excess_low=test.low,
        excess_high=test.high,
        excess_p=test.p_value,
        beyond_learning=bool(test.low > 0) if known else None,
        reason=control.effect.reason or (None if known else UNDEFINED),
    )
