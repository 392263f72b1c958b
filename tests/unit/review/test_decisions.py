"""Decisions: appended, idempotent, superseding, undone."""

from __future__ import annotations

import math
import threading

import pytest

from labelqa import review
from labelqa.errors import ConflictError, NotAllowedError, ParameterError, StoreError
from tests.contracts.stores import open_fixed
from tests.unit.review import flow


@pytest.fixture
def item(project):
    return flow.shown_items(project)[0]


def test_a_decision_holds_who_when_what_and_why(project, item):
    made = review.decide(
        project, item, ["bug", "refund"], "genuine_disagreement", actor="rae", rule_id="R1", confidence=0.5, note="n"
    )
    assert (made.item, made.labels, made.cause, made.actor) == (item, ("bug", "refund"), "genuine_disagreement", "rae")
    assert (made.rule_id, made.confidence, made.note, made.guideline_version) == ("R1", 0.5, "n", 1)
    assert made.created_utc.startswith("2026-01-01T")
    assert review.decision_of(project, item, actor="rae") == made
    assert review.decision_history(project, item, actor="rae") == [made]
    assert review.decisions_in_force(project, actor="rae") == {item: made}
    assert flow.events(project, "decided")[-1].detail["decision"] == made.uuid


def test_one_label_needs_no_list(project, item):
    assert review.decide(project, item, "bug", "slip", actor="rae").labels == ("bug",)


def test_a_decision_sent_twice_is_stored_once_whatever_happened_since(project, item):
    def send():
        return review.decide(project, item, ["bug"], "slip", actor="rae", uuid="mine")

    first = send()
    assert send() == first
    review.decide(project, item, ["refund"], "slip", actor="lea", supersedes="mine", uuid="later")
    assert send() == first
    review.undo_decision(project, "later", actor="lea")
    review.undo_decision(project, "mine", actor="lea")
    flow.revised(project)
    assert send() == first
    assert review.decision_of(project, item, actor="rae") is None
    assert len(review.decision_history(project, item, actor="rae")) == 4
    assert len(flow.events(project, "decided")) == 2


def test_an_undoing_sent_twice_is_stored_once(project, item):
    made = review.decide(project, item, ["bug"], "slip", actor="rae")
    first = review.undo_decision(project, made.uuid, actor="rae", uuid="u")
    assert review.undo_decision(project, made.uuid, actor="rae", uuid="u") == first
    assert len(flow.events(project, "decision_undone")) == 1


def test_the_same_uuid_with_other_content_is_refused(project, item):
    review.decide(project, item, ["bug"], "slip", actor="rae", uuid="mine")
    with pytest.raises(StoreError, match="other content"):
        review.decide(project, item, ["refund"], "slip", actor="rae", uuid="mine")
    assert review.decision_of(project, item, actor="rae").labels == ("bug",)


def test_a_second_decision_is_a_conflict_that_says_what_is_in_force(project, item):
    review.decide(project, item, ["bug"], "slip", actor="rae", uuid="mine")
    with pytest.raises(ConflictError, match=r"settled by 'rae'.*bug.*supersedes='mine'") as told:
        review.decide(project, item, ["refund"], "slip", actor="lea")
    assert told.value.problem.value == "mine"
    review.decide(project, item, ["refund"], "slip", actor="lea", supersedes="mine")
    with pytest.raises(ConflictError):
        review.decide(project, item, ["bug"], "slip", actor="rae", supersedes="mine")
    with pytest.raises(ConflictError):
        review.undo_decision(project, "mine", actor="rae")
    assert len(review.decision_history(project, item, actor="rae")) == 2


def test_undoing_brings_back_what_was_superseded(project, item):
    first = review.decide(project, item, ["bug"], "slip", actor="rae")
    second = review.decide(project, item, ["refund"], "slip", actor="lea", supersedes=first.uuid)
    review.undo_decision(project, second.uuid, actor="rae", note="wrong")
    assert review.decision_of(project, item, actor="rae") == first
    with pytest.raises(ConflictError):
        review.undo_decision(project, second.uuid, actor="rae")


def test_what_is_no_decision_cannot_be_undone(project, item):
    made = review.decide(project, item, ["bug"], "slip", actor="rae")
    undone = review.undo_decision(project, made.uuid, actor="rae")
    for wrong in ("nothing", undone.uuid):
        with pytest.raises(ParameterError, match="no decision"):
            review.undo_decision(project, wrong, actor="rae")


def test_all_that_is_wrong_is_listed_and_nothing_stored(project, item):
    with pytest.raises(ParameterError) as told:
        review.decide(project, item, ["bux", "bux"], "slipp", actor="rae", rule_id="R77", confidence=2)
    text = str(told.value)
    for words in ("twice", "did you mean 'bug'", "did you mean 'slip'", "no rule 'R77'", "confidence=2"):
        assert words in text
    for wrong in (math.nan, -0.1, True, "high"):
        with pytest.raises(ParameterError, match="confidence"):
            review.decide(project, item, ["bug"], "slip", actor="rae", confidence=wrong)
    with pytest.raises(ParameterError, match="empty"):
        review.decide(project, item, [], "slip", actor="rae")
    with pytest.raises(ParameterError, match="no item"):
        review.decide(project, "nowhere", ["bug"], "slip", actor="rae")
    assert review.decisions_in_force(project, actor="rae") == {}


def test_held_out_items_cannot_be_decided_before_they_are_released(project):
    item = sorted(flow.held_out(project))[0]
    with pytest.raises(NotAllowedError, match="held out"):
        review.decide(project, item, ["bug"], "slip", actor="lea")
    review.release_held_out(project, actor="lea", reason="done")
    assert review.decide(project, item, ["bug"], "slip", actor="lea").item == item


def test_of_many_deciding_at_once_one_wins_and_the_others_are_told(tmp_path):
    with open_fixed(tmp_path / "p.db") as store:
        project = flow.start(store)
        item = flow.shown_items(project)[0]
        wins, conflicts = [], []

        def decide(at):
            try:
                wins.append(review.decide(project, item, [flow.CLASSES[at % 3]], "slip", actor="lea", uuid=f"d{at}"))
            except ConflictError as error:
                conflicts.append(error)

        threads = [threading.Thread(target=decide, args=(at,)) for at in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(wins) == 1
        assert len(conflicts) == 7
        assert review.decision_history(project, item, actor="lea") == wins
