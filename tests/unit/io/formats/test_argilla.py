"""Argilla: the flat form keeps what became of a response, the nested one mostly does not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import labelqa
from labelqa.errors import FileFormatError, ParameterError
from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import SAMPLES, json_file, labels_of, lines_file, notes_of

ANA, BEN = (f"00000000-0000-0000-0000-00000000000{i}" for i in (1, 2))
EXPECTED = {
    ("rec-0", ANA): "scratch",
    ("rec-0", BEN): "dent",
    ("rec-1", ANA): "no-defect",
    ("rec-1", BEN): "no-defect",
}


def _flat(values: list[object], status: list[str] | None = None, *, question: str = "q", id: str = "r1") -> dict:  # noqa: A002
    users = ["ana", "ben", "cem"][: len(values)]
    return {
        "id": id,
        "status": "pending",
        "text": "EU rejects German call",
        f"{question}.responses": values,
        f"{question}.responses.users": users,
        f"{question}.responses.status": status or ["submitted"] * len(values),
    }


def _by_person(who: str, status: str, **values: object) -> dict[str, object]:
    return {"user_id": who, "status": status, "values": {q: {"value": v} for q, v in values.items()}}


@pytest.mark.parametrize("name", ["argilla_flat.json", "argilla_records.json"])
def test_both_forms_give_the_same_labels_under_any_name(name: str, tmp_path: Path):
    found = read_annotations(shutil.copy(SAMPLES / name, tmp_path / "export.dat"))
    assert labels_of(found) == EXPECTED
    assert found.item_data["line"].tolist() == ["A", "A"]
    assert found.item_data["text"].tolist() == ["phone screen line", "clean unit"]
    assert set(found.item_data.columns) == {"line", "text"}
    assert "2 suggestions of models" in notes_of(found)


def test_json_lines_read_like_json(tmp_path: Path):
    records = json.loads((SAMPLES / "argilla_flat.json").read_text())
    assert labels_of(read_annotations(lines_file(tmp_path, records))) == EXPECTED


@pytest.mark.parametrize("how", ["table", "parquet"])
def test_a_data_set_reads_like_json(how: str, tmp_path: Path):
    table = pa.Table.from_pylist(json.loads((SAMPLES / "argilla_flat.json").read_text()))
    pq.write_table(table, tmp_path / "data.dat")
    found = read_annotations(table if how == "table" else tmp_path / "data.dat")
    assert labels_of(found) == EXPECTED
    assert found.read_log.n_rows_read == 4


def test_drafts_and_discarded_responses_are_set_aside(tmp_path: Path):
    source = json_file(tmp_path, [_flat(["a", "b", "c"], ["submitted", "draft", "discarded"])])
    found = read_annotations(source)
    assert labels_of(found) == {("r1", "ana"): "a"}
    assert {s.reason: s.count for s in found.read_log.set_aside} == {
        "draft response, not submitted": 1,
        "discarded response, not submitted": 1,
    }


def test_the_nested_form_says_that_it_does_not_know_what_was_submitted():
    assert "do not say whether they were submitted" in notes_of(read_annotations(SAMPLES / "argilla_records.json"))
    assert "do not say" not in notes_of(read_annotations(SAMPLES / "argilla_flat.json"))


def test_responses_by_person_keep_their_status(tmp_path: Path):
    responses = [_by_person("ana", "submitted", q="a"), _by_person("ben", "discarded", q="b")]
    source = json_file(tmp_path, [{"id": "r1", "fields": {"text": "t"}, "responses": responses, "external_id": "mine"}])
    found = read_annotations(source)
    assert labels_of(found) == {("mine", "ana"): "a"}
    assert found.read_log.n_set_aside == 1


def test_several_questions_are_listed(tmp_path: Path):
    record = _flat(["a", "b"]) | _flat([1, 2], question="score")
    source = json_file(tmp_path, [record])
    with pytest.raises(ParameterError, match="q, score"):
        read_annotations(source)
    assert labels_of(read_annotations(source, question="score")) == {("r1", "ana"): 1, ("r1", "ben"): 2}


def test_multi_label_answers_are_sets_and_an_empty_one_is_an_answer(tmp_path: Path):
    found = read_annotations(json_file(tmp_path, [_flat([[], ["a", "b"], ["a"]])]), kind="sets")
    assert labels_of(found) == {
        ("r1", "ana"): frozenset(),
        ("r1", "ben"): frozenset("ab"),
        ("r1", "cem"): frozenset("a"),
    }
    assert labelqa.distance_agreement(found, "masi").n_items == 1


def test_spans_are_read_from_each_form_and_kind_of_question(tmp_path: Path):
    span = {"label": "ORG", "start": 0, "end": 2, "score": None}
    record = _flat([[span], []], question="ner") | _flat(["x", "y"])
    found = read_annotations(json_file(tmp_path, [record]), question="ner", kind="spans")
    assert labels_of(found) == {("r1", "ana"): ((0, 2, "ORG"),), ("r1", "ben"): ()}
    assert labelqa.span_agreement(found).estimate == 0
    tokens = labels_of(read_annotations(pa.Table.from_pylist([record]), question="ner"))
    assert (tokens["r1:0-2", "ana"], tokens["r1:0-2", "ben"]) == ("ORG", "O")


def test_a_ranking_is_one_class_and_a_note_says_so(tmp_path: Path):
    ranked = [{"value": "tea", "rank": 2}, {"value": "milk", "rank": 1}, {"value": "water", "rank": 2}]
    found = read_annotations(json_file(tmp_path, [_flat([ranked, ranked])]))
    assert set(labels_of(found).values()) == {"milk > tea = water"}
    assert "rankings were read as one class" in notes_of(found)


def test_an_optional_question_that_was_left_out_is_set_aside(tmp_path: Path):
    found = read_annotations(json_file(tmp_path, [_flat(["a", None])]))
    assert labels_of(found) == {("r1", "ana"): "a"}
    assert found.read_log.set_aside[0].reason == "question not answered"


@pytest.mark.parametrize(
    "change",
    [
        {"q.responses": "a"},
        {"q.responses.users": ["ana"]},
        {"q.responses.status": {}},
        {"q.responses": ["a", ["b"]]},
        {"q.responses": [{"a": 1}, "b"]},
        {"q.responses": [[{"start": "x", "end": 3, "label": "L"}], []]},
        {"q.responses": [[], "a"]},
    ],
)
def test_damaged_records_are_named(change: dict[str, object], tmp_path: Path):
    source = json_file(tmp_path, [_flat(["a", "b"]) | change])
    with pytest.raises(FileFormatError, match=r"export\.json"):
        read_annotations(source)


@pytest.mark.parametrize("responses", [{"q": 5}, {"q": [5]}, [5]])
def test_damaged_nested_responses_are_named(responses: object, tmp_path: Path):
    source = json_file(tmp_path, [{"id": 1, "fields": {"text": "t"}, "responses": responses}])
    with pytest.raises(FileFormatError, match="row 1: responses are a list of objects"):
        read_annotations(source)
