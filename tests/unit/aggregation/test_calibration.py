"""Expected calibration error."""

from __future__ import annotations

import numpy as np
import pytest

from labelqa.aggregation.calibration import calibration


def test_right_as_often_as_said_is_no_error():
    sure = np.tile([0.8, 0.2], (100, 1))
    found = calibration(sure, np.repeat([0, 1], [80, 20]))
    assert found.expected_calibration_error == pytest.approx(0.0)
    assert (found.accuracy, found.confidence) == pytest.approx((0.8, 0.8))


def test_error_is_the_mean_distance_over_bins_of_equal_size():
    top = np.repeat([0.6, 0.9], 50)
    truth = np.r_[np.repeat([0, 1], [40, 10]), np.repeat([0, 1], [40, 10])]
    found = calibration(np.stack([top, 1 - top], axis=1), truth)
    assert found.expected_calibration_error == pytest.approx((0.2 + 0.1) / 2)
    assert found.bins["n"].tolist() == [10] * 10
    assert found.bins["difference"].round(6).tolist() == [-0.2] * 5 + [0.1] * 5


def test_order_of_items_does_not_matter():
    rng = np.random.default_rng(0)
    shown, truth = rng.dirichlet(np.ones(3), 200).round(1), rng.integers(0, 3, 200)
    order = rng.permutation(200)
    first, second = calibration(shown, truth), calibration(shown[order], truth[order])
    assert first.expected_calibration_error == pytest.approx(second.expected_calibration_error)


def test_ties_earn_their_share():
    assert calibration(np.full((20, 2), 0.5), np.zeros(20, int)).accuracy == 0.5


@pytest.mark.parametrize("known", [0, 9])
def test_too_few_true_classes_are_undefined_with_a_reason(known):
    truth = np.full(30, -1)
    truth[:known] = 0
    found = calibration(np.full((30, 2), 0.5), truth)
    assert np.isnan(found.expected_calibration_error)
    assert found.undefined_because
    assert "undefined" in repr(found)
    assert found.to_dict()["expected_calibration_error"] is None
