"""The guideline of a project: drafts that never overwrite, versions that never change."""

from __future__ import annotations

import threading

import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import ConflictError, NotAllowedError, ParameterError
from labelqa.store.database import open_store
from tests.contracts.stores import open_fixed
from tests.unit.review import flow


def with_rule(project, text):
    guideline = review.guideline_version(project).guideline
    return guideline.with_rule(lq.Rule(id=guideline.next_id(), class_name="bug", kind="use_when", text=text))


def test_a_draft_is_its_authors_own_and_publishes_nothing(project):
    draft = with_rule(project, "It crashes.")
    assert review.save_draft(project, draft, base=1, actor="rae") is None
    assert review.draft_of(project, actor="rae").guideline == draft
    assert review.draft_of(project, actor="lea") is None
    assert review.guideline_version(project).number == 1
    review.drop_draft(project, actor="rae")
    assert review.draft_of(project, actor="rae") is None


def test_a_draft_on_an_outdated_base_is_kept_and_told_with_both_texts(project):
    mine, theirs = with_rule(project, "Mine."), with_rule(project, "Theirs.")
    review.publish_guideline(project, theirs, base=1, actor="lea", reason="r")
    conflict = review.save_draft(project, mine, base=1, actor="rae")
    told = repr(conflict)
    assert told
    assert review.draft_of(project, actor="rae").guideline == mine
    assert review.guideline_version(project).guideline == theirs
    with pytest.raises(ConflictError, match="save_draft returns both texts"):
        review.publish_guideline(project, mine, base=1, actor="lea", reason="r")
    assert review.guideline_version(project).number == 2


def test_publishing_keeps_author_reason_parent_and_clears_the_own_draft(project):
    draft = with_rule(project, "It crashes.")
    review.save_draft(project, draft, base=1, actor="lea")
    review.save_draft(project, draft, base=1, actor="rae")
    made = review.publish_guideline(project, draft, base=1, actor="lea", reason="unclear")
    assert (made.number, made.parent, made.author, made.reason, made.edit) == (2, 1, "lea", "unclear", "semantic")
    assert review.guideline_version(project) == made
    assert [v.number for v in review.guideline_history(project)] == [1, 2]
    assert review.draft_of(project, actor="lea") is None
    assert review.draft_of(project, actor="rae").guideline == draft
    assert flow.events(project, "guideline_published")[-1].detail == {"version": 2, "reason": "unclear"}


def test_restoring_makes_a_new_version_of_the_old_text(project):
    flow.revised(project)
    made = review.restore_guideline(project, 1, actor="lea", reason="it did not help")
    assert (made.number, made.restored_from) == (3, 1)
    assert made.guideline == review.guideline_version(project, 1).guideline
    with pytest.raises(ParameterError):
        review.restore_guideline(project, 1, actor="lea", reason="again")


def test_versions_that_do_not_exist_and_texts_that_say_nothing_new_are_refused(project):
    with pytest.raises(ParameterError, match="no version 9"):
        review.guideline_version(project, 9)
    now = review.guideline_version(project).guideline
    with pytest.raises(ParameterError):
        review.publish_guideline(project, now, base=1, actor="lea", reason="r")
    with pytest.raises(ParameterError):
        review.publish_guideline(project, with_rule(project, "x"), base=1, actor="lea", reason=" ")
    with pytest.raises(ParameterError, match="lacks the class"):
        review.publish_guideline(project, lq.Guideline(classes=("bug", "x"), rules=()), base=1, actor="lea", reason="r")


def test_rules_that_cite_held_out_items_are_refused_in_drafts_versions_and_restored_ones(project):
    item = sorted(flow.held_out(project))[0]
    guideline = review.guideline_version(project).guideline
    evidence = (lq.Evidence(kind="item", ref=item),)
    rule = lq.Rule(id="R9", class_name="bug", kind="use_when", text="x", evidence=evidence)
    with pytest.raises(NotAllowedError, match="cite held-out"):
        review.save_draft(project, guideline.with_rule(rule), base=1, actor="rae")
    with pytest.raises(NotAllowedError, match="cite held-out"):
        review.publish_guideline(project, guideline.with_rule(rule), base=1, actor="lea", reason="r")
    review.release_held_out(project, actor="lea", reason="done")
    assert review.publish_guideline(project, guideline.with_rule(rule), base=1, actor="lea", reason="r").number == 2


def test_of_two_leads_publishing_at_once_one_wins_and_the_other_is_told(tmp_path):
    with open_fixed(tmp_path / "p.db") as store:
        project = flow.start(store)
        review.put_person(project, "rae", "lead", actor="lea")
        texts = {who: with_rule(project, f"By {who}.") for who in ("lea", "rae")}
        made, told = [], []

        def publish(who):
            try:
                made.append(review.publish_guideline(project, texts[who], base=1, actor=who, reason="r"))
            except ConflictError as error:
                told.append(error)

        threads = [threading.Thread(target=publish, args=(who,)) for who in texts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(made), len(told)) == (1, 1)
        assert review.guideline_history(project)[-1] == made[0]


def test_what_another_program_publishes_is_in_force_here_at_once(tmp_path):
    with open_fixed(tmp_path / "p.db") as here, open_store(tmp_path / "p.db") as there:
        mine = flow.start(here)
        theirs = review.open_project("", store=there)
        flow.revised(theirs)
        manifest = flow.designed(mine)
        assert manifest.guideline_version == 2
        flow.revised(theirs, base=2, text="Another.")
        assert review.next_task(mine, 2, actor="ana").guideline_version == 2
        item = flow.shown_items(mine)[0]
        before = review.progress(mine, actor="lea").facts
        review.decide(theirs, item, ["bug"], "slip", actor="lea", uuid="d")
        assert review.decisions_in_force(mine, actor="lea").keys() == {item}
        assert review.progress(mine, actor="lea").facts.n_contested == before.n_contested
