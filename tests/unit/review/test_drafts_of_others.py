"""Drafts of all people, and whether one is still up to date, without saving anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import ConflictError, NotAllowedError


@pytest.fixture
def project() -> Iterator[review.Project]:
    with review.create_project("memory:", "tickets", actor="lea", classes=["bug", "wish"]) as made:
        review.put_person(made, "rita", "reviewer", actor="lea")
        review.put_person(made, "ana", "annotator", actor="lea")
        yield made


def written(project: review.Project, rule: str, text: str) -> lq.Guideline:
    now = review.guideline_version(project, 1).guideline
    return now.with_rule(replace(now.rule(rule), text=text))


def test_all_drafts_are_read_by_name(project: review.Project) -> None:
    assert review.drafts_of(project, actor="lea") == ()
    review.save_draft(project, written(project, "R1", "Broken."), base=1, actor="rita")
    review.save_draft(project, written(project, "R2", "Wanted."), base=1, actor="lea")
    found = review.drafts_of(project, actor="lea")
    assert [(d.author, d.base.number) for d in found] == [("lea", 1), ("rita", 1)]
    assert found[1] == review.draft_of(project, actor="rita")


def test_annotators_read_no_drafts(project: review.Project) -> None:
    review.save_draft(project, written(project, "R1", "Broken."), base=1, actor="rita")
    draft = review.draft_of(project, actor="rita")
    assert draft is not None
    with pytest.raises(NotAllowedError):
        review.drafts_of(project, actor="ana")
    with pytest.raises(NotAllowedError):
        review.draft_conflict(project, draft, actor="ana")


def test_a_conflict_is_told_without_saving(project: review.Project) -> None:
    review.save_draft(project, written(project, "R1", "Broken."), base=1, actor="rita")
    draft = review.draft_of(project, actor="rita")
    assert draft is not None
    assert review.draft_conflict(project, draft, actor="rita") is None
    review.publish_guideline(project, written(project, "R2", "Wanted."), base=1, actor="lea", reason="first")
    conflict = review.draft_conflict(project, draft, actor="lea")
    assert conflict is not None
    assert conflict.merged is not None
    assert [r.text for r in conflict.merged.rules] == ["Broken.", "Wanted."]
    assert review.draft_of(project, actor="rita") == draft


def test_a_draft_replaces_only_the_one_that_was_seen(project: review.Project) -> None:
    one, two, three = (written(project, "R1", text) for text in ("One.", "Two.", "Three."))
    review.save_draft(project, one, base=1, actor="rita", replaces=None)
    review.save_draft(project, two, base=1, actor="rita", replaces=one.content_hash)
    for seen in (one.content_hash, None):
        with pytest.raises(ConflictError, match="in another window"):
            review.save_draft(project, three, base=1, actor="rita", replaces=seen)
        with pytest.raises(ConflictError, match="in another window"):
            review.drop_draft(project, actor="rita", replaces=one.content_hash)
    review.save_draft(project, two, base=1, actor="rita", replaces=one.content_hash)  # sent twice
    draft = review.draft_of(project, actor="rita")
    assert draft is not None
    assert draft.guideline == two
    review.drop_draft(project, actor="rita", replaces=two.content_hash)
    assert review.draft_of(project, actor="rita") is None


def test_publishing_keeps_a_newer_draft(project: review.Project) -> None:
    one, two = written(project, "R1", "One."), written(project, "R1", "Two.")
    review.save_draft(project, two, base=1, actor="lea")
    review.publish_guideline(project, one, base=1, actor="lea", reason="first")
    kept = review.draft_of(project, actor="lea")
    assert kept is not None
    assert (kept.base.number, kept.guideline) == (1, two)
    review.save_draft(project, two, base=2, actor="lea")
    review.publish_guideline(project, two, base=2, actor="lea", reason="second")
    assert review.draft_of(project, actor="lea") is None
