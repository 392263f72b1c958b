"""Quality of annotators: what the table promises."""

import json

import numpy as np
import pandas as pd
import pytest

from labelqa.aggregation.annotators.quality import annotator_quality
from labelqa.aggregation.consensus import consensus
from labelqa.aggregation.judging import FEWEST_PARTS, PARTS, parts_of
from labelqa.annotations.table import Annotations
from labelqa.charts.svg import chart_svg
from labelqa.errors import ParameterError
from tests.bench.annotator_intervals import Population, coverage


def crowd(accuracies, *, n=80, k=2, seed=0, columns=None):
    """Everybody labels everything; `columns(i, g)` may add columns."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    rows = []
    for g, accuracy in enumerate(accuracies):
        wrong = rng.random(n) >= accuracy
        given = np.where(wrong, (truth + rng.integers(1, k, n)) % k, truth)
        rows += [{"item": f"i{i:03d}", "annotator": f"p{g}", "label": f"c{given[i]}"} for i in range(n)]
    frame = pd.DataFrame(rows)
    return (frame if columns is None else columns(frame)), {f"i{i:03d}": f"c{truth[i]}" for i in range(n)}


def table(frame, **options):
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label", **options)


def by_name(result):
    return result.frame.set_index("annotator")


@pytest.mark.parametrize(
    "population",
    [Population("coin", k=2, per_item=3), Population("confusion"), Population("pair"), Population("hard")],
    ids=lambda p: p.kind,
)
def test_intervals_hold_the_accuracy_that_nobody_sees(population):
    found, n = coverage(population, 40, seed=4, methods=("full", "jackknife"))
    assert n > 200
    real, rate, _ = found["jackknife"]
    assert real >= 0.93
    assert rate >= 0.91  # 0.93 and more over 2,000 runs; this is a small sample
    assert found["full"][0] < real, "labels that vouch for themselves are too sure"


def test_accuracies_are_near_the_true_ones_and_sorted():
    frame, _ = crowd([0.95, 0.9, 0.85, 0.7, 0.6], n=300)
    result = annotator_quality(table(frame))
    assert result.frame["annotator"].tolist()[:2] == ["p4", "p3"]
    assert by_name(result)["accuracy"].loc[["p0", "p3"]].tolist() == pytest.approx([0.95, 0.7], abs=0.08)
    assert (result.frame["low"] <= result.frame["accuracy"]).all()
    assert (result.frame["accuracy"] <= result.frame["high"]).all()


def test_worse_than_chance_is_flagged_in_words():
    frame, _ = crowd([0.9, 0.9, 0.9, 0.85, 0.1], n=120)
    result = annotator_quality(table(frame))
    row = by_name(result).loc["p4"]
    assert row["below_chance"]
    assert row["high"] < 0.5
    assert "worse than chance" in row["reason"]
    assert "worse than chance: 'p4'" in repr(result)
    assert any("Annotator 'p4' is right less often than guessing" in text for text in result.meaning)
    assert not by_name(result)["below_chance"].drop("p4").any()


def test_gold_items_settle_who_is_right_even_with_one_label_an_item():
    frame, truth = crowd([0.9], n=60)
    alone = annotator_quality(table(frame))
    assert np.isnan(alone.frame["accuracy"].iloc[0])
    assert alone.frame["reason"].iloc[0] == "nobody else labeled the same items"
    judged = annotator_quality(table(frame), gold=truth)
    right = (frame["label"] == frame["item"].map(truth)).mean()
    assert judged.frame["accuracy"].iloc[0] == pytest.approx(right, abs=0.005)
    assert judged.frame["n_judged"].iloc[0] == 60


def test_gold_reveals_a_majority_that_is_wrong():
    frame, truth = crowd([0.95, 0.2, 0.2], n=100, seed=3)
    with_gold = by_name(annotator_quality(table(frame), gold=truth))
    assert with_gold["accuracy"]["p0"] > 0.85
    assert with_gold["accuracy"]["p1"] < 0.35


def test_two_annotators_are_told_that_nobody_knows_who_is_right():
    frame, _ = crowd([0.9, 0.7])
    assert set(annotator_quality(table(frame)).frame["reason"]) == {
        "two annotators only: where they differ, labels do not tell who is right"
    }


def test_few_labels_are_shown_with_a_warning():
    frame, _ = crowd([0.9] * 5, n=40)
    frame = frame[(frame["annotator"] != "p4") | (frame["item"] < "i007")]
    reasons = by_name(annotator_quality(table(frame)))["reason"]
    assert reasons["p4"] == "fewer than 20 labels: a rough guide"
    assert reasons["p0"] is None


def test_one_class_only_is_undefined_with_a_reason():
    frame, _ = crowd([0.9] * 3)
    for options in ({}, {"classes": ["c0", "c1"]}):
        found = annotator_quality(table(frame.assign(label="c0"), **options)).frame
        assert found["accuracy"].isna().all()
        assert set(found["reason"]) == {"only one class was used: no label could be wrong"}
        assert not found["below_chance"].any()


def test_no_labels_at_all_give_an_empty_table():
    frame, _ = crowd([0.9, 0.9])
    empty = table(frame).take(np.array([], dtype=np.intp))
    result = annotator_quality(empty)
    assert len(result.frame) == 0
    assert result.meaning


def test_lone_dissents_need_two_others_who_agree():
    wide = pd.DataFrame(
        {"ann": ["x", "x", "x", "x"], "ben": ["y", "y", "x", "y"], "cem": ["y", "x", "y", None], "dea": ["y"] * 4}
    )
    found = by_name(annotator_quality(Annotations.from_wide(wide)))
    assert found["n_with_others"].to_dict() == {"ann": 4, "ben": 4, "cem": 3, "dea": 4}
    assert found["lone_dissent"].to_dict() == {"ann": 0.5, "ben": 0.0, "cem": 0.0, "dea": 0.0}
    row = found.loc["ann"]
    assert row["lone_dissent_low"] < 0.5 < row["lone_dissent_high"]


def test_self_consistency_takes_all_rounds_and_the_rest_the_latest():
    def two_rounds(frame):
        again = frame.assign(round=2)
        swapped = {"c0": "c1", "c1": "c0"}
        moved = (again["annotator"] == "p0") & (again["item"] < "i020")
        again.loc[moved, "label"] = again.loc[moved, "label"].map(swapped)
        return pd.concat([frame.assign(round=1), again[again["item"] < "i060"]])

    frame, _ = crowd([0.9, 0.9, 0.8], columns=two_rounds)
    result = annotator_quality(table(frame, round="round"))
    found = by_name(result)
    assert found["n"].to_dict() == dict.fromkeys(["p0", "p1", "p2"], 60)
    assert found["n_repeated"].to_dict() == dict.fromkeys(["p0", "p1", "p2"], 60)
    assert found["self_consistency"].to_dict() == {"p0": pytest.approx(40 / 60), "p1": 1.0, "p2": 1.0}
    assert result.round == "2"
    assert any("Annotator 'p0' gave the same label again" in text for text in result.meaning)


def test_without_rounds_self_consistency_is_not_known():
    frame, _ = crowd([0.9] * 3)
    found = annotator_quality(table(frame)).frame
    assert found["self_consistency"].isna().all()
    assert (found["n_repeated"] == 0).all()


def test_median_seconds_where_they_are_known():
    frame, _ = crowd([0.9] * 3, n=10)
    timed = frame.assign(seconds=[*[5.0] * 10, *[7.0] * 9, 900.0, *[np.nan] * 10])
    found = by_name(annotator_quality(table(timed, duration="seconds")))
    assert found["seconds"]["p0"] == 5.0
    assert found["seconds"]["p1"] == 7.0
    assert np.isnan(found["seconds"]["p2"])


def test_a_given_consensus_is_the_start_and_must_fit():
    frame, _ = crowd([0.95, 0.9, 0.85, 0.7], n=150)
    annotations = table(frame)
    own = by_name(annotator_quality(annotations))["accuracy"]
    for method in ("majority", "dawid_skene"):
        given = by_name(annotator_quality(annotations, consensus(annotations, method)))["accuracy"]
        assert np.abs(given - own).max() < 0.03
    part = annotations.where(item=[f"i{i:03d}" for i in range(20)])
    with pytest.raises(ParameterError, match="consensus is of other items"):
        annotator_quality(annotations, consensus(part))
    other = consensus(annotations.merge_classes({"z": ["c0"]}))
    with pytest.raises(ParameterError, match="other items, annotators, classes or labels"):
        annotator_quality(annotations, other)


def test_wrong_parameters_are_named():
    annotations = table(crowd([0.9] * 3)[0])
    with pytest.raises(ParameterError, match="confidence level"):
        annotator_quality(annotations, confidence=95)
    with pytest.raises(ParameterError, match="not in the data"):
        annotator_quality(annotations, gold={"nowhere": "c0"})
    with pytest.raises(ParameterError, match="did you mean 'p1'"):
        annotator_quality(annotations).confusion("P1")
    with pytest.raises(ParameterError, match="measured on"):
        annotator_quality([1, 2, 3])


def test_confusions_are_shares_shrunk_to_the_group_and_say_what_they_rest_on():
    frame, _ = crowd([0.9, 0.9, 0.9, 0.5], n=200, k=3)
    frame = frame[(frame["annotator"] != "p3") | (frame["item"] < "i010")]
    result = annotator_quality(table(frame))
    full, small = result.confusion("p0"), result.confusion("p3")
    assert full.columns.tolist() == ["c0", "c1", "c2", "n"]
    np.testing.assert_allclose(full.drop(columns="n").sum(axis=1), 1.0)
    assert full["n"].sum() == pytest.approx(200)
    assert small["n"].sum() == pytest.approx(10)
    assert (small.drop(columns="n").to_numpy() > 0.005).all(), "no row is certain on three labels"


def test_intervals_depend_on_neither_seed_nor_order_of_rows():
    frame, _ = crowd([0.65] * 8, n=120, k=3, seed=4)
    frame = frame[np.random.default_rng(4).random(len(frame)) < 0.4]
    columns = ["n", "accuracy", "low", "high", "lone_dissent"]
    one = by_name(annotator_quality(table(frame), rng=1))[columns].sort_index()
    other = table(frame.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(one, by_name(annotator_quality(other, rng=2))[columns].sort_index())


def test_same_seed_same_table():
    frame, _ = crowd([0.9, 0.8, 0.7], n=60)
    one, two = (annotator_quality(table(frame), rng=5) for _ in range(2))
    pd.testing.assert_frame_equal(one.frame, two.frame)


def test_items_are_dealt_by_name_into_parts_of_equal_size():
    items = pd.Index([f"i{i}" for i in range(200)])
    parts = parts_of(items, 1000)
    assert set(np.bincount(parts)) == {200 // PARTS}
    order = np.random.default_rng(0).permutation(200)
    assert (parts_of(items[order], 1000) == parts[order]).all()
    assert parts_of(items, 10**7).max() + 1 == FEWEST_PARTS
    assert parts_of(items[:3], 9).tolist() != parts_of(items[:0], 0).tolist() == []


def test_identical_labels_say_why_nothing_is_known():
    frame, _ = crowd([1.0] * 3, n=20)
    result = annotator_quality(table(frame.assign(label="c0")))
    said = "How often annotators are right cannot be said: only one class was used: no label could be wrong."
    assert result.meaning[0] == said
    assert said in repr(result)


@pytest.mark.parametrize(("extra", "named"), [(0.0, False), (0.002, False), (0.3, True)])
def test_standing_alone_is_named_only_where_it_is_much_more_than_usual(extra, named):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 1500)
    wide = {g: truth.copy() for g in "abcde"}
    wide["a"] = np.where(rng.random(1500) < extra, 1 - truth, truth)
    meaning = annotator_quality(Annotations.from_wide(pd.DataFrame(wide))).meaning
    assert any("Annotator 'a' stands alone" in text for text in meaning) is named


def test_views_agree_and_are_json_safe():
    frame, _ = crowd([0.9, 0.9, 0.8, 0.1])
    result = annotator_quality(table(frame))
    content = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert content["schema_version"] == 1
    assert len(content["frame"]) == 4
    assert content["meaning"]
    assert 3 <= len(repr(result).splitlines()) <= 6
    assert "next:" in repr(result).splitlines()[-1]
    assert "<table" in result._repr_html_()
    assert result.worst(2)["annotator"].tolist() == result.frame["annotator"].tolist()[:2]
    assert "p3" in chart_svg(result.plot(), title="t")
    assert "true class" in chart_svg(result.plot_confusion("p3"), title="t")


def test_many_classes_are_drawn_small_and_without_numbers():
    frame, _ = crowd([0.9] * 3, n=200, k=14)
    chart = annotator_quality(table(frame)).plot_confusion("p0")
    assert len(chart.to_dict()["layer"]) == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"consensus": "x"}, "consensus is a str, not a result of labelqa.consensus"),
        ({"rng": "a"}, "rng='a' is not a seed"),
        ({"rng": -1}, "rng=-1 is not a seed"),
        ({"gold": 3}, "gold is a int that does not give each item one class"),
        ({"gold": {"i000": ["c0"]}}, "does not give each item one class"),
    ],
)
def test_wrong_parameters_are_one_clear_error(options, says):
    with pytest.raises(ParameterError, match=says):
        annotator_quality(table(crowd([0.9] * 3, n=10)[0]), **options)


@pytest.mark.parametrize("n", [-1, "x", 2.5, True])
def test_a_number_of_rows_that_is_none_is_refused(n):
    data = table(crowd([0.9] * 3, n=10)[0])
    for result in (annotator_quality(data), consensus(data)):
        with pytest.raises(ParameterError, match="a whole number from 0 on"):
            result.worst(n)


def test_what_is_not_known_is_an_empty_cell_in_a_notebook():
    html = annotator_quality(table(crowd([0.9] * 4, n=30)[0]))._repr_html_()
    assert "NaN" not in html
    assert "None" not in html


def test_one_annotator_is_not_called_annotators():
    assert repr(annotator_quality(table(crowd([0.9], n=5)[0]))).startswith("Quality of 1 annotator\n")
