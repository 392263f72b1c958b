"""Values compared by type, labels beside predictions, and words for too little data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

import labelqa as lq
from labelqa.errors import LabelError, ParameterError
from labelqa.slices.features import as_typed, encode_features
from labelqa.slices.matching import has_value
from labelqa.slices.wording import in_points

DAYS = pd.to_datetime(["2024-01-01 10:00", "2024-01-02 11:00"])


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        ([1.0, 2.0], "1"),
        ([1, 2], 1.0),
        (["1", "2"], 1),
        (["1", "2"], 1.0),
        ([True, False], "True"),
        ([True, False], "true"),
        (pd.Series([True, None], dtype=object), "true"),
        (DAYS, "2024-01-01"),
        (DAYS, DAYS[0].date()),
        (DAYS.tz_localize("UTC"), "2024-01-01"),
        ([d.date() for d in DAYS], "2024-01-01"),
        ([None, "x"], None),
        (pd.Series([1, None], dtype="Int64"), "1"),
        (pd.Series(["x", "y"], dtype="category"), "x"),
    ],
)
def test_values_are_compared_by_what_the_column_holds(cells, value):
    assert has_value(pd.Series(cells), value).tolist() == [True, False]


def test_a_value_that_occurs_nowhere_is_said():
    frame = pd.DataFrame({"noise": ["car", "cafe"] * 50, "floor": [1.0, 2.0] * 50})
    found = lq.slice_coverage(frame, important={"noise": ["Car", "cafe"], "floor": ["1", 2]})
    assert found.notes == ("No row has noise = Car: is it spelled so? noise holds 'cafe', 'car'",)
    assert "! No row has noise = Car" in repr(found)
    assert found.frame.set_index("combination")["n"]["noise = cafe and floor = 2"] == 50
    assert len(repr(found).splitlines()) <= 6


def test_too_little_data_is_called_that():
    few = pd.DataFrame({"a": list("xyxyx")})
    assert "5 rows are too few" in repr(lq.find_slices(few, [0, 1, 0, 1, 1]))
    assert "5 rows: too few for any pair" in repr(lq.slice_coverage(few.assign(b=list("uvuvv"))))
    assert "10 rows: too few" in repr(lq.slice_drift(few, few))


def labeled(label: object, predicted: object) -> pd.DataFrame:
    return pd.DataFrame({"by": ["a", "b"] * 20}).assign(label=label, predicted=predicted)


@pytest.mark.parametrize(
    ("label", "predicted", "said"),
    [
        (["1", "2"] * 20, [1, 2] * 20, "no prediction is one of the labels: labels are '1', '2', predictions 1, 2"),
        (["A", "B"] * 20, ["A ", "B "] * 20, "differ in type or spelling only"),
        (["A", "B"] * 20, ["x", "y"] * 20, "Name other columns, or spell both alike"),
    ],
)
def test_labels_that_never_match_are_refused_as_on_the_command_line(label, predicted, said):
    with pytest.raises(LabelError, match=said):
        lq.slice_metrics(labeled(label, predicted), by="by")
    with pytest.raises(LabelError, match=said):
        lq.diagnose_slices({"s": np.arange(40) < 20}, label, predicted)


@pytest.mark.parametrize(
    ("label", "predicted", "said"),
    [
        ([0, 1] * 20, np.linspace(0, 1, 40), "Of probabilities make classes first"),
        (np.linspace(3, 9, 40), np.linspace(3.1, 8, 40), "For amounts, search the distance"),
    ],
)
def test_numbers_with_decimals_are_no_classes(label, predicted, said):
    with pytest.raises(ParameterError, match=f"predictions are numbers with decimals .*{said}"):
        lq.slice_metrics(labeled(label, predicted), by="by", metrics=["f1"])
    with pytest.raises(ParameterError, match=f"predictions are numbers with decimals .*{said}"):
        lq.diagnose_slices({"s": np.arange(40) < 20}, label, predicted)


def test_half_stars_are_classes():
    stars = [0.5, 1.0, 1.5, 2.0] * 10
    assert lq.slice_metrics(labeled(stars, stars), by="by").frame["estimate"].tolist() == [1.0, 1.0, 1.0]


def test_classes_that_differ_in_spelling_only_are_said():
    frame = labeled(["A", "B"] * 20, ["A", "b"] * 20)
    found = lq.slice_metrics(frame, by="by")
    said = "classes that differ in type, case or blanks only count as different: 'B' and 'b'"
    assert found.notes == (said,)
    assert said in repr(found)
    diagnosis = lq.diagnose_slices({"s": frame["by"] == "b"}, frame["label"], frame["predicted"])
    assert said in diagnosis.notes


def test_f1_is_that_of_sklearn_with_intervals():
    rng = np.random.default_rng(0)
    label = rng.choice(list("xyz"), 300)
    predicted = np.where(rng.random(300) < 0.3, rng.choice(list("xyz"), 300), label)
    frame = pd.DataFrame({"by": "all", "label": label, "predicted": predicted})
    found = lq.slice_metrics(frame, by="by", metrics=["f1"]).frame.set_index("class")
    each = f1_score(label, predicted, average=None, labels=list("xyz"))
    assert found.loc[list("xyz"), "estimate"].tolist() == pytest.approx(each.tolist())
    assert found.loc["mean of classes", "estimate"] == pytest.approx(f1_score(label, predicted, average="macro"))
    assert (found["low"] < found["estimate"]).all()
    assert (found["high"] > found["estimate"]).all()
    half = found.loc["mean of classes", "high"] - found.loc["mean of classes", "estimate"]
    draws = [f1_score(label[i], predicted[i], average="macro") for i in (rng.integers(0, 300, 300) for _ in range(200))]
    assert half == pytest.approx(1.96 * np.std(draws), rel=0.2)


def test_many_different_texts_of_several_words_become_words():
    texts = [f"please {verb} the {thing}" for verb in ("mend", "sell", "send", "keep") for thing in "abcdefghij"]
    table = encode_features(pd.DataFrame({"text": texts[:37] * 10}))
    assert 'text contains "mend"' in {level for levels in table.levels for level in levels}
    cities = [f"city {i}" for i in range(37)]
    assert encode_features(pd.DataFrame({"city": cities * 10})).names == ("city",)


def test_numbers_with_decimal_commas_are_numbers():
    commas = pd.Series([f"{i},5" for i in range(40)])
    assert as_typed(commas).tolist() == [i + 0.5 for i in range(40)]
    thousands = pd.Series([f"{i},500" for i in range(1, 40)])
    assert as_typed(thousands).tolist() == thousands.tolist()


def test_differences_of_shares_are_points():
    assert in_points(float("nan")) == "undefined"
    assert in_points(0.27, 0.2, 0.34) == "27 points (20 to 34)"


def test_columns_that_vary_within_items_are_named_as_left_out():
    wide = pd.DataFrame({"item": np.repeat(np.arange(200), 2), "who": ["ann", "ben"] * 200})
    wide["noise"] = np.where(wide["item"] % 2, "car", "cafe")
    wide["seconds"] = np.arange(400)
    wide["label"] = np.where((wide["noise"] == "cafe") & (wide["who"] == "ben") & (wide["item"] % 3 == 0), "y", "x")
    both = lq.Annotations.from_frame(wide, item="item", annotator="who", label="label")
    assert ("seconds", "differs between the labels of an item") in lq.disagreement_slices(both).left_out
