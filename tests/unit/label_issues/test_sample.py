"""The designed sample: known probabilities, and usable wherever the reviewer stops."""

from __future__ import annotations

import json

import numpy as np
import pytest

from labelqa.errors import ParameterError
from labelqa.label_issues.sample import drawing_order, quality_strata
from tests.unit.label_issues.judged import issues_of, population

COLUMNS = ["item", "given", "suggested", "quality", "stratum", "inclusion_probability", "evidence", "verdict"]


def test_the_table_has_an_empty_verdict_to_fill_in():
    frame = population(300, 0.1, 0)[0].review_sample(40).to_frame()
    assert list(frame.columns) == COLUMNS
    assert len(frame) == 40
    assert frame["verdict"].isna().all()
    assert frame["item"].is_unique


def test_every_label_may_be_drawn():
    issues, _ = population(1000, 0.05, 1)
    sample = issues.review_sample(20)
    assert set(sample.frame["stratum"] - 1) == set(sample.strata)
    assert (sample.frame["inclusion_probability"] > 0).all()


def test_inclusion_probabilities_are_how_often_labels_are_drawn():
    issues, _ = population(80, 0.2, 2)
    told, drawn = np.zeros(80), np.zeros(80)
    for seed in range(600):
        sample = issues.review_sample(30, rng=seed)
        drawn[sample.rows] += 1 / 600
        share = sample.frame.groupby("stratum")["inclusion_probability"].first()
        told += share.loc[sample.strata + 1].to_numpy() / 600
    assert np.abs(drawn - told).max() < 0.08
    for stratum in np.unique(sample.strata):
        here = sample.strata == stratum
        assert drawn[here].mean() == pytest.approx(told[here].mean())


def test_suspicious_labels_are_drawn_more_often_than_good_ones():
    issues, _ = population(2000, 0.1, 3)
    frame = issues.review_sample(100).to_frame()
    share = frame.groupby("stratum")["inclusion_probability"].first()
    assert share.iloc[0] > 1.5 * share.iloc[-1]


def test_each_beginning_of_the_order_draws_equally_from_every_stratum():
    strata = quality_strata(population(500, 0.1, 4)[0].quality)
    order = drawing_order(strata, np.random.default_rng(5))
    assert sorted(order) == list(range(500))
    for n in range(1, 150):
        counts = np.bincount(strata[order[:n]], minlength=strata.max() + 1)
        assert np.ptp(counts) <= 1


def test_a_longer_sample_begins_with_the_shorter_one():
    issues, _ = population(400, 0.1, 6)
    assert issues.review_sample(90).rows[:25].tolist() == issues.review_sample(25).rows.tolist()
    assert issues.review_sample(25, rng=1).rows.tolist() != issues.review_sample(25).rows.tolist()


def test_no_stratum_holds_flagged_and_other_labels():
    issues, _ = population(700, 0.3, 7)
    strata = quality_strata(issues.quality)
    assert not set(strata[issues.flagged]) & set(strata[~issues.flagged])


def test_strata_follow_the_rank_of_quality():
    quality = np.random.default_rng(8).random(300)
    strata = quality_strata(quality)[np.argsort(quality)]
    assert (np.diff(strata) >= 0).all()
    assert 6 <= strata.max() + 1 <= 10


def test_asking_for_more_than_there_is_gives_all_labels_for_certain():
    frame = population(30, 0.2, 9)[0].review_sample(100).to_frame()
    assert len(frame) == 30
    assert (frame["inclusion_probability"] == 1).all()


@pytest.mark.parametrize("quality", [[0.5], [0.0, 1.0], [1.0] * 50, [0.0] * 50, [1.0] * 49 + [1e-9]])
def test_few_labels_and_extreme_qualities_have_a_sample(quality):
    sample = issues_of(quality).review_sample(20)
    assert len(sample) == min(20, len(quality))


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "ten"])
def test_a_number_of_labels_that_is_none_is_refused(n):
    with pytest.raises(ParameterError, match="is not a number of labels"):
        population(30, 0.1, 0)[0].review_sample(n)


def test_a_seed_that_is_none_is_refused():
    with pytest.raises(ParameterError, match="rng"):
        population(30, 0.1, 0)[0].review_sample(5, rng="x")


def test_the_sample_says_what_to_do_with_it_and_goes_to_json():
    sample = population(100, 0.1, 0)[0].review_sample(20)
    assert "estimate_label_errors" in repr(sample)
    assert len(json.loads(json.dumps(sample.to_dict()))["frame"]) == 20
