"""What a round will be able to show, planned before it is designed."""

from __future__ import annotations

import math

import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import NotAllowedError, ParameterError
from labelqa.reliability.planning.plan import plan_agreement_study
from labelqa.reliability.planning.rates import AssumedRates
from labelqa.review.measured import measured
from tests.unit.review import flow

SHARES = (0.4, 0.3, 0.2, 0.1)


def baseline(level="nominal", agreement=0.6):
    return review.RoundBaseline(agreement=agreement, class_shares=SHARES, level=level)


def planned(weights, goal=0.8):
    rates = AssumedRates(agreement=0.6, class_shares=SHARES)
    return plan_agreement_study(rates, change=goal - 0.6, weights=weights).n_items


def test_the_baseline_is_alpha_and_shares_of_the_last_closed_round(quick):
    found = review.round_baseline(quick, actor="rae")
    assert found.agreement == measured(quick, 1, actor="rae").estimate
    assert found.level == "nominal"
    assert math.isclose(sum(found.class_shares), 1)
    assert len(found.class_shares) == len(flow.CLASSES)


def test_the_baseline_has_the_level_of_the_project_and_its_alpha(memory):
    frame = flow.first_labels().to_frame()[["item", "annotator", "label"]]
    ranked = lq.Annotations.from_frame(
        frame, item="item", annotator="annotator", label="label", classes=flow.CLASSES, level="ordinal"
    )
    project = review.create_project("", "ranked", actor="lea", annotations=ranked, store=memory)
    found = review.round_baseline(project, actor="lea")
    seen = review.visible_annotations(project, "rules", actor="lea")
    assert found.level == "ordinal"
    assert math.isclose(found.agreement, lq.agreement(seen, weights="rank").estimate)
    assert not math.isclose(found.agreement, lq.agreement(seen).estimate)


def test_without_a_closed_round_there_is_no_baseline(memory):
    project = review.create_project("", "new", actor="lea", items=flow.new_items(), classes=["x", "y"], store=memory)
    assert review.round_baseline(project, actor="lea") is None


def test_annotators_get_no_baseline(quick):
    with pytest.raises(NotAllowedError):
        review.round_baseline(quick, actor="ana")


def test_a_nominal_plan_is_that_of_the_planner():
    assert review.plan_improvement(baseline(), 0.8).n_items == planned("identity")


@pytest.mark.parametrize(("level", "weights"), [("ordinal", "rank"), ("interval", "interval")])
def test_another_level_is_planned_for_with_its_weights_and_nominal_and_the_larger_number_counts(level, weights):
    own, nominal = planned(weights), planned("identity")
    assert own != nominal
    assert review.plan_improvement(baseline(level), 0.8).n_items == max(own, nominal)


def test_no_change_cannot_be_planned_for():
    with pytest.raises(ParameterError):
        review.plan_improvement(baseline(), 0.6)


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
@pytest.mark.parametrize("n_items", [40, 120, 400])
def test_the_detectable_agreement_is_the_smallest_that_the_items_suffice_for(level, n_items):
    found = review.detectable_agreement(baseline(level), n_items)
    if found is None:
        assert review.plan_improvement(baseline(level), 0.99).n_items > n_items
        return
    assert review.plan_improvement(baseline(level), found).n_items <= n_items
    assert review.plan_improvement(baseline(level), found - 0.01).n_items > n_items


def test_where_nothing_can_be_seen_no_agreement_is_named():
    assert review.detectable_agreement(baseline(), 3) is None
    assert review.detectable_agreement(baseline(agreement=0.99), 1_000) is None
