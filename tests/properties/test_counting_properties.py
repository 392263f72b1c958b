"""Counting gives one answer, whatever the order of rows, their partitions and the form of the sums."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import labelqa as lq
from labelqa.counts.engine import forms
from labelqa.counts.engine.frame import engine_frame
from labelqa.counts.engine.reduction import check_totals, count_kinds
from labelqa.errors import DuplicateError
from tests.unit.counts.data import ROLES, WITH_WHO, brute, looked_at, spelled

COLUMNS = {"item": "item", "annotator": "annotator", "label": "label"}
CLASSES = ("a", "b", "c")


@st.composite
def long_tables(draw, max_rows=40, repeats=False):
    """Rows of few items, annotators and classes, some labels missing; unless `repeats`, one an item and annotator."""
    cell = st.tuples(st.integers(0, 7), st.sampled_from(["x", "y", "z"]))
    keys = draw(st.lists(cell, min_size=1, max_size=max_rows, unique=not repeats))
    label = st.sampled_from([*CLASSES, None])
    values = draw(st.lists(label, min_size=len(keys), max_size=len(keys)))
    rows = pd.DataFrame(keys, columns=["item", "annotator"]).astype({"annotator": "str"})
    return rows.assign(label=pd.Series(values, dtype="str"))


def same(found: lq.CountPatterns, expected: lq.CountPatterns) -> bool:
    tables = (found.margins, expected.margins), (found.pair_tables, expected.pair_tables)
    return (
        found.schema.classes == expected.schema.classes
        and np.array_equal(found.patterns, expected.patterns)
        and np.array_equal(found.multiplicity, expected.multiplicity)
        and all((a is None) == (b is None) and (a is None or np.array_equal(a, b)) for a, b in tables)
    )


def alpha(counts: lq.CountPatterns) -> float:
    return lq.agreement(counts).estimate


@settings(max_examples=40)
@given(long_tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    expected = lq.count_patterns(rows, **COLUMNS, classes=CLASSES)
    for native in (rows.iloc[order], pa.Table.from_pandas(rows.iloc[order], preserve_index=False)):
        found = lq.count_patterns(native, **COLUMNS, classes=CLASSES)
        assert same(found, expected)
        np.testing.assert_allclose(alpha(found), alpha(expected), rtol=0, atol=1e-12)


@settings(max_examples=25)
@given(long_tables(), st.data())
def test_files_may_split_items_anywhere(rows, data):
    part = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows))))
    expected = lq.CountPatterns.from_annotations(lq.Annotations.from_frame(rows, **COLUMNS, classes=CLASSES))
    with tempfile.TemporaryDirectory() as folder:
        for i in np.unique(part):
            pq.write_table(pa.Table.from_pandas(rows[part == i], preserve_index=False), Path(folder) / f"{i}.parquet")
        found = lq.count_patterns(folder, **COLUMNS, classes=CLASSES)
    assert np.array_equal(found.patterns, expected.patterns)
    assert np.array_equal(found.multiplicity, expected.multiplicity)


@pytest.mark.filterwarnings("ignore:Dask support is moving out:FutureWarning")  # narwhals' own advice
@settings(max_examples=10)
@given(long_tables(), st.data())
def test_partitions_of_dask_may_split_items_anywhere(rows, data):
    dask = pytest.importorskip("dask", reason="dask is not installed")
    dd = pytest.importorskip("dask.dataframe", reason="dask's data frame is not installed")
    part = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows))))
    pieces = [rows[part == i] for i in range(4)]  # some of them empty
    with dask.config.set(scheduler="synchronous"):
        native = dd.concat([dd.from_pandas(piece, npartitions=1) for piece in pieces])
        found = lq.count_patterns(native, **COLUMNS, classes=CLASSES)
    assert same(found, lq.count_patterns(rows, **COLUMNS, classes=CLASSES))


@settings(max_examples=40)
@given(long_tables())
def test_data_split_by_items_adds_up_to_the_whole(rows):
    whole = lq.count_patterns(rows, **COLUMNS, classes=CLASSES)
    first = rows["item"] % 2 == 0
    if first.all() or not first.any():
        return
    halves = [lq.count_patterns(half, **COLUMNS, classes=CLASSES) for half in (rows[first], rows[~first])]
    assert same(halves[0] + halves[1], whole)
    assert same(halves[1] + halves[0], whole)
    both = halves[0] + halves[1]
    assert both.who.annotators == whole.who.annotators
    np.testing.assert_allclose(
        lq.agreement(both, "conger_kappa").estimate, lq.agreement(whole, "conger_kappa").estimate, rtol=0, atol=1e-12
    )


def packed(bits):
    def choose(k, m, longest):
        if longest is not None:
            return forms.choose_form(k, m, longest)
        digits = forms.EXACT_BITS // bits
        form = forms._by_annotator(k, m, bits, digits) if k <= digits else forms._by_class(k, m, bits, digits)
        return form or forms.hashed(k, m)

    return choose


def by_class(k, m, longest):
    """Two classes a sum: several columns of one annotator each, where they are few enough."""
    bits = max((longest or 15).bit_length(), 1)
    return forms._by_class(k, m, bits, 2) or forms.hashed(k, m, longest)


FORMS = {f"packed in {bits} bits": packed(bits) for bits in (1, 2, 3, 5, 17)} | {
    "chosen": forms.choose_form,
    "hashed": forms.hashed,
    "by class": by_class,
}


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=20)
@given(rows=long_tables())
def test_every_form_counts_the_same_kinds(name, rows):
    for roles, by_annotator in ((ROLES, False), (WITH_WHO, True)):
        data, found = looked_at(rows, roles, classes=CLASSES)
        kinds = count_kinds(data, found, by_annotator=by_annotator, limit=1000, form=FORMS[name])
        check_totals(kinds, found, data)
        assert spelled(kinds, found, by_annotator=by_annotator) == brute(rows, by_annotator=by_annotator)


@pytest.mark.parametrize("name", ["chosen", "hashed", "packed in 1 bits", "by class"])
@settings(max_examples=15)
@given(rows=long_tables(repeats=True, max_rows=60))
def test_forms_agree_on_duckdb_where_items_have_any_number_of_labels(name, rows):
    connection = duckdb.connect()
    data = engine_frame(connection.from_arrow(pa.Table.from_pandas(rows, preserve_index=False)), ROLES)
    _, found = looked_at(rows, ROLES, classes=CLASSES)
    kinds = count_kinds(data, found, by_annotator=False, limit=1000, form=FORMS[name])
    assert spelled(kinds, found, by_annotator=False) == brute(rows, by_annotator=False)


@settings(max_examples=12)
@given(long_tables(), st.data())
def test_an_annotator_who_repeats_a_label_is_always_found(rows, data):
    """Twice, four or eight times: in binary digits the repeats carry into the labels of another."""
    labeled = rows.dropna()
    if labeled.empty:
        return
    which = data.draw(st.integers(0, len(labeled) - 1))
    times = data.draw(st.sampled_from([1, 3, 7, 15]))
    again = pd.concat([rows, *[labeled.iloc[[which]]] * times], ignore_index=True)
    native = pa.Table.from_pandas(again, preserve_index=False)
    for frame in (again, native):
        with pytest.raises(DuplicateError, match=f"{times} repeated rows in 1 "):
            lq.count_patterns(frame, **COLUMNS)
    for choose in FORMS.values():
        held, found = looked_at(again, classes=CLASSES)
        kinds = count_kinds(held, found, by_annotator=True, limit=1000, form=choose)
        repeated = kinds is None or (kinds.rows.counts > 1).any()
        assert repeated


@settings(max_examples=30)
@given(long_tables(repeats=True))
def test_repeats_are_found_exactly_where_they_are(rows):
    labeled = rows.dropna()
    repeated = labeled.duplicated(["item", "annotator"]).any()
    native = pa.Table.from_pandas(rows, preserve_index=False)
    if repeated:
        with pytest.raises(DuplicateError):
            lq.count_patterns(native, **COLUMNS)
    else:
        assert lq.count_patterns(native, **COLUMNS).n_annotations == len(labeled)


@settings(max_examples=30)
@given(long_tables(repeats=True))
def test_a_survey_adds_up_to_the_rows(rows):
    for roles in (ROLES, WITH_WHO):
        found = looked_at(rows, roles)[1]
        aside = sum(entry.count for entry in found.log.set_aside)
        assert found.log.n_labels_used + aside == found.log.n_rows_read == len(rows)
        assert found.class_totals.sum() == found.annotator_totals.sum() == found.log.n_labels_used
