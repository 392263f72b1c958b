"""Which project a command is about, and who gives it: shared by project, guidelines and round."""

from __future__ import annotations

import dataclasses
import getpass
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from labelqa.cli.options import bundled
from labelqa.errors import LabelqaError, Problem

if TYPE_CHECKING:
    from labelqa.review.project import Project

DATABASE = "LABELQA_DB"
ACTOR = "LABELQA_ACTOR"
# What the library advises, as one types it here.
SAID = (
    (r"^round_a=(\d+) is not earlier than round_b=(\d+)$", r"round \1 is not earlier than round \2"),
    (r"close it without with allow_missing=True", "close it anyway: --allow-missing"),
    (r"\ballow_missing=True", "--allow-missing"),
    (
        r"Close it \(close_round\((\d+)\)\) or cancel it first",
        r"Close it (labelqa round close \1) or cancel it (labelqa round cancel \1) first",
    ),
    (r"Close a round first: close_round", "Close a round first: labelqa round close"),
    (r"\bclose_round, or labelqa round close", "labelqa round close"),
    (r"Add the person with put_person, or labelqa project person", "Add the person: labelqa project person NAME ROLE"),
    (r"Make one with create_project", "Make one: labelqa project init"),
    (r"overwrite them with overwrite=True", "add --force to overwrite them"),
    (r"^Name one of them\.$", "Name one of them with --name."),
    (r"Pass classes=\[...\], a guideline, or labels", "Name --classes A,B, a --guideline, or labels"),
    (r"Name all classes with classes=\[...\]", "Name all classes with --classes A,B,C"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The project, and the person who works on it."""

    database: str | None
    name: str | None
    actor_name: str | None

    @property
    def actor(self) -> str:
        """Who works: named, or the login name."""
        return actor_of(self.actor_name)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The file that no output may overwrite."""
        return () if self.database is None or "://" in self.database else (self.database,)

    @contextmanager
    def open(self) -> Iterator[Project]:
        """Open the project; errors inside advise what one types here."""
        from labelqa.review.projects import open_project

        if not self.database:
            raise click.UsageError(
                f"name the project: --project tickets.db, or the environment variable {DATABASE}. "
                "To make one: labelqa project init tickets.db labels.csv"
            )
        with as_typed(), open_project(self.database, self.name) as project:
            yield project


def actor_of(name: str | None) -> str:
    """Return who works: the name that was given, or the login name of the operating system."""
    if name is not None and name.strip():
        return name.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise click.UsageError(f"the system does not tell who you are: add --actor NAME, or set {ACTOR}") from None


@contextmanager
def as_typed() -> Iterator[None]:
    """Let errors of the library advise commands and options instead of functions and parameters."""
    try:
        yield
    except LabelqaError as error:
        raise type(error)([_as_typed(p) for p in error.problems]) from error


def _as_typed(problem: Problem) -> Problem:
    what, step = problem.what, problem.next_step
    for pattern, text in SAID:
        what, step = re.sub(pattern, text, what), re.sub(pattern, text, step)
    return dataclasses.replace(problem, what=what, next_step=step)


actor_option = click.option(
    "--actor",
    "actor_name",
    metavar="NAME",
    envvar=ACTOR,
    show_envvar=True,
    help="Who you are, as the project knows you. By default your login name on this computer.",
)

place_options = bundled(
    "place",
    Place,
    click.option(
        "--project",
        "database",
        metavar="FILE|URL",
        envvar=DATABASE,
        show_envvar=True,
        help="The project: a file, or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE.",
    ),
    click.option("--name", metavar="NAME", help="Which project, where the database holds several."),
    actor_option,
)


def names(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Split a list with commas; an option given several times holds one name each."""
    del context, parameter
    return value if len(value) > 1 else tuple(p.strip() for text in value for p in text.split(",") if p.strip())
