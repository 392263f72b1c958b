"""CVAT for images: tags and boxes from XML that cannot reach outside or blow up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import labelqa
from labelqa.errors import FileFormatError, ParameterError
from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import SAMPLES, labels_of, notes_of, text_file, zip_file

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
BOX = '<box label="dent" source="manual" occluded="0" xtl="10.0" ytl="20.0" xbr="40.0" ybr="60.0" z_order="0"></box>'


def _xml(*images: str, head: str = HEAD) -> str:
    inner = "".join(
        f'<image id="{i}" name="{i}.jpg" width="9" height="9">{image}</image>' for i, image in enumerate(images)
    )
    return f"{head}<annotations><version>1.1</version>{inner}</annotations>"


def _tag(name: str) -> str:
    return f'<tag label="{name}" source="manual"></tag>'


@pytest.mark.parametrize("name", ["ana.xml", "ana.dat"])
def test_tags_are_the_classes_of_images(name: str, tmp_path: Path):
    found = read_annotations(shutil.copy(SAMPLES / "cvat_images_1.1.xml", tmp_path / name))
    classes = ("scratch", "scratch", "no-defect", "dent")
    assert labels_of(found) == {(f"phone-00{i}.jpg", "ana"): c for i, c in enumerate(classes, 1)}


def test_each_file_of_a_folder_or_zip_is_one_annotator(tmp_path: Path):
    zipped = zip_file(tmp_path, {"ana.xml": _xml(_tag("a")), "ben.xml": _xml(_tag("b"))})
    assert labels_of(read_annotations(zipped)) == {("0.jpg", "ana"): "a", ("0.jpg", "ben"): "b"}


def test_each_folder_and_each_zip_of_one_file_is_one_annotator(tmp_path: Path):
    paths = [zip_file(tmp_path, {"annotations.xml": _xml(_tag(who))}, f"{who}.zip") for who in ("ana", "ben")]
    assert list(read_annotations(paths).annotators) == ["ana", "ben"]
    for who in ("ana", "ben"):
        text_file(tmp_path / "all" / who / "annotations.xml", _xml(_tag(who)))
    assert list(read_annotations(tmp_path / "all").annotators) == ["ana", "ben"]


def test_several_tags_are_a_set_and_none_is_an_answer(tmp_path: Path):
    source = text_file(tmp_path / "ana.xml", _xml(_tag("a") + _tag("b"), ""))
    assert labels_of(read_annotations(source, kind="sets")) == {
        ("0.jpg", "ana"): frozenset("ab"),
        ("1.jpg", "ana"): frozenset(),
    }


def test_boxes_are_read_and_other_shapes_noted(tmp_path: Path):
    polygon = '<polygon label="dent" points="1,2;3,4;5,6"></polygon>'
    text_file(tmp_path / "all" / "ana.xml", _xml(BOX + polygon, BOX))
    text_file(tmp_path / "all" / "ben.xml", _xml(BOX, ""))
    found = read_annotations(tmp_path / "all", kind="boxes")
    assert labels_of(found)["0.jpg", "ana"] == ((10.0, 20.0, 40.0, 60.0, "dent"),)
    assert labels_of(found)["1.jpg", "ben"] == ()
    assert labelqa.box_agreement(found).estimate == pytest.approx(2 / 3)
    assert "1 polygon" in notes_of(found)


def test_an_annotator_who_marked_nothing_is_read_beside_one_with_boxes(tmp_path: Path):
    text_file(tmp_path / "all" / "ana.xml", _xml(BOX))
    text_file(tmp_path / "all" / "ben.xml", _xml(""))
    assert labels_of(read_annotations(tmp_path / "all", kind="boxes"))["0.jpg", "ben"] == ()


def test_tags_beside_boxes_are_two_questions(tmp_path: Path):
    source = text_file(tmp_path / "ana.xml", _xml(_tag("a") + BOX))
    with pytest.raises(ParameterError, match="tags, boxes"):
        read_annotations(source)
    assert labels_of(read_annotations(source, question="tags")) == {("0.jpg", "ana"): "a"}
    assert len(read_annotations(source, question="boxes", kind="boxes")) == 1


BOMB = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))


@pytest.mark.parametrize(
    "text",
    [
        _xml(_tag("&e11;"), head=f'{HEAD}<!DOCTYPE annotations [<!ENTITY e0 "x">{BOMB}]>'),
        _xml(_tag("&out;"), head=f'{HEAD}<!DOCTYPE annotations [<!ENTITY out SYSTEM "file:///etc/passwd">]>'),
        _xml("<a>" * 100_000 + "</a>" * 100_000),
        _xml(_tag("a"))[:-20],
        _xml(_tag("&nothing;")),
        f"{HEAD}<annotations><version>1.1</version></annotations>",
        f'{HEAD}<annotations><version>1.1</version><track id="0"></track></annotations>',
        _xml('<box label="x" xtl="1"></box>'),
        _xml('<box label="x" xtl="a" ytl="1" xbr="2" ybr="3"></box>'),
        _xml("<tag></tag>"),
    ],
    ids=["bomb", "outside", "deep", "cut", "unknown-entity", "no-image", "video", "no-corner", "no-number", "no-label"],
)
def test_hostile_or_damaged_xml_is_refused_with_a_message(text: str, tmp_path: Path):
    with pytest.raises(FileFormatError, match=r"ana\.xml"):
        read_annotations(text_file(tmp_path / "ana.xml", text))
