"""How many labels are wrong: unbiased, with an interval that holds, whatever the model sees."""

from __future__ import annotations

import json
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest

from labelqa.errors import ParameterError
from labelqa.label_issues.estimate import estimate_label_errors
from labelqa.label_issues.find import find_label_issues
from labelqa.label_issues.stratified import Strata
from tests.bench.error_estimate import coverage
from tests.bench.error_estimate import population as strata_population
from tests.unit.label_issues.judged import issues_of, population, words


def strata(size, judged, wrong):
    counts = (np.array(values, dtype=np.int64) for values in (size, judged, wrong))
    return Strata(**dict(zip(("size", "judged", "wrong"), counts, strict=True)), chosen=np.zeros(len(size), dtype=bool))


@cache
def estimates(verdicts, *, seen):
    """Return estimates from 100 samples of one population, and how many of its labels are wrong."""
    issues, wrong = population(600, 0.12, 2, seen=seen)
    found = []
    for seed in range(100):
        sample = issues.review_sample(verdicts, rng=seed)
        found.append(estimate_label_errors(issues, words(wrong, sample.rows), sample=sample))
    return found, wrong.sum()


@pytest.mark.parametrize("seen", [True, False])
def test_the_count_is_unbiased_whatever_the_model_sees(seen):
    found, real = estimates(60, seen=seen)
    errors = np.array([f.errors for f in found])
    assert errors.mean() == pytest.approx(real, abs=4 * errors.std() / math.sqrt(100))


@pytest.mark.parametrize("verdicts", [20, 60])
def test_the_interval_holds_the_count_from_twenty_verdicts_on(verdicts):
    found, real = estimates(verdicts, seen=True)
    assert sum(f.low <= real <= f.high for f in found) >= 0.9 * 100


@pytest.mark.parametrize(
    ("n", "rate", "kind"),
    [(200, 0.01, "some"), (500, 0.12, "none"), (10_000, 0.002, "hidden"), (10_000, 0.4, "sure"), (500, 0.02, "flat")],
)
def test_coverage_is_nominal_over_many_shapes(n, rate, kind):
    rng = np.random.default_rng(3)
    held, *_ = coverage(strata_population(n, rate, kind, rng), 100, 150, rng)
    assert held >= 0.92


def test_no_error_found_still_has_an_upper_limit():
    issues, _ = population(1000, 0.0, 4)
    sample = issues.review_sample(100)
    found = estimate_label_errors(issues, dict.fromkeys(sample.frame["item"], "right"), sample=sample)
    assert (found.errors, found.low) == (0, 0)
    assert 20 < found.high < 80


def test_all_judged_is_known():
    issues, wrong = population(150, 0.1, 5)
    found = estimate_label_errors(issues, words(wrong, range(150)))
    assert found.errors == found.low == found.high == wrong.sum()
    assert "clean_labels" in repr(found)


def test_one_stratum_has_the_exact_limits():
    low, high = strata([10**9], [100], [0]).limits()
    assert low == 0
    assert high / 10**9 == pytest.approx(1 - 0.025**0.01, rel=0.02)  # Clopper-Pearson
    low, high = (limit / 10**9 for limit in strata([10**9], [100], [10]).limits())
    assert low == pytest.approx(0.0490, abs=0.001)  # Clopper-Pearson, 10 of 100
    assert high == pytest.approx(0.1762, abs=0.001)


def test_many_verdicts_give_the_normal_interval():
    low, high = strata([10**6] * 4, [5000] * 4, [500, 100, 50, 20]).limits()
    rates = np.array([0.1, 0.02, 0.01, 0.004])
    error = 10**6 * math.sqrt((rates * (1 - rates) / 5000).sum())
    assert low == pytest.approx(134_000 - 1.96 * error, rel=0.01)
    assert high == pytest.approx(134_000 + 1.96 * error, rel=0.01)


def test_a_stratum_without_verdicts_leaves_the_limits_open():
    low, high = strata([100, 50], [100, 0], [10, 0]).limits()
    assert (low, high) == (10, 60)
    assert strata([100, 50], [100, 0], [10, 0]).total == 15


def test_verdicts_on_the_worst_labels_do_not_bias_the_count():
    issues, wrong = population(1000, 0.1, 6)
    top = words(wrong, issues.ranking[:80])
    plain, both = [], []
    for seed in range(40):
        sample = issues.review_sample(60, rng=seed)
        verdicts = words(wrong, sample.rows)
        plain.append(estimate_label_errors(issues, verdicts, sample=sample))
        both.append(estimate_label_errors(issues, {**top, **verdicts}, sample=sample))
    errors = np.array([found.errors for found in both])
    assert errors.mean() == pytest.approx(wrong.sum(), abs=4 * errors.std() / math.sqrt(40))
    assert np.mean([found.low <= wrong.sum() <= found.high for found in both]) >= 0.9
    assert np.mean([f.high - f.low for f in both]) < np.mean([f.high - f.low for f in plain])


def test_scattered_verdicts_outside_the_sample_only_bound_the_count():
    issues, wrong = population(500, 0.1, 7)
    sample = issues.review_sample(50)
    inside = words(wrong, sample.rows)
    others = [row for row in np.flatnonzero(wrong)[::2] if row not in set(sample.rows)]
    plain = estimate_label_errors(issues, inside, sample=sample)
    more = estimate_label_errors(issues, {**inside, **words(wrong, others)}, sample=sample)
    assert more.errors == max(plain.errors, more.wrong)
    assert more.low >= more.wrong
    assert any("only bound" in note for note in more.notes)


def test_only_the_worst_labels_judged_gives_bounds_and_a_reason():
    issues, wrong = population(1000, 0.1, 8)
    found = estimate_label_errors(issues, words(wrong, issues.ranking[:60]))
    assert math.isnan(found.errors)
    assert found.undefined_because == "no verdict on the sample"
    assert found.low == found.wrong
    assert "undefined" in repr(found)


def test_no_verdicts_is_no_error():
    found = estimate_label_errors(population(50, 0.1, 0)[0], {})
    assert (found.low, found.high) == (0, 50)
    assert math.isnan(found.errors)


def test_the_usual_sample_need_not_be_passed():
    issues, wrong = population(500, 0.1, 9)
    sample = issues.review_sample(60)
    verdicts = words(wrong, sample.rows)
    told = estimate_label_errors(issues, verdicts, sample=sample)
    assert estimate_label_errors(issues, verdicts).errors == told.errors
    frame = issues.review_sample(60, rng=4).to_frame()
    frame["verdict"] = np.where(wrong[frame["item"]], "wrong", "right")
    assert estimate_label_errors(issues, frame).in_sample == 60


def test_a_filled_in_table_may_be_half_empty():
    issues, wrong = population(500, 0.1, 10)
    frame = issues.review_sample(60).to_frame()
    frame["verdict"] = np.where(wrong[frame["item"]], "wrong", "right")
    frame.loc[30:, "verdict"] = None
    assert estimate_label_errors(issues, frame).judged == 30


def test_a_sample_of_other_labels_is_refused():
    issues, _ = population(100, 0.1, 0)
    with pytest.raises(ParameterError, match="other labels"):
        estimate_label_errors(issues, {}, sample=population(90, 0.1, 0)[0].review_sample(10))
    frame = issues_of(1 - issues.quality).review_sample(30).to_frame().assign(verdict="right")
    with pytest.raises(ParameterError, match="strata in verdicts"):
        estimate_label_errors(issues, frame)


def test_unsure_is_set_aside_and_counted():
    issues, wrong = population(300, 0.1, 11)
    sample = issues.review_sample(60)
    verdicts = {**words(wrong, sample.rows), **{int(row): "unsure" for row in sample.rows[:5]}}
    found = estimate_label_errors(issues, verdicts, sample=sample)
    assert (found.judged, found.unsure) == (55, 5)


def test_the_precision_of_the_flags_holds_the_truth():
    issues, wrong = population(2000, 0.15, 12)
    real = wrong[issues.flagged].mean()
    held = 0
    for seed in range(40):
        sample = issues.review_sample(100, rng=seed)
        found = estimate_label_errors(issues, words(wrong, sample.rows), sample=sample)
        held += found.precision_low <= real <= found.precision_high
    assert held >= 37


def test_without_flags_the_precision_is_undefined():
    issues = issues_of(np.full(60, 0.9))
    found = estimate_label_errors(issues, dict.fromkeys(range(60), "right"))
    assert math.isnan(found.precision)
    assert found.to_frame()["reason"].tolist()[1] == "there are no such labels"


def test_classes_share_the_errors():
    rng = np.random.default_rng(13)
    _, wrong = population(900, 0.2, 13)
    issues = issues_of(np.where(wrong, 0.3, 0.9), given=rng.integers(0, 3, 900))
    found = estimate_label_errors(issues, words(wrong, issues.review_sample(100).rows))
    by_class = found.class_errors()
    assert by_class["errors"].sum() == pytest.approx(found.errors)
    real = np.bincount(issues.given[wrong], minlength=3)
    assert ((by_class["low"] <= real) & (real <= by_class["high"])).all()


def test_verdicts_enter_the_new_ranking_and_the_order_of_the_rest_stays():
    issues, wrong = population(400, 0.1, 14)
    sample = issues.review_sample(60)
    found = estimate_label_errors(issues, words(wrong, sample.rows), sample=sample)
    again = found.issues
    assert (again.quality[sample.rows] == ~wrong[sample.rows]).all()
    left = np.setdiff1d(np.arange(400), sample.rows)
    order = left[np.argsort(issues.quality[left], kind="stable")]
    assert (np.diff(again.quality[order]) >= 0).all()
    assert again.expected_errors == found.errors
    assert issues.quality[sample.rows[0]] != again.quality[sample.rows[0]]


def test_verdicts_correct_a_model_that_is_too_sure():
    issues, wrong = population(3000, 0.3, 15, seen=False)
    sample = issues.review_sample(100)
    again = estimate_label_errors(issues, words(wrong, sample.rows), sample=sample).issues
    assert abs((1 - again.quality).mean() - 0.3) < abs((1 - issues.quality).mean() - 0.3) / 2


def test_a_named_class_becomes_the_suggestion():
    issues = issues_of([0.1, 0.2, 0.9] * 20)
    found = estimate_label_errors(issues, {0: "c", 1: "a"}, sample=issues.review_sample(30))
    assert found.issues.suggested[0] == 2
    assert found.issues.quality[:2].tolist() == [0, 1]
    assert found.issues.evidence(0).endswith("c")


def test_what_to_review_next_is_worst_first_without_what_was_seen():
    issues, wrong = population(300, 0.2, 16)
    sample = issues.review_sample(40)
    found = estimate_label_errors(issues, words(wrong, sample.rows), sample=sample)
    following = found.next_to_review(25)
    assert len(following) == 25
    assert not set(following["item"]) & set(sample.rows)
    assert (np.diff(following["quality"]) >= 0).all()
    assert "review 40 more" in repr(found)
    assert len(found.next_to_review(1000)) == 260


def test_the_estimate_is_shown_and_goes_to_json():
    issues, wrong = population(300, 0.2, 17)
    found = estimate_label_errors(issues, words(wrong, issues.review_sample(40).rows))
    told = json.loads(json.dumps(found.to_dict()))
    assert told["errors"] == found.errors
    assert "layer" in found.plot().to_dict()
    assert 3 <= len(found.summary()) <= 6
    assert found.to_frame()["labels"].tolist() == ["all", "flagged", "not flagged"]


def test_names_like_007_are_matched_as_text():
    issues = issues_of([0.2] * 30, items=[f"{i:03d}" for i in range(30)])
    found = estimate_label_errors(issues, pd.Series({f"{i:03d}": "wrong" for i in range(30)}))
    assert found.wrong == 30
    with pytest.raises(ParameterError, match="no label has: 7"):
        estimate_label_errors(issues, {7: "wrong"})


def test_the_same_input_gives_the_same_estimate():
    issues, wrong = population(300, 0.2, 18)
    verdicts = words(wrong, issues.review_sample(40).rows)
    first, again = (estimate_label_errors(issues, verdicts) for _ in range(2))
    assert json.dumps(first.to_dict()) == json.dumps(again.to_dict())
    assert (first.issues.quality == again.issues.quality).all()


def test_verdicts_for_classes_named_like_verdicts_have_words_of_their_own():
    values = np.array([[0.9, 0.1]] * 20 + [[0.1, 0.9]] * 20)
    issues = find_label_issues([True] * 20 + [False] * 20, pred_probs=values[:, ::-1])
    with pytest.raises(ParameterError) as caught:
        estimate_label_errors(issues, {0: True})
    assert str(caught.value).endswith("Use a verdict that is no class: right, wrong, unsure, right label, wrong label.")
    assert estimate_label_errors(issues, dict.fromkeys(range(40), "right label")).wrong == 0
