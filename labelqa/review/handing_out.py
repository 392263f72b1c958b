"""Files for annotators, and back: no old labels, no names, no strata go out; nothing that does not belong comes in."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

from labelqa.errors import FileFormatError, ParameterError, Problem, check_choice
from labelqa.guidelines.markdown import guideline_markdown
from labelqa.review.exchange.alignment import ShownTexts, shown_texts
from labelqa.review.exchange.files import write_file
from labelqa.review.exchange.read import read_annotator_file
from labelqa.review.exchange.responses import FilledFile
from labelqa.review.exchange.write import FORMATS, SUFFIXES, write_annotator_file
from labelqa.review.lookup import OPEN, round_of, shown_columns
from labelqa.review.manifest import Manifest
from labelqa.review.project import Project
from labelqa.review.revise import version_of
from labelqa.review.rounds import manifest_in
from labelqa.store.reader import Reader
from labelqa.store.records import LabelRecord
from labelqa.store.values import utc_text_of
from labelqa.text import visible

NAME_LENGTH = 60  # letters of a person's name in the name of a file


def export_round(
    project: Project, round: int, folder: str | Path, *, actor: str, format: str = "csv", overwrite: bool = False
) -> tuple[Path, ...]:
    """Write one file an annotator to label, and the guideline to label by.

    Parameters
    ----------
    project : Project
        Where.
    round : int
        An open round.
    folder : path
        Where the files go; made if it is not there.
    actor : str
        Who exports; a lead.
    format : {"csv", "label_studio", "prodigy"}
        For which tool.
    overwrite : bool
        Whether to write over files of this round in the folder, and over labels that people filled in.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    ParameterError
        If the round is not open, the format is not known, or the folder holds files of the round already.
    """
    check_choice("format", format, FORMATS)
    target = Path(folder)
    with project.reading(actor, "export_round") as reader:
        found = round_of(reader, project, round)
        _check_open(found.state, round)
        manifest = manifest_in(reader, project, round)
        payload = {r.item: r.payload for r in reader.items(project.id, manifest.plan.items)}
        guideline = version_of(reader, project, found.guideline_version).guideline
        columns = shown_columns(reader, project, round)
    if not overwrite:
        _check_unfilled(target, round)
    target.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for annotator in manifest.plan.annotators:
        path = target / f"round-{round}-{file_name(annotator)}{SUFFIXES[format]}"
        files += write_annotator_file(path, manifest, annotator, payload, columns=columns, format=format)
    text = target / f"round-{round}-guideline.md"
    write_file(text, guideline_markdown(guideline).encode())
    with project.writing(actor, "export_round") as writer:
        project.tell(writer, "round_exported", actor, {"round": round, "format": format, "files": len(files) + 1})
    return (*files, text)


def import_labels(
    project: Project, round: int, path: str | Path, *, actor: str, annotator: str | None = None
) -> FilledFile:
    """Read a filled file into a round; all of it, or nothing if anything in it does not belong there.

    Reading a file twice changes nothing; labels that changed since are corrections; where a label was taken out, the
    earlier one stands. Rows of a spreadsheet must show the text of their assignment, which a sort of single columns
    parts from it. Comments and reasons for skipping
    are kept in the log. A label has the time that its tool states; without one, that of the reading.

    Parameters
    ----------
    project : Project
        Where.
    round : int
        An open round.
    path : path
        CSV, Label Studio JSON or Prodigy JSONL.
    actor : str
        Who imports; a lead.
    annotator : str, optional
        Whose file it must be.

    Returns
    -------
    FilledFile
        What was in it: answered, skipped, unanswered; and how many labels were new, corrected, unchanged (`stored`).

    Raises
    ------
    FileFormatError
        If it is of another round or design, holds duplicates, foreign assignments or labels that are no classes, or
        rows show the text of another item.
    ColumnError
        If columns that were exported are gone.
    """
    with project.writing(actor, "import_labels") as writer:
        _check_other_file(project, Path(path))
        found = round_of(writer, project, round)
        _check_open(found.state, round)
        manifest = manifest_in(writer, project, round)
        filled = read_annotator_file(
            path, manifest, annotator=annotator, shown=_shown(writer, project, round, manifest)
        )
        current = {r.assignment: r.label for r in writer.labels(project.id, round=round)}
        filled = replace(filled, stored=filled.outcome(current))
        new = [r for r in filled.answered if current.get(r.assignment) != r.label]
        writer.add_labels(
            LabelRecord(
                project_id=project.id,
                uuid=writer.new_id(),
                item=r.item,
                annotator=r.annotator,
                label=str(r.label),
                round=round,
                assignment=r.assignment,
                guideline_version=found.guideline_version,
                seconds=r.seconds,
                created_utc=utc_text_of(r.answered_utc),
            )
            for r in new
        )
        project.tell(
            writer,
            "labels_imported",
            actor,
            {
                "round": round,
                "file": filled.file,
                "counts": filled.counts,
                "stored": len(new),
                "outcome": filled.stored,
                "comments": {r.assignment: r.comment for r in filled.responses if r.comment},
                "skipped": {r.assignment: r.reason for r in filled.skipped},
            },
        )
    return filled


def file_name(person: str) -> str:
    """Return a name for the file of a person: plain letters, and a few digits that keep people apart.

    People whose names differ only in case are kept apart as well: some file systems see no difference.

    Examples
    --------
    >>> file_name("ana"), file_name("../Ana B.")
    ('ana', 'Ana-B-2bf625')
    """
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", person).strip("-")[:NAME_LENGTH]
    if plain == person.lower():
        return plain
    return f"{plain or 'person'}-{hashlib.sha256(person.encode()).hexdigest()[:6]}"


def waiting_for(reader: Reader, project: Project, round: int) -> dict[str, int]:
    """Return how many assignments each annotator of a round has still to label."""
    return {name: total - done for name, (done, total) in reader.workload(project.id, round).items()}


def _shown(reader: Reader, project: Project, round: int, manifest: Manifest) -> ShownTexts:
    payload = {r.item: r.payload for r in reader.items(project.id, manifest.plan.items)}
    return shown_texts(manifest, payload, shown_columns(reader, project, round))


def _check_other_file(project: Project, path: Path) -> None:
    """Refuse the database itself before it is read by hand, which would drop its locks (see labelqa.store.looks)."""
    if project.store.kind == "sqlite" and path.exists() and path.samefile(project.store.place):
        step = "Name the file that an annotator filled in."
        raise FileFormatError(Problem(what="this is the project itself", file=path.name, next_step=step))


def _check_unfilled(folder: Path, round: int) -> None:
    found = sorted(folder.glob(f"round-{round}-*")) if folder.is_dir() else []
    if found:
        what = f"{folder.name!r} holds files of round {round} already, perhaps with labels ({visible(found[0].name)})"
        step = "Name another folder, or overwrite them with overwrite=True."
        raise ParameterError(Problem(what=what, parameter="folder", value=str(folder), next_step=step))


def _check_open(state: str, round: int) -> None:
    if state != OPEN:
        raise ParameterError(Problem(what=f"round {round} is {state}", parameter="round", value=round))
