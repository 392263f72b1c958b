"""Label Studio: JSON, JSON_MIN, CSV and TSV say the same; skipped, gold and predictions are no labels of people."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from labelqa.annotations.table import Annotations
from labelqa.errors import ColumnError, FileFormatError, LabelqaError, ParameterError
from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import SAMPLE_LABELS, SAMPLES, json_file, labels_of, notes_of, text_file

FLAT = ["label_studio_json_min.json", "label_studio.csv", "label_studio.tsv"]


def _result(value: object, name: str = "defect", form: str = "choices", **more: object) -> dict[str, object]:
    return {"id": "r", "from_name": name, "to_name": "text", "type": form, "value": value} | more


def _choice(*names: str, question: str = "defect") -> dict[str, object]:
    return _result({"choices": list(names)}, question)


def _by(who: object, *results: object, **more: object) -> dict[str, object]:
    return {"id": 1, "completed_by": who, "result": list(results), "was_cancelled": False} | more


def _task(number: int, *annotations: object, **more: object) -> dict[str, object]:
    return {"id": number, "data": {"text": f"text {number}"}, "annotations": list(annotations)} | more


def _min(number: int, who: object, **cells: object) -> dict[str, object]:
    base = {"id": number, "annotator": who, "annotation_id": 1, "created_at": "2026-01-01T10:00:00Z", "lead_time": 2.5}
    return base | {"text": f"text {number}"} | cells


def _csv(folder: Path, records: list[dict[str, Any]]) -> Path:
    path = folder / "export.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, sorted({k for r in records for k in r}), quoting=csv.QUOTE_NONNUMERIC)
        writer.writeheader()
        writer.writerows(records)
    return path


def _written(folder: Path, form: str, records: list[dict[str, Any]]) -> Path:
    """Write flat records as Label Studio does: nested answers are JSON text in CSV."""
    if form == "json":
        return json_file(folder, records)
    return _csv(
        folder, [{k: json.dumps(v) if isinstance(v, dict | list) else v for k, v in r.items()} for r in records]
    )


def _frame(found: Annotations) -> pd.DataFrame:
    frame = found.to_frame().sort_values(["item", "annotator"]).reset_index(drop=True)
    return frame[sorted(frame.columns)]


def test_the_sample_holds_the_labels_of_all_samples():
    found = labels_of(read_annotations(SAMPLES / "label_studio.json"))
    assert found == {(item, f"{who}@example.com"): label for (item, who), label in SAMPLE_LABELS.items()}


@pytest.mark.parametrize("name", FLAT)
def test_all_exports_give_the_same_table_with_times_durations_and_payload(name: str):
    expected = _frame(read_annotations(SAMPLES / "label_studio.json"))
    pd.testing.assert_frame_equal(_frame(read_annotations(SAMPLES / name)), expected)
    assert {"timestamp", "duration", "image", "line"} <= set(expected.columns)
    assert expected["timestamp"][0] == pd.Timestamp("2026-01-01T10:00:01")  # created, not the later edit
    assert expected["duration"][0] == 6.0


@pytest.mark.parametrize("name", ["label_studio.json", *FLAT])
def test_the_ending_of_the_file_does_not_matter(name: str, tmp_path: Path):
    renamed = shutil.copy(SAMPLES / name, tmp_path / "export.dat")
    assert "(label_studio" in notes_of(read_annotations(renamed))


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("ana@example.com", "ana@example.com"),
        (7, 7),
        ({"id": 7, "email": "ana@example.com"}, "ana@example.com"),
        ({"id": 7, "email": ""}, 7),
        ({"first_name": "Ana", "last_name": "B"}, "Ana B"),
    ],
)
def test_the_annotator_is_an_address_an_id_or_an_object_with_one(who: object, name: object, tmp_path: Path):
    source = json_file(tmp_path, [_task(1, _by(who, _choice("dent")))])
    assert labels_of(read_annotations(source)) == {(1, name): "dent"}


def test_an_annotator_that_is_a_list_is_refused_with_its_place(tmp_path: Path):
    source = json_file(tmp_path, [_task(1, _by([1], _choice("dent")))])
    with pytest.raises(FileFormatError, match="completed_by"):
        read_annotations(source)


@pytest.mark.parametrize("flag", ["was_cancelled", "skipped"])
def test_skipped_and_cancelled_answers_are_set_aside(flag: str, tmp_path: Path):
    source = json_file(tmp_path, [_task(1, _by(1, _choice("dent")), _by(2, _choice("scratch"), **{flag: True}))])
    found = read_annotations(source)
    assert labels_of(found) == {(1, 1): "dent"}
    assert "set aside 1: skipped or cancelled" in notes_of(found)


def test_ground_truth_is_kept_apart_as_gold_and_is_no_annotator(tmp_path: Path):
    source = json_file(tmp_path, [_task(1, _by(1, _choice("dent")), _by(9, _choice("scratch"), ground_truth=True))])
    found = read_annotations(source)
    assert list(found.annotators) == [1]
    assert found.item_data["gold"].tolist() == ["scratch"]
    assert "ground truth" in notes_of(found)


def test_predictions_and_drafts_are_counted_and_no_annotators(tmp_path: Path):
    guess = {"result": [_choice("scratch")], "model_version": "m"}
    source = json_file(tmp_path, [_task(1, _by(1, _choice("dent")), predictions=[guess, guess], drafts=[guess])])
    found = read_annotations(source)
    assert list(found.annotators) == [1]
    assert "2 predictions" in notes_of(found)
    assert "1 drafts" in notes_of(found)


def test_annotations_were_once_called_completions(tmp_path: Path):
    source = json_file(tmp_path, [{"id": 4, "data": {"text": "t"}, "completions": [_by(1, _choice("dent"))]}])
    assert labels_of(read_annotations(source)) == {(4, 1): "dent"}


def test_several_controls_are_several_questions_and_the_error_lists_them(tmp_path: Path):
    source = json_file(tmp_path, [_task(1, _by(1, _choice("dent"), _choice("high", question="urgency")))])
    with pytest.raises(ParameterError, match="2 questions") as error:
        read_annotations(source)
    assert "defect" in str(error.value)
    assert "urgency" in str(error.value)
    assert labels_of(read_annotations(source, question="urgency")) == {(1, 1): "high"}


def test_each_question_has_its_own_kind(tmp_path: Path):
    span = _result({"start": 0, "end": 4, "text": "text", "labels": ["NOUN"]}, "words", "labels")
    tasks = [_task(1, _by(1, _choice("dent"), span), _by(2, _choice("dent")))]
    source = json_file(tmp_path, tasks)
    assert labels_of(read_annotations(source, question="defect"))[1, 1] == "dent"
    found = labels_of(read_annotations(source, question="words", kind="spans"))
    assert found == {(1, 1): ((0, 4, "NOUN"),), (1, 2): ()}


def test_an_answer_with_several_choices_makes_the_question_one_of_sets(tmp_path: Path):
    source = json_file(tmp_path, [_task(1, _by(1, _choice("dent", "scratch")), _by(2, _choice("dent")), _by(3))])
    expected = {(1, 1): frozenset({"dent", "scratch"}), (1, 2): frozenset({"dent"}), (1, 3): frozenset()}
    assert labels_of(read_annotations(source, kind="sets")) == expected


def test_a_class_submitted_without_an_answer_is_set_aside(tmp_path: Path):
    found = read_annotations(json_file(tmp_path, [_task(1, _by(1, _choice("dent")), _by(2))]))
    assert "set aside 1: submitted without an answer" in notes_of(found)


@pytest.mark.parametrize(
    ("value", "form", "label"),
    [
        ({"rating": 4}, "rating", 4),
        ({"number": 2}, "number", 2),
        ({"text": ["a phone"]}, "textarea", "a phone"),
        ({"taxonomy": [["Eukarya", "Human"]]}, "taxonomy", "Eukarya / Human"),
        ({"selected": "left"}, "pairwise", "left"),
    ],
)
def test_ratings_numbers_texts_and_paths_are_classes(value: object, form: str, label: object, tmp_path: Path):
    source = json_file(tmp_path, [_task(1, _by(1, _result(value, form=form)))])
    assert labels_of(read_annotations(source)) == {(1, 1): label}


def test_spans_are_read_as_spans_or_as_tokens_of_their_text(tmp_path: Path):
    span = _result({"start": 0, "end": 4, "text": "text", "labels": ["NOUN"]}, form="labels")
    source = json_file(tmp_path, [_task(1, _by(1, span), _by(2))])
    assert labels_of(read_annotations(source, kind="spans")) == {(1, 1): ((0, 4, "NOUN"),), (1, 2): ()}
    assert labels_of(read_annotations(source))["1:0-4", 1] == "NOUN"
    assert labels_of(read_annotations(source))["1:5-6", 2] == "O"


def test_the_labeled_text_is_found_by_the_marked_words(tmp_path: Path):
    span = _result({"start": 0, "end": 4, "text": "body", "labels": ["X"]}, form="labels") | {"to_name": "t"}
    task = {"id": 1, "data": {"title": "head line", "body": "body line"}, "annotations": [_by(1, span)]}
    assert labels_of(read_annotations(json_file(tmp_path, [task])))["1:0-4", 1] == "X"


def test_classes_of_a_region_mark_that_region(tmp_path: Path):
    source = json_file(tmp_path, [_task(1, _by(1, _result({"start": 0, "end": 4, "choices": ["odd"]})))])
    assert labels_of(read_annotations(source, kind="spans")) == {(1, 1): ((0, 4, "odd"),)}


@pytest.mark.parametrize(("size", "box"), [((200, 400), (20, 80, 40, 200)), ((None, None), (10, 20, 20, 50))])
def test_boxes_are_in_pixels_where_the_picture_size_is_known(size: Any, box: Any, tmp_path: Path):
    value = {"x": 10, "y": 20, "width": 10, "height": 30, "rotation": 0, "rectanglelabels": ["dent"]}
    more = {"original_width": size[0], "original_height": size[1]}
    source = json_file(tmp_path, [_task(1, _by(1, _result(value, form="rectanglelabels", **more)))])
    assert labels_of(read_annotations(source, kind="boxes")) == {(1, 1): ((*box, "dent"),)}


def test_shapes_that_are_not_read_are_counted(tmp_path: Path):
    shape = _result({"points": [[0, 1]], "polygonlabels": ["dent"]}, "shape", "polygonlabels")
    found = read_annotations(json_file(tmp_path, [_task(1, _by(1, _choice("dent"), shape))]))
    assert "1 results of type 'polygonlabels'" in notes_of(found)


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_data_field_called_like_the_control_comes_back_under_its_name(form: str, tmp_path: Path):
    cells = [_min(1, 1, _data_text="the phone", text="dent"), _min(1, 2, _data_text="the phone", text="dent")]
    found = read_annotations(_written(tmp_path, form, cells))
    assert labels_of(found) == {(1, 1): "dent", (1, 2): "dent"}
    assert found.item_data["text"].tolist() == ["the phone"]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_several_choices_are_json_in_flat_exports(form: str, tmp_path: Path):
    cells = [_min(1, 1, tags={"choices": ["a", "b"]}), _min(1, 2, tags="a")]
    found = read_annotations(_written(tmp_path, form, cells), kind="sets")
    assert labels_of(found) == {(1, 1): frozenset("ab"), (1, 2): frozenset("a")}


@pytest.mark.parametrize("form", ["json", "csv"])
def test_columns_in_which_annotators_differ_are_questions_and_others_are_data(form: str, tmp_path: Path):
    cells = [_min(1, 1, a="x", b="p", lang="en"), _min(1, 2, a="y", b="q", lang="en")]
    source = _written(tmp_path, form, cells)
    with pytest.raises(ParameterError, match="2 questions"):
        read_annotations(source)
    found = read_annotations(source, question="b")
    assert labels_of(found) == {(1, 1): "p", (1, 2): "q"}
    assert found.item_data["lang"].tolist() == ["en"]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_where_annotators_never_differ_the_column_has_to_be_named(form: str, tmp_path: Path):
    source = _written(tmp_path, form, [_min(1, 1, a="x"), _min(1, 2, a="x")])
    with pytest.raises(ColumnError, match="cannot be told"):
        read_annotations(source)
    expected = {(1, 1): "x", (1, 2): "x"}
    assert labels_of(read_annotations(source, question="a")) == expected
    assert labels_of(read_annotations(source, label="a")) == expected
    with pytest.raises(ColumnError, match="no column 'z'"):
        read_annotations(source, question="z")


@pytest.mark.parametrize("form", ["json", "csv"])
def test_flat_spans_are_spans_of_the_text(form: str, tmp_path: Path):
    marked = [{"start": 0, "end": 4, "text": "text", "labels": ["NOUN"]}]
    source = _written(tmp_path, form, [_min(1, 1, words=marked), _min(1, 2)])
    assert labels_of(read_annotations(source, kind="spans")) == {(1, 1): ((0, 4, "NOUN"),), (1, 2): ()}
    assert labels_of(read_annotations(source))["1:0-4", 1] == "NOUN"


@pytest.mark.parametrize("form", ["json", "csv"])
def test_flat_ratings_are_numbers(form: str, tmp_path: Path):
    source = _written(tmp_path, form, [_min(1, 1, stars=[{"rating": 4}]), _min(1, 2, stars=[{"rating": 4}])])
    assert labels_of(read_annotations(source)) == {(1, 1): 4, (1, 2): 4}


def test_lists_in_the_data_of_tasks_are_no_answers(tmp_path: Path):
    said = [{"text": "hello", "author": "A"}]
    found = read_annotations(json_file(tmp_path, [_min(1, 1, a="x", talk=said), _min(1, 2, a="y", talk=said)]))
    assert labels_of(found) == {(1, 1): "x", (1, 2): "y"}
    assert "talk" in found.item_data


def test_words_for_nothing_are_classes(tmp_path: Path):
    source = _csv(tmp_path, [_min(1, 1, a="NA"), _min(1, 2, a="None"), _min(2, 1, a="null"), _min(2, 2, a="NA")])
    assert set(labels_of(read_annotations(source)).values()) == {"NA", "None", "null"}


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [[]], {"choices": {}}, {"choices": [None]}, {"choices": [[1]]},
                                   {"start": "a", "end": {}, "labels": ["x"]}, {"start": 3, "end": 1, "labels": ["x"]},
                                   {"x": "a", "y": 1, "width": 1, "height": [], "rectanglelabels": ["x"]},
                                   {"rating": {}}, {"text": [{}]}, {"taxonomy": [[{}]]}])  # fmt: skip
def test_values_of_any_shape_give_labels_or_one_clear_error(value: object, tmp_path: Path):
    odd = _by(1, _result(value), created_at={}, lead_time=[])
    for records in ([_task(1, odd, _by(2, _choice("a")))], [_min(1, 1, a=value), _min(1, 2, a="b", lead_time={})]):
        try:
            read_annotations(json_file(tmp_path, records))
        except LabelqaError as error:
            assert str(error)  # noqa: PT017  # either is right


@pytest.mark.parametrize("task", [{"id": 1, "data": {}, "annotations": 3}, {"id": 1, "data": [], "annotations": []}, 7])
def test_a_damaged_record_is_named(task: object, tmp_path: Path):
    records = [_task(i, _by(1, _choice("dent"))) for i in range(30)]
    with pytest.raises(FileFormatError, match="31"):
        read_annotations(json_file(tmp_path, [*records, task]))


def test_tasks_that_nobody_has_labeled_say_so(tmp_path: Path):
    with pytest.raises(FileFormatError, match="not one answer"):
        read_annotations(json_file(tmp_path, [_task(1)]))


def test_a_blank_row_of_a_csv_stays_in_the_log(tmp_path: Path):
    text = (SAMPLES / "label_studio.csv").read_text(encoding="utf-8").splitlines()
    source = text_file(tmp_path / "a.csv", "\n".join([*text[:3], ",,,,,,,,,", *text[3:], ""]))
    found = read_annotations(source)
    assert len(found) == 8
    assert "blank row" in notes_of(found)
