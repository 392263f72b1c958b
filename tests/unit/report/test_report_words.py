"""The words of a report promise no more than the numbers behind them."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from labelqa.annotations.table import Annotations
from labelqa.reliability.estimate import agreement
from labelqa.reliability.items import item_disagreement
from labelqa.reliability.levels import weights_of_level
from labelqa.report.build import build_report
from labelqa.report.caveats import chance_level
from labelqa.report.evidence import split_at_most
from labelqa.report.findings import Options, measure
from labelqa.report.verdict import verdict_of
from tests.unit.report.data import long_frame, small, wide
from tests.unit.report.test_report_build import section, tables, warnings_of

CONSISTENT = ("are consistent", "probably consistent")
PROMISES = ("probability", "almost perfect", "Keep the instruction")


def words(report):
    return " ".join([report.headline.verdict, *report.headline.meaning, *report.headline.next_steps])


def measured(data, coefficient="krippendorff_alpha"):
    weights = weights_of_level(data.schema.level)
    return measure(data, Options(coefficient=coefficient, weights=weights, confidence=0.95))


@pytest.mark.parametrize("n", [2, 9, 40, 400])
@pytest.mark.parametrize("coefficient", ["krippendorff_alpha", "percent_agreement", "gwet_ac"])
def test_items_that_were_all_agreed_promise_nothing_about_the_next(n, coefficient):
    labels = (["x", "y"] * n)[:n]
    report = build_report(wide(a=labels, b=labels), coefficient=coefficient)
    found = words(report)
    assert f"No disagreement was seen on {n} items. This cannot exclude disagreement" in found
    assert not [promise for promise in (*CONSISTENT, *PROMISES) if promise in found]
    assert report.headline.band is None
    assert "benchmark" not in tables(report)


def test_the_share_that_may_still_be_split_follows_the_rule_of_three():
    assert split_at_most(100) == pytest.approx(3 / 100, rel=0.02)
    assert split_at_most(1000) == pytest.approx(3 / 1000, rel=0.01)
    assert split_at_most(1) == pytest.approx(0.95)
    labels = ["x", "y"] * 50
    assert "up to about 3% of items could still be split" in build_report(wide(a=labels, b=labels)).headline.verdict


def test_few_items_get_no_verdict():
    report = build_report(wide(a=["x", "y", "x", "y"] * 2, b=["x", "y", "x", "y", "x", "y", "x", "x"]))
    assert report.headline.verdict == "Too little data for a verdict: 8 items have two or more labels."
    assert any("8 are too few to judge by" in step for step in report.headline.next_steps)
    assert "probability" not in words(report)


def test_swapped_labels_are_worse_than_guessing_and_not_guessing():
    report = build_report(wide(a=["x", "y"] * 20, b=["y", "x"] * 20))
    assert "worse than guessing: people systematically choose differently" in report.headline.verdict
    assert "check whether labels were swapped" in report.headline.verdict
    assert report.headline.next_steps[0].startswith("Check whether somebody swapped labels or codes")
    assert "few items" not in words(report)


def test_verdicts_never_get_better_when_the_lower_end_falls():
    order = ["worse than", "told from guessing", "not consistent enough", "Borderline", "tentative use"]
    order += ["probably consistent", "consistent: even"]
    for estimate in (0.3, 0.72, 0.85, 0.95):
        lows = [low / 100 for low in range(-50, 96) if low / 100 <= estimate]
        ranks = [next(i for i, o in enumerate(order) if o in verdict_of(estimate, low, 1.0)) for low in lows]
        assert ranks == sorted(ranks)


@pytest.mark.parametrize(("estimate", "low"), [(0.72, -0.05), (0.85, 0.0), (0.1, -0.3)])
def test_an_interval_that_reaches_guessing_is_not_borderline(estimate, low):
    assert "cannot be told from guessing" in verdict_of(estimate, low, 1.0)


def test_agreement_in_cases_is_plain_percent_agreement():
    data = wide(a=["x", "y", "x", "y", "x"] * 3, b=["x", "y", "x", "y", "y"] * 3)
    plain = agreement(data, coefficient="percent_agreement").estimate
    assert plain == pytest.approx(0.8)
    assert agreement(data).observed != pytest.approx(plain)
    for coefficient in ("krippendorff_alpha", "fleiss_kappa", "percent_agreement"):
        assert "they agree in 80% of cases" in words(build_report(data, coefficient=coefficient))


def test_an_annotator_we_know_little_about_is_not_called_guessing():
    truth = ["x", "y"] * 6
    unsure = wide(a=truth, b=["y", "x", *truth[2:]])
    rest = measured(unsure).annotators.against_rest
    assert (rest["low"] <= 0.3).all()
    assert chance_level(measured(unsure)).empty
    unclear = wide(a=["x"] * 9 + ["y"] * 3, b=["x"] * 9 + ["y", "x", "x"])
    rest = measured(unclear).annotators.against_rest
    assert (rest["low"] <= 0).all()
    assert (rest["high"] >= 0.4).all()
    assert chance_level(measured(unclear)).empty


def test_an_annotator_near_guessing_is_named_however_wide_the_interval():
    truth = ["x", "y"] * 6
    found = measured(wide(a=truth, b=truth, c=["x", "x", "y", "y"] * 3))
    assert chance_level(found)["annotator"].tolist() == ["c"]
    few = measured(wide(a=truth[:8], b=truth[:8], c=["x", "x", "y", "y"] * 2))
    assert chance_level(few).empty


@pytest.mark.parametrize("coefficient", ["percent_agreement", "gwet_ac", "brennan_prediger"])
def test_coefficients_that_are_high_by_luck_do_not_hide_a_low_alpha(coefficient):
    a = ["no"] * 200 + ["yes"] * 4 + ["no"] * 4
    b = ["no"] * 200 + ["no"] * 4 + ["yes"] * 4
    report = build_report(wide(a=a, b=b), coefficient=coefficient)
    assert "Krippendorff's alpha is -0.02" in warnings_of(report)["prevalence"].text
    assert "Keep the instruction" not in words(report)
    assert not report.headline.verdict.startswith("The labels are consistent")


def test_instruction_is_kept_where_evidence_is_firm():
    labels = ["x", "y", "z"] * 100
    assert "Keep the instruction" in words(build_report(wide(a=labels, b=[*labels[:-2], "z", "y"])))


@pytest.mark.parametrize("level", ["interval", "ratio"])
def test_measurements_get_no_advice_about_single_values(level):
    labels = [10 + i * 7 % 30 for i in range(60)]
    data = wide(level, a=labels, b=[v + (i % 5 == 0) + 9 * (i == 7) for i, v in enumerate(labels)])
    report = build_report(data)
    assert not re.search("Sharpen|Write down|instruction as a whole", words(report))
    assert "few_items_in_class" not in warnings_of(report)
    assert "carries" not in section(report, "classes").lead
    assert "The labels are measurements" in section(report, "classes").how_to_read


@pytest.mark.parametrize(("level", "weights"), [("interval", "interval"), ("ratio", "ratio"), ("ordinal", "ordinal")])
def test_disputed_items_are_ranked_by_distance_where_distance_counts(level, weights):
    labels = [1 + i % 5 for i in range(40)]
    other = [v + 1 if v < 5 and i % 3 == 0 else v for i, v in enumerate(labels)]
    other[25] = 5
    report = build_report(wide(level, a=labels, b=other))
    table = tables(report)["items"]
    assert table.rows["item"].iloc[0] == 25
    expected = item_disagreement(wide(level, a=labels, b=other), weights=weights).to_frame()
    pd.testing.assert_frame_equal(table.complete(), expected)
    assert f"with {weights} weights" in section(report, "items").how_to_read


@pytest.mark.parametrize(
    ("labels", "is_scale"),
    [
        ([1, 2, 3, 4, 5], True),
        (["1", "2", "3"], True),
        ([10 * i * i for i in range(12)], True),
        ([0, 1], False),
        ([101, 205, 317], False),
        (["1", "2", "other"], False),
    ],
)
def test_numbers_that_look_like_a_scale_are_pointed_out(labels, is_scale):
    many = labels * 20
    report = build_report(wide(a=many, b=[*many[1:], many[0]]))
    assert ("looks_like_scale" in {n.key for n in report.notices}) == is_scale
    if is_scale:
        assert "set the level of the labels to ordinal or interval" in warnings_of(report)["looks_like_scale"].text


def test_a_scale_measured_as_one_is_not_pointed_out():
    labels = [1, 2, 3, 4, 5] * 12
    for level in ("ordinal", "interval"):
        assert "looks_like_scale" not in warnings_of(build_report(wide(level, a=labels, b=[*labels[1:], 1])))


def test_the_table_of_disputed_items_counts_disputed_items():
    labels = ["x", "y"] * 20
    few = build_report(wide(a=labels, b=[*["y", "x"] * 2, *labels[4:]]))
    assert len(tables(few)["items"].rows) == 4
    assert not re.search(r"Showing \d+ of 40", few.to_text() + few.to_markdown() + few.to_html())
    many = build_report(wide(a=labels, b=[*["y", "x"] * 13, *labels[26:]]))
    assert "Showing 20 of 26 disputed items; all rows are in the JSON." in many.to_markdown()
    assert "Showing 12 of 26 disputed items; all rows are in the JSON." in many.to_text()


def test_rows_set_aside_in_numbers_are_a_warning_at_the_top():
    frame = long_frame(40, rounds=2).astype({"round": object})
    frame.loc[frame.index[::4], "round"] = None
    data = Annotations.from_frame(frame, item="item", annotator="annotator", label="label", round="round")
    notice = {n.key: n for n in build_report(data).notices}["rows_set_aside"]
    assert f"57 of {len(frame)} rows (25%) were set aside: no round" in notice.text


def test_empty_cells_of_a_wide_table_and_a_few_rows_are_no_warning():
    sparse = build_report(wide(a=["x", "y"] * 20, b=["x", "y"] * 10 + [None] * 20))
    assert "rows_set_aside" not in warnings_of(sparse)
    frame = long_frame(40)
    frame.loc[0, "label"] = None
    one = Annotations.from_frame(frame, item="item", annotator="annotator", label="label")
    assert "rows_set_aside" not in warnings_of(build_report(one))


def test_no_class_is_blamed_where_disagreement_is_spread():
    labels = [f"class {i % 100}" for i in range(1000)]
    shifted = [f"class {(i * 7 + 1) % 100}" if i % 3 == 0 else v for i, v in enumerate(labels)]
    report = build_report(wide(a=labels, b=shifted))
    assert "Sharpen" not in words(report)
    assert "disagreement is spread over 100 classes" in words(report)
    assert section(report, "classes").lead.startswith("Disagreement is spread over 100 classes")


def test_a_class_that_stands_out_is_named():
    labels = ["x", "y", "z", "w"] * 25
    others = ["xyzw"[i // 4 % 4] if v == "x" else v for i, v in enumerate(labels)]
    report = build_report(wide(a=labels, b=others))
    assert "Sharpen the definition of 'x': it carries 50% of all disagreement." in words(report)


def test_a_small_share_is_not_written_as_none():
    labels = [f"c{i}" for i in range(1000)]
    text = words(build_report(wide(a=labels, b=[*labels[:-2], "c999", "c998"])))
    assert "by guessing they would agree in less than 1%" in text
    assert " 0%" not in text


def test_markdown_has_no_empty_details():
    text = build_report(small(rounds=2)).to_markdown()
    assert "<details>" in text
    assert not re.search(r"</summary>\s*</details>", text)


def test_columns_kept_with_items_and_columns_not_used_are_named():
    frame = long_frame().assign(channel="mail", mood=range(len(long_frame())))
    data = Annotations.from_frame(frame, item="item", annotator="annotator", label="label")
    report = build_report(data)
    for view in (report.to_text(width=120), report.to_markdown(), report.to_html()):
        assert "Kept with each item: text, channel; not used: mood." in view
    plain = wide(a=["x", "y"] * 20, b=["x", "y"] * 20)
    assert "Kept with each item" not in build_report(plain).to_text()


@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
def test_agreed_items_are_not_disputed_under_any_weights(level):
    labels = [0.1 * (i * i % 17) + 0.3 for i in range(60)]
    report = build_report(wide(level, a=labels, b=[*labels[:-1], 7.7], c=labels))
    assert tables(report)["items"].rows["item"].tolist() == [59]
