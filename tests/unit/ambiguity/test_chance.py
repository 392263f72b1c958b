"""Beyond chance: few false flags, planted pairs found, and a reason where there is no test."""

import numpy as np
import pytest

from labelqa.ambiguity import independence
from labelqa.ambiguity.chance import THREE_CLASSES, TWO_CLASSES, beyond_chance
from labelqa.ambiguity.independence import expected_splits
from labelqa.ambiguity.sums import pair_sums
from tests.unit.ambiguity.data import counts_of, patterns_of


def found_in(counts):
    sums = pair_sums(patterns_of(counts))
    found = beyond_chance(sums)
    return set(zip(sums.a[found.found].tolist(), sums.b[found.found].tolist(), strict=True))


@pytest.mark.parametrize("k", [4, 6, 12])
def test_nothing_planted_flags_hardly_anything(k):
    rng = np.random.default_rng(k)
    flagged = [bool(found_in(counts_of(rng, k=k, n=200, m=2, errors=0.2))) for _ in range(60)]
    assert np.mean(flagged) <= 0.1


@pytest.mark.parametrize("planted", [((0, 1), (2, 3)), ((0, 1), (1, 2))])
def test_two_planted_pairs_are_found_and_nothing_else(planted):
    rng = np.random.default_rng(7)
    hits, false = [], []
    for _ in range(20):
        found = found_in(counts_of(rng, k=8, n=1500, m=3, errors=0.1, planted=planted))
        hits.append(len(found & set(planted)) / 2)
        false.append(len(found - set(planted)))
    assert np.mean(hits) >= 0.95
    assert np.mean(false) <= 0.2


def test_unequal_classes_with_even_errors_are_chance():
    """Errors spread evenly are not exactly quasi-independent where classes are unequal: the margin absorbs that."""
    rng = np.random.default_rng(3)
    shares = [0.85, 0.07, 0.05, 0.03]
    assert sum(bool(found_in(counts_of(rng, k=4, n=20_000, m=3, errors=0.1, shares=shares))) for _ in range(5)) == 0


@pytest.mark.parametrize(("k", "reason"), [(2, TWO_CLASSES), (3, THREE_CLASSES)])
def test_too_few_classes_have_no_test_and_say_so(k, reason):
    found = beyond_chance(pair_sums(patterns_of(counts_of(np.random.default_rng(0), k=k))))
    assert found.undefined_because == reason
    assert np.isnan(found.p_value).all()
    assert not found.found.any()


def test_a_pair_is_expected_as_often_as_the_product_of_its_classes():
    u = np.array([3.0, 2.0, 4.0, 1.0, 5.0])
    split = np.outer(u, u) * 1000
    np.fill_diagonal(split, 0.0)
    a, b = np.triu_indices(5, 1)
    found = expected_splits(split, a, b, np.zeros((5, 5), dtype=bool))
    assert found.mean == pytest.approx(split[a, b], rel=1e-3)


def test_an_excess_does_not_hide_itself():
    u = np.array([3.0, 2.0, 4.0, 1.0, 5.0])
    split = np.outer(u, u) * 1000
    np.fill_diagonal(split, 0.0)
    expected = split[0, 1]
    split[0, 1] = split[1, 0] = 10 * expected
    found = expected_splits(split, np.array([0]), np.array([1]), np.zeros((5, 5), dtype=bool))
    assert found.mean == pytest.approx([expected], rel=1e-3)


def test_the_fast_form_for_many_classes_agrees_with_a_fit_for_each_pair(monkeypatch):
    counts = counts_of(np.random.default_rng(1), k=20, n=4000, errors=0.4)
    sums = pair_sums(patterns_of(counts))
    exact = beyond_chance(sums)
    monkeypatch.setattr(independence, "EXACT_CLASSES", 3)
    fast = beyond_chance(sums)
    assert fast.expected == pytest.approx(exact.expected, rel=0.05)
    assert fast.p_value == pytest.approx(exact.p_value, abs=0.05)


def test_adjusted_p_values_count_pairs_that_never_met():
    counts = np.zeros((60, 6), dtype=np.int64)
    counts[:40, :2] = 1
    counts[40:, 2:4] = [[2, 0]] * 20
    counts[50:, 4:6] = [[0, 2]] * 10
    sums = pair_sums(patterns_of(counts))
    found = beyond_chance(sums)
    assert found.p_adjusted[0] >= found.p_value[0]
    assert found.p_adjusted[0] == pytest.approx(min(1.0, found.p_value[0] * 10))  # five used classes
