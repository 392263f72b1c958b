"""What must not matter to a consensus, and to what is said of annotators: order, names, copies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelqa.aggregation.annotators.quality import annotator_quality
from labelqa.aggregation.annotators.schools import annotator_schools
from labelqa.aggregation.consensus import consensus
from labelqa.aggregation.names import METHODS
from labelqa.aggregation.next_choice import next_labels
from tests.unit.aggregation.crowds import annotations, crowd

K = 3
some = settings(max_examples=12, deadline=None, derandomize=True)
seeds = st.integers(0, 10_000)


def drawn(seed):
    """Return truth (n,) and labels (n, m) of a crowd whose size and skills depend on the seed."""
    rng = np.random.default_rng(seed)
    right = rng.uniform(0.45, 0.95, rng.integers(3, 9))
    return crowd(int(rng.integers(10, 60)), right, K, share=rng.uniform(0.4, 1.0), seed=seed)


def in_order(data, order):
    """Return the same annotations with their rows in another order."""
    return replace(data, item=data.item[order], annotator=data.annotator[order], label=data.label[order])


def classifier(truth, seed):
    odds = np.exp(2 * np.eye(K)[truth] + np.random.default_rng(seed).standard_normal((truth.size, K)))
    return odds / odds.sum(axis=1, keepdims=True)


def by_name(frame):
    return frame.set_index("annotator").sort_index()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("with_classifier", [False, True])
@some
@given(seed=seeds)
def test_order_of_rows_does_not_matter(method, with_classifier, seed):
    truth, labels = drawn(seed)
    data = annotations(labels, K)
    mixed = in_order(data, np.random.default_rng(seed).permutation(len(data)))
    options = {"pred_probs": classifier(truth, seed)} if with_classifier else {}
    first, second = (consensus(d, method, **options) for d in (data, mixed))
    assert first.probabilities == pytest.approx(second.probabilities, abs=1e-6)
    columns = ["n", "accuracy", "low", "high"]
    one, two = (by_name(found.annotators)[columns].astype(float) for found in (first, second))
    pd.testing.assert_frame_equal(one, two, atol=0.0051)  # accuracies are read off a grid of .0025


@pytest.mark.parametrize("method", METHODS)
@some
@given(seed=seeds)
def test_renamed_classes_rename_the_answer(method, seed):
    _, labels = drawn(seed)
    new = np.random.default_rng(seed).permutation(K)
    renamed = np.where(labels >= 0, new[labels], -1)
    first, second = (consensus(annotations(x, K), method) for x in (labels, renamed))
    assert second.probabilities[:, new] == pytest.approx(first.probabilities, abs=1e-4)
    assert second.confusion[:, new][:, :, new] == pytest.approx(first.confusion, abs=1e-3)


@pytest.mark.parametrize("method", METHODS)
@some
@given(seed=seeds)
def test_annotators_with_the_same_labels_are_told_the_same(method, seed):
    _, labels = drawn(seed)
    data = annotations(np.c_[labels, labels[:, 0]], K)
    found = consensus(data, method)
    twin = f"g{labels.shape[1]}"
    for frame in (by_name(found.annotators), by_name(annotator_quality(data, found).frame)):
        own, copy = (frame.loc[name, ["n", "accuracy", "low", "high"]].astype(float) for name in ("g0", twin))
        np.testing.assert_allclose(own, copy, atol=0.0051)
    assert found.confusion[0] == pytest.approx(found.confusion[-1])


@pytest.mark.parametrize("method", METHODS)
@some
@given(seed=seeds)
def test_true_classes_stay_whatever_the_method_and_the_classifier(method, seed):
    truth, labels = drawn(seed)
    labels[::2, 1:] = -1  # every other item has one label at most
    wrong = (truth + 1) % K
    gold = {f"i{i}": f"c{wrong[i]}" for i in range(2)}  # of one label and of many
    for options in ({}, {"pred_probs": classifier(truth, seed)}):
        found = consensus(annotations(labels, K), method, gold=gold, **options)
        labeled = found.n_labels[:2] > 0
        assert found.codes[:2][labeled].tolist() == wrong[:2][labeled].tolist()
        assert found.quality[:2][labeled] == pytest.approx(1.0, abs=1e-12)


@some
@given(seed=seeds)
def test_schools_do_not_depend_on_the_order_of_rows(seed):
    _, labels = drawn(seed)
    data = annotations(labels, K)
    mixed = in_order(data, np.random.default_rng(seed).permutation(len(data)))
    first, second = (annotator_schools(d, n_permutations=19) for d in (data, mixed))
    assert first.p_value == pytest.approx(second.p_value, nan_ok=True)
    assert first.groups == second.groups


@some
@given(seed=seeds)
def test_whom_to_ask_does_not_depend_on_the_order_of_rows(seed):
    _, labels = drawn(seed)
    data = annotations(labels, K)
    mixed = in_order(data, np.random.default_rng(seed).permutation(len(data)))
    first, second = (next_labels(d, 5).to_frame() for d in (data, mixed))
    np.testing.assert_allclose(first["expected_gain"], second["expected_gain"], atol=1e-6)
