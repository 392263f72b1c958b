"""Schools of annotators: found where they are, and only there."""

import json

import numpy as np
import pandas as pd
import pytest

from labelqa.aggregation.annotators.overlap import Overlap, top_vector
from labelqa.aggregation.annotators.schools import annotator_schools
from labelqa.aggregation.annotators.shuffling import accuracy_log_odds, deals
from labelqa.aggregation.labeltable import LabelTable
from labelqa.annotations.table import Annotations
from labelqa.charts.svg import chart_svg
from labelqa.errors import ParameterError, RoundsError
from tests.bench.schools import Case, adjusted_rand, rates

PLANTED = Case("planted", k=3, minority=6)


def test_planted_schools_are_found_and_told_apart():
    found, alike = rates(Case("planted", minority=6), 15, n_permutations=99)
    assert found >= 0.8  # 90 % over many runs
    assert alike >= 0.7


@pytest.mark.parametrize("name", ["alike", "uneven", "spammers", "adverse"])
def test_careless_annotators_are_no_school(name):
    assert rates(Case(name), 20, n_permutations=39)[0] <= 0.2  # 5 % over many runs


def test_groups_classes_and_items_are_named():
    result = annotator_schools(PLANTED.draw(0))
    assert result.found
    assert adjusted_rand(PLANTED.belongs(result), result.members["school"]) > 0.7
    larger, smaller = result.groups
    assert len(larger) > len(smaller)
    assert set(smaller) >= {0, 1, 2, 3, 4} - set(larger)
    assert result.classes.columns.tolist() == ["school_1_says", "school_2_says", "items", "expected", "excess"]
    assert (result.classes["excess"] > 0).all()
    assert result.classes["excess"].is_monotonic_decreasing
    assert len(result.items) == 10
    assert result.items["division"].is_monotonic_decreasing


def test_the_classes_that_divide_are_the_ones_that_were_swapped():
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 4, 200)
    wide = {}
    for g in range(8):
        label = np.where(rng.random(200) < 0.06, rng.integers(0, 4, 200), truth)
        wide[f"p{g}"] = np.where((label == 2) & (g >= 5), 3, label)  # three call every 2 a 3
    names = np.array(["sport", "film", "refund", "return"])
    annotations = Annotations.from_wide(pd.DataFrame(wide).map(lambda c: names[c]))
    result = annotator_schools(annotations)
    assert result.groups == (("p0", "p1", "p2", "p3", "p4"), ("p5", "p6", "p7"))
    first = result.classes.iloc[0]
    assert (first["school_1_says"], first["school_2_says"]) == ("refund", "return")
    assert "where the larger group says 'refund', the smaller says 'return'" in " ".join(result.meaning)


def test_no_schools_means_no_groups_and_a_sentence():
    result = annotator_schools(Case("alike").draw(3))
    assert not result.found
    assert result.groups == ()
    assert result.members["school"].isna().all()
    assert "do not fall into groups" in result.meaning[0]
    assert len(result.classes) == len(result.items) == 0


def test_ordinal_classes_are_coded_by_their_order():
    rng = np.random.default_rng(1)
    truth = rng.integers(1, 5, 150)
    noisy = {f"p{g}": truth + (rng.random(150) < 0.1) for g in range(10)}
    doubtful = rng.random(150) < 0.4
    strict = {name: label + (name >= "p6") * doubtful for name, label in noisy.items()}
    wide = pd.DataFrame(strict).clip(1, 5)
    result = annotator_schools(Annotations.from_wide(wide, level="ordinal"))
    assert result.groups == (tuple(f"p{g}" for g in range(6)), ("p6", "p7", "p8", "p9"))


@pytest.mark.parametrize(
    ("wide", "reason"),
    [
        ({"a": ["x", "y"], "b": ["x", "x"], "c": ["y", "y"]}, "fewer than 4 annotators"),
        ({g: ["x", "x"] for g in "abcd"}, "no two annotators share an item that is disputed"),
        ({g: [("x" if i == j else None) for i in range(4)] for j, g in enumerate("abcd")}, "no two annotators share"),
    ],
)
def test_undefined_has_a_reason(wide, reason):
    result = annotator_schools(Annotations.from_wide(pd.DataFrame(wide)))
    assert reason in result.undefined_because
    assert np.isnan(result.p_value)
    assert not result.found
    assert reason in repr(result)
    assert json.dumps(result.to_dict(), allow_nan=False)


def test_wrong_parameters_are_named():
    annotations = PLANTED.draw(0)
    with pytest.raises(ParameterError, match="alpha 5 is not a share"):
        annotator_schools(annotations, alpha=5)
    with pytest.raises(ParameterError, match="from 19 on"):
        annotator_schools(annotations, n_permutations=5)
    for wrong in ("x", 20.5, True):
        with pytest.raises(ParameterError, match="from 19 on"):
            annotator_schools(annotations, n_permutations=wrong)
    with pytest.raises(ParameterError, match="rng='a' is not a seed"):
        annotator_schools(annotations, rng="a")
    long = pd.DataFrame({"i": [1, 1], "a": [1, 2], "l": ["x", "y"], "r": [1, 2]})
    with pytest.raises(RoundsError):
        annotator_schools(Annotations.from_frame(long, item="i", annotator="a", label="l", round="r"))


def test_codes_of_an_item_sum_to_zero_and_have_unit_variance():
    annotations = PLANTED.draw(1)
    overlap = Overlap.of(LabelTable.of(annotations), annotations.schema)
    sums = np.bincount(overlap.columns, weights=overlap.codes)
    squares = np.bincount(overlap.columns, weights=overlap.codes**2)
    np.testing.assert_allclose(sums, 0, atol=1e-9)
    np.testing.assert_allclose(squares, 6)


def test_sparse_and_dense_likeness_are_the_same(monkeypatch):
    annotations = PLANTED.draw(1)
    overlap = Overlap.of(LabelTable.of(annotations), annotations.schema)
    dense = overlap.similarity()
    assert isinstance(dense, np.ndarray)
    monkeypatch.setattr("labelqa.aggregation.annotators.overlap.DENSE_CELLS", 0)
    monkeypatch.setattr("labelqa.aggregation.annotators.overlap.LANCZOS_FROM", 0)
    sparse = Overlap.of(LabelTable.of(annotations), annotations.schema).similarity()
    np.testing.assert_allclose(sparse.toarray(), dense, atol=1e-9)
    value, vector = top_vector(sparse)
    known_value = np.linalg.eigvalsh(dense)[-1]
    assert value == pytest.approx(known_value, rel=1e-4)
    assert np.linalg.norm(dense @ vector - value * vector) < 1e-2 * value


def test_a_deal_keeps_the_labels_of_every_item():
    rng = np.random.default_rng(0)
    item = np.repeat(np.arange(50), 4)
    right = rng.random(200) < 0.6
    for source in deals(item, right, rng.normal(size=200), 5, rng):
        assert sorted(source) == list(range(200))
        np.testing.assert_array_equal(item[source], item)


def test_deals_respect_accuracies():
    item = np.repeat(np.arange(2000), 2)
    right = np.tile([True, False], 2000)
    log_odds = np.tile([2.0, 0.0], 2000)  # the first is better: gets the right label with odds e^2 to 1
    shares = [right[source][::2].mean() for source in deals(item, right, log_odds, 20, np.random.default_rng(0))]
    assert np.mean(shares) == pytest.approx(np.exp(2) / (1 + np.exp(2)), abs=0.02)


def test_annotators_whose_spread_is_chance_are_alike():
    rng = np.random.default_rng(0)
    n = np.full(30, 40.0)
    assert np.ptp(accuracy_log_odds(np.full(30, 32.0), n)) == 0
    uneven = accuracy_log_odds(rng.binomial(40, np.repeat([0.95, 0.5], 15)).astype(float), n)
    assert uneven[:15].min() > uneven[15:].max()


def test_same_seed_same_answer_and_views_agree():
    one, two = (annotator_schools(PLANTED.draw(0), rng=3) for _ in range(2))
    assert one.to_dict() == two.to_dict()
    assert json.loads(json.dumps(one.to_dict(), allow_nan=False))["groups"]
    assert 3 <= len(repr(one).splitlines()) <= 7
    assert "next:" in repr(one).splitlines()[-1]
    assert "<table" in one._repr_html_()
    assert "Lean" in chart_svg(one.plot(), title="t")


def test_large_data_are_sampled_and_say_so(monkeypatch):
    monkeypatch.setattr("labelqa.aggregation.annotators.schools.LABELS", 600)
    result = annotator_schools(PLANTED.draw(0), n_permutations=19)
    assert result.n_items <= 100
    assert "random sample" in result.notes[0]


def test_an_annotator_who_shares_nothing_belongs_to_no_school():
    frame = PLANTED.draw(0).to_frame()
    alone = pd.DataFrame({"item": ["elsewhere"], "annotator": ["hermit"], "label": [0]})
    frame = pd.concat([frame.astype({"annotator": str, "item": str}), alone])
    annotations = Annotations.from_frame(frame, item="item", annotator="annotator", label="label")
    row = annotator_schools(annotations).members.set_index("annotator").loc["hermit"]
    assert row["n"] == 0
    assert np.isnan(row["school"])


def test_what_is_not_known_is_an_empty_cell_in_a_notebook():
    assert "NaN" not in annotator_schools(Case("alike").draw(3))._repr_html_()
