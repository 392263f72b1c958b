"""People, their roles, and what each may do."""

from __future__ import annotations

import pytest

from labelqa import review
from labelqa.errors import NotAllowedError, ParameterError
from labelqa.review.measured import measured
from labelqa.review.rounds import manifest_of
from tests.unit.review import flow

MAY_NOT = {  # what a reviewer may not, and an annotator neither
    "put_person": lambda p, who: review.put_person(p, "new", "annotator", actor=who),
    "add_items": lambda p, who: review.add_items(p, flow.new_items(), actor=who),
    "design_round": lambda p, who: flow.designed(p) if who == "lea" else review.design_round(p, [], {}, actor=who),
    "close_round": lambda p, who: review.close_round(p, 1, actor=who),
    "cancel_round": lambda p, who: review.cancel_round(p, 1, actor=who, reason=""),
    "export_round": lambda p, who: review.export_round(p, 1, "nowhere", actor=who),
    "import_labels": lambda p, who: review.import_labels(p, 1, "nowhere", actor=who),
    "manifest_of": lambda p, who: manifest_of(p, 1, actor=who),
    "export_gold": lambda p, who: review.export_gold(p, actor=who),
    "release_held_out": lambda p, who: review.release_held_out(p, actor=who, reason=""),
    "publish_guideline": lambda p, who: review.publish_guideline(
        p, review.guideline_version(p).guideline, base=1, actor=who, reason="r"
    ),
    "restore_guideline": lambda p, who: review.restore_guideline(p, 1, actor=who, reason="r"),
    "visible_annotations for gold": lambda p, who: review.visible_annotations(p, "gold", actor=who),
}
REVIEWERS_MAY = {
    "progress": lambda p, who: review.progress(p, actor=who),
    "measured": lambda p, who: measured(p, 1, actor=who),
    "review_queue": lambda p, who: review.review_queue(p, actor=who),
    "self_consistency": lambda p, who: review.self_consistency(p, 1, actor=who),
    "visible_annotations": lambda p, who: review.visible_annotations(p, "rules", actor=who),
    "visible_annotations for proof": lambda p, who: review.visible_annotations(p, "proof", actor=who),
    "save_draft": lambda p, who: review.save_draft(p, review.guideline_version(p).guideline, base=1, actor=who),
    "draft_of": lambda p, who: review.draft_of(p, actor=who),
    "decide": lambda p, who: review.decide(p, flow.shown_items(p)[0], "bug", "slip", actor=who),
    "decision_of": lambda p, who: review.decision_of(p, "t0", actor=who),
    "decision_history": lambda p, who: review.decision_history(p, "t0", actor=who),
    "decisions_in_force": lambda p, who: review.decisions_in_force(p, actor=who),
}


@pytest.mark.parametrize("what", MAY_NOT)
@pytest.mark.parametrize("who", ["rae", "ana", "nobody"])
def test_only_a_lead_may_and_nothing_is_stored(quick, what, who):
    before = flow.events(quick)
    with pytest.raises(NotAllowedError, match="may not"):
        MAY_NOT[what](quick, who)
    assert flow.events(quick) == before


@pytest.mark.parametrize("what", REVIEWERS_MAY)
def test_reviewers_may_and_annotators_may_not(quick, what):
    for who in ("ana", "nobody", ""):
        with pytest.raises(NotAllowedError):
            REVIEWERS_MAY[what](quick, who)
    REVIEWERS_MAY[what](quick, "rae")


def test_who_makes_a_project_is_its_lead_and_who_labeled_is_an_annotator(project):
    assert review.people_of(project) == {"ana": "annotator", "bo": "annotator", "lea": "lead", "rae": "reviewer"}
    assert review.role_of(project, "lea") == "lead"
    assert review.role_of(project, "nobody") is None


def test_a_role_that_changes_is_told_in_the_log(project):
    review.put_person(project, "ana", "reviewer", actor="lea")
    assert review.role_of(project, "ana") == "reviewer"
    told = flow.events(project, "person_put")[-1]
    assert (told.actor, told.detail) == ("lea", {"name": "ana", "role": "reviewer", "role_before": "annotator"})


def test_the_last_lead_stays_lead(project):
    with pytest.raises(ParameterError, match="only lead"):
        review.put_person(project, "lea", "annotator", actor="lea")
    review.put_person(project, "rae", "lead", actor="lea")
    review.put_person(project, "lea", "annotator", actor="lea")
    with pytest.raises(NotAllowedError):
        review.put_person(project, "lea", "lead", actor="lea")


@pytest.mark.parametrize(
    ("name", "role", "message"), [("", "lead", "empty"), (" ", "lead", "empty"), ("x", "boss", "role")]
)
def test_people_without_a_name_or_a_known_role_are_refused(quick, name, role, message):
    with pytest.raises(ParameterError, match=message):
        review.put_person(quick, name, role, actor="lea")


@pytest.mark.parametrize("name", ["Ana", "A NA", "a\u00a0na"])
def test_names_that_differ_only_in_case_or_blanks_are_refused(project, name):
    with pytest.raises(ParameterError, match="differs only in case or blanks from 'ana'"):
        review.put_person(project, name, "reviewer", actor="lea")
    assert review.people_of(project)["ana"] == "annotator"
    review.put_person(project, " ana ", "reviewer", actor="lea")
    assert review.people_of(project)["ana"] == "reviewer"


@pytest.mark.parametrize(
    ("name", "message"),
    [("a\nb", r"U\+000A"), ("a\x07b", r"U\+0007"), ("a\u202eb", r"U\+202E"), ("a\u200bb", "cannot be seen"),
     (3, "name=3 is no text"), (None, "name=None is no text"), (["a"], "is no text")],
)  # fmt: skip
def test_names_that_cannot_be_read_are_refused(quick, memory, name, message):
    with pytest.raises(ParameterError, match=message):
        review.put_person(quick, name, "annotator", actor="lea")
    with pytest.raises(ParameterError, match=message.replace("name=", "actor=")):
        review.create_project("", "other", actor=name, classes=["a", "b"], store=memory)


def test_an_actor_or_a_project_without_a_text_name_is_one_clear_error(quick, memory):
    with pytest.raises(ParameterError, match="actor=3 is no text"):
        review.progress(quick, actor=3)
    with pytest.raises(ParameterError, match="name=3 is no text"):
        review.create_project("", 3, actor="lea", classes=["a", "b"], store=memory)
    made = review.create_project("", "other", actor=" lea ", classes=["a", "b"], store=memory)
    assert review.people_of(made) == {"lea": "lead"}


@pytest.mark.parametrize("read", [review.guideline_version, review.guideline_history])
def test_the_guideline_is_read_by_everybody_in_the_project_and_by_no_stranger(quick, read):
    for who in ("lea", "rae", "ana"):
        assert read(quick, actor=who) == read(quick)
    with pytest.raises(NotAllowedError, match="'eve' is not one of the people"):
        read(quick, actor="eve")
