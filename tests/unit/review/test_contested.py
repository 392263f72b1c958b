"""The queue of contested items."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import ParameterError
from labelqa.review.measured import measured
from labelqa.review.rounds import close_round
from tests.contracts.stores import open_fixed
from tests.unit.review import flow


def contested(project):
    return {i for i in flow.shown_items(project)[: flow.LABELED] if flow.first_label(i, "bo") != flow.truth(i)} - {
        f"t{k}" for k in range(flow.LABELED, flow.LABELED + flow.FRESH)
    }


def test_the_queue_holds_what_people_disagree_on_with_texts_and_labels(project):
    queue = review.review_queue(project, actor="rae")
    assert {e.item for e in queue.entries} == contested(project)
    assert (queue.round, queue.total, queue.undecided) == (1, len(queue.entries), len(queue.entries))
    for entry in queue.entries:
        assert entry.payload == {"text": f"text of {entry.item[1:]}"}
        assert sorted(o.label for o in entry.opinions) == ["billing", "refund"]
        assert entry.disagreement == 1
        assert entry.decision is None


def test_held_out_items_never_appear_before_their_release(project):
    assert not {e.item for e in review.review_queue(project, actor="lea").entries} & flow.held_out(project)
    review.release_held_out(project, actor="lea", reason="done")
    assert {e.item for e in review.review_queue(project, actor="lea").entries} & flow.held_out(project)


def test_who_said_what_is_hidden_until_the_item_is_decided(project):
    queue = review.review_queue(project, actor="rae")
    assert {o.who for e in queue.entries for o in e.opinions} == {"A", "B"}
    labels_of_a = {next(o.label for o in e.opinions if o.who == "A") for e in queue.entries}
    assert labels_of_a == {"billing", "refund"}  # A is another person on another item
    item = queue.entries[0].item
    made = review.decide(project, item, ["refund"], "slip", actor="rae")
    left = review.review_queue(project, actor="rae")
    assert item not in {e.item for e in left.entries}
    (entry,) = (e for e in review.review_queue(project, actor="rae", undecided=False).entries if e.item == item)
    assert entry.decision == made
    assert {(o.who, o.label) for o in entry.opinions} == {("ana", "refund"), ("bo", "billing")}
    assert left.undecided == queue.undecided - 1


def test_the_same_project_gives_the_same_queue():
    def queue():
        with open_fixed("memory:") as store:
            return review.review_queue(flow.start(store), actor="rae").to_dict()

    assert queue() == queue()


def test_pages_follow_each_other(project):
    whole = [e.item for e in review.review_queue(project, actor="rae").entries]
    assert whole == list(measured(project, 1, actor="rae").contested)
    pages = [review.review_queue(project, actor="rae", after=k, limit=3) for k in range(0, len(whole) + 3, 3)]
    assert [e.item for page in pages for e in page.entries] == whole
    assert {page.total for page in pages} == {len(whole)}
    assert pages[-1].entries == ()
    assert "3" in repr(pages[0])


def test_a_pair_keeps_the_items_between_its_classes(project):
    assert review.review_queue(project, actor="rae", pair=("refund", "billing")).total == len(contested(project))
    empty = review.review_queue(project, actor="rae", pair=("refund", "bug"))
    assert empty.total == 0
    assert len(empty.to_frame().columns) == 5
    for wrong in (("refund",), ("refund", "refund"), ("refund", "bux"), "refund"):
        with pytest.raises(ParameterError, match="pair"):
            review.review_queue(project, actor="rae", pair=wrong)


def test_the_last_closed_round_with_labels_is_shown_unless_another_is_named(project):
    flow.designed(project, {"fresh": 8})
    assert review.review_queue(project, actor="rae").round == 1
    close_round(project, 2, actor="lea", allow_missing=True)  # nobody labeled anything
    assert review.review_queue(project, actor="rae").round == 1
    with pytest.raises(ParameterError, match="no labels"):
        review.review_queue(project, 2, actor="rae")


def test_a_project_without_a_closed_round_has_an_empty_queue(memory):
    project = review.create_project("", "p", actor="lea", items=flow.new_items(), classes=flow.CLASSES, store=memory)
    queue = review.review_queue(project, actor="lea")
    assert (queue.round, queue.entries, queue.total) == (None, (), 0)
    assert "nothing to settle" in repr(queue)


@pytest.mark.parametrize("wrong", [{"after": -1}, {"limit": 0}, {"limit": True}, {"after": 1.5}])
def test_pages_that_are_none_are_refused(quick, wrong):
    with pytest.raises(ParameterError):
        review.review_queue(quick, actor="rae", **wrong)


def test_columns_that_hold_classes_are_not_among_what_is_shown(tmp_path: Path) -> None:
    rows = [
        (f"t{i}", who, ("bug", "wish")[(i + k) % 2], f"text {i}", "bug") for i in range(9) for k, who in enumerate("xy")
    ]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "text", "model"])
    with review.create_project(
        str(tmp_path / "p.db"), "p", actor="lea", annotations=lq.read_annotations(frame),
        settings=review.ProjectSettings(held_out=0),
    ) as project:  # fmt: skip
        entry = review.review_queue(project, actor="lea").entries[0]
    assert set(entry.payload) == {"text", "model"}
    assert set(entry.shown) == {"text"}
