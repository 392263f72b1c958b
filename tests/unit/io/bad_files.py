"""Files that are no table of labels: empty, binary, damaged, ragged, or not there."""

from __future__ import annotations

import gzip
from pathlib import Path

from labelqa.io.formats import registry
from tests.unit.io.writers import LONG, BadInput, data, folder_of, gigabyte, half_parquet, text, workbook, zip_of

READS = "(allowed: CSV, TSV, Parquet, xlsx, JSON, exports of annotation tools, gzip or zip of these)"

FILES: list[BadInput] = [
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
        message=("labels.csv: this is a PNG image, not a table of labels " + READS),
    ),
    BadInput(
        name="program",
        write=data(b"\x7fELF\x02\x01\x01" + bytes(64), "labels"),
        message=("labels: this is a program, not a table of labels " + READS),
    ),
    BadInput(
        name="random bytes",
        write=data(bytes(range(256)) * 16),
        message=("labels.csv: this is a binary file, not a table of labels " + READS),
    ),
    BadInput(
        name="PDF",
        write=data(b"%PDF-1.7\n1 0 obj"),
        message=("labels.csv: this is a PDF document, not a table of labels " + READS),
    ),
    BadInput(
        name="old Excel file",
        write=data(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "labels.xls"),
        message=(
            "labels.xls: this is an old Excel (.xls) or Office file, not a table of labels "
            + READS
            + ". Save it as .xlsx or CSV."
        ),
    ),
    BadInput(
        name="web page saved as csv",
        write=text("<!DOCTYPE html>\n<html><body>Log in</body></html>"),
        message=(
            "labels.csv: this is a web page (HTML), not a table of labels "
            + READS
            + ". Probably a login or error page was saved instead of the data: "
            "download it again."
        ),
    ),
    BadInput(
        name="XML",
        write=text('<?xml version="1.0"?><labels/>', "labels.xml"),
        message=("labels.xml: this is an XML file, not a table of labels " + READS),
    ),
    BadInput(
        name="JSON of one object",
        write=text('{"item": 1, "label": "a"}', "labels.json"),
        message=(
            "labels.json: this JSON is one object, and no list of labels or tasks. Tried: "
            + registry.tried("records")
            + "; and a list of flat objects, one a label."
        ),
    ),
    BadInput(
        name="JSON lines",
        write=text('{"item": 1}\n{"item": 2}\n', "labels.csv"),
        message=(
            "labels.csv: cannot tell which column holds the annotator and the label; recognised item='item'. Columns: "
            "item ('1', '2'). Name the column: annotator= (--annotator), label= (--label); for one column an "
            "annotator, annotator=[...] (--annotator a,b,c)."
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
        message=("labels.csv: this is a binary file, not a table of labels " + READS),
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
        name="zip inside gzip",
        write=lambda folder: data(gzip.compress(Path(zip_of({"ana.csv": LONG})(folder)).read_bytes()), "l.gz")(folder),
        message=(
            "l.gz: this is a zip archive inside another archive or folder, which is not opened. Unpack it, and read "
            "the zip by itself or its files."
        ),
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
        message=("labels.zip holds no label file: it is empty " + READS),
    ),
    BadInput(
        name="zip of a text",
        write=zip_of({"README.md": "labels, soon"}),
        message=("labels.zip holds no label file: it holds README.md " + READS),
    ),
    BadInput(
        name="folder without files",
        write=folder_of({}),
        message=("the folder 'round1' holds no label file: it is empty " + READS),
    ),
    BadInput(
        name="folder without label files",
        write=folder_of({"README.md": "Hello, world"}),
        message=("the folder 'round1' holds no label file: it holds README.md " + READS),
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
            "labels.csv row 4: byte 0xff on line 4 is not text (allowed: UTF-8, UTF-16, Windows-1252). Save the "
            "file as UTF-8, or check that it is a table."
        ),
    ),
    BadInput(
        name="NUL in the text",
        write=text("item,annotator,label\n" + "1,ana,yes\n" * 1000 + "2,a\0na,no\n"),
        message=(
            "labels.csv row 1002: byte NUL on line 1002 is not text (allowed: UTF-8, UTF-16, Windows-1252). Save the "
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
]
