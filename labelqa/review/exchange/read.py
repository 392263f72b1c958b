"""A filled file, checked against the manifest of its round."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from labelqa.errors import FileFormatError, Problem, check_choice, shorten
from labelqa.review.exchange.alignment import ShownTexts, alignment_problems
from labelqa.review.exchange.files import read_text
from labelqa.review.exchange.filled import Filled
from labelqa.review.exchange.label_studio import read_label_studio
from labelqa.review.exchange.prodigy import read_prodigy
from labelqa.review.exchange.responses import ABSENT, ANSWERED, SKIPPED, UNANSWERED, FilledFile, Response
from labelqa.review.exchange.spreadsheet import read_spreadsheet
from labelqa.review.exchange.write import FORMATS
from labelqa.review.layout import Assignment
from labelqa.review.manifest import HASH_SHOWN, Manifest

_HEAD = 4096


def read_annotator_file(
    path: str | Path,
    manifest: Manifest,
    *,
    annotator: str | None = None,
    format: str | None = None,
    shown: ShownTexts | None = None,
) -> FilledFile:
    """Read a filled file of a round, and refuse it if anything in it is not of this round.

    Parameters
    ----------
    path : str or Path
        CSV (also as spreadsheets save it), Label Studio JSON, or Prodigy JSONL.
    manifest : Manifest
        The round it was exported from.
    annotator : str, optional
        Whose file it is; assignments of others are then foreign. Without it, the ids tell whose answers they are.
    format : {"csv", "label_studio", "prodigy"}, optional
        Found from the content if not given.
    shown : ShownTexts, optional
        What was shown: rows of a spreadsheet that show another text than that of their assignment are refused.

    Returns
    -------
    FilledFile
        One response for each assignment of the annotators in the file: answered, skipped, unanswered, or absent.

    Raises
    ------
    FileFormatError
        If it is no such file, or of another round or design, or holds duplicates, foreign assignments, or labels that
        are no classes; all problems are listed with their rows.
    ColumnError
        If columns that were exported are gone.
    ParameterError
        If the annotator is not in the round, or the format is not known.
    """
    file = Path(path)
    if format is not None:
        check_choice("format", format, FORMATS)
    if annotator is not None:
        check_choice("annotator", annotator, manifest.plan.annotators)
    rows, found_format = _rows(file, format, () if shown is None else shown.columns)
    spelled = _spellings(manifest.classes)
    problems = [
        *_manifest_problems(rows, manifest, file.name),
        *_assignment_problems(rows, manifest, annotator, file.name),
        *_label_problems(rows, spelled, manifest, file.name),
        *(() if shown is None else alignment_problems(rows, shown, file.name)),
    ]
    if problems:
        problems.sort(key=lambda p: p.row or 0)
        raise FileFormatError(problems)
    by_id = {r.assignment: r for r in rows}
    people = {manifest.by_id[i].annotator for i in by_id} if annotator is None else {annotator}
    expected = [a for a in manifest.plan.assignments if a.annotator in people]
    return FilledFile(
        file=file.name,
        format=found_format,
        round=manifest.round,
        guideline_version=manifest.guideline_version,
        responses=tuple(_response(a, by_id.get(a.id), spelled) for a in expected),
    )


def _rows(file: Path, format: str | None, shown: Sequence[str]) -> tuple[list[Filled], str]:
    found = format or _format_of(file)
    if found == "csv":
        return read_spreadsheet(file, shown), found
    text = read_text(file)
    reader = read_prodigy if found == "prodigy" else read_label_studio
    rows = reader(text, file.name)
    if not rows:
        raise FileFormatError(Problem(what="there is no task in the file", file=file.name))
    return rows, found


def _format_of(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return "csv"  # the reader of tables says what is wrong with the file
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start.startswith(b"["):
        return "label_studio"
    if not start.startswith(b"{"):
        return "csv"
    return (
        "label_studio" if start[1:].lstrip(b" \t").startswith((b"\r", b"\n")) or b'"annotations"' in head else "prodigy"
    )


def _spellings(classes: Sequence[str]) -> Mapping[str, str]:
    """Return the class that each accepted spelling means: as it is, without outer spaces, composed or decomposed."""
    out: dict[str, str] = {}
    for make in (str, _normal, lambda c: "'" + _normal(c)):
        for name in classes:
            out.setdefault(make(name), name)
    return out


def _normal(label: str) -> str:
    return unicodedata.normalize("NFC", label.strip())


def _class_of(label: str, spelled: Mapping[str, str]) -> str | None:
    return spelled.get(label, spelled.get(_normal(label)))


def _manifest_problems(rows: Sequence[Filled], manifest: Manifest, file: str) -> Iterator[Problem]:
    """Name each wrong hash once, with all its rows."""
    wrong: dict[str, list[int]] = {}
    for row in rows:
        if row.manifest != manifest.hash:
            wrong.setdefault(row.manifest, []).append(row.row)
    for found, numbers in wrong.items():
        also = f" (also in rows {shorten(numbers[1:])})" if len(numbers) > 1 else ""
        what = f"the manifest is {found[:HASH_SHOWN]}..." if found else "it does not say of which manifest it is"
        yield Problem(
            what=f"{what}, not {manifest.hash[:HASH_SHOWN]}... of round {manifest.round}{also}",
            file=file,
            row=numbers[0],
            parameter="manifest",
            value=found,
            next_step="The file is of another round, or the round was designed anew: fill in the current export.",
        )


def _assignment_problems(
    rows: Sequence[Filled], manifest: Manifest, annotator: str | None, file: str
) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row in rows:
        known = manifest.by_id.get(row.assignment)
        what = ""
        if not row.assignment:
            what = "there is no id of an assignment"
        elif row.assignment in first:
            what = f"the assignment {row.assignment!r} was answered before, in row {first[row.assignment]}"
        elif known is None and row.manifest == manifest.hash:
            what = f"the assignment {row.assignment!r} is not one of round {manifest.round}"
        elif known is not None and annotator is not None and known.annotator != annotator:
            what = f"the assignment {row.assignment!r} was given to another annotator than {annotator!r}"
        first.setdefault(row.assignment, row.row)
        if what:
            yield Problem(what=what, file=file, row=row.row, parameter="assignment", value=row.assignment)


def _label_problems(
    rows: Sequence[Filled], spelled: Mapping[str, str], manifest: Manifest, file: str
) -> Iterator[Problem]:
    for row in rows:
        unknown = [label for label in row.labels if _class_of(label, spelled) is None]
        for label in unknown:
            what = f"{label!r} is no class"
            yield Problem(what=what, file=file, row=row.row, parameter="label", value=label, allowed=manifest.classes)
        if len(row.labels) > 1 and not unknown:
            what = f"there are {len(row.labels)} labels ({shorten(row.labels)}) where one was asked for"
            yield Problem(what=what, file=file, row=row.row, parameter="label", value=row.labels)


def _response(assignment: Assignment, row: Filled | None, spelled: Mapping[str, str]) -> Response:
    if row is None:
        return Response(assignment=assignment.id, annotator=assignment.annotator, item=assignment.item, status=ABSENT)
    label = _class_of(row.labels[0], spelled) if row.labels else None
    return Response(
        assignment=assignment.id,
        annotator=assignment.annotator,
        item=assignment.item,
        status=SKIPPED if row.skipped else UNANSWERED if label is None else ANSWERED,
        label=label,
        comment=row.comment,
        reason=row.skipped,
        seconds=row.seconds,
        answered_utc=row.answered_utc,
        row=row.row,
    )
