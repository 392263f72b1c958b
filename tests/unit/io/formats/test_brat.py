"""brat: a text and its spans in two files, a folder for each annotator."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import labelqa
from labelqa.errors import FileFormatError
from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import SAMPLES, labels_of, notes_of, text_file, zip_file

TEXT = "EU rejects German call"


def _document(folder: Path, annotations: str, name: str = "doc1", text: str = TEXT) -> Path:
    text_file(folder / f"{name}.txt", text)
    return text_file(folder / f"{name}.ann", annotations)


def test_each_folder_is_one_annotator():
    found = read_annotations(SAMPLES / "brat", kind="spans")
    assert labels_of(found) == {("doc1", "ana"): ((0, 2, "ORG"), (11, 17, "MISC")), ("doc1", "ben"): ((0, 2, "ORG"),)}
    assert labelqa.span_agreement(found).estimate == pytest.approx(2 / 3)
    assert "1 notes" in notes_of(found)


def test_tokens_are_read_by_default():
    found = labels_of(read_annotations(SAMPLES / "brat"))
    assert found["doc1:11-17", "ana"] == "MISC"
    assert found["doc1:11-17", "ben"] == "O"
    assert len(found) == 8


def test_a_zip_reads_like_the_folder(tmp_path: Path):
    folder = SAMPLES / "brat"
    files = {str(p.relative_to(folder)): p.read_text() for p in sorted(folder.rglob("doc1.*"))}
    assert labels_of(read_annotations(zip_file(tmp_path, files))) == labels_of(read_annotations(folder))


def test_a_flat_folder_holds_the_documents_of_one_annotator(tmp_path: Path):
    _document(tmp_path / "ana", "T1\tORG 0 2\tEU\n")
    _document(tmp_path / "ana", "T1\tORG 0 2\tEU\n", "doc2")
    found = read_annotations(tmp_path / "ana", kind="spans")
    assert set(labels_of(found)) == {("doc1", "ana"), ("doc2", "ana")}


def test_an_empty_file_is_the_answer_that_there_is_nothing(tmp_path: Path):
    _document(tmp_path / "ana", "T1\tORG 0 2\tEU\n")
    _document(tmp_path / "ben", "")
    assert labels_of(read_annotations(tmp_path, kind="spans"))["doc1", "ben"] == ()


def test_a_span_with_gaps_is_read_piece_by_piece(tmp_path: Path):
    path = _document(tmp_path / "ana", "T1\tORG 0 2;11 17\tEU German\n")
    found = read_annotations(path, kind="spans")
    assert labels_of(found) == {("doc1", "ana"): ((0, 2, "ORG"), (11, 17, "ORG"))}
    assert "1 spans in doc1.ann have gaps" in notes_of(found)


def test_relations_events_attributes_and_notes_are_counted(tmp_path: Path):
    spans = ["T1\tORG 0 2\tEU", "T2\tORG 11 17\tGerman"]
    others = ["R1\tof Arg1:T1 Arg2:T2", "E1\tORG:T1", "A1\tSure T1", "M1\tSure T2", "N1\tReference T1 Wiki:1\tEU"]
    lines = [*spans, *others, "#1\tAnnotatorNotes T1\thm", "*\tEquiv T1 T2"]
    found = read_annotations(_document(tmp_path / "ana", "\r\n".join(lines)), kind="spans")
    assert labels_of(found) == {("doc1", "ana"): ((0, 2, "ORG"), (11, 17, "ORG"))}
    for told in ("1 relations", "1 events", "2 attributes", "1 normalisations", "1 notes", "1 equivalences"):
        assert told in notes_of(found)


def test_the_ending_does_not_matter_where_the_text_lies_beside(tmp_path: Path):
    path = shutil.move(_document(tmp_path / "ana", "T1\tORG 0 2\tEU\n"), tmp_path / "ana" / "doc1.dat")
    assert labels_of(read_annotations(path, kind="spans")) == {("doc1", "ana"): ((0, 2, "ORG"),)}


def test_a_missing_text_is_named(tmp_path: Path):
    path = text_file(tmp_path / "ana" / "doc1.dat", "T1\tORG 0 2\tEU\n")
    with pytest.raises(FileFormatError, match=r"there is no doc1\.txt beside"):
        read_annotations(path)


@pytest.mark.parametrize("line", ["T2\tORG 0\tEU", "T2 ORG 0 2", "T2\tORG a b\tx", "Tx"])
def test_a_damaged_span_far_down_is_named_with_its_line(line: str, tmp_path: Path):
    path = _document(tmp_path / "ana", "T1\tORG 0 2\tEU\n" * 6000 + line)
    with pytest.raises(FileFormatError, match=r"doc1\.ann row 6001: a span is written as"):
        read_annotations(path)
