"""Where a project stands, and what to do next."""

from __future__ import annotations

import math

import pytest

from labelqa import review
from labelqa.review.rounds import cancel_round, close_round
from labelqa.review.standing import Facts, next_action
from tests.unit.review import flow


def action(project):
    return review.progress(project, actor="rae").next


def test_the_whole_loop_is_walked_by_what_to_do_next(project):
    now = review.progress(project, actor="rae")
    assert (now.next.action, now.next.pair) == ("revise", ("billing", "refund"))
    assert (now.name, now.facts.n_items, now.facts.target) == ("tickets", flow.LABELED + flow.FRESH, 0.8)
    guideline = review.guideline_version(project).guideline
    review.save_draft(project, guideline, base=1, actor="rae")
    assert action(project).action == "publish"
    review.save_draft(project, guideline, base=1, actor="rae")
    flow.revised(project)
    assert action(project).action == "design_round"
    manifest = flow.designed(project, {"held_out": 8, "paired": 12, "fresh": 8, "control": 6})
    assert action(project).action == "label"
    assert "ana" in action(project).reason
    flow.labeled(project, manifest)
    assert action(project).action == "close_round"
    close_round(project, 2, actor="lea")
    assert action(project).action == "prove"
    review.prove(project, 1, 2, actor="lea")
    assert action(project).action != "prove"
    assert "next:" in repr(review.progress(project, actor="rae"))


def test_a_project_without_items_or_labels_begins_at_the_beginning(memory):
    project = review.create_project("", "p", actor="lea", classes=["x", "y"], store=memory)
    assert review.progress(project, actor="lea").next.action == "add_items"
    review.add_items(project, flow.new_items(), actor="lea")
    now = review.progress(project, actor="lea")
    assert now.next.action == "design_round"
    assert "not measured yet" in repr(now)
    assert now.to_frame().columns[0] == "round"
    assert now.to_dict()["facts"]["n_items"] == flow.FRESH


def test_a_round_closed_without_labels_does_not_stop_the_loop(project):
    flow.revised(project)
    flow.designed(project)
    assert close_round(project, 2, actor="lea", allow_missing=True) > 0
    now = review.progress(project, actor="rae")
    assert now.next.action == "design_round"
    assert now.facts.closed == (1,)
    assert now.to_frame()["state"].tolist() == ["closed", "closed"]


def test_a_cancelled_round_does_not_stop_the_loop(project):
    flow.revised(project)
    flow.labeled(project, flow.designed(project), people=("ana",))
    cancel_round(project, 2, actor="lea", reason="wrong items")
    assert action(project).action == "design_round"


def test_a_round_of_held_out_items_alone_is_not_measured_and_told_so(project):
    flow.revised(project)
    manifest = flow.designed(project, {"held_out": 8})
    flow.labeled(project, manifest)
    close_round(project, 2, actor="lea")
    now = review.progress(project, actor="rae")
    assert math.isnan(now.facts.estimate)
    assert now.next.action == "prove"
    review.prove(project, 1, 2, actor="lea")
    assert "cannot be measured" in action(project).reason
    assert "nan" not in repr(review.progress(project, actor="rae"))


def test_a_proof_made_while_the_round_was_open_does_not_count(project):
    flow.revised(project)
    manifest = flow.designed(project, {"held_out": 8, "paired": 10, "fresh": 8, "control": 6})
    flow.labeled(project, manifest)
    review.prove(project, 1, 2, actor="lea")
    close_round(project, 2, actor="lea")
    assert action(project).action == "prove"


def test_decided_items_are_counted_as_they_are_decided(project):
    before = review.progress(project, actor="rae").facts
    item = review.review_queue(project, actor="rae").entries[0].item
    made = review.decide(project, item, ["refund"], "slip", actor="rae")
    assert review.progress(project, actor="rae").facts.n_undecided == before.n_undecided - 1
    review.undo_decision(project, made.uuid, actor="rae")
    assert review.progress(project, actor="rae").facts == before


@pytest.mark.parametrize("target", [None, 0.8])
def test_no_reason_ever_says_nan(target):
    facts = Facts(n_items=9, closed=(1,), last_version=1, target=target)
    assert "nan" not in next_action(facts).reason


def test_a_reached_target_leads_to_gold():
    facts = Facts(n_items=9, closed=(1,), last_version=1, estimate=0.9, low=0.85, target=0.8, pairs=(("a", "b"),))
    assert (next_action(facts).action, next_action(facts).state) == ("export_gold", "reached")
    facts = Facts(n_items=9, closed=(1,), last_version=1, estimate=0.9, low=0.75, target=0.8, n_undecided=2)
    assert next_action(facts).action == "decide"
    facts = Facts(n_items=9, closed=(1,), last_version=1, estimate=0.9, low=0.75, target=0.8)
    assert next_action(facts).action == "design_round"
    facts = Facts(n_items=9, closed=(1,), last_version=1, estimate=0.9, low=0.75)
    assert next_action(facts).action == "export_gold"
