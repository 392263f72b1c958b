from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from labelqa.aggregation.consensus import consensus
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError

WIDE = pd.DataFrame({"ann": list("xxyyx"), "ben": list("xxyxx"), "cem": list("xyyyx")})


@pytest.mark.parametrize("gold", [["x"], 3, {0: ["x"]}])
def test_gold_that_gives_no_class_an_item_is_one_clear_message(gold: object) -> None:
    with pytest.raises(ParameterError, match="does not give each item one class"):
        consensus(Annotations.from_wide(WIDE), gold=gold)  # type: ignore[arg-type]


def test_a_gold_column_that_differs_within_an_item_is_named_as_such() -> None:
    long = pd.DataFrame({"item": [1, 1, 2, 2], "who": list("abab"), "label": list("xyxx"), "truth": list("xyxx")})
    table = Annotations.from_frame(long, item="item", annotator="who", label="label")
    with pytest.raises(ParameterError, match=r"'truth' with one value an item.*differs between the labels"):
        consensus(table, gold="truth")


def test_round_off_under_zero_is_no_negative_probability() -> None:
    probabilities = np.tile([1 + 1e-12, -1e-12], (5, 1))
    found = consensus(Annotations.from_wide(WIDE), pred_probs=probabilities)
    assert (found.probabilities >= 0).all()


def test_a_series_is_a_mapping_of_item_to_class() -> None:
    found = consensus(Annotations.from_wide(WIDE), gold=pd.Series({0: "y", 1: "y"}))
    assert found.labels[:2].tolist() == ["y", "y"]
    with pytest.raises(ParameterError, match="a Series that does not give each item one class"):
        consensus(Annotations.from_wide(WIDE), gold=pd.Series(["x", "y"], index=[0, 0]))


@pytest.mark.parametrize("nothing", [None, float("nan"), pd.NA, ""])
def test_a_missing_class_is_not_known(nothing: object) -> None:
    given = consensus(Annotations.from_wide(WIDE), gold={0: "y", 1: nothing})  # type: ignore[dict-item]
    short = consensus(Annotations.from_wide(WIDE), gold={0: "y"})
    np.testing.assert_array_equal(given.probabilities, short.probabilities)


def test_an_empty_cell_of_a_gold_column_is_missing() -> None:
    long = pd.DataFrame({"item": [1, 1, 2, 2], "who": list("abab"), "label": list("xyxx"), "truth": ["y", "y", "", ""]})
    table = Annotations.from_frame(long, item="item", annotator="who", label="label")
    assert consensus(table, gold="truth").labels[0] == "y"


def test_one_sentence_tells_of_each_problem_however_many_items_have_it() -> None:
    gold = {f"no {i}": "x" for i in range(30)} | dict.fromkeys(range(4), "z")
    with pytest.raises(ParameterError) as caught:
        consensus(Annotations.from_wide(WIDE), gold=gold)
    assert "gold names 30 items that are not in the data: 'no 0'" in str(caught.value)
    assert "gold gives 4 items ('0', '1', '2', '3') a class that no label can have: 'z'" in str(caught.value)
    assert str(caught.value).count("gold") == 2


def test_without_true_classes_a_calibration_says_only_that() -> None:
    text = repr(consensus(Annotations.from_wide(WIDE)).expected_calibration_error({}))
    assert "no item with a label has a known class" in text
    assert "undefined sure" not in text
