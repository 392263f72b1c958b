"""Coding of columns, against pandas' own factorize."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelqa.annotations.coding import code_values, contains_twice
from labelqa.annotations.schema import LabelSchema, as_real, natural_order
from labelqa.errors import LabelError, ParameterError


@given(st.lists(st.one_of(st.integers(-5, 40), st.just(10**12), st.just(-(10**15)))))
def test_integer_codes_lead_back_to_their_values(numbers):
    codes, uniques = code_values(pd.Series(numbers, dtype="int64"))
    assert uniques.take(codes).tolist() == numbers
    assert uniques.is_unique


@given(st.lists(st.one_of(st.none(), st.text(max_size=3))))
def test_text_codes_lead_back_to_their_values_and_blank_is_missing(texts):
    codes, uniques = code_values(pd.Series(texts, dtype=object))
    back = [None if c < 0 else uniques[c] for c in codes]
    assert back == [t if t is not None and t.strip() else None for t in texts]


def test_floats_with_gaps_are_whole_numbers_where_all_are():
    codes, uniques = code_values(pd.Series([0.0, np.nan, 2.0]))
    assert (codes.tolist(), uniques.tolist()) == ([0, -1, 1], [0, 2])
    assert code_values(pd.Series([0.5, 1.0]))[1].tolist() == [0.5, 1.0]
    assert code_values(pd.Series([np.inf, 1.0]))[1].tolist() == [np.inf, 1.0]


@given(st.lists(st.integers(0, 10), max_size=30), st.sampled_from([11, 10**9]))
def test_repeated_keys_are_found_whatever_the_range(keys, n_keys):
    assert contains_twice(np.array(keys, dtype=np.int64), n_keys) == (len(set(keys)) < len(keys))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("7", 7.0),
        ("007", None),
        ("-1.5", -1.5),
        ("1e5", None),
        ("nan", None),
        (3, 3.0),
        (float("inf"), None),
        ("", None),
    ],
)
def test_only_plain_numbers_are_numbers(value, number):
    assert as_real(value) == number


def test_natural_order_counts_as_people_do():
    assert natural_order(["r10", "r9", 2, "10", "a"]) == [2, "10", "a", "r9", "r10"]


def test_numeric_levels_refuse_texts():
    with pytest.raises(LabelError, match="needs numbers, but 1 of 2 classes are not: 'x'"):
        LabelSchema(classes=(1, "x"), level="interval")
    with pytest.raises(ParameterError, match="did you mean 'ordinal'"):
        LabelSchema(classes=(1, 2), level="ordnal")
