"""Who labeled: names that may be one person, people who were not expected or are missing, and who shares no item."""

from __future__ import annotations

import pandas as pd
import pytest

import labelqa as lq


def labels_by(people: dict[str, range]) -> lq.Annotations:
    rows = [(f"t{i}", who, "x") for who, items in people.items() for i in items]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    return lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label")


def finding(annotations, code, **asked):
    found = [f for f in lq.validate_annotations(annotations, **asked).findings if f.code == code]
    return found[0] if found else None


def test_three_names_of_one_person_are_one_group():
    found = finding(labels_by({"Ann": range(4), "ann": range(4, 8), "ANN ": range(8, 12)}), "similar_annotators")
    assert found.count == 3
    assert "'Ann' and 'ann' and 'ANN '" in found.what
    assert {e.annotator for e in found.examples} == {"Ann", "ann", "ANN "}


def test_two_people_with_two_names_each_are_two_groups():
    people = {"Ann": range(4), "ann": range(4, 8), "Ben": range(4), "BEN": range(4, 8)}
    found = finding(labels_by(people), "similar_annotators")
    assert found.count == 4
    assert "'Ann' and 'ann', 'Ben' and 'BEN'" in found.what


def test_the_same_name_at_two_addresses_is_two_people_and_each_has_its_own_spellings():
    people = dict.fromkeys(["ann@x.org", "ANN@x.org", "ann@y.org", "Ann@y.org"], range(4))
    found = finding(labels_by(people), "similar_annotators")
    assert found.count == 4
    assert "'ann@x.org' and 'ANN@x.org', 'ann@y.org' and 'Ann@y.org'" in found.what
    assert finding(labels_by(dict.fromkeys(["ann@x.org", "ann@y.org"], range(4))), "similar_annotators") is None


def test_a_name_and_its_address_are_in_one_group_with_other_spellings():
    people = dict.fromkeys(["Lee, Ann", "Ann Lee", "ann lee"], range(4))
    found = finding(labels_by(people), "similar_annotators")
    assert "'Lee, Ann' and 'Ann Lee' and 'ann lee'" in found.what


def test_items_labeled_under_several_names_are_counted_once():
    people = {"Ann": range(10), "ann": range(5, 12), "ANN": range(8, 14)}
    assert "7 items have labels under several of them" in finding(labels_by(people), "similar_annotators").what
    apart = finding(labels_by({"Ann": range(5), "ann": range(5, 9)}), "similar_annotators")
    assert "labels under" not in apart.what


def test_numbered_names_are_people_of_their_own():
    assert finding(labels_by({"rater 1": range(5), "rater 2": range(5)}), "similar_annotators") is None


def test_a_slip_in_a_name_is_noted_where_chance_would_have_made_the_two_meet():
    even, odd = range(0, 40, 2), range(1, 40, 2)
    assert finding(labels_by({"catherine": even, "catherin": odd}), "annotator_slip").count == 2
    assert finding(labels_by({"catherine": range(40), "catherin": range(40)}), "annotator_slip") is None
    assert finding(labels_by({"catherine": range(2), "catherin": range(2, 4)}), "annotator_slip") is None


def test_unexpected_annotators_are_named_with_a_hint_and_the_rest_counted():
    found = finding(labels_by({"ann": range(4), "benn": range(4)}), "unexpected_annotator",
                    expect={"annotators": ["ann", "ben"]})  # fmt: skip
    assert found.severity == "error"
    assert "'benn' (did you mean 'ben'?)" in found.what
    many = {"ann": range(2), **{f"w{i:02}": range(2) for i in range(30)}}
    told = finding(labels_by(many), "unexpected_annotator", expect={"annotators": ["ann"]})
    assert told.count == 30
    assert told.what.endswith("and 25 more.")
    assert len(told.examples) == 20


def test_expected_annotators_without_a_label_are_named():
    found = finding(labels_by({"ann": range(4)}), "missing_annotator", expect={"annotators": ["ann", "ben"]})
    assert (found.severity, found.count) == ("warning", 1)
    assert "'ben'" in found.what


@pytest.mark.parametrize(("alone", "severity"), [(1, "note"), (5, "warning")])
def test_items_of_one_annotator_are_a_warning_only_where_they_are_many(alone: int, severity: str):
    found = finding(labels_by({"ann": range(20), "ben": range(alone, 20)}), "no_overlap")
    assert (found.severity, found.count) == (severity, alone)


def test_an_annotator_who_shares_no_item_is_named():
    found = finding(labels_by({"ann": range(5), "ben": range(5), "cem": range(5, 9)}), "annotator_apart")
    assert found.count == 1
    assert "'cem'" in found.what
