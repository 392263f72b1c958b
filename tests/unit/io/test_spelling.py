"""Annotators and items whose names differ only in spaces or case stay apart, and the read log says so."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from labelqa.io import spelling
from labelqa.io.read import read_annotations
from tests.unit.io.tables import long, wide
from tests.unit.io.writers import text


def _notes(frame: pd.DataFrame) -> list[str]:
    return [n for n in read_annotations(frame).read_log.notes if "were kept apart" in n]


def test_two_spellings_of_an_annotator_are_noted():
    frame = long(annotators=["Ana Li", "ana  li ", "ben"])
    assert _notes(frame) == [
        "annotators that differ only in case or spaces were kept apart: 'Ana Li' and 'ana  li '; if they are one, give "
        "them one name in the file"
    ]
    assert read_annotations(frame).n_annotators == 3


def test_items_are_noted_for_outer_spaces_but_not_for_case(tmp_path: Path):
    content = "item,annotator,label\nq1,ana,x\nq1 ,ben,x\nQ1,ana,y\nq2,ben,y\nq2,ana,x\n"
    notes = read_annotations(text(content)(tmp_path)).read_log.notes
    assert [n for n in notes if n.startswith("items")] == [
        "items that differ only in spaces around them were kept apart: 'q1' and 'q1 '; if they are one, give them one "
        "name in the file"
    ]


def test_columns_of_annotators_are_noted_too():
    assert "'Ana' and 'ana'" in _notes(wide(["Ana", "ana", "ben"]))[0]


def test_numbers_and_names_that_differ_are_not_noted():
    assert _notes(long()) == []
    assert _notes(long().assign(item=lambda f: pd.factorize(f["item"])[0])) == []


def test_so_many_names_that_comparing_them_takes_long_are_left_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spelling, "MOST_NAMES", 2)
    assert _notes(long(annotators=["Ana", "ana", "ben"])) == []


def test_anonymised_notes_name_nobody():
    log = read_annotations(long(annotators=["Zelda", "zelda ", "zelda\xa0", "ben"])).anonymise().read_log
    assert "zelda" not in str(log).casefold()
