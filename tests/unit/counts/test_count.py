"""count_patterns: parameters, frames of no known kind, and repeated labels."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import labelqa as lq
from labelqa.errors import ColumnError, DuplicateError, LabelError, ParameterError

ROLES = {"item": "item", "annotator": "annotator", "label": "label"}
ROWS = pd.DataFrame({"item": [1, 1, 2, 2], "annotator": ["a", "b", "a", "b"], "label": ["x", "y", "x", "x"]})


@pytest.mark.parametrize(
    ("change", "parameter"), [({"on_duplicate": "newest"}, "on_duplicate"), ({"level": "nominall"}, "level")]
)
def test_an_option_that_is_not_known_is_told_with_the_known_ones(change, parameter):
    with pytest.raises(ParameterError, match="allowed") as caught:
        lq.count_patterns(ROWS, **ROLES, **change)
    assert caught.value.problem.parameter == parameter


@pytest.mark.parametrize("value", [{"item": [1]}, 7, None, [1, 2], np.zeros((2, 2))], ids=lambda v: type(v).__name__)
def test_what_is_neither_a_frame_nor_a_path_is_refused_by_its_type(value):
    with pytest.raises(ParameterError, match=f"labels in a {type(value).__name__}"):
        lq.count_patterns(value, **ROLES)


def test_one_column_for_two_roles_is_refused():
    with pytest.raises(ColumnError, match="more than one role"):
        lq.count_patterns(pa.Table.from_pandas(ROWS), item="item", label="item")


def test_repeats_on_an_engine_name_the_first_few_and_count_all():
    again = pd.concat([ROWS] * 3, ignore_index=True)
    with pytest.raises(DuplicateError, match="8 repeated rows in 4") as caught:
        lq.count_patterns(pl.from_pandas(again), **ROLES)
    assert len(caught.value.problems) == 3
    assert "annotator 'a' labeled item '1' 3 times" in caught.value.problem.what


def test_rows_set_aside_are_no_repeats():
    rows = pd.concat([ROWS, ROWS.assign(label=None), ROWS.assign(annotator=None)], ignore_index=True)
    assert lq.count_patterns(pl.from_pandas(rows), **ROLES).n_annotations == 4


def test_without_annotators_repeats_are_labels():
    found = lq.count_patterns(pl.from_pandas(pd.concat([ROWS, ROWS])), item="item", label="label")
    assert found.patterns.tolist() == [[4, 0], [2, 2]]


def test_all_labels_outside_the_classes_are_listed_with_their_rows():
    with pytest.raises(LabelError, match=r"holds 2 labels that are not classes, in 3 rows: 'x', 'z'|'z', 'x'"):
        lq.count_patterns(pl.from_pandas(ROWS.replace("y", "z")[:-1]), **ROLES, classes=["y"])


def test_numeric_classes_may_be_declared_for_text_files(tmp_path):
    ROWS.assign(label=[3, 10, 3, 3]).to_csv(tmp_path / "labels.csv", index=False)
    found = lq.count_patterns(tmp_path / "labels.csv", **ROLES, classes=[10, 5, 3], level="interval")
    assert found.schema.classes == (10, 5, 3)
    assert lq.agreement(found, weights="interval").n_items == 2


def test_natural_order_puts_class_9_before_10_on_engines_too():
    rows = ROWS.assign(label=["c10", "c9", "c10", "c9"])
    assert lq.count_patterns(pl.from_pandas(rows), **ROLES).schema.classes == ("c9", "c10")
