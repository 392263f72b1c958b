"""A look at a table, and items from files."""

import pandas as pd
import pytest

from labelqa.errors import ColumnError, FileFormatError
from labelqa.review.files import read_items, table_head


def test_the_head_shows_cells_as_text(tmp_path):
    path = tmp_path / "t.csv"
    pd.DataFrame({"id": range(20), "note": ["x", None] * 10}).to_csv(path, index=False)
    head = table_head(path, rows=3)
    assert (head.columns, head.n_rows, len(head.rows)) == (("id", "note"), 20, 3)
    assert head.rows["note"].tolist() == ["x", "", "x"]


def test_what_is_no_table_is_told(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"")
    with pytest.raises(FileFormatError, match=r"t\.csv"):
        table_head(path)


def test_items_are_found_by_their_column(tmp_path):
    path = tmp_path / "t.csv"
    pd.DataFrame({"ticket_id": ["a", "b"], "text": ["x", "y"]}).to_csv(path, index=False)
    assert list(read_items(path).columns) == ["item", "text"]
    assert read_items(path, "text")["item"].tolist() == ["x", "y"]


def test_without_ids_it_says_which_columns_there_are(tmp_path):
    path = tmp_path / "t.csv"
    pd.DataFrame({"text": ["x", "x"], "kind": ["a", "a"]}).to_csv(path, index=False)
    with pytest.raises(ColumnError, match="no column names each item once"):
        read_items(path)
