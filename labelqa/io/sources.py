"""From what the user names (a path, several, a folder, a zip, a frame) to tables."""

from __future__ import annotations

import glob
import gzip
import io
import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from labelqa.errors import FileFormatError, ParameterError, Problem, check_choice, did_you_mean, shorten
from labelqa.io import sniff
from labelqa.io.delimited import read_delimited
from labelqa.io.frames import read_frame
from labelqa.io.streams import Bounded, Hashed, check_unpacked, enough_memory, read_all
from labelqa.io.tables import Blob, Table
from labelqa.io.text import read_bounded
from labelqa.io.words import word_set

FORMATS = ("csv", "tsv", "parquet", "xlsx")
PACKED = (".gz", ".gzip")
NOT_LABELS = word_set(
    ".md .markdown .rst .html .htm .json .jsonl .ndjson .xml .yaml .yml .toml .ini .cfg .ipynb .pdf .log .py .r .sh "
    ".lock .license .bib .tex .zip .png .jpg .jpeg .gif .svg .mp3 .wav .mp4 .npy .npz .pkl .db .sqlite"
)
_DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


def read_tables(source: object, format: str | None) -> tuple[list[Table], list[str]]:
    """Read every table that `source` names.

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
        check_choice("format", format, FORMATS)
    notes: list[str] = []
    if isinstance(source, str | os.PathLike):
        blobs = _blobs_at(Path(source).expanduser(), notes)
    elif isinstance(source, list | tuple):
        blobs = _blobs_in_list(source, notes)
    else:
        return [read_frame(source)], notes
    return [read_blob(blob, format) for blob in _distinct_names(blobs)], notes


def read_blob(blob: Blob, format: str | None) -> Table:
    """Read one file; its kind is found from its first bytes, and checked against `format`."""
    try:
        with enough_memory(blob.name), Hashed(blob.open()) as stream:
            table = _read_stream(stream, blob, format)
            digest = stream.sha256()
    except _DAMAGED as error:
        reason = f": {error}" if isinstance(error, RuntimeError) and str(error) else ""
        what = f"the compressed file is damaged or incomplete{reason}"
        raise FileFormatError(Problem(what=what, file=blob.name, next_step="Download it again.")) from None
    except OSError as error:
        raise _unreadable(error, blob.name) from None
    return table if table.source is None else replace(table, source=replace(table.source, sha256=digest))


def _read_stream(stream: io.BufferedIOBase, blob: Blob, format: str | None) -> Table:
    head = stream.read(sniff.HEAD)
    kind = sniff.kind_of(head, blob.name)
    stream.seek(0)
    if kind == "gzip":
        with Bounded(gzip.GzipFile(fileobj=stream), blob.size, blob.name) as inner:
            return _read_stream(inner, blob, format)
    if kind == "zip":
        kind = _kind_of_zip(stream, blob.name)
        stream.seek(0)
    if kind == "zip":
        raise _zip_inside(blob.name)
    _check_format(format, kind, blob.name)
    if kind == "text":
        return read_delimited(read_bounded(stream, blob.name), blob.name, blob.stem, format)
    if kind == "parquet":
        from labelqa.io.parquet import read_parquet  # imported where such a file is read

        return read_parquet(read_all(stream), blob.name, blob.stem)
    from labelqa.io.xlsx import read_xlsx  # likewise

    return read_xlsx(read_all(stream), blob.name, blob.stem)


def _check_format(format: str | None, kind: str, name: str) -> None:
    matches = format is None or format == kind or (kind == "text" and format in ("csv", "tsv"))
    if not matches:
        found = "CSV or TSV text" if kind == "text" else kind
        raise FileFormatError(
            Problem(
                what=f"format={format!r} was asked for, but the content is {found}",
                file=name,
                parameter="format",
                value=format,
                next_step="Leave format out: it is found from the content.",
            )
        )


def _blobs_at(path: Path, notes: list[str]) -> list[Blob]:
    """Return the files at `path`: itself, those that match it as a pattern, those in a folder, or those in a zip."""
    if not path.exists():
        matching = sorted(Path(p) for p in glob.glob(str(path), recursive=True))  # noqa: PTH207  # absolute too
        if not matching:
            raise _missing(path)
        return [blob for match in matching for blob in _blobs_at(match, notes)]
    if path.is_dir():
        return _blobs_in_folder(path, notes)
    return _blobs_in_zip(path, notes) if _is_zip_of_files(path, path.name) else [_file_blob(path)]


def _blobs_in_list(paths: Sequence[object], notes: list[str]) -> list[Blob]:
    if not paths:
        raise ParameterError(
            Problem(
                what="the list of files is empty", parameter="source", value=[], next_step="Name at least one file."
            )
        )
    wrong = [p for p in paths if not isinstance(p, str | os.PathLike)]
    if wrong:
        raise ParameterError(
            Problem(
                what=f"the list holds a {type(wrong[0]).__name__} where a path is needed",
                parameter="source",
                value=wrong[0],
                allowed=("a list of paths", "one frame"),
                next_step="Join frames with pandas.concat first.",
            )
        )
    wanted = [Path(str(p)).expanduser() for p in paths]
    missing = [p for p in wanted if not p.exists() and not glob.glob(str(p), recursive=True)]  # noqa: PTH207
    if missing:
        raise FileFormatError([_missing(p).problem for p in missing])
    return [blob for p in wanted for blob in _blobs_at(p, notes)]


def _blobs_in_folder(folder: Path, notes: list[str]) -> list[Blob]:
    try:
        entries = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    except OSError as error:
        raise _unreadable(error, folder.name) from None
    files = [_file_blob(p) for p in entries if not p.is_dir()]
    folders = [f"{p.name}/" for p in entries if p.is_dir()]
    return _label_files(files, folders, f"the folder {folder.name!r}", notes)


def _blobs_in_zip(path: Path, notes: list[str]) -> list[Blob]:
    with zipfile.ZipFile(path) as archive:
        members = [i for i in archive.infolist() if not i.is_dir() and not _is_hidden(i.filename)]
    members.sort(key=lambda i: i.filename)  # by entry and not by name: an archive may hold a name twice
    files = [
        Blob(name=f"{path.name}/{i.filename}", stem=_stem(i.filename), size=i.compress_size, open=_opener(path, i))
        for i in members
    ]
    tables = _label_files(files, [], path.name, notes)
    unpacked = sum(i.file_size for i, blob in zip(members, files, strict=True) if blob in tables)
    check_unpacked(unpacked, sum(t.size for t in tables), path.name)
    return tables


def _file_blob(path: Path) -> Blob:
    try:
        size = path.stat().st_size
    except OSError:  # opening it will say why
        size = 0
    return Blob(name=path.name, stem=_stem(path.name), size=size, open=lambda: path.open("rb"))


def _opener(path: Path, member: zipfile.ZipInfo) -> Callable[[], io.BufferedIOBase]:
    def opened() -> io.BufferedIOBase:
        with zipfile.ZipFile(path) as archive:  # the file stays open until the member is closed
            stream = archive.open(member)
        return Bounded(stream, member.compress_size, f"{path.name}/{member.filename}")  # type: ignore[arg-type]  # it is

    return opened


def _label_files(files: list[Blob], others: list[str], where: str, notes: list[str]) -> list[Blob]:
    """Return the files that look like tables, and note the others."""
    tables = [blob for blob in files if _is_table(blob)]
    others = others + [PurePosixPath(blob.name).name for blob in files if blob not in tables]
    if not tables:
        seen = f"it holds {shorten(others)}" if others else "it is empty"
        raise FileFormatError(Problem(what=f"{where} holds no label file: {seen}", value=where, allowed=sniff.READABLE))
    if others:
        notes.append(f"not read, as no label files: {shorten(others)}")
    return tables


def _is_table(blob: Blob) -> bool:
    """Whether a file found in a folder or zip looks like a table of labels."""
    if PurePosixPath(blob.name).suffix.lower() in NOT_LABELS:
        return False
    try:
        with blob.open() as stream:
            head = stream.read(sniff.HEAD)
        kind = sniff.kind_of(head, blob.name)
    except FileFormatError:
        return False
    except (OSError, *_DAMAGED):  # reading it will say why
        return True
    return kind != "text" or any(s in head for s in (b",", b";", b"\t", b"|"))


def _is_zip_of_files(path: Path, name: str) -> bool:
    try:
        with path.open("rb") as stream:
            is_zip = stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
            return is_zip and _kind_of_zip(stream, name) == "zip"
    except OSError as error:
        raise _unreadable(error, name) from None


def _kind_of_zip(stream: io.BufferedIOBase, name: str) -> str:
    """Return ``xlsx`` or ``zip``."""
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.namelist()
    except zipfile.BadZipFile:
        what = "the zip or Excel file is damaged or incomplete"
        raise FileFormatError(Problem(what=what, file=name, next_step="Download or save it again.")) from None
    if "xl/workbook.xml" in members:
        return "xlsx"
    if "[Content_Types].xml" in members:
        raise sniff.not_read("an Office document that is no workbook", name)
    if members and all(m.endswith(".npy") for m in members):
        raise sniff.not_read("a NumPy archive", name)
    return "zip"


def _zip_inside(name: str) -> FileFormatError:
    return FileFormatError(
        Problem(
            what="this is a zip archive inside another archive or folder, which is not opened",
            file=name,
            value="zip",
            next_step="Unpack it, and read the zip by itself or its files.",
        )
    )


def _is_hidden(member: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(member).parts)


def _stem(name: str) -> str:
    path = PurePosixPath(name)
    return path.with_suffix("").stem if path.suffix.lower() in PACKED else path.stem


def _distinct_names(blobs: list[Blob]) -> Iterator[Blob]:
    """Yield the files with distinct names, so that messages and annotators stay apart."""
    names, stems = Counter(b.name for b in blobs), Counter(b.stem for b in blobs)
    seen: Counter[str] = Counter()
    for blob in blobs:
        seen[blob.name] += 1
        name = f"{blob.name} ({seen[blob.name]})" if names[blob.name] > 1 else blob.name
        yield replace(blob, name=name, stem=name if stems[blob.stem] > 1 else blob.stem)


def _missing(path: Path) -> FileFormatError:
    folder = path.parent
    near = did_you_mean(path.name, [p.name for p in folder.iterdir()]) if folder.is_dir() else ""
    what = "there is no such file or folder" + (f" ({near.removeprefix('; ')})" if near else "")
    if str(path).startswith(("http:/", "https:/", "s3:/")):
        return FileFormatError(Problem(what="this is an address, not a file", file=str(path), next_step="Download it."))
    return FileFormatError(Problem(what=what, file=path.name, value=path.name, next_step="Check the path."))


def _unreadable(error: OSError, name: str) -> FileFormatError:
    reason = (error.strerror or str(error)).lower()
    return FileFormatError(Problem(what=f"cannot be read: {reason}", file=name, next_step="Check its permissions."))
