"""ranking_agreement: W, tau-b and Spearman, with ties and gaps."""

import itertools
import json
import math

import numpy as np
import pytest
from scipy import stats

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.errors import LabelError
from labelqa.reliability.distance import words
from labelqa.reliability.distance.orders import mid_ranks_of, spearman, tau_b
from labelqa.reliability.distance.rankings import kendall_w, ranking_agreement
from tests.unit.reliability.distance import data as draw


def measure(rows):
    return ranking_agreement(StructuredAnnotations.from_records(rows, kind="rankings"))


def scores(matrix, item="all"):
    """Rows: annotators; each ranks the columns by their score, 1 the best."""
    return [(item, f"r{i}", dict(enumerate(row))) for i, row in enumerate(np.asarray(matrix).tolist())]


@pytest.mark.parametrize("seed", range(5))
def test_correlations_equal_scipys_with_ties(seed):
    a, b = np.random.default_rng(seed).integers(0, 4, (2, 12)).astype(float)
    assert tau_b(mid_ranks_of(a), mid_ranks_of(b)) == pytest.approx(stats.kendalltau(a, b).statistic, abs=1e-12)
    assert spearman(mid_ranks_of(a), mid_ranks_of(b)) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_w_is_friedmans_statistic_scaled_and_the_mean_spearman_without_ties(seed):
    rng = np.random.default_rng(seed)
    tied = rng.integers(0, 4, (5, 8))
    friedman = stats.friedmanchisquare(*tied.T)
    result = measure(scores(tied))
    assert result.chi_square == pytest.approx(friedman.statistic)
    assert result.p_value == pytest.approx(friedman.pvalue)
    assert result.concordance == pytest.approx(friedman.statistic / (5 * 7))
    ranks = np.array([rng.permutation(8) + 1.0 for _ in range(4)])
    rho = np.mean([spearman(x, y) for x, y in itertools.combinations(ranks, 2)])
    assert kendall_w(ranks) == pytest.approx((3 * rho + 1) / 4)


def test_equal_rankings_have_w_one_and_opposite_ones_zero():
    same = [("q", "a", ["x", "y", "z"]), ("q", "b", ["x", "y", "z"])]
    opposite = [("q", "a", ["x", "y", "z"]), ("q", "b", ["z", "y", "x"])]
    assert measure(same).concordance == 1.0
    assert measure(same).tau == 1.0
    assert measure(opposite).concordance == 0.0
    assert measure(opposite).tau == -1.0


def test_several_items_are_averaged_and_their_chi_squares_added():
    rows = scores([[1, 2, 3], [1, 2, 3]], "q1") + scores([[1, 2, 3, 4], [4, 3, 2, 1]], "q2")
    result = measure(rows)
    assert result.concordance == 0.5
    assert result.chi_square == pytest.approx(2 * 2 * 1.0)
    assert result.degrees == 2 + 3
    assert result.n_items_complete == 2


def test_w_uses_the_objects_that_all_ranked_and_counts_the_others():
    rows = [("q", "a", ["x", "y", "z"]), ("q", "b", ["x", "w", "z"]), ("q", "c", ["x", "z"])]
    result = measure(rows)
    assert result.n_objects_left_out == 2  # y and w
    assert result.concordance == 1.0
    assert "2 objects left out" in repr(result)


def test_pairs_use_what_both_ranked():
    rows = [("q", "a", ["x", "y", "z"]), ("q", "b", ["y", "x"]), ("q", "c", ["z"])]
    result = measure(rows)
    assert result.undefined_because == words.NO_COMPLETE_RANKING
    assert result.tau == -1.0  # only a and b share two objects


def test_a_ranking_that_ties_everything_has_no_tau():
    result = measure([("q", "a", [("x", "y")]), ("q", "b", ["x", "y"])])
    assert result.to_frame().set_index("measure")["reason"]["tau"] == words.ALL_TIED
    assert result.concordance == 0.5  # b alone orders the objects
    assert measure([("q", "a", [("x", "y")]), ("q", "b", [("x", "y")])]).undefined_because == words.ALL_TIED


REASONS = [
    (words.NO_ANSWERS, []),
    (words.ONE_ANNOTATOR, [("q", "a", ["x", "y"])]),
    (words.NO_OVERLAP, [("q", "a", ["x", "y"]), ("p", "b", ["x", "y"])]),
    (words.NO_COMPLETE_RANKING, [("q", "a", ["x"]), ("q", "b", ["y"])]),
]


@pytest.mark.parametrize(("reason", "rows"), REASONS)
def test_undefined_is_nan_with_its_reason(reason, rows):
    result = measure(rows)
    assert math.isnan(result.concordance)
    assert math.isnan(result.p_value)
    assert result.undefined_because == reason
    json.dumps(result.to_dict(), allow_nan=False)


def test_intervals_are_over_items():
    result = ranking_agreement(draw.answers(draw.ranking, "rankings", n=40))
    interval = result.confidence_interval()
    assert interval.low < result.concordance < interval.high
    assert repr(result).splitlines()[-1].startswith("  next:")
    assert measure(scores([[1, 2], [1, 2]])).confidence_interval().undefined_because == words.ONE_ITEM


def test_an_object_ranked_twice_is_refused():
    with pytest.raises(LabelError, match="ranks 'x' twice"):
        measure([("q", "a", ["x", "y", "x"])])


def test_an_undefined_tau_is_shown_with_its_reason():
    result = measure([("q", "ann", ["x", "y"]), ("q", "ben", [("x", "y")])])
    assert f"mean tau-b undefined ({words.ALL_TIED})" in repr(result)
