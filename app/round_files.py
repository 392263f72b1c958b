"""Files of a round: one zip to hand out, and filled files taken in."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import labelqa as lq
from labelqa import review
from labelqa_app.files import safe_name

TOOLS = {"csv": "Spreadsheet (CSV)", "label_studio": "Label Studio", "prodigy": "Prodigy"}
ENDINGS = ("csv", "json", "jsonl")


class Upload(Protocol):
    """A file that was uploaded."""

    name: str

    def getvalue(self) -> bytes:
        """Return the content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one filled file: what was in it, or why all of it was refused."""

    name: str
    told: str
    is_refused: bool


def zipped(project: review.Project, number: int, actor: str, tool: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the files of a round as a zip, and their names."""
    with tempfile.TemporaryDirectory(prefix="labelqa-") as folder:
        files = review.export_round(project, number, folder, actor=actor, format=tool)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, arcname=file.name)
    return buffer.getvalue(), tuple(file.name for file in files)


def take_in(project: review.Project, number: int, actor: str, uploads: Sequence[Upload]) -> tuple[Taken, ...]:
    """Read filled files into a round, each whole or not at all."""
    with tempfile.TemporaryDirectory(prefix="labelqa-") as folder:
        return tuple(_taken(project, number, actor, upload, Path(folder) / str(i)) for i, upload in enumerate(uploads))


def _taken(project: review.Project, number: int, actor: str, upload: Upload, folder: Path) -> Taken:
    folder.mkdir()
    path = folder / safe_name(upload.name)
    path.write_bytes(upload.getvalue())
    try:
        found = review.import_labels(project, number, path, actor=actor)
    except lq.LabelqaError as error:
        return Taken(name=upload.name, told=str(error), is_refused=True)
    people = ", ".join(sorted({r.annotator for r in found.responses}))
    told = f"{len(found.answered):,} labels by {people}"
    told += f", {len(found.skipped):,} skipped" if found.skipped else ""
    told += f", {len(found.unanswered):,} still empty" if found.unanswered else ""
    return Taken(name=upload.name, told=told, is_refused=False)
