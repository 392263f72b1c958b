"""What a project begins with, from files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labelqa.guidelines.document import Guideline


def read_guideline(path: str | Path) -> Guideline:
    """Read a guideline from a Markdown file.

    Raises
    ------
    FileFormatError
        If it cannot be read; with every line that is not understood.
    """
    from labelqa.cli.guideline_files import read_file

    return read_file(Path(path)).guideline


def default_name(database: str) -> str:
    """Return a name for a project: that of its file, or of the database on a server."""
    from labelqa.store.connect import place_of

    place = place_of(database)
    if place.file is not None:
        return place.file.stem
    return place.shown.rsplit("/", 1)[-1] or "project"
