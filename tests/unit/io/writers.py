"""What a broken input is, and how such files are written."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

Source = str | list[str]
LONG = "item,annotator,label\n1,ana,yes\n1,ben,no\n2,ana,no\n2,ben,no\n"


@dataclass(frozen=True, kw_only=True)
class BadInput:
    """One input that must be refused.

    Attributes
    ----------
    name : str
        What is wrong with it.
    write : callable
        Writes it into a folder and returns the path, or the list of paths, to read.
    message : str
        The whole message.
    kwargs : mapping
        Parameters of ``read_annotations``.
    options : sequence of str or None
        The same as options of the command line; None where the command line cannot ask for it.
    """

    name: str
    write: Callable[[Path], Source]
    message: str
    kwargs: Mapping[str, object] = field(default_factory=dict)
    options: Sequence[str] | None = ()


def text(content: str, name: str = "labels.csv") -> Callable[[Path], str]:
    """Return a writer of a text file."""
    return data(content.encode(), name)


def data(content: bytes, name: str = "labels.csv") -> Callable[[Path], str]:
    """Return a writer of a file of bytes."""

    def write(folder: Path) -> str:
        path = folder / name
        path.write_bytes(content)
        return str(path)

    return write


def several(files: Mapping[str, str]) -> Callable[[Path], list[str]]:
    """Return a writer of several text files."""
    return lambda folder: [text(content, name)(folder) for name, content in files.items()]


def gigabyte(filler: bytes, name: str = "labels.csv") -> Callable[[Path], str]:
    """Return a writer of a file of 1 GB that takes little room on disk: `filler`, then a hole."""

    def write(folder: Path) -> str:
        path = folder / name
        with path.open("wb") as stream:
            stream.write(filler)
            stream.truncate(1 << 30)
        return str(path)

    return write


def zip_of(files: Mapping[str, str]) -> Callable[[Path], str]:
    """Return a writer of a zip."""

    def write(folder: Path) -> str:
        path = folder / "labels.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return str(path)

    return write


def workbook(sheets: Mapping[str, str]) -> Callable[[Path], str]:
    """Return a writer of an Excel workbook; a sheet is given as comma-separated text."""

    def write(folder: Path) -> str:
        from openpyxl import Workbook

        book = Workbook()
        book.remove(book.active)
        for title, content in sheets.items():
            sheet = book.create_sheet(title)
            for line in content.splitlines():
                sheet.append(line.split(","))
        path = folder / "labels.xlsx"
        book.save(path)
        return str(path)

    return write


def folder_of(files: Mapping[str, str]) -> Callable[[Path], str]:
    """Return a writer of a folder ``round1``."""

    def write(folder: Path) -> str:
        inner = folder / "round1"
        inner.mkdir()
        for name, content in files.items():
            (inner / name).write_text(content)
        return str(inner)

    return write


def half_parquet(folder: Path) -> str:
    """Write the first half of a Parquet file."""
    path = folder / "labels.parquet"
    pd.DataFrame({"item": range(500), "annotator": "ana", "label": "x"}).to_parquet(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return str(path)
