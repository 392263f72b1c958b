"""Label files of any size as a relation of the embedded engine, which spills to disk what does not fit.

The engine is DuckDB. Measured on 100 million labels in Parquet (`python -m tests.bench.engine_scale`), polars'
streaming engine is up to twice as fast, but needs four to seven times the memory and cannot be held to a limit;
DuckDB takes the same time whether it is given 700 MB or 2 GB.
"""

from __future__ import annotations

import glob
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelqa.annotations.readlog import SourceFile
from labelqa.errors import FileFormatError, ParameterError, Problem

if TYPE_CHECKING:
    import duckdb

Progress = Callable[[float], None]
MEMORY_LIMIT = "800MB"  # with Python and what the engine does not count, 1 GB in all
KINDS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".tsv": "csv", ".txt": "csv"}
PACKED = (".gz", ".zst")
LOOK_EVERY = 0.2  # seconds between two looks at the progress of a query


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenFiles:
    """Files as one relation.

    Attributes
    ----------
    relation : duckdb.DuckDBPyRelation
        All rows of all files.
    kind : {"parquet", "csv"}
        What the files are; values of text files are texts.
    sources : tuple of SourceFile
        The files; too large to be hashed, so without SHA-256.
    name : str
        What to call them in messages.
    """

    relation: duckdb.DuckDBPyRelation
    kind: str
    sources: tuple[SourceFile, ...]
    name: str


def is_path(value: object) -> bool:
    """Whether `value` is a path, or a list of paths."""
    if isinstance(value, str | Path):
        return True
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(v, str | Path) for v in value)


@contextmanager
def opened(paths: object, progress: Progress | None = None) -> Iterator[OpenFiles]:
    """Open files for counting; the engine and its temporary files are gone afterwards.

    Raises
    ------
    FileFormatError
        If a path matches no file, files are of several kinds, or a file cannot be read.
    """
    import duckdb

    files = matching_files(paths)
    kind = kind_of(files)
    name = files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1} more files"
    with tempfile.TemporaryDirectory(prefix="labelqa-") as folder:
        connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": folder})
        try:
            connection.execute("set preserve_insertion_order = false")
            relation = _relation(connection, files, kind, name)
            sources = tuple(SourceFile(name=f.name, sha256="", format=kind, stem=f.stem) for f in files)
            with _reported(connection, progress):
                yield OpenFiles(relation=relation, kind=kind, sources=sources, name=name)
        finally:
            connection.close()


def matching_files(paths: object) -> list[Path]:
    """Return the files that paths, globs or folders name, sorted within each.

    Raises
    ------
    FileFormatError
        Naming every path that matches no file.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths) if isinstance(paths, Sequence) else []
    found: dict[Path, None] = {}
    missing = []
    for path in given:
        here = _files_at(Path(str(path)))
        missing += [] if here else [str(path)]
        found.update(dict.fromkeys(here))
    if missing:
        raise FileFormatError(
            [
                Problem(what="there is no such file of labels", file=path, next_step="Check the path or the pattern.")
                for path in missing
            ]
        )
    return list(found)


def kind_of(files: Sequence[Path]) -> str:
    """Return what the files are: parquet or csv.

    Raises
    ------
    FileFormatError
        If they are of another kind, or of several.
    """
    kinds = {file: KINDS.get(_ending(file)) for file in files}
    odd = [file for file, kind in kinds.items() if kind is None or kind != kinds[files[0]]]
    if odd:
        raise FileFormatError(
            Problem(
                what="is not of the same kind as the first file"
                if kinds[odd[0]]
                else "cannot be counted without reading it whole",
                file=odd[0].name,
                allowed=tuple(KINDS),
                next_step="Read it with labelqa.read_annotations, or give files of one kind.",
            )
        )
    return str(kinds[files[0]])


def first_labels(files: OpenFiles, roles: Sequence[str], label: str, keep: str) -> Any:  # noqa: ANN401  # a relation
    """Return the rows of `files` with a label, the first or last one of each item and annotator.

    Parameters
    ----------
    files : OpenFiles
        Rows in order of files and of rows in them.
    roles : sequence of str
        Columns that identify a label: item and annotator.
    label : str
        Column of the label; rows without one do not count.
    keep : {"first", "last"}
        Which row stays.
    """
    keys = ", ".join(_quoted(column) for column in roles)
    there = " and ".join(f"{_quoted(c)} is not null and trim({_quoted(c)}::varchar) <> ''" for c in (*roles[1:], label))
    order = "desc" if keep == "last" else "asc"
    kept: Any = files.relation.query(
        "labels",
        "select * exclude (labelqa_row) from (select *, row_number() over () as labelqa_row from labels) "
        f"qualify not ({there}) or row_number() over (partition by {keys}, ({there}) order by labelqa_row {order}) = 1",
    )
    return kept


def distinct_values(files: OpenFiles, column: str) -> int:
    """Return how many different values a column holds."""
    relation: Any = files.relation
    row = relation.aggregate(f"count(distinct {_quoted(column)})").fetchone()
    return int(row[0]) if row else 0


def parts_by_item(relation: Any, item: str, n_parts: int) -> list[Any]:  # noqa: ANN401  # relations of an engine
    """Split a relation in parts that share no item."""
    if n_parts == 1:
        return [relation]
    return [relation.filter(f"hash({_quoted(item)}) % {n_parts} = {part}") for part in range(n_parts)]


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether the engine failed for lack of memory."""
    import duckdb

    return isinstance(error.__cause__, duckdb.OutOfMemoryException)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _files_at(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(f for f in path.iterdir() if f.is_file() and _ending(f) in KINDS and not f.name.startswith("."))
    if path.is_file():
        return [path]
    return sorted(Path(f) for f in glob.glob(str(path), recursive=True) if Path(f).is_file())  # noqa: PTH207  # absolute too


def _ending(file: Path) -> str:
    name = file.name.lower()
    for packed in PACKED:
        name = name.removesuffix(packed)
    return Path(name).suffix


def _relation(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], kind: str, name: str
) -> duckdb.DuckDBPyRelation:
    import duckdb

    names: Any = [glob.escape(str(f)) for f in files]
    try:
        if kind == "parquet":
            return connection.read_parquet(names, union_by_name=len(names) > 1)
        # Everything is read as text, so that ids such as 007 stay what they are.
        return connection.read_csv(names, header=True, all_varchar=True, union_by_name=len(names) > 1)
    except duckdb.Error as error:
        raise FileFormatError(
            Problem(
                what=f"cannot be read as {kind}: {str(error).splitlines()[0][:300]}",
                file=name,
                next_step="Check that every file is complete and has the same columns.",
            )
        ) from error


@contextmanager
def _reported(connection: duckdb.DuckDBPyConnection, progress: Progress | None) -> Iterator[None]:
    """Report the share that is done of the query under way, from a thread of its own."""
    if progress is None:
        yield
        return
    connection.execute("set enable_progress_bar = true")
    connection.execute("set enable_progress_bar_print = false")
    done = threading.Event()

    def look() -> None:
        while not done.wait(LOOK_EVERY):
            share = connection.query_progress() / 100
            if 0 <= share <= 1:
                progress(share)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
        progress(1.0)
    finally:
        done.set()
        watcher.join()


def check_order(engine: str, on_duplicate: str) -> None:
    """Raise :class:`ParameterError` where "first" and "last" have no meaning: rows on most engines have no order."""
    if on_duplicate != "error":
        raise ParameterError(
            Problem(
                what=f"rows of a {engine} frame have no order, so which label is the {on_duplicate} cannot be told",
                parameter="on_duplicate",
                value=on_duplicate,
                allowed=("error",),
                next_step="Keep one label of each item and annotator by a rule of your own before counting.",
            )
        )
