"""How annotators work, in words."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import labelqa as lq
from labelqa.aggregation.annotators.quality import NO_TIMES
from labelqa.annotations.table import Annotations
from labelqa.report import people as looked
from labelqa.report.answers.consensus import consensus_shown
from labelqa.report.build import build_report
from labelqa.report.people import People, look_at_people
from labelqa.report.sections import habits
from tests.unit.report.crowd import crowd
from tests.unit.report.data import long_frame, small


def found(data: Annotations):
    return habits.section(look_at_people(data, lq.consensus(data)))


def timed(data: Annotations) -> Annotations:
    """Return the same labels, each item an hour later than the one before."""
    frame = data.to_frame()
    frame["when"] = pd.Timestamp("2025-03-01") + pd.to_timedelta(frame["item"].str[1:].astype(int), unit="h")
    duration = "duration" if "duration" in frame else None
    names = {"item": "item", "annotator": "annotator", "label": "label"}
    return Annotations.from_frame(frame, **names, timestamp="when", duration=duration)


@pytest.fixture(scope="module")
def planted():
    return build_report(timed(crowd()))


def test_change_groups_and_hurry_are_named_in_words(planted):
    text = " ".join(planted.to_text().split())
    assert "Annotator 'c' labels otherwise since 2025-03-0" in text
    assert "two groups that read the definition differently" in text
    assert "the larger group says 'billing', the smaller says 'technical'" in text
    assert "the fastest is 'j'" in text
    assert "Ask whether 'j' has time to read the items" in text


def test_accuracy_is_told_once(planted):
    assert "is right least often" not in planted.to_text()


def test_numbers_are_one_click_away(planted):
    assert "How each annotator works" not in planted.to_text()
    page = planted.to_html()
    assert "<details><summary>The numbers of each annotator</summary>" in page
    assert "<details><summary>What divides the two groups</summary>" in page
    tables = json.loads(planted.to_json())["tables"]
    assert {row["annotator"] for row in tables["annotator_habits"]} == set("abcdefghij")
    assert tables["group_classes"][0]["school_1_says"] == "billing"
    assert len(tables["group_items"]) > 0


def test_nothing_is_said_to_stand_out_where_nothing_does():
    section = found(timed(crowd(drift=False, groups=False, seconds=False)))
    assert section.lead.startswith("Nothing stands out: nobody changed over time, ")
    assert section.lead.endswith("there are no groups that read the definition differently.")
    assert [type(b).__name__ for b in section.blocks] == ["Details"]


def test_times_that_hardly_differ_name_nobody():
    data = crowd(40, drift=False, groups=False)
    even = lq.Annotations.from_frame(
        data.to_frame().assign(duration=9.0), item="item", annotator="annotator", label="label", duration="duration"
    )
    text = " ".join(b.text for b in found(even).blocks if type(b).__name__ == "Prose")
    assert text.startswith("A label takes the middle annotator 9 seconds (median), and the others about as long.")
    assert text.endswith("Changes over time were not looked for: " + NO_TIMES + ".")


def test_large_data_is_left_out_with_the_reason(monkeypatch):
    monkeypatch.setattr(looked, "MANY_LABELS", 50)
    data = small()
    people = look_at_people(data, lq.consensus(data))
    assert people.quality is None
    section = habits.section(people)
    assert section.lead.startswith(f"How annotators work was not looked at: {len(data):,} labels in 3 classes")
    assert "at most 50 labels" in section.lead


def test_many_classes_count_too():
    n = 2_000
    wide = pd.DataFrame({"a": [f"c{i % 400}" for i in range(n)], "b": [f"c{i % 400}" for i in range(n)]})
    data = Annotations.from_wide(wide)
    assert look_at_people(data, lq.consensus(data, "majority")).quality is None


def test_items_labeled_again_are_compared_over_the_rounds():
    frame = long_frame(rounds=2)
    second = (frame["round"] == 2) & (frame["annotator"] == "ben")
    frame.loc[second, "label"] = frame.loc[second, "label"].map(
        {"billing": "technical", "technical": "account", "account": "billing"}
    )
    data = Annotations.from_frame(frame, item="item", annotator="annotator", label="label", round="round")
    text = " ".join(build_report(data).to_text(width=100).split())
    assert "Annotator 'ben' gave the same label again on 0% of 40 items" in text


def test_without_shared_items_and_times_there_is_no_section():
    lonely = Annotations.from_wide(pd.DataFrame({"ann": list("xyxy"), "ben": [None] * 4}))
    assert "habits" not in {s.key for s in build_report(lonely).sections}
    assert consensus_shown(lq.consensus(lonely), People()).more == ()


def test_the_section_is_the_same_whatever_the_seed_of_the_report():
    first, second = (json.loads(build_report(crowd(60), seed=seed).to_json()) for seed in (1, 2))
    assert first["tables"] == second["tables"]
    assert first["sections"] == second["sections"]
