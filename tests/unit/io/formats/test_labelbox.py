"""Labelbox export v2: several people, questions, marks and projects on each data row."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import labelqa
from labelqa.errors import FileFormatError, LabelError, ParameterError
from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import SAMPLE_LABELS, SAMPLES, labels_of, lines_file, notes_of

BOX = {"name": "dent", "annotation_kind": "ImageBoundingBox",
       "bounding_box": {"top": 20, "left": 10, "height": 40, "width": 30}}  # fmt: skip


def _radio(name: str, question: str = "defect", **more: object) -> dict[str, object]:
    return {"name": question, "radio_answer": {"name": name, "value": name} | more}


def _label(who: str, *classifications: object, objects: tuple[object, ...] = (), kind: str = "Default", **more: object):
    details = {"created_by": who, "created_at": "2026-01-01T10:00:00.000+00:00", "reviews": more.get("reviews", [])}
    performance = {"seconds_to_create": 9, "skipped": more.get("skipped", False)}
    annotations = {"objects": list(objects), "classifications": list(classifications), "relationships": []}
    return {
        "label_kind": kind,
        "label_details": details,
        "performance_details": performance,
        "annotations": annotations,
    }


def _row(*labels: object, project: str = "p1", **data_row: object) -> dict[str, object]:
    return {"data_row": {"id": "row-1"} | data_row, "projects": {project: {"name": project, "labels": list(labels)}}}


@pytest.mark.parametrize("name", ["export.ndjson", "export.dat"])
def test_the_sample_reads_as_it_was_labeled(name: str, tmp_path: Path):
    found = read_annotations(shutil.copy(SAMPLES / "labelbox_export_v2.ndjson", tmp_path / name))
    assert labels_of(found) == {(f"{i}.jpg", f"{who}@example.com"): label for (i, who), label in SAMPLE_LABELS.items()}
    assert found.timestamp[0] == np.datetime64("2026-01-01T10:00:00")
    assert found.duration.tolist() == [9.0] * 8
    assert found.item_data["row_data"].iloc[0] == "https://example.com/phone-001.jpg"


@pytest.mark.parametrize(
    ("names", "item"),
    [({"external_id": "e", "global_key": "g"}, "e"), ({"external_id": None, "global_key": "g"}, "g"), ({}, "row-1")],
)
def test_items_have_the_name_that_their_owner_gave(names: dict[str, object], item: str, tmp_path: Path):
    found = read_annotations(lines_file(tmp_path, [_row(_label("ana", _radio("x")), **names)]))
    assert list(found.items) == [item]


def test_skipped_rows_are_set_aside(tmp_path: Path):
    found = read_annotations(lines_file(tmp_path, [_row(_label("ana", _radio("x")), _label("ben", skipped=True))]))
    assert labels_of(found) == {("row-1", "ana"): "x"}
    assert [(s.reason, s.count, s.rows) for s in found.read_log.set_aside] == [("skipped", 1, (1,))]


def test_a_checklist_is_a_set(tmp_path: Path):
    both = {"name": "seen", "checklist_answers": [{"name": "a"}, {"name": "b"}]}
    none = {"name": "seen", "checklist_answers": []}
    source = lines_file(tmp_path, [_row(_label("ana", both), _label("ben", none))])
    found = read_annotations(source, kind="sets")
    assert labels_of(found) == {("row-1", "ana"): frozenset("ab"), ("row-1", "ben"): frozenset()}
    with pytest.raises(LabelError, match="several classes"):
        read_annotations(source)


def test_boxes_have_corners_and_none_is_an_answer_where_there_are_boxes(tmp_path: Path):
    polygon = {"name": "dent", "polygon": [{"x": 1, "y": 2}]}
    source = lines_file(tmp_path, [_row(_label("ana", objects=(BOX, polygon)), _label("ben"))])
    found = read_annotations(source, kind="boxes")
    assert labels_of(found) == {("row-1", "ana"): ((10.0, 20.0, 40.0, 60.0, "dent"),), ("row-1", "ben"): ()}
    assert labelqa.box_agreement(found).estimate == 0
    assert "1 objects that are no boxes or spans" in notes_of(found)
    assert labels_of(read_annotations(source)) == {("row-1", "ana"): "dent"}


@pytest.mark.parametrize(
    ("place", "end"),
    [
        ({"start": 0, "end": 2}, 2),
        ({"start": 0, "end": 2, "token": "EU"}, 2),
        ({"start": 0, "end": 1, "token": "EU"}, 2),
    ],
)
def test_spans_end_where_their_words_say(place: dict[str, object], end: int, tmp_path: Path):
    row = _row(_label("ana", objects=({"name": "ORG", "location": place},)), row_data="EU rejects")
    source = lines_file(tmp_path, [row])
    assert labels_of(read_annotations(source, kind="spans")) == {("row-1", "ana"): ((0, end, "ORG"),)}
    assert labels_of(read_annotations(source)) == {("row-1:0-2", "ana"): "ORG", ("row-1:3-10", "ana"): "O"}


def test_several_questions_are_listed_and_objects_are_one_of_them(tmp_path: Path):
    row = _row(_label("ana", _radio("x"), _radio("high", "severity"), objects=(BOX,)))
    source = lines_file(tmp_path, [row])
    with pytest.raises(ParameterError, match="defect, severity, objects"):
        read_annotations(source)
    assert labels_of(read_annotations(source, question="severity")) == {("row-1", "ana"): "high"}
    assert len(read_annotations(source, question="objects", kind="boxes")) == 1


def test_benchmarks_are_gold_and_models_are_nobody(tmp_path: Path):
    labels = [
        _label("ana", _radio("x"), reviews=[{"score": 1}]),
        _label("boss", _radio("y"), kind="Benchmark"),
        _label("net", _radio("z"), kind="Model prediction"),
    ]
    found = read_annotations(lines_file(tmp_path, [_row(*labels)]))
    assert labels_of(found) == {("row-1", "ana"): "x"}
    assert found.item_data["gold"].tolist() == ["y"]
    for told in ("1 benchmark labels were kept apart", "1 labels of models", "1 labels were reviewed"):
        assert told in notes_of(found)


def test_several_projects_are_rounds(tmp_path: Path):
    row = _row(_label("ana", _radio("x")))
    row["projects"]["p2"] = {"name": "again", "labels": [_label("ana", _radio("y"))]}
    found = read_annotations(lines_file(tmp_path, [row]))
    assert found.to_frame()[["round", "label"]].to_numpy().tolist() == [["p1", "x"], ["again", "y"]]


def test_questions_within_an_answer_are_noted(tmp_path: Path):
    nested = _radio("x", classifications=[_radio("deep", "how deep")])
    assert "1 questions within an answer" in notes_of(
        read_annotations(lines_file(tmp_path, [_row(_label("a", nested))]))
    )


@pytest.mark.parametrize(
    "label",
    [
        _label("ana", _radio("x")) | {"annotations": 5},
        _label("ana", {"name": "q", "radio_answer": {"name": ["x"]}}),
        _label("ana", objects=({"name": "d", "bounding_box": {"top": "a"}},)),
        _label("ana", objects=(5,)),
    ],
)
def test_damaged_labels_are_named_with_their_line(label: object, tmp_path: Path):
    with pytest.raises(FileFormatError, match="row 2"):
        read_annotations(lines_file(tmp_path, [_row(_label("ana", _radio("x"))), _row(label)]))
