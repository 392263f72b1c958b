"""What count_patterns promises on every engine: the answer of Annotations.from_frame, or a clear error.

The promises are written once; each engine is a subclass that says how it is given rows (engines.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.errors import ColumnError, DuplicateError, EngineError, FileFormatError, LabelError, ParameterError
from labelqa.reliability.names import COEFFICIENTS, WHO_COEFFICIENTS
from tests.contracts import engines

ROLES = {"item": "item", "annotator": "annotator", "label": "label"}
WITHOUT_WHO = {"item": "item", "label": "label"}
NUMBERS = ["estimate", "standard_error", "low", "high"]
COUNTS = ["n_items", "n_annotations", "n_single"]


def labels(seed=0, n=40, m=4, classes=("x", "y", "z"), missing=0.3) -> pd.DataFrame:
    """Rows in random order, so that an item's labels lie far apart; an item may have none."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, len(classes), n)
    item, annotator = np.nonzero(rng.random((n, m)) >= missing)
    label = np.where(rng.random(item.size) < 0.7, truth[item], rng.integers(0, len(classes), item.size))
    rows = pd.DataFrame(
        {
            "item": [f"i{i}" for i in item],
            "annotator": [f"ann{a}" for a in annotator],
            "label": [classes[c] for c in label],
        }
    )
    return rows.sample(frac=1, random_state=seed, ignore_index=True)


def table(data, coefficients=COEFFICIENTS) -> pd.DataFrame:
    found = lq.agreement_table(data, coefficients=coefficients).to_frame()
    return found.set_index("coefficient")


def assert_same(found, expected, coefficients=COEFFICIENTS) -> None:
    """The same kinds of items and the same agreement to 1e-12."""
    assert found.schema.names == expected.schema.names
    theirs = lq.CountPatterns.from_annotations(expected)
    np.testing.assert_array_equal(found.patterns, theirs.patterns)
    np.testing.assert_array_equal(found.multiplicity, theirs.multiplicity)
    ours, reference = table(found, coefficients), table(expected, coefficients)
    for column in NUMBERS:
        np.testing.assert_allclose(ours[column], reference[column], rtol=0, atol=1e-12, err_msg=column)
    for column in COUNTS:
        assert ours[column].tolist() == reference[column].tolist(), column
    assert ours["reason"].tolist() == reference["reason"].tolist()


def anyone(rows: pd.DataFrame) -> lq.Annotations:
    """Annotations in which every row has an annotator of its own: what counting without annotators sees."""
    return lq.Annotations.from_frame(rows.assign(annotator=np.arange(len(rows))), **ROLES)


def pytest_generate_tests(metafunc):
    if "classes" in metafunc.fixturenames:
        metafunc.parametrize("classes", metafunc.cls.label_types)


class Promises:
    """What holds on every engine."""

    def test_patterns_and_agreement_are_those_of_annotations(self, tmp_path):
        rows = labels()
        expected = lq.Annotations.from_frame(rows, **ROLES)
        found = lq.count_patterns(self.hold(rows, tmp_path), **ROLES)
        assert_same(found, expected)
        assert found.n_annotators == 4
        assert table(found)["n_annotators"].tolist() == table(expected)["n_annotators"].tolist()

    def test_without_annotators_all_else_is_the_same_and_two_say_why_not(self, tmp_path):
        rows = labels(1)
        found = lq.count_patterns(self.hold(rows, tmp_path), **WITHOUT_WHO)
        known = [c for c in COEFFICIENTS if c not in WHO_COEFFICIENTS]
        assert_same(found, anyone(rows), known)
        for name in WHO_COEFFICIENTS:
            result = lq.agreement(found, name)
            assert np.isnan(result.estimate)
            assert "annotator=" in result.undefined_because

    def test_margins_and_pair_tables_are_counted(self, tmp_path):
        rows = labels(2, n=15)
        found = lq.count_patterns(self.hold(rows, tmp_path), **ROLES)
        margins = pd.crosstab(rows["annotator"], rows["label"]).to_numpy()
        np.testing.assert_array_equal(found.margins, margins)
        pairs = rows.merge(rows, on="item")
        pairs = pairs[(pairs["annotator_x"] == "ann0") & (pairs["annotator_y"] == "ann2")]
        expected = pd.crosstab(pairs["label_x"], pairs["label_y"]).reindex(
            index=["x", "y", "z"], columns=["x", "y", "z"], fill_value=0
        )
        np.testing.assert_array_equal(found.pair_tables[0, 2], expected)

    def test_rows_without_a_label_or_an_annotator_are_counted_and_set_aside(self, tmp_path):
        rows = labels(3)
        rows.loc[[1, 5, 9], "label"] = None
        rows.loc[[2, 5], "annotator"] = None
        rows.loc[rows["item"] == "i7", "label"] = None
        expected = lq.Annotations.from_frame(rows, **ROLES)
        found = lq.count_patterns(self.hold(rows, tmp_path), **ROLES)
        assert_same(found, expected)
        assert found.n_items == expected.n_items
        aside = {entry.reason: entry.count for entry in found.read_log.set_aside}
        assert aside == {"no annotator": 2, "no label": int(rows["label"].isna().sum()) - 1}
        assert found.read_log.n_rows_read == len(rows)
        assert found.read_log.n_labels_used == len(expected)

    def test_missing_labels_count_without_annotators_too(self, tmp_path):
        rows = labels(4)
        rows.loc[[0, 3], "label"] = None
        found = lq.count_patterns(self.hold(rows, tmp_path), **WITHOUT_WHO)
        assert_same(found, anyone(rows), ["krippendorff_alpha", "gwet_ac"])
        assert [(entry.reason, entry.count) for entry in found.read_log.set_aside] == [("no label", 2)]

    def test_labels_of_any_type_are_read_alike(self, classes, tmp_path):
        rows = labels(5, classes=classes)
        assert_same(lq.count_patterns(self.hold(rows, tmp_path), **ROLES), lq.Annotations.from_frame(rows, **ROLES))

    def test_whole_numbers_with_gaps_stay_whole(self, tmp_path):
        rows = labels(6, classes=(1.0, 2.0))
        rows.loc[4, "label"] = np.nan
        found = lq.count_patterns(self.hold(rows, tmp_path), **ROLES)
        assert found.schema.names == ("1", "2")
        assert_same(found, lq.Annotations.from_frame(rows, **ROLES))

    def test_integer_items_are_told_apart_also_beyond_2_to_53(self, tmp_path):
        rows = labels(7)
        rows["item"] = rows["item"].str[1:].astype(np.int64) + 2**60
        assert_same(lq.count_patterns(self.hold(rows, tmp_path), **ROLES), lq.Annotations.from_frame(rows, **ROLES))

    def test_ids_like_007_are_not_the_number_7(self, tmp_path):
        rows = pd.DataFrame(
            {
                "item": ["007", "7", "007", "7", "07", "07"],
                "annotator": ["01", "01", "1", "1", "01", "1"],
                "label": ["a", "b", "b", "b", "a", "a"],
            }
        )
        found = lq.count_patterns(self.hold(rows, tmp_path), **ROLES)
        assert found.n_items == 3
        assert found.n_annotators == 2
        assert_same(found, lq.Annotations.from_frame(rows, **ROLES))

    def test_declared_classes_set_the_order_and_may_be_unused(self, tmp_path):
        rows, classes = labels(8), ("z", "unused", "x", "y")
        expected = lq.Annotations.from_frame(rows, **ROLES, classes=classes, level="ordinal")
        found = lq.count_patterns(self.hold(rows, tmp_path), **ROLES, classes=classes, level="ordinal")
        assert found.schema.classes == classes
        assert_same(found, expected)

    def test_labels_outside_the_classes_are_named_with_the_allowed_ones(self, tmp_path):
        with pytest.raises(LabelError, match=r"'z'.*allowed: x, y") as caught:
            lq.count_patterns(self.hold(labels(9), tmp_path), **ROLES, classes=("x", "y"))
        assert caught.value.problem.value == "z"

    def test_a_missing_column_is_told_with_those_that_exist(self, tmp_path):
        with pytest.raises(ColumnError, match="no column 'labl'") as caught:
            lq.count_patterns(self.hold(labels(9), tmp_path), item="item", annotator="annotator", label="labl")
        assert caught.value.problem.allowed == ("item", "annotator", "label")

    @pytest.mark.parametrize("roles", [ROLES, WITHOUT_WHO])
    def test_a_row_without_an_item_is_refused(self, roles, tmp_path):
        rows = labels(9)
        rows.loc[[3, 4], "item"] = None
        with pytest.raises(ColumnError, match=r"'item' names no item in 2 of \d+ rows"):
            lq.count_patterns(self.hold(rows, tmp_path), **roles)

    def test_repeated_labels_are_refused_naming_annotator_and_item(self, tmp_path):
        rows = pd.concat([labels(10), labels(10).iloc[[0, 3]]], ignore_index=True)
        first = rows.iloc[0]
        with pytest.raises(DuplicateError, match="2 repeated rows in 2") as caught:
            lq.count_patterns(self.hold(rows, tmp_path), **ROLES)
        assert any(first["annotator"] in p.what and first["item"] in p.what for p in caught.value.problems)

    def test_another_second_label_is_a_repeat_too(self, tmp_path):
        rows = labels(11, classes=("x", "y"))
        again = rows.iloc[[2]].assign(label="y" if rows["label"][2] == "x" else "x")
        with pytest.raises(DuplicateError, match="1 repeated rows in 1"):
            lq.count_patterns(self.hold(pd.concat([rows, again], ignore_index=True), tmp_path), **ROLES)

    @pytest.mark.parametrize("keep", ["first", "last"])
    def test_first_or_last_label_counts_where_rows_have_an_order(self, keep, tmp_path):
        rows = pd.concat([labels(12), labels(13), labels(12).iloc[:3].assign(label="w")], ignore_index=True)
        rows.loc[[5, 60], "label"] = None
        held = self.hold(rows, tmp_path)
        if not self.ordered:
            with pytest.raises(ParameterError, match="have no order"):
                lq.count_patterns(held, **ROLES, on_duplicate=keep)
            return
        expected = lq.Annotations.from_frame(rows, **ROLES, on_duplicate=keep)
        found = lq.count_patterns(held, **ROLES, on_duplicate=keep)
        assert_same(found, expected)
        assert found.read_log.n_rows_read == len(rows)
        assert found.read_log.n_labels_used == len(expected)

    def test_an_engine_that_fails_midway_is_an_error_with_its_cause(self, tmp_path):
        failing = self.fail_midway(labels(14), tmp_path)
        with pytest.raises((EngineError, FileFormatError)) as caught:
            lq.count_patterns(failing, **ROLES)
        assert caught.value.__cause__ is not None

    def test_an_annotator_whose_labels_are_all_missing_is_not_counted(self, tmp_path):
        rows = labels(19)
        rows.loc[rows["annotator"] == "ann1", "label"] = None
        expected = lq.Annotations.from_frame(rows, **ROLES)
        found = lq.count_patterns(self.hold(rows, tmp_path), **ROLES)
        assert found.n_annotators == expected.n_annotators == 3
        assert found.read_log.notes == expected.read_log.notes
        assert_same(found, expected)

    def test_a_class_that_only_annotators_without_a_name_gave_is_a_class(self, tmp_path):
        rows = labels(20)
        rows.loc[[0, 1], ["annotator", "label"]] = [None, "w"]
        assert_same(lq.count_patterns(self.hold(rows, tmp_path), **ROLES), lq.Annotations.from_frame(rows, **ROLES))

    @pytest.mark.parametrize("empty", ["label", "annotator"])
    def test_a_column_without_any_value_leaves_items_without_labels(self, empty, tmp_path):
        rows = labels(16, n=5).assign(**{empty: pd.Series([None] * 100, dtype="str")})
        found = lq.count_patterns(self.hold(rows, tmp_path), **ROLES)
        assert (found.n_items, found.n_annotations) == (5, 0)
        assert_same(found, lq.Annotations.from_frame(rows, **ROLES))

    def test_hundreds_of_classes_are_counted_alike(self, tmp_path):
        rows = labels(17, n=60, classes=tuple(f"c{i}" for i in range(300)))
        expected = lq.Annotations.from_frame(rows, **ROLES)
        assert_same(lq.count_patterns(self.hold(rows, tmp_path), **ROLES), expected)
        without = lq.count_patterns(self.hold(rows, tmp_path), **WITHOUT_WHO)
        np.testing.assert_array_equal(without.patterns, lq.CountPatterns.from_annotations(expected).patterns)

    def test_an_item_with_very_many_labels_is_counted_right(self, tmp_path):
        rows = pd.DataFrame(
            {"item": ["many"] * 5000 + ["few"] * 3, "label": ["x", "y", "y", "z", "x"] * 1000 + ["x", "x", "y"]}
        )
        found = lq.count_patterns(self.hold(rows, tmp_path), **WITHOUT_WHO)
        assert found.patterns.tolist() == [[2, 1, 0], [2000, 2000, 1000]]

    def test_column_names_may_hold_anything_and_clash_with_nothing(self, tmp_path):
        rows = labels(18, n=10)
        expected = lq.Annotations.from_frame(rows, **ROLES)
        names = {"item": "label", "annotator": 'the "an\'notator"', "label": "item id; (n)"}
        held = self.hold(rows.rename(columns=names).assign(n=1, s0="x", l_known="y"), tmp_path)
        assert_same(lq.count_patterns(held, **names), expected)

    def test_no_rows_at_all_are_no_items(self, tmp_path):
        rows = labels(15).iloc[:0]
        rows = rows.astype({"item": "str", "annotator": "str", "label": "str"})
        found = lq.count_patterns(self.hold(rows, tmp_path), **ROLES)
        assert (found.n_items, found.n_annotations, len(found)) == (0, 0, 0)
        assert np.isnan(lq.agreement(found).estimate)


class TestPandas(Promises, engines.PandasFrames): ...


class TestEagerPolars(Promises, engines.EagerPolarsFrames): ...


class TestLazyPolars(Promises, engines.LazyPolarsFrames): ...


class TestArrow(Promises, engines.ArrowFrames): ...


class TestDuckDB(Promises, engines.DuckFrames): ...


@pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")  # ibis's own call of DuckDB
class TestIbis(Promises, engines.IbisFrames): ...


DASK_MOVES = pytest.mark.filterwarnings("ignore:Dask support is moving out:FutureWarning")  # narwhals' own advice


@DASK_MOVES
class TestDask(Promises, engines.DaskFrames): ...


@DASK_MOVES
class TestDaskCluster(Promises, engines.DaskClusterFrames): ...


class TestSpark(Promises, engines.SparkFrames): ...


class TestParquetFile(Promises, engines.ParquetFile): ...


class TestParquetFiles(Promises, engines.ParquetFiles): ...


class TestCsvFile(Promises, engines.CsvFile): ...
