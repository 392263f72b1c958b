"""What to do next, most useful first."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labelqa.report.caveats import chance_level
from labelqa.report.cells import shown_low
from labelqa.report.evidence import (
    ENOUGH_ITEMS,
    alpha_row,
    carries_verdict,
    has_single_classes,
    is_unanimous,
    split_at_most,
)
from labelqa.report.findings import Findings
from labelqa.report.verdict import FIRM, about
from labelqa.report.wording import WIDE, name_of
from labelqa.results import as_number, as_percent

MAX_STEPS = 4
LEADING_SHARE = 0.3  # of all disagreement, from which a pair of classes is named first
NAMED_SHARE = 0.05  # of all disagreement, under which no class is named
WELL_ABOVE = 1.25  # times an equal share
NARROW = 0.05  # share of items that may still be split, from which unanimous items are enough


def next_steps(found: Findings) -> tuple[str, ...]:
    """Return up to four things to do."""
    if found.main.undefined_because:
        return ("Let at least two people label the same items, using at least two classes, and measure again.",)
    if is_unanimous(found):
        return tuple(_after_unanimity(found.n_pairable))
    definitions = [*_pair(found), *_class(found)] or [*_spread(found)]
    steps = [*_swapped(found), *definitions, *_annotator(found), *_items(found), *_more_items(found), *_good(found)]
    return tuple(steps[:MAX_STEPS])


def _is_firm(found: Findings) -> bool:
    """Whether even the lower ends are high, that of alpha too: some coefficients are high by luck alone."""
    is_high = found.interval.low >= FIRM or found.main.coefficient == "percent_agreement"
    return carries_verdict(found) and is_high and alpha_row(found)["low"] >= FIRM


def _names_classes(found: Findings) -> bool:
    return has_single_classes(found) and not _is_firm(found)


def _stands_out(share: float, n: int) -> bool:
    return share >= NAMED_SHARE and share * n >= WELL_ABOVE


def _pair(found: Findings) -> Iterator[str]:
    if found.pairs.empty or not _names_classes(found):
        return
    first = found.pairs.iloc[0]
    task = f"Write down in one sentence what tells {name_of(first['class_a'])} from {name_of(first['class_b'])}"
    if len(found.pairs) == 1:
        yield f"{task}."
    elif first["share_of_disagreement"] >= LEADING_SHARE and _stands_out(
        first["share_of_disagreement"], len(found.pairs)
    ):
        yield f"{task}: this pair carries {as_percent(first['share_of_disagreement'])} of all disagreement."


def _class(found: Findings) -> Iterator[str]:
    if len(found.classes) < 3 or not _names_classes(found):
        return
    first = found.classes.iloc[0]
    if _stands_out(first["share_of_disagreement"], len(found.classes)):
        yield (
            f"Sharpen the definition of {name_of(first['class'])}: it carries "
            f"{as_percent(first['share_of_disagreement'])} of all disagreement."
        )


def _swapped(found: Findings) -> Iterator[str]:
    if found.interval.high < 0 and found.n_pairable >= ENOUGH_ITEMS:
        yield "Check whether somebody swapped labels or codes: agreement is worse than guessing would give."


def _spread(found: Findings) -> Iterator[str]:
    n = int((found.classes["share_of_disagreement"] > 0).sum()) if len(found.classes) else 0
    if n >= 3 and _names_classes(found):
        yield (
            f"Look at the instruction as a whole: disagreement is spread over {n:,} classes, and no single one stands "
            "out."
        )


def _annotator(found: Findings) -> Iterator[str]:
    at_chance = chance_level(found)
    if len(at_chance) and len(found.annotators.against_rest) > 2:
        names = ", ".join(name_of(n) for n in at_chance["annotator"].head(3))
        yield f"Go through a few items together with {names}: agreement with the others is near guessing or below it."


def _items(found: Findings) -> Iterator[str]:
    if not found.pairs.empty:
        yield "Discuss the most disputed items listed below with all annotators; keep the outcome as examples."


def _more_items(found: Findings) -> Iterator[str]:
    if found.n_pairable < ENOUGH_ITEMS:
        yield f"Have more items labeled by at least two people: {found.n_pairable:,} are too few to judge by."
        return
    half = (found.interval.high - shown_low(found.interval.low, found.main.estimate)) / 2
    if math.isnan(half) or half <= WIDE:
        return
    yield (
        f"Have more items labeled by at least two people: the interval is wide (about ±{as_number(half, 2)}); roughly "
        f"{4 * found.n_pairable:,} such items would halve it."
    )


def _after_unanimity(n_items: int) -> Iterator[str]:
    yield "Check that the annotators worked independently of each other."
    bound = split_at_most(n_items)
    if bound > NARROW:
        yield (
            f"Have more items labeled by at least two people: so far up to {about(bound)} of items could still be "
            "split."
        )


def _good(found: Findings) -> Iterator[str]:
    if _is_firm(found):
        yield "Keep the instruction as it is and measure again when the data or the people change."
