"""What one annotator is shown: the allowed columns of the items, and nothing else."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from labelqa.errors import ParameterError, Problem, did_you_mean, shorten
from labelqa.review.manifest import Manifest
from labelqa.text import counted, without_surrogates

Payload = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One assignment as its annotator sees it.

    Attributes
    ----------
    assignment : str
        Its opaque id.
    cells : tuple of str
        What is shown, one text a column.
    """

    assignment: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All that a file for one annotator may hold: no item ids, strata, probabilities, names or labels.

    Attributes
    ----------
    round, guideline_version : int
        Number of the round, and the version of the guideline to label by.
    manifest_hash : str
        Hash of the design.
    classes : tuple of str
        What may be answered.
    columns : tuple of str
        Names of the columns shown.
    rows : tuple of Shown
        The assignments in their order.
    """

    round: int
    guideline_version: int
    manifest_hash: str
    classes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Shown, ...]


def make_sheet(
    manifest: Manifest,
    annotator: str,
    payload: Payload,
    *,
    columns: Sequence[str],
    private_columns: Collection[str] = (),
) -> Sheet:
    """Return what `annotator` is shown: only the named columns, after checking that they give nothing away.

    Parameters
    ----------
    manifest : Manifest
        The round.
    annotator : str
        Whose assignments.
    payload : mapping of item to (mapping of column to value)
        What is known of the items; more items and columns than are shown do no harm.
    columns : sequence of str
        The columns to show, in their order.
    private_columns : collection of str
        Columns that hold labels or names and are never shown.

    Raises
    ------
    ParameterError
        If items or columns are missing, or a column is private, or most of its cells are
        nothing but a class or the name of an annotator.
    """
    assignments = manifest.plan.of_annotator(annotator)
    problems = _column_problems(columns, private_columns)
    missing = sorted({a.item for a in assignments}.difference(payload))
    if missing:
        what = f"{counted(len(missing), 'item')} of the round are not in the payload: {shorten(missing)}"
        problems.append(Problem(what=what, parameter="payload", value=tuple(missing)))
    if not problems:
        problems = _payload_problems(manifest, payload, columns)
    if problems:
        raise ParameterError(problems)
    rows = [Shown(assignment=a.id, cells=tuple(as_text(payload[a.item].get(c)) for c in columns)) for a in assignments]
    return Sheet(
        round=manifest.round,
        guideline_version=manifest.guideline_version,
        manifest_hash=manifest.hash,
        classes=manifest.classes,
        columns=tuple(columns),
        rows=tuple(rows),
    )


def as_text(value: object) -> str:
    """Return a value as an annotator reads it: nothing for None and nan, JSON for lists and tables.

    Examples
    --------
    >>> as_text(None), as_text(3), as_text(["a", "b"])
    ('', '3', '["a", "b"]')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, list | tuple | dict):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return without_surrogates(str(value)).replace("\0", "")


def _column_problems(columns: Sequence[str], private_columns: Collection[str]) -> list[Problem]:
    if not columns:
        return [Problem(what="no column is shown", parameter="columns", value=(), next_step="Name those to show.")]
    private = {_plain(c) for c in private_columns}
    seen: set[str] = set()
    problems = []
    for column in columns:
        name = _plain(column)
        if name in private:
            what = f"the column {column!r} holds labels or names, and a round is blind"
            problems.append(Problem(what=what, parameter="columns", value=column, next_step="Leave it out."))
        if not name or name in seen:
            what = f"the column {column!r} {'is named twice' if name else 'has no name'}"
            problems.append(Problem(what=what, parameter="columns", value=column))
        seen.add(name)
    return problems


def _payload_problems(manifest: Manifest, payload: Payload, columns: Sequence[str]) -> list[Problem]:
    """Judge columns on all items of the round, so that it does not depend on whose file is written first."""
    rows = [payload[i] for i in manifest.plan.items if i in payload]
    known = tuple(dict.fromkeys(c for row in rows for c in row))
    problems = []
    for column in columns:
        if column not in known:
            what = f"no item has the column {column!r}{did_you_mean(column, known)}"
            problems.append(Problem(what=what, parameter="columns", value=column, allowed=known))
            continue
        told = telling(manifest, rows, column)
        if told is not None:
            what = f"the column {column!r} holds mostly {told}: it would give away what others said"
            problems.append(Problem(what=what, parameter="columns", value=column, next_step="Leave it out."))
    return problems


def telling(manifest: Manifest, rows: Sequence[Mapping[str, object]], column: str) -> str | None:
    """Return what most cells of a column would give away of others' labels, or None.

    Parameters
    ----------
    manifest : Manifest
        The round.
    rows : sequence of mapping
        What is known of its items.
    column : str
        The column.
    """
    cells = [cell for row in rows if (cell := _plain(as_text(row.get(column))))]
    secrets = {"classes": manifest.classes, "names of annotators": manifest.plan.annotators}
    for words, secret in secrets.items():
        names = {_plain(s) for s in secret}
        if 2 * sum(cell in names for cell in cells) > len(cells):
            return words
    return None


def _plain(text: str) -> str:
    return text.strip().casefold()
