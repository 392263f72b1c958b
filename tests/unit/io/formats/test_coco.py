"""COCO: one file an annotator, or annotators named in the file as Label Studio does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import labelqa
from labelqa.errors import FileFormatError
from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import SAMPLES, json_file, labels_of, notes_of

SAMPLE = SAMPLES / "coco_label_studio_flavour.json"


def _coco(*annotations: dict[str, object], n_images: int = 2) -> dict[str, object]:
    return {
        "images": [{"id": i, "file_name": f"{i}.jpg", "width": 100, "height": 100} for i in range(1, n_images + 1)],
        "categories": [{"id": 1, "name": "scratch"}, {"id": 2, "name": "dent"}],
        "annotations": list(annotations),
    }


def _box(image: object = 1, category: object = 1, bbox: object = (10, 20, 30, 40), **more: object) -> dict[str, object]:
    return {"id": 1, "image_id": image, "category_id": category, "bbox": bbox, **more}


@pytest.mark.parametrize("name", ["export.json", "export.dat"])
def test_boxes_have_corners_and_an_empty_image_is_an_answer(name: str, tmp_path: Path):
    found = read_annotations(shutil.copy(SAMPLE, tmp_path / name), kind="boxes")
    box = (10.0, 10.0, 40.0, 30.0)
    assert labels_of(found) == {
        ("phone-001.jpg", "ana@example.com"): ((*box, "scratch"),),
        ("phone-002.jpg", "ana@example.com"): ((*box, "scratch"),),
        ("phone-003.jpg", "ana@example.com"): (),
        ("phone-004.jpg", "ana@example.com"): ((*box, "dent"),),
    }


def test_the_class_of_an_image_is_read_by_default():
    found = read_annotations(SAMPLE)
    assert labels_of(found) == {
        ("phone-001.jpg", "ana@example.com"): "scratch",
        ("phone-002.jpg", "ana@example.com"): "scratch",
        ("phone-004.jpg", "ana@example.com"): "dent",
    }
    assert found.read_log.n_set_aside == 1


@pytest.mark.parametrize("layout", ["{}.json", "{}/instances.json"])
def test_each_file_or_folder_is_one_annotator(layout: str, tmp_path: Path):
    json_file(tmp_path / "all", _coco(_box(), _box(image=2)), layout.format("ana"))
    json_file(tmp_path / "all", _coco(_box()), layout.format("ben"))
    found = read_annotations(tmp_path / "all", kind="boxes")
    assert labels_of(found)["2.jpg", "ben"] == ()
    assert labelqa.box_agreement(found).estimate == pytest.approx(2 / 3)


def test_where_a_file_names_several_annotators_only_marked_images_count(tmp_path: Path):
    source = json_file(tmp_path, _coco(_box(annotator="ana"), _box(annotator="ben"), _box(image=2, annotator="ben")))
    found = read_annotations(source, kind="boxes")
    assert set(labels_of(found)) == {("1.jpg", "ana"), ("1.jpg", "ben"), ("2.jpg", "ben")}
    assert "counts as not seen" in notes_of(found)


def test_what_has_no_box_or_no_area_is_counted(tmp_path: Path):
    annotations = (_box(), _box(bbox=[1, 1, 0, 5]), {"image_id": 2, "category_id": 1, "segmentation": [[1, 2]]})
    found = read_annotations(json_file(tmp_path, _coco(*annotations)), kind="boxes")
    assert labels_of(found)["2.jpg", "export"] == ()
    assert "1 boxes without area" in notes_of(found)
    assert "1 annotations in export.json have no box" in notes_of(found)


@pytest.mark.parametrize(
    "annotation",
    [_box(category=7), _box(category=[1]), _box(image=9), _box(bbox=[1, "x", 2, 3]), _box(bbox=[1, 10**400, 2, 3])],
)
def test_damaged_annotations_are_named(annotation: dict[str, object], tmp_path: Path):
    with pytest.raises(FileFormatError, match=r"export\.json row"):
        read_annotations(json_file(tmp_path, _coco(_box(), annotation)))
