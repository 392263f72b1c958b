"""Tasks to label again show no column that is called after a class or an annotator."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import labelqa as lq

PEOPLE, CLASSES = ("ana", "ben.k@example.com"), ("spam", "no-defect")


def _written(folder: Path, *columns: str, people: tuple[str, str] = PEOPLE, classes: tuple[str, str] = CLASSES) -> str:
    rows = [(item, who, label) for item in "xy" for who, label in zip(people, classes, strict=True)]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    frame["text"] = "text of " + frame["item"]
    for column in columns:
        frame[column] = "some words on " + frame["item"]
    found = lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label")
    lq.write_annotations(found, folder / "tasks.json")
    return (folder / "tasks.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "column",
    ["p_spam", "ana", "Ana", "said by ana", "spam?", "isSpam", "no_defect", "p no-defect", "ben.k", "ben_k_says"],
)
def test_a_column_called_after_a_class_or_an_annotator_is_left_out(column: str, tmp_path: Path):
    assert f'"{column}"' not in _written(tmp_path, column)


@pytest.mark.parametrize("column", ["spammy", "banana", "defect report", "example", "context"])
def test_a_column_that_only_looks_alike_stays(column: str, tmp_path: Path):
    assert f'"{column}"' in _written(tmp_path, column)


def test_numbers_and_letters_of_names_hide_no_texts(tmp_path: Path):
    kept = ("text_1", "premise 2", "passage_a", "passage_b")
    for people, classes in ((("1", "2"), ("a", "b")), (("a", "b"), ("1", "2"))):
        tasks = _written(tmp_path, *kept, people=people, classes=classes)
        assert all(f'"{column}"' in tasks for column in kept)


def test_the_text_is_shown_where_a_class_is_called_so(tmp_path: Path):
    assert '"text": "text of x"' in _written(tmp_path, classes=("text", "picture"))
