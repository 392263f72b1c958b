"""From a path, several, a folder or a zip to the files that hold labels."""

from __future__ import annotations

import glob
import gzip
import io
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from labelqa.errors import FileFormatError, ParameterError, Problem, did_you_mean, shorten
from labelqa.io import sniff
from labelqa.io.formats import registry
from labelqa.io.formats.documents import Document, read_document
from labelqa.io.streams import Bounded, check_unpacked, read_all
from labelqa.io.tables import Blob
from labelqa.io.text import decode
from labelqa.io.words import word_set

PACKED = (".gz", ".gzip")
NOT_LABELS = word_set(
    ".md .markdown .rst .html .htm .yaml .yml .toml .ini .cfg .conf .ipynb .pdf .log .py .r .sh "
    ".lock .license .bib .tex .zip .png .jpg .jpeg .gif .svg .mp3 .wav .mp4 .npy .npz .pkl .db .sqlite"
)
TOOL, LIKE_TOOL, TABLE, JSON = "text of a tool", "perhaps text of a tool", "table", "json"  # what a file looks like
_TAGGED = re.compile(r"^-DOCSTART-|[ \t][BIESULM]-\S+[ \t]*\r?$", re.MULTILINE)  # no other text has such lines
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


def beginning(head: bytes) -> str:
    """Return whole lines of text, where there is more than one, for a look at the format."""
    text = head.decode("utf-8", errors="replace").removeprefix("\ufeff")
    return text if len(head) < sniff.HEAD else text.rpartition("\n")[0] or text


def document_in(stream: io.BufferedIOBase, blob: Blob) -> Document:
    """Return the JSON records of a file that is open."""
    data = read_all(stream)
    data = decode(data, blob.name).data if sniff.utf16_order(bytes(data[:4096])) else data
    return read_document(data, blob.name, blob.stem)


def blobs_at(path: Path, notes: list[str]) -> list[Blob]:
    """Return the files at `path`: itself, those that match it as a pattern, those in a folder, or those in a zip."""
    if not path.exists():
        matching = sorted(Path(p) for p in glob.glob(str(path), recursive=True))  # noqa: PTH207  # absolute too
        if not matching:
            raise _missing(path)
        return [blob for match in matching for blob in blobs_at(match, notes)]
    if path.is_dir():
        return _blobs_in_folder(path, notes)
    return _blobs_in_zip(path, notes) if _is_zip_of_files(path, path.name) else [_file_blob(path)]


def blobs_in_list(paths: Sequence[object], notes: list[str]) -> list[Blob]:
    """Return the files that a list of paths names, all that are missing told at once."""
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
    return [blob for p in wanted for blob in blobs_at(p, notes)]


def _blobs_in_folder(folder: Path, notes: list[str]) -> list[Blob]:
    """Return the label files in a folder; where it holds folders only, those in each of them."""
    entries = _entries(folder)
    files = [_file_blob(p) for p in entries if not p.is_dir()]
    folders = [p for p in entries if p.is_dir()]
    where = f"the folder {folder.name!r}"
    if files or not folders:
        return _label_files(files, [f"{p.name}/" for p in folders], where, notes)
    inner = [(inside, p) for inside in folders for p in _entries(inside)]
    files = [_file_blob(p, f"{inside.name}/{p.name}") for inside, p in inner if not p.is_dir()]
    return _label_files(files, [f"{inside.name}/{p.name}/" for inside, p in inner if p.is_dir()], where, notes)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    except OSError as error:
        raise unreadable(error, folder.name) from None


def _blobs_in_zip(path: Path, notes: list[str]) -> list[Blob]:
    archive = zipfile.ZipFile(path)  # closed with the last of its files
    members = [i for i in archive.infolist() if not i.is_dir()]
    hidden = [i.filename for i in members if _is_hidden(i.filename)]
    members = [i for i in members if not _is_hidden(i.filename)]
    members.sort(key=lambda i: i.filename)  # by entry and not by name: an archive may hold a name twice
    by_name = {i.filename: i for i in reversed(members)}
    files = [_member_blob(path, archive, i, by_name) for i in members]
    told = [h for h in hidden if not _is_of_system(h)]
    if told:
        notes.append(f"not read, as hidden or with a path that leads out of {path.name}: {shorten(told)}")
    tables = _label_files(files, [], path.name, notes)
    used = {id(t) for t in tables}
    unpacked = sum(i.file_size for i, blob in zip(members, files, strict=True) if id(blob) in used)
    check_unpacked(unpacked, sum(t.size for t in tables), path.name)
    return tables


def _member_blob(
    path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, by_name: Mapping[str, zipfile.ZipInfo]
) -> Blob:
    def beside(ending: str) -> Blob | None:
        other = by_name.get(str(PurePosixPath(member.filename).with_suffix(ending)))
        return None if other is None else _member_blob(path, archive, other, by_name)

    name = f"{path.name}/{member.filename}"
    return Blob(
        name=name,
        stem=_stem(member.filename),
        size=member.compress_size,
        open=lambda: Bounded(archive.open(member), member.compress_size, name),  # type: ignore[arg-type]  # it is
        beside=beside,
        folder=str(PurePosixPath(_stem(path.name), member.filename).parent),
    )


def _file_blob(path: Path, name: str | None = None) -> Blob:
    try:
        size = path.stat().st_size
    except OSError:  # opening it will say why
        size = 0

    def beside(ending: str) -> Blob | None:
        other = path.with_suffix(ending)
        return _file_blob(other) if other.is_file() else None

    return Blob(
        name=name or path.name,
        stem=_stem(path.name),
        size=size,
        open=lambda: path.open("rb"),
        beside=beside,
        folder=path.absolute().parent.as_posix(),
    )


def _label_files(files: list[Blob], others: list[str], where: str, notes: list[str]) -> list[Blob]:
    """Return the files that look like tables or exports of a tool, and note the others.

    Where a tool keeps each text beside its labels (brat), files of other kinds are no labels.
    """
    kinds = [_kind_in_folder(blob) for blob in files]
    wanted = next((kind for kind in (TOOL, TABLE, LIKE_TOOL, JSON) if kind in kinds), None)
    tables = [blob for blob, kind in zip(files, kinds, strict=True) if kind is not None and kind == wanted]
    if wanted == TOOL:
        _check_no_table(tables[0], [b for b, kind in zip(files, kinds, strict=True) if kind == TABLE], where)
    rest = [blob for blob, kind in zip(files, kinds, strict=True) if kind is None or kind != wanted]
    others = others + [PurePosixPath(blob.name).name for blob in rest]
    if not tables:
        seen = f"it holds {shorten(others)}" if others else "it is empty"
        raise FileFormatError(Problem(what=f"{where} holds no label file: {seen}", value=where, allowed=sniff.READABLE))
    texts = {str(PurePosixPath(blob.name).with_suffix(".txt").name) for blob in tables}
    unused = [o for o in others if wanted != TOOL or o not in texts]
    if unused:
        notes.append(f"not read, as no label files: {shorten(unused)}")
    return tables


def _check_no_table(first: Blob, tables: Sequence[Blob], where: str) -> None:
    """Raise where tables lie beside texts that a tool has marked: either could be the labels."""
    tables = [t for t in tables if PurePosixPath(t.name).suffix.lower() != ".txt"]  # the text itself, with a comma
    if tables:
        names = shorten(PurePosixPath(t.name).name for t in tables)
        raise FileFormatError(
            Problem(
                what=f"{where} holds texts marked in a tool ({PurePosixPath(first.name).name}) and tables ({names})",
                value=where,
                next_step="Name the files to read, or move the others out.",
            )
        )


def _kind_in_folder(blob: Blob) -> str | None:
    """Return what a file found in a folder or zip looks like: a table (JSON of a tool too), or None."""
    if PurePosixPath(blob.name).suffix.lower() in NOT_LABELS:
        return None
    try:
        with blob.open() as stream:
            head = stream.read(sniff.HEAD)
            found = registry.text_format(beginning(head), blob.name)
            if found is not None:
                is_certain = found.name != "conll" or _TAGGED.search(beginning(head))
                return TOOL if is_certain else LIKE_TOOL
            kind = sniff.kind_of(head, blob.name)
            if kind == "json":
                stream.seek(0)
                return _kind_of_json(document_in(stream, blob))
    except FileFormatError:
        return None
    except (OSError, *DAMAGED):  # reading it will say why
        return TABLE
    is_table = kind not in ("text", "xml") or (kind == "text" and any(s in head for s in (b",", b";", b"\t", b"|")))
    return TABLE if is_table else None


def _kind_of_json(document: Document) -> str | None:
    """Return a table for what a tool exports, JSON for any list of objects: read where there is nothing else."""
    sample = document.sample()
    if registry.fits_records(sample):
        return TABLE
    return JSON if sample and not document.single else None


def _is_zip_of_files(path: Path, name: str) -> bool:
    try:
        with path.open("rb") as stream:
            is_zip = stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
            return is_zip and kind_of_zip(stream, name) == "zip"
    except OSError as error:
        raise unreadable(error, name) from None


def kind_of_zip(stream: io.BufferedIOBase, name: str) -> str:
    """Return ``xlsx`` or ``zip``."""
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):  # also of a version or size that there is not
        what = "the zip or Excel file is damaged or incomplete"
        raise FileFormatError(Problem(what=what, file=name, next_step="Download or save it again.")) from None
    if "xl/workbook.xml" in members:
        return "xlsx"
    if "[Content_Types].xml" in members:
        raise sniff.not_read("an Office document that is no workbook", name)
    if members and all(m.endswith(".npy") for m in members):
        raise sniff.not_read("a NumPy archive", name)
    return "zip"


def _is_hidden(member: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(member).parts)


def _is_of_system(member: str) -> bool:
    """Whether a hidden file is one that systems and programs leave, and no data."""
    path = PurePosixPath(member)
    return "__MACOSX" in path.parts or path.name.startswith(("._", ".~lock")) or not path.suffix


def _stem(name: str) -> str:
    path = PurePosixPath(name)
    return path.with_suffix("").stem if path.suffix.lower() in PACKED else path.stem


def distinct_names(blobs: list[Blob]) -> Iterator[Blob]:
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


def unreadable(error: OSError, name: str) -> FileFormatError:
    """Return the error for a file that the system does not hand out."""
    reason = (error.strerror or str(error)).lower()
    return FileFormatError(Problem(what=f"cannot be read: {reason}", file=name, next_step="Check its permissions."))
