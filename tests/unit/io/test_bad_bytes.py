"""A byte that is no text: the message names the file, the row as a spreadsheet counts, and the line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from labelqa.errors import FileFormatError
from labelqa.io.read import read_annotations

HEAD = b"item,annotator,label,text\n"
QUOTED = b'1,ana,x,"two\nlines, ""of"" it"\n'  # one row on two lines
MANY = b"".join(b"%d,ana,x,t\n" % i for i in range(5000))


@pytest.mark.parametrize(
    ("before", "row", "line"),
    [(b"", 2, 2), (QUOTED, 3, 4), (MANY, 5002, 5002), (QUOTED * 2 + b'3,a,x,5" tall\n', 5, 7)],
    ids=["short file", "after a cell of two lines", "long file", "after an inch sign"],
)
def test_a_nul_in_a_table_is_refused_with_its_row(before: bytes, row: int, line: int, tmp_path: Path):
    path = tmp_path / "labels.csv"
    path.write_bytes(HEAD + before + b"9,ben,x,he\0llo\n9,ana,x,y\n")
    with pytest.raises(FileFormatError, match=rf"labels.csv row {row}: byte NUL on line {line} is not text") as refused:
        read_annotations(path)
    assert refused.value.problems[0].row == row


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n"])
def test_rows_are_counted_whatever_ends_the_lines(ending: str, tmp_path: Path):
    path = tmp_path / "labels.csv"
    path.write_bytes("item,annotator,label\n1,a,x\n1,b,\0\n".replace("\n", ending).encode())
    with pytest.raises(FileFormatError, match=r"labels\.csv row 3: byte NUL on line 3"):
        read_annotations(path)


@pytest.mark.parametrize("data", [bytes(range(256)) * 4, b"\0" * 100, HEAD + b"\0" * 5, b"\1\2\3 some text, and more"])
def test_what_is_no_text_at_all_is_called_binary(data: bytes, tmp_path: Path):
    path = tmp_path / "labels.csv"
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="binary file"):
        read_annotations(path)


@pytest.mark.parametrize("where", ["name", "cell"])
def test_names_and_cells_of_parquet_that_are_no_text_are_a_damaged_file(where: str, tmp_path: Path):
    cells = {"item": ["1"], "annotator": ["ana"], "label": ["a"], "xxxxxxxx" if where == "name" else "b": ["xxxxxxxx"]}
    path = tmp_path / "labels.parquet"
    parquet.write_table(pa.Table.from_pandas(pd.DataFrame(cells)), path, store_schema=False, compression=None)
    path.write_bytes(path.read_bytes().replace(b"xxxxxxxx", b"xxx\xef\xefxxx"))
    with pytest.raises(FileFormatError, match="the Parquet file is damaged"):
        read_annotations(path)
