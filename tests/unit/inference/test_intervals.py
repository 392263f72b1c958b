"""Intervals and benchmark probabilities."""

import math

import numpy as np
import pytest

from labelqa.errors import ParameterError
from labelqa.inference.benchmark import benchmark
from labelqa.inference.intervals import (
    check_level,
    check_resamples,
    jackknife_standard_error,
    percentile_interval,
    t_half_width,
    t_interval,
)


def test_half_width_is_the_t_quantile_times_the_standard_error():
    assert t_half_width(1.0, 0.95, 11) == pytest.approx(2.200985160082949)  # t table, 11 degrees, .975
    assert t_half_width(0.0, 0.95, 0) == 0.0


def test_the_upper_limit_is_capped_at_one_but_never_below_the_estimate():
    capped = t_interval(0.9, 0.2, level=0.95, degrees=10, method="analytic")
    assert capped.high == 1.0
    above = t_interval(1.0 + 1e-13, 0.0, level=0.95, degrees=10, method="analytic")
    assert above.low <= 1.0 + 1e-13 <= above.high


def test_the_jackknife_equals_the_formula_on_single_items():
    values = np.array([0.1, 0.4, 0.4, 0.9])
    n = values.size
    expected = math.sqrt((n - 1) / n * ((values - values.mean()) ** 2).sum())
    grouped = jackknife_standard_error(np.array([0.1, 0.4, 0.9]), np.array([1, 2, 1]))
    assert grouped == pytest.approx(expected)
    assert math.isnan(jackknife_standard_error(np.array([0.5]), np.array([1])))


def test_percentiles_leave_out_undefined_resamples_and_count_them():
    interval = percentile_interval(np.r_[np.linspace(0, 1, 101), [np.nan] * 3], 0.9)
    assert (interval.low, interval.high) == pytest.approx((0.05, 0.95))
    assert interval.n_undefined_resamples == 3
    assert percentile_interval(np.array([np.nan, np.nan, 0.2]), 0.9).undefined_because is not None


def test_an_interval_unpacks_and_reads_aloud():
    low, high = t_interval(0.5, 0.1, level=0.95, degrees=100, method="analytic")
    assert low < 0.5 < high
    assert "95% interval" in repr(t_interval(0.5, 0.1, level=0.95, degrees=100, method="analytic"))


@pytest.mark.parametrize("level", [0, 1, 95, -0.1, math.nan])
def test_a_level_that_is_no_share_is_refused(level):
    with pytest.raises(ParameterError, match="confidence level"):
        check_level(level)


@pytest.mark.parametrize("scale", ["landis_koch", "altman", "fleiss"])
def test_band_probabilities_add_up_to_one(scale):
    found = benchmark(0.55, 0.2, scale=scale)
    assert found.to_frame()["probability"].sum() == pytest.approx(1)
    assert found.probability >= 0.95


def test_without_uncertainty_the_band_is_the_one_the_estimate_lies_in():
    assert benchmark(1.0, 0.0).band == "Almost perfect"
    assert benchmark(0.6, 0.0).band == "Substantial"
    assert benchmark(-1.0, 0.0).band == "Poor"


def test_an_undefined_estimate_has_no_band_but_a_reason():
    found = benchmark(math.nan, math.nan)
    assert found.band == ""
    assert "undefined" in repr(found) or "no band" in repr(found)


@pytest.mark.parametrize("n_resamples", ["a", 1, 2.5, None, True])
def test_resamples_that_are_no_number_are_refused(n_resamples):
    with pytest.raises(ParameterError, match="n_resamples="):
        check_resamples(n_resamples)


@pytest.mark.parametrize(
    ("estimate", "error", "says"),
    [
        (1.2, 0.1, "estimate=1.2 is not a coefficient"),
        ("0.7", 0.1, "estimate='0.7'"),
        (math.inf, 0.1, "estimate=inf"),
        (0.7, -0.1, "standard_error=-0.1 is not a standard error"),
        (0.7, "small", "standard_error='small'"),
    ],
)
def test_a_benchmark_of_impossible_numbers_is_refused(estimate, error, says):
    with pytest.raises(ParameterError, match=says):
        benchmark(estimate, error)


def test_a_benchmark_of_an_undefined_estimate_has_a_reason():
    assert benchmark(math.nan, math.nan).undefined_because
