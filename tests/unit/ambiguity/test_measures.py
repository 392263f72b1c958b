"""Split rates, indistinguishability and gains of merging: by their definitions, with intervals that hold."""

import numpy as np
import pytest

from labelqa.ambiguity.gains import information_lost, merge_gains
from labelqa.ambiguity.measures import indistinguishabilities, split_rates
from labelqa.ambiguity.sums import pair_sums
from tests.unit.ambiguity.data import alpha, coincidences, counts_of, patterns_of


@pytest.fixture
def counts():
    return counts_of(np.random.default_rng(0), planted=((0, 1),), m=4)


def test_split_rate_is_the_share_of_label_pairs_within_two_classes_that_split(counts):
    o, sums = coincidences(counts), pair_sums(patterns_of(counts))
    expected = [2 * o[a, b] / (2 * o[a, b] + o[a, a] + o[b, b]) for a, b in zip(sums.a, sums.b, strict=True)]
    assert split_rates(sums, 0.95).estimate == pytest.approx(expected, abs=1e-12)


def test_indistinguishability_is_the_formula_of_darroch_and_mccloud(counts):
    o, sums = coincidences(counts), pair_sums(patterns_of(counts))
    expected = [o[a, b] ** 2 / (o[a, a] * o[b, b]) for a, b in zip(sums.a, sums.b, strict=True)]
    assert indistinguishabilities(sums, 0.95).estimate == pytest.approx(expected, abs=1e-12)


def test_exchangeable_classes_are_indistinguishable():
    rng = np.random.default_rng(1)
    counts = counts_of(rng, k=4, n=4000, errors=0.0, planted=((0, 1),), rate=1.0)
    sums = pair_sums(patterns_of(counts))
    at = int(np.flatnonzero((sums.a == 0) & (sums.b == 1))[0])
    found = indistinguishabilities(sums, 0.95)
    assert found.low[at] < 1 <= found.high[at]
    assert found.estimate[at] == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("measure", [split_rates, indistinguishabilities, merge_gains])
def test_intervals_are_those_of_a_bootstrap_over_items(measure):
    rng = np.random.default_rng(2)
    counts = counts_of(rng, k=4, n=1500, errors=0.2)
    found = measure(pair_sums(patterns_of(counts)), 0.95)
    drawn = []
    for _ in range(400):
        sums = pair_sums(patterns_of(counts[rng.integers(0, len(counts), len(counts))]))
        drawn.append(measure(sums, 0.95).estimate)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    assert (found.high - found.low) == pytest.approx(high - low, rel=0.25)
    assert found.low == pytest.approx(low, abs=0.35 * np.max(high - low))


def test_gain_of_merging_is_the_difference_of_alpha(counts):
    sums = pair_sums(patterns_of(counts))
    expected = []
    for a, b in zip(sums.a, sums.b, strict=True):
        merged = counts.copy()
        merged[:, a] += merged[:, b]
        merged[:, b] = 0
        expected.append(alpha(merged) - alpha(counts))
    assert merge_gains(sums, 0.95).estimate == pytest.approx(expected, abs=1e-12)


def test_merging_both_of_two_classes_leaves_nothing_to_agree_on():
    sums = pair_sums(patterns_of(counts_of(np.random.default_rng(0), k=2)))
    found = merge_gains(sums, 0.95)
    assert np.isnan(found.estimate).all()
    assert information_lost(sums) == pytest.approx([1.0])


def test_information_lost_is_a_share_of_the_entropy():
    counts = np.array([[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0], [0, 0, 0, 2], [1, 1, 0, 0], [0, 0, 1, 1]])
    lost = information_lost(pair_sums(patterns_of(counts)))
    assert lost == pytest.approx([0.25, 0.25])  # one of two bits for half of the labels


def test_intervals_hold_the_true_value_as_often_as_they_say():
    rng = np.random.default_rng(3)
    shape = {"k": 3, "m": 3, "errors": 0.2, "planted": ((0, 1),)}
    huge = pair_sums(patterns_of(counts_of(rng, n=400_000, **shape)))
    truth = {f: f(huge, 0.95).estimate for f in (split_rates, indistinguishabilities)}
    held = {f: np.zeros(3) for f in truth}
    for _ in range(300):
        sums = pair_sums(patterns_of(counts_of(rng, n=200, **shape)))
        for measure, value in truth.items():
            found = measure(sums, 0.95)
            held[measure] += (found.low <= value) & (value <= found.high)
    for measure in truth:
        assert (held[measure] / 300 >= 0.91).all(), measure.__name__


def test_a_pair_that_only_ever_splits_has_finite_intervals():
    counts = np.array([[1, 1, 0]] * 5 + [[0, 0, 2]] * 5)
    sums = pair_sums(patterns_of(counts))
    split, alike = split_rates(sums, 0.95), indistinguishabilities(sums, 0.95)
    assert split.estimate.tolist() == [1.0]
    assert 0 < split.low[0] < 1
    assert np.isfinite([alike.estimate[0], alike.low[0], alike.high[0]]).all()


def test_sums_do_not_depend_on_how_items_are_grouped():
    counts = counts_of(np.random.default_rng(5), k=3, n=60)
    whole = pair_sums(patterns_of(counts))
    shuffled = pair_sums(patterns_of(counts[::-1]))
    assert whole.frame.to_numpy() == pytest.approx(shuffled.frame.to_numpy())
    assert whole.totals == pytest.approx(shuffled.totals)
