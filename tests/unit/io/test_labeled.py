"""Tables with one label a row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from labelqa.errors import ColumnError, LabelError
from labelqa.io.labeled import LabeledColumns, left_out_of, read_labeled, typed


def read(frame: pd.DataFrame, **columns: object):
    return read_labeled(frame, LabeledColumns(**columns))


def written(tmp_path, text: str):
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_labels_that_look_missing_are_classes_and_empty_cells_are_not(tmp_path):
    rows = read_labeled(written(tmp_path, "id,label\n1,NA\n2,None\n3,\n4, \n5,x\n"), LabeledColumns())
    assert rows.labels.tolist() == ["NA", "None", "x"]
    assert [(s.count, s.rows) for s in rows.log.set_aside] == [(2, (4, 5))]
    assert "rows 4, 5" in rows.log.set_aside[0].reason


def test_ids_like_007_stay_text(tmp_path):
    rows = read_labeled(written(tmp_path, "id,label,zip\n007,a,0123\n008,b,0456\n"), LabeledColumns(features=("zip",)))
    assert rows.labels.index.tolist() == ["007", "008"]
    assert rows.features["zip"].tolist() == ["0123", "0456"]


@pytest.mark.parametrize(
    ("labels", "expected"), [(["0", "10", "2"], [0, 10, 2]), (["0", "01"], ["0", "01"]), (["1.0", "2"], ["1.0", "2"])]
)
def test_labels_are_numbers_only_where_all_are_whole(labels, expected):
    assert read(pd.DataFrame({"label": labels})).labels.tolist() == expected


@pytest.mark.parametrize("values", [["1", "x"], ["1,5", "2"], ["e5", "1"], [".", "1"], ["", None], ["0x1", "1"]])
def test_a_column_with_anything_but_numbers_is_text(values):
    assert typed(pd.Series(values, dtype=object)).tolist() == values


def test_numbers_are_read_with_gaps():
    assert typed(pd.Series(["-1.5", "", "2e3", ".5"])).fillna(-9).tolist() == [-1.5, -9.0, 2000.0, 0.5]


def test_features_are_all_columns_but_names_truths_constants_and_codes():
    frame = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "label": ["x", "y", "x"],
            "gold_label": ["x", "y", "y"],
            "predicted": ["x", "x", "x"],
            "hash": ["ff0", "ee1", "dd2"],
            "source": ["web", "web", "web"],
            "size": ["1", "2", "3"],
            "text": ["one text", "more text", "last text"],
        }
    )
    rows = read(frame, label="label")
    assert rows.features.columns.tolist() == ["size", "text"]
    assert rows.features["size"].tolist() == [1.0, 2.0, 3.0]
    assert left_out_of(rows).endswith("'gold_label', 'predicted', 'hash', 'source'")


def test_named_columns_alone_are_features():
    frame = pd.DataFrame({"label": ["x", "y"], "size": ["1", "2"], "text": ["3", "4"]})
    assert read(frame, text=("text",)).features.to_dict("list") == {"text": ["3", "4"]}
    assert read(frame, features=("size",)).features.to_dict("list") == {"size": [1.0, 2.0]}


def test_the_label_column_is_found_by_its_name():
    assert read(pd.DataFrame({"text": ["a b", "c d"], "category": ["x", "y"]})).columns.label == "category"


@pytest.mark.parametrize(
    ("columns", "asked", "words"),
    [
        (["a", "b"], {}, "no column is called label"),
        (["label", "category"], {}, "several columns may hold the labels"),
        (["label", "b"], {"groups": "c"}, "there is no column 'c'"),
        (["label", "b"], {"item": "b"}, "does not name each row once"),
    ],
)
def test_columns_that_cannot_be_told_are_named(columns, asked, words):
    frame = pd.DataFrame({c: ["x", "x"] for c in columns})
    with pytest.raises(ColumnError, match=words):
        read(frame, **asked)


def test_all_columns_that_are_missing_are_reported_at_once():
    with pytest.raises(ColumnError) as caught:
        read(pd.DataFrame({"label": ["x"]}), text=("t",), groups="g")
    assert [p.parameter for p in caught.value.problems] == ["groups", "text"]


def test_no_label_and_no_feature_are_said():
    with pytest.raises(LabelError, match="holds no label"):
        read(pd.DataFrame({"label": [None, ""]}))
    with pytest.raises(ColumnError, match="no column to train on"):
        _ = read(pd.DataFrame({"label": ["x", "y"]})).features


def test_rows_of_several_files_are_called_by_file_and_number(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("label,size\nx,1\ny,2\n", encoding="utf-8")
    rows = read_labeled([tmp_path / "a.csv", tmp_path / "b.csv"], LabeledColumns())
    assert rows.labels.index.tolist() == ["a.csv 2", "a.csv 3", "b.csv 2", "b.csv 3"]


@pytest.mark.parametrize("role", ["text", "features", "groups"])
@pytest.mark.parametrize("label", ["label", None])
def test_the_labels_are_refused_as_text_feature_or_group(role, label):
    frame = pd.DataFrame({"label": ["x", "y", "x"], "size": [1, 2, 3]})
    named = "label" if role == "groups" else ("size", "label")
    with pytest.raises(ColumnError, match="column 'label' holds the labels") as caught:
        read(frame, label=label, **{role: named})
    assert caught.value.problem.parameter == role


@pytest.mark.parametrize(
    "copy",
    [
        [1, 2, 3, 1, 2, 3, 1],
        ["one text", "other text", "third text", "one text", "other text", "third text", "one text"],
        [1, 2, 3, None, 2, 3, 1],
        ["1", "2", "", "1", "2", "", "1"],
        [True, False, None, True, False, None, True],
    ],
)
def test_a_copy_of_the_labels_under_another_name_is_left_out_and_named(copy):
    frame = pd.DataFrame({"label": list("xyzxyzx"), "copy": copy, "size": [5, 5, 7, 8, 9, 1, 2]})
    rows = read(frame, label="label")
    assert rows.features.columns.tolist() == ["size"]
    assert left_out_of(rows).endswith("copies of the labels: 'copy'")


@pytest.mark.parametrize("other", [[1, 2, 3, 1, 2, 3, 2], [1, 2, 1, 1, 2, 1, 1], [1, 2, 3, 4, 2, 3, 1]])
def test_a_column_that_only_resembles_the_labels_is_a_feature(other):
    rows = read(pd.DataFrame({"label": list("xyzxyzx"), "other": other}))
    assert rows.features.columns.tolist() == ["other"]


def test_a_column_with_a_value_for_every_row_is_no_copy_of_labels_that_are_all_different():
    rows = read(pd.DataFrame({"label": ["x", "y", "z"], "size": [1.5, 2.5, 3.5]}))
    assert rows.features.columns.tolist() == ["size"]


def test_arrays_of_one_size_are_features_and_other_lists_are_left_out():
    frame = pd.DataFrame(
        {
            "label": ["x", "y", "x"],
            "id": [[1], [2], [3]],
            "vector": [np.array([0.5, 1.0]), np.array([1.0, 2.0]), np.array([0.0, 0.0])],
            "ragged": [[1], [1, 2], [1]],
            "gaps": [[1.0], None, [2.0]],
            "unknown": [[1.0], [np.nan], [2.0]],
            "words": [["a"], ["b"], ["c"]],
            "matrix": [np.eye(2)] * 3,
            "mapping": [{"a": 1}] * 3,
        }
    )
    rows = read(frame)
    assert rows.columns.item is None
    assert rows.features.columns.tolist() == ["id", "vector"]
    assert left_out_of(rows).endswith(": 'ragged', 'gaps', 'unknown', 'words', 'matrix', 'mapping'")


@pytest.mark.parametrize("role", ["label", "item", "groups"])
def test_arrays_are_refused_where_single_values_are_wanted(role):
    frame = pd.DataFrame({"label": ["x", "y"], "vector": [[1, 2], [3, 4]]})
    with pytest.raises(ColumnError, match="column 'vector' holds arrays") as caught:
        read(frame, **{role: "vector"})
    assert caught.value.problem.parameter == role
