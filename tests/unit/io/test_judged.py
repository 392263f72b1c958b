"""Tables of predictions: decimal commas, items that repeat, and what each row lacks."""

from __future__ import annotations

import pandas as pd
import pytest

from labelqa.errors import LabelError
from labelqa.io.judged import JudgedColumns, read_judged


def test_decimal_commas_are_read_and_said():
    frame = pd.DataFrame({"price": [f"{i},25" for i in range(30)], "loss": ["0,5", "1"] * 15})
    rows = read_judged(frame, JudgedColumns(error="loss"))
    assert rows.error.tolist() == [0.5, 1.0] * 15
    assert "numbers with decimal commas: 'price', 'loss'" in rows.log.notes
    amounts = pd.DataFrame({"label": ["1,5", "2,5"] * 3, "predicted": ["1,5", "2"] * 3})
    assert read_judged(amounts, JudgedColumns()).kind == "absolute error"


def test_items_that_repeat_are_said_and_not_searched():
    frame = pd.DataFrame({"item": [f"i{i // 2}" for i in range(60)], "size": 1, "label": "x", "predicted": "x"})
    frame["item"] = [f"i{i}" for i in range(50)] + [f"i{i}" for i in range(10)]
    rows = read_judged(frame, JudgedColumns())
    assert list(rows.features.columns) == ["size"]
    assert any(n.startswith("10 rows repeat an item of column 'item'") for n in rows.log.notes)
    told = read_judged(frame, JudgedColumns(groups="item"))
    assert not any("repeat" in n for n in told.log.notes)


def test_rows_without_a_label_and_without_a_prediction_are_counted_apart():
    frame = pd.DataFrame({"size": range(6), "label": ["x", None, None, "x", "y", None]})
    frame["predicted"] = ["x", "x", "y", None, "x", None]
    aside = {s.reason: s.count for s in read_judged(frame, JudgedColumns()).log.set_aside}
    assert aside == {"no label": 2, "no prediction": 1, "neither label nor prediction": 1}


def test_infinite_distances_are_refused():
    frame = pd.DataFrame({"size": range(3), "label": ["0.5", "1e308", "2.5"], "predicted": ["0.5", "-1e308", "2.0"]})
    with pytest.raises(LabelError, match=r"label 1e\+308 and prediction -1e\+308 are infinitely far apart"):
        read_judged(frame, JudgedColumns())
