"""What is in force, from a log that is only appended to."""

from __future__ import annotations

import random

import pytest

from labelqa.review.ledger import current_decisions
from labelqa.store.records import DecisionRecord


def said(uuid, label="bug", supersedes=None, kind="decide", item="t"):
    return DecisionRecord(
        project_id="p", uuid=uuid, item=item, kind=kind, labels=(label,), actor="lea", supersedes=supersedes
    )


def in_force(*log):
    found = current_decisions(log).get("t")
    return None if found is None else found.uuid


def test_the_last_decision_is_in_force():
    assert in_force() is None
    assert in_force(said("1")) == "1"
    assert in_force(said("1"), said("2", supersedes="1")) == "2"


def test_undoing_brings_back_what_was_superseded():
    log = [said("1"), said("2", supersedes="1"), said("u2", kind="undo", supersedes="2")]
    assert in_force(*log) == "1"
    assert in_force(*log, said("3", supersedes="1")) == "3"
    assert in_force(*log, said("u1", kind="undo", supersedes="1")) is None
    assert in_force(*log, said("u1", kind="undo", supersedes="1"), said("4")) == "4"


def test_items_do_not_touch_each_other():
    log = [said("1"), said("2", item="s"), said("u", kind="undo", supersedes="2", item="s")]
    assert current_decisions(log) == {"t": log[0]}


@pytest.mark.parametrize("seed", range(20))
def test_any_row_of_decisions_and_undoings_acts_like_a_stack(seed):
    rng, log, stack = random.Random(seed), [], []
    for at in range(40):
        if stack and rng.random() < 0.4:
            log.append(said(f"u{at}", kind="undo", supersedes=stack.pop()))
        else:
            log.append(said(f"{at}", supersedes=stack[-1] if stack else None))
            stack.append(f"{at}")
        assert in_force(*log) == (stack[-1] if stack else None)
