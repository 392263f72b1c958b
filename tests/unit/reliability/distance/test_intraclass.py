"""intraclass_correlation: which data it takes, gaps, and edges."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.annotations.table import Annotations
from labelqa.errors import ColumnError, DuplicateError, LabelError, ParameterError
from labelqa.reliability.distance import words
from labelqa.reliability.distance.intraclass import FORMS, intraclass_correlation


def ratings(n=30, k=4, seed=0, bias=0.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)) + bias * np.arange(k) + rng.normal(size=(n, k))


def values(result):
    return [result[form] for form in FORMS]


def test_every_way_to_hand_over_the_numbers_gives_the_same():
    matrix = ratings().round(2)
    wide = pd.DataFrame(matrix, columns=list("wxyz"))
    long = wide.reset_index(names="item").melt(id_vars="item", var_name="annotator")
    structured = StructuredAnnotations.from_frame(
        long, item="item", annotator="annotator", value="value", kind="numbers"
    )
    classes = Annotations.from_wide(wide, level="interval")
    expected = values(intraclass_correlation(matrix))
    for data in (wide, long, structured, classes, matrix.tolist()):
        assert values(intraclass_correlation(data)) == pytest.approx(expected, abs=1e-12)


def test_it_equals_the_variance_components_of_statsmodels():
    anova = pytest.importorskip("statsmodels.stats.anova", reason="statsmodels is not installed")
    ols = pytest.importorskip("statsmodels.formula.api").ols
    n, k = 12, 4
    long = pd.DataFrame(ratings(n, k, bias=0.4)).reset_index(names="i").melt(id_vars="i", var_name="a")
    table = anova.anova_lm(ols("value ~ C(i) + C(a)", long).fit())
    items, people, rest = table["mean_sq"]
    result = intraclass_correlation(long.pivot(index="i", columns="a", values="value"))
    assert result["ICC(3,1)"] == pytest.approx((items - rest) / (items + (k - 1) * rest))
    assert result["ICC(2,1)"] == pytest.approx((items - rest) / (items + (k - 1) * rest + k / n * (people - rest)))


def test_a_constant_difference_between_annotators_harms_agreement_and_not_consistency():
    even, uneven = intraclass_correlation(ratings()), intraclass_correlation(ratings() + np.arange(4) * 5)
    assert uneven["ICC(3,1)"] == pytest.approx(even["ICC(3,1)"])
    assert uneven["ICC(2,1)"] < even["ICC(2,1)"] / 2


def test_items_with_gaps_are_set_aside_and_explained():
    matrix = ratings()
    matrix[[1, 5], 2] = np.nan
    result = intraclass_correlation(matrix)
    assert result.n_items_set_aside == 2
    assert "2 items without exactly 4 numbers were set aside" in repr(result)
    assert values(result) == pytest.approx(values(intraclass_correlation(np.delete(matrix, [1, 5], axis=0))))
    long = StructuredAnnotations.from_records([(i, g, x) for (i, g), x in np.ndenumerate(matrix)], kind="numbers")
    assert values(intraclass_correlation(long)) == pytest.approx(values(result))
    assert intraclass_correlation(long).n_items_set_aside == 2


def test_changing_annotators_leave_only_the_one_way_form():
    rows = [(i, f"rater {i}-{g}", x) for (i, g), x in np.ndenumerate(ratings(n=20, k=3))]
    rows.append((99, "rater 0-0", 1.0))
    result = intraclass_correlation(StructuredAnnotations.from_records(rows, kind="numbers"))
    assert result["ICC(1,1)"] == pytest.approx(intraclass_correlation(ratings(n=20, k=3))["ICC(1,1)"])
    assert math.isnan(result["ICC(2,1)"])
    assert result.undefined_because == words.NOT_CROSSED
    assert result.n_items_set_aside == 1


@pytest.mark.parametrize("form", FORMS)
def test_the_interval_holds_the_estimate(form):
    for seed in range(5):
        result = intraclass_correlation(ratings(seed=seed, bias=0.3))
        interval = result.confidence_interval(0.9, form=form)
        assert interval.low < result[form] < interval.high


@pytest.mark.parametrize("form", ["ICC(1,1)", "ICC(2,1)", "ICC(3,1)"])
def test_nine_of_ten_intervals_hold_the_true_value(form):
    """True value .5 for all three without differences between annotators; 400 samples: standard error .015."""
    hits = 0
    for seed in range(400):
        low, high = intraclass_correlation(ratings(n=25, k=3, seed=seed)).confidence_interval(0.9, form=form)
        hits += low <= 0.5 <= high
    assert 0.85 < hits / 400 < 0.95


def test_perfect_agreement_is_one_with_a_point_for_an_interval():
    result = intraclass_correlation([[1, 1, 1], [2, 2, 2], [5, 5, 5]])
    assert values(result) == [1.0] * 6
    frame = result.to_frame()
    assert frame[["low", "high"]].to_numpy().tolist() == [[1.0, 1.0]] * 6
    json.dumps(result.to_dict(), allow_nan=False)


REASONS = [
    (words.NO_ANSWERS, np.zeros((0, 0))),
    (words.ONE_ANNOTATOR, [[1.0], [2.0]]),
    (words.NO_COMPLETE_ITEMS, [[1.0, 2.0]]),
    (words.NO_COMPLETE_ITEMS, [[1.0, np.nan], [np.nan, 2.0], [1.0, 2.0]]),
    (words.ALL_NUMBERS_EQUAL, [[3, 3], [3, 3], [3, 3]]),
]


@pytest.mark.parametrize(("reason", "matrix"), REASONS)
def test_undefined_is_nan_with_its_reason(reason, matrix):
    result = intraclass_correlation(matrix)
    assert all(math.isnan(v) for v in values(result))
    assert result.undefined_because == reason
    assert set(result.to_frame()["reason"]) == {reason}
    assert result.confidence_interval().undefined_because == reason
    json.dumps(result.to_dict(), allow_nan=False)


def test_classes_are_not_taken_for_numbers():
    wide = pd.DataFrame({"a": [1, 2, 3], "b": [1, 2, 2]})
    with pytest.raises(LabelError, match="labels of level 'nominal' are classes"):
        intraclass_correlation(Annotations.from_wide(wide))
    with pytest.raises(ParameterError, match="a table of numbers is needed"):
        intraclass_correlation(wide.assign(a=["x", "y", "z"]))
    with pytest.raises(ParameterError, match="infinite"):
        intraclass_correlation([[1, 2], [np.inf, 3]])
    with pytest.raises(ParameterError, match="confidence"):
        intraclass_correlation(wide, confidence=95)
    with pytest.raises(ParameterError, match=r"form='ICC\(4,1\)' is not known"):
        intraclass_correlation(wide)["ICC(4,1)"]


def test_large_offsets_do_not_cost_digits():
    assert values(intraclass_correlation(ratings() + 1e9)) == pytest.approx(
        values(intraclass_correlation(ratings())), abs=1e-6
    )


def test_results_show_themselves_in_every_form():
    result = intraclass_correlation(ratings())
    assert result.to_frame()["form"].tolist() == list(FORMS)
    assert repr(result).splitlines()[-1].startswith("  next:")
    assert "layer" in result.plot().to_dict()


def test_a_column_of_item_names_is_no_annotator():
    wide = pd.DataFrame(ratings(), columns=list("wxyz"))
    expected = values(intraclass_correlation(wide))
    assert values(intraclass_correlation(wide.reset_index(names="item"))) == pytest.approx(expected)
    assert values(intraclass_correlation(wide.reset_index(names="no"), item="no")) == pytest.approx(expected)
    with pytest.raises(ParameterError, match="column 'index' looks like names of items"):
        intraclass_correlation(wide.reset_index())
    with pytest.raises(ColumnError, match="no column 'number'"):
        intraclass_correlation(wide, item="number")


def test_an_item_with_two_rows_is_a_duplicate():
    wide = pd.DataFrame({"item": ["a", "b", "a"], "ann": [1, 2, 3], "ben": [1, 2, 4]})
    with pytest.raises(DuplicateError):
        intraclass_correlation(wide)


@pytest.mark.parametrize("engine", ["polars", "pyarrow"])
def test_frames_of_other_engines_are_measured_long_and_wide(engine):
    library = pytest.importorskip(engine, reason=f"{engine} is not installed")
    make = library.DataFrame if engine == "polars" else library.table
    wide = pd.DataFrame(ratings(n=10), columns=list("wxyz"))
    long = wide.reset_index(names="item").melt(id_vars="item", var_name="annotator")
    expected = values(intraclass_correlation(wide))
    for frame in (wide, long):
        columns = {str(name): frame[name].tolist() for name in frame}
        assert values(intraclass_correlation(make(columns))) == pytest.approx(expected)


def test_an_annotator_with_hardly_any_numbers_is_named_and_no_reason_to_drop_the_items():
    matrix = np.c_[ratings(k=2), np.full(30, np.nan)]
    matrix[:2, 2] = 0.0
    wide = pd.DataFrame(matrix, columns=["ann", "ben", "guest"])
    assert "without annotator 'guest', who gave 2 numbers, 30 items are complete" in repr(intraclass_correlation(wide))
    wide.loc[1, "guest"] = np.nan
    long = wide.reset_index(names="item").melt(id_vars="item", var_name="annotator").dropna()
    for data in (wide, long):
        result = intraclass_correlation(data)
        assert (result.n_items, result.undefined_because) == (29, words.NOT_CROSSED)
        assert result["ICC(1,1)"] == pytest.approx(intraclass_correlation(matrix[1:, :2])["ICC(1,1)"])


def test_items_that_do_not_differ_have_neither_test_nor_interval():
    frame = intraclass_correlation(np.c_[np.zeros(5), np.ones(5)]).to_frame().set_index("form")
    assert frame.loc["ICC(3,1)", "reason"] == words.ITEMS_EQUAL
    assert frame.loc["ICC(2,1)", "estimate"] == 0.0
    assert frame.loc["ICC(2,1)", ["low", "high", "p_value"]].isna().all()
    assert frame.loc["ICC(2,1)", "reason"] == words.ITEMS_EQUAL
