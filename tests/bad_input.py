"""Broken and odd inputs that must be refused, each with the exact message that the user gets.

The same table is run against :func:`labelqa.read_annotations` and against the command line.
"""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from labelqa.annotations.classes import LabelCleaning

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


VOTES = "id,neg,neu,pos\n" + "".join(
    f"{i},{i % 4},{(3 - i % 4) // 2},{3 - i % 4 - (3 - i % 4) // 2}\n" for i in range(12)
)
AMBIGUOUS = "rev_id,worker_id,attack,aggression\n" + "".join(
    f"{i},{w},{(i * 7 + w) % 3 % 2},{(i * 5 + w) % 4 % 2}\n" for i in range(10) for w in range(3)
)
PAIRED = "id,annotator_1,label_1,annotator_2,label_2\n" + "".join(
    f"{i},{'ana' if i % 2 else 'ben'},{'yes' if i % 3 else 'no'},"
    f"{'cem' if i % 2 else 'dan'},{'no' if i % 4 else 'yes'}\n"
    for i in range(12)
)
SURVEY = "respondent,q1,q2,q3\n" + "".join(f"r{i},{i % 5},{(i + 1) % 5},{i * 3 % 5}\n" for i in range(12))

CASES: list[BadInput] = [
    BadInput(name="empty file", write=text(""), message="labels.csv: the file is empty. Export the labels again."),
    BadInput(
        name="only blank lines",
        write=text("\n \n\n"),
        message="labels.csv: the file holds only blank lines. Export the labels again.",
    ),
    BadInput(
        name="header without rows",
        write=text("item,annotator,label\n"),
        message=("labels.csv: there is a header (item, annotator, label) but no row of data. Export the labels again."),
    ),
    BadInput(
        name="header and a blank row",
        write=text("item,annotator,label\n\n"),
        message=("labels.csv: there is a header (item, annotator, label) but no row of data. Export the labels again."),
    ),
    BadInput(
        name="one column",
        write=text("label\nyes\nno\n"),
        message=(
            "labels.csv: there is only one column ('label') (allowed: comma between columns, semicolon "
            "between columns, tab between columns, pipe between columns). Labels need at least an item, an "
            "annotator and a label, or a column an annotator."
        ),
    ),
    BadInput(
        name="PNG saved as csv",
        write=data(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4),
        message=(
            "labels.csv: this is a PNG image, not a table of labels (allowed: CSV, TSV, Parquet, xlsx, gzip "
            "or zip of these)"
        ),
    ),
    BadInput(
        name="program",
        write=data(b"\x7fELF\x02\x01\x01" + bytes(64), "labels"),
        message=(
            "labels: this is a program, not a table of labels (allowed: CSV, TSV, Parquet, xlsx, gzip or zip of these)"
        ),
    ),
    BadInput(
        name="random bytes",
        write=data(bytes(range(256)) * 16),
        message=(
            "labels.csv: this is a binary file, not a table of labels (allowed: CSV, TSV, Parquet, xlsx, "
            "gzip or zip of these)"
        ),
    ),
    BadInput(
        name="PDF",
        write=data(b"%PDF-1.7\n1 0 obj"),
        message=(
            "labels.csv: this is a PDF document, not a table of labels (allowed: CSV, TSV, Parquet, xlsx, "
            "gzip or zip of these)"
        ),
    ),
    BadInput(
        name="old Excel file",
        write=data(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "labels.xls"),
        message=(
            "labels.xls: this is an old Excel (.xls) or Office file, not a table of labels (allowed: CSV, "
            "TSV, Parquet, xlsx, gzip or zip of these). Save it as .xlsx or CSV."
        ),
    ),
    BadInput(
        name="web page saved as csv",
        write=text("<!DOCTYPE html>\n<html><body>Log in</body></html>"),
        message=(
            "labels.csv: this is a web page (HTML), not a table of labels (allowed: CSV, TSV, Parquet, "
            "xlsx, gzip or zip of these). Probably a login or error page was saved instead of the data: "
            "download it again."
        ),
    ),
    BadInput(
        name="XML",
        write=text('<?xml version="1.0"?><annotations/>', "labels.xml"),
        message=(
            "labels.xml: this is an XML file, not a table of labels (allowed: CSV, TSV, Parquet, xlsx, gzip "
            "or zip of these)"
        ),
    ),
    BadInput(
        name="JSON",
        write=text('[{"item": 1, "label": "a"}]', "labels.json"),
        message=(
            "labels.json: JSON is not read by this version (allowed: CSV, TSV, Parquet, xlsx, gzip or zip "
            "of these). Convert it to a table with one row a label."
        ),
    ),
    BadInput(
        name="JSON lines",
        write=text('{"item": 1}\n{"item": 2}\n', "labels.csv"),
        message=(
            "labels.csv: JSON is not read by this version (allowed: CSV, TSV, Parquet, xlsx, gzip or zip of "
            "these). Convert it to a table with one row a label."
        ),
    ),
    BadInput(
        name="line of 1 GB",
        write=gigabyte(b"a" * (9 << 20)),
        message=(
            "labels.csv: line 1 is longer than 8 MB. A table of labels has one row a line: check that this "
            "is the right file."
        ),
    ),
    BadInput(
        name="1 GB of NUL",
        write=gigabyte(b""),
        message=(
            "labels.csv: this is a binary file, not a table of labels (allowed: CSV, TSV, Parquet, xlsx, "
            "gzip or zip of these)"
        ),
    ),
    BadInput(
        name="1 GB of spaces after a good header",
        write=gigabyte(LONG.encode() + b" " * (9 << 20)),
        message=(
            "labels.csv: line 6 is longer than 8 MB. A table of labels has one row a line: check that this "
            "is the right file."
        ),
    ),
    BadInput(
        name="gzip of a line without end",
        write=data(gzip.compress(b"a" * (9 << 20)), "labels.csv.gz"),
        message=(
            "labels.csv.gz: line 1 is longer than 8 MB. A table of labels has one row a line: check that "
            "this is the right file."
        ),
    ),
    BadInput(
        name="truncated gzip",
        write=data(gzip.compress(LONG.encode() * 50)[:40], "labels.csv.gz"),
        message="labels.csv.gz: the compressed file is damaged or incomplete. Download it again.",
    ),
    BadInput(
        name="corrupt Parquet",
        write=half_parquet,
        message="labels.parquet: the Parquet file is damaged or incomplete. Export or download it again.",
    ),
    BadInput(
        name="corrupt workbook",
        write=data(b"PK\x03\x04" + bytes(100), "labels.xlsx"),
        message="labels.xlsx: the zip or Excel file is damaged or incomplete. Download or save it again.",
    ),
    BadInput(
        name="workbook without data",
        write=workbook({"Sheet1": ""}),
        message="labels.xlsx: the workbook has no sheet with data",
    ),
    BadInput(
        name="workbook with data on two sheets",
        write=workbook({"May": LONG, "June": LONG}),
        message=("labels.xlsx: 2 sheets hold data: 'May', 'June'. Save the one with the labels as a file of its own."),
    ),
    BadInput(
        name="zip of nothing",
        write=zip_of({}),
        message=(
            "labels.zip holds no label file: it is empty (allowed: CSV, TSV, Parquet, xlsx, gzip or zip of these)"
        ),
    ),
    BadInput(
        name="zip of a text",
        write=zip_of({"README.md": "labels, soon"}),
        message=(
            "labels.zip holds no label file: it holds README.md (allowed: CSV, TSV, Parquet, xlsx, gzip or "
            "zip of these)"
        ),
    ),
    BadInput(
        name="folder without files",
        write=folder_of({}),
        message=(
            "the folder 'round1' holds no label file: it is empty (allowed: CSV, TSV, Parquet, xlsx, gzip "
            "or zip of these)"
        ),
    ),
    BadInput(
        name="folder without label files",
        write=folder_of({"README.md": "Hello, world"}),
        message=(
            "the folder 'round1' holds no label file: it holds README.md (allowed: CSV, TSV, Parquet, xlsx, "
            "gzip or zip of these)"
        ),
    ),
    BadInput(
        name="missing path",
        write=lambda folder: str(folder / "missing.csv"),
        message="missing.csv: there is no such file or folder. Check the path.",
    ),
    BadInput(
        name="misspelled path",
        write=lambda folder: text(LONG)(folder).replace("labels.csv", "lables.csv"),
        message="lables.csv: there is no such file or folder (did you mean 'labels.csv'?). Check the path.",
    ),
    BadInput(
        name="no path",
        write=lambda folder: [],
        message="the list of files is empty. Name at least one file.",
        options=None,
    ),
    BadInput(
        name="not UTF-8 throughout",
        write=data("item,annotator,label\n1,José,añó\n2,Zoë,né\n".encode() + b"3,\xff,x\n"),
        message=(
            "labels.csv: byte 0xff on line 4 is not text (allowed: UTF-8, UTF-16, Windows-1252). Save the "
            "file as UTF-8, or check that it is a table."
        ),
    ),
    BadInput(
        name="NUL in the text",
        write=text("item,annotator,label\n" + "1,ana,yes\n" * 1000 + "2,a\0na,no\n"),
        message=(
            "labels.csv: byte NUL on line 1002 is not text (allowed: UTF-8, UTF-16, Windows-1252). Save the "
            "file as UTF-8, or check that it is a table."
        ),
    ),
    BadInput(
        name="half a UTF-16 character",
        write=data(LONG.encode("utf-16") + b"\x31"),
        message="labels.csv: this is not valid UTF-16-LE (at byte 118). Save the file as UTF-8.",
    ),
    BadInput(
        name="column names twice",
        write=text("item,annotator,label,label\n1,ana,yes,no\n"),
        message=(
            "labels.csv row 1: column name 'label' occurs 2 times (columns 3, 4). Give each column a name of its own."
        ),
    ),
    BadInput(
        name="column without a name",
        write=text("item,annotator,,label\n1,ana,x,yes\n"),
        message="labels.csv row 1: column 3 has values but no name. Name it in the header.",
    ),
    BadInput(
        name="ragged row",
        write=text("item,annotator,label\n1,ana,yes\n1,ben\n2,ana,no\n"),
        message=(
            "labels.csv row 3: 2 cells where the header has 3 (item, annotator, label). Quote cells that "
            "hold the separator (comma), or complete the rows."
        ),
    ),
    BadInput(
        name="many ragged rows",
        write=text("item,annotator,label\n1,ana,yes\n\n" + "2,ben,no,really\n3,ana\n" * 6),
        message=(
            "labels.csv row 4: 4 cells where the header has 3 (item, annotator, label), also in rows 6, 8, "
            "10, 12, 14\n"
            "labels.csv row 5: 2 cells where the header has 3 (item, annotator, label), also in rows 7, 9, "
            "11, 13, 15. Quote cells that hold the separator (comma), or complete the rows."
        ),
    ),
    BadInput(
        name="quote never closed",
        write=text('item,annotator,label\n1,ana,"yes\n1,ben,no, or so\n2,ana,no\n'),
        message=(
            "labels.csv row 2: a quote is opened and never closed. Close it, or double quotes that are part "
            'of the text ("").'
        ),
    ),
    BadInput(
        name="no header",
        write=text("1,ana,yes\n1,ben,no\n2,ana,yes\n2,ben,yes\n"),
        message=(
            "labels.csv row 1: the first row looks like data, not like column names (1, ana, yes). Put a "
            "row of column names above it, such as item, annotator, label."
        ),
    ),
    BadInput(
        name="no header, numbers only",
        write=text("0,0,1\n0,1,0\n1,0,1\n1,1,1\n"),
        message=(
            "labels.csv row 1: the first row looks like data, not like column names (0, 0, 1). Put a row of "
            "column names above it, such as item, annotator, label."
        ),
    ),
    BadInput(
        name="unknown columns",
        write=text(LONG),
        kwargs={"item": "text", "annotator": "anotator"},
        options=["--item", "text", "--annotator", "anotator"],
        message=(
            "labels.csv: there is no column 'text' (asked for as item) (allowed: item, annotator, label)\n"
            "labels.csv: there is no column 'anotator' (asked for as annotator) (allowed: item, annotator, "
            "label; did you mean 'annotator'?)"
        ),
    ),
    BadInput(
        name="one column for two roles",
        write=text(LONG),
        kwargs={"item": "item", "label": "item"},
        options=["--item", "item", "--label", "item"],
        message="labels.csv: column 'item' was named for more than one role. Give each role a column of its own.",
    ),
    BadInput(
        name="no annotator column",
        write=text("id,text,label\n1,a b c,yes\n2,d e f,no\n3,g h i,no\n"),
        message=(
            "labels.csv: cannot tell which column holds the annotator; recognised item='id', label='label'. "
            "Columns: id ('1', '2'); text ('a b c', 'd e f'); label ('yes', 'no'). Name the column: "
            "annotator= (--annotator); for one column an annotator, annotator=[...] (--annotator a,b,c)."
        ),
    ),
    BadInput(
        name="two columns could be the label",
        write=text(AMBIGUOUS),
        message=(
            "labels.csv: 2 columns could be the label: 'attack', 'aggression'; recognised item='rev_id', "
            "annotator='worker_id'. Columns: rev_id ('0', '1'); worker_id ('0', '1'); attack ('0', '1'); "
            "aggression ('0', '1'). Name the column: label= (--label)."
        ),
    ),
    BadInput(
        name="votes per class",
        write=text(VOTES),
        message=(
            "labels.csv: columns 'neg', 'neu', 'pos' look like votes per class (whole numbers with one sum "
            "in every row), not like labels of annotators. Columns: id ('0', '1'); neg ('0', '1'); neu "
            "('1', '0'); pos ('2', '1'). Give one row a label (item, annotator, label), or one column an "
            "annotator."
        ),
    ),
    BadInput(
        name="names beside labels",
        write=text(PAIRED),
        message=(
            "labels.csv: several groups of columns could be the annotators' labels: 'label_1', 'label_2', "
            "'annotator_1', 'annotator_2'. Columns: id ('0', '1'); annotator_1 ('ben', 'ana'); label_1 "
            "('no', 'yes'); annotator_2 ('dan', 'cem'); label_2 ('yes', 'no'). Name the annotators' "
            "columns: annotator=[...] (--annotator a,b,c)."
        ),
    ),
    BadInput(
        name="one row a respondent",
        write=text(SURVEY),
        message=(
            "labels.csv: columns 'q1', 'q2', 'q3' look like one item or question each, not one annotator "
            "each. Columns: respondent ('r0', 'r1'); q1 ('0', '1'); q2 ('1', '2'); q3 ('0', '3'). Turn the "
            "table so that each row is an item, or name the annotators' columns with annotator=[...]."
        ),
    ),
    BadInput(
        name="all labels empty",
        write=text("item,annotator,label\n1,ana,\n1,ben, \n2,ana,\n"),
        message=(
            "labels.csv: there is not one label in 3 rows (3 no label). Columns were read as item=item, "
            "annotator=annotator, label=label: name others if that is wrong."
        ),
    ),
    BadInput(
        name="text labels on an interval scale",
        write=text(LONG),
        kwargs={"level": "interval"},
        options=["--level", "interval"],
        message=(
            "level='interval' needs numbers, but 2 of 2 classes are not: 'no', 'yes' (allowed: nominal, "
            "ordinal). Choose a level that fits text labels, or set those labels aside first."
        ),
    ),
    BadInput(
        name="labels outside the classes",
        write=text("item,annotator,label\n1,ana,sport\n1,ben,sprot\n2,ana,sport\n2,ben,sprot\n3,ana,culture\n"),
        kwargs={"classes": ["sport", "politics"]},
        options=["--classes", "sport,politics"],
        message=(
            "labels.csv row 3: label 'sprot' is not a class (allowed: sport, politics; did you mean "
            "'sport'?). 2 such rows; pass classes=... (--classes) with it, or fix the file.\n"
            "labels.csv row 6: label 'culture' is not a class (allowed: sport, politics). Pass classes=... "
            "(--classes) with it, or fix the file."
        ),
    ),
    BadInput(
        name="a class twice",
        write=text(LONG),
        kwargs={"classes": ["yes", "no", "yes"]},
        options=["--classes", "yes,no,yes"],
        message="classes names a class twice: yes. Name each class once.",
    ),
    BadInput(
        name="repeated label",
        write=text(LONG + "\n1,ana,no\n"),
        message=(
            "labels.csv row 7: annotator 'ana' labeled item '1' again (first in row 2) (allowed: error, "
            "first, last). 1 repeated rows in 1 (item, annotator) pairs: choose which label counts with "
            "on_duplicate='first' or 'last' (--on-duplicate), or name a round column if they are separate "
            "rounds."
        ),
    ),
    BadInput(
        name="repeated label in two files",
        write=several({"may.csv": LONG, "june.csv": "item,annotator,label\n3,ana,no\n2,ben,yes\n"}),
        message=(
            "june.csv row 3: annotator 'ben' labeled item '2' again (first in may.csv row 5) (allowed: "
            "error, first, last). 1 repeated rows in 1 (item, annotator) pairs: choose which label counts "
            "with on_duplicate='first' or 'last' (--on-duplicate), or name a round column if they are "
            "separate rounds."
        ),
    ),
    BadInput(
        name="repeated row of a wide table",
        write=text("id,ana,ben\n1,yes,no\n2,no,no\n2,no,yes\n3,yes,yes\n"),
        message=(
            "labels.csv row 4: annotator 'ana' labeled item '2' again (first in row 3)\n"
            "labels.csv row 4: annotator 'ben' labeled item '2' again (first in row 3) (allowed: error, "
            "first, last). 2 repeated rows in 2 (item, annotator) pairs: choose which label counts with "
            "on_duplicate='first' or 'last' (--on-duplicate), or name a round column if they are separate "
            "rounds."
        ),
    ),
    BadInput(
        name="files with different columns",
        write=several({"ana.csv": "item,label\n1,yes\n2,no\n", "ben.csv": "item,category\n1,yes\n2,no\n"}),
        message=(
            "ben.csv: the columns differ from those of ana.csv: this file has no 'label' and has 'category' "
            "in addition. Give all files the same columns, or read only those that belong together."
        ),
    ),
    BadInput(
        name="label to map does not occur",
        write=text(LONG),
        kwargs={"cleaning": LabelCleaning(mapping={"yess": "yes"})},
        options=["--map-labels", "yess=yes"],
        message="label 'yess' was named for cleaning but does not occur (allowed: yes, no; did you mean 'yes'?)",
    ),
    BadInput(
        name="cannot-tell label does not occur",
        write=text(LONG),
        kwargs={"cleaning": LabelCleaning(cannot_tell=("unsure",))},
        options=["--cannot-tell", "unsure"],
        message="label 'unsure' was named for cleaning but does not occur (allowed: yes, no)",
    ),
    BadInput(
        name="unknown format",
        write=text(LONG),
        kwargs={"format": "json"},
        options=None,
        message="format='json' is not known (allowed: csv, tsv, parquet, xlsx)",
    ),
    BadInput(
        name="format that it is not",
        write=text(LONG),
        kwargs={"format": "parquet"},
        options=None,
        message=(
            "labels.csv: format='parquet' was asked for, but the content is CSV or TSV text. Leave format "
            "out: it is found from the content."
        ),
    ),
    BadInput(
        name="tab-separated asked for",
        write=text(LONG),
        kwargs={"format": "tsv"},
        options=None,
        message="labels.csv: format='tsv' was asked for, but the columns are separated by commas",
    ),
    BadInput(
        name="unknown level",
        write=text(LONG),
        kwargs={"level": "ordered"},
        options=None,
        message="level='ordered' is not known (allowed: nominal, ordinal, interval, ratio)",
    ),
    BadInput(
        name="unknown question",
        write=text(LONG),
        kwargs={"question": "tone"},
        options=None,
        message="question='tone' is neither a column nor a value of one (allowed: item, annotator, label)",
    ),
]
