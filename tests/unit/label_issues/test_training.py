"""Training: no row (or group) reaches its own prediction; encoding; weights."""

import numpy as np
import pandas as pd
import pytest

from labelqa.errors import ParameterError
from labelqa.label_issues.training.distances import find_neighbours
from labelqa.label_issues.training.encode import encode
from labelqa.label_issues.training.ensemble import trust
from labelqa.label_issues.training.folds import dealt, splits
from labelqa.label_issues.training.kernel import PENALTIES, _Weighted, kernel
from labelqa.label_issues.training.models import cross_validated, linear, trees
from labelqa.label_issues.training.task import Task


def solved(features, targets, weights, penalty):
    weighed = features * weights[:, None]
    return np.linalg.solve(weighed.T @ features + penalty * np.eye(features.shape[1]), weighed.T @ targets)


def regression(n=40):
    rng = np.random.default_rng(0)
    return rng.standard_normal((n, 7)), rng.standard_normal((n, 3)), rng.random(n) + 0.1


def test_leaving_out_a_row_is_the_same_as_fitting_without_it():
    features, targets, weights = regression()
    found = _Weighted(features, targets, weights).without_each_row()
    for penalty, said in zip(PENALTIES, found, strict=True):
        for i in (0, 17, 39):
            kept = np.arange(40) != i
            again = features[i] @ solved(features[kept], targets[kept], weights[kept], penalty)
            assert said[i] == pytest.approx(again)


def test_leaving_out_a_fold_is_the_same_as_fitting_without_it():
    features, targets, weights = regression()
    fold = np.random.default_rng(1).integers(0, 4, 40).astype(np.int32)
    for penalty, said in zip(PENALTIES, _Weighted(features, targets, weights).without_each_fold(fold), strict=True):
        kept = fold != 2
        again = features[~kept] @ solved(features[kept], targets[kept], weights[kept], penalty)
        assert said[~kept] == pytest.approx(again)


def test_sums_in_blocks_equal_sums_at_once(monkeypatch):
    features, targets, weights = regression(100)
    whole = _Weighted(features, targets, weights).without_each_row()
    monkeypatch.setattr("labelqa.label_issues.training.kernel.BLOCK", 7)
    for one, other in zip(whole, _Weighted(features, targets, weights).without_each_row(), strict=True):
        assert one == pytest.approx(other)


def task(n=90, *, groups=None, k=3, seed=0):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, k, n).astype(np.int32)
    points = rng.standard_normal((n, 5)) + 2 * np.eye(k, 5)[codes]
    return Task(encoded=encode(points, 0), codes=codes, k=k, groups=groups, seed=0, n_repeats=1)


@pytest.mark.parametrize(
    ("make", "remembers"),
    [(linear, False), (trees, True), (lambda t: kernel(t, t.encoded.metric), True)],
    ids=["linear", "trees", "kernel"],
)
def test_an_own_label_does_not_reach_its_own_prediction(make, remembers):
    """All labels are random, each row has a twin in its group: nobody can know better than by chance."""
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(60, dtype=np.int32), 2)
    codes = np.repeat(rng.integers(0, 2, 60), 2).astype(np.int32)
    points = np.repeat(rng.standard_normal((60, 4)), 2, axis=0)
    blind = Task(encoded=encode(points, 0), codes=codes, k=2, groups=groups, seed=0, n_repeats=1)
    seeing = Task(encoded=encode(points, 0), codes=codes, k=2, groups=None, seed=0, n_repeats=1)
    right = [(make(t)(np.ones(120), final=True).argmax(axis=1) == codes).mean() for t in (blind, seeing)]
    assert right[0] < 0.65
    assert right[0] < right[1] or not remembers


def test_neighbours_leave_out_the_row_and_its_group():
    rng = np.random.default_rng(0)
    points = np.repeat(rng.standard_normal((20, 3)), 2, axis=0)  # each row twice
    alone = find_neighbours(points, None, 0)
    assert (alone.index != np.arange(40)[:, None]).all()
    assert (alone.distance[:, 0] < 1e-6).all()  # the copy
    groups = np.repeat(np.arange(20, dtype=np.int32), 2)
    apart = find_neighbours(points, groups, 0)
    finite = np.isfinite(apart.distance)
    assert (groups[apart.index][finite] != np.broadcast_to(groups[:, None], finite.shape)[finite]).all()
    assert apart.distance[:, 0].min() > 1e-3


def test_fewer_rows_than_neighbours_are_told_by_infinite_distances():
    found = find_neighbours(np.eye(3), None, 0)
    assert np.isfinite(found.distance).sum(axis=1).tolist() == [2, 2, 2]
    votes = found.votes(np.eye(3), np.ones(3))
    assert votes.sum(axis=1) == pytest.approx(1.0)
    assert np.diag(votes).tolist() == [0, 0, 0]


def test_every_class_is_in_every_fold_and_groups_stay_together():
    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(4, dtype=np.int32), 10)
    fold = dealt(codes, None, 5, rng)
    assert all(len(set(codes[held])) == 4 for held in splits(fold))
    groups = np.arange(40, dtype=np.int32) // 3
    together = dealt(codes, groups, 5, rng)
    assert all(len(set(together[groups == g])) == 1 for g in range(14))


def test_rows_whose_label_is_hardly_believed_weigh_less_but_no_class_vanishes():
    probabilities = np.array([[0.9, 0.1], [0.1, 0.9], [0.9, 0.1], [0.9, 0.1]])
    weights = trust(probabilities, np.array([0, 0, 1, 1], dtype=np.int32))
    assert weights[0] > 0.95
    assert weights[1] < 0.6
    assert weights[2:].mean() == pytest.approx(0.5)


def test_a_class_that_training_lacks_gets_no_probability_from_that_fold():
    codes = np.array([0] * 30 + [1] * 30 + [2], dtype=np.int32)
    points = np.random.default_rng(0).standard_normal((61, 2))
    lonely = Task(encoded=encode(points, 0), codes=codes, k=3, groups=None, seed=0, n_repeats=1)
    said = linear(lonely)(np.ones(61), final=True)
    assert said[60, 2] < 0.01


def test_models_without_sample_weights_are_trained_without():
    from sklearn.neighbors import KNeighborsClassifier

    own = task()
    fit = cross_validated(own, own.encoded.linear, lambda _: KNeighborsClassifier(3))
    assert (fit(np.ones(90), final=True).argmax(axis=1) == own.codes).mean() > 0.7


def test_columns_are_told_apart_by_what_they_hold():
    frame = pd.DataFrame(
        {
            "number": [1.0, np.nan, 3.0, 4.0],
            "kind": ["a", "b", None, "a"],
            "text": ["one two three four", "two three", "three four five six", ""],
            "yes": [True, False, True, True],
            "when": pd.to_datetime(["2026-01-01", "2026-01-02", None, "2026-01-04"]),
            "point": [np.array([1.0, 2.0])] * 4,
        }
    )
    found = encode(frame, 0)
    assert found.linear.shape[0] == found.metric.shape[0] == found.table.shape[0] == 4
    assert np.isfinite(found.metric).all()
    assert np.isfinite(found.table).all()


def test_an_array_is_taken_as_it_stands_and_constant_columns_do_no_harm():
    found = encode(np.c_[np.ones(5), np.arange(5)], 0)
    assert found.linear[:, 0].tolist() == [0.0] * 5
    assert found.same_scale


@pytest.mark.parametrize(
    ("features", "words"),
    [
        (np.ones(3), "not a table of numbers"),
        (pd.DataFrame(index=range(3)), "no columns"),
        (np.array([[1.0], [np.inf]]), "in rows 1"),
        (pd.DataFrame({"e": [[1, 2], [1, 2, 3]]}), "arrays of different sizes"),
    ],
)
def test_features_that_cannot_be_encoded_are_refused(features, words):
    with pytest.raises(ParameterError, match=words):
        encode(features, 0)
