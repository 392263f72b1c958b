"""What must hold for every data set."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import labelqa as lq
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import item_patterns
from labelqa.counts.sparse import ClassCounts, distinct_rows
from labelqa.reliability import names
from tests.properties.strategies import CLASSES, annotations, wide_tables

coefficients = st.sampled_from(names.COEFFICIENTS)
SCHEMES = st.sampled_from(["identity", "linear", "ordinal", "rank", "bipolar"])


def same(a, b):
    assert a.estimate == pytest.approx(b.estimate, abs=1e-9, nan_ok=True)
    assert a.undefined_because == b.undefined_because
    assert a.standard_error == pytest.approx(b.standard_error, abs=1e-7, nan_ok=True)


@given(wide_tables(), coefficients, SCHEMES, st.randoms(use_true_random=False))
def test_permuting_annotators_and_items_changes_nothing(wide, coefficient, weights, random):
    columns, rows = list(wide.columns), list(range(len(wide)))
    random.shuffle(columns)
    random.shuffle(rows)
    before = lq.agreement(annotations(wide), coefficient, weights=weights)
    same(before, lq.agreement(annotations(wide[columns].take(rows)), coefficient, weights=weights))


@given(wide_tables(), coefficients)
def test_renaming_classes_changes_nothing(wide, coefficient):
    new = dict(zip(CLASSES, "wxyz", strict=True))
    renamed = Annotations.from_wide(wide.replace(new), classes=list("zxwy"))
    same(lq.agreement(annotations(wide), coefficient), lq.agreement(renamed, coefficient))


@given(wide_tables(), st.sampled_from(sorted(set(names.COEFFICIENTS) - {"krippendorff_alpha"})))
def test_duplicating_every_item_keeps_the_estimate(wide, coefficient):
    """Alpha is left out: its small-sample correction rightly shrinks as data doubles."""
    twice = lq.agreement(annotations(pd.concat([wide, wide], ignore_index=True)), coefficient)
    assert twice.estimate == pytest.approx(lq.agreement(annotations(wide), coefficient).estimate, nan_ok=True)


@given(wide_tables())
def test_duplicating_every_item_moves_alpha_by_its_small_sample_correction(wide):
    one = lq.agreement(annotations(wide))
    two = lq.agreement(annotations(pd.concat([wide, wide], ignore_index=True)))
    pairable = int(wide.notna().sum(axis=1).where(lambda r: r >= 2, 0).sum())
    if pairable and not math.isnan(one.estimate):
        uncorrected = (one.estimate - 1 / pairable) / (1 - 1 / pairable)
        expected = uncorrected * (1 - 1 / (2 * pairable)) + 1 / (2 * pairable)
        assert two.estimate == pytest.approx(expected, abs=1e-9)


@given(wide_tables(), coefficients)
def test_a_table_of_identity_weights_equals_unweighted(wide, coefficient):
    data = annotations(wide)
    same(lq.agreement(data, coefficient), lq.agreement(data, coefficient, weights=np.eye(4)))


@given(wide_tables(), coefficients, SCHEMES)
def test_the_estimate_lies_in_its_interval_and_below_one(wide, coefficient, weights):
    result = lq.agreement(annotations(wide), coefficient, weights=weights)
    assert math.isnan(result.estimate) or result.estimate <= 1 + 1e-12
    for method in ("analytic", "jackknife"):
        interval = result.confidence_interval(method=method)
        if interval.undefined_because is None:
            assert interval.low <= result.estimate <= interval.high


@given(wide_tables(), coefficients)
def test_undefined_always_has_a_reason_and_defined_never(wide, coefficient):
    result = lq.agreement(annotations(wide), coefficient)
    assert math.isnan(result.estimate) == (result.undefined_because is not None)
    no_error = math.isnan(result.standard_error)
    assert no_error == (result.undefined_because is not None or result.interval_undefined_because is not None)


@settings(max_examples=25)
@given(wide_tables(max_items=6))
def test_the_interval_shrinks_with_more_of_the_same_data(wide):
    few = lq.agreement(annotations(wide)).confidence_interval()
    many = lq.agreement(annotations(pd.concat([wide] * 20, ignore_index=True))).confidence_interval()
    if few.undefined_because is None and few.standard_error > 0:
        assert many.high - many.low < few.high - few.low


@given(wide_tables(), wide_tables())
def test_adding_patterns_equals_the_patterns_of_both_data_sets(one, two):
    m = max(one.shape[1], two.shape[1])
    parts = [w.reindex(columns=[f"r{g}" for g in range(m)]).astype(object) for w in (one, two)]
    whole = lq.CountPatterns.from_annotations(annotations(pd.concat(parts, ignore_index=True)))
    added = lq.CountPatterns.from_annotations(annotations(one)) + lq.CountPatterns.from_annotations(annotations(two))
    assert added.patterns.tolist() == whole.patterns.tolist()
    assert added.multiplicity.tolist() == whole.multiplicity.tolist()


@given(wide_tables())
def test_packed_and_sorted_counting_give_the_same_patterns(wide):
    data = annotations(wide)
    packed, inverse = item_patterns(data)
    rows = ClassCounts.from_codes(data.item, data.label, data.n_items, 4)
    first, other = distinct_rows(rows)
    assert rows.take(first).to_dense().tolist() == packed.patterns.tolist()
    assert other.tolist() == inverse.tolist()
    assert packed.patterns[inverse].tolist() == data.counts.tolist()


@given(st.lists(st.lists(st.integers(0, 5), min_size=70, max_size=70), min_size=1, max_size=6))
def test_long_rows_are_told_apart_too(rows):
    matrix = np.array(rows)
    first, inverse = distinct_rows(ClassCounts.from_dense(matrix))
    assert matrix[first][inverse].tolist() == matrix.tolist()
    assert len(first) == len({tuple(r) for r in rows})


@given(wide_tables(), coefficients)
def test_long_and_wide_layouts_measure_the_same(wide, coefficient):
    long = wide.reset_index(names="item").melt(id_vars="item", var_name="annotator", value_name="label").dropna()
    if len(long):
        data = Annotations.from_frame(long, item="item", annotator="annotator", label="label", classes=CLASSES)
        same(lq.agreement(annotations(wide), coefficient), lq.agreement(data, coefficient))
