"""Which items answer "did agreement change?": those on which nothing but chance can have favoured one round.

Items chosen because annotators disagreed on them agree better the next time whatever was changed (regression to the
mean), and items that were open while rules were written are the ones the rules fit. The answer rests on held-out and
fresh items; only where a round has none of these, on paired ones, and then it says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelqa.reliability.comparison.selection import chosen_for_disagreement
from labelqa.reliability.weights import IdentityWeights
from labelqa.review.proving.panel import Floats, Mask, Panel, Part
from labelqa.review.proving.strata import Chosen
from labelqa.review.sampling import CONTROL, FRESH, HELD_OUT, PAIRED, STRATA

FEWEST = 5  # items left aside that show that a stratum was restricted
OPEN_ITEMS = (
    "There are no held-out and no fresh items with two labels: the answer rests on items that were open while the "
    "rules were written, which they may fit better than other items. Plan held-out or fresh items for the next round."
)
WEIGHTED = (
    "The items labeled again were chosen with unequal probabilities, and each weighs 1 / its probability. That removes "
    "the bias of items chosen for disagreement, but a few items then carry much of the weight: there is no verdict on "
    "single classes and rules."
)
NOT_RANDOM = (
    "No item of the earlier round is known to be chosen at random: all of its items were taken to stand for the others."
)
LEFT_OUT = "open while the rules were written, so no part of the answer"
DISPUTED = (
    "not compared: these items were clearly more disputed before than the others, and there are no probabilities that "
    "would make up for it; such items agree better the next time whatever was changed (regression to the mean)"
)
RESTRICTED = (
    "not compared: only items that had labels of the changed classes were labeled again, without control items; such "
    "items agree better the next time whatever was changed (regression to the mean)"
)


NOT_ONE_BY_ONE = (
    "measured on items chosen for disagreement, a few of which carry much of the weight: enough for the whole, not for "
    "single classes and rules"
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Division:
    """The parts of a panel.

    Attributes
    ----------
    strata : dict of str to Part
        Held-out items, fresh items against all before, and paired ones: all items labeled again that were open
        (control items too, each weighing 1 / its probability: together they stand for all items).
    answer : Part
        What the answer rests on.
    rests_on : tuple of str
        Its strata.
    control : Part
        Items from which the learning effect may be read: those labeled in both rounds that were not chosen for
        disagreement, and, where these weigh alike, all others before and the fresh ones.
    remarks : dict of str to str
        Of each stratum that is no part of the answer: why.
    not_compared : tuple of str
        Strata that cannot be measured without bias.
    cautions : tuple of str
        What a reader should know.
    """

    strata: dict[str, Part]
    answer: Part
    rests_on: tuple[str, ...]
    control: Part
    remarks: dict[str, str]
    not_compared: tuple[str, ...]
    cautions: tuple[str, ...]


def divide(panel: Panel, chosen: Chosen, earlier: Chosen, touched: list[int]) -> Division:
    """Return the parts.

    Parameters
    ----------
    panel : Panel
        Both rounds.
    chosen, earlier : dict
        How the items of the later round, and of the one before, were chosen; all at random where `earlier` is empty.
    touched : list of int
        Codes of the classes that the changed rules touch.
    """
    in_before, in_after = panel.labeled
    of = {name: panel.of_stratum(chosen, name) for name in STRATA}
    at_random, cautions = _at_random(panel, earlier)
    weight = 1 / panel.probability(chosen)
    again = (of[PAIRED] | of[CONTROL]) & in_before & in_after
    held_out = of[HELD_OUT] & in_before
    parts = {
        HELD_OUT: panel.part(held_out & in_after, held_out),
        FRESH: panel.part(at_random, of[FRESH] | (of[HELD_OUT] & ~in_before)),
        PAIRED: panel.part(again, again, weight) if (of[PAIRED] & again).any() else panel.part(again & False, again),
    }
    strata = {name: part for name, part in parts.items() if part}
    refused = _refused(panel, strata.get(PAIRED), at_random & ~of[HELD_OUT], touched)
    answer, rests_on, more = _answer(panel, strata, at_random, refused)
    remarks = {PAIRED: refused or LEFT_OUT} if PAIRED in strata and PAIRED not in rests_on else {}
    steady = of[HELD_OUT] | of[CONTROL] | (of[PAIRED] & (refused is None and not _differs(weight[of[PAIRED] & again])))
    shared = steady & in_before & in_after
    return Division(
        strata=strata,
        answer=answer,
        rests_on=rests_on,
        control=_control(panel, shared, at_random, parts[FRESH].after, _scaled(weight, of, shared)),
        remarks=remarks,
        not_compared=(PAIRED,) if refused else (),
        cautions=(*cautions, *more),
    )


def _at_random(panel: Panel, earlier: Chosen) -> tuple[Mask, tuple[str, ...]]:
    """Return the items of the round before that stand for all items."""
    if not earlier:
        return panel.labeled[0], ()
    unseen = (panel.of_stratum(earlier, HELD_OUT) | panel.of_stratum(earlier, FRESH)) & panel.labeled[0]
    return (unseen, ()) if unseen.any() else (panel.labeled[0], (NOT_RANDOM,))


def _refused(panel: Panel, paired: Part | None, others: Mask, touched: list[int]) -> str | None:
    """Return why items labeled again cannot be compared without bias, where that can be seen."""
    if paired is None:
        return None
    used, _ = panel.uses(touched)
    aside = others & ~paired.before & ~used
    if aside.sum() >= FEWEST and not (paired.before & ~used).any():
        return RESTRICTED
    if paired.is_weighted:
        return None
    whole = panel.pair(panel.part(others | paired.before, paired.after))
    return DISPUTED if chosen_for_disagreement(whole, IdentityWeights(panel.schema.k)) else None


def _answer(
    panel: Panel, strata: dict[str, Part], at_random: Mask, refused: str | None
) -> tuple[Part, tuple[str, ...], tuple[str, ...]]:
    unseen = tuple(name for name in (HELD_OUT, FRESH) if name in strata)
    if len(unseen) == 1:
        return strata[unseen[0]], unseen, ()
    if unseen:
        held_out, fresh = strata[HELD_OUT], strata[FRESH]
        return panel.part(at_random | held_out.before, held_out.after | fresh.after), unseen, ()
    if PAIRED in strata and refused is None:
        paired = strata[PAIRED]
        return paired, (PAIRED,), (OPEN_ITEMS, *([WEIGHTED] if paired.is_weighted else []))
    nothing = np.zeros(panel.items.size, dtype=np.bool_)
    return panel.part(nothing, nothing), (), ()


def _control(panel: Panel, shared: Mask, at_random: Mask, fresh: Mask, weight: Floats) -> Part:
    paired = panel.part(shared, shared, weight)
    if paired.is_weighted or not fresh.any():
        return paired
    return panel.part(shared | at_random, shared | fresh)


def _differs(weight: Floats) -> bool:
    return bool(weight.size) and not np.allclose(weight, weight[0])


def _scaled(weight: Floats, of: dict[str, Mask], shared: Mask) -> Floats:
    """Return weights whose mean is 1 in each stratum: each stands for the same items."""
    out = np.ones_like(weight)
    for name in (PAIRED, CONTROL):
        here = of[name] & shared
        if here.any():
            out[here] = weight[here] / weight[here].mean()
    return out
