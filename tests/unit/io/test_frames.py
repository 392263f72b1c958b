"""Frames of every library keep their integers exact, and odd indexes and column names are understood or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from labelqa.annotations.table import Annotations
from labelqa.errors import ColumnError
from labelqa.io.read import read_annotations
from tests.unit.io.tables import long

BIG = {"int64": 2**60, "uint64": 2**64 - 8}


def _arrow(kind: str) -> pa.Table:
    """Return labels on two items whose ids differ by one, and a row without an item."""
    ids = pa.array([BIG[kind] + 1, BIG[kind] + 1, BIG[kind] + 2, BIG[kind] + 2, None], kind)
    return pa.table({"item": ids, "annotator": list("ababa"), "label": list("xyxxx")})


def _polars(table: pa.Table) -> object:
    return pytest.importorskip("polars").from_arrow(table)


def _duckdb(table: pa.Table) -> object:
    return pytest.importorskip("duckdb").from_arrow(table)


class _Dataset:
    """The part of a Hugging Face Dataset that is used."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def with_format(self, kind: str) -> pa.Table:
        assert kind == "arrow"
        return self._table

    def to_pandas(self) -> pd.DataFrame:
        return self._table.to_pandas()


@pytest.mark.parametrize("kind", list(BIG))
@pytest.mark.parametrize("library", [pa.Table, _polars, _duckdb, _Dataset, Path])
def test_large_ids_stay_apart_where_one_is_missing(
    kind: str, library: Callable[[pa.Table], object] | type, tmp_path: Path
):
    table = _arrow(kind)
    source: object = table
    if library is Path:
        source = tmp_path / "labels.parquet"
        pq.write_table(table, source)
    elif library is not pa.Table:
        source = library(table)
    found = read_annotations(source)
    assert [int(i) for i in found.items] == [BIG[kind] + 1, BIG[kind] + 2]
    if library is not Path:
        frame = Annotations.from_frame(source, item="item", annotator="annotator", label="label").to_frame()
        assert frame["item"].nunique() == 2


def test_large_ids_of_two_files_stay_apart_though_one_has_no_sign(tmp_path: Path):
    for name, kind in (("a", "int64"), ("b", "uint64")):
        ids = pa.array([2**60 + 1, 2**60 + 2], kind)
        pq.write_table(pa.table({"item": ids, "annotator": [name] * 2, "label": ["x", "y"]}), tmp_path / f"{name}.pq")
    found = read_annotations(tmp_path)
    assert [int(i) for i in found.items] == [2**60 + 1, 2**60 + 2]
    assert len(found) == 4


def test_column_names_that_occur_twice_are_named_by_every_entry():
    frame = long().assign(x=1)[["item", "annotator", "label", "x", "x"]]
    for read in (
        read_annotations,
        lambda f: Annotations.from_frame(f, item="item", annotator="annotator", label="label"),
        lambda f: Annotations.from_wide(f, item="item"),
    ):
        with pytest.raises(ColumnError, match="column name 'x' occurs 2 times"):
            read(frame)
    with pytest.raises(ColumnError, match="column name 'label' occurs 2 times"):
        Annotations.from_frame(
            long().assign(x=1).set_axis(["item", "annotator", "label", "label"], axis=1),
            item="item",
            annotator="annotator",
            label="label",
        )


def test_an_index_that_repeats_a_column_is_read_once():
    found = read_annotations(long().set_index("item", drop=False))
    assert found.read_log.mapping["item"] == "item"
    assert found.n_items == 30
    assert not any("index" in n for n in found.read_log.notes)


def test_an_index_with_the_name_of_another_column_gets_its_own():
    frame = long()
    frame.index = pd.Index([f"row {i}" for i in range(len(frame))], name="item")
    found = read_annotations(frame)
    assert found.read_log.mapping["item"] == "item"
    assert found.n_items == 30
    assert "the index of the frame was read as column 'item (index)'" in found.read_log.notes


def test_an_index_without_a_name_beside_a_column_called_index_is_read():
    frame = long().assign(index="x", level_0="y")
    frame.index = pd.Index([f"row {i}" for i in range(len(frame))])
    assert read_annotations(frame).n_items == 30


def test_levels_of_an_index_are_columns():
    found = read_annotations(long().set_index(["item", "annotator"]))
    assert (found.n_items, found.n_annotators) == (30, 3)
    assert "the index of the frame was read as column 'item', 'annotator'" in found.read_log.notes
