"""What AgreementResult.explain says, and when it stays silent."""

import numpy as np
import pandas as pd
import pytest

from labelqa.annotations.table import Annotations
from labelqa.reliability.estimate import agreement


def explained(coefficient="krippendorff_alpha", *, weights="identity", classes=None, **columns):
    data = Annotations.from_wide(pd.DataFrame(columns), classes=classes)
    return " ".join(agreement(data, coefficient, weights=weights).explain())


def test_a_frequent_class_is_why_high_agreement_comes_with_a_low_coefficient():
    a, b = ["x"] * 97 + ["y"] * 3, ["x"] * 95 + ["y", "y"] + ["x"] * 3
    assert "one class is so frequent that 95%" in explained(a=a, b=b)
    assert explained("gwet_ac", a=a, b=b) == ""


def test_weights_and_not_a_frequent_class_are_why_weighted_agreement_is_high_by_chance():
    rng = np.random.default_rng(0)
    a, b = (rng.choice(7, size=300, p=[0.02, 0.08, 0.2, 0.4, 0.2, 0.08, 0.02]) for _ in "ab")
    text = explained(weights="quadratic", classes=list(range(7)), a=a, b=b)
    assert "quadratic weights count near classes as almost equal" in text
    assert "one class is so frequent" not in text


def test_values_far_below_zero_ask_for_swapped_classes():
    assert "one of them swapped" in explained(a=list("xyxyxyxyxy"), b=list("yxyxyxyxyx"))


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_items_say_nothing_about_a_value_below_zero(n):
    text = explained("gwet_ac", a=list("xy")[:n], b=list("yx")[:n])
    assert "too few items to tell" in text
    assert "swapped" not in text


@pytest.mark.parametrize(("n", "share"), [(5, "45%"), (100, "3%"), (400, "0.75%")])
def test_an_interval_without_width_is_no_certainty(n, share):
    labels = (["x", "y"] * n)[:n]
    assert f"up to {share} of all items could be different" in explained(a=labels, b=labels)


def test_an_undefined_estimate_has_its_reason_elsewhere():
    assert explained(a=["x"] * 5, b=["x"] * 5) == ""


def test_a_clear_result_on_many_items_needs_no_words():
    rng = np.random.default_rng(0)
    truth = rng.choice(list("xyz"), size=2000)
    other = np.where(rng.random(2000) < 0.1, rng.choice(list("xyz"), size=2000), truth)
    assert explained(a=truth, b=other) == ""
