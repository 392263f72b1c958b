"""Odd but legal files: what each must give."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from labelqa.annotations.classes import LabelCleaning
from labelqa.io.read import read_annotations
from tests.unit.io.writers import LONG, data, folder_of, several, text, workbook, zip_of

Triples = set[tuple[str, str, object]]
PLAIN: Triples = {("1", "ana", "yes"), ("1", "ben", "no"), ("2", "ana", "no"), ("2", "ben", "no")}


@dataclass(frozen=True, kw_only=True)
class Odd:
    """One odd file and the (item, annotator, label) triples it holds."""

    name: str
    write: object
    gives: Triples = field(default_factory=lambda: PLAIN)
    kwargs: Mapping[str, object] = field(default_factory=dict)
    note: str = ""
    set_aside: Sequence[tuple[str, tuple[int, ...]]] = ()


def _long(*rows: str, header: str = "item,annotator,label", end: str = "\n") -> str:
    return end.join([header, *rows]) + end


CASES = [
    Odd(name="BOM", write=data(b"\xef\xbb\xbf" + LONG.encode())),
    Odd(name="CRLF", write=text(LONG.replace("\n", "\r\n"))),
    Odd(name="CR", write=text(LONG.replace("\n", "\r"))),
    Odd(name="no line end at the end", write=text(LONG.rstrip("\n"))),
    Odd(name="UTF-16 with BOM", write=data(LONG.encode("utf-16"))),
    Odd(name="UTF-16-LE without BOM", write=data(LONG.encode("utf-16-le"))),
    Odd(name="UTF-16-BE without BOM", write=data(LONG.encode("utf-16-be"))),
    Odd(name="gzip", write=data(gzip.compress(LONG.encode()))),
    Odd(name="gzip twice", write=data(gzip.compress(gzip.compress(LONG.encode())))),
    Odd(name="semicolons", write=text(LONG.replace(",", ";"))),
    Odd(name="tabs", write=text(LONG.replace(",", "\t"), "labels.csv")),
    Odd(name="pipes", write=text(LONG.replace(",", "|"), "labels.dat")),
    Odd(name="sep= of spreadsheets", write=text("sep=;\n" + LONG.replace(",", ";"))),
    Odd(name="blank lines before the header", write=text("\n\n" + LONG)),
    Odd(name="no ending at all", write=text(LONG, "labels")),
    Odd(name="everything quoted", write=text('"' + LONG.strip().replace(",", '","').replace("\n", '"\n"') + '"\n')),
    Odd(
        name="spaces around column names", write=text(LONG.replace("item,annotator,label", " item , annotator,label "))
    ),
    Odd(name="comma and space between all cells", write=text(LONG.replace(",", ", "))),
    Odd(
        name="separators at the end of every line",
        write=text(LONG.replace("\n", ",\n")),
        note="1 empty columns without a name in labels.csv were left out",
    ),
    Odd(
        name="separators at the end of the rows only",
        write=text(LONG.replace("no\n", "no,\n").replace("yes\n", "yes,\n")),
    ),
    Odd(name="separator at the end of the header only", write=text(LONG.replace("label\n", "label,\n"))),
    Odd(
        name="blank rows",
        write=text(_long("1,ana,yes", "", "1,ben,no", ",,", "2,ana,no", "2,ben,no", "")),
        set_aside=[("blank row", (3, 5, 8))],
    ),
    Odd(
        name="missing cells",
        write=text(
            _long("1,ana,yes", "1,ben,no", '1,cem,"a\nb"', ",dan,no", "3,,no", "2,ana,no", "2,ben,no", "3,ana,")
        ),
        gives=PLAIN | {("1", "cem", "a\nb")},
        set_aside=[("no item", (5,)), ("no annotator", (6,)), ("no label", (9,))],
    ),
    Odd(
        name="quoted separators, quotes and newlines",
        write=text(_long('1,ana,"yes, or\nno"', '1,ben,"said ""no"""', "2,ana,no", "2,ben,no")),
        gives={("1", "ana", "yes, or\nno"), ("1", "ben", 'said "no"'), ("2", "ana", "no"), ("2", "ben", "no")},
    ),
    Odd(
        name="quotes that enclose nothing in a TSV",
        write=text(
            'id\ttext\tannotator\tlabel\n1\t"What a day\tana\tyes\n1\t"What a day\tben\tno\n'
            '2\tit is 5" long\tana\tno\n2\tit is 5" long\tben\tno\n'
        ),
        note="quotes in labels.csv do not enclose cells and were read as plain characters",
    ),
    Odd(
        name="NA, None, null and nan are classes",
        write=text(_long("1,ana,NA", "1,ben,None", "2,ana,null", "2,ben,nan", "3,ana,N/A", "3,ben,NaN")),
        gives={
            ("1", "ana", "NA"),
            ("1", "ben", "None"),
            ("2", "ana", "null"),
            ("2", "ben", "nan"),
            ("3", "ana", "N/A"),
            ("3", "ben", "NaN"),
        },
    ),
    Odd(
        name="ids like 007",
        write=text(_long("007,ana,yes", "7,ana,no", "007,01,yes", "7,1,no")),
        gives={("007", "ana", "yes"), ("7", "ana", "no"), ("007", "01", "yes"), ("7", "1", "no")},
    ),
    Odd(
        name="labels like 01 stay text",
        write=text(_long("1,ana,01", "1,ben,1", "2,ana,01", "2,ben,02")),
        gives={("1", "ana", "01"), ("1", "ben", "1"), ("2", "ana", "01"), ("2", "ben", "02")},
    ),
    Odd(
        name="section numbers 1.1 and 1.10 stay apart",
        write=text(_long("a,ana,1.1", "a,ben,1.10", "b,ana,1.2", "b,ben,1.10")),
        gives={("a", "ana", "1.1"), ("a", "ben", "1.10"), ("b", "ana", "1.2"), ("b", "ben", "1.10")},
    ),
    Odd(
        name="labels 0.0 and 1.0 are 0 and 1",
        write=text(_long("a,ana,0.0", "a,ben,1.0", "b,ana,1.0")),
        gives={("a", "ana", 0), ("a", "ben", 1), ("b", "ana", 1)},
    ),
    Odd(
        name="wide with 0 and 0.0",
        write=text("id,ana,ben\na,0,0.0\nb,1,\nc,0,1.0\nd,1,1.0\n"),
        gives={
            ("a", "ana", 0),
            ("a", "ben", 0),
            ("b", "ana", 1),
            ("c", "ana", 0),
            ("c", "ben", 1),
            ("d", "ana", 1),
            ("d", "ben", 1),
        },
        note="labels 0.0, 1.0 were read as 0, 1",
    ),
    Odd(
        name="decimal commas beside semicolons",
        write=text("item;annotator;rating\na;ana;0,5\na;ben;1\nb;ana;2,5\nb;ben;0,5\n"),
        gives={("a", "ana", 0.5), ("a", "ben", 1.0), ("b", "ana", 2.5), ("b", "ben", 0.5)},
        kwargs={"level": "interval"},
    ),
    Odd(
        name="labels that differ in case and spaces",
        write=text(_long("1,ana,Yes", "1,ben, yes", "2,ana,Yes", "2,ben,no")),
        gives={("1", "ana", "Yes"), ("1", "ben", " yes"), ("2", "ana", "Yes"), ("2", "ben", "no")},
        note="labels that differ only in case or spaces were kept apart: ' yes' and 'Yes'; to read them as one, "
        "normalise labels (--normalise-labels)",
    ),
    Odd(
        name="the same, normalised",
        write=text(_long("1,ana,Yes", "1,ben, yes", "2,ana,Yes", "2,ben,no")),
        gives={("1", "ana", "Yes"), ("1", "ben", "Yes"), ("2", "ana", "Yes"), ("2", "ben", "no")},
        kwargs={"cleaning": LabelCleaning(normalise=True)},
    ),
    Odd(
        name="labels renamed and set aside",
        write=text(_long("1,ana,y", "1,ben,no", "2,ana,no", "2,ben,no", "2,cem,unsure")),
        kwargs={"cleaning": LabelCleaning(mapping={"y": "yes"}, cannot_tell=("unsure",))},
        set_aside=[("label means cannot tell", (6,))],
    ),
    Odd(
        name="Windows-1252",
        write=data(_long("1,Zoë,yes", "1,ben,no", "2,Zoë,no", "2,ben,no").encode("cp1252")),
        gives={("1", "Zoë", "yes"), ("1", "ben", "no"), ("2", "Zoë", "no"), ("2", "ben", "no")},
        note="labels.csv is not UTF-8 and was read as Windows-1252; save it as UTF-8 if letters look wrong",
    ),
    Odd(
        name="one annotator",
        write=text(_long("1,ana,yes", "2,ana,no")),
        gives={("1", "ana", "yes"), ("2", "ana", "no")},
    ),
    Odd(name="one row", write=text(_long("1,ana,yes")), gives={("1", "ana", "yes")}),
    Odd(
        name="first column without a name",
        write=text(",ana,ben\na,x,y\nb,x,x\nc,y,y\n"),
        gives={
            ("a", "ana", "x"),
            ("a", "ben", "y"),
            ("b", "ana", "x"),
            ("b", "ben", "x"),
            ("c", "ana", "y"),
            ("c", "ben", "y"),
        },
        note="the first column of labels.csv has no name and is called 'index'",
    ),
    Odd(
        name="a repeated row, the last counts",
        write=text(LONG + "1,ana,maybe\n"),
        gives=PLAIN - {("1", "ana", "yes")} | {("1", "ana", "maybe")},
        kwargs={"on_duplicate": "last"},
        set_aside=[("repeated label of the same annotator for the same item (the last one counts)", (2,))],
    ),
    Odd(name="workbook", write=workbook({"Sheet1": LONG, "Empty": ""})),
    Odd(
        name="workbook with a blank row and a title above",
        write=workbook({"S": LONG.replace("2,ana", "\n2,ana")}),
        set_aside=[("blank row", (4,))],
    ),
    Odd(
        name="one file an annotator",
        write=several({"ana.csv": "item,label\n1,yes\n2,no\n", "ben.csv": "item,label\n1,no\n2,no\n"}),
        note="no column tells who labeled: each file is one annotator, named after it (ana, ben)",
    ),
    Odd(
        name="one file an annotator, texts and channels too",
        write=folder_of(
            {
                "ana.csv": "id,text,channel,label\n1,the first text here,mail,yes\n2,the second text here,chat,no\n",
                "ben.csv": "id,text,channel,label\n1,the first text here,mail,no\n2,the second text here,chat,no\n",
                "README.md": "Who labeled what, when",
                ".hidden.csv": "x,y\n",
            }
        ),
        note="not read, as no label files: README.md",
    ),
    Odd(
        name="files that each name their annotator",
        write=several({"a.csv": LONG[:40], "b.csv": "item,annotator,label\n" + LONG[40:]}),
    ),
    Odd(
        name="zip of files",
        write=zip_of({"x/ana.csv": "item,label\n1,yes\n2,no\n", "x/ben.csv": "item,label\n1,no\n2,no\n"}),
    ),
    Odd(
        name="files with the columns in another order",
        write=several({"ana.csv": "item,label\n1,yes\n2,no\n", "ben.csv": "label;item\nno;1\nno;2\n"}),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_odd_file_gives_its_labels(case: Odd, tmp_path: Path):
    found = read_annotations(case.write(tmp_path), **case.kwargs)
    frame = found.to_frame()
    assert set(zip(frame["item"], frame["annotator"], frame["label"], strict=True)) == case.gives
    assert len(found) == len(case.gives)


@pytest.mark.parametrize("case", [c for c in CASES if c.note], ids=lambda c: c.name)
def test_odd_file_is_noted(case: Odd, tmp_path: Path):
    assert case.note in read_annotations(case.write(tmp_path), **case.kwargs).read_log.notes


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_every_row_is_used_or_set_aside_under_its_number(case: Odd, tmp_path: Path):
    log = read_annotations(case.write(tmp_path), **case.kwargs).read_log
    if log.layout == "long":
        assert log.n_rows_read == log.n_labels_used + log.n_set_aside
    if case.set_aside:
        assert [(s.reason, s.rows) for s in log.set_aside] == list(case.set_aside)
