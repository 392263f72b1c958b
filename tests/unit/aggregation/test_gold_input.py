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
