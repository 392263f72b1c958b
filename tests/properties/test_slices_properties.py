"""What holds for every table and every error."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labelqa.slices.effects import difference_interval, shrinkage, side
from labelqa.slices.find import find_slices
from labelqa.slices.lattice import search
from labelqa.slices.strata import chance, one_stratum, split
from tests.unit.slices.brute import as_dict, brute_force

ROWS = 40


def tables(levels: int = 4):
    return st.integers(1, 4).flatmap(lambda d: arrays(np.int32, (ROWS, d), elements=st.integers(0, levels - 1)))


ERRORS = arrays(np.float64, ROWS, elements=st.one_of(st.just(np.nan), st.floats(-5, 5, width=16)))
SHARES = arrays(np.float64, ROWS, elements=st.sampled_from([0.0, 1.0]))


@given(tables(), ERRORS, st.integers(1, 12), st.integers(1, 3))
def test_the_search_is_the_group_by_of_every_combination(codes, error, min_size, max_predicates):
    found = as_dict(search(SimpleNamespace(codes=codes), error, max_predicates=max_predicates, min_size=min_size))
    expected = brute_force(codes, error, max_predicates, min_size)
    assert found.keys() == expected.keys()
    assert all(found[key] == pytest.approx(expected[key], abs=1e-9) for key in expected)


@given(tables(), SHARES)
def test_duplicated_rows_double_every_sum(codes, error):
    once = search(SimpleNamespace(codes=codes), error, min_size=2)
    twice = search(SimpleNamespace(codes=np.repeat(codes, 2, axis=0)), np.repeat(error, 2), min_size=4)
    assert twice.columns.tolist() == once.columns.tolist()
    assert twice.size.tolist() == (2 * once.size).tolist()
    assert twice.total == pytest.approx(2 * once.total)


@given(tables(), SHARES, st.integers(0, 3))
def test_what_chance_gives_adds_up_over_the_levels_of_a_column(codes, error, level):
    lattice = search(SimpleNamespace(codes=codes), error, max_predicates=1, min_size=1)
    strata = split(one_stratum(lattice), lattice, codes[:, 0] == level)
    by_chance = chance(strata, error)
    for j in range(codes.shape[1]):
        of_column = lattice.columns[:, 0] == j
        assert by_chance.expected[of_column].sum() == pytest.approx(error.sum())
    assert np.isfinite(by_chance.scores(lattice.total)[by_chance.deviation > 0]).all()


@given(SHARES, arrays(np.bool_, ROWS))
def test_the_interval_holds_the_difference_and_stays_within_one(error, mask):
    inside, outside = side(error, mask, None), side(error, ~mask, None)
    low, high = difference_interval(inside, outside, shares=True, level=0.95)
    if mask.any() and not mask.all():
        assert -1 - 1e-9 <= low <= inside.rate - outside.rate <= high <= 1 + 1e-9
    else:
        assert np.isnan([low, high]).all()


@given(st.floats(0.01, 30), st.floats(0.5, 6))
def test_shrinkage_only_shrinks(score, threshold):
    assert 0 <= shrinkage(score, threshold) <= 1


@settings(max_examples=40)
@given(tables(3), ERRORS.filter(lambda e: not np.isnan(e).all()))
def test_any_table_and_error_gives_a_result_whose_masks_fit_its_sizes(codes, error):
    found = find_slices(codes, error, min_support=0.1)
    frame = found.to_frame()
    assert [int(found.mask(i).sum()) for i in range(len(found))] == frame["size"].tolist()
    assert not any(found.mask(i)[np.isnan(error)].any() for i in range(len(found)))
    assert (frame["p_adjusted"] <= 0.05).all()
    assert frame["impact"].is_monotonic_decreasing
    assert 3 <= len(repr(found).splitlines()) <= 6
