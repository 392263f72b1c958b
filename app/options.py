"""What the app was started with: the arguments behind ``--``."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from labelqa import review

FROM_ENVIRONMENT = "env:LABELQA_DB"  # an address may hold a password, and everybody sees the arguments of a process


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the app was started.

    Attributes
    ----------
    file : Path or None
        The labels file to begin with.
    project : str or None
        Address of the database of projects: a file or ``postgresql+psycopg://...``.
    name : str or None
        The project in it.
    trust_header : str or None
        Header in which a proxy names the person who is logged in.
    login : bool
        Whether people log in by OpenID Connect.
    images : Path or None
        The one folder that pictures are read from.
    image_hosts : tuple of str
        Hosts whose https pictures may be shown.
    """

    file: Path | None = None
    project: str | None = None
    name: str | None = None
    trust_header: str | None = None
    login: bool = False
    images: Path | None = None
    image_hosts: tuple[str, ...] = ()

    @property
    def shared(self) -> bool:
        """Whether people prove who they are, so that nobody may choose a name."""
        return self.login or self.trust_header is not None


def options() -> Options:
    """Return the options of this start."""
    return parsed(sys.argv[1:])


def parsed(arguments: list[str]) -> Options:
    """Return options from arguments; a SQLite file named first is a project, anything else a labels file."""
    found = _taken_apart(tuple(arguments))
    file, project = (None if found.source is None else Path(found.source)), found.project
    if project == FROM_ENVIRONMENT:
        project = os.environ.get(FROM_ENVIRONMENT.partition(":")[2])
    if project is None and file is not None and (file.suffix == ".db" or review.is_database(file)):
        file, project = None, str(file)
    if project is None and file is not None:
        project = str(file.with_suffix(".labelqa.db"))
    return Options(
        file=file,
        project=project,
        name=found.name,
        trust_header=found.trust_header,
        login=found.login,
        images=found.images,
        image_hosts=tuple(found.image_host),
    )


@lru_cache(maxsize=16)
def _taken_apart(arguments: tuple[str, ...]) -> argparse.Namespace:
    """Return the arguments by name; they are asked for many times a page, and taking them apart takes a millisecond."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("source", nargs="?")
    parser.add_argument("--project")
    parser.add_argument("--name")
    parser.add_argument("--trust-header")
    parser.add_argument("--login", action="store_true")
    parser.add_argument("--images", type=Path)
    parser.add_argument("--image-host", action="append", default=[])
    return parser.parse_known_args(arguments)[0]
