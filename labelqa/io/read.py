"""Read labels from files and frames: the one public entry."""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, overload

import pandas as pd

from labelqa.annotations import build, duplicates
from labelqa.annotations.classes import BuildOptions, LabelCleaning
from labelqa.annotations.readlog import Origin, ReadLog
from labelqa.annotations.schema import LEVELS, declared_classes
from labelqa.annotations.structured import StructuredAnnotations
from labelqa.annotations.table import Annotations
from labelqa.errors import DuplicateError, ParameterError, Problem, check_choice, shorten
from labelqa.io import of_tool, questions, spelling, values
from labelqa.io.alike import aligned
from labelqa.io.columns import Asked, Columns, find_columns
from labelqa.io.decimals import read_commas
from labelqa.io.readlogs import log_of, no_label
from labelqa.io.sources import read_tables
from labelqa.io.stack import FILE_COLUMN, stack, stems
from labelqa.io.streams import enough_memory
from labelqa.io.tables import Table


@overload
def read_annotations(
    source: object,
    *,
    kind: Literal["classes"] = "classes",
    format: str | None = None,
    item: str | None = None,
    annotator: str | Sequence[str] | None = None,
    label: str | None = None,
    round: str | None = None,
    timestamp: str | None = None,
    question: str | None = None,
    classes: Sequence[Hashable] | None = None,
    level: str = "nominal",
    on_duplicate: str = "error",
    cleaning: LabelCleaning | None = None,
) -> Annotations: ...
@overload
def read_annotations(
    source: object,
    *,
    kind: Literal["sets", "spans", "boxes"],
    format: str | None = None,
    item: str | None = None,
    annotator: str | Sequence[str] | None = None,
    label: str | None = None,
    round: str | None = None,
    timestamp: str | None = None,
    question: str | None = None,
    classes: Sequence[Hashable] | None = None,
    level: str = "nominal",
    on_duplicate: str = "error",
    cleaning: LabelCleaning | None = None,
) -> StructuredAnnotations: ...
def read_annotations(  # noqa: PLR0913  # one keyword a column and one an option: what the command line offers
    source: object,
    *,
    kind: str = "classes",
    format: str | None = None,
    item: str | None = None,
    annotator: str | Sequence[str] | None = None,
    label: str | None = None,
    round: str | None = None,
    timestamp: str | None = None,
    question: str | None = None,
    classes: Sequence[Hashable] | None = None,
    level: str = "nominal",
    on_duplicate: str = "error",
    cleaning: LabelCleaning | None = None,
) -> Annotations | StructuredAnnotations:
    """Read labels; layout and columns are found from names and content, and written to ``read_log``.

    Parameters
    ----------
    source : path, list of paths, folder, zip, or frame
        CSV, TSV, Parquet, Excel or JSON (each also gzipped), found by content and not by file ending; what Label
        Studio, Prodigy, doccano, Argilla, MTurk, Toloka and the other tools in :data:`labelqa.io.sources.FORMATS`
        export; or a pandas, polars or pyarrow table, a DuckDB relation, a Hugging Face Dataset. Several files either
        have an annotator column each, or hold the labels of one annotator each; so do several folders.
    kind : {"classes", "sets", "spans", "boxes"}
        What a label is. With ``"classes"`` each label is one class: spans become a label a token, and boxes the class
        of their image. The others give :class:`~labelqa.annotations.structured.StructuredAnnotations`.
    format : {"csv", "tsv", "parquet", "xlsx", "json", "label_studio", ...}, optional
        What the files must be.
    item, label, round, timestamp : str, optional
        Columns, where they are not found by themselves.
    annotator : str or list of str, optional
        The column of annotators (one row a label), or the columns of one annotator each (one row an item).
    question : str, optional
        Which question to take, where a table asks several.
    classes : sequence, optional
        All classes in their order, used or not; other labels are an error. By default the labels that occur.
    level : {"nominal", "ordinal", "interval", "ratio"}
        Level of measurement. Where semicolons separate the cells, labels with a decimal comma are numbers only if they
        are measured (interval or ratio).
    on_duplicate : {"error", "first", "last"}
        What to do where one annotator labeled one item twice in one round.
    cleaning : LabelCleaning, optional
        Cleaning of labels before anything is measured.

    Returns
    -------
    Annotations or StructuredAnnotations
        With everything that was decided or set aside in ``read_log``, and item columns in ``item_data``.

    Raises
    ------
    FileFormatError
        If a file cannot be read as a table.
    ColumnError
        If columns are missing or cannot be told apart.
    LabelError
        If there is no label, or one that is not among `classes` or not of `level`.
    DuplicateError
        If an annotator labeled an item twice and `on_duplicate` is ``"error"``.
    ParameterError
        If a parameter has a value that is not allowed.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"text_id": [7, 7, 8, 8], "rater": list("abab"), "answer": ["x", "x", "x", "y"]})
    >>> read_annotations(frame).read_log.mapping_text()
    'item=text_id, annotator=rater, label=answer'
    """
    asked = _asked(item, annotator, label, round, timestamp)
    options = BuildOptions(
        classes=classes, level=level, on_duplicate=on_duplicate, cleaning=cleaning or LabelCleaning()
    )
    _check_options(options)
    check_choice("kind", kind, values.KINDS)
    with enough_memory(Path(source).name if isinstance(source, str | os.PathLike) else None):
        tables, notes = read_tables(source, format, tools=True)
        tables = aligned(tables)
        options = replace(options, read_numbers=any(_is_text(t) for t in tables))
        if tables[0].roles:
            return of_tool.build_from(tables, notes, asked, question, options, kind)
        if kind != "classes":
            raise _only_classes(kind, tables[0])
        return _read(tables, notes, asked, question, options)


def _read(
    tables: Sequence[Table], notes: Sequence[str], asked: Asked, question: str | None, options: BuildOptions
) -> Annotations:
    frame, origin = stack(tables)
    log = log_of(tables, notes)
    by_file = len(tables) > 1 and FILE_COLUMN not in frame.columns
    frame = frame.assign(**{FILE_COLUMN: stems(tables)}) if by_file else frame
    if question is not None:
        frame, origin, asked, log = questions.choose(frame, origin, asked, log, question)
    columns = find_columns(frame, asked, file=tables[0].name, stem=FILE_COLUMN if by_file else None)
    frame, notes = read_commas(frame, columns, tables, origin, options)
    return _built(frame, columns, options, origin, log.adding(notes=notes))


def _is_text(table: Table) -> bool:
    """Whether labels of a table that spell numbers are numbers: where the file has text only."""
    return table.source is not None and table.source.format != "parquet"


def _only_classes(kind: str, table: Table) -> ParameterError:
    return ParameterError(
        Problem(
            what=f"a plain table has one class a label, and no {kind}",
            file=table.name,
            parameter="kind",
            value=kind,
            next_step="Build them with StructuredAnnotations.from_frame, or read the export of a tool.",
        )
    )


def _asked(
    item: str | None, annotator: str | Sequence[str] | None, label: str | None, round: str | None, timestamp: str | None
) -> Asked:
    if annotator is None or isinstance(annotator, str):
        return Asked(item=item, annotator=annotator, label=label, round=round, timestamp=timestamp)
    columns = tuple(str(c) for c in annotator)
    if label is not None or not columns:
        what = "annotator is an empty list" if not columns else f"label={label!r} was named beside several annotators"
        raise ParameterError(
            Problem(
                what=what,
                parameter="annotator",
                value=columns,
                next_step="Name one annotator column and one label column, or the columns of one annotator each.",
            )
        )
    return Asked(item=item, annotators=columns, round=round)


def _check_options(options: BuildOptions) -> None:
    check_choice("level", options.level, LEVELS)
    check_choice("on_duplicate", options.on_duplicate, duplicates.ON_DUPLICATE)
    if options.classes is not None:
        declared_classes(options.classes)


def _built(frame: pd.DataFrame, columns: Columns, options: BuildOptions, origin: Origin, log: ReadLog) -> Annotations:
    if FILE_COLUMN in frame and columns.roles.get("annotator") != FILE_COLUMN and origin.file_of_row is not None:
        frame = frame.drop(columns=FILE_COLUMN)
    mapping: dict[str, str | tuple[str, ...]] = dict(columns.roles)
    if columns.layout == "wide":
        mapping["annotators"] = columns.annotators
    log = replace(log, layout=columns.layout, mapping=mapping).adding(notes=columns.notes)
    if columns.roles.get("annotator") == FILE_COLUMN:
        who = shorten(pd.unique(frame[FILE_COLUMN]))
        log = log.adding(notes=[f"no column tells who labeled: each file is one annotator, named after it ({who})"])
    if columns.layout == "wide":
        item, rounds = columns.roles.get("item"), columns.roles.get("round")
        parts = build.from_wide(frame, columns.annotators, item, options, origin=origin, log=log, round=rounds)
    else:
        parts = _from_long(frame, columns.roles, options, origin, log)
    if parts.read_log.n_labels_used == 0:
        raise no_label(parts.read_log)
    return Annotations.from_parts(replace(parts, read_log=parts.read_log.adding(notes=spelling.notes_on(parts))))


def _from_long(
    frame: pd.DataFrame, roles: Mapping[str, str], options: BuildOptions, origin: Origin, log: ReadLog
) -> build.Parts:
    """Build, and where labels are repeated look whether several questions were asked."""
    try:
        return build.from_long(frame, build.Roles(**roles), options, origin=origin, log=log)
    except DuplicateError as error:
        asking = questions.find_asking(frame, roles)
        if asking is None:
            raise
        raise duplicates.or_one_question(error, *asking) from None
