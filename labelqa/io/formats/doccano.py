"""doccano's exports: one entry a text, with the labels of one annotator, whom only the name of the file tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from labelqa.io.formats.answers import Answers
from labelqa.io.formats.documents import Document, Record
from labelqa.io.formats.regions import Regions, class_of, wrong
from labelqa.io.tables import Table
from labelqa.io.words import annotator_score, take_apart

KEYS = ("label", "labels", "cats", "entities", "bbox")  # where labels are, by kind of project and version
OF_KEY = {"entities": "spans", "bbox": "boxes"}
CONTENT = ("text", "data", "filename", "image")  # what was labeled, likewise
DROPPED = ("id", "Comments", "relations")
ALL = "all"  # the file of a project whose annotators share their labels
NOBODY = "unknown"  # the file of texts that nobody has labeled
SEPARATOR = "#"
SAYS_WHO = 3.0


def fits(sample: list[Record]) -> bool:
    """Tell whether each record is a content with lists of labels, and none says who labeled."""
    return bool(sample) and all(_is_entry(record) for record in sample)


def _is_entry(record: Record) -> bool:
    lists = [record[k] for k in KEYS if k in record]
    is_like = any(k in record for k in CONTENT) and bool(lists) and all(isinstance(v, list | None) for v in lists)
    return is_like and ("Comments" in record or ("id" in record and not any(map(_says_who, record))))


def _says_who(key: str) -> bool:
    return annotator_score(take_apart(key)) >= SAYS_WHO or key.startswith("_") or key == "answer"


def read(document: Document) -> Table:
    """Return the labels of one file: classes as sets, spans or boxes."""
    answers = Answers(name=document.name, stem=document.stem, format="doccano", kind="sets", fields={"item": "id"})
    regions = Regions(document.name)
    n_empty = n_relations = 0
    for row, record in document.decoded(dict):
        answers.begin({k: v for k, v in record.items() if k not in KEYS and k not in DROPPED})
        relations = record.get("relations")
        n_relations += len(relations) if isinstance(relations, list) else 0
        for key in (k for k in KEYS if k in record):
            label = _labels(record[key], row, regions)
            n_empty += not label
            _keep_kind(answers, key, "cats" in record, label, row)
            _add(answers, row, record, key, label)
    answers.notes += regions.notes()
    if n_empty:
        answers.notes.append(_on_empty(n_empty, document.name))
    if n_relations:
        answers.notes.append(f"{n_relations:,} relations between spans in {document.name} were not read")
    return _whose(answers.table())


def _whose(table: Table) -> Table:
    """Return the table; its name tells who labeled, unless it is the file of all."""
    return replace(table, stem="") if table.stem == ALL else table


def _add(answers: Answers, row: int, record: Mapping[str, Any], key: str, label: Sequence[Any]) -> None:
    content = next((record[k] for k in CONTENT if k in record), None)
    item = record.get("id")
    answers.add(
        row,
        item=content if item is None else item,
        label=None if not label and answers.stem == NOBODY else label,
        question=key if "cats" in record else None,
        text=content if isinstance(content, str) else None,
    )


def _labels(found: Any, row: int, regions: Regions) -> list[Any]:  # noqa: ANN401  # what JSON holds
    """Return classes, spans or boxes; a list of one kind."""
    if not isinstance(found, list | None):
        raise wrong(regions.file, row, "labels are a list", found)
    return [label for one in found or () for label in _one(one, row, regions)]


def _one(one: Any, row: int, regions: Regions) -> list[Any]:  # noqa: ANN401  # what JSON holds
    if isinstance(one, list):
        if len(one) != 3:
            raise wrong(regions.file, row, "a span is [start, end, class]", one)
        return list(regions.span(row, *one))
    if isinstance(one, dict) and "start_offset" in one:
        return list(regions.span(row, one["start_offset"], one.get("end_offset"), one.get("label")))
    if isinstance(one, dict) and "width" in one:
        place = [one.get(k) for k in ("x", "y", "width", "height")]
        return list(regions.sized(row, place, one.get("label")))
    return [class_of(regions.file, row, one)]


def _keep_kind(answers: Answers, key: str, several: bool, label: Sequence[Any], row: int) -> None:
    """Remember what the labels of a file (or of one of its two questions) are; they cannot be of two kinds."""
    known = answers.kinds.get(key) or OF_KEY.get(key)
    for one in label:
        kind = {3: "spans", 5: "boxes"}[len(one)] if isinstance(one, tuple) else "sets"
        if known is not None and kind != known:
            raise wrong(answers.name, row, f"the labels of this file are {known}", one)
        known = kind
    if label and known is not None:
        answers.kinds[key] = known
    if not several:
        answers.kind = answers.kinds.get(key) or known or "sets"


def _on_empty(count: int, file: str) -> str:
    return (
        f"{count:,} entries in {file} have no label: doccano does not tell one that was looked at from one that was not"
    )


def fits_doccano_csv(table: Table) -> bool:
    """Tell whether these columns are those of doccano: for sure where there are comments or labels joined by ``#``."""
    columns = list(table.frame.columns)
    if "id" not in columns or "label" not in columns or not {"text", "data"} & set(columns):
        return False
    if any(_says_who(c) for c in columns):
        return False
    return "Comments" in columns or (len(columns) == 3 and _is_joined(table.frame["label"]))


def _is_joined(labels: pd.Series) -> bool:
    """Whether a ``#`` separates labels: each of those that it separates also occurs by itself."""
    whole = {str(v) for v in labels.dropna().unique()}
    alone = {v for v in whole if SEPARATOR not in v}
    joined = whole - alone
    return bool(joined) and all(set(v.split(SEPARATOR)) <= alone for v in joined)


def read_doccano_csv(table: Table) -> Table:
    """Return the rows with sets of labels: ``A#B`` is A and B, and the class ``C#`` is itself."""
    cells = [_split(v) for v in table.frame["label"]]
    several = sum(len(c) > 1 for c in cells if c is not None)
    frame = table.frame.drop(columns="Comments", errors="ignore")
    frame = frame.assign(label=pd.Series(cells, index=frame.index, dtype=object))
    source = None if table.source is None else replace(table.source, format="doccano_csv")
    note = f"{several:,} cells of {table.name or 'the frame'} hold several labels, joined by '{SEPARATOR}'"
    read = replace(
        table,
        frame=frame,
        source=source,
        roles={"item": "id", "label": "label"},
        kind="sets",
        notes=(*table.notes, *([note] if several else [])),
    )
    return _whose(read)


def _split(cell: Any) -> list[str] | None:  # noqa: ANN401  # what a cell holds
    if pd.isna(cell) or not str(cell).strip():
        return None
    parts = str(cell).split(SEPARATOR)
    return parts if all(p.strip() for p in parts) else [str(cell)]
