"""A whole database as a folder of plain files, and back: a file a table, a manifest with counts and hashes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import orjson
from sqlalchemy import Boolean, Double, Integer, Table

from labelqa.errors import Problem, StoreError, check_choice
from labelqa.store.migrate import REVISIONS
from labelqa.store.reader import Reader, chunks
from labelqa.store.rows import Row, checked, refuse_unknown
from labelqa.store.schema import TABLES, JsonText, projects
from labelqa.store.values import canonical_json
from labelqa.store.writer import Writer

FORMATS = ("jsonl", "parquet")
MANIFEST = "manifest.json"
KIND = "labelqa store"
ROWS = 10_000  # at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An exported folder whose files are as they were written."""

    folder: Path
    format: str
    counts: Mapping[str, int]


class _Sink(Protocol):
    def write(self, rows: list[Row]) -> None: ...

    def close(self) -> None: ...


def write_folder(reader: Reader, folder: Path, *, format: str, revision: str) -> Path:
    """Write all tables to a new folder, which appears under its name when it is complete."""
    check_choice("format", format, FORMATS)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        step = "Name a new folder; nothing was overwritten."
        raise StoreError(Problem(what="it exists and is not empty", file=str(folder), next_step=step))
    part = folder.with_name(f"{folder.name}.part-{os.getpid()}")
    try:
        part.mkdir(parents=True)
        tables = {table.name: _write_table(reader, table, part, format) for table in TABLES}
        manifest = {"kind": KIND, "revision": revision, "format": format, "tables": tables}
        (part / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        part.replace(folder)
    except OSError as error:
        step = "Check the folder and its disk."
        what = f"the export cannot be written ({error.strerror or error})"
        raise StoreError(Problem(what=what, file=str(folder), next_step=step)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)  # there only if the export failed
    return folder


def checked_folder(folder: Path) -> Exported:
    """Return what is in an exported folder.

    Raises
    ------
    StoreError
        If it is no export, one of a newer labelqa, or a file is missing or is not as it was written.
    """
    manifest = _manifest(folder)
    tables, format, revision = (manifest.get(k) for k in ("tables", "format", "revision"))
    if not isinstance(tables, dict) or format not in FORMATS:
        raise _unreadable(folder, "the manifest is not one of an export")
    if revision not in REVISIONS:
        what = f"this export was made by a newer labelqa (revision {revision!r}; this one knows {REVISIONS[-1]})"
        raise StoreError(Problem(what=what, file=str(folder), next_step="pip install --upgrade labelqa"))
    problems = [p for t in TABLES if t.name in tables for p in _wrong(folder, _file_of(t, format), tables[t.name])]
    missing = [t.name for t in TABLES if t.name not in tables]
    if missing:
        problems.append(Problem(what=f"the manifest does not list {missing[0]}", file=MANIFEST))
    if problems:
        raise StoreError(problems)
    return Exported(folder=folder, format=format, counts={name: entry["rows"] for name, entry in tables.items()})


def read_folder(exported: Exported, writer: Writer) -> None:
    """Store all rows of an exported folder.

    Raises
    ------
    StoreError
        If the database holds one of the projects, or a file holds other rows than its manifest says.
    """
    for table in TABLES:
        n = 0
        for rows in _read_table(exported, table):
            if table is projects:
                _refuse_known(writer, rows)
            writer.insert_rows(table, _complete(table, rows))
            n += len(rows)
        if n != exported.counts[table.name]:
            what = f"it holds {n:,} rows, not {exported.counts[table.name]:,} as its manifest says"
            raise StoreError(Problem(what=what, file=_file_of(table, exported.format)))


# -- writing


def _write_table(reader: Reader, table: Table, folder: Path, format: str) -> dict[str, object]:
    file = folder / _file_of(table, format)
    sink: _Sink = _Lines(file) if format == "jsonl" else _Parquet(file, table)
    n = 0
    try:
        for rows in reader.rows(table, ROWS):
            sink.write(rows)
            n += len(rows)
    finally:
        sink.close()
    return {"rows": n, "sha256": _sha256(file)}


class _Lines:
    def __init__(self, file: Path) -> None:
        self._file: BinaryIO = file.open("wb")

    def write(self, rows: list[Row]) -> None:
        self._file.writelines(canonical_json(row).encode() + b"\n" for row in rows)

    def close(self) -> None:
        self._file.close()


class _Parquet:
    def __init__(self, file: Path, table: Table) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = {Integer: pa.int64(), Double: pa.float64(), Boolean: pa.bool_()}
        fields = [(c.name, next((t for k, t in kinds.items() if isinstance(c.type, k)), pa.string())) for c in table.c]
        self._schema = pa.schema(fields)
        self._json = [c.name for c in table.c if isinstance(c.type, JsonText)]
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd")

    def write(self, rows: list[Row]) -> None:
        import pyarrow as pa

        plain = [row | {n: canonical_json(row[n]) for n in self._json} for row in rows]
        self._writer.write_table(pa.Table.from_pylist(plain, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


# -- reading


def _read_table(exported: Exported, table: Table) -> Iterator[list[Row]]:
    file = exported.folder / _file_of(table, exported.format)
    try:
        yield from _parquet_rows(file, table) if exported.format == "parquet" else chunks(_lines(file), ROWS)
    except (ValueError, OSError, KeyError) as error:
        raise _unreadable(file, str(error)) from error


def _lines(file: Path) -> Iterator[Row]:
    with file.open("rb") as lines:
        for line in lines:
            yield orjson.loads(line)


def _parquet_rows(file: Path, table: Table) -> Iterator[list[Row]]:
    import pyarrow.parquet as pq

    parsed = [c.name for c in table.c if isinstance(c.type, JsonText)]
    with pq.ParquetFile(file) as stored:
        for batch in stored.iter_batches(batch_size=ROWS):
            yield [row | {n: orjson.loads(row[n]) for n in parsed} for row in batch.to_pylist()]


def _complete(table: Table, rows: list[Row]) -> list[Row]:
    """Return the rows with every column: those that an older revision did not have are empty."""
    refuse_unknown(table, dict.fromkeys(name for row in rows for name in row))
    columns = {c.name: checked(c, [row.get(c.name) for row in rows]) for c in table.c}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _refuse_known(writer: Writer, rows: Iterable[Row]) -> None:
    known = {key for project in writer.projects() for key in (project.id, project.name)}
    for row in rows:
        if known & {row.get("id"), row.get("name")}:
            what = f"the database holds project {row.get('name')!r} already"
            raise StoreError(Problem(what=what, value=row.get("name"), next_step="Import into a new database."))


# -- the manifest


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        read = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except OSError as error:
        raise _unreadable(folder, f"no {MANIFEST}: {error.strerror}") from error
    except ValueError as error:
        raise _unreadable(folder, f"{MANIFEST} is not JSON") from error
    if not isinstance(read, dict) or read.get("kind") != KIND:
        raise _unreadable(folder, f"{MANIFEST} is not one of labelqa")
    return read


def _wrong(folder: Path, name: str, entry: object) -> list[Problem]:
    """Return what is wrong with a file: its name comes from the table, never from the manifest."""
    if not isinstance(entry, dict) or not isinstance(entry.get("rows"), int):
        return [Problem(what=f"the manifest does not describe {name}", file=MANIFEST)]
    file = folder / name
    if not file.is_file():
        return [Problem(what="the file is missing", file=name)]
    if _sha256(file) != entry.get("sha256"):
        return [Problem(what="the file was changed after the export", file=name, next_step="Export again.")]
    return []


def _unreadable(path: Path, why: str) -> StoreError:
    step = "Name a folder that labelqa project export has written."
    return StoreError(Problem(what=f"this is not a readable export ({why})", file=str(path), next_step=step))


def _file_of(table: Table, format: str) -> str:
    return f"{table.name}.{format}"


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
