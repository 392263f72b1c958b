"""Spans that cannot be as they stand: words elsewhere, overlaps, places outside the text; all are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import json_file, labels_of, lines_file, notes_of, text_file, zip_file

TEXT = "EU rejects German call"
MARKED = [(0, 2, "EU"), (11, 17, "German")]


def _label_studio(folder: Path, marked: list[tuple[int, int, str]], data: dict[str, object] | None = None) -> Path:
    def region(start: int, end: int, words: str) -> dict[str, object]:
        value = {"start": start, "end": end, "text": words, "labels": ["X"]}
        return {"from_name": "m", "to_name": "text", "type": "labels", "value": value}

    annotations = [{"completed_by": w, "result": [region(*m) for m in marked]} for w in (1, 2)]
    return json_file(
        folder, [{"id": 1, "data": data or {"text": TEXT, "title": "a title"}, "annotations": annotations}]
    )


def _flat(folder: Path, marked: list[tuple[int, int, str]]) -> Path:
    value = [{"start": a, "end": b, "text": t, "labels": ["X"]} for a, b, t in marked]
    own = {"annotation_id": 1, "created_at": "2026-01-01T00:00:00Z", "lead_time": 1.0}
    return json_file(folder, [{"id": 1, "text": TEXT, "m": value, "annotator": w} | own for w in (1, 2)])


def _brat(folder: Path, marked: list[tuple[int, int, str]]) -> Path:
    for who in ("ana", "ben"):
        text_file(folder / "in" / who / "d.txt", TEXT)
        lines = [f"T{k}\tX {a} {b}\t{t}\n" for k, (a, b, t) in enumerate(marked, 1)]
        text_file(folder / "in" / who / "d.ann", "".join(lines))
    return folder / "in"


def _prodigy(folder: Path, marked: list[tuple[int, int, str]]) -> Path:
    spans = [{"start": a, "end": b, "text": t, "label": "X"} for a, b, t in marked]
    rows = [{"text": TEXT, "_input_hash": 1, "answer": "accept", "spans": spans, "_view_id": "ner_manual",
             "_session_id": f"d-{w}"} for w in "ab"]  # fmt: skip
    return lines_file(folder, rows)


def _labelbox(folder: Path, marked: list[tuple[int, int, str]]) -> Path:
    objects = [{"name": "X", "location": {"start": a, "end": b, "token": t}} for a, b, t in marked]
    labels = [{"label_kind": "Default", "label_details": {"created_by": w}, "annotations": {"objects": objects}}
              for w in "ab"]  # fmt: skip
    return lines_file(folder, [{"data_row": {"id": "r", "row_data": TEXT}, "projects": {"p": {"labels": labels}}}])


WRITERS = {"label studio": _label_studio, "json min": _flat, "brat": _brat, "prodigy": _prodigy, "labelbox": _labelbox}


@pytest.mark.parametrize("name", WRITERS)
def test_words_that_are_not_at_their_place_are_counted_with_an_example(name: str, tmp_path: Path):
    wrong = [*MARKED, (3, 9, "shout")]
    found = read_annotations(WRITERS[name](tmp_path, wrong), kind="spans")
    assert "hold other words than the export says" in notes_of(found)
    assert "marks 3 to 9, where the text has 'reject' and the export 'shout'" in notes_of(found)
    assert all((3, 9, "X") in label for label in labels_of(found).values())


@pytest.mark.parametrize("name", WRITERS)
def test_words_at_their_place_raise_no_note(name: str, tmp_path: Path):
    log = notes_of(read_annotations(WRITERS[name](tmp_path, MARKED), kind="spans"))
    assert "other words" not in log
    assert "overlap" not in log
    assert "outside" not in log


def test_one_wrong_span_does_not_hide_which_field_was_labeled(tmp_path: Path):
    found = read_annotations(_label_studio(tmp_path, [*MARKED, (3, 9, "shout")]))
    assert labels_of(found)["1:0-2", 1] == "X"
    assert len(labels_of(found)) == 8


def test_words_that_no_field_holds_are_told(tmp_path: Path):
    source = _label_studio(tmp_path, MARKED, {"text": "https://texts.example/1.txt"})
    assert "no field of the data holds the words of 4 spans of 'm'" in notes_of(read_annotations(source, kind="spans"))


def test_an_address_of_a_text_is_no_text(tmp_path: Path):
    path = _labelbox(tmp_path, MARKED)
    path.write_text(path.read_text().replace(TEXT, "https://texts.example/1.txt"))
    assert "other words" not in notes_of(read_annotations(path, kind="spans"))


def _doccano(folder: Path, *spans: list[object]) -> Path:
    entry = {"id": 1, "text": TEXT, "Comments": []}
    return zip_file(folder, {"ana.jsonl": [entry | {"label": list(spans)}], "ben.jsonl": [entry | {"label": []}]})


@pytest.mark.parametrize("kind", ["spans", "classes"])
def test_spans_of_one_annotator_that_overlap_are_counted_with_their_place(kind: str, tmp_path: Path):
    source = _doccano(tmp_path, [0, 10, "A"], [3, 10, "B"], [11, 17, "C"], [0, 22, "D"])
    log = notes_of(read_annotations(source, kind=kind))
    assert "3 spans in 1 answer overlap one of the same annotator (for example export.zip/ana.jsonl row 1" in log


def test_spans_that_touch_do_not_overlap(tmp_path: Path):
    assert "overlap" not in notes_of(read_annotations(_doccano(tmp_path, [0, 10, "A"], [10, 17, "B"]), kind="spans"))


def test_spans_outside_the_text_are_counted_with_their_place(tmp_path: Path):
    log = notes_of(read_annotations(_doccano(tmp_path, [0, 2, "A"], [18, 23, "B"]), kind="spans"))
    assert "1 span in 1 answer reach outside the text (for example export.zip/ana.jsonl row 1: 18-23 'B')" in log
