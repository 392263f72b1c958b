"""Drift of annotators: found where it is, with its time; not found in order that is chance."""

import numpy as np
import pandas as pd
import pytest

from labelqa.aggregation.annotators.drift import BLOCKS, _blocked, permutation_p
from labelqa.aggregation.annotators.quality import annotator_quality
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError


def history(*, times, change_at=120, n=200, after=0.5, seed=1):
    """Five annotators in order of time; the first is right in `after` of the labels from `change_at` on."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    frames = []
    for g in range(5):
        accuracy = np.where((np.arange(n) >= change_at) & (g == 0), after, 0.92)
        wrong = rng.random(n) >= accuracy
        label = np.where(wrong, (truth + rng.integers(1, 3, n)) % 3, truth)
        frames.append(pd.DataFrame({"item": np.arange(n), "annotator": f"p{g}", "label": label}))
    frame = pd.concat(frames, ignore_index=True)
    if times:
        frame["when"] = pd.Timestamp("2025-03-01T08:00") + pd.to_timedelta(frame["item"], unit="h")
        frame = frame.sample(frac=1, random_state=0)
    timestamp = "when" if times else None
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label", timestamp=timestamp)


@pytest.fixture(scope="module")
def changed():
    """Return the quality of five annotators of whom the first changes."""
    return annotator_quality(history(times=True))


def test_a_change_is_found_with_its_time_whatever_the_order_of_rows(changed):
    found = changed.frame.set_index("annotator").loc["p0"]
    assert found["drift_p"] <= 0.01
    since = pd.Timestamp(found["drift_since"])
    assert abs((since - pd.Timestamp("2025-03-06T08:00")) / pd.Timedelta("1h")) < 15
    assert found["drift_after"] < found["drift_before"] - 0.2
    assert any(f"Annotator 'p0' labels otherwise since {found['drift_since']}" in text for text in changed.meaning)
    assert "changed over time: 'p0'" in repr(changed)


def test_without_times_nobody_drifts_and_the_reason_is_told():
    result = annotator_quality(history(times=False))
    assert result.frame["drift_p"].isna().all()
    assert result.frame["drift_since"].isna().all()
    assert set(result.frame["drift_reason"]) == {"the labels have no times, and the order of rows is not taken for one"}
    assert result.meaning[-1].startswith("Whether anybody changed over time cannot be said: the labels have no times")
    with pytest.raises(ParameterError, match="cannot be followed over time: the labels have no times"):
        result.plot_drift("p0")


def in_time(labels):
    """Return a matrix of labels (n, m), a row an hour."""
    n, m = labels.shape
    frame = pd.DataFrame({"item": np.repeat(np.arange(n), m), "who": np.tile(np.arange(m), n), "label": labels.ravel()})
    frame["when"] = pd.Timestamp("2025-03-01") + pd.to_timedelta(frame["item"], unit="h")
    return Annotations.from_frame(frame, item="item", annotator="who", label="label", timestamp="when")


def sorted_by_class(rng, right):
    """Return labels (140, m) of items sorted by class; `right` (2, m) is how often they are right in each."""
    truth = np.sort(rng.integers(0, 2, 140))
    return np.where(rng.random((140, right.shape[1])) < right[truth], truth[:, None], 1 - truth[:, None])


def test_classes_that_come_one_after_the_other_are_nobodys_drift():
    """Six annotators who are right in .95 of one class and .75 of the other, always."""
    right = np.array([[0.95, 0.75, 0.9] * 2, [0.75, 0.95, 0.9] * 2])
    rng = np.random.default_rng(0)
    alarms = [
        annotator_quality(in_time(sorted_by_class(rng, right))).frame["drift_since"].notna().any() for _ in range(20)
    ]
    assert sum(alarms) <= 1


@pytest.mark.parametrize(("before", "after", "least"), [(0.92, 0.5, 5), (0.9, 0.65, 2)])
def test_a_change_at_half_time_is_found(before, after, least):
    rng = np.random.default_rng(1)
    right = np.full((140, 6), before)
    right[70:, 0] = after
    found = 0
    for _ in range(5):
        truth = rng.integers(0, 2, 140)
        labels = np.where(rng.random((140, 6)) < right, truth[:, None], 1 - truth[:, None])
        frame = annotator_quality(in_time(labels)).frame.set_index("annotator")
        found += frame["drift_p"][0] <= 0.05
    assert found >= least


def test_steady_annotators_do_not_drift():
    alarms = [
        (annotator_quality(history(times=True, after=0.92, n=60, seed=s)).frame["drift_p"] <= 0.05).any()
        for s in range(20)
    ]
    assert sum(alarms) <= 3  # 5 % of data sets, whatever the number of annotators


def test_harder_items_later_are_nobodys_drift():
    rng = np.random.default_rng(2)
    n = 200
    truth = rng.integers(0, 2, n)
    right = np.where(np.arange(n) < n // 2, 0.97, 0.75)
    labels = np.stack([np.where(rng.random(n) < right, truth, 1 - truth) for _ in range(6)], axis=1)
    found = annotator_quality(in_time(labels)).frame
    assert (found["drift_p"] > 0.05).all()


def test_few_labels_are_not_followed():
    found = annotator_quality(in_time(np.tile([[0], [1]], (4, 3)))).frame
    assert found["drift_p"].isna().all()
    assert set(found["drift_reason"]) == {"fewer than 10 labels that have a time and can be judged"}


def test_p_values_of_random_orders_are_even():
    rng = np.random.default_rng(0)
    p = np.array([permutation_p(rng.random(40), rng) for _ in range(400)])
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.035)
    assert permutation_p(np.ones(20), rng) == 1.0


def test_a_clear_change_passes_an_adjustment_for_a_thousand_annotators():
    values = np.r_[np.ones(60), np.zeros(60)]
    assert permutation_p(values, np.random.default_rng(0)) * 1000 <= 0.05


def test_long_histories_are_followed_in_blocks():
    rng = np.random.default_rng(0)
    values = rng.random(10_001)
    blocks = _blocked(values)
    assert blocks.size <= BLOCKS
    assert np.abs(np.cumsum(blocks)[-1]) < 1e-8
    assert permutation_p(_blocked(np.r_[values[:5000], values[5000:] + 0.2]), rng) < 0.001


def test_the_picture_of_drift_shows_the_change_only_where_one_was_found(changed):
    one, steady = (changed.plot_drift(name) for name in ("p0", "p3"))
    assert len(one.to_dict()["layer"]) == len(steady.to_dict()["layer"])
    values = {name: chart.to_dict()["datasets"].values() for name, chart in (("p0", one), ("p3", steady))}
    places = {name: [row["x"] for rows in sets for row in rows if set(row) == {"x"}] for name, sets in values.items()}
    assert places["p3"] == []
    assert places["p0"][0] == pytest.approx(121, abs=15)


def test_the_picture_of_drift_is_the_same_each_time_and_refuses_strangers(changed):
    assert changed.plot_drift("p0").to_dict() == changed.plot_drift("p0").to_dict()
    with pytest.raises(ParameterError, match="nobody"):
        changed.plot_drift("nobody")
