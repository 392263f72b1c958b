"""Small questions to the store that many functions ask."""

from __future__ import annotations

from labelqa.errors import ParameterError, Problem
from labelqa.review.project import Project
from labelqa.store.reader import Reader
from labelqa.store.records import EventRecord, RoundRecord

OPEN, CLOSED, CANCELLED = "open", "closed", "cancelled"


def rounds_of(reader: Reader, project: Project, *states: str) -> list[RoundRecord]:
    """Return the rounds in these states (or all), without their designs, which are large."""
    return [r for r in reader.rounds(project.id) if not states or r.state in states]


def round_of(reader: Reader, project: Project, round: int, *, design: bool = False) -> RoundRecord:
    """Return a round of the project, with its design only if it is asked for.

    Raises
    ------
    ParameterError
        If there is none of that number.
    """
    del design
    found = reader.round(project.id, round)
    if found is None:
        known = tuple(str(r.number) for r in rounds_of(reader, project))
        what = f"there is no round {round!r}"
        raise ParameterError(Problem(what=what, parameter="round", value=round, allowed=known))
    return found


def shown_columns(reader: Reader, project: Project, round: int) -> tuple[str, ...]:
    """Return the columns of items that annotators of a round may see: none, if its design names none."""
    columns = round_of(reader, project, round, design=True).design.get("columns")
    return tuple(str(c) for c in columns) if isinstance(columns, list | tuple) else ()


def repeats_of(reader: Reader, project: Project, round: int | None = None) -> set[str]:
    """Return the ids of hidden repeats, of one round or of all."""
    numbers = [r.number for r in rounds_of(reader, project)] if round is None else [round]
    return {a.id for n in numbers for a in reader.assignments(project.id, n) if a.repeat_of is not None}


def proofs_of(reader: Reader, project: Project) -> list[EventRecord]:
    """Return the comparisons of rounds that were made."""
    return [e for e in reader.events(project.id) if e.kind == "proved"]


def released(reader: Reader, project: Project) -> bool:
    """Tell whether the held-out items were released: the proofs are done, and they are items like all others."""
    return bool(reader.project(project.name).settings.get("held_out_released", False))


def held_out_items(reader: Reader, project: Project) -> set[str]:
    """Return the items that nobody may see who writes rules: none once they are released."""
    return set() if released(reader, project) else set(reader.item_ids(project.id, held_out=True))
