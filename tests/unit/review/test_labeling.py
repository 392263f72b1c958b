"""Labeling blind."""

from __future__ import annotations

import math

import pytest

from labelqa import review
from labelqa.errors import NotAllowedError, ParameterError, StoreError
from labelqa.review.rounds import cancel_round, close_round, manifest_of
from tests.unit.review import flow


@pytest.fixture
def manifest(project):
    return flow.designed(project, {"fresh": 8, "paired": 10})


def test_an_annotator_is_asked_one_item_after_the_other_until_none_is_left(project, manifest):
    assert review.open_rounds(project, actor="ana") == (2,)
    assert review.open_rounds(project, actor="rae") == ()
    asked = []
    while (task := review.next_task(project, 2, actor="ana")) is not None:
        assert (task.done, task.total, task.round) == (len(asked), len(manifest.plan.of_annotator("ana")), 2)
        asked.append(task.assignment)
        review.save_label(project, 2, task.assignment, "bug", actor="ana", seconds=1.5)
    assert asked == [a.id for a in manifest.plan.of_annotator("ana")]
    assert review.own_labels(project, 2, actor="ana") == dict.fromkeys(asked, "bug")
    assert review.own_labels(project, 2, actor="bo") == {}


def test_a_task_shows_the_wanted_columns_the_classes_and_the_guideline_of_the_round(project, manifest):
    flow.revised(project)  # the open round goes on under the version it began with
    task = review.next_task(project, 2, actor="ana")
    assert set(task.shown) == {"text"}
    assert task.classes == flow.CLASSES
    assert (task.guideline_version, task.guideline) == (1, review.guideline_version(project, 1).guideline)


def test_a_label_is_stamped_with_the_version_seen(project, manifest):
    flow.revised(project)
    a = manifest.plan.of_annotator("ana")[0]
    stored = review.save_label(project, 2, a.id, "bug", actor="ana", seconds=0)
    assert (stored.guideline_version, stored.label, stored.assignment, stored.round) == (1, "bug", a.id, 2)
    assert not {"item", "annotator", "supersedes"} & set(dir(stored))  # the item would tell held-out ones and repeats
    with project.store.read() as reader:
        kept = reader.label(project.id, stored.uuid)
    assert (kept.item, kept.seconds, kept.created_utc) == (a.item, 0, stored.created_utc)


def test_a_label_given_again_corrects_and_the_first_stays_in_the_log(project, manifest):
    a = manifest.plan.of_annotator("ana")[0]
    first = review.save_label(project, 2, a.id, "bug", actor="ana")
    again = review.save_label(project, 2, a.id, "refund", actor="ana")
    with project.store.read() as reader:
        assert reader.label(project.id, again.uuid).supersedes == first.uuid
    assert review.own_labels(project, 2, actor="ana") == {a.id: "refund"}
    assert review.task_of(project, 2, a.id, actor="ana").done == 1
    with project.store.read() as reader:
        assert len(reader.labels(project.id, round=2, superseded=True)) == 2


def test_a_label_sent_twice_is_stored_once_even_when_the_round_is_closed(project, manifest):
    a = manifest.plan.of_annotator("ana")[0]
    first = review.save_label(project, 2, a.id, "bug", actor="ana", uuid="mine")
    assert review.save_label(project, 2, a.id, "bug", actor="ana", uuid="mine") == first
    with pytest.raises(StoreError, match="other content"):
        review.save_label(project, 2, a.id, "refund", actor="ana", uuid="mine")
    review.save_label(project, 2, a.id, "refund", actor="ana")
    close_round(project, 2, actor="lea", allow_missing=True)
    assert review.save_label(project, 2, a.id, "bug", actor="ana", uuid="mine") == first
    assert review.own_labels(project, 2, actor="ana") == {a.id: "refund"}


def test_the_assignments_of_others_and_those_of_nobody_are_refused_alike(project, manifest):
    theirs = manifest.plan.of_annotator("bo")[0].id
    told = []
    for wrong in (theirs, "nonsense"):
        for ask in (
            lambda wrong=wrong: review.save_label(project, 2, wrong, "bug", actor="ana"),
            lambda wrong=wrong: review.task_of(project, 2, wrong, actor="ana"),
        ):
            with pytest.raises(NotAllowedError) as error:
                ask()
            told.append(str(error.value).replace(wrong, "X"))
    assert len(set(told)) == 1
    assert "bo" not in told[0].split()


def test_who_has_no_part_in_a_round_is_not_told_who_has(project, manifest):
    review.put_person(project, "cy", "annotator", actor="lea")
    with pytest.raises(NotAllowedError) as told:
        review.next_task(project, 2, actor="cy")
    assert "ana" not in str(told.value)
    assert "bo" not in str(told.value).replace("label", "")


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf, "long", True])
def test_impossible_labels_and_times_are_refused_together(quick, seconds):
    a = flow.designed(quick, {"fresh": 8}).plan.of_annotator("ana")[0]
    with pytest.raises(ParameterError) as told:
        review.save_label(quick, 2, a.id, "bux", actor="ana", seconds=seconds)
    assert "did you mean 'bug'" in str(told.value)
    assert "no time" in str(told.value)


def test_rounds_that_are_not_open_take_no_labels(project, manifest):
    a = manifest.plan.of_annotator("ana")[0]
    cancel_round(project, 2, actor="lea", reason="wrong items")
    for ask in (
        lambda: review.save_label(project, 2, a.id, "bug", actor="ana"),
        lambda: review.next_task(project, 2, actor="ana"),
    ):
        with pytest.raises(ParameterError, match="cancelled"):
            ask()
    with pytest.raises(ParameterError, match="no round 9"):
        review.next_task(project, 9, actor="ana")
    assert review.open_rounds(project, actor="ana") == ()


def test_hidden_repeats_look_like_all_others(project, manifest):
    repeats = {a.id for a in manifest_of(project, 2, actor="lea").plan.assignments if a.repeat_of}
    assert repeats
    tasks = [review.task_of(project, 2, a.id, actor="ana") for a in manifest.plan.of_annotator("ana")]
    assert {tuple(sorted(t.shown)) for t in tasks} == {("text",)}
    assert len({len(t.assignment) for t in tasks}) == 1
