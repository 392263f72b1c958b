"""From tables that know their own columns, as exports of tools do, to annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from labelqa.annotations import build
from labelqa.annotations.classes import BuildOptions
from labelqa.annotations.frames import check_columns
from labelqa.annotations.readlog import Origin, ReadLog
from labelqa.annotations.structured import StructuredAnnotations
from labelqa.annotations.table import Annotations
from labelqa.errors import ColumnError, ParameterError, Problem, shorten
from labelqa.io import questions, spans, spelling, values
from labelqa.io.columns import Asked
from labelqa.io.formats.answers import ANSWERS
from labelqa.io.readlogs import log_of, no_label
from labelqa.io.stack import FILE_COLUMN, stack, stems
from labelqa.io.tables import Table

NOBODY = "unknown annotator"
OF_ALL = "in a file of nobody in particular (what all annotators of a project share)"
ORDER = ("item", "annotator", "label", "round", "timestamp", "duration")


def build_from(  # what reading has found out so far
    tables: Sequence[Table],
    notes: Sequence[str],
    asked: Asked,
    question: str | None,
    options: BuildOptions,
    kind: str,
) -> Annotations | StructuredAnnotations:
    """Return the annotations in tables that know their own columns.

    Raises
    ------
    ParameterError
        If several questions were asked and none was named, or labels cannot be seen as `kind`.
    LabelError
        If there is no label, or several classes where one is needed.
    """
    frame, origin = stack(tables)
    log = log_of(tables, notes)
    roles = _roles(tables[0], asked, frame)
    if "annotator" not in roles:
        frame, origin, log = _by_file(tables, frame, origin, log)
        roles["annotator"] = FILE_COLUMN
    of = tables[0].kind
    if question is not None and tables[0].metadata.get(ANSWERS) == "columns":
        found = questions.answers_of_column(frame, origin, roles, question)
        if found is not None:
            (frame, origin, roles), question, of = found, None, "classes"
    if "label" not in roles:
        roles["label"], question = _label_column(tables[0], frame, roles, question), None
    if "question" in roles:
        of = _kind(tables[0], frame[roles["question"]], question)
        frame, origin, log = questions.choose_of_tool(frame, origin, log, roles.pop("question"), question)
    elif question is not None:
        raise _no_question(question)
    log = log.adding(notes=spans.notes_on(frame, origin, roles) if of == "spans" else [])
    seen = values.viewed(frame, origin, roles, of, kind)
    log = replace(log.adding(set_aside=seen.set_aside, notes=seen.notes), layout="long", mapping=_told(roles))
    if kind != "classes":
        return _structured(seen.frame, roles, kind, options, log)
    return _classes(seen.frame, roles, options, seen.origin, log)


def _roles(table: Table, asked: Asked, frame: pd.DataFrame) -> dict[str, str]:
    """Return the columns: those that the user has named, else those of the format."""
    if asked.annotators is not None:
        raise ParameterError(
            Problem(
                what="columns of one annotator each were named, but this export has one row a label",
                parameter="annotator",
                value=asked.annotators,
                next_step="Leave annotator out: the export says who labeled.",
            )
        )
    check_columns(frame, asked.named(), table.name)
    return {**table.roles, **asked.named()}


def _label_column(table: Table, frame: pd.DataFrame, roles: Mapping[str, str], question: str | None) -> str:
    """Return the column that was named as the question, where an export does not say which one holds the labels.

    Raises
    ------
    ColumnError
        If none was named, or one that is not there.
    """
    columns = tuple(str(c) for c in frame.columns if c not in {*roles.values(), FILE_COLUMN})
    if question in columns:
        return str(question)
    what = "which column holds the labels cannot be told, as no two annotators of an item differ in any of them"
    raise ColumnError(
        Problem(
            what=what if question is None else f"there is no column {question!r}",
            file=table.name,
            parameter="label" if question is None else "question",
            value=question,
            allowed=columns,
            next_step="Name it (label=, --label), or read another export of the tool, which says it.",
        )
    )


def _kind(table: Table, asked: pd.Series, question: str | None) -> str:
    """Return what the labels of a question are."""
    names = asked.dropna().astype(str)
    name = question if question is not None else (names.iloc[0] if len(names) else "")
    return table.kinds.get(name, table.kind)


def _told(roles: Mapping[str, str]) -> dict[str, str | tuple[str, ...]]:
    return {role: roles[role] for role in ORDER if role in roles}


def _by_file(
    tables: Sequence[Table], frame: pd.DataFrame, origin: Origin, log: ReadLog
) -> tuple[pd.DataFrame, Origin, ReadLog]:
    """Return the rows with the annotator that the name of their file tells; a file of nobody counts only by itself."""
    names = stems(tables)
    named = (names != "").to_numpy()
    if not named.any():
        note = f"the export does not say who labeled: all labels are of {NOBODY!r}, so nothing can be said of agreement"
        return frame.assign(**{FILE_COLUMN: NOBODY}), origin, log.adding(notes=[note])
    who = shorten(pd.unique(names[named]))
    note = f"the export does not say who labeled: each file (or folder) is one annotator, named after it ({who})"
    frame, log = frame.assign(**{FILE_COLUMN: names}), log.adding(notes=[note])
    if named.all():
        return frame, origin, log
    rows = np.flatnonzero(named)
    log = log.adding(set_aside=origin.set_aside(np.flatnonzero(~named), OF_ALL))
    return frame.take(rows).reset_index(drop=True), origin.of_rows(rows), log


def _classes(
    frame: pd.DataFrame, roles: Mapping[str, str], options: BuildOptions, origin: Origin, log: ReadLog
) -> Annotations:
    columns = {role: roles[role] for role in ORDER if role in roles}
    parts = build.from_long(frame, build.Roles(**columns), options, origin=origin, log=log)
    if parts.read_log.n_labels_used == 0:
        raise no_label(parts.read_log)
    return Annotations.from_parts(replace(parts, read_log=parts.read_log.adding(notes=spelling.notes_on(parts))))


def _structured(
    frame: pd.DataFrame, roles: Mapping[str, str], kind: str, options: BuildOptions, log: ReadLog
) -> StructuredAnnotations:
    found = StructuredAnnotations.from_frame(
        frame,
        item=roles["item"],
        annotator=roles["annotator"],
        value=roles["label"],
        kind=kind,
        on_duplicate=options.on_duplicate,
    )
    log = log.adding(set_aside=found.read_log.set_aside)
    return replace(found, read_log=replace(log, n_labels_used=len(found.values)))


def _no_question(question: str) -> ParameterError:
    what = f"question={question!r} was asked for, but this export has one question"
    return ParameterError(Problem(what=what, parameter="question", value=question, next_step="Leave question out."))
