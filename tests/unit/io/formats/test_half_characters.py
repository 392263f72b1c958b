"""Lone surrogates in JSON: replaced by the mark for it, and a note says how many and where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labelqa.errors import FileFormatError
from labelqa.io.formats.halves import without_halves
from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import SAMPLES, labels_of, notes_of, text_file

TASKS = [
    {
        "id": i,
        "data": {"text": f"text {i}"},
        "annotations": [
            {"completed_by": w, "result": [{"from_name": "c", "to_name": "t", "type": "choices",
                                            "value": {"choices": ["x"]}}]} for w in (1, 2)
        ],
    }
    for i in (1, 2, 3)
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "mended", "spots"),
    [
        (rb'"a\ud800b"', rb'"a\ufffdb"', [2]),
        (rb'"\udc00\uD83D"', rb'"\ufffd\ufffd"', [1, 7]),
        (rb'"\ud83d\ude00"', rb'"\ud83d\ude00"', []),
        (rb'"\\ud800"', rb'"\\ud800"', []),
        (rb'"\\\ud800"', rb'"\\\ufffd"', [3]),
        (rb'"\ud800\ud83d\ude00"', rb'"\ufffd\ud83d\ude00"', [1]),
    ],
)
def test_only_halves_without_their_other_half_are_replaced(given: bytes, mended: bytes, spots: list[int]):
    assert without_halves(given) == (mended, spots)


def test_half_characters_are_read_as_the_mark_and_counted_with_their_records(tmp_path: Path):
    text = json.dumps(TASKS).replace("text 2", r"te\ud800xt \udc00 2")
    found = read_annotations(text_file(tmp_path / "export.json", text))
    assert len(found) == 6
    assert found.item_data["text"].tolist() == ["text 1", "te\ufffdxt \ufffd 2", "text 3"]
    assert "2 half characters" in notes_of(found)
    assert "in export.json were read as the replacement mark U+FFFD: in records 2" in notes_of(found)


@pytest.mark.parametrize(
    "name",
    ["label_studio_json_min.json", "prodigy_choice.jsonl", "doccano_all.jsonl", "argilla_flat.json",
     "argilla_records.json", "labelbox_export_v2.ndjson", "coco_label_studio_flavour.json"],
)  # fmt: skip
def test_no_json_format_is_refused_for_a_half_character(name: str, tmp_path: Path):
    text = (SAMPLES / name).read_text(encoding="utf-8").replace("phone", r"phone\ud800")
    found = read_annotations(
        text_file(tmp_path / name, text), kind="boxes" if "coco" in name else "classes", on_duplicate="first"
    )
    assert "half characters" in notes_of(found)
    assert "in records 1" in notes_of(found) or "in lines " in notes_of(found)


def test_lines_with_half_characters_are_named(tmp_path: Path):
    rows = "".join(f'{{"item": {i}, "annotator": "{w}", "label": "x{h}"}}\n' for i, w, h in
                   [(1, "a", ""), (1, "b", ""), (2, "a", r"\ud83d"), (2, "b", r"\ud83d")])  # fmt: skip
    found = read_annotations(text_file(tmp_path / "labels.jsonl", rows))
    assert labels_of(found)[2, "a"] == "x\ufffd"
    assert "in lines 3, 4" in notes_of(found)


def test_json_in_cells_of_label_studio_csv_is_mended_and_its_row_told(tmp_path: Path):
    cell = '"[{""start"":0,""end"":2,""text"":""EU"",""labels"":[""X""]}]"'
    cells = ((7, cell), (8, cell.replace("EU", r"E\ud800")))
    rows = "".join(f"1,EU rejects,{c},{w},{w},2026-01-01T00:00:00Z,1.0\n" for w, c in cells)
    head = "id,text,marks,annotator,annotation_id,created_at,lead_time\n"
    found = read_annotations(text_file(tmp_path / "export.csv", head + rows), kind="spans")
    assert len(labels_of(found)) == 2
    assert "in rows 3" in notes_of(found)


def test_json_in_cells_of_mturk_is_mended_and_its_row_told(tmp_path: Path):
    head = "HITId,WorkerId,AssignmentStatus,Input.text,Answer.taskAnswers\n"
    rows = "".join(
        f'h1,{w},Approved,t,"[{{""c"":{{""label"":""x{h}""}}}}]"\n' for w, h in (("a", ""), ("b", r"\ud800"))
    )
    found = read_annotations(text_file(tmp_path / "batch.csv", head + rows))
    assert sorted(labels_of(found).values()) == ["x", "x\ufffd"]
    assert "in rows 3" in notes_of(found)


def test_json_that_is_damaged_beside_half_characters_is_still_refused(tmp_path: Path):
    with pytest.raises(FileFormatError, match="not the JSON that was expected"):
        read_annotations(text_file(tmp_path / "export.json", '[{"a": "\\ud800"}, {"b": ]'))
