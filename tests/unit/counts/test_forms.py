"""Forms: counts behind sums, and the proof that a reading is right."""

import numpy as np
import pandas as pd
import pytest

from labelqa.counts.engine import forms
from labelqa.counts.engine.forms import choose_form, hashed
from labelqa.counts.engine.reduction import check_totals, count_kinds
from labelqa.errors import EngineError
from tests.unit.counts.data import ROLES, brute, looked_at, spelled


def sums_of(form, counts):
    """What an engine adds up for items with counts (p, m, k)."""
    return np.column_stack(
        [
            np.einsum("pmk,m,k->p", counts, form.annotator_weights[:, g], form.label_weights[:, c])
            for c, g in form.columns
        ]
    )


@pytest.mark.parametrize(
    ("k", "m", "longest"),
    [(1, 1, None), (5, 1, None), (13, 1, None), (14, 1, None), (52, 1, 1), (52, 1, None), (200, 1, 1), (3, 1, 2**17),
     (2, 2, None), (5, 5, None), (26, 2, None), (27, 2, None), (52, 4, None), (53, 2, None), (2, 104, None),
     (1, 1, 2**51)],
)  # fmt: skip
def test_a_packed_form_reads_back_every_count_it_has_digits_for(k, m, longest):
    form = choose_form(k, m, longest)
    if form.is_hash:
        pytest.skip("this many classes and annotators are hashed")
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 2**form.bits, size=(20, m, k), endpoint=False)
    sums = sums_of(form, counts.astype(np.float64))
    assert form.holds(sums)
    np.testing.assert_array_equal(form.read(sums, m, k).to_dense(), counts.reshape(20, m * k))


@pytest.mark.parametrize(("k", "m"), [(5, 1), (13, 1), (2, 3)])
def test_digits_add_up_to_the_number_of_labels_exactly_where_nothing_carried(k, m):
    form = choose_form(k, m)
    rng = np.random.default_rng(1)
    counts = rng.integers(0, 2**form.bits + 1, size=(500, m, k))
    sums = sums_of(form, counts.astype(np.float64))
    inside = (sums < 2.0**forms.EXACT_BITS).all(axis=1)
    read = form.read(sums[inside], m, k)
    carried = (counts[inside] >= 2**form.bits).any(axis=(1, 2))
    assert carried.any()
    assert (~carried).any()
    np.testing.assert_array_equal(read.sums() != counts[inside].sum(axis=(1, 2)), carried)


def test_sums_of_2_to_the_52_are_refused():
    form = choose_form(13, 1)
    assert form.holds(np.array([[2.0**52 - 1]]))
    assert not form.holds(np.array([[2.0**52]]))
    assert not form.holds(np.array([[np.nan]]))


def test_every_digit_of_a_form_lies_below_the_52nd():
    for k in range(1, 60):
        for m in (1, 2, 5, 30):
            for longest in (None, 1, 7, 300, 2**20):
                form = choose_form(k, m, longest)
                if not form.is_hash:
                    top = form.label_weights.max(axis=0)[[c for c, _ in form.columns]]
                    people = form.annotator_weights.max(axis=0)[[g for _, g in form.columns]]
                    assert (top * people * 2**form.bits <= 2.0**forms.EXACT_BITS).all()
                    assert len(form.columns) <= forms.MAX_COLUMNS


def test_hashes_stay_exact_up_to_the_labels_they_were_made_for():
    for longest in (None, 10, 4095, 100_000):
        for m in (1, 7):
            form = hashed(1000, m, longest)
            most = form.label_weights.max() * form.annotator_weights.max() * (longest or 4095)
            assert most < 2.0**forms.EXACT_BITS


def test_an_item_with_100_000_labels_is_counted_right_beside_small_ones():
    rng = np.random.default_rng(2)
    rows = pd.DataFrame({
        "item": ["many"] * 100_000 + ["few"] * 3 + ["few too"] * 3,
        "label": [*rng.choice(list("abcde"), 100_000), *"aab", *"aba"],
    })  # fmt: skip
    data, found = looked_at(rows, ROLES)
    kinds = count_kinds(data, found, by_annotator=False, limit=100)
    dense = dict(zip(map(tuple, kinds.rows.to_dense().tolist()), kinds.multiplicity.tolist(), strict=True))
    large = rows["label"][:100_000].value_counts().sort_index()
    assert dense == {(2, 1, 0, 0, 0): 2, tuple(large.tolist()): 1}


def test_a_count_that_carries_into_the_next_class_is_not_taken_for_it():
    """16 times x is, in four binary digits a class, what one y is."""
    rows = pd.DataFrame({"item": ["one"] * 16 + ["other"], "label": ["x"] * 16 + ["y"]})
    data, found = looked_at(rows, ROLES)
    kinds = count_kinds(data, found, by_annotator=False, limit=10)
    assert sorted(kinds.rows.to_dense().tolist()) == [[0, 1], [16, 0]]


def test_a_thousand_classes_are_hashed_and_looked_up():
    rng = np.random.default_rng(3)
    rows = pd.DataFrame({"item": rng.integers(0, 400, 1200), "label": rng.integers(0, 1000, 1200), "annotator": "a"})
    data, found = looked_at(rows, ROLES)
    assert choose_form(found.schema.k, 1).is_hash
    kinds = count_kinds(data, found, by_annotator=False, limit=10_000)
    assert spelled(kinds, found, by_annotator=False) == brute(rows, by_annotator=False)


def test_two_kinds_with_one_hash_are_an_error_and_never_an_answer():
    """Weights that are all alike: items with as many labels have the same sums."""

    def blind(k, m, longest):
        alike = np.ones((k, 1))
        return forms.Form(label_weights=alike, annotator_weights=np.ones((m, 1)), columns=((0, 0),), bits=0)

    rows = pd.DataFrame({"item": [1, 1, 2, 2], "label": list("xyxx")})
    data, found = looked_at(rows, ROLES)
    kinds = count_kinds(data, found, by_annotator=False, limit=10, form=blind)
    with pytest.raises(EngineError, match="do not add up to the number of labels"):
        check_totals(kinds, found, data)


def test_a_frame_that_changed_between_two_queries_is_an_error():
    data, found = looked_at(pd.DataFrame({"item": [1, 1, 2], "label": list("xyx")}), ROLES)
    other, _ = looked_at(pd.DataFrame({"item": [1, 1, 2], "label": list("xyy")}), ROLES)
    with pytest.raises(EngineError, match="Did the frame change"):
        check_totals(count_kinds(other, found, by_annotator=False, limit=10), found, data)


def test_more_kinds_than_the_limit_are_not_brought_here():
    rows = pd.DataFrame({"item": [1, 2, 3], "label": ["x", "y", "z"]})
    data, found = looked_at(rows, ROLES)
    assert count_kinds(data, found, by_annotator=False, limit=2) is None
    assert len(count_kinds(data, found, by_annotator=False, limit=3).rows) == 3
