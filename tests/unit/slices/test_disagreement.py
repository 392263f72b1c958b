"""Slices of items on which annotators disagree."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError
from labelqa.slices.disagreement import disagreement_of_items, disagreement_slices


def labeled(n: int = 600) -> Annotations:
    rng = np.random.default_rng(0)
    noise = rng.choice(["car", "cafe", "none"], n)
    rows = [
        {"item": i, "who": who, "label": rng.choice(["a", "b"]) if noise[i] == "cafe" else "a", "noise": noise[i]}
        for i in range(n)
        for who in ("ana", "ben", "cem")
    ]
    return Annotations.from_frame(pd.DataFrame(rows), item="item", annotator="who", label="label")


def test_the_noisy_slice_is_found() -> None:
    annotations = labeled()
    found = disagreement_slices(annotations)
    assert found.frame["predicates"].tolist() == ["noise = cafe"]
    assert (found.mask(0) == (annotations.item_data["noise"] == "cafe").to_numpy()).all()


def test_disagreement_is_the_share_of_split_pairs_and_nan_for_single_labels() -> None:
    rows = [
        ("x", "ana", "a"),
        ("x", "ben", "b"),
        ("x", "cem", "a"),
        ("y", "ana", "a"),
        ("z", "ana", "a"),
        ("z", "ben", "a"),
    ]
    frame = pd.DataFrame(rows, columns=["item", "who", "label"])
    annotations = Annotations.from_frame(frame, item="item", annotator="who", label="label")
    found = dict(zip(annotations.items, disagreement_of_items(annotations), strict=True))
    assert found["x"] == pytest.approx(2 / 3)
    assert np.isnan(found["y"])
    assert found["z"] == 0.0


def test_items_without_columns_are_refused() -> None:
    frame = pd.DataFrame({"item": [1, 1], "who": ["a", "b"], "label": ["x", "y"]})
    annotations = Annotations.from_frame(frame, item="item", annotator="who", label="label")
    with pytest.raises(ParameterError, match="the items have no columns to make slices of"):
        disagreement_slices(annotations)


def test_items_with_one_label_each_say_what_is_missing() -> None:
    rows = pd.DataFrame({"item": range(20), "who": "ana", "label": "x", "noise": ["car", "cafe"] * 10})
    single = Annotations.from_frame(rows, item="item", annotator="who", label="label")
    with pytest.raises(ParameterError, match="no item has two labels"):
        disagreement_slices(single)
