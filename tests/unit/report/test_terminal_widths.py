"""Columns of tables in the terminal."""

from __future__ import annotations

import pandas as pd

from labelqa.report import cells
from labelqa.report.blocks import Column, Table
from labelqa.report.render.as_text import _widths


def test_long_texts_share_the_room_that_short_ones_leave():
    row = {"mark": "warning", "what": "w " * 60, "where": "file.csv row 2, item 0, annotator ana", "step": "s " * 50}
    columns = tuple(Column(key=key, title=key, limit=500) for key in row)
    table = Table(key="t", title="t", columns=columns, rows=pd.DataFrame([row]))
    mark, what, where, step = _widths(table, list(cells.body(table, 5)), 100)
    assert mark == len("warning")
    assert max(what, where, step) - min(what, where, step) <= 1
    assert mark + what + where + step <= 100
