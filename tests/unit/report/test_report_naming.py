"""Every number of a report says what it measures, and one report holds one number for one thing."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pandas as pd
import pytest

from labelqa.annotations.table import Annotations
from labelqa.reliability.annotators import annotator_agreement
from labelqa.reliability.by import agreement_by
from labelqa.reliability.classes import class_agreement
from labelqa.reliability.levels import weights_of_level
from labelqa.reliability.names import COEFFICIENTS, TITLES
from labelqa.report.blocks import Points, Prose, tables_in
from labelqa.report.build import build_report
from labelqa.report.cells import shown_low
from labelqa.report.findings import Options, measure
from labelqa.report.sections import annotators
from tests.unit.report.data import long_frame, small, wide

UNWEIGHTED = "every difference counts fully"


def tables(report):
    return {t.key: t for s in report.sections for t in tables_in(s.blocks)}


def section(report, key):
    return next(s for s in report.sections if s.key == key)


def titles(table):
    return [c.title for c in table.columns]


def ordinal(n=40):
    labels = [1 + i * i % 5 for i in range(n)]
    return wide("ordinal", a=labels, b=[min(5, v + i % 2) for i, v in enumerate(labels)], c=labels)


@pytest.mark.parametrize("coefficient", [c for c in COEFFICIENTS if c != "scott_pi"])
def test_classes_are_measured_by_the_coefficient_of_the_headline_which_is_named(coefficient):
    data = small()
    report = build_report(data, coefficient=coefficient)
    expected = class_agreement(data, coefficient=coefficient).to_frame()
    pd.testing.assert_frame_equal(tables(report)["classes"].rows, expected)
    assert f"{TITLES[coefficient]} (95% interval)" in titles(tables(report)["classes"])
    assert f"{TITLES[coefficient]}: the coefficient for the question" in section(report, "classes").how_to_read


def test_classes_fall_back_to_alpha_by_name_where_the_headline_is_undefined():
    report = build_report(small(), coefficient="scott_pi")
    assert report.headline.undefined_because
    assert "Krippendorff's alpha (95% interval)" in titles(tables(report)["classes"])
    assert tables(report)["classes"].rows["estimate"].notna().all()


def test_percent_agreement_of_rare_classes_is_explained():
    assert "rare class" in section(build_report(small(), coefficient="percent_agreement"), "classes").how_to_read
    assert "rare class" not in section(build_report(small()), "classes").how_to_read


@pytest.mark.parametrize(
    ("weights", "named", "pairs"), [(None, "ordinal weights, ", "ordinal"), ("identity", "", None)]
)
def test_annotators_are_said_to_be_kappa_with_its_weights(weights, named, pairs):
    data = ordinal()
    report = build_report(data, weights=weights)
    assert f"Kappa ({named}95% interval)" in titles(tables(report)["annotators"])
    assert f"Cohen's kappa ({named}95% interval)" in titles(tables(report)["annotator_pairs"])
    assert section(report, "annotators").lead.startswith("Kappa with the rest runs from")
    assert ("because rank weights differ from pair to pair" in section(report, "annotators").how_to_read) == bool(pairs)
    expected = annotator_agreement(data, weights=pairs or "identity").against_rest
    pd.testing.assert_frame_equal(tables(report)["annotators"].rows, expected)


def test_weighted_agreement_of_annotators_is_not_called_the_same_label():
    assert "Same label" in titles(tables(build_report(small()))["annotators"])
    assert "Observed agreement" in titles(tables(build_report(ordinal()))["annotators"])


def test_pairs_of_annotators_that_are_not_shown_have_a_reason():
    found = measure(small(), Options(coefficient="fleiss_kappa", weights=weights_of_level("nominal"), confidence=0.95))
    capped = replace(
        found.annotators, pairs=found.annotators.pairs.head(0), pairs_undefined_because="too many to count"
    )
    blocks = annotators.section(replace(found, annotators=capped)).blocks
    assert [b.text for b in blocks if isinstance(b, Prose)] == ["Pairs of annotators are not shown: too many to count."]


@pytest.mark.parametrize("key", ["classes", "confusions"])
def test_tables_that_leave_the_weights_aside_say_so(key):
    assert UNWEIGHTED in section(build_report(ordinal()), key).how_to_read
    assert UNWEIGHTED in section(build_report(small(), weights="linear"), key).how_to_read
    assert UNWEIGHTED not in section(build_report(small()), key).how_to_read


def test_rounds_name_their_coefficient_and_hold_the_library_numbers():
    data = small(rounds=3)
    table = tables(build_report(data, coefficient="gwet_ac", weights="linear", confidence=0.9))["rounds"]
    assert "Gwet's AC (linear weights, 90% interval)" in titles(table)
    expected = agreement_by(data, "round", coefficient="gwet_ac", weights="linear", confidence=0.9).to_frame()
    pd.testing.assert_frame_equal(table.rows.drop(columns="round"), expected.drop(columns="group"))
    assert table.rows["round"].tolist() == [1, 2, 3]


def test_no_column_is_called_agreement_without_saying_which():
    for report in (build_report(small(rounds=2)), build_report(ordinal(), coefficient="gwet_ac")):
        for table in tables(report).values():
            assert not [t for t in titles(table) if t.startswith("Agreement")]


def test_percent_agreement_is_not_explained_as_corrected_for_luck():
    text = section(build_report(small(), coefficient="percent_agreement"), "agreement").how_to_read
    assert text.startswith("Percent agreement runs from 0 to 1 and takes nothing off for luck.")


def test_high_percent_agreement_is_no_reason_to_keep_the_instruction():
    labels = ["no"] * 97 + ["yes"] * 3
    data = wide(a=labels, b=["no"] * 98 + ["yes", "no"])
    steps = build_report(data, coefficient="percent_agreement").headline.next_steps
    assert not [s for s in steps if s.startswith("Keep the instruction")]
    assert steps[0].startswith("Write down in one sentence what tells")


def test_one_number_of_annotators_throughout_a_report():
    frame = long_frame().assign(dan=None).pivot(index="item", columns="annotator", values="label")
    data = Annotations.from_wide(frame.assign(dan=None))
    report = build_report(data)
    counts = {
        dict(report.headline.facts)["annotators"],
        str(tables(report)["coefficients"].rows["n_annotators"].iloc[0]),
        str(len(tables(report)["annotators"].rows)),
    }
    assert counts == {"3"}


def test_readers_never_see_an_interval_that_reaches_below_minus_one():
    data = wide(a=["x", "x", "y", "y"], b=["x", "x", "y", "x"])
    report = build_report(data)
    assert report.headline.low < -1
    assert "interval -1.00 to 1.00" in report.headline.statement
    page = re.sub(r"<style>.*?</style>|<[^>]+>", " ", report.to_html(), flags=re.DOTALL)
    for view in (report.to_text(), report.to_markdown(), page):
        assert "-1.00" in view.replace("\\", "")
        assert not re.search(r"-1\.(?!0+\b)\d|-[2-9]\.\d", view)
    assert json.loads(report.to_json())["headline"]["low"] == report.headline.low


def test_an_estimate_below_minus_one_keeps_its_interval_around_it():
    assert shown_low(-1.4, 0.2) == -1.0
    assert shown_low(-0.4, 0.2) == -0.4
    assert shown_low(-2.5, -2.0) == -2.0  # Brennan-Prediger with weights can be that low


def test_terminal_scale_ends_at_minus_one():
    text = build_report(wide(a=["x", "x", "y", "y"], b=["x", "x", "y", "x"])).to_text()
    assert "\n-1 ━" in text
    assert ".667 .8\n" in text


def test_notes_of_reading_come_first_under_a_heading_in_every_view():
    data = Annotations.from_wide(pd.DataFrame({"a": ["Spam", "ham"] * 20, "b": ["spam", "ham"] * 20}))
    note = data.read_log.notes[0]
    report = build_report(data)
    first = section(report, "reading").blocks[0]
    assert isinstance(first, Points)
    assert first.title == "Please check"
    assert first.items[0] == note[0].upper() + note[1:]
    for view in (report.to_text(), report.to_markdown(), report.to_html()):
        assert "Please check" in view


def test_a_part_is_said_to_be_a_part():
    data = small(rounds=2)
    lead = section(build_report(data.where(round=1)), "reading").lead
    assert lead.endswith("228 labels used, none set aside. This report is about 114 of these labels.")
    assert section(build_report(data), "reading").lead.endswith("about 114 of these labels (the latest round).")
    assert "of these labels" not in section(build_report(small()), "reading").lead
    assert "(114 of 228 labels)" in build_report(data.where(round=1)).to_text(width=120)


def test_the_seed_is_recorded_and_changes_nothing_else(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    one, two = (json.loads(build_report(small(), seed=s).to_json()) for s in (1, 2))
    assert (one["run"].pop("seed"), two["run"].pop("seed")) == (1, 2)
    assert one == two
    assert "It changes no number" in (build_report.__doc__ or "")
