"""Tokens as items: people who label them again see the sentence, with the token marked in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import labelqa as lq
from labelqa.io.read import read_annotations
from labelqa.io.tokens import AROUND, in_sentence
from labelqa.io.write import write_annotations
from tests.unit.io.formats.given import SAMPLES, json_file, labels_of, text_file

MARKED = ["[[EU]] rejects German call", "EU [[rejects]] German call", "EU rejects [[German]] call",
          "EU rejects German [[call]]"]  # fmt: skip


@pytest.mark.parametrize("name", ["conll", "doccano_sequence.jsonl"])
@pytest.mark.parametrize(("ending", "key"), [("json", "sentence"), ("jsonl", "text")])
def test_tasks_of_tokens_show_the_sentence_with_the_token_marked(name: str, ending: str, key: str, tmp_path: Path):
    written = write_annotations(read_annotations(SAMPLES / name), tmp_path / f"tasks.{ending}")
    text = written.path.read_text(encoding="utf-8")
    tasks = [t["data"] for t in json.loads(text)] if ending == "json" else [json.loads(t) for t in text.splitlines()]
    assert [t[key] for t in tasks] == MARKED
    assert any("the token to label stands between [[ and ]]" in note for note in written.notes)


def test_the_labeling_interface_shows_the_sentence(tmp_path: Path):
    written = write_annotations(read_annotations(SAMPLES / "conll"), tmp_path / "tasks.json")
    assert 'value="$sentence"' in " ".join(written.notes)


def test_a_token_that_occurs_twice_is_marked_where_it_stands(tmp_path: Path):
    path = text_file(tmp_path / "ana.txt", "the DT\ndog NN\nthe DT\n\nIt PRP\nbarks VBZ\n")
    found = read_annotations(path)
    assert found.item_data["sentence"].tolist()[:3] == ["[[the]] dog the", "the [[dog]] the", "the dog [[the]]"]


def test_a_long_text_is_cut_around_the_token():
    text = "word " * 1000
    shown = in_sentence(text, 2500, 2504)
    assert "[[word]]" in shown
    assert shown.startswith("…word")
    assert shown.endswith("word…")
    assert len(shown) < 2 * AROUND + 20
    assert in_sentence("x" * 500, 0, 5) == f"[[xxxxx]]{'x' * AROUND}…"


def test_columns_of_the_data_with_these_names_are_kept(tmp_path: Path):
    value = {"start": 0, "end": 2, "text": "EU", "labels": ["X"]}
    result = [{"from_name": "m", "to_name": "text", "type": "labels", "value": value}]
    data = {"text": "EU rejects", "sentence": "s7", "token": "t7"}
    task = {"id": 1, "data": data, "annotations": [{"completed_by": w, "result": result} for w in (1, 2)]}
    found = read_annotations(json_file(tmp_path, [task]))
    assert found.item_data["token"].tolist() == ["t7", "t7"]
    assert found.item_data["sentence 2"].tolist() == ["[[EU]] rejects", "EU [[rejects]]"]
    assert len(labels_of(found)) == 4
    tasks = json.loads(write_annotations(found, tmp_path / "tasks.json").path.read_text(encoding="utf-8"))
    assert tasks[0]["data"]["sentence 2"] == "[[EU]] rejects"
    assert 'value="$sentence 2"' in " ".join(write_annotations(found, tmp_path / "tasks.json").notes)


def test_tokens_of_one_sentence_are_no_repeated_items():
    checked = lq.validate_annotations(read_annotations(SAMPLES / "conll"))
    assert not {"repeated_item", "near_repeated_item"} & {f.code for f in checked.findings}
    assert any("they are tokens" in reason for reason in checked.not_checked)
