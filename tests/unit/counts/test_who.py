"""Who said what: margins, pair tables and joins against counting by brute force."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import labelqa as lq
from labelqa.counts.who import WhoCounts
from labelqa.errors import ParameterError

ROLES = {"item": "item", "annotator": "annotator", "label": "label"}


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    item, annotator = np.nonzero(rng.random((60, 4)) < 0.6)
    return pd.DataFrame({
        "item": item,
        "annotator": np.array(["ann2", "ann10", "ben", "cat"])[annotator],
        "label": rng.choice(list("xyz"), item.size),
    })  # fmt: skip


def brute_pairs(rows, names, classes):
    table = np.zeros((len(names), len(names), len(classes), len(classes)), dtype=np.int64)
    for _, group in rows.groupby("item"):
        for g, a in zip(group["annotator"], group["label"], strict=True):
            for h, b in zip(group["annotator"], group["label"], strict=True):
                if g != h:
                    table[names.index(g), names.index(h), classes.index(a), classes.index(b)] += 1
    return table


def test_margins_and_pair_tables_are_those_of_brute_force(rows):
    for native in (rows, pa.Table.from_pandas(rows, preserve_index=False)):
        found = lq.count_patterns(native, **ROLES)
        names = list(found.who.annotators)
        assert names == ["ann2", "ann10", "ben", "cat"]
        assert found.n_annotators == 4
        margins = pd.crosstab(rows["annotator"], rows["label"]).loc[names].to_numpy()
        np.testing.assert_array_equal(found.margins, margins)
        np.testing.assert_array_equal(found.pair_tables, brute_pairs(rows, names, ["x", "y", "z"]))


def test_the_kinds_of_who_are_those_of_annotations(rows):
    found = lq.count_patterns(pa.Table.from_pandas(rows, preserve_index=False), **ROLES).who
    expected, _ = WhoCounts.of(lq.Annotations.from_frame(rows, **ROLES))
    np.testing.assert_array_equal(found.rows.to_dense(), expected.rows.to_dense())
    np.testing.assert_array_equal(found.multiplicity, expected.multiplicity)


def test_without_annotators_there_are_no_margins_and_the_reason_is_kept(rows):
    found = lq.count_patterns(rows, item="item", label="label")
    assert (found.n_annotators, found.margins, found.pair_tables) == (None, None, None)
    assert "annotator=" in found.who_unknown_because


def test_a_table_of_pairs_that_would_not_fit_is_refused():
    n = 8000
    rows = pd.DataFrame({"item": np.arange(n) // 2, "annotator": np.arange(n), "label": np.arange(n) % 2})
    found = lq.count_patterns(rows, **ROLES)
    assert found.margins.shape == (n, 2)
    with pytest.raises(ParameterError, match="too large"):
        _ = found.pair_tables


def test_data_sets_with_other_annotators_and_classes_join(rows):
    other = rows.assign(item=rows["item"] + 100, annotator=rows["annotator"].replace("cat", "dan")).replace("z", "a")
    both = lq.count_patterns(rows, **ROLES) + lq.count_patterns(other, **ROLES)
    whole = lq.count_patterns(pd.concat([rows, other]), **ROLES, classes=both.schema.classes)
    assert both.who.annotators == whole.who.annotators
    np.testing.assert_array_equal(both.margins, whole.margins)
    np.testing.assert_array_equal(both.pair_tables, whole.pair_tables)


def test_a_part_without_annotators_leaves_the_whole_without(rows):
    one, other = lq.count_patterns(rows, **ROLES), lq.count_patterns(rows, item="item", label="label")
    both = one + other
    assert both.who is None
    assert both.who_unknown_because


def test_the_read_log_tells_what_became_of_every_row(rows):
    rows.loc[:2, "label"] = None
    again = pd.concat([rows, rows.iloc[[9]]], ignore_index=True)
    log = lq.count_patterns(pa.Table.from_pandas(again, preserve_index=False), **ROLES, on_duplicate="first").read_log
    assert log.n_rows_read == len(again)
    assert log.n_labels_used == len(again) - 4
    assert sorted(entry.count for entry in log.set_aside) == [1, 3]
    assert dict(log.mapping) == ROLES
