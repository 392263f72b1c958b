"""Which formats of annotation tools there are, and which one a file has: told by its content alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from labelqa.errors import FileFormatError, Problem
from labelqa.io.formats.documents import Document, Record
from labelqa.io.tables import Table


@dataclass(frozen=True, slots=True)
class Format:
    """One format of a tool.

    Its module `labelqa.io.formats.<module>` has two functions. What they take depends on `of`:

    - ``"records"``: ``fits(sample: list of mapping) -> bool`` and ``read(document: Document) -> Table``;
    - ``"table"``: ``fits(table: Table) -> bool`` and ``read(table: Table) -> Table``, where a reader of CSV, Parquet or
      the like has done the parsing; it returns the table with roles, and rows that do not count set aside;
    - ``"text"``: ``fits(head: str) -> bool`` and ``read(text: str, blob: Blob) -> Table``.

    A module of several formats has ``fits_<name>`` and ``read_<name>`` instead.
    """

    name: str
    title: str
    of: str
    module: str
    ending: str = ""  # of files that may be empty and are answers then, too

    def fits(self, sample: object) -> bool:
        """Tell whether this is the format of what `sample` was taken from."""
        return bool(self._function("fits")(sample))

    def read(self, *source: object) -> Table:
        """Read a file of this format."""
        table: Table = self._function("read")(*source)
        return table

    def together(self, tables: list[Table]) -> list[Table]:
        """Return tables of this format with what is learnt from all of them."""
        together = getattr(import_module(f"labelqa.io.formats.{self.module}"), "together", None)
        return tables if together is None else list(together(tables))

    def _function(self, what: str) -> Any:  # noqa: ANN401  # one of the four signatures above
        module = import_module(f"labelqa.io.formats.{self.module}")
        return getattr(module, f"{what}_{self.name}", None) or getattr(module, what)


# The first one that fits counts: those that are told by more come first.
FORMATS = (
    Format("wide", "wide CSV of this library", "table", "wide"),
    Format("label_studio", "Label Studio JSON", "records", "label_studio"),
    Format("label_studio_min", "Label Studio JSON_MIN", "records", "label_studio_flat"),
    Format("label_studio_csv", "Label Studio CSV or TSV", "table", "label_studio_flat"),
    Format("prodigy", "Prodigy JSONL", "records", "prodigy"),
    Format("argilla", "Argilla records", "records", "argilla"),
    Format("labelbox", "Labelbox export", "records", "labelbox"),
    Format("coco", "COCO JSON", "records", "coco"),
    Format("doccano", "doccano JSON", "records", "doccano"),
    Format("mturk", "Amazon Mechanical Turk results", "table", "mturk"),
    Format("toloka", "Toloka assignments", "table", "toloka"),
    Format("argilla_table", "Argilla data set", "table", "argilla"),
    Format("doccano_csv", "doccano CSV", "table", "doccano"),
    Format("hugging_face", "Hugging Face data set", "table", "hugging_face"),
    Format("cvat", "CVAT for images XML", "text", "cvat"),
    Format("brat", "brat standoff", "text", "brat", ending=".ann"),
    Format("conll", "CoNLL columns", "text", "conll"),
)
NAMES = tuple(f.name for f in FORMATS)


def of_records(document: Document, wanted: str | None = None) -> Table | None:
    """Read a JSON file with the format that it has; None where it is none of a tool."""
    found = _first("records", document.sample(), wanted, document.name)
    return None if found is None else found.read(document)


def fits_records(sample: list[Record]) -> bool:
    """Tell whether records are those of a tool."""
    return bool(sample) and _first("records", sample, None, None) is not None


def of_table(table: Table, wanted: str | None = None) -> Table:
    """Return `table` as the tool means it that wrote it; as it is where that was none."""
    found = _first("table", table, wanted, table.name)
    return table if found is None else found.read(table)


def of_one_reading(tables: Sequence[Table]) -> list[Table]:
    """Return the tables of one reading as they are understood together.

    One that could be anybody's is read as the export of a tool, where one with the same columns lies beside that is;
    and what a format learns from all its files is applied (its module has ``together(tables) -> list of Table`` then).
    """
    tools = {frozenset(t.frame.columns): t.source.format for t in tables if t.roles and t.source is not None}
    by_name = {f.name: f for f in FORMATS}
    same = [None if t.roles else by_name.get(tools.get(frozenset(t.frame.columns), "")) for t in tables]
    out = [t if f is None or f.of != "table" else f.read(t) for t, f in zip(tables, same, strict=True)]
    found = {t.source.format if t.roles and t.source is not None else "" for t in out}
    one = by_name.get(found.pop()) if len(found) == 1 else None
    return out if one is None else one.together(out)


def text_format(head: str, name: str, wanted: str | None = None) -> Format | None:
    """Return the format of a text that begins with `head` and is no table; None where it is none of a tool.

    An empty file has the format that its ending says: somebody looked and found nothing.
    """
    if not head.strip():
        return next((f for f in FORMATS if f.ending and name.lower().endswith(f.ending)), None)
    return _first("text", head, wanted, name)


def tried(of: str) -> str:
    """Return the formats of a kind, for messages."""
    return ", ".join(f.title for f in FORMATS if f.of == of)


def _first(of: str, sample: object, wanted: str | None, name: str | None) -> Format | None:
    fit = (f for f in FORMATS if f.of == of and f.fits(sample))
    if wanted not in NAMES:
        return next(fit, None)
    found = next((f for f in fit if f.name == wanted), None)
    if found is None and of != "text":  # what is no text of a tool is looked at as records or a table next
        raise _not_this(str(wanted), name)
    return found


def _not_this(wanted: str, name: str | None) -> FileFormatError:
    title = next(f.title for f in FORMATS if f.name == wanted)
    return FileFormatError(
        Problem(
            what=f"format={wanted!r} was asked for, but the content is not {title}",
            file=name,
            parameter="format",
            value=wanted,
            next_step="Leave format out: it is found from the content.",
        )
    )


__all__ = [
    "FORMATS",
    "NAMES",
    "Format",
    "fits_records",
    "of_one_reading",
    "of_records",
    "of_table",
    "text_format",
    "tried",
]
