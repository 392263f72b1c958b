"""Decimal commas beside semicolons become numbers only where that is certain, and never without a note."""

from __future__ import annotations

from pathlib import Path

import pytest

from labelqa.annotations.classes import LabelCleaning
from labelqa.errors import LabelError
from labelqa.io.read import read_annotations
from tests.unit.io.writers import several, text

MULTI = "item;annotator;label\na;ana;1\na;ben;2\nb;ana;1,2\nb;ben;1\n"
RATED = "item;annotator;rating\na;ana;0,5\na;ben;1\nb;ana;2,5\nb;ben;0,15\n"
READ = "decimal commas in column 'rating' were read as points (0,5 as 0.5)"


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
def test_lists_of_answers_stay_what_they_are_and_the_note_says_how_to_read_numbers(level: str, tmp_path: Path):
    found = read_annotations(text(MULTI)(tmp_path), level=level)
    assert set(found.schema.classes) == {"1", "2", "1,2"}
    (note,) = [n for n in found.read_log.notes if "decimal comma" in n]
    assert note == (
        "labels such as 1,2 in column 'label' were kept as text; if they are numbers with a decimal comma, say that "
        "labels are measured (level interval)"
    )


@pytest.mark.parametrize("level", ["interval", "ratio"])
def test_measured_labels_with_decimal_commas_are_numbers_with_a_note(level: str, tmp_path: Path):
    found = read_annotations(text(RATED)(tmp_path), level=level)
    assert found.schema.classes == (0.15, 0.5, 1.0, 2.5)
    assert READ in found.read_log.notes


def test_items_and_annotators_keep_their_commas(tmp_path: Path):
    content = "item;annotator;rating\n3,4;1,1;0,5\n3,4;1,2;1\n3,5;1,1;2,5\n3,5;1,2;1\n"
    found = read_annotations(text(content)(tmp_path), level="interval")
    assert list(found.items) == ["3,4", "3,5"]
    assert list(found.annotators) == ["1,1", "1,2"]


def test_columns_that_hold_no_labels_keep_their_commas(tmp_path: Path):
    content = "item;price;annotator;rating\na;3,50;ana;0,5\na;3,50;ben;1\nb;4,25;ana;2,5\nb;4,25;ben;1\n"
    found = read_annotations(text(content)(tmp_path), level="interval")
    assert found.item_data["price"].tolist() == ["3,50", "4,25"]


@pytest.mark.parametrize("odd", ["1,2,3", "1.000,5", "x"])
def test_one_label_that_is_no_such_number_leaves_all_as_they_are(odd: str, tmp_path: Path):
    with pytest.raises(LabelError, match="0,5"):
        read_annotations(text(f"{RATED}c;ana;{odd}\n")(tmp_path), level="interval")


def test_labels_that_mean_cannot_tell_do_not_stand_in_the_way(tmp_path: Path):
    found = read_annotations(
        text(f"{RATED}c;ana;unsure\n")(tmp_path), level="interval", cleaning=LabelCleaning(cannot_tell=("unsure",))
    )
    assert found.schema.classes == (0.15, 0.5, 1.0, 2.5)


def test_annotators_columns_are_looked_at_together_and_named(tmp_path: Path):
    content = "id;ann_1;ann_2;ann_3\na;0,5;1;1\nb;1;2,5;2\nc;2;1;1\nd;0,5;2;2\n"
    found = read_annotations(text(content)(tmp_path), level="interval")
    assert found.schema.classes == (0.5, 1.0, 2.0, 2.5)
    assert "decimal commas in columns 'ann_1', 'ann_2' were read as points (0,5 as 0.5)" in found.read_log.notes


def test_only_files_that_semicolons_separate_have_decimal_commas(tmp_path: Path):
    quoted = 'item,annotator,rating\na,ana,"0,5"\na,ben,1\n'
    with pytest.raises(LabelError, match="0,5"):
        read_annotations(text(quoted)(tmp_path), level="interval")
    mixed = several({"a.csv": RATED, "b.csv": "item,annotator,rating\nc,ana,0.75\nc,ben,1\n"})(tmp_path)
    assert read_annotations(mixed, level="interval").schema.classes == (0.15, 0.5, 0.75, 1.0, 2.5)


def test_a_column_of_measurements_with_decimal_commas_is_no_label(tmp_path: Path):
    rows = "".join(f"i{i};{who};{'yes' if i % 3 else 'no'};0,{i:02d}7\n" for i in range(40) for who in ("ana", "ben"))
    found = read_annotations(text("item;annotator;verdict;score\n" + rows)(tmp_path))
    assert found.read_log.mapping["label"] == "verdict"


def test_spaces_left_out_before_every_cell_are_noted(tmp_path: Path):
    content = "item, annotator, label\n1, ana, yes\n1, ben, no\n2, ana, no\n"
    found = read_annotations(text(content)(tmp_path))
    assert list(found.annotators) == ["ana", "ben"]
    assert "the space before every cell of labels.csv was left out in columns 'annotator', 'label'" in (
        found.read_log.notes
    )


def test_spaces_before_some_cells_only_stay(tmp_path: Path):
    content = "item, annotator, label\n1, ana, yes\n1, ben,no\n2, ana, no\n"
    assert set(read_annotations(text(content)(tmp_path)).schema.classes) == {" yes", "no", " no"}
