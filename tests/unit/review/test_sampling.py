"""Samples with known chances."""

from __future__ import annotations

import numpy as np
import pytest

from labelqa.errors import ParameterError
from labelqa.review.sampling import Candidates, choose_items, inclusion_probabilities, split_held_out

DRAWS = 2500


def scored(scores):
    return Candidates.of([f"i{k}" for k in range(len(scores))], disagreement={f"i{k}": s for k, s in enumerate(scores)})


@pytest.mark.parametrize("scores", [[0, 0.1, 0.2, 0.9, 1, 1, 0.3, 0.5], [0, 0, 0, 0, 0, 0, 1, 1], [np.nan, 0.2, 1, 0]])
@pytest.mark.parametrize("n", [1, 3])
def test_items_are_chosen_as_often_as_stated_and_horvitz_thompson_is_unbiased(scores, n):
    candidates, rng = scored(scores), np.random.default_rng(1)
    values = np.linspace(1, 3, len(scores)) ** 2
    hits, totals, hajek = np.zeros(len(scores)), [], []
    for _ in range(DRAWS):
        sample = choose_items(candidates, n, method="disagreement", rng=rng)
        assert sample.positions.size == n
        weights = 1 / sample.probability[sample.positions]
        hits[sample.positions] += 1
        totals.append(weights @ values[sample.positions])
        hajek.append(totals[-1] / weights.sum())
    chance = sample.probability
    error = np.sqrt(chance * (1 - chance) / DRAWS)
    assert (np.abs(hits / DRAWS - chance) <= 4.5 * error + 1e-12).all()
    assert np.mean(totals) == pytest.approx(values.sum(), abs=4.5 * np.std(totals) / np.sqrt(DRAWS))


def test_hajek_means_of_a_targeted_sample_are_right_and_plain_means_are_not():
    rng = np.random.default_rng(2)
    scores = rng.random(400)
    values = scores**2
    candidates = scored(scores)
    plain, hajek = [], []
    for _ in range(400):
        sample = choose_items(candidates, 80, method="disagreement", rng=rng)
        chosen, weights = values[sample.positions], 1 / sample.probability[sample.positions]
        plain.append(chosen.mean())
        hajek.append(weights @ chosen / weights.sum())
    error = np.std(hajek) / 20
    assert np.mean(hajek) == pytest.approx(values.mean(), abs=4 * error + 0.004)
    assert np.mean(plain) > values.mean() + 0.05


@pytest.mark.parametrize("n", [0, 1, 7, 19, 20])
def test_probabilities_add_up_to_the_sample_and_none_is_zero(n):
    scores = np.r_[np.zeros(10), np.ones(5), np.full(5, np.nan)]
    found = inclusion_probabilities(scores, n)
    assert found.sum() == pytest.approx(n)
    assert found.max() <= 1
    assert (found > 0).all() == (n > 0)


def test_the_least_probability_is_kept_and_what_cannot_be_kept_is_refused():
    scores = np.array([0.0, 1, 1, 1])
    assert inclusion_probabilities(scores, 2, minimum_probability=0.2).min() == pytest.approx(0.2)
    assert inclusion_probabilities(scores, 2, minimum_probability=0.5).tolist() == [0.5] * 4
    with pytest.raises(ParameterError, match=r"minimum_probability=0\.6"):
        inclusion_probabilities(scores, 2, minimum_probability=0.6)


def test_random_choice_gives_every_item_the_same_chance():
    assert set(choose_items(scored([0, 1, 0.5]), 2).probability.tolist()) == {2 / 3}


def test_the_order_of_candidates_does_not_matter():
    items = [f"i{k}" for k in range(30)]
    scores = {i: k / 30 for k, i in enumerate(items)}
    for method in ("random", "disagreement"):
        chosen = []
        for order in (items, items[::-1]):
            sample = choose_items(Candidates.of(order, disagreement=scores), 9, method=method, rng=4)
            chosen.append({order[p] for p in sample.positions})
        assert chosen[0] == chosen[1]


def test_strata_are_what_was_labeled_touched_and_held_out():
    c = Candidates.of("abcde", labeled="abd", touched="a", held_out="de")
    assert c.strata.tolist() == ["paired", "control", "fresh", "held_out", "held_out"]
    assert Candidates.of("ab", labeled="a").strata.tolist() == ["paired", "fresh"]


def test_too_few_candidates_are_counted():
    with pytest.raises(ParameterError, match="5 items were asked for, 2 more than the 3 there are"):
        choose_items(scored([0, 1, 0.5]), 5)


def test_all_problems_of_candidates_are_listed():
    with pytest.raises(ParameterError) as error:
        Candidates.of(["a", "a", "b"], disagreement={"b": 1.5})
    assert "items occur more than once: a" in str(error.value)
    assert "outside 0 to 1 (1.5)" in str(error.value)


def test_held_out_items_are_a_share_at_random_whatever_the_order():
    items = [f"i{k}" for k in range(100)]
    mask = split_held_out(items, 0.2, rng=3)
    back = split_held_out(items[::-1], 0.2, rng=3)
    assert mask.sum() == 20
    assert {i for i, m in zip(items, mask, strict=True) if m} == {
        i for i, m in zip(items[::-1], back, strict=True) if m
    }
    often = np.mean([split_held_out(items[:10], 0.3, rng=s) for s in range(1000)], axis=0)
    assert np.abs(often - 0.3).max() < 0.07


def test_groups_are_held_out_as_wholes_and_neither_all_nor_none():
    groups = np.repeat(np.arange(12), 5)
    mask = split_held_out([f"i{k}" for k in range(60)], 0.25, rng=1, groups=groups)
    assert mask.sum() == 15
    assert all(len(set(mask[groups == g])) == 1 for g in range(12))
    assert split_held_out(["a", "b"], 0.01).sum() == split_held_out(["a", "b"], 0.99).sum() == 1


def test_what_cannot_be_split_is_refused():
    with pytest.raises(ParameterError, match="1 group cannot be split"):
        split_held_out(["a", "b"], 0.5, groups=[1, 1])
    with pytest.raises(ParameterError, match=r"share=1\.5 is not a share"):
        split_held_out(["a", "b"], 1.5)
    with pytest.raises(ParameterError, match="1 groups for 2 items"):
        split_held_out(["a", "b"], 0.5, groups=[1])
