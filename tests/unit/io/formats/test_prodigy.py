"""Prodigy: sessions are people, inputs are items, and neither `ignore` nor the review recipe gives a label."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from labelqa.errors import FileFormatError, LabelqaError, ParameterError
from labelqa.io.formats.prodigy import dataset_prefix
from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import SAMPLE_LABELS, SAMPLES, labels_of, lines_file, notes_of


def _row(number: int, who: str | None, **more: object) -> dict[str, object]:
    base = {"text": f"text {number}", "_input_hash": number, "_task_hash": hash(who), "answer": "accept"}
    return base | {"_session_id": who, "_timestamp": 1767261600} | more


def _choice(number: int, who: str | None, *names: str, **more: object) -> dict[str, object]:
    return _row(number, who, options=[{"id": "a"}, {"id": "b"}], accept=list(names)) | more


def test_the_choice_sample_holds_the_labels_of_all_samples():
    found = read_annotations(SAMPLES / "prodigy_choice.jsonl")
    expected = {(999 + int(item[-1]), who): label for (item, who), label in SAMPLE_LABELS.items()}
    assert {key: label for key, label in labels_of(found).items() if key[1] != "cem"} == expected
    assert str(found.to_frame()["timestamp"][0]) == "2026-01-01 10:00:00"
    assert found.item_data["line"].tolist() == ["A"] * 4
    assert "set aside 1: ignored" in notes_of(found)


@pytest.mark.parametrize("name", ["prodigy_choice.jsonl", "prodigy_binary.jsonl", "prodigy_ner.jsonl"])
def test_the_ending_of_the_file_does_not_matter(name: str, tmp_path: Path):
    assert "(prodigy)" in notes_of(read_annotations(shutil.copy(SAMPLES / name, tmp_path / "export.dat")))


def test_items_are_inputs_and_not_tasks(tmp_path: Path):
    rows = [_choice(7, "d-x", "a", _task_hash=1), _choice(7, "d-y", "b", _task_hash=2)]
    assert labels_of(read_annotations(lines_file(tmp_path, rows))) == {(7, "x"): "a", (7, "y"): "b"}


def test_the_annotator_id_counts_before_the_session(tmp_path: Path):
    rows = [_choice(1, "s-1", "a", _annotator_id="ana"), _choice(1, "s-2", "a", _annotator_id="ben")]
    assert list(read_annotations(lines_file(tmp_path, rows)).annotators) == ["ana", "ben"]


@pytest.mark.parametrize(
    ("names", "prefix"),
    [
        ({"news-ana", "news-ben"}, "news-"),
        ({"my-news-ana", "my-news-ben"}, "my-news-"),
        ({"news-ana"}, ""),
        ({"ana", "anb"}, ""),
        ({"2026-01-01_10-00-00", "2026-01-02_10-00-00"}, ""),
        ({"d-2026-01-01_10-00-00", "d-2026-01-02_10-00-00"}, "d-"),
        ({"news-ana", "news-"}, ""),
        (set(), ""),
    ],
)
def test_the_data_set_is_what_all_sessions_share_up_to_a_hyphen(names: set[str], prefix: str):
    assert dataset_prefix(names) == prefix


def test_a_binary_answer_is_the_label_or_not_the_label():
    found = labels_of(read_annotations(SAMPLES / "prodigy_binary.jsonl"))
    assert found[1001, "ana"] == "scratch"
    assert found[1001, "ben"] == "not scratch"


def test_several_labels_to_accept_are_several_questions(tmp_path: Path):
    rows = [_row(1, "d-a", label="x"), _row(1, "d-a", label="y", answer="reject"), _row(1, "d-b", label="x")]
    source = lines_file(tmp_path, rows)
    with pytest.raises(ParameterError, match="2 questions"):
        read_annotations(source)
    assert labels_of(read_annotations(source, question="y")) == {(1, "a"): "reject"}


def test_reject_in_a_choice_task_is_no_label(tmp_path: Path):
    rows = [_choice(1, "d-a", "a"), _choice(1, "d-b", "b", answer="reject")]
    found = read_annotations(lines_file(tmp_path, rows))
    assert labels_of(found) == {(1, "a"): "a"}
    assert "rejected" in notes_of(found)


def test_the_length_of_answers_tells_that_several_may_be_chosen(tmp_path: Path):
    rows = [_choice(1, "d-a", "a", "b"), _choice(1, "d-b", "b"), _choice(2, "d-b")]
    found = labels_of(read_annotations(lines_file(tmp_path, rows), kind="sets"))
    assert found == {(1, "a"): frozenset("ab"), (1, "b"): frozenset("b"), (2, "b"): frozenset()}


def test_a_single_choice_of_nothing_is_set_aside(tmp_path: Path):
    found = read_annotations(lines_file(tmp_path, [_choice(1, "d-a", "a"), _choice(1, "d-b")]))
    assert "set aside 1: accepted without a choice" in notes_of(found)


def test_rows_of_the_review_recipe_are_gold_and_no_annotator(tmp_path: Path):
    review = _choice(1, "d-boss", "b", _view_id="review", sessions=["d-a"], versions=[{}])
    found = read_annotations(lines_file(tmp_path, [_choice(1, "d-a", "a"), _choice(1, "d-c", "a"), review]))
    assert list(found.annotators) == ["a", "c"]
    assert found.item_data["gold"].tolist() == ["b"]


def test_marked_spans_are_spans():
    found = labels_of(read_annotations(SAMPLES / "prodigy_ner.jsonl", kind="spans"))
    assert found[77, "ben"] == ((0, 4, "ORG"), (11, 14, "PERSON"))


@pytest.mark.parametrize("odd", [{"answer": 3}, {"accept": [[1]]}, {"spans": [3]}, {"_session_id": {}}, {"meta": 3},
                                 {"_input_hash": []}, {"config": []}, {"label": {}, "accept": None}])  # fmt: skip
def test_odd_values_give_labels_or_one_clear_error(odd: dict[str, object], tmp_path: Path):
    try:
        read_annotations(lines_file(tmp_path, [_choice(1, "d-a", "a"), _choice(2, "d-b", "b") | odd]))
    except LabelqaError as error:
        assert str(error)  # noqa: PT017  # either is right


def test_only_ignored_answers_say_so(tmp_path: Path):
    with pytest.raises(FileFormatError, match="1 ignored"):
        read_annotations(lines_file(tmp_path, [_choice(1, "d-a", answer="ignore")]))


def test_a_session_alone_is_read_without_its_data_set_and_a_note_says_that_it_was_guessed(tmp_path: Path):
    found = read_annotations(lines_file(tmp_path, [_choice(1, "news-anna", "a"), _choice(2, "news-anna", "b")]))
    assert list(found.annotators) == ["anna"]
    assert "'news-anna' is the only session, so what is the data set was guessed" in notes_of(found)


def test_a_data_set_that_the_records_name_is_not_guessed(tmp_path: Path):
    found = read_annotations(lines_file(tmp_path, [_choice(1, "my-news-anna-lee", "a", dataset="my-news")]))
    assert list(found.annotators) == ["anna-lee"]
    assert "guessed" not in notes_of(found)


def test_an_annotator_id_alone_stays_as_it_is(tmp_path: Path):
    found = read_annotations(lines_file(tmp_path, [_choice(1, "news-x", "a", _annotator_id="anna-lee")]))
    assert list(found.annotators) == ["anna-lee"]


@pytest.mark.parametrize("name", ["anna", "2026-01-01_10-00-00", "-anna", "news-"])
def test_a_session_alone_without_a_data_set_stays_as_it_is(name: str, tmp_path: Path):
    assert list(read_annotations(lines_file(tmp_path, [_choice(1, name, "a")])).annotators) == [name]


def test_the_sessions_of_several_files_are_compared_before_anything_is_guessed(tmp_path: Path):
    for who in ("anna-lee", "ben-lee"):
        lines_file(tmp_path / "in", [_choice(1, f"news-{who}", "a")], f"{who}.jsonl")
    found = read_annotations(tmp_path / "in")
    assert list(found.annotators) == ["anna-lee", "ben-lee"]
    assert "guessed" not in notes_of(found)


def test_a_file_of_one_person_has_the_data_set_that_another_file_tells(tmp_path: Path):
    lines_file(tmp_path / "in", [_choice(1, "d-a", "a"), _choice(1, "d-b", "a")], "1.jsonl")
    lines_file(tmp_path / "in", [_choice(2, "d-c-x", "a")], "2.jsonl")
    assert list(read_annotations(tmp_path / "in").annotators) == ["a", "b", "c-x"]
