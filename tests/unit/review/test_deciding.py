"""Decisions that a rule can rest on."""

from __future__ import annotations

import pytest

from labelqa import review
from labelqa.errors import ParameterError
from tests.unit.review.test_contested import contested


def test_slips_come_last_and_else_the_latest_first(quick):
    first, slip, last, *_ = sorted(contested(quick))
    review.decide(quick, first, ["refund"], "guideline_gap", actor="rae")
    review.decide(quick, slip, ["refund"], "slip", actor="rae")
    review.decide(quick, last, ["refund"], "guideline_gap", actor="rae")
    found = review.decisions_between(quick, ["billing", "refund"], actor="rae")
    assert [d.item for d in found] == [last, first, slip]


def test_only_items_that_were_given_all_of_the_classes_count(quick):
    item = min(contested(quick))
    review.decide(quick, item, ["refund"], "guideline_gap", actor="rae")
    assert review.decisions_between(quick, ["billing", "bug"], actor="rae") == []
    assert [d.item for d in review.decisions_between(quick, ["refund"], actor="rae")] == [item]


def test_a_decision_that_names_the_classes_counts_whatever_people_said(quick):
    item = min(contested(quick))
    review.decide(quick, item, ["refund", "bug"], "wrong_schema", actor="rae")
    assert [d.item for d in review.decisions_between(quick, ["bug", "refund"], actor="rae")] == [item]


def test_items_of_a_slice_alone_can_be_asked_for(quick):
    first, second, *_ = sorted(contested(quick))
    for item in (first, second):
        review.decide(quick, item, ["refund"], "guideline_gap", actor="rae")
    found = review.decisions_between(quick, ["billing", "refund"], actor="rae", among={second})
    assert [d.item for d in found] == [second]


def test_an_unknown_class_is_refused_with_those_there_are(quick):
    with pytest.raises(ParameterError, match="class 'x' is not one of the project"):
        review.decisions_between(quick, ["x"], actor="rae")
