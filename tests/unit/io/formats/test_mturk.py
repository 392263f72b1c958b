"""Batch results of Amazon Mechanical Turk: each trap of them."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

import labelqa as lq
from labelqa.errors import FileFormatError, LabelError, ParameterError

SAMPLE = Path(__file__).parents[3] / "data/formats/mturk_batch_results.csv"
TIME = "Thu Jul 02 03:04:05 PDT 2026"


def batch(tmp_path, answers, *, hits=None, **columns):
    """Write a batch: one row for each mapping in `answers`, two workers a HIT."""
    rows = []
    for at, answer in enumerate(answers):
        hit = hits[at] if hits else f"H{at // 2}"
        row = {"HITId": hit, "Title": "t", "WorkerId": f"W{at % 2}", "AssignmentStatus": "Submitted"}
        row |= {"SubmitTime": TIME, "WorkTimeInSeconds": str(at), "Input.text": f"text {hit}"}
        rows.append(row | {name: cells[at] for name, cells in columns.items()} | answer)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(dict.fromkeys(n for r in rows for n in r)), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    path = tmp_path / "batch.dat"
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def labels(annotations):
    return annotations.to_frame().sort_values(["item", "annotator"])["label"].tolist()


def test_the_sample_gives_its_table_less_the_rejected_rows():
    found = lq.read_annotations(SAMPLE)
    aside = found.read_log.set_aside
    assert [(s.reason, s.rows) for s in aside] == [("rejected by the requester (AssignmentStatus)", (2, 6, 10))]
    rows = found.to_frame()
    assert list(zip(rows["item"], rows["annotator"], rows["label"], strict=True)) == [
        ("3HIT001", "ABEN", "scratch"), ("3HIT001", "ACEM", "scratch"), ("3HIT002", "AANA", "scratch"),
        ("3HIT002", "ACEM", "dent"), ("3HIT003", "AANA", "no-defect"), ("3HIT003", "ABEN", "scratch"),
        ("3HIT004", "ABEN", "dent"), ("3HIT004", "ACEM", "dent"),
    ]  # fmt: skip
    assert found.item_data["image_url"].tolist()[0] == "https://example.com/phone-001.jpg"
    assert found.duration.tolist()[0] == 11
    assert str(found.timestamp[0]).startswith("2026-01-01T10:00:00")  # 02:00 PST


def test_summer_time_abbreviations_are_read(tmp_path):
    found = lq.read_annotations(batch(tmp_path, [{"Answer.q.label": "a"}] * 2))
    assert str(found.timestamp[0]).startswith("2026-07-02T10:04:05")


def test_rows_with_a_filled_reject_column_are_set_aside(tmp_path):
    path = batch(tmp_path, [{"Answer.q.label": c} for c in "abab"], Reject=["", "copied", "", ""])
    found = lq.read_annotations(path)
    assert [(s.reason, s.rows) for s in found.read_log.set_aside] == [("rejected by the requester (Reject)", (3,))]


def test_several_answer_columns_are_several_questions_and_listed(tmp_path):
    path = batch(tmp_path, [{"Answer.tone.label": "good", "Answer.topic": "news", "Answer.comment": "hm"}] * 4)
    with pytest.raises(ParameterError, match=r"2 questions.*tone, topic"):
        lq.read_annotations(path)
    assert labels(lq.read_annotations(path, question="topic")) == ["news"] * 4


@pytest.mark.parametrize("name", ["Answer.{}.true", "Answer.category.{}", "Answer.{}.on", "Answer.{}"])
def test_boolean_answers_are_one_class(tmp_path, name):
    rows = [{name.format(c): str(c == true).lower() for c in ("scratch", "dent")} for true in
            ("scratch", "dent", "dent", "dent")]  # fmt: skip
    assert labels(lq.read_annotations(batch(tmp_path, rows))) == ["scratch", "dent", "dent", "dent"]


def test_no_box_ticked_is_a_missing_label_with_its_reason(tmp_path):
    rows = [{"Answer.q.a": a, "Answer.q.b": b} for a, b in [("true", "false"), ("false", "false"), ("TRUE", "FALSE")]]
    found = lq.read_annotations(batch(tmp_path, rows))
    assert [(s.reason, s.rows) for s in found.read_log.set_aside] == [("no class was marked", (3,))]
    assert labels(found) == ["a", "a"]


def test_several_boxes_ticked_are_sets(tmp_path):
    rows = [{"Answer.q.a": a, "Answer.q.b": b} for a, b in [("true", "true"), ("true", "false")]]
    path = batch(tmp_path, rows)
    with pytest.raises(LabelError, match="several classes"):
        lq.read_annotations(path)
    assert len(lq.read_annotations(path, kind="sets").values) == 2


def test_one_box_alone_is_a_question_with_true_and_false(tmp_path):
    rows = [{"Answer.spam.on": v} for v in ("true", "false", "true", "true")]
    assert labels(lq.read_annotations(batch(tmp_path, rows))) == ["true", "false", "true", "true"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda c: [{"category": {"label": c}}],
        lambda c: [{"category": {k: k == c for k in ("v1.0", "b")}}],
        lambda c: {"category": c},
    ],
)
def test_answers_as_json_are_read(tmp_path, answer):
    rows = [{"Answer.taskAnswers": json.dumps(answer(c))} for c in ("v1.0", "b", "b", "b")]
    assert labels(lq.read_annotations(batch(tmp_path, rows))) == ["v1.0", "b", "b", "b"]


def test_damaged_json_is_one_error_with_its_row(tmp_path):
    path = batch(tmp_path, [{"Answer.taskAnswers": c} for c in ('[{"q": "a"}]', '[{"q": ')])
    with pytest.raises(FileFormatError, match=r"row 3: Answer\.taskAnswers does not hold"):
        lq.read_annotations(path)
    deep = batch(tmp_path, [{"Answer.taskAnswers": '{"q":' * 5000 + "1" + "}" * 5000}])
    with pytest.raises((FileFormatError, LabelError)):
        lq.read_annotations(deep)


def test_boxes_in_json_are_named_as_not_read(tmp_path):
    answer = json.dumps([{"q": {"label": "a"}, "boxes": {"boundingBoxes": [{"left": 1}]}}])
    found = lq.read_annotations(batch(tmp_path, [{"Answer.taskAnswers": answer}] * 2))
    assert any("no class were not read: boxes" in n for n in found.read_log.notes)


def test_input_columns_lose_their_prefix_unless_that_would_clash(tmp_path):
    path = batch(tmp_path, [{"Answer.q.label": c, "Input.HITId": "7", "text": "joined"} for c in "abab"])
    found = lq.read_annotations(path)
    assert set(found.item_data.columns) == {"Input.text", "Input.HITId", "text"}


def test_the_users_own_item_id_names_the_items(tmp_path):
    path = batch(tmp_path, [{"Answer.q.label": "a", "Input.item_id": f"doc-{at // 2}"} for at in range(4)])
    assert sorted(lq.read_annotations(path).items) == ["doc-0", "doc-1"]


def test_a_batch_that_was_rejected_as_a_whole_says_so(tmp_path):
    path = batch(tmp_path, [{"Answer.q.label": "a"}] * 2, Reject=["x", "x"])
    with pytest.raises((FileFormatError, LabelError), match="rejected by the requester"):
        lq.read_annotations(path)


def test_a_frame_of_results_is_read_too():
    frame = pd.read_csv(SAMPLE)
    assert len(lq.read_annotations(frame)) == 8


def test_an_empty_object_is_no_answer(tmp_path):
    answers = [{"Answer.tone": "good"}, {"Answer.tone": "{}"}, {"Answer.tone": "bad"}, {"Answer.tone": " {} "}]
    found = lq.read_annotations(batch(tmp_path, answers))
    assert found.schema.names == ("bad", "good")
    assert len(found) == 2
    assert sum(s.count for s in found.read_log.set_aside) == 2


@pytest.mark.parametrize("empty", ["[{}]", "{}", "[]"])
def test_an_empty_answer_of_newer_templates_is_missing(tmp_path, empty):
    given = [json.dumps([{"tone": {"label": "good"}}]), empty, json.dumps([{"tone": {"label": "bad"}}]), empty]
    found = lq.read_annotations(batch(tmp_path, [{"Answer.taskAnswers": g} for g in given]))
    assert labels(found) == ["good", "bad"]


def test_null_and_none_are_classes(tmp_path):
    found = lq.read_annotations(batch(tmp_path, [{"Answer.tone": t} for t in ("null", "None", "null", "null")]))
    assert set(found.schema.names) == {"null", "None"}
