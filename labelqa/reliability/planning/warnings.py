"""What may make a plan wrong, in words."""

from __future__ import annotations

import math

from labelqa.reliability.planning.population import PilotPopulation, Population
from labelqa.reliability.planning.sizes import Sizing
from labelqa.results import as_number, as_percent
from labelqa.text import shortened

SMALL_PILOT = 50  # items with two labels
FEW_LABELS = 20  # of a class: below it intervals of agreement are too narrow
FEW_SINGLE = 0.05
NAME_LIMIT = 30


def plan_warnings(population: Population, sizing: Sizing, n: int) -> tuple[str, ...]:
    """Return the warnings of a plan of `n` items, the gravest first."""
    found = (
        _against_expectation(population, sizing),
        _rare_class(population, n),
        _small_pilot(population),
        _ceiling(population, sizing, n),
        _single_labels(population),
        _pilot_change(population, sizing),
    )
    return tuple(text for text in found if text)


def _against_expectation(population: Population, sizing: Sizing) -> str | None:
    if sizing.goal != "threshold" or population.value > sizing.asked:
        return None
    value, asked = as_number(population.value), as_number(sizing.asked)
    return f"the value planned for, {value}, is below {asked}: this study would show that agreement falls short"


def _rare_class(population: Population, n: int) -> str | None:
    used = {name: share for name, share in population.class_shares.items() if share > 0}
    name, share = min(used.items(), key=lambda item: item[1])
    labels = n * population.labels_per_item
    if labels * share >= FEW_LABELS:
        return None
    wanted = math.ceil(FEW_LABELS / share / population.labels_per_item)
    return (
        f"class {shortened(name, NAME_LIMIT)!r} gets about {labels * share:.0f} of {labels:,.0f} labels, too few for a "
        f"trustworthy interval; {wanted:,} items would bring it {FEW_LABELS}"
    )


def _small_pilot(population: Population) -> str | None:
    if not isinstance(population, PilotPopulation) or population.n_pairable >= SMALL_PILOT:
        return None
    count = population.n_pairable
    return f"only {count:,} pilot items have two labels ({SMALL_PILOT} or more would be better): the number is rough"


def _ceiling(population: Population, sizing: Sizing, n: int) -> str | None:
    high = population.value + sizing.width_at(n) / 2
    if high <= 1:
        return None
    return f"the interval would reach to {as_number(high)}, beyond 1: so near the top its lower end is unreliable"


def _single_labels(population: Population) -> str | None:
    if not isinstance(population, PilotPopulation) or population.share_single < FEW_SINGLE:
        return None
    share = as_percent(population.share_single)
    return f"{share} of the pilot items have a single label; the plan expects the same, fewer would save items"


def _pilot_change(population: Population, sizing: Sizing) -> str | None:
    if sizing.goal != "change" or not isinstance(population, PilotPopulation):
        return None
    return "one pilot does not tell how alike two rounds on the same items are: pairing can only need fewer items"
