"""Tests of batches against an earlier one keep their level, and see a planted shift."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import ks_2samp

from labelqa.validation.skew import number_skew, share_skew

RUNS = 2000  # a standard error of .005
LOW, HIGH = 0.03, 0.07


def _level(p_values: list[float]) -> float:
    return float(np.mean(np.array(p_values) < 0.05))


@pytest.mark.parametrize(("n_reference", "n"), [(50, 50), (40, 70)])
def test_numbers_keep_the_null_level(n_reference: int, n: int):
    rng = np.random.default_rng(0)
    found = _level([number_skew(rng.normal(size=n_reference), rng.normal(size=n)).p_value for _ in range(RUNS // 3)])
    assert LOW <= found <= HIGH


@pytest.mark.parametrize(("n_reference", "n"), [(50, 50), (300, 200)])
def test_shares_keep_the_null_level(n_reference: int, n: int):
    rng = np.random.default_rng(1)
    draw = np.eye(4)
    shares = [0.4, 0.3, 0.2, 0.1]
    p_values = [
        share_skew(draw[rng.choice(4, n_reference, p=shares)], draw[rng.choice(4, n, p=shares)], list("abcd")).p_value
        for _ in range(RUNS)
    ]
    assert LOW <= _level(p_values) <= HIGH


def test_p_values_of_numbers_without_ties_are_those_of_scipy():
    rng = np.random.default_rng(2)
    for n_reference, n in ((30, 45), (45, 30), (50, 50), (20, 400)):
        old, new = rng.normal(size=n_reference), rng.normal(0.5, 1, size=n)
        expected = ks_2samp(old, new, method="exact").pvalue
        assert number_skew(old, new).p_value == pytest.approx(expected, rel=1e-9)


def test_p_values_of_tied_numbers_are_those_of_all_permutations(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("labelqa.validation.skew.FEW_VALUES", 2)
    values = np.array([1, 1, 2, 2, 2, 3, 4, 4, 5, 5, 6.0])
    chosen = (0, 1, 2, 3, 6)

    def distance(own: tuple[int, ...]) -> float:
        mask = np.isin(np.arange(values.size), own)
        return max(abs((values[mask] <= v).mean() - (values[~mask] <= v).mean()) for v in values)

    all_orders = [distance(c) for c in combinations(range(values.size), len(chosen))]
    expected = np.mean(np.array(all_orders) >= distance(chosen) - 1e-12)
    mask = np.isin(np.arange(values.size), chosen)
    assert number_skew(values[mask], values[~mask]).p_value == pytest.approx(expected)


def test_exact_and_asymptotic_p_values_meet(monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(3)
    old, new = rng.normal(size=1500), rng.normal(0.04, 1, size=1500)
    exact = number_skew(old, new).p_value
    monkeypatch.setattr("labelqa.validation.skew.MOST_EXACT", 0)
    assert number_skew(old, new).p_value == pytest.approx(exact, rel=0.1)


def test_a_shift_of_half_a_standard_deviation_is_seen():
    rng = np.random.default_rng(4)
    p_values = [number_skew(rng.normal(size=100), rng.normal(0.5, 1, size=100)).p_value for _ in range(100)]
    assert _level(p_values) >= 0.8


def test_many_items_far_apart_have_a_small_p_value_that_is_not_zero():
    old, new = np.arange(60.0), np.arange(100.0, 160.0)
    assert number_skew(old, new).p_value == pytest.approx(ks_2samp(old, new, method="exact").pvalue, rel=1e-6)


@pytest.mark.parametrize("k", [2, 3, 6, 7])
def test_equal_shares_of_all_items_have_a_p_value_of_one_at_every_size(k: int):
    names = list("abcdefg")[:k]
    tested = [
        share_skew(np.full((n_reference, k), 1 / k), np.full((n, k), 1 / k), names)
        for n_reference in range(40, 140, 17)
        for n in range(40, 140, 13)
    ]
    assert {found.p_value for found in tested} == {1.0}


def test_shares_that_change_in_all_items_at_once_have_a_small_p_value():
    found = share_skew(np.full((50, 2), 0.5), np.tile([0.75, 0.25], (50, 1)), ["a", "b"])
    assert found.p_value < 1e-6


def test_a_handful_of_items_beside_equal_ones_is_too_few_to_test():
    old, new = np.full((100, 2), 0.5), np.full((100, 2), 0.5)
    new[:6] = [1.0, 0.0]
    assert share_skew(old, new, ["a", "b"]).reason == "too few items have other shares than most have"
