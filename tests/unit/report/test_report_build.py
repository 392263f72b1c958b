"""What a report says about given data."""

from __future__ import annotations

import pandas as pd
import pytest

from labelqa.annotations.itemtexts import text_column
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError
from labelqa.reliability.classes import class_agreement
from labelqa.reliability.estimate import agreement, agreement_table
from labelqa.reliability.levels import weights_of_level
from labelqa.report.blocks import Notice, tables_in
from labelqa.report.build import build_report
from labelqa.report.findings import digest
from tests.unit.report.data import long_frame, small, wide


def tables(report):
    return {t.key: t for s in report.sections for t in tables_in(s.blocks)}


def section(report, key):
    return next(s for s in report.sections if s.key == key)


def warnings_of(report):
    return {b.key: b for b in section(report, "warnings").blocks if isinstance(b, Notice)}


def test_headline_numbers_are_the_library_numbers():
    data = small()
    expected = agreement(data)
    interval = expected.confidence_interval(0.9)
    headline = build_report(data, confidence=0.9).headline
    assert (headline.estimate, headline.low, headline.high) == (expected.estimate, interval.low, interval.high)
    assert headline.level == 0.9
    assert "90% interval" in str(headline)


def test_tables_hold_the_library_numbers():
    data = small()
    found = tables(build_report(data))
    pd.testing.assert_frame_equal(found["classes"].rows, class_agreement(data).to_frame())
    pd.testing.assert_frame_equal(found["coefficients"].rows.drop(columns="title"), agreement_table(data).to_frame())


def test_sections_come_in_reading_order():
    keys = [s.key for s in build_report(small(rounds=2)).sections]
    in_order = (
        "validation agreement reading classes confusions pair annotators consensus habits items triage rounds warnings"
    )
    assert keys == in_order.split()


def test_only_sections_that_are_asked_for_are_measured_and_they_say_the_same(monkeypatch):
    data = small(rounds=2)
    whole = build_report(data)
    for name in ("_slices", "_triage", "_evidence", "_consensus"):
        monkeypatch.setattr(f"labelqa.report.findings.{name}", None)  # would fail if it were called
    some = build_report(data, sections=("warnings", "classes", "rounds"))
    assert [s.key for s in some.sections] == ["classes", "rounds", "warnings"]
    assert (some.headline, some.notices) == (whole.headline, whole.notices)
    for one in some.sections:
        assert one.lead == section(whole, one.key).lead
    pd.testing.assert_frame_equal(tables(some)["classes"].rows, tables(whole)["classes"].rows)


def test_each_section_can_be_asked_for_alone():
    data = small(rounds=2)
    for one in build_report(data).sections:
        assert [s.key for s in build_report(data, sections=[one.key]).sections] == [one.key]
    with pytest.raises(ParameterError, match="sections"):
        build_report(data, sections=["clases"])


def test_headline_gives_the_probability_of_the_word_and_not_only_the_word():
    report = build_report(small())
    text = " ".join(report.headline.meaning)
    assert "% probability the true value is at least 'fair' (0.2 or more)" in text
    assert report.headline.band == "fair"
    assert 0.95 <= report.headline.band_probability <= 1


def test_customary_limits_are_named_as_conventions():
    text = " ".join(build_report(small()).headline.meaning)
    assert "0.667" in text
    assert "conventions, not laws" in text


def test_another_coefficient_can_be_the_headline():
    report = build_report(small(), coefficient="fleiss_kappa")
    assert report.headline.statement.startswith("Fleiss' kappa is ")
    assert build_report(small(), coefficient="percent_agreement").headline.limits == ()


def test_wrong_coefficient_and_level_are_refused():
    with pytest.raises(ParameterError, match="did you mean 'fleiss_kappa'"):
        build_report(small(), coefficient="fleis_kappa")
    with pytest.raises(ParameterError, match="confidence level 95"):
        build_report(small(), confidence=95)


@pytest.mark.parametrize(
    ("level", "alpha", "other"),
    [
        ("nominal", "identity", "identity"),
        ("ordinal", "rank", "ordinal"),
        ("interval", "interval", "interval"),
        ("ratio", "ratio", "ratio"),
    ],
)
def test_weights_follow_the_level_of_measurement(level, alpha, other):
    chosen = weights_of_level(level, None)
    assert chosen["krippendorff_alpha"] == alpha
    assert chosen["fleiss_kappa"] == other
    assert set(weights_of_level(level, "linear").values()) == {"linear"}


def test_ordinal_report_says_which_weights_it_took_and_that_the_order_was_guessed():
    labels = [1 + i * i % 5 for i in range(40)]
    report = build_report(wide("ordinal", a=labels, b=[min(5, v + i % 2) for i, v in enumerate(labels)]))
    assert "rank weights" in report.headline.statement
    assert "Gwet's ordinal weights" in tables(report)["coefficients"].note
    assert "1 < 2 < 3 < 5" in warnings_of(report)["guessed_order"].text
    assert warnings_of(report)["guessed_order"].level == "info"


def test_guessed_order_of_words_is_a_problem():
    labels = ["bad", "fair", "good"] * 20
    report = build_report(wide("ordinal", a=labels, b=[*labels[1:], "bad"]))
    assert report.notices[0].key == "guessed_order"
    assert report.notices[0].level == "problem"


def test_the_latest_round_is_the_headline_and_each_round_is_measured():
    first, second = long_frame(), long_frame().assign(label="billing", round=2)
    second.loc[::5, "label"] = "account"
    frame = pd.concat([first.assign(round=10), second], ignore_index=True)
    data = Annotations.from_frame(frame, item="item", annotator="annotator", label="label", round="round")
    report = build_report(data)
    rounds = tables(report)["rounds"].rows
    assert rounds["round"].tolist() == [2, 10]
    assert report.headline.estimate == rounds["estimate"].iloc[1] == agreement(data.where(round=10)).estimate
    assert "the latest, '10'" in section(report, "rounds").lead
    assert dict(report.headline.facts)["rounds"] == "latest of 2"


def test_a_round_without_labels_is_not_the_latest():
    frame = pd.concat([long_frame().assign(round=1), long_frame(3).assign(round=2, label=None)], ignore_index=True)
    data = Annotations.from_frame(frame, item="item", annotator="annotator", label="label", round="round")
    assert build_report(data).headline.estimate == agreement(small()).estimate


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (wide(a=["x"] * 5, b=["x"] * 5), "only one class was used"),
        (wide(a=["x", "y"]), "only one annotator gave labels"),
        (wide(a=["x", None], b=[None, "y"]), "no item has labels by two annotators"),
        (wide(a=[None], b=[None]), "there are no labels"),
    ],
)
def test_undefined_agreement_is_said_with_its_reason_in_every_view(data, reason):
    report = build_report(data)
    assert report.headline.undefined_because == reason
    assert report.headline.statement == f"Krippendorff's alpha is undefined: {reason}."
    assert report.notices[0].key == "undefined"
    for view in (report.to_text(width=200), report.to_html(), report.to_markdown(), report.to_json()):
        assert reason in view


def test_one_item_gives_a_number_without_an_interval():
    report = build_report(wide(a=["x"], b=["y"]))
    assert "without an interval" in report.headline.statement
    assert "no_interval" in warnings_of(report)
    assert "no interval" in report.to_html()


def test_prevalence_paradox_is_explained():
    a = ["no"] * 96 + ["yes", "no", "yes", "no"]
    b = ["no"] * 96 + ["no", "yes", "yes", "no"]
    found = warnings_of(build_report(wide(a=a, b=b)))
    assert "'no' makes up 98% of labels" in found["prevalence"].text


def test_few_items_in_a_class_warns_that_intervals_are_too_optimistic():
    labels = ["x", "y"] * 30 + ["z"]
    found = warnings_of(build_report(wide(a=labels, b=[*labels[:-2], "z", "z"])))
    assert found["few_items_in_class"].text.startswith("'z': used on fewer than 10 items")


def test_single_labels_are_counted():
    found = warnings_of(build_report(wide(a=["x", "y"] * 20, b=["x", "y"] * 15 + [None] * 10)))
    assert found["single_labels"].text.startswith("10 of 40 items (25%) have a single label")
    assert found["single_labels"].level == "caution"


def test_few_items_overall_are_a_problem():
    assert warnings_of(build_report(small(12)))["too_few_items"].level == "problem"


def test_duplicates_set_aside_are_listed_with_their_rows():
    frame = pd.concat([long_frame(), long_frame().head(2)], ignore_index=True)
    data = Annotations.from_frame(frame, item="item", annotator="annotator", label="label", on_duplicate="last")
    report = build_report(data)
    assert "2 repeated labels" in warnings_of(report)["duplicates"].text
    assert tables(report)["set_aside"].rows["where"].tolist() == ["0, 1"]


def test_annotator_at_the_level_of_guessing_is_named():
    truth = ["x", "y", "y", "x", "x", "y"] * 10
    data = wide(a=truth, b=truth, c=truth, d=truth, e=["x", "x", "y", "y"] * 15)
    report = build_report(data)
    assert "'e'" in warnings_of(report)["chance_level_annotators"].text
    assert any("'e'" in step for step in report.headline.next_steps)


def test_annotator_with_almost_no_overlap_is_named():
    truth = ["x", "y"] * 30
    found = warnings_of(build_report(wide(a=truth, b=truth, c=truth[:4] + [None] * 56)))
    assert found["little_overlap"].text.startswith("'c': fewer than 10 items")


def test_most_important_warnings_are_at_the_top_and_remarks_are_not():
    report = build_report(wide(a=["x", "y"] * 20, b=["x", "y"] * 19 + ["x", None]))
    assert "info" not in {n.level for n in report.notices}
    assert "single_labels" in warnings_of(report)


def test_disputed_items_come_with_their_text_and_every_label():
    report = build_report(small())
    items = tables(report)["items"]
    assert items.rows["text"].iloc[0].startswith("Ticket ")
    first = items.rows["item"].iloc[0]
    who = tables(report)["item_labels"].rows
    said = who[who["item"] == first]
    assert said["annotator"].tolist() == ["ann", "ben", "cai"]
    assert said["label"].nunique() > 1
    assert (items.rows["disagreement"] > 0).all()


def test_agreed_items_are_not_called_disputed():
    report = build_report(wide(a=["x", "y"] * 20, b=["x", "y"] * 20))
    assert section(report, "items").lead == "No item got two different labels."
    assert section(report, "confusions").lead == "No item got two different labels."


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ({"id": ["a"], "Text": ["b"]}, "Text"),
        ({"channel": ["chat"], "utterance": ["A sentence that is long enough."]}, "utterance"),
        ({"channel": ["chat"], "n": [3]}, None),
        ({}, None),
    ],
)
def test_text_column_is_found_by_name_then_by_length(columns, chosen):
    assert text_column(pd.DataFrame(columns)) == chosen


def test_data_without_files_is_identified_by_its_content():
    report = build_report(small())
    assert report.run.inputs[0].name == "frame"
    assert report.run.inputs[0].sha256 == digest(small())
    assert digest(small()) != digest(small(39))


def test_long_tables_are_cut_with_a_count_and_whole_in_json():
    labels = [f"c{i % 60}" for i in range(240)]
    report = build_report(wide(a=labels, b=labels[:120] + labels[121:] + ["c0"]))
    assert "Showing 50 of 60; all rows are in the JSON." in report.to_html()
    assert "Showing 50 of 60; all rows are in the JSON." in report.to_markdown()
    assert "Showing 12 of 60; all rows are in the JSON." in report.to_text()
    assert len(tables(report)["classes"].complete()) == 60
