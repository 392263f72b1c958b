"""p values adjusted for looking at several."""

import math

import numpy as np
import pytest

from labelqa.inference.adjustment import holm


def test_holm_agrees_with_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p_values = np.random.default_rng(0).random(20) ** 3
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])
    with_gap = np.r_[p_values, np.nan]
    assert holm(with_gap)[:-1] == pytest.approx(holm(p_values))
    assert math.isnan(holm(with_gap)[-1])


def test_holm_of_nothing_is_nothing():
    assert holm(np.array([])).size == 0
    assert np.isnan(holm(np.array([np.nan, np.nan]))).all()
