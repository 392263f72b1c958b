"""Frames that are written for spreadsheets: one function makes texts and column names safe."""

from __future__ import annotations

import pandas as pd
import pytest

from labelqa.io import formulas
from labelqa.io.tables import Table
from labelqa.io.writers import cells

VALUES = ["=1+1", None, "a", "-2", " @me", "'=1", "=1+1", ""]


def test_names_of_columns_are_disarmed_and_counted_with_the_cells():
    safe, n = formulas.defused(pd.DataFrame({"=a": ["=1", "b"], "c": ["d", "e"]}))
    assert list(safe.columns) == ["'=a", "c"]
    assert safe["'=a"].tolist() == ["'=1", "b"]
    assert n == 2


def test_columns_of_mixed_types_keep_every_other_value_and_its_type():
    mixed = [1, True, 1.0, "1", "=1", None, -2, "=1"]
    safe, n = formulas.defused(pd.DataFrame({"a": pd.Series(mixed, dtype=object)}))
    found = safe["a"].tolist()
    assert found == [1, True, 1.0, "1", "'=1", None, -2, "'=1"]
    assert [type(v) for v in found] == [type(v) for v in mixed]
    assert n == 2


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_a_table_of_any_text_type_comes_back_as_it_was(dtype: str):
    frame = pd.DataFrame({"=n": pd.Series(VALUES, dtype=dtype), "m": range(len(VALUES))})
    safe, n = formulas.defused(frame)
    assert n == 5
    back = formulas.restored(Table(frame=safe)).frame
    assert [None if pd.isna(v) else v for v in back["=n"]] == VALUES
    assert list(back.columns) == ["=n", "m"]


def test_csv_is_disarmed_by_the_same_function(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cells, "defused", lambda frame: (frame.assign(a="safe"), 7))
    found = cells.csv_of(pd.DataFrame({"a": ["=1"]}), [])
    assert found.data == b"a\r\nsafe\r\n"
    assert "7 cells begin like a spreadsheet formula" in found.notes[0]


def test_the_note_names_the_file_and_the_next_step():
    assert formulas.note_on_disarmed(1, "out.csv", "write .json.") == [
        "1 cell of out.csv begins like a spreadsheet formula (=, +, -, @) and got a ' in front, so that nothing is run "
        "when the file is opened; write .json."
    ]
    assert formulas.note_on_disarmed(0) == []
