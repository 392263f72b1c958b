"""Closed-form leave-one-out values and resamples against doing it the long way."""

import math

import numpy as np
import pytest

import labelqa as lq
from labelqa.annotations.table import Annotations
from labelqa.reliability import moments, names, samples
from tests.unit.reliability.data import table

SCHEMES = ("identity", "linear", "quadratic", "rank", "ratio")
VALUES = (1, 2, 4, 7)


def data(coefficient, seed=0):
    m = 2 if coefficient == "scott_pi" else 4
    return table(n=25, m=m, k=4, seed=seed, values=VALUES, classes=VALUES)


def without_item(annotations, i):
    return annotations.where(mask=annotations.item != i)


@pytest.mark.parametrize(
    ("coefficient", "weights"),
    # Cohen and Conger keep the ranks of the whole sample, so rank weights are left out for them.
    [(c, w) for c in names.COEFFICIENTS for w in SCHEMES if w != "rank" or c not in names.WHO_COEFFICIENTS],
)
def test_leave_one_out_equals_measuring_without_the_item(coefficient, weights):
    annotations = data(coefficient)
    result = lq.agreement(annotations, coefficient, weights=weights)
    values, times = result._sample.leave_one_out()
    brute = []
    enough = 2 if coefficient in ("krippendorff_alpha", "scott_pi", "cohen_kappa") else 1
    for i in range(annotations.n_items):
        if (annotations.item == i).sum() >= enough:
            brute.append(lq.agreement(without_item(annotations, i), coefficient, weights=weights).estimate)
    assert np.sort(np.repeat(values, times)) == pytest.approx(np.sort(brute), abs=1e-10)


@pytest.mark.parametrize("coefficient", ["conger_kappa", "cohen_kappa"])
def test_leave_one_out_survives_an_annotator_with_a_single_label(coefficient):
    annotations = table(n=12, m=3, k=2, missing=0.0, seed=3)
    keep = (annotations.annotator != 2) | (annotations.item == 4)
    annotations = annotations.where(mask=keep)
    if coefficient == "cohen_kappa":
        annotations = annotations.where(annotator=["r0", "r1"])
    values = np.repeat(*lq.agreement(annotations, coefficient)._sample.leave_one_out())
    brute = [lq.agreement(without_item(annotations, i), coefficient).estimate for i in range(12)]
    assert np.sort(values) == pytest.approx(np.sort(brute), abs=1e-12)


@pytest.mark.parametrize("coefficient", names.COEFFICIENTS)
def test_the_three_intervals_agree_on_many_items(coefficient):
    m = 2 if coefficient == "scott_pi" else 3
    result = lq.agreement(table(n=1500, m=m, k=3, missing=0.1, seed=1), coefficient)
    errors = [result.confidence_interval(method=m).standard_error for m in ("analytic", "jackknife", "bootstrap")]
    # Gwet's formula for percent agreement takes the number of items with two labels as fixed: a little wider.
    assert errors[1] == pytest.approx(errors[0], rel=0.04 if coefficient == "percent_agreement" else 0.02)
    assert errors[2] == pytest.approx(errors[0], rel=0.12)


def test_the_bootstrap_draws_whole_items_and_is_the_same_for_the_same_seed():
    result = lq.agreement(table(seed=2))
    one = result.confidence_interval(method="bootstrap", n_resamples=200, rng=7)
    two = result.confidence_interval(method="bootstrap", n_resamples=200, rng=7)
    assert (one.low, one.high) == (two.low, two.high)
    assert one.low < result.estimate < one.high


@pytest.mark.parametrize("coefficient", ["krippendorff_alpha", "conger_kappa", "cohen_kappa"])
def test_the_bootstrap_does_not_depend_on_the_order_of_rows(coefficient):
    annotations = table(n=60, seed=5)
    rows = annotations.to_frame().sample(frac=1, random_state=0)
    shuffled = Annotations.from_frame(rows, item="item", annotator="annotator", label="label")
    ends = [
        lq.agreement(a, coefficient).confidence_interval(method="bootstrap", rng=1) for a in (annotations, shuffled)
    ]
    assert (ends[0].low, ends[0].high) == pytest.approx((ends[1].low, ends[1].high), abs=1e-12)


def test_resamples_without_an_estimate_are_counted():
    annotations = table(n=4, m=2, k=2, missing=0.0, noise=0.2, seed=9)
    interval = lq.agreement(annotations).confidence_interval(method="bootstrap", n_resamples=300)
    assert interval.n_undefined_resamples > 0
    assert not math.isnan(interval.low)


def test_resampling_in_blocks_gives_what_one_block_gives(monkeypatch):
    sample = lq.agreement(table(n=80, seed=4))._sample
    whole = sample.resample(50, np.random.default_rng(3))
    monkeypatch.setattr("labelqa.reliability.samples.CELLS_IN_CACHE", 64)
    assert max(samples.blocks(50, sample.terms.mass.size, samples.CELLS_IN_CACHE)) < 10
    pieces = sample.resample(50, np.random.default_rng(3))
    assert pieces == pytest.approx(whole, abs=1e-12)


def test_leaving_out_items_in_blocks_gives_what_one_block_gives_under_rank_weights(monkeypatch):
    sample = lq.agreement(table(n=80, seed=4), weights="rank")._sample
    whole, _ = sample.leave_one_out()
    monkeypatch.setattr("labelqa.reliability.rank.CELLS_AT_ONCE", 3 * sample.rows.k)
    pieces, _ = sample.leave_one_out()
    assert len(pieces) > 3
    assert pieces == pytest.approx(whole, abs=1e-12)


@pytest.mark.parametrize("coefficient", [c for c in names.COEFFICIENTS if c not in names.WHO_COEFFICIENTS])
def test_sparse_tables_of_many_classes_give_what_full_ones_give(monkeypatch, coefficient):
    m = 2 if coefficient == "scott_pi" else 4
    terms = lq.agreement(table(n=60, m=m, k=5, seed=8), coefficient, weights="linear")._sample.terms
    times = np.random.default_rng(1).integers(0, 4, (7, terms.mass.size))
    full = moments.linearised(terms, times)
    monkeypatch.setattr("labelqa.reliability.moments.MOSTLY_EMPTY", 0)
    sparse = moments.linearised(terms, times)
    one_by_one = [moments.linearised(terms, row) for row in times]
    for found in (sparse, [np.stack(part) for part in zip(*one_by_one, strict=True)]):
        assert found[0] == pytest.approx(full[0], abs=1e-12)
        assert found[1] == pytest.approx(full[1], abs=1e-12)


@pytest.mark.parametrize("coefficient", names.COEFFICIENTS)
def test_slopes_are_what_one_more_item_changes(coefficient):
    m = 2 if coefficient == "scott_pi" else 4
    sample = lq.agreement(table(n=60, m=m, k=3, missing=0.0, seed=6), coefficient, weights="quadratic")._sample
    if coefficient in names.WHO_COEFFICIENTS:
        times, used, linearised, value = sample.who.times, sample.used, sample.linearised, sample.value
    else:
        times, used = sample.terms.multiplicity, sample.terms.mass > 0

        def linearised(at):
            return moments.linearised(sample.terms, at)

        def value(at):
            return moments.linearised(sample.terms, at)[0]

    times = times * 1000.0  # many items: the small-sample correction of alpha, which slopes leave out, is nothing
    slope = linearised(times)[1]
    for i in np.flatnonzero(used):
        step = np.zeros(times.size)
        step[i] = 1.0
        change = (value(times + step) - value(times - step)) / 2
        assert change == pytest.approx(slope[i], rel=1e-3, abs=1e-9)


def test_a_bootstrap_interval_is_computed_once_for_one_seed_and_anew_for_a_generator():
    result = lq.agreement(table(n=40, seed=2))
    assert result.confidence_interval(method="bootstrap", rng=7) is result.confidence_interval(
        method="bootstrap", rng=7
    )
    generator = np.random.default_rng(7)
    one, two = (result.confidence_interval(method="bootstrap", rng=generator) for _ in range(2))
    assert (one.low, one.high) != (two.low, two.high)


def coverage(shares, n, rounds, seed=0):
    """Share of 95 % alpha intervals that hold the value of a sample of a million items."""
    rng = np.random.default_rng(seed)
    k = len(shares)

    def draw(size):
        truth = rng.choice(k, size=size, p=shares)
        labels = np.where(rng.random((size, 3)) < 0.7, truth[:, None], rng.choice(k, size=(size, 3), p=shares))
        counts = np.stack([(labels == c).sum(axis=1) for c in range(k)], axis=1)
        kinds, times = np.unique(counts, axis=0, return_counts=True)
        schema = lq.LabelSchema(classes=tuple(range(k)))
        return lq.agreement(lq.CountPatterns(patterns=kinds, multiplicity=times, schema=schema))

    true = draw(1_000_000).estimate
    hits = 0
    for _ in range(rounds):
        low, high = draw(n).confidence_interval()
        hits += low <= true <= high
    return hits / rounds


def test_the_alpha_interval_covers_with_balanced_classes():
    """Binomial: 400 intervals of true coverage .94 lie below .90 with probability .001."""
    assert 0.90 <= coverage([1 / 3] * 3, n=60, rounds=400) <= 0.985
