"""doccano: one file an annotator, whose name is the only thing that says who it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import labelqa
from labelqa.errors import ColumnError, FileFormatError, LabelError, ParameterError
from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import (
    SAMPLE_LABELS,
    SAMPLES,
    json_file,
    labels_of,
    lines_file,
    notes_of,
    text_file,
    zip_file,
)


def _entry(number: int, label: object, **more: object) -> dict[str, object]:
    return {"id": number, "text": f"text {number}", "label": label, "Comments": []} | more


def test_the_annotator_is_the_name_of_the_file_in_the_zip():
    found = read_annotations(SAMPLES / "doccano_export.zip")
    expected = {(int(item[-1]), who): label for (item, who), label in SAMPLE_LABELS.items()}
    assert labels_of(found) == expected
    assert found.item_data["line"].tolist() == ["A"] * 4
    assert "Comments" not in found.item_data


def test_a_folder_reads_like_the_zip(tmp_path: Path):
    shutil.unpack_archive(SAMPLES / "doccano_export.zip", tmp_path / "export")
    assert labels_of(read_annotations(tmp_path / "export")) == labels_of(
        read_annotations(SAMPLES / "doccano_export.zip")
    )


def test_all_jsonl_names_nobody_and_says_so():
    found = read_annotations(SAMPLES / "doccano_all.jsonl")
    assert list(found.annotators) == ["doccano_all"]
    assert "does not say who labeled" in notes_of(found)


@pytest.mark.parametrize("name", ["doccano_export.zip", "doccano_all.jsonl", "doccano_sequence.jsonl"])
def test_the_ending_of_the_file_does_not_matter(name: str, tmp_path: Path):
    renamed = shutil.copy(SAMPLES / name, tmp_path / "export.dat")
    assert "doccano" in notes_of(read_annotations(renamed))


def test_several_classes_are_a_set_even_where_only_one_annotator_gave_several(tmp_path: Path):
    source = zip_file(tmp_path, {"ana.jsonl": [_entry(1, ["a", "b"])], "ben.jsonl": [_entry(1, ["a"])]})
    found = read_annotations(source, kind="sets")
    assert labels_of(found) == {(1, "ana"): frozenset("ab"), (1, "ben"): frozenset("a")}
    assert labelqa.distance_agreement(found, "jaccard").n_items == 1
    with pytest.raises(LabelError, match="several classes"):
        read_annotations(source)


def _marked(start: int, end: int, label: str) -> dict[str, object]:
    return {"id": start, "start_offset": start, "end_offset": end, "label": label}


@pytest.mark.parametrize(
    "spans",
    [
        {"label": [[0, 2, "ORG"], [11, 17, "MISC"]]},
        {"labels": [[0, 2, "ORG"], [11, 17, "MISC"]]},
        {"label": [_marked(0, 2, "ORG"), _marked(11, 17, "MISC")]},
        {"entities": [_marked(0, 2, "ORG"), _marked(11, 17, "MISC")], "relations": [{"from_id": 0, "to_id": 11}]},
    ],
    ids=["triples", "old key", "objects", "entities with relations"],
)
def test_spans_are_triples_or_objects(spans: dict[str, object], tmp_path: Path):
    entry = {"id": 1, "text": "EU rejects German call", "Comments": []}
    source = zip_file(tmp_path, {"ana.jsonl": [entry | spans], "ben.jsonl": [entry | {"label": [[0, 2, "ORG"]]}]})
    found = read_annotations(source, kind="spans")
    assert labels_of(found)[1, "ana"] == ((0, 2, "ORG"), (11, 17, "MISC"))
    assert labelqa.span_agreement(found).estimate == pytest.approx(2 / 3)
    tokens = labels_of(read_annotations(source))
    assert [tokens[i, "ana"] for i in ("1:0-2", "1:3-10", "1:11-17", "1:18-22")] == ["ORG", "O", "MISC", "O"]
    assert ("relations" in notes_of(found)) == ("relations" in spans)


def test_an_annotator_who_marked_nothing_is_read_beside_one_with_spans(tmp_path: Path):
    source = zip_file(tmp_path, {"ana.jsonl": [_entry(1, [[0, 4, "X"]])], "ben.jsonl": [_entry(1, [])]})
    found = read_annotations(source, kind="spans")
    assert labels_of(found) == {(1, "ana"): ((0, 4, "X"),), (1, "ben"): ()}
    assert "does not tell one that was looked at" in notes_of(found)


def test_texts_in_the_file_of_nobody_have_no_annotator(tmp_path: Path):
    source = zip_file(tmp_path, {"ana.jsonl": [_entry(1, ["a"])], "unknown.jsonl": [_entry(2, [])]})
    assert list(read_annotations(source).annotators) == ["ana"]


def test_intent_projects_ask_two_questions(tmp_path: Path):
    entry = {"id": 1, "text": "fly to Rome", "cats": ["travel"], "entities": [[7, 11, "CITY"]], "Comments": []}
    source = lines_file(tmp_path, [entry])
    assert labels_of(read_annotations(source, question="cats")) == {(1, "export"): "travel"}
    assert labels_of(read_annotations(source, question="entities", kind="spans"))[1, "export"] == ((7, 11, "CITY"),)
    with pytest.raises(ParameterError, match="cats, entities"):
        read_annotations(source)


def test_boxes_of_images_have_corners(tmp_path: Path):
    box = {"id": 1, "label": "dent", "x": 10, "y": 20, "width": 30, "height": 40}
    source = lines_file(tmp_path, [{"id": 1, "filename": "a.png", "bbox": [box], "Comments": []}])
    assert labels_of(read_annotations(source, kind="boxes"))[1, "export"] == ((10.0, 20.0, 40.0, 60.0, "dent"),)


def test_texts_of_sequence_to_sequence_are_labels(tmp_path: Path):
    source = lines_file(tmp_path, [_entry(1, ["ein Text"])])
    assert labels_of(read_annotations(source)) == {(1, "export"): "ein Text"}


def test_a_table_of_lists_that_names_annotators_is_not_doccano(tmp_path: Path):
    source = json_file(tmp_path, [{"id": i, "text": "t", "label": ["a"], "annotator": w} for i in (1, 2) for w in "xy"])
    assert "doccano" not in notes_of(read_annotations(source))


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ([[0, 2]], "row 2: a span is .start, end, class."),
        ([["a", 2, "X"]], "row 2: a span has two whole numbers"),
        ([{"start_offset": 0, "label": "X"}], "row 2: a span has two whole numbers"),
        ([["a"]], "row 2: a span is"),
        ([None], "row 2: the name of a class"),
        ([[0, 1, "X"], "a"], "row 2: the labels of this file are spans"),
    ],
)
def test_damaged_labels_are_named_with_their_line(label: object, message: str | None, tmp_path: Path):
    entries = [_entry(1, [[0, 2, "X"]]), *([_entry(2, label)])]
    path = lines_file(tmp_path, entries)
    with pytest.raises(FileFormatError, match=message):
        read_annotations(path)


def test_labels_that_are_no_list_are_named_with_their_line(tmp_path: Path):
    path = lines_file(tmp_path, [*(_entry(i, ["a"]) for i in range(30)), _entry(30, "a")])
    with pytest.raises(FileFormatError, match="row 31: labels are a list"):
        read_annotations(path)


def test_a_span_without_length_is_left_out_and_counted(tmp_path: Path):
    found = read_annotations(lines_file(tmp_path, [_entry(1, [[0, 4, "X"], [2, 2, "Y"]])]), kind="spans")
    assert labels_of(found)[1, "export"] == ((0, 4, "X"),)
    assert "1 spans without length" in notes_of(found)


def test_csv_joins_several_labels_by_a_hash(tmp_path: Path):
    text_file(tmp_path / "ana.csv", "id,text,label,Comments\n1,first,A#B,\n2,second,A,\n")
    text_file(tmp_path / "ben.csv", "id,text,label,Comments\n1,first,A,\n2,second,,\n")
    found = read_annotations(tmp_path, kind="sets")
    assert labels_of(found) == {
        ("1", "ana"): frozenset("AB"),
        ("2", "ana"): frozenset("A"),
        ("1", "ben"): frozenset("A"),
    }
    assert "1 cells of ana.csv hold several labels" in notes_of(found)


def test_a_hash_that_ends_a_name_is_no_separator(tmp_path: Path):
    path = text_file(tmp_path / "ana.csv", "id,text,label,Comments\n1,first,C#,\n2,second,Java,\n")
    assert set(labels_of(read_annotations(path)).values()) == {"C#", "Java"}


def test_without_comments_a_hash_separates_only_labels_that_occur_alone(tmp_path: Path):
    joined = text_file(tmp_path / "a.csv", "id,text,label\n1,first,A#B\n2,second,A\n3,third,B\n")
    assert labels_of(read_annotations(joined, kind="sets"))["1", "a"] == frozenset("AB")
    names = text_file(tmp_path / "b.csv", "id,text,label\n1,first,bug#12\n2,second,bug#13\n")
    with pytest.raises(ColumnError):
        read_annotations(names)


def _all_beside(folder: Path, *people: str) -> tuple[Path, Path]:
    """Write a zip, and a folder, of the files of these people and the file of all."""
    members = {f"{who}.jsonl": [_entry(1, ["a"]), _entry(2, ["b"])] for who in (*people, "all")}
    for name, rows in members.items():
        lines_file(folder / "in", rows, name)
    return zip_file(folder, members), folder / "in"


@pytest.mark.parametrize("how", [0, 1], ids=["zip", "folder"])
def test_the_file_of_all_beside_those_of_people_is_set_aside_as_nobody_s(how: int, tmp_path: Path):
    found = read_annotations(_all_beside(tmp_path, "ana", "ben")[how])
    assert list(found.annotators) == ["ana", "ben"]
    assert "set aside 2: in a file of nobody in particular" in notes_of(found)
    assert found.origin is not None
    assert found.origin.place(3)[1] == 2


@pytest.mark.parametrize("how", ["zip", "folder", "file"])
def test_the_file_of_all_by_itself_names_nobody(how: str, tmp_path: Path):
    packed, folder = _all_beside(tmp_path)
    found = read_annotations({"zip": packed, "folder": folder, "file": folder / "all.jsonl"}[how])
    assert list(found.annotators) == ["unknown annotator"]
    assert "nothing can be said of agreement" in notes_of(found)


def test_folders_of_people_with_a_file_of_all_each_name_people(tmp_path: Path):
    for who in ("ana", "ben"):
        lines_file(tmp_path / who, [_entry(1, ["a"])], "all.jsonl")
    assert list(read_annotations(tmp_path).annotators) == ["ana", "ben"]


@pytest.mark.parametrize("comments", ["", ",Comments"])
def test_csv_in_a_zip_is_read_like_the_plain_files(comments: str, tmp_path: Path):
    end = "," if comments else ""
    rows = {"ana.csv": ("1,first,A#B", "2,second,A", "3,third,B"), "ben.csv": ("1,first,A", "2,second,B", "3,third,B")}
    texts = {n: f"id,text,label{comments}\n" + "".join(f"{r}{end}\n" for r in of) for n, of in rows.items()}
    for name, text in texts.items():
        text_file(tmp_path / "in" / name, text)
    plain, packed = (read_annotations(s, kind="sets") for s in (tmp_path / "in", zip_file(tmp_path, texts)))
    assert labels_of(packed) == labels_of(plain)
    assert labels_of(packed)["1", "ana"] == frozenset("AB")
    assert labels_of(packed)["1", "ben"] == frozenset("A")  # whose own file joins nothing
    assert "doccano_csv" in notes_of(packed)
