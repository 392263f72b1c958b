"""What must hold for every set of structured answers."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.reliability.distance.boxes import box_agreement
from labelqa.reliability.distance.estimate import distance_agreement
from labelqa.reliability.distance.preferences import preference_agreement
from labelqa.reliability.distance.rankings import ranking_agreement
from labelqa.reliability.distance.spans import span_agreement

LABELS = st.sampled_from(["cat", "dog", "owl"])
SETS = st.frozensets(LABELS)
SPANS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(1, 5), LABELS).map(lambda s: (s[0], s[0] + s[1], s[2])), max_size=4
)
CORNER = st.integers(0, 20).map(float)
SIDE = st.integers(3, 12).map(float)
BOX = st.tuples(CORNER, CORNER, SIDE, SIDE, LABELS).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3], b[4]))
BOXES = st.lists(BOX, max_size=4)
RANKINGS = st.dictionaries(st.sampled_from("uvwxy"), st.integers(1, 4), min_size=1)
RENAMED = {"cat": "zebra", "dog": "ant", "owl": "mole"}


def tables(values, max_items=6, max_annotators=3):
    cell = st.one_of(st.none(), values)
    row = st.lists(cell, min_size=max_annotators, max_size=max_annotators)
    return st.lists(row, min_size=1, max_size=max_items)


def annotations(table, kind, people=("ann", "ben", "cem")):
    rows = [(i, people[j], cell) for i, row in enumerate(table) for j, cell in enumerate(row)]
    return StructuredAnnotations.from_records(rows, kind=kind)


def shuffled(table, random):
    """The same table with annotators and items in another order and under other names."""
    order = list(range(len(table[0])))
    random.shuffle(order)
    rows = [[row[j] for j in order] for row in table]
    random.shuffle(rows)
    return rows


def same_figures(one, two):
    left, right = (r.to_frame().set_index("measure") for r in (one, two))
    for name in left.index:
        expected, found = (t.loc[name, "estimate"] for t in (left, right))
        assert found == pytest.approx(expected, abs=1e-6, nan_ok=True), name
        assert left.loc[name, "reason"] == right.loc[name, "reason"] or not math.isnan(expected)


MEASURES = [
    (BOXES, "boxes", box_agreement),
    (SPANS, "spans", span_agreement),
    (RANKINGS, "rankings", ranking_agreement),
]


@pytest.mark.parametrize(("values", "kind", "measure"), MEASURES, ids=lambda v: v if isinstance(v, str) else "")
@settings(max_examples=40)
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_names_and_order_of_annotators_and_items_change_nothing(values, kind, measure, data, random):
    table = data.draw(tables(values))
    before = measure(annotations(table, kind))
    same_figures(before, measure(annotations(shuffled(table, random), kind, people=("x", "y", "a"))))


def renamed(cell):
    return None if cell is None else [(*entry[:-1], RENAMED[entry[-1]]) for entry in cell]


@pytest.mark.parametrize(("values", "kind", "measure"), MEASURES[:2], ids=["boxes", "spans"])
@settings(max_examples=40)
@given(data=st.data())
def test_renaming_labels_changes_nothing(values, kind, measure, data):
    table = data.draw(tables(values))
    other = [[renamed(cell) for cell in row] for row in table]
    same_figures(measure(annotations(table, kind)), measure(annotations(other, kind)))


@pytest.mark.parametrize(
    ("values", "kind", "distance"),
    [(SETS, "sets", "masi"), (SETS, "sets", "jaccard"), (SPANS, "spans", "spans"), (BOXES, "boxes", "boxes"),
     (RANKINGS, "rankings", "rankings"), (st.text("ab", min_size=1), "text", "edit")],
)  # fmt: skip
@settings(max_examples=40)
@given(data=st.data())
def test_alpha_is_at_most_one_and_undefined_always_has_a_reason(values, kind, distance, data):
    result = distance_agreement(annotations(data.draw(tables(values)), kind), distance)
    assert math.isnan(result.estimate) == (result.undefined_because is not None)
    assert math.isnan(result.estimate) or result.estimate <= 1 + 1e-12
    no_error = result.undefined_because is not None or result.interval_undefined_because is not None
    assert math.isnan(result.standard_error) == no_error


@settings(max_examples=40)
@given(tables(SETS), st.randoms(use_true_random=False))
def test_alpha_of_sets_does_not_depend_on_names_or_order(table, random):
    before = distance_agreement(annotations(table, "sets"), "masi")
    after = distance_agreement(annotations(shuffled(table, random), "sets", people=("x", "y", "a")), "masi")
    assert after.estimate == pytest.approx(before.estimate, abs=1e-9, nan_ok=True)
    assert after.standard_error == pytest.approx(before.standard_error, abs=1e-9, nan_ok=True)


@settings(max_examples=40)
@given(tables(SPANS))
def test_overlapping_f1_is_at_least_exact_f1_and_outcomes_count_every_span_once_a_pair(table):
    result = span_agreement(annotations(table, "spans"))
    if result.undefined_because is None:
        assert 0 <= result.exact <= result.overlap <= 1
    pairs = [
        (a, b) for row in table for i, a in enumerate(row) for b in row[i + 1 :] if a is not None and b is not None
    ]
    assert sum(result.outcomes.values()) == sum(len(set(a)) + len(set(b)) for a, b in pairs)


@pytest.mark.parametrize(("values", "kind", "measure"), [*MEASURES, (SETS, "sets", distance_agreement)])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_order_of_rows_changes_no_digit_of_an_interval(values, kind, measure, data):
    table = data.draw(tables(values))
    rows = [(f"t{i}", f"r{j}", cell) for i, row in enumerate(table) for j, cell in enumerate(row)]
    mixed = data.draw(st.permutations(rows))
    one, two = (measure(StructuredAnnotations.from_records(part, kind=kind)) for part in (rows, mixed))
    ends = [r.confidence_interval(method="bootstrap", n_resamples=20, rng=3) for r in (one, two)]
    assert repr(ends[0].to_dict()) == repr(ends[1].to_dict())


@settings(max_examples=8, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_digit_of_a_sampled_estimate(random):
    rows = [(i, f"r{j}", f"text {(7 * i + i % 3 * j) % 41}") for i in range(60) for j in range(2)]
    mixed = list(rows)
    random.shuffle(mixed)
    found = [
        distance_agreement(StructuredAnnotations.from_records(part, kind="text"), "edit", max_pairs=10)
        for part in (rows, mixed)
    ]
    assert found[0].n_references > 0
    assert repr(found[0].to_dict()) == repr(found[1].to_dict())


@settings(max_examples=25, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_the_order_of_choices_changes_no_digit_of_an_interval(random):
    pairs = [("x", "y"), ("y", "z"), ("x", "z"), ("w", "x")]
    rows = [(a, b, p, c, random.choice(["a", "b", "tie"])) for a, b in pairs for p in ("ann", "ben") for c in (1, 2)]
    frame = pd.DataFrame(rows, columns=["a", "b", "annotator", "context", "choice"])
    mixed = frame.sample(frac=1, random_state=random.randint(0, 999))
    one, two = (preference_agreement(part, context="context") for part in (frame, mixed))
    assert repr(one.confidence_interval().to_dict()) == repr(two.confidence_interval().to_dict())
    pd.testing.assert_frame_equal(one.consistency, two.consistency)
