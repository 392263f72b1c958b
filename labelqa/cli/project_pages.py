"""What `labelqa project status` and `labelqa round status` show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import pandas as pd

from labelqa.cli.next_step import commands_of
from labelqa.report.blocks import Column, Points, Section, Table
from labelqa.report.single import Shown, Told
from labelqa.results import Result, json_safe
from labelqa.review.intake import IMPORTED
from labelqa.review.lookup import round_of
from labelqa.review.project import Project
from labelqa.review.state import Progress
from labelqa.text import counted

PEOPLE = ("person", "role", "to_label")
LOAD = ("annotator", "asked", "labeled", "missing")
ROUND_COLUMNS = (
    Column(key="round", title="Round", kind="count"),
    Column(key="name", title="Name", limit=24),
    Column(key="state", title="State"),
    Column(key="guideline_version", title="Guideline", kind="count"),
    Column(key="n_labels", title="Labels", kind="count"),
    Column(key="n_assigned", title="Asked", kind="count"),
    Column(key="estimate", title="Alpha (95% interval)", kind="estimate"),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Status(Result):
    """A project: where it stands, who works on it, what to type next."""

    progress: Progress
    people: pd.DataFrame
    commands: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a round."""
        return self.progress.to_frame()

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary."""
        following = asdict(self.progress.next) | {"commands": self.commands}
        return self.progress.to_dict() | {"next": json_safe(following), "people": json_safe(self.people)}

    def summary(self) -> list[str]:
        """Return where it stands, and what to type next."""
        return [*self.progress.summary()[:-1], f"  next: {self.commands[0]}"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RoundStatus(Result):
    """One round: its state, and what each annotator has still to label."""

    round: int
    state: str
    guideline_version: int | None
    purpose: str
    n_labels: int
    annotators: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row an annotator: asked, labeled, missing."""
        return self.annotators.copy()

    def summary(self) -> list[str]:
        """Return how far it is."""
        missing = int(self.annotators["missing"].sum())
        far = f"{missing:,} missing" if len(self.annotators) else "imported with the project"
        version = "" if self.guideline_version is None else f", guideline version {self.guideline_version}"
        return [f"Round {self.round} is {self.state}: {self.n_labels:,} labels, {far}{version}", self.command]

    @property
    def command(self) -> str:
        """What to type next."""
        if self.state != "open":
            return "labelqa project status"
        missing = int(self.annotators["missing"].sum())
        return f"labelqa round {'import' if missing else 'close'} {self.round}{' FILE...' if missing else ''}"


def status_of(progress: Progress, people: Mapping[str, str]) -> Status:
    """Return the status of a project from its progress and the roles of its people."""
    waiting = progress.facts.waiting
    rows = [{"person": name, "role": role, "to_label": waiting.get(name)} for name, role in people.items()]
    table = pd.DataFrame(rows, columns=list(PEOPLE))
    table["to_label"] = table["to_label"].astype("Int64")
    return Status(progress=progress, people=table, commands=commands_of(progress.next, progress.facts))


def round_status(project: Project, number: int, *, actor: str) -> RoundStatus:
    """Return how far one round is."""
    with project.reading(actor, "read_results") as reader:
        found = round_of(reader, project, number)
        load = reader.workload(project.id, number)
        given = reader.count_labels(project.id).get(number, 0)
    rows = [
        {"annotator": n, "asked": all_, "labeled": done, "missing": all_ - done} for n, (done, all_) in load.items()
    ]
    return RoundStatus(
        round=number,
        state=found.state,
        guideline_version=found.guideline_version,
        purpose="" if found.purpose == IMPORTED else found.purpose,
        n_labels=given,
        annotators=pd.DataFrame(rows, columns=list(LOAD)).astype(dict.fromkeys(LOAD[1:], "int64")),
    )


def status_shown(status: Status) -> Shown:
    """Return a project in words and tables."""
    first, agreement, *_ = (line.strip() for line in status.summary())
    table = Table(key="rounds", title="Rounds", columns=ROUND_COLUMNS, rows=status.progress.rounds)
    people = Table(key="people", title="People", columns=_people_columns(status), rows=status.people, shown=200)
    note = "Alpha is measured on closed rounds, without held-out items."
    return Shown(
        title=f"Project {status.progress.name}",
        headline=Told(statement=first, verdict=agreement),
        section=Section(
            key="next",
            title="What next?",
            lead=status.progress.next.reason,
            blocks=(Points(items=status.commands, ordered=len(status.commands) > 1),),
        ),
        more=(
            Section(key="rounds", title="How far is each round?", lead=note, blocks=(table,)),
            Section(
                key="people",
                title="Who works on it?",
                lead=f"{counted(len(status.people), 'person', 'people')}.",
                blocks=(people,),
            ),
        ),
    )


def round_shown(status: RoundStatus) -> Shown:
    """Return a round in words and a table."""
    columns = (
        Column(key="annotator", title="Annotator"),
        *(Column(key=k, title=k.capitalize(), kind="count") for k in LOAD[1:]),
    )
    table = Table(key="annotators", title="Annotators", columns=columns, rows=status.annotators)
    blocks = (table, Points(items=(status.command,))) if len(status.annotators) else (Points(items=(status.command,)),)
    section = Section(key="round", title="Who has labeled how much?", lead=status.purpose, blocks=blocks)
    return Shown(title=f"Round {status.round}", headline=Told(statement=status.summary()[0]), section=section)


def _people_columns(status: Status) -> tuple[Column, ...]:
    columns = (Column(key="person", title="Person"), Column(key="role", title="Role"))
    waiting = Column(key="to_label", title="Still to label", kind="count")
    return (*columns, waiting) if status.progress.facts.open_round is not None else columns
