"""Small questions to the store that many functions ask."""

from __future__ import annotations

from collections.abc import Mapping

from labelqa.errors import ParameterError, Problem
from labelqa.review.ledger import stacked, tops
from labelqa.review.project import Project
from labelqa.store.reader import Reader
from labelqa.store.records import DecisionRecord, EventRecord, RoundRecord
from labelqa.store.writer import Writer

OPEN, CLOSED, CANCELLED = "open", "closed", "cancelled"


def rounds_of(reader: Reader, project: Project, *states: str) -> list[RoundRecord]:
    """Return the rounds in these states (or all), without their designs, which are large."""
    every = project.until_stored("rounds", lambda: tuple(reader.rounds(project.id, design=False)))
    return [r for r in every if not states or r.state in states]


def round_of(reader: Reader, project: Project, round: int, *, design: bool = False) -> RoundRecord:
    """Return a round of the project, with its design only if it is asked for.

    Raises
    ------
    ParameterError
        If there is none of that number.
    """
    found = reader.round(project.id, round, design=design)
    if found is None:
        known = tuple(str(r.number) for r in rounds_of(reader, project, OPEN, CLOSED))
        what = f"there is no round {round!r}"
        raise ParameterError(Problem(what=what, parameter="round", value=round, allowed=known))
    return found


def shown_columns(reader: Reader, project: Project, round: int) -> tuple[str, ...]:
    """Return the columns of items that annotators of a round may see: none, if its design names none."""
    columns = round_of(reader, project, round, design=True).design.get("columns")
    return tuple(str(c) for c in columns) if isinstance(columns, list | tuple) else ()


def repeats_of(reader: Reader, project: Project, round: int | None = None) -> set[str]:
    """Return the ids of hidden repeats, of one round or of all."""
    return set(reader.repeats(project.id, round))


def proofs_of(reader: Reader, project: Project) -> list[EventRecord]:
    """Return the comparisons of rounds that were made."""
    return project.until_stored("proofs", lambda: reader.events(project.id, kind="proved"))


def decisions_now(reader: Reader, project: Project) -> Mapping[str, DecisionRecord]:
    """Return the decision in force on each item that has one; of the log, only what is new is read."""
    return project.until_stored("decisions", lambda: _decisions(reader, project))


def _decisions(reader: Reader, project: Project) -> Mapping[str, DecisionRecord]:
    read, stacks, now = project.decided
    new = reader.decisions(project.id, after=read)
    if new:
        stacks = stacked(stacks, new)
        now = tops(stacks)
        if not isinstance(reader, Writer):  # what a writer sees may still be undone
            project.keep_decided((new[-1].seq, stacks, now))
    return now


def settings_of(reader: Reader, project: Project) -> Mapping[str, object]:
    """Return the settings of the project as they are now."""
    return project.until_stored("settings", lambda: reader.project(project.name).settings)


def released(reader: Reader, project: Project) -> bool:
    """Tell whether the held-out items were released: the proofs are done, and they are items like all others."""
    return bool(settings_of(reader, project).get("held_out_released", False))


def count_items(reader: Reader, project: Project) -> tuple[int, int]:
    """Return how many items there are, and how many of them were held out; counted anew when items were added."""

    def find() -> tuple[int, int]:
        return reader.count_items(project.id), reader.count_items(project.id, held_out=True)

    return project.while_same("items", reader.last_position(project.id), find)


def count_held_out(reader: Reader, project: Project) -> int:
    """Return how many items nobody may see who writes rules."""
    return 0 if released(reader, project) else count_items(reader, project)[1]


def held_out_items(reader: Reader, project: Project) -> set[str]:
    """Return the items that nobody may see who writes rules: none once they are released."""
    return set() if released(reader, project) else set(reader.item_ids(project.id, held_out=True))
