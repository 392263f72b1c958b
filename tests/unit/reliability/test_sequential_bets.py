"""Why the claim is honest: exact properties of the bet, and a small simulation."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from labelqa.annotations.schema import LabelSchema
from labelqa.reliability.planning.population import assumed_population
from labelqa.reliability.planning.rates import AssumedRates
from labelqa.reliability.sequential.bets import (
    BLOCK,
    FRACTIONS,
    PAIRINGS,
    PAIRS,
    SHARES,
    block_distances,
    block_growth,
    is_negative_type,
    largest_stake,
    log_wealth,
)
from labelqa.reliability.weights import make_weights
from tests.sequential_model import NEVER, Setting, draw_counts, false_claims, fixed_size, median_stop, stops

NAMED = ["identity", "ordinal", "linear", "quadratic", "radical", "ratio", "circular", "bipolar", "interval"]
SCHEMA = LabelSchema(classes=(1, 2, 3, 4))


def gains(counts, weights, claims, k):
    largest = largest_stake(claims, negative_type=is_negative_type(weights, k))
    return block_growth(*block_distances(counts, weights), claims, largest)


@pytest.mark.parametrize("weights", ["identity", "ordinal"])
@pytest.mark.parametrize(("agreement", "m"), [(0.3, 2), (0.7, 2), (0.7, 3)])
def test_a_bet_against_the_truth_gains_exactly_nothing_on_average(agreement, m, weights):
    """All blocks of four items of an enumerated population: the mean factor is 1 at the truth, below 1 above it."""
    population = assumed_population(
        AssumedRates(agreement=agreement, class_shares=(0.8, 0.15, 0.05), n_annotators=m), "fleiss_kappa", weights
    )
    patterns = population.patterns.patterns.astype(float)
    share = population.patterns.multiplicity / population.patterns.n_items
    blocks = np.array(list(itertools.product(range(len(share)), repeat=BLOCK)))
    scheme = make_weights(weights, LabelSchema(classes=(1, 2, 3)))
    claims = np.array([agreement, agreement + 0.1, agreement - 0.1])
    factors = np.exp(gains(patterns[blocks], scheme, claims, 3))
    mean = np.einsum("sbg,b->sg", factors, share[blocks].prod(axis=1))
    assert mean[:, 0] == pytest.approx(1, abs=2e-6)  # shares of the enumerated population are exact to 1e-7
    assert (mean[:, 1] < 1).all()
    assert (mean[:, 2] > 1).all()


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0.05, 1)), min_size=2, max_size=4, unique_by=lambda v: v[0]))
def test_the_bet_is_fair_too_where_disputed_items_get_more_labels(population):
    """Any population of items with two to four labels: the mean factor is 1 at its ``1 - Do/De``."""
    kinds = [(a, b, c) for a in range(5) for b in range(5) for c in range(5) if 2 <= a + b + c <= 4]
    counts = np.array([kinds[i] for i, _ in population], dtype=float)
    share = np.array([s for _, s in population]) / sum(s for _, s in population)
    weights = make_weights("ordinal", LabelSchema(classes=(1, 2, 3)))
    blocks = np.array(list(itertools.product(range(len(share)), repeat=BLOCK)))
    observed, _ = block_distances(counts[blocks], weights)
    mean = share @ (counts / counts.sum(axis=1, keepdims=True))
    expected = 1 - mean @ weights.apply(mean)
    within = float(share[blocks].prod(axis=1) @ observed[:, 0])
    assume(expected > 0.01)
    truth = np.array([1 - within / expected])
    factors = np.exp(gains(counts[blocks], weights, truth, 3))[..., 0]
    assert factors @ share[blocks].prod(axis=1) == pytest.approx(1, abs=1e-9)


counts_of_item = st.lists(st.integers(0, 4), min_size=4, max_size=4).filter(lambda row: sum(row) >= 2)


@given(st.lists(counts_of_item, min_size=BLOCK, max_size=BLOCK), st.sampled_from(NAMED))
def test_no_block_can_lose_more_than_all_and_wealth_falls_with_the_claim(block, name):
    weights = make_weights(name, SCHEMA)
    claims = np.linspace(-1, 1, 201)
    with np.errstate(all="raise"):
        growth = gains(np.array(block, dtype=float), weights, claims, SCHEMA.k)
    assert np.isfinite(growth).all()
    assert (np.diff(log_wealth(growth)) <= 1e-9).all()


@pytest.mark.parametrize("name", ["identity", "ordinal", "linear", "quadratic", "radical", "circular", "interval"])
def test_named_weights_allow_the_larger_stake(name):
    assert is_negative_type(make_weights(name, SCHEMA), SCHEMA.k)


def test_a_table_that_is_no_distance_of_negative_type_gets_the_smaller_stake():
    table = np.ones((4, 4)) - 0.99 * (1 - np.eye(4))
    table[0, 1:] = table[1:, 0] = 0.9  # far from each other, yet all near to the first
    weights = make_weights(table, SCHEMA)
    assert not is_negative_type(weights, 4)
    assert largest_stake(np.array([0.5]), negative_type=False) == [1.0]


def test_the_three_pairings_cover_all_pairs_and_wealth_starts_at_one():
    assert sorted(itertools.chain(*PAIRINGS)) == list(range(len(PAIRS)))
    assert all(set(PAIRS[a]).isdisjoint(PAIRS[b]) for a, b in PAIRINGS)
    assert SHARES.sum() == pytest.approx(1)
    assert log_wealth(np.zeros((FRACTIONS.size, 3))) == pytest.approx(0)


@pytest.mark.parametrize("scale", ["nominal", "ordinal"])
@pytest.mark.parametrize(("prevalence", "m"), [("even", 2), ("rare", 5)])
def test_false_claims_stay_below_five_percent_with_a_look_after_every_item(prevalence, m, scale):
    setting = Setting(prevalence=prevalence, m=m, scale=scale, target=0.6, agreement=0.6)
    counts = draw_counts(setting, (600, 200), np.random.default_rng(4))
    share = float((stops(counts, setting) < NEVER).mean())
    assert share <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 600)


def test_the_naive_interval_claims_far_too_often():
    ours, naive = false_claims(Setting(prevalence="uneven", m=3), runs=200, n=300, seed=1)
    assert ours < 0.1 < 0.2 < naive


def test_the_median_stop_is_below_twice_the_fixed_study():
    setting = Setting(prevalence="uneven", m=2, target=0.6, agreement=0.7)
    fixed = fixed_size(setting)
    assert fixed >= 300
    assert median_stop(setting, runs=100, longest=4 * fixed, seed=2) <= 2 * fixed
