"""What to do next, most useful first."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labelqa.report.caveats import chance_level
from labelqa.report.cells import shown_low
from labelqa.report.findings import Findings
from labelqa.report.wording import FIRM, WIDE, name_of
from labelqa.results import as_number, as_percent

MAX_STEPS = 4
LEADING_SHARE = 0.3  # of all disagreement, from which a class or a pair of classes is named first


def next_steps(found: Findings) -> tuple[str, ...]:
    """Return up to four things to do."""
    if found.main.undefined_because:
        return ("Let at least two people label the same items, using at least two classes, and measure again.",)
    steps = [*_pair(found), *_class(found), *_annotator(found), *_items(found), *_more_items(found), *_good(found)]
    return tuple(steps[:MAX_STEPS])


def _is_firm(found: Findings) -> bool:
    """Whether even the lower end is high; percent agreement can be that by luck alone."""
    return found.main.coefficient != "percent_agreement" and found.interval.low >= FIRM


def _pair(found: Findings) -> Iterator[str]:
    if found.pairs.empty or _is_firm(found):
        return
    first = found.pairs.iloc[0]
    task = f"Write down in one sentence what tells {name_of(first['class_a'])} from {name_of(first['class_b'])}"
    if len(found.pairs) == 1:
        yield f"{task}."
    elif first["share_of_disagreement"] >= LEADING_SHARE:
        yield f"{task}: this pair carries {as_percent(first['share_of_disagreement'])} of all disagreement."


def _class(found: Findings) -> Iterator[str]:
    if found.classes.empty or len(found.classes) < 3 or _is_firm(found):
        return
    first = found.classes.iloc[0]
    if first["share_of_disagreement"] > 0:
        yield (
            f"Sharpen the definition of {name_of(first['class'])}: it carries "
            f"{as_percent(first['share_of_disagreement'])} of all disagreement."
        )


def _annotator(found: Findings) -> Iterator[str]:
    at_chance = chance_level(found)
    if len(at_chance) and len(found.annotators.against_rest) > 2:
        names = ", ".join(name_of(n) for n in at_chance["annotator"].head(3))
        yield f"Go through a few items together with {names}: agreement with the others is at the level of guessing."


def _items(found: Findings) -> Iterator[str]:
    if not found.pairs.empty:
        yield "Discuss the most disputed items listed below with all annotators; keep the outcome as examples."


def _more_items(found: Findings) -> Iterator[str]:
    half = (found.interval.high - shown_low(found.interval.low, found.main.estimate)) / 2
    if math.isnan(half) or half <= WIDE:
        return
    yield (
        f"Have more items labeled by at least two people: the interval is wide (about ±{as_number(half, 2)}); roughly "
        f"{4 * found.n_pairable:,} such items would halve it."
    )


def _good(found: Findings) -> Iterator[str]:
    if _is_firm(found):
        yield "Keep the instruction as it is and measure again when the data or the people change."
