"""What a round is, once designed: its settings, strata and assignments."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields

import numpy as np
import pandas as pd

from labelqa.errors import ParameterError, Problem, check_choice, is_between, is_whole
from labelqa.results import Result
from labelqa.review.sampling import METHODS
from labelqa.text import counted

COLUMNS = ("id", "annotator", "position", "item", "stratum", "repeat_of", "probability")


def as_map(record: Assignment | StratumPlan | RoundSettings) -> dict[str, object]:
    """Return the fields of a record as JSON holds them; large mappings are not copied."""
    values = {f.name: getattr(record, f.name) for f in fields(record)}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSettings:
    """How a round is laid out.

    Attributes
    ----------
    annotators_per_item : int
        Different people who label each item; 2 or more.
    method : {"random", "disagreement"}
        How paired and fresh items are chosen; control and held-out items are always chosen at random.
    minimum_probability : float or None
        Least chance of any item under ``disagreement``; None is a quarter of even chances.
    repeat_share : float
        Share of each annotator's items that are asked again, unannounced, from 0 to 0.5.
    repeat_distance : int or None
        Least number of places between the two; None is half of an annotator's items, at most 20.
    """

    annotators_per_item: int = 2
    method: str = "random"
    minimum_probability: float | None = None
    repeat_share: float = 0.05
    repeat_distance: int | None = None

    def __post_init__(self) -> None:
        """Check every setting."""
        distance = self.repeat_distance
        share_fits = is_between(self.repeat_share, np.nextafter(0, -1), np.nextafter(0.5, 1))
        checks = (
            ("annotators_per_item", is_whole(self.annotators_per_item, 2), ("a whole number from 2 on",)),
            ("method", self.method in METHODS, METHODS),
            ("repeat_share", share_fits, ("a number from 0 to 0.5, for example 0.05",)),
            ("repeat_distance", distance is None or is_whole(distance, 1), ("a whole number from 1 on", "None")),
        )
        problems = [setting_problem(name, getattr(self, name), *allowed) for name, fits, allowed in checks if not fits]
        if problems:
            raise ParameterError(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One item, asked of one annotator at one place.

    Attributes
    ----------
    id : str
        Opaque: tells neither item, stratum, nor whether it is a repeat.
    annotator : str
        Who is asked.
    position : int
        Place in this annotator's order, from 1.
    item : str
        What is asked.
    stratum : {"paired", "fresh", "control", "held_out"}
        Why the item is in the round.
    repeat_of : str or None
        Id of the first showing, for a hidden repeat.
    probability : float
        Inclusion probability of the item in its stratum.
    """

    id: str
    annotator: str
    position: int
    item: str
    stratum: str
    repeat_of: str | None
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumPlan:
    """One stratum of a round.

    Attributes
    ----------
    name : str
        Which one.
    method : str
        How items were chosen.
    available : int
        Candidates.
    probabilities : dict of str to float
        Inclusion probability of every candidate, chosen or not, by item.
    items : tuple of str
        What was chosen, sorted.
    """

    name: str
    method: str
    available: int
    probabilities: dict[str, float]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RoundPlan(Result):
    """A round as it was designed.

    Attributes
    ----------
    round : int
        Its number.
    seed : int
        What all chance in it came from.
    settings : RoundSettings
        How it is laid out.
    annotators : tuple of str
        Who labels, sorted.
    strata : tuple of StratumPlan
        Those with items.
    assignments : tuple of Assignment
        Sorted by annotator and position.
    notes : tuple of str
        What a planner should know.
    """

    round: int
    seed: int
    settings: RoundSettings
    annotators: tuple[str, ...]
    strata: tuple[StratumPlan, ...]
    assignments: tuple[Assignment, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def items(self) -> tuple[str, ...]:
        """All items of the round, stratum by stratum."""
        return tuple(i for s in self.strata for i in s.items)

    def of_annotator(self, annotator: str) -> tuple[Assignment, ...]:
        """Return the assignments of one annotator in their order.

        Raises
        ------
        ParameterError
            If the annotator is not in the round.
        """
        check_choice("annotator", annotator, self.annotators)
        return tuple(a for a in self.assignments if a.annotator == annotator)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an assignment: for planners, as it shows what annotators must not see."""
        return pd.DataFrame([as_map(a) for a in self.assignments], columns=list(COLUMNS))

    def summary(self) -> list[str]:
        """Return what was designed, in 4 lines."""
        repeats = sum(a.repeat_of is not None for a in self.assignments)
        strata = ", ".join(f"{s.name} {len(s.items):,} of {s.available:,}" for s in self.strata)
        load = Counter(a.annotator for a in self.assignments).values()
        least = f"{min(load):,} to " if min(load) < max(load) else ""
        return [
            f"Round {self.round}: {counted(len(self.items), 'item')} ({strata})",
            f"  {counted(len(self.annotators), 'annotator')}, {self.settings.annotators_per_item} an item, "
            f"{least}{counted(max(load), 'assignment')} each, {counted(repeats, 'hidden repeat')}",
            *(f"  Note: {note}" for note in self.notes),
            "Next: .to_frame() for all assignments; keep it from annotators",
        ]


def setting_problem(name: str, value: object, *allowed: str) -> Problem:
    """Return the problem of a setting whose value is not allowed."""
    return Problem(what=f"{name}={value!r} is not allowed", parameter=name, value=value, allowed=allowed)
