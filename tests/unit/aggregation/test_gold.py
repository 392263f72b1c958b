"""True classes of some items."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from labelqa.aggregation.consensus import consensus
from labelqa.aggregation.names import METHODS
from labelqa.errors import ParameterError
from tests.unit.aggregation.crowds import annotations, crowd


def gold_of(truth, rows):
    return {f"i{i}": f"c{truth[i]}" for i in rows}


@pytest.mark.parametrize("method", METHODS)
def test_gold_items_keep_their_class(method):
    truth, labels = crowd(50, [0.7, 0.6, 0.8])
    found = consensus(annotations(labels, 2), method, gold=gold_of(truth, range(20)))
    assert (found.codes[:20] == truth[:20]).all()
    assert (found.quality[:20] == 1.0).all()


def test_gold_teaches_who_is_right():
    """Four of five people err together: without gold the fifth looks bad, with gold she is believed."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 300)
    common = np.where(rng.random(300) < 0.35, 1 - truth, truth)
    labels = np.stack([*(np.where(rng.random(300) < 0.1, 1 - common, common) for _ in range(4)), truth], axis=1)
    data = annotations(labels, 2)
    without = consensus(data, "one_coin").codes
    given = consensus(data, "one_coin", gold=gold_of(truth, range(200))).codes
    assert (given[200:] == truth[200:]).mean() > (without[200:] == truth[200:]).mean() + 0.2


@pytest.mark.parametrize("method", ["auto", "dawid_skene", "majority"])
def test_calibration_comes_from_fits_that_did_not_know_the_item(method):
    """Certain by decree would give an error of 0 and an accuracy of 1."""
    truth, labels = crowd(300, [0.6, 0.6, 0.65])
    found = consensus(annotations(labels, 2), method, gold=gold_of(truth, range(200)))
    assert found.calibration.n_items == 200
    assert 0.5 < found.calibration.accuracy < 0.9
    assert found.calibration.expected_calibration_error > 0


def test_calibration_is_that_of_unknown_items():
    truth, labels = crowd(2000, [0.7, 0.6, 0.65, 0.8, 0.7], seed=5)
    data = annotations(labels, 2)
    given = consensus(data, gold=gold_of(truth, range(1000)))
    fresh = given.expected_calibration_error(gold_of(truth, range(1000, 2000)))
    assert given.calibration.accuracy == pytest.approx(fresh.accuracy, abs=0.04)
    assert given.calibration.expected_calibration_error == pytest.approx(fresh.expected_calibration_error, abs=0.04)


def test_without_gold_there_is_no_calibration():
    assert consensus(annotations([[0, 1], [1, 1]], 2)).calibration is None


def test_few_gold_items_give_no_number_but_a_reason():
    truth, labels = crowd(30, [0.8, 0.8, 0.8])
    found = consensus(annotations(labels, 2), gold=gold_of(truth, range(4)))
    assert np.isnan(found.calibration.expected_calibration_error)
    assert "fewer than 10" in found.calibration.undefined_because


def test_gold_may_be_a_column_with_gaps():
    truth, labels = crowd(30, [0.8, 0.8, 0.8])
    column = pd.Series([f"c{c}" for c in truth], dtype=object).where(np.arange(30) < 10)
    data = replace(annotations(labels, 2), item_data=pd.DataFrame({"expert": column}))
    found = consensus(data, gold="expert")
    assert (found.codes[:10] == truth[:10]).all()


def test_all_problems_of_gold_are_reported_together():
    with pytest.raises(ParameterError) as caught:
        consensus(annotations([[0, 1], [1, 1]], 2), gold={"i9": "c0", "i0": "c7"})
    assert "'i9'" in str(caught.value)
    assert "'c7'" in str(caught.value)
    assert "c0, c1" in str(caught.value)


def test_a_gold_column_that_is_not_there_is_an_error():
    with pytest.raises(ParameterError, match="no item column 'expert'"):
        consensus(annotations([[0, 1]], 2), gold="expert")


def test_the_same_seed_gives_the_same_folds():
    truth, labels = crowd(100, [0.7, 0.6, 0.65])
    first, second = (consensus(annotations(labels, 2), gold=gold_of(truth, range(50)), rng=3) for _ in range(2))
    assert first.calibration.to_dict() == second.calibration.to_dict()
