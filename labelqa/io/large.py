"""Files too large to be read whole: columns are recognised on their first rows, and the labels counted by an engine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from labelqa.annotations.classes import BuildOptions
from labelqa.annotations.frames import arrow_to_pandas
from labelqa.counts.count import count_patterns
from labelqa.counts.engine.files import KINDS, OpenFiles, Progress, matching_files, opened
from labelqa.counts.patterns import CountPatterns
from labelqa.errors import FileFormatError, ParameterError, Problem
from labelqa.io.columns import Asked, Columns, find_columns

LARGE_BYTES = {"parquet": 50_000_000, "csv": 500_000_000}  # about 10 million labels
ROWS_LOOKED_AT = 20_000
COUNTED = (
    "the files are large: columns were recognised on the first rows, and labels counted without reading all at once"
)


def are_large(paths: Sequence[str]) -> bool:
    """Whether `paths` are files of one kind that an engine can count, and together too large to be read whole."""
    try:
        files = matching_files(list(paths))
        kinds = {KINDS.get(file.suffix.lower()) for file in files}
        size = sum(file.stat().st_size for file in files)
        kind = kinds.pop() if len(kinds) == 1 else None
        return kind is not None and size >= LARGE_BYTES[kind] and all(_is_what_it_says(f, kind) for f in files)
    except (FileFormatError, OSError):
        return False  # reading them says what is wrong


def count_large(
    paths: Sequence[str], asked: Asked, options: BuildOptions, *, progress: Progress | None = None
) -> CountPatterns:
    """Count the labels in files without reading them whole.

    Parameters
    ----------
    paths : sequence of str
        Parquet, CSV or TSV files, globs or folders; one row a label.
    asked : Asked
        Columns the user named; others are recognised on the first rows.
    options : BuildOptions
        Classes, level and what to do with repeated labels.
    progress : callable, optional
        Called with the share done of the query under way.

    Raises
    ------
    ParameterError
        If there is one column an annotator, or rows of several rounds.
    LabelqaError
        As for :func:`labelqa.count_patterns`.
    """
    columns = _columns(paths, asked)
    counted = count_patterns(
        list(paths),
        item=columns.roles["item"],
        label=columns.roles["label"],
        annotator=columns.roles["annotator"],
        classes=options.classes,
        level=options.level,
        on_duplicate=options.on_duplicate,
        progress=progress,
    )
    hashed = zip(counted.read_log.sources, matching_files(list(paths)), strict=True)
    sources = tuple(replace(source, sha256=_sha256(file)) for source, file in hashed)
    sources = (replace(sources[0], rows=counted.read_log.n_rows_read),) if len(sources) == 1 else sources
    log = replace(counted.read_log, sources=sources).adding(notes=columns.notes)
    return counted.with_log(log.adding(notes=[COUNTED]))


def _columns(paths: Sequence[str], asked: Asked) -> Columns:
    with opened(list(paths)) as files:
        frame = arrow_to_pandas(files.relation.limit(ROWS_LOOKED_AT).to_arrow_table())
        columns = find_columns(frame, asked, file=files.name)
        if columns.layout == "wide":
            raise _too_large("one column an annotator", "Write one row a label (item, annotator, label).", files.name)
        rounds = columns.roles.get("round")
        if rounds is not None and _holds_several(files, rounds):
            raise _too_large(
                f"several rounds (column {rounds!r})", "Write each round to a file of its own.", files.name
            )
    return columns


def _holds_several(files: OpenFiles, column: str) -> bool:
    """Whether a column holds more than one value."""
    name = '"' + column.replace('"', '""') + '"'
    relation: Any = files.relation
    return bool(relation.aggregate(f"min({name}) is distinct from max({name})").fetchall()[0][0])


def _too_large(what: str, next_step: str, name: str) -> ParameterError:
    return ParameterError(
        Problem(
            what=f"is too large to be read whole, and holds {what}, which cannot be counted piece by piece",
            file=name,
            parameter="source",
            next_step=next_step,
        )
    )


def _is_what_it_says(file: Path, kind: str) -> bool:
    with file.open("rb") as stream:
        first = stream.read(4096)
    return first.startswith(b"PAR1") if kind == "parquet" else b"\0" not in first


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
