"""Where a project stands, and what to do next."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace

import pandas as pd

from labelqa.results import Result, as_number
from labelqa.review.handing_out import waiting_for
from labelqa.review.lookup import (
    CLOSED,
    OPEN,
    count_held_out,
    count_items,
    decisions_now,
    proofs_of,
    rounds_of,
    settings_of,
)
from labelqa.review.measured import Measured, measured_if_any, weights_in_words
from labelqa.review.project import Project
from labelqa.review.standing import Facts, NextAction, next_action
from labelqa.store.reader import Reader
from labelqa.store.records import RoundRecord
from labelqa.text import counted

COLUMNS = ("round", "name", "state", "guideline_version", "n_labels", "n_assigned", "estimate", "low", "high")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Progress(Result):
    """Where a project stands.

    Attributes
    ----------
    name : str
        The project.
    facts : Facts
        What the next action depends on.
    next : NextAction
        What to do next, and why.
    rounds : pandas.DataFrame
        One row a round: round, name, state, guideline_version, n_labels, n_assigned, and Krippendorff's alpha with its
        interval for closed ones (without held-out items; with the weights that fit the level of the project).
    n_held_out : int
        Held-out items.
    """

    name: str
    facts: Facts
    next: NextAction
    rounds: pd.DataFrame
    n_held_out: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row a round."""
        return self.rounds.copy()

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary."""
        out = super(Progress, self).to_dict()
        return out | {"facts": asdict(self.facts), "next": asdict(self.next)}

    def summary(self) -> list[str]:
        """Return where it stands, and what to do next."""
        facts = self.facts
        agreed = "not measured yet" if math.isnan(facts.estimate) else f"alpha {as_number(facts.estimate)}"
        agreed += f" ({facts.weights})" if facts.weights and not math.isnan(facts.estimate) else ""
        goal = "" if facts.target is None else f", target {as_number(facts.target)}"
        return [
            f"{self.name}: {counted(facts.n_items, 'item')} ({self.n_held_out:,} held out), "
            f"{counted(len(self.rounds), 'round')}, guideline version {facts.version}",
            f"  agreement: {agreed}{goal}; {counted(len(facts.pairs), 'unclear pair')}",
            f"  {self.next.reason}",
            f"  next: {self.next.call}",
        ]


def progress(project: Project, *, actor: str) -> Progress:
    """Return the state of the loop and the next best action with its reason.

    Parameters
    ----------
    project : Project
        Which project.
    actor : str
        Who asks; a reviewer or lead.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    """
    with project.reading(actor, "read_results") as reader:
        found = project.until_stored("progress", lambda: _progress(reader, project))
    return replace(found, rounds=found.rounds.copy())  # frames can be changed by whoever gets them


def _progress(reader: Reader, project: Project) -> Progress:
    rounds = rounds_of(reader, project)
    given = {r.number: _given(reader, project, r) for r in rounds}
    closed = [r for r in rounds if r.state == CLOSED and given[r.number]]  # without labels it says nothing
    seen = {r.number: measured_if_any(reader, project, r.number) for r in closed}
    running = next((r.number for r in rounds if r.state == OPEN), None)
    facts = _facts(reader, project, closed, running, seen)
    return Progress(
        name=project.name,
        facts=facts,
        next=next_action(facts),
        rounds=_table(reader, project, rounds, given, seen),
        n_held_out=count_held_out(reader, project),
    )


def _given(reader: Reader, project: Project, round: RoundRecord) -> int:
    """Return how many labels a round has; counted anew when it got another one."""
    last = reader.last_label(project.id, round.number)
    return project.while_same(
        ("given", round.number), last, lambda: reader.count_labels(project.id, round=round.number).get(round.number, 0)
    )


def _waiting(reader: Reader, project: Project, round: int) -> dict[str, int]:
    """Return what each annotator has still to label; counted anew when the round got another label."""
    last = reader.last_label(project.id, round)
    return project.while_same(("waiting", round), last, lambda: waiting_for(reader, project, round))


def _versions(reader: Reader, project: Project) -> tuple[tuple[int, str | None], ...]:
    """Return number and kind of each version of the guideline; a version does not change."""
    return project.while_same(
        "versions",
        reader.latest_number(project.id),
        lambda: tuple((v.number, v.edit) for v in reader.versions(project.id)),
    )


def _facts(
    reader: Reader,
    project: Project,
    closed: list[RoundRecord],
    running: int | None,
    seen: dict[int, Measured | None],
) -> Facts:
    versions = _versions(reader, project)
    last = None if not closed else closed[-1].guideline_version or 1
    now = seen[closed[-1].number] if closed else None
    contested = {} if now is None else now.contested
    decided = decisions_now(reader, project) if contested else {}
    target = settings_of(reader, project).get("target")
    return Facts(
        n_items=count_items(reader, project)[0],
        closed=tuple(r.number for r in closed),
        open_round=running,
        waiting={} if running is None else _waiting(reader, project, running),
        last_version=last,
        version=versions[-1][0],
        semantic=last is not None and any(number > last and edit == "semantic" for number, edit in versions),
        drafts=tuple(reader.draft_authors(project.id)),
        estimate=math.nan if now is None else now.estimate,
        low=math.nan if now is None else now.low,
        target=None if target is None else float(str(target)),
        pairs=() if now is None else now.pairs,
        n_contested=len(contested),
        n_undecided=len(contested) - len(contested.keys() & decided.keys()),
        weights=weights_in_words(project.level),
        proved=_proved(reader, project, closed),
        reached=_reached(reader, project, closed),
    )


def _proved(reader: Reader, project: Project, closed: list[RoundRecord]) -> bool:
    """Tell whether the last two closed rounds were compared when both were closed; under one guideline none need be."""
    if len(closed) < 2:
        return False
    if closed[-2].guideline_version == closed[-1].guideline_version:
        return True
    pair = [closed[-2].number, closed[-1].number]
    return any(e.detail.get("rounds") == pair and e.detail.get("complete") for e in proofs_of(reader, project))


def _reached(reader: Reader, project: Project, closed: list[RoundRecord]) -> bool | None:
    """Tell whether the last proof of the last round showed agreement above the target; None if none looked.

    A proof counts every difference alike: where the level of the project asks for weights, it does not tell.
    """
    if not closed or project.level != "nominal":
        return None
    last = [e.detail for e in proofs_of(reader, project) if _second(e.detail.get("rounds")) == closed[-1].number]
    found = next((d["reached"] for d in reversed(last) if d.get("complete") and "reached" in d), None)
    return None if found is None else bool(found)


def _second(rounds: object) -> object:
    return rounds[1] if isinstance(rounds, list | tuple) and len(rounds) == 2 else None


def _assigned(reader: Reader, project: Project, round: int) -> int | None:
    """Return how many assignments a round has; None for one that came with its labels."""
    return project.once(
        ("assigned", round), lambda: sum(total for _, total in reader.workload(project.id, round).values()) or None
    )


def _table(
    reader: Reader,
    project: Project,
    rounds: list[RoundRecord],
    given: dict[int, int],
    seen: dict[int, Measured | None],
) -> pd.DataFrame:
    rows = []
    for r in rounds:
        now = seen.get(r.number)
        rows.append(
            {
                "round": r.number,
                "name": r.name,
                "state": r.state,
                "guideline_version": r.guideline_version,
                "n_labels": given.get(r.number, 0),
                "n_assigned": _assigned(reader, project, r.number),
                "estimate": math.nan if now is None else now.estimate,
                "low": math.nan if now is None else now.low,
                "high": math.nan if now is None else now.high,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
