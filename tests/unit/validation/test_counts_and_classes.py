"""Numbers of labels an item, and sentences on classes that count what they do not name."""

from __future__ import annotations

import pandas as pd
import pytest

import labelqa as lq


def labels_of(rows, round=None):
    names = ["item", "annotator", "label", "round"]
    frame = pd.DataFrame(rows, columns=names[: len(rows[0])])
    return lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label", round=round)


def finding(annotations, code, **asked):
    found = [f for f in lq.validate_annotations(annotations, **asked).findings if f.code == code]
    return found[0] if found else None


ROWS = [("t1", "a", "x"), ("t1", "b", "x"), ("t2", "a", "x"), ("t3", "a", "x"), ("t3", "b", "x"), ("t3", "c", "x")]


def test_items_with_fewer_or_more_labels_than_expected_are_errors_with_their_number():
    few = finding(labels_of(ROWS), "too_few_labels", expect={"labels_per_item": 2})
    many = finding(labels_of(ROWS), "too_many_labels", expect={"labels_per_item": 2})
    assert (few.severity, few.count, few.what) == ("error", 1, "1 item with fewer than 2 labels.")
    assert [(e.item, e.value) for e in few.examples] == [("t2", "1 label")]
    assert (many.count, many.what) == (1, "1 item with more than 2 labels.")
    assert [(e.item, e.value) for e in many.examples] == [("t3", "3 labels")]


def test_a_range_of_labels_an_item_allows_both_ends():
    checked = lq.validate_annotations(labels_of(ROWS), expect={"labels_per_item": [1, 3]})
    assert not {"too_few_labels", "too_many_labels"} & {f.code for f in checked.findings}


def test_labels_are_counted_in_each_round():
    rows = [("t1", "a", "x", 1), ("t1", "b", "x", 1), ("t1", "a", "x", 2)]
    found = finding(labels_of(rows, round="round"), "too_few_labels", expect={"labels_per_item": 2})
    assert (found.count, found.what) == (1, "1 item with fewer than 2 labels in a round.")


@pytest.mark.parametrize("n", [3, 5, 6, 40])
def test_unexpected_classes_that_are_not_named_are_counted(n: int):
    rows = [(f"t{i}", "a", f"k{i:02}") for i in range(n)] + [("t", "a", "more")]
    found = finding(labels_of(rows), "unexpected_class", expect={"classes": ["other"]})
    named = found.what.count("'k") + found.what.count("'more'")
    assert named == min(n + 1, 5)
    more = f" and {n + 1 - 5} more." if n + 1 > 5 else "."
    assert found.what.endswith(more)
    assert " more and " not in found.what
    assert len(found.examples) == min(n + 1, 20)


def test_the_most_used_unexpected_classes_are_named_first():
    rows = [(f"t{i}", "a", "rare") for i in range(1)] + [(f"u{i}", "a", "often") for i in range(5)]
    found = finding(labels_of(rows), "unexpected_class", expect={"classes": ["x"]})
    assert found.what.startswith("6 labels of 2 classes that should not occur: 'often'")
    assert found.count == 6


def test_expected_classes_that_nobody_used_are_a_note():
    found = finding(labels_of(ROWS), "unused_class", expect={"classes": ["x", "y"]})
    assert (found.severity, found.count) == ("note", 1)


def test_a_rare_class_one_letter_off_a_frequent_one_is_a_slip():
    rows = [(f"t{i}", "a", "billing") for i in range(40)] + [("s", "a", "biling")]
    found = finding(labels_of(rows), "class_slip")
    assert (found.severity, found.count) == ("note", 1)
    assert "'billing' and 'biling'" in found.what
