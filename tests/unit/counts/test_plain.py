"""Odd columns on engines: categories, nan, empty texts, text types of Arrow, lists."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import labelqa as lq
from labelqa.errors import ColumnError, LabelError

ROLES = {"item": "item", "annotator": "annotator", "label": "label"}
ITEMS = ["i1", "i1", "i2", "i2", "i3", "i3"]
PEOPLE = ["a", "b"] * 3
LABELS = ["x", "y", "x", "x", "y", "x"]


def table(**columns) -> pa.Table:
    return pa.table({"item": ITEMS, "annotator": PEOPLE, "label": LABELS} | columns)


def on_engines(data: pa.Table, folder):
    path = folder / "labels.parquet"
    pq.write_table(data, path)
    return {
        "pyarrow": data,
        "polars": pl.from_arrow(data),
        "polars, lazy": pl.from_arrow(data).lazy(),
        "duckdb": duckdb.connect().from_arrow(data),
        "parquet": path,
    }


def assert_like_annotations(native, expected=None):
    annotations = lq.Annotations.from_frame(native if expected is None else expected, **ROLES)
    found, counted = lq.count_patterns(native, **ROLES), lq.CountPatterns.from_annotations(annotations)
    assert found.schema.classes == counted.schema.classes
    np.testing.assert_array_equal(found.patterns, counted.patterns)
    np.testing.assert_array_equal(found.multiplicity, counted.multiplicity)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
def test_arrow_texts_of_every_kind_are_texts(kind):
    native = table(item=pa.array(ITEMS, kind), annotator=pa.array(PEOPLE, kind), label=pa.array(LABELS, kind))
    assert_like_annotations(native, table())


@pytest.mark.parametrize("column", ["label", "annotator"])
def test_a_column_of_nothing_but_nulls_has_no_type_and_no_values(column, tmp_path):
    data = table(**{column: pa.nulls(6)})
    for name, native in on_engines(data, tmp_path).items():
        found = lq.count_patterns(native, **ROLES)
        assert (found.n_items, found.n_annotations) == (3, 0), name


def test_texts_of_spaces_only_are_missing(tmp_path):
    data = table(label=["x", " ", "", "y", "x", "y"], annotator=["a", "b", "a", "b", "a", "\t"])
    for native in on_engines(data, tmp_path).values():
        assert_like_annotations(native, data)


def test_an_empty_text_as_an_item_is_refused(tmp_path):
    for native in on_engines(table(item=["i1", "i1", " ", "i2", "i3", "i3"]), tmp_path).values():
        with pytest.raises(ColumnError, match="empty text as an item"):
            lq.count_patterns(native, **ROLES)


def test_nan_is_a_missing_label_and_no_item(tmp_path):
    labels = table(label=[1.0, float("nan"), None, 2.0, 2.0, 1.0])
    for native in on_engines(labels, tmp_path).values():
        assert_like_annotations(native, labels)
    for native in on_engines(table(item=[1.0, 1.0, float("nan"), 2.0, 3.0, 3.0]), tmp_path).values():
        with pytest.raises(ColumnError, match=r"names no item in 1 of 6 rows|holds nan as an item"):
            lq.count_patterns(native, **ROLES)


def test_minus_zero_is_zero(tmp_path):
    data = table(label=[0.0, -0.0, 0.5, 1.0, 1.0, -0.0], item=[0.0, -0.0, 1.0, 1.0, 2.0, 2.0])
    for native in on_engines(data, tmp_path).values():
        assert_like_annotations(native, data)


@pytest.mark.parametrize("values", [["z", "y", "x"], [30, 20, 10]])
@pytest.mark.parametrize("ordered", [False, True])
def test_categories_are_classes_used_or_not(values, ordered):
    codes = pa.array([0, 2, 2, 0, 0, 2])
    data = table(label=pa.DictionaryArray.from_arrays(codes, pa.array(values), ordered=ordered))
    found = lq.count_patterns(data, **ROLES)
    assert found.schema.classes == (tuple(values) if ordered else tuple(sorted(values)))
    assert_like_annotations(data)


def test_the_order_of_an_enum_of_polars_is_the_order_of_classes():
    native = pl.from_arrow(table()).with_columns(pl.col("label").cast(pl.Enum(["y", "unused", "x"])))
    for frame in (native, native.lazy()):
        assert lq.count_patterns(frame, **ROLES).schema.classes == ("y", "unused", "x")
        assert_like_annotations(frame)


def test_an_enum_of_duckdb_declares_its_classes():
    connection = duckdb.connect()
    connection.execute("create type kinds as enum ('y', 'unused', 'x')")
    connection.register("rows", table())
    native = connection.sql("select item, annotator, label::kinds as label from rows")
    assert lq.count_patterns(native, **ROLES).schema.classes == ("unused", "x", "y")
    assert_like_annotations(native)


def test_the_cache_of_a_polars_categorical_declares_nothing():
    pl.Series(["other", "words"], dtype=pl.Categorical)
    native = pl.from_arrow(table()).with_columns(pl.col("label").cast(pl.Categorical))
    assert lq.count_patterns(native, **ROLES).schema.classes == ("x", "y")


def test_categories_of_items_and_annotators_are_their_values():
    data = table(item=pa.array(ITEMS).dictionary_encode(), annotator=pa.array(PEOPLE).dictionary_encode())
    assert_like_annotations(data)


def test_lists_are_refused_by_the_name_of_their_column(tmp_path):
    for native in on_engines(table(label=[["x"], ["y"], ["x"], ["x"], ["y"], ["x"]]), tmp_path).values():
        with pytest.raises(LabelError, match="'label' holds lists"):
            lq.count_patterns(native, **ROLES)
    for native in on_engines(table(item=[[1], [1], [2], [2], [3], [3]]), tmp_path).values():
        with pytest.raises(ColumnError, match="'item' holds lists"):
            lq.count_patterns(native, **ROLES)


@pytest.mark.parametrize("number", [pa.int8(), pa.uint64(), pa.float32()], ids=str)
def test_numbers_of_every_width_are_joined(number, tmp_path):
    data = table(label=pa.array([1, 2, 1, 1, 2, 1], number), item=pa.array([7, 7, 8, 8, 9, 9], pa.uint64()))
    for native in on_engines(data, tmp_path).values():
        assert_like_annotations(native, data)


def test_labels_of_mixed_types_in_pandas_are_those_of_annotations():
    rows = pd.DataFrame(
        {"item": ITEMS, "annotator": PEOPLE, "label": pd.Series([1, "1", "x", None, 2.5, True], dtype=object)}
    )
    assert_like_annotations(rows)


def test_a_column_name_that_occurs_twice_is_refused():
    twice = pa.Table.from_arrays([pa.array(ITEMS)] * 2 + [pa.array(LABELS)], names=["item", "item", "label"])
    with pytest.raises(ColumnError, match="'item' occurs 2 times"):
        lq.count_patterns(twice, item="item", label="label")
