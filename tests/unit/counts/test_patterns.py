"""Count patterns: construction and what is refused."""

import numpy as np
import pytest

import labelqa as lq
from labelqa.errors import ParameterError

SCHEMA = lq.LabelSchema(classes=("a", "b"))


def test_equal_rows_are_one_pattern_with_their_items_added():
    found = lq.CountPatterns(
        patterns=np.array([[2, 0], [1, 1], [2, 0]]), multiplicity=np.array([3, 4, 5]), schema=SCHEMA
    )
    assert found.patterns.tolist() == [[2, 0], [1, 1]]
    assert found.multiplicity.tolist() == [8, 4]
    assert (found.n_items, found.n_annotations, len(found)) == (12, 24, 2)


@pytest.mark.parametrize(
    ("patterns", "multiplicity", "message"),
    [
        ([[1, -1]], [1], "non-negative integers"),
        ([[1.5, 1]], [1], "non-negative integers"),
        ([[1, 1, 1]], [1], "do not fit"),
        ([[1, 1]], [1, 2], "do not fit"),
        ([[1, 1]], [-1], "do not fit"),
    ],
)
def test_shapes_and_signs_that_cannot_be_are_refused(patterns, multiplicity, message):
    with pytest.raises(ParameterError, match=message):
        lq.CountPatterns(patterns=np.array(patterns), multiplicity=np.array(multiplicity), schema=SCHEMA)


def test_adding_data_of_other_classes_joins_the_classes():
    one = lq.CountPatterns(patterns=np.array([[2, 0]]), multiplicity=np.array([1]), schema=SCHEMA)
    other = lq.CountPatterns(
        patterns=np.array([[1, 1]]), multiplicity=np.array([1]), schema=lq.LabelSchema(classes=("b", "c"))
    )
    both = one + other
    assert both.schema.classes == ("a", "b", "c")
    assert sorted(both.patterns.tolist()) == [[0, 1, 1], [2, 0, 0]]


def test_patterns_with_items_that_nobody_labeled_count_them():
    found = lq.CountPatterns(patterns=np.array([[0, 0], [1, 1]]), multiplicity=np.array([5, 2]), schema=SCHEMA)
    assert found.n_items == 7
    assert lq.agreement(found).n_items == 2
