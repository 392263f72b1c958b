"""From what the user names (a path, several, a folder, a zip, a frame) to tables: one for each file."""

from __future__ import annotations

import gzip
import io
import os
from dataclasses import replace
from pathlib import Path

from labelqa.errors import FileFormatError, Problem, check_choice
from labelqa.io import sniff
from labelqa.io.delimited import read_delimited
from labelqa.io.folders import are_named_by_files, by_annotator, with_folders
from labelqa.io.formats import registry
from labelqa.io.formulas import restored
from labelqa.io.frames import read_frame
from labelqa.io.places import (
    DAMAGED,
    beginning,
    blobs_at,
    blobs_in_list,
    distinct_names,
    document_in,
    kind_of_zip,
    unreadable,
)
from labelqa.io.streams import Bounded, Hashed, enough_memory, read_all
from labelqa.io.tables import Blob, Table
from labelqa.io.text import decode, read_bounded

PLAIN = ("csv", "tsv", "parquet", "xlsx", "json")
FORMATS = (*PLAIN, *registry.NAMES)


def read_tables(source: object, format: str | None, *, tools: bool = False) -> tuple[list[Table], list[str]]:
    """Read every table that `source` names; with `tools`, what annotation tools export is read as they mean it.

    Returns
    -------
    tables : list of Table
        At least one.
    notes : list of str
        Files that were seen and not read.

    Raises
    ------
    FileFormatError
        If a file is missing, unreadable, or no table.
    ParameterError
        If `format` is not known, or `source` is not something to read from.
    """
    if format is not None:
        check_choice("format", format, FORMATS if tools else PLAIN)
    notes: list[str] = []
    if isinstance(source, str | os.PathLike):
        blobs = blobs_at(Path(source).expanduser(), notes)
    elif isinstance(source, list | tuple):
        blobs = blobs_in_list(source, notes)
    else:
        table = read_frame(source)
        return [registry.of_table(table, format) if tools else table], notes
    tables = _read_blobs(blobs, format, tools=tools)
    return registry.of_one_reading(tables) if tools else tables, notes


def _read_blobs(blobs: list[Blob], format: str | None, *, tools: bool) -> list[Table]:
    """Read files, each with the name of the one who labeled as its stem."""
    named = with_folders(list(distinct_names(blobs)))
    whose = by_annotator(named)
    tables = [read_blob(blob, format, tools=tools) for blob in whose]
    if whose is named or not are_named_by_files(named, tables):
        return tables
    own = [replace(blob, stem=own.stem) for blob, own in zip(named, blobs, strict=True)]
    return [read_blob(blob, format, tools=tools) for blob in own]  # as a stem may mean something to the format


def read_blob(blob: Blob, format: str | None, *, tools: bool = False) -> Table:
    """Read one file; its kind is found from its first bytes, and checked against `format`."""
    try:
        with enough_memory(blob.name), Hashed(blob.open()) as stream:
            table = _read_stream(stream, blob, format, tools=tools)
            digest = stream.sha256()
    except DAMAGED as error:
        reason = f": {error}" if isinstance(error, RuntimeError) and str(error) else ""
        what = f"the compressed file is damaged or incomplete{reason}"
        raise FileFormatError(Problem(what=what, file=blob.name, next_step="Download it again.")) from None
    except OSError as error:
        raise unreadable(error, blob.name) from None
    return table if table.source is None else replace(table, source=replace(table.source, sha256=digest))


def _read_stream(stream: io.BufferedIOBase, blob: Blob, format: str | None, *, tools: bool) -> Table:
    head = stream.read(sniff.HEAD)
    found = registry.text_format(beginning(head), blob.name, format) if tools and b"\0" not in head else None
    if found is not None:
        stream.seek(0)
        return found.read(decode(read_bounded(stream, blob.name), blob.name).data.decode(), blob)
    kind = sniff.kind_of(head, blob.name)
    stream.seek(0)
    if kind == "gzip":
        with Bounded(gzip.GzipFile(fileobj=stream), blob.size, blob.name) as inner:
            return _read_stream(inner, blob, format, tools=tools)
    if kind == "zip":
        kind = kind_of_zip(stream, blob.name)
        stream.seek(0)
    if kind == "zip":
        raise _zip_inside(blob.name)
    _check_format(format, kind, blob.name)
    if kind == "xml":
        raise sniff.not_read(sniff.XML, blob.name)
    if kind == "json":
        return _read_json(stream, blob, format, tools=tools)
    table = _read_table(stream, blob, kind, format)
    return registry.of_table(table, format) if tools else table


def _read_table(stream: io.BufferedIOBase, blob: Blob, kind: str, format: str | None) -> Table:
    if kind == "text":
        return restored(read_delimited(read_bounded(stream, blob.name), blob.name, blob.stem, format))
    if kind == "parquet":
        from labelqa.io.parquet import read_parquet  # imported where such a file is read

        return read_parquet(read_all(stream), blob.name, blob.stem)
    from labelqa.io.xlsx import read_xlsx  # likewise

    return restored(read_xlsx(read_all(stream), blob.name, blob.stem))


def _read_json(stream: io.BufferedIOBase, blob: Blob, format: str | None, *, tools: bool) -> Table:
    from labelqa.io.formats import plain_json  # likewise

    document = document_in(stream, blob)
    table = registry.of_records(document, format) if tools else None
    table = plain_json.read(document) if table is None else table
    return replace(table, notes=(*document.notes, *table.notes))


def _check_format(format: str | None, kind: str, name: str) -> None:
    is_tool = format in registry.NAMES  # whose own look decides
    matches = format is None or is_tool or format == kind or (kind == "text" and format in ("csv", "tsv"))
    if not matches:
        found = {"text": "CSV or TSV text", "json": sniff.JSON, "xml": sniff.XML}.get(kind, kind)
        raise FileFormatError(
            Problem(
                what=f"format={format!r} was asked for, but the content is {found}",
                file=name,
                parameter="format",
                value=format,
                next_step="Leave format out: it is found from the content.",
            )
        )


def _zip_inside(name: str) -> FileFormatError:
    return FileFormatError(
        Problem(
            what="this is a zip archive inside another archive or folder, which is not opened",
            file=name,
            value="zip",
            next_step="Unpack it, and read the zip by itself or its files.",
        )
    )
