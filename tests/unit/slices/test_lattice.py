"""The exact search: every slice, each sum, whatever the number of levels."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from labelqa.slices import cells
from labelqa.slices.lattice import search
from tests.unit.slices.brute import as_dict, brute_force


def random_codes(seed: int, n: int = 300, d: int = 5, levels: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, levels, (n, d)).astype(np.int32)


def coded(codes: np.ndarray) -> SimpleNamespace:
    return SimpleNamespace(codes=codes)


@pytest.mark.parametrize("max_predicates", [1, 2, 3])
@pytest.mark.parametrize("min_size", [1, 5, 40])
@pytest.mark.parametrize("kind", ["0/1", "real", "with nan"])
def test_finds_what_a_group_by_of_every_combination_finds(max_predicates: int, min_size: int, kind: str) -> None:
    codes, rng = random_codes(min_size), np.random.default_rng(1)
    error = (rng.random(300) < 0.2).astype(float) if kind == "0/1" else rng.normal(size=300)
    if kind == "with nan":
        error[::7] = np.nan
    found = as_dict(search(coded(codes), error, max_predicates=max_predicates, min_size=min_size))
    expected = brute_force(codes, error, max_predicates, min_size)
    assert found.keys() == expected.keys()
    assert all(found[key] == pytest.approx(expected[key]) for key in expected)


def test_rare_pairs_are_dropped_without_losing_a_triple(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labelqa.slices.lattice.FEW_ROWS", 1.1)  # always drop
    codes = random_codes(3, levels=6)
    error = np.random.default_rng(3).random(300)
    found = as_dict(search(coded(codes), error, min_size=9))
    expected = brute_force(codes, error, 3, 9)
    assert found.keys() == expected.keys()
    assert all(found[key] == pytest.approx(expected[key]) for key in expected)


def test_sorting_in_place_of_a_table_of_cells_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = random_codes(4, levels=5)
    error = np.random.default_rng(4).random(300)
    dense = as_dict(search(coded(codes), error, min_size=3))
    monkeypatch.setattr(cells, "DENSE", 0)
    lattice = search(coded(codes), error, min_size=3)
    assert as_dict(lattice).keys() == dense.keys()
    assert all(as_dict(lattice)[key] == pytest.approx(dense[key]) for key in dense)
    assert lattice.counts(np.zeros(300, dtype=int), 1)[:, 0].tolist() == lattice.size.tolist()


def test_ten_thousand_levels_a_column_neither_overflow_nor_lose_a_slice() -> None:
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 10_000, (20_000, 4)).astype(np.int32)
    codes[:50, :3] = [9_999, 9_998, 9_997]
    error = np.zeros(20_000)
    error[:50] = 1.0
    found = as_dict(search(coded(codes), error, min_size=50))
    assert found[(0, 1, 2), (9_999, 9_998, 9_997)] == (50, 50.0, 50.0)


def test_a_planted_pair_survives_thirty_irrelevant_columns() -> None:
    codes = random_codes(6, n=2000, d=32, levels=3)
    error = ((codes[:, 4] == 1) & (codes[:, 17] == 2)).astype(float)
    found = as_dict(search(coded(codes), error, max_predicates=2, min_size=20))
    size, total, _ = found[(4, 17), (1, 2)]
    assert size == total == error.sum()


def test_codes_below_zero_are_of_no_slice() -> None:
    codes = random_codes(7)
    codes[::3, 1] = -1
    error = np.random.default_rng(7).random(300)
    assert as_dict(search(coded(codes), error, min_size=4)).keys() == brute_force(codes, error, 3, 4).keys()


def test_lone_masks_are_slices_that_combine_with_nothing() -> None:
    codes = random_codes(8, d=2)
    mask = np.arange(300) % 50 == 0
    lattice = search(coded(codes), np.ones(300), min_size=30, alone=[mask])
    mine = np.flatnonzero((lattice.columns == 2).any(axis=1))
    assert lattice.size[mine].tolist() == [6]
    assert lattice.mask(int(mine[0])).tolist() == mask.tolist()


def test_masks_and_later_passes_agree_with_the_search() -> None:
    codes = random_codes(9)
    error = np.random.default_rng(9).random(300)
    error[:20] = np.nan
    lattice = search(coded(codes), error, min_size=5)
    labels = np.arange(lattice.rows.size) % 3
    some = np.flatnonzero(labels == 1)
    counts, of_some = lattice.counts(labels, 3), lattice.counts(np.zeros(some.size, dtype=int), 1, some)
    assert of_some[:, 0].tolist() == counts[:, 1].tolist()
    assert lattice.sums(error[lattice.rows]) == pytest.approx(lattice.total)
    for s in range(0, len(lattice), 13):
        mask = lattice.mask(s)
        assert mask.sum() == lattice.size[s]
        assert np.bincount(labels[mask], minlength=3).tolist() == counts[s].tolist()


def test_nothing_large_enough_gives_an_empty_lattice() -> None:
    lattice = search(coded(random_codes(10)), np.ones(300), min_size=301)
    assert len(lattice) == 0
    assert lattice.columns.shape == (0, 3)
