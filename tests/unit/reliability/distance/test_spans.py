"""span_agreement: F1, alpha over positions, and what the disagreement is about."""

import json
import math
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.annotations.table import Annotations
from labelqa.errors import LabelError, ParameterError
from labelqa.reliability.distance import words
from labelqa.reliability.distance.geometry import span_distance
from labelqa.reliability.distance.spans import outcomes_of, span_agreement
from labelqa.reliability.estimate import agreement
from tests.unit.reliability.distance import data as draw


def two(left, right, item="t1"):
    return [(item, "ann", left), (item, "ben", right)]


def measure(rows, **kwargs):
    return span_agreement(StructuredAnnotations.from_records(rows, kind="spans"), **kwargs)


CASES = {
    "exact": ([(0, 5, "PER")], [(0, 5, "PER")], {"exact": 2}),
    "other_boundaries": ([(0, 5, "PER")], [(0, 6, "PER")], {"other_boundaries": 2}),
    "other_label": ([(0, 5, "PER")], [(0, 5, "LOC")], {"other_label": 2}),
    "both_differ": ([(0, 5, "PER")], [(1, 5, "LOC")], {"both_differ": 2}),
    "only_one_marked": ([(0, 5, "PER")], [], {"only_one_marked": 1}),
    "touching is not overlapping": ([(0, 5, "PER")], [(5, 9, "PER")], {"only_one_marked": 2}),
    "one long against two short": (
        [(0, 9, "P")],
        [(0, 4, "P"), (5, 9, "P")],
        {"other_boundaries": 2, "only_one_marked": 1},
    ),
    "nested of two labels": ([(0, 9, "P"), (0, 4, "L")], [(0, 9, "P"), (0, 4, "L")], {"exact": 4}),
}


@pytest.mark.parametrize(("left", "right", "expected"), CASES.values(), ids=CASES)
def test_disagreement_is_split_into_position_and_label(left, right, expected):
    result = measure(two(left, right))
    assert {k: n for k, n in result.outcomes.items() if n} == expected
    assert sum(result.outcomes.values()) == len(left) + len(right)


@pytest.mark.parametrize("seed", range(20))
def test_outcomes_are_the_same_from_both_sides(seed):
    rng = np.random.default_rng(seed)
    left, right = ([tuple(s) for s in draw.spans(rng)] for _ in range(2))
    left, right = tuple(sorted(set(left))), tuple(sorted(set(right)))
    assert outcomes_of(left, right) == outcomes_of(right, left)
    assert sum(outcomes_of(left, right).values()) == len(left) + len(right)


def test_f1_is_micro_within_a_pair_and_then_the_mean_over_pairs():
    rows = [("t1", "ann", [(0, 5, "P")]), ("t1", "ben", [(0, 5, "P")]), ("t2", "ann", [(0, 1, "P")]), ("t2", "ben", [])]
    rows += [("t3", "ann", [(0, 1, "P"), (2, 3, "P")]), ("t3", "cem", [(0, 1, "P"), (2, 3, "P")])]
    result = measure(rows)
    assert result.exact == pytest.approx((2 / 3 + 1) / 2)  # ann-ben 2*1/3, ann-cem 1; ben-cem share nothing
    assert result.exact_pooled == pytest.approx((2 + 4) / (3 + 4))


def test_shares_of_position_and_label_add_up_to_all_disagreement_or_more():
    result = measure(two([(0, 5, "P"), (9, 12, "P")], [(0, 5, "L"), (9, 13, "P")]))
    assert result.position_share == 0.5
    assert result.label_share == 0.5


def test_labels_are_measured_each():
    result = measure(two([(0, 5, "P"), (9, 12, "L")], [(0, 5, "P"), (9, 13, "L")]))
    table = result.by_label.set_index("label")
    assert table.loc["P", ["exact", "overlap"]].tolist() == [1.0, 1.0]
    assert table.loc["L", ["exact", "overlap"]].tolist() == [0.0, 1.0]


def positions_table(data, lengths, value):
    rows = []
    for item, annotator, spans in data.to_frame().itertuples(index=False):
        for at in range(lengths[item]):
            labels = sorted(s[2] for s in spans if s[0] <= at < s[1])
            rows.append(((item, at), annotator, value(labels)))
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label"]).dropna()
    frame["item"] = frame["item"].astype(str)
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alpha", lambda labels: "+".join(dict.fromkeys(labels)) or "O"),
        ("alpha_position", lambda labels: "marked" if labels else "O"),
        ("alpha_label", lambda labels: "+".join(dict.fromkeys(labels)) or None),
    ],
)
def test_alphas_are_those_of_single_positions(name, value):
    data = draw.answers(draw.spans, "spans", n=10, seed=4)
    lengths = dict.fromkeys(range(10), 40)
    expected = agreement(positions_table(data, lengths, value)).estimate
    assert getattr(span_agreement(data, lengths=lengths), name) == pytest.approx(expected, abs=1e-12)


def test_leaving_out_an_item_takes_all_its_positions_along():
    data = draw.answers(draw.spans, "spans", n=10, seed=4, missing=0)
    result = span_agreement(data)
    without = [span_agreement(data.where(item=[i for i in range(10) if i != j])) for j in range(10)]
    for name in ("exact", "overlap", "alpha", "alpha_position"):
        values = np.array([getattr(w, name) for w in without])
        error = math.sqrt(0.9 * np.square(values - values.mean()).sum())
        interval = result.confidence_interval(method="jackknife", measure=name)
        assert interval.standard_error == pytest.approx(error, abs=1e-12), name


def test_known_lengths_add_agreement_on_nothing():
    rows = two([(0, 5, "P")], [(0, 4, "P")])
    assert measure(rows, lengths={"t1": 100}).alpha > measure(rows).alpha
    with pytest.raises(ParameterError, match="has no length for item 't1'"):
        measure(rows, lengths={})
    with pytest.raises(ParameterError, match="item 't1' ends at 3, but a span ends at 5"):
        measure(rows, lengths={"t1": 3})


REASONS = [
    (words.NO_ANSWERS, []),
    (words.ONE_ANNOTATOR, [("t1", "ann", [(0, 1, "P")])]),
    (words.NO_OVERLAP, [("t1", "ann", [(0, 1, "P")]), ("t2", "ben", [])]),
    (words.NO_SPANS, two([], [])),
]


@pytest.mark.parametrize(("reason", "rows"), REASONS)
def test_undefined_is_nan_with_its_reason(reason, rows):
    result = measure(rows)
    assert math.isnan(result.exact)
    assert result.undefined_because == reason
    assert set(result.to_frame()["reason"]) <= {reason, words.ONE_VALUE}
    assert reason in repr(result)
    json.dumps(result.to_dict(), allow_nan=False)


def test_one_item_has_no_interval_and_says_why():
    interval = measure(two([(0, 5, "P")], [(0, 5, "P")])).confidence_interval()
    assert interval.undefined_because == words.ONE_ITEM


def test_results_show_themselves_in_every_form():
    result = span_agreement(draw.answers(draw.spans, "spans"))
    assert repr(result).splitlines()[-1].startswith("  next:")
    assert result.to_frame()["measure"].tolist() == ["exact", "overlap", "alpha", "alpha_position", "alpha_label"]
    assert json.loads(json.dumps(result.to_dict(), allow_nan=False))["measures"][0]["measure"] == "exact"
    assert "layer" in result.plot().to_dict()
    with pytest.raises(ParameterError, match="measure='f1' is not known"):
        result.confidence_interval(measure="f1")


def test_hostile_labels_do_not_act():
    result = measure(two([(0, 5, "\x1b[31m\nred")], [(0, 5, "\x1b[31m\nred")]))
    assert "\x1b" not in repr(result)
    assert len(repr(result).splitlines()) == 5


def test_other_kinds_are_refused():
    with pytest.raises(ParameterError, match="these annotations are sets, not spans"):
        span_agreement(draw.answers(draw.label_set, "sets"))
    with pytest.raises(LabelError, match="does not run from a whole number to a larger one"):
        span_agreement((["t1"], ["ann"], [[(5, 1, "P")]]))


def test_span_distance_is_one_less_the_f1_of_labeled_positions():
    assert span_distance([(0, 4, "A")], [(2, 6, "A")]) == pytest.approx(0.5)
    assert span_distance([(0, 4, "A")], [(0, 4, "B")]) == 1.0
    assert span_distance([(0, 4, "A"), (2, 6, "A")], [(0, 6, "A")]) == 0.0
    assert span_distance([], []) == 0.0


def test_an_interval_needs_two_items_with_spans():
    rows = two([(0, 5, "PER")], [(0, 5, "PER"), (7, 9, "LOC")]) + two([], [], "t2") + two([], [], "t3")
    row = measure(rows).to_frame().set_index("measure").loc["exact"]
    assert row["estimate"] == pytest.approx(2 / 3)
    assert (math.isnan(row["low"]), row["reason"]) == (True, words.ONE_ITEM_COUNTS)


def test_undefined_figures_are_never_shown_as_nan():
    same = two([(0, 5, "PER")], [(0, 5, "PER")]) + two([(0, 5, "PER")], [(0, 5, "PER")], "t2")
    assert "nan" not in repr(measure(same))
    assert f"alpha over positions: undefined ({words.ONE_VALUE})" in repr(measure(same))


def test_equal_boundaries_match_first_where_overlap_leaves_a_choice():
    left, right = [(0, 2, "A"), (0, 1, "B")], [(0, 1, "C"), (0, 2, "D")]
    assert outcomes_of(left, right) == outcomes_of(right, left)
    assert {outcome for outcome, _ in outcomes_of(left, right)} == {"other_label"}


SCRIPT = """
from labelqa.annotations.structured import StructuredAnnotations
from labelqa.reliability.distance.estimate import distance_agreement
from labelqa.reliability.distance.spans import span_agreement
labels = ["a10", "a9", "org", "per", "loc"]
rows = [("t", who, [(5 * i, 5 * i + 4, x) for i, x in enumerate(labels)]) for who in ("ann", "ben")]
print(span_agreement(StructuredAnnotations.from_records(rows, kind="spans")).to_dict())
rows = [("t", who, set(labels[:n])) for who, n in (("ann", 5), ("ben", 4))]
try:
    distance_agreement(StructuredAnnotations.from_records(rows, kind="sets"), lambda a, b: 2)
except ValueError as refused:
    print(refused)
"""


def test_the_hash_seed_of_python_changes_nothing():
    texts = []
    for seed in ("1", "2"):
        run = [sys.executable, "-c", SCRIPT]
        texts.append(subprocess.run(run, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True))
    assert texts[0].stdout == texts[1].stdout
    assert texts[0].stdout.index(b"'a9'") < texts[0].stdout.index(b"'a10'")
