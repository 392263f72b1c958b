"""What a look at the file finds: each defect is planted, and found with its count, place and next step."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import labelqa as lq
from labelqa.errors import ParameterError

COLUMNS = ["item", "annotator", "label", "timestamp", "duration", "text"]


def clean(n: int = 30) -> list[list[object]]:
    return [
        [
            f"t{i}",
            who,
            ("politics", "sport")[i % 2],
            f"2026-01-0{1 + i % 9}T10:00:0{k}",
            5.0 + i,
            f"text {i} on {i * 7}",
        ]
        for i in range(n)
        for k, who in enumerate(("ann", "ben"))
    ]


def read(tmp_path, rows):
    path = tmp_path / "labels.csv"
    pd.DataFrame(rows, columns=COLUMNS).to_csv(path, index=False)
    return lq.read_annotations(path)


def found(annotations, code, **asked):
    frame = lq.validate_annotations(annotations, **asked).to_frame()
    return frame[frame["code"] == code]


def test_clean_labels_raise_no_warning(tmp_path):
    checked = lq.validate_annotations(read(tmp_path, clean()))
    assert checked.ok
    assert not checked.warnings


def test_an_unexpected_class_is_an_error_with_its_row_and_the_near_class(tmp_path):
    rows = clean()
    rows[7][2] = "sprot"
    (one,) = found(read(tmp_path, rows), "unexpected_class", expect={"classes": ["politics", "sport"]}).to_dict(
        "records"
    )
    assert one["severity"] == "error"
    assert one["count"] == 1
    assert "did you mean 'sport'?" in one["what"]
    assert one["where"].startswith("labels.csv row 9, item t3, annotator ben")
    assert one["next_step"]


@pytest.mark.parametrize("other", ["Sport", "sport ", "SPORT"])
def test_class_names_that_differ_in_case_or_spaces_are_a_warning(tmp_path, other):
    rows = clean()
    rows[3][2] = other
    assert found(read(tmp_path, rows), "similar_classes")["severity"].tolist() == ["warning"]


@pytest.mark.parametrize(
    "pair", [("dent", "bent"), ("positive", "negative"), ("negative", "non-negative"), ("A1", "A2")]
)
def test_classes_that_are_words_of_their_own_raise_no_alarm(tmp_path, pair):
    rows = clean()
    for row in rows:
        row[2] = pair[row[2] == "sport"]
    checked = lq.validate_annotations(read(tmp_path, rows))
    assert not {"similar_classes", "class_slip"} & {f.code for f in checked.findings}


def test_one_person_under_two_names_is_a_warning_and_numbered_names_are_not(tmp_path):
    rows = clean()
    for row in rows[::4]:
        row[1] = "Ann "
    assert "similar" in " ".join(found(read(tmp_path, rows), "similar_annotators")["code"])
    for row in rows:
        row[1] = "rater1" if row[1] == "ben" else "rater2"
    assert found(read(tmp_path, rows), "similar_annotators").empty


def test_an_empty_text_that_was_labeled_is_found(tmp_path):
    rows = clean()
    rows[4][5] = rows[5][5] = ""
    (one,) = found(read(tmp_path, rows), "empty_payload").to_dict("records")
    assert one["what"] == "1 item has an empty 'text', and was labeled nevertheless."
    assert "item t2" in one["where"]


def test_a_negative_duration_cannot_be(tmp_path):
    rows = clean()
    rows[3][4] = -3
    (one,) = found(read(tmp_path, rows), "negative_duration").to_dict("records")
    assert one["severity"] == "error"
    assert one["where"] == "labels.csv row 5, item t1, annotator ben"


def test_items_of_one_annotator_are_told(tmp_path):
    rows = clean()
    del rows[0]
    assert found(read(tmp_path, rows), "no_overlap")["count"].tolist() == [1]


def test_the_same_text_under_two_names_is_found(tmp_path):
    rows = clean()
    rows[2][5] = rows[3][5] = rows[0][5]
    assert found(read(tmp_path, rows), "repeated_item")["severity"].tolist() == ["warning"]


def test_expectations_come_from_a_file_and_wrong_ones_are_named(tmp_path):
    path = tmp_path / "expect.json"
    path.write_text(json.dumps({"classes": ["politics"]}))
    labels = read(tmp_path, clean())
    assert not lq.validate_annotations(labels, expect=str(path)).ok
    with pytest.raises(ParameterError, match="colour"):
        lq.validate_annotations(labels, expect={"colour": 3})


def test_results_are_json_safe(tmp_path):
    checked = lq.validate_annotations(read(tmp_path, clean()), expect={"classes": ["politics"]})
    assert json.loads(json.dumps(checked.to_dict()))["schema_version"] == 1


def test_rows_keep_their_place_when_labels_are_taken_and_lose_it_when_joined(tmp_path):
    labels = read(tmp_path, clean())
    assert labels.where(annotator="ben").origin.place(0) == ("labels.csv", 3)
    other = lq.Annotations.from_frame(pd.DataFrame([["x", "ann", "sport"]], columns=COLUMNS[:3]),
                                      item="item", annotator="annotator", label="label")  # fmt: skip
    assert lq.Annotations.concat([labels.where(annotator="ben"), other]).origin is None


def test_one_text_for_all_items_is_shown_once_and_counted_whole(tmp_path):
    rows = clean()
    for row in rows:
        row[5] = "the same text for all of them"
    checked = lq.validate_annotations(read(tmp_path, rows))
    (one,) = [f for f in checked.findings if f.code == "same_payload"]
    assert one.count == 30
    assert [e.value for e in one.examples] == ["the same text for all of them"]
