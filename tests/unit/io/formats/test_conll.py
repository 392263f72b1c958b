"""CoNLL: spans from the tags of any scheme, or a class a token."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import labelqa
from labelqa.errors import FileFormatError, LabelqaError
from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import SAMPLES, labels_of, notes_of, text_file, zip_file


def _lines(*rows: str) -> str:
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("ending", [".conll", ".dat", ".txt"])
def test_each_folder_is_one_annotator(ending: str, tmp_path: Path):
    for who in ("ana", "ben"):
        (tmp_path / who).mkdir()
        shutil.copy(SAMPLES / "conll" / who / "doc1.conll", tmp_path / who / f"doc1{ending}")
    found = read_annotations(tmp_path, kind="spans")
    assert labels_of(found) == {
        ("doc1:1", "ana"): ((0, 2, "ORG"), (11, 17, "MISC")),
        ("doc1:1", "ben"): ((0, 2, "ORG"),),
    }
    assert labelqa.span_agreement(found).estimate == pytest.approx(2 / 3)


def test_each_file_is_one_annotator_where_there_are_no_folders(tmp_path: Path):
    rows = _lines("EU B-ORG", "calls O", "", "Rome B-LOC", "sleeps O")
    source = zip_file(tmp_path, {"ana.conll": rows, "ben.conll": rows.replace("B-LOC", "O")})
    found = read_annotations(source, kind="spans")
    assert labels_of(found)["1:2", "ana"] == ((0, 4, "LOC"),)
    assert labels_of(found)["1:2", "ben"] == ()


def test_by_default_each_token_has_a_label():
    found = read_annotations(SAMPLES / "conll")
    tokens = labels_of(found)
    assert len(tokens) == 8
    assert tokens["doc1:1:11-17", "ana"] == "MISC"
    assert tokens["doc1:1:11-17", "ben"] == "O"
    assert found.item_data["token"].tolist() == ["EU", "rejects", "German", "call"]


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("B-A I-A O B-A", ((0, 3, "A"), (6, 7, "A"))),
        ("I-A I-A O I-A", ((0, 3, "A"), (6, 7, "A"))),
        ("I-A B-A I-A O", ((0, 1, "A"), (2, 5, "A"))),
        ("B-A B-A I-B O", ((0, 1, "A"), (2, 3, "A"), (4, 5, "B"))),
        ("B-A L-A U-A U-B", ((0, 3, "A"), (4, 5, "A"), (6, 7, "B"))),
        ("B-A E-A S-A S-B", ((0, 3, "A"), (4, 5, "A"), (6, 7, "B"))),
        ("B-A-x I-A-x O O", ((0, 3, "A-x"),)),
        ("O O O B-A", ((6, 7, "A"),)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("separator", [" ", "\t", " -X- _ "])
def test_tags_of_every_scheme_are_spans(tags: str, spans: object, separator: str, tmp_path: Path):
    rows = [f"{word}{separator}{tag}" for word, tag in zip("abcd", tags.split(), strict=True)]
    found = read_annotations(text_file(tmp_path / "ana.conll", "\r\n".join([*rows, "", ""])), kind="spans")
    assert labels_of(found) == {("1:1", "ana"): spans}


def test_other_tags_are_the_class_of_each_token(tmp_path: Path):
    source = text_file(tmp_path / "ana.txt", _lines("The DT", "dog NN", "", "It PRP", "barks VBZ"))
    found = read_annotations(source)
    assert labels_of(found) == {
        ("1:1:1", "ana"): "DT",
        ("1:1:2", "ana"): "NN",
        ("1:2:1", "ana"): "PRP",
        ("1:2:2", "ana"): "VBZ",
    }
    assert found.item_data["token"].tolist() == ["The", "dog", "It", "barks"]
    assert "conll" in notes_of(found)


def test_documents_in_one_file_are_counted(tmp_path: Path):
    rows = _lines("-DOCSTART- -X- O", "", "a -X- B-A", "", "-DOCSTART- -X- O", "", "b -X- O")
    found = read_annotations(text_file(tmp_path / "ana.conll", rows), kind="spans")
    assert set(labels_of(found)) == {("1:1", "ana"), ("2:2", "ana")}


@pytest.mark.parametrize(
    "text",
    [
        "item\tannotator\tlabel\n1\tana\tO\n\n1\tben\tO\n",
        "item annotator label\n1 ana O\n1 ben O\n",
        "id,text,label\n1,two words,a\n\n2,two words,b\n",
    ],
)
def test_a_plain_table_is_not_taken_for_it(text: str, tmp_path: Path):
    try:
        log = notes_of(read_annotations(text_file(tmp_path / "labels.txt", text)))
    except LabelqaError as error:
        log = str(error)
    assert "conll" not in log


def test_a_line_without_a_tag_far_down_is_named(tmp_path: Path):
    path = text_file(tmp_path / "ana.conll", _lines(*["word B-A", "next O", ""] * 9000, "alone"))
    with pytest.raises(FileFormatError, match=r"ana\.conll row 27001: a line holds a token"):
        read_annotations(path)
