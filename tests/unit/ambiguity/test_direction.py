"""Who reads the border differently: the tests of the textbooks, and people who stand out."""

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import cochrans_q, mcnemar

from labelqa.ambiguity.direction import LabelEntries, sides_of
from labelqa.counts.who import WhoCounts
from tests.unit.ambiguity.data import annotations_of


def sides(labels):
    annotations = annotations_of(labels)
    a, b = (annotations.schema.index_of(c) for c in "ab")
    return sides_of(LabelEntries.of(WhoCounts.of(annotations)[0]), a, b)


def test_two_annotators_are_compared_by_the_exact_test_of_mcnemar():
    labels = [["a", "b"]] * 11 + [["b", "a"]] * 3 + [["a", "a"]] * 20 + [["b", "b"]] * 9
    expected = mcnemar([[20, 11], [3, 9]], exact=True).pvalue
    assert sides(labels).p_value == pytest.approx(expected)


def test_several_annotators_with_complete_labels_are_compared_by_cochrans_q():
    rng = np.random.default_rng(0)
    said_a = rng.random((80, 4)) < [0.3, 0.5, 0.6, 0.4]
    expected = cochrans_q(said_a.astype(int)).pvalue
    assert sides(np.where(said_a, "a", "b")).p_value == pytest.approx(expected, rel=1e-9)


def test_missing_labels_and_other_classes_are_left_out():
    rng = np.random.default_rng(1)
    labels = np.where(rng.random((60, 3)) < 0.5, "a", "b").astype(object)
    labels[rng.random((60, 3)) < 0.2] = "c"
    labels[rng.random((60, 3)) < 0.2] = None
    found = sides(labels)
    both = [[x for x in row if x in ("a", "b")] for row in labels]
    expected = sum(len(row) for row in both if {"a", "b"} <= set(row))
    assert found.labels.sum() == expected
    assert 0 < found.p_value <= 1


def test_a_border_fuzzy_to_everybody_is_no_bias():
    rng = np.random.default_rng(2)
    p_values = [sides(np.where(rng.random((40, 3)) < 0.5, "a", "b")).p_value for _ in range(200)]
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.05)


def test_the_one_who_always_says_a_leans_to_a():
    rng = np.random.default_rng(3)
    labels = np.where(rng.random((60, 4)) < 0.4, "a", "b").astype(object)
    labels[:, 2] = "a"
    found = sides(labels)
    assert found.p_value < 1e-6
    assert int(np.argmax(found.z_scores)) == 2


def test_too_few_split_items_say_nothing():
    assert np.isnan(sides([["a", "b"]] * 3 + [["a", "a"]] * 5).p_value)
