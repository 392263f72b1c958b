"""Where a project stands, and what to do next."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import ParameterError
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


def test_a_round_above_the_target_that_the_proof_does_not_settle_is_explained_without_contradiction():
    facts = Facts(
        n_items=9, closed=(1, 2), last_version=1, estimate=1.0, low=1.0, target=0.8, proved=True, reached=False
    )
    found = next_action(facts)
    assert found.action == "design_round"
    assert "not shown to be above" not in found.reason
    assert "allows for several looks, has not reached 0.80" in found.reason


def ordinal_project(memory):
    rows = [
        (f"i{k}", who, min(4, 1 + k % 4 + (who == "bo" and k % 3 == 0))) for k in range(40) for who in ("ana", "bo")
    ]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    labels = lq.Annotations.from_frame(
        frame, item="item", annotator="annotator", label="label", level="ordinal", classes=[1, 2, 3, 4]
    )
    settings = review.ProjectSettings(held_out=0, target=0.5)
    return review.create_project("", "grades", actor="rae", annotations=labels, settings=settings, store=memory), labels


def test_agreement_is_measured_with_the_weights_of_the_level_and_says_so(memory):
    project, labels = ordinal_project(memory)
    now = review.progress(project, actor="rae")
    assert now.facts.estimate == pytest.approx(lq.agreement(labels, weights="rank").estimate)
    assert abs(now.facts.estimate - lq.agreement(labels).estimate) > 0.01
    assert "(ordinal weights), target" in now.summary()[1]
    reasons = Facts(n_items=9, closed=(1,), estimate=0.6, low=0.5, target=0.9, weights="ordinal weights")
    assert "is 0.60 with ordinal weights" in next_action(reasons).reason


def test_a_proof_that_counts_every_difference_alike_does_not_settle_an_ordinal_target(memory):
    project, _ = ordinal_project(memory)
    for who in ("ana", "bo"):
        review.put_person(project, who, "annotator", actor="rae")
    frame = pd.DataFrame({"item": [f"n{k}" for k in range(30)], "text": [f"text {k}" for k in range(30)]})
    review.add_items(project, frame, actor="rae")
    manifest = review.design_round(project, ["ana", "bo"], {"fresh": 30}, actor="rae")
    flow.labeled(project, manifest, say=lambda item, who: str(1 + int(item[1:]) % 4))
    close_round(project, 2, actor="rae")
    proof = review.prove(project, 1, 2, actor="rae")
    assert proof.level == "ordinal"
    assert "counts every difference alike (nominal), its target too" in proof.cautions[0]
    assert "(Every difference counts alike here.)" in proof.to_text()
    assert review.progress(project, actor="rae").facts.reached is None


def test_every_closed_round_has_its_agreement_and_cancelled_ones_are_never_advised(quick):
    for number in (2, 3, 4):
        flow.labeled(quick, flow.designed(quick, {"paired": 8}))
        if number == 3:
            cancel_round(quick, 3, actor="lea", reason="wrong items")
        else:
            close_round(quick, number, actor="lea")
    table = review.progress(quick, actor="rae").to_frame().set_index("round")
    assert table["estimate"].notna().tolist() == [True, True, False, True]
    for wrong in ((1, 3), (1, 9)):
        with pytest.raises(ParameterError) as error:
            review.prove(quick, *wrong, actor="rae")
        assert error.value.problems[0].allowed == ("1", "2", "4")
