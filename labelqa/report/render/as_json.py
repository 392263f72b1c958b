"""JSON view: everything, for programs. Every key is documented in ``labelqa/report/README.md``."""

from __future__ import annotations

import dataclasses

import orjson
import pandas as pd

from labelqa.report.blocks import Block, Details, Figure, Notice, Points, Prose, Section, Table, tables_in
from labelqa.report.document import Document
from labelqa.results import SCHEMA_VERSION, json_safe
from labelqa.text import without_surrogates

OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def render(document: Document) -> str:
    """Return `document` as JSON text with sorted keys: the same input gives the same bytes."""
    return orjson.dumps(_writable(as_dict(document)), option=OPTIONS).decode()


def as_dict(document: Document) -> dict[str, object]:
    """Return `document` as dictionaries, lists, texts, numbers and None."""
    tables = [table for section in document.sections for table in tables_in(section.blocks)]
    return {
        "schema_version": SCHEMA_VERSION,
        "type": "Report",
        "title": document.title,
        "headline": _headline(document),
        "notices": [_block(n) for n in document.notices],
        "sections": [_section(s) for s in document.sections],
        "tables": {table.key: _rows(table.complete()) for table in tables},
        "read_log": json_safe(document.read_log),
        "run": json_safe(document.run.to_dict()),
    }


def _headline(document: Document) -> dict[str, object]:
    headline = document.headline
    fields = {f.name: json_safe(getattr(headline, f.name)) for f in dataclasses.fields(headline)}
    return fields | {"facts": dict(headline.facts)}


def _section(section: Section) -> dict[str, object]:
    return {
        "key": section.key,
        "title": section.title,
        "lead": section.lead,
        "how_to_read": section.how_to_read,
        "blocks": [_block(b) for b in section.blocks],
    }


def _block(block: Block) -> dict[str, object]:
    match block:
        case Table():
            columns = [{"key": c.key, "title": c.title, "kind": c.kind} for c in block.columns]
            table = {"key": block.key, "title": block.title, "note": block.note, "n_rows": block.total}
            return {"type": "table", "columns": columns, **table}
        case Figure():
            return {
                "type": "figure",
                "key": block.key,
                "title": block.title,
                "alt": block.alt,
                "caption": block.caption,
            }
        case Prose():
            return {"type": "prose", "text": block.text}
        case Points():
            return {"type": "points", "items": list(block.items), "ordered": block.ordered, "title": block.title}
        case Notice():
            return {
                "type": "notice",
                "level": block.level,
                "key": block.key,
                "title": block.title,
                "text": block.text,
            }
        case Details():
            return {"type": "details", "title": block.title, "blocks": [_block(b) for b in block.blocks]}


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    columns = {str(name): [json_safe(v) for v in frame[name].tolist()] for name in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _writable(value: object) -> object:
    """Replace what UTF-8 cannot hold (half characters) and numbers JSON readers cannot hold (beyond 64 bit)."""
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, dict):
        return {without_surrogates(str(k)): _writable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_writable(v) for v in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**64:
        return str(value)
    return value
