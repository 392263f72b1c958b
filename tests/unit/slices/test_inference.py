"""What chance gives: moments, shuffles and p values against enumeration or scipy."""

from __future__ import annotations

from itertools import combinations, permutations
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from labelqa.slices.effects import (
    Side,
    difference_interval,
    hypergeometric_p,
    shrinkage,
    side,
    upper_tail,
)
from labelqa.slices.lattice import search
from labelqa.slices.shuffle import Shuffler, grouped, member_sums
from labelqa.slices.strata import chance, one_stratum, overlap, split

ERROR = np.array([0.0, 0.3, 1.0, 2.5, 0.0, 4.0, 0.7])


def lattice_of(codes: np.ndarray, error: np.ndarray, min_size: int = 1):
    return search(SimpleNamespace(codes=codes.astype(np.int32)), error, min_size=min_size)


def test_moments_of_a_slice_are_those_of_all_samples_of_its_size() -> None:
    lattice = lattice_of(np.array([[0], [0], [0], [1], [1], [1], [1]]), ERROR)
    sums = np.array([ERROR[list(rows)].sum() for rows in combinations(range(7), 3)])
    found = chance(one_stratum(lattice), ERROR)
    assert found.expected[0] == pytest.approx(sums.mean())
    assert found.deviation[0] == pytest.approx(sums.std())
    assert found.skewness[0] == pytest.approx(stats.skew(sums))


def test_moments_add_over_strata() -> None:
    codes = np.array([[0], [0], [1], [0], [1], [1], [0]])
    lattice = lattice_of(codes, ERROR)
    mask = np.array([True, True, True, False, False, False, False])
    strata = split(one_stratum(lattice), lattice, mask)
    sums = [
        ERROR[list(a)].sum() + ERROR[list(b)].sum()
        for a in combinations(range(3), 2)
        for b in combinations(range(3, 7), 2)
    ]
    found = chance(strata, ERROR)
    assert found.expected[0] == pytest.approx(np.mean(sums))
    assert found.deviation[0] == pytest.approx(np.std(sums))
    assert found.skewness[0] == pytest.approx(stats.skew(sums))
    outside = chance(strata, ERROR, outside=True)
    assert outside.deviation[0] == pytest.approx(np.std([ERROR[list(b)].sum() for b in combinations(range(3, 7), 2)]))


def test_mantel_haenszel_variance_is_that_of_statsmodels() -> None:
    from statsmodels.stats.contingency_tables import StratifiedTable

    rng = np.random.default_rng(0)
    codes, error = rng.integers(0, 2, (200, 2)), (rng.random(200) < 0.3).astype(float)
    lattice = lattice_of(codes, error)
    strata = split(one_stratum(lattice), lattice, codes[:, 1] == 1)
    by_chance = chance(strata, error)
    at = int(
        np.flatnonzero((lattice.columns[:, 0] == 0) & (lattice.levels[:, 0] == 1) & (lattice.n_predicates == 1))[0]
    )
    tables = [
        np.histogram2d(codes[codes[:, 1] == h, 0], error[codes[:, 1] == h], bins=2)[0][::-1, ::-1] for h in (0, 1)
    ]
    z = (lattice.total[at] - by_chance.expected[at]) / by_chance.deviation[at]
    assert z**2 == pytest.approx(StratifiedTable(tables).test_null_odds(correction=False).statistic)


def test_splitting_keeps_counts_of_every_slice_in_every_stratum() -> None:
    rng = np.random.default_rng(1)
    codes, error = rng.integers(0, 3, (300, 4)), rng.random(300)
    lattice = lattice_of(codes, error, 10)
    strata = one_stratum(lattice)
    for column in (0, 1):
        strata = split(strata, lattice, codes[:, column] == 1)
    assert (strata.inside == lattice.counts(strata.of_row, strata.n_strata)).all()
    assert ((strata.of_row == 0) == ((codes[:, 0] != 1) & (codes[:, 1] != 1))).all()
    everything = split(strata, lattice, np.ones(300, dtype=bool))
    assert everything.size[0] == 0, "stratum 0 stays for rows in no slice found before"


def test_overlap_is_the_jaccard_index_of_masks() -> None:
    codes = np.random.default_rng(2).integers(0, 3, (200, 3))
    lattice = lattice_of(codes, np.ones(200), 5)
    mask = codes[:, 0] == 1
    expected = [(lattice.mask(s) & mask).sum() / (lattice.mask(s) | mask).sum() for s in range(len(lattice))]
    assert overlap(lattice, mask) == pytest.approx(expected)


def test_shuffles_stay_within_strata_and_sums_of_members_are_exact() -> None:
    rng = np.random.default_rng(3)
    codes, error = rng.integers(0, 3, (90, 3)), rng.random(90)
    lattice = lattice_of(codes, error, 4)
    strata = split(one_stratum(lattice), lattice, codes[:, 0] == 1)
    values = Shuffler(error=error).batch(strata, 6, rng)
    residual = error - strata.means(error)[strata.of_row]
    for h in range(strata.n_strata):
        rows = strata.of_row == h
        assert np.sort(values[rows], axis=0) == pytest.approx(np.sort(residual[rows])[:, None].repeat(6, 1), abs=1e-6)
    expected = [values[lattice.mask(s)].sum(axis=0) for s in range(len(lattice))]
    assert member_sums(lattice, values) == pytest.approx(np.array(expected), abs=1e-4)


def test_groups_move_as_wholes() -> None:
    codes = np.repeat(np.arange(50), 4)
    groups = grouped(codes)
    rng = np.random.default_rng(4)
    for _ in range(5):
        taken = codes[groups.shuffled(rng, np.ones(50, dtype=bool))]
        assert all(np.unique(taken[codes == g]).size == 1 for g in range(50))
        assert np.bincount(taken).tolist() == [4] * 50, "equal groups change places"


def test_groups_of_unequal_sizes_take_errors_of_one_group_each() -> None:
    rng = np.random.default_rng(5)
    codes = np.repeat(np.arange(80), rng.integers(1, 12, 80))
    rng.shuffle(codes)
    taken = codes[grouped(codes).shuffled(rng, np.ones(80, dtype=bool))]
    assert all(np.unique(taken[codes == g]).size == 1 for g in range(80))


def test_hypergeometric_p_is_the_share_of_arrangements() -> None:
    error = np.array([1, 1, 1, 0, 0, 0, 0])
    arrangements = [sum(order[:3]) >= 2 for order in permutations(error.tolist())]
    assert hypergeometric_p(2, 3, 3, 7) == pytest.approx(np.mean(arrangements))


@pytest.mark.parametrize("skew", [-0.8, -1e-5, 0.0, 0.4, 2.0])
@pytest.mark.parametrize("z", [-1.0, 0.5, 4.0])
def test_upper_tail_is_that_of_pearson_three(z: float, skew: float) -> None:
    assert upper_tail(z, skew) == pytest.approx(stats.pearson3.sf(z, skew), rel=2e-3)


def test_newcombe_interval_of_the_published_example() -> None:
    """Newcombe (1998), table II (a): 56/70 against 48/80, method 10: 0.0524 to 0.3339."""
    inside = Side(size=70, rate=56 / 70, effective=70, variance=0.0)
    outside = Side(size=80, rate=48 / 80, effective=80, variance=0.0)
    found = difference_interval(inside, outside, shares=True, level=0.95)
    assert found == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_difference_of_means_has_the_interval_of_welch() -> None:
    rng = np.random.default_rng(6)
    error, mask = rng.gamma(1, size=60), np.arange(60) < 25
    found = difference_interval(side(error, mask, None), side(error, ~mask, None), shares=False, level=0.9)
    expected = stats.ttest_ind(error[mask], error[~mask], equal_var=False).confidence_interval(0.9)
    assert found == pytest.approx((expected.low, expected.high))


def test_copies_of_rows_count_once() -> None:
    rng = np.random.default_rng(7)
    error = (rng.random(200) < 0.3).astype(float)
    copied, groups = np.repeat(error, 5), np.repeat(np.arange(200), 5)
    assert side(copied, np.ones(1000, dtype=bool), groups).effective == pytest.approx(200, rel=0.01)


def test_shrinkage_takes_out_the_winners_curse_of_a_threshold() -> None:
    rng = np.random.default_rng(8)
    truth, threshold = 3.5, 4.0
    scores = truth + rng.normal(size=40_000)
    passed = scores[scores > threshold][:4000]
    corrected = np.array([s * shrinkage(float(s), threshold) for s in passed])
    assert abs(corrected.mean() - truth) < abs(passed.mean() - truth)
    assert shrinkage(20.0, threshold) == pytest.approx(1.0)
    assert shrinkage(-1.0, threshold) == 0.0
