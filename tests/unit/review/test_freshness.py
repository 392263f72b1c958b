"""What a project keeps in memory: nothing that somebody stored is overlooked, and what did not change costs nothing."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.guidelines.rule import Rule
from labelqa.review.project import Project
from labelqa.store import database
from labelqa.store.reader import Reader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    frame = pd.DataFrame({"item": list("abcd"), "ann": ["bug"] * 4, "ben": ["bug", "wish", "wish", "bug"]})
    labels, settings = lq.Annotations.from_wide(frame, item="item"), review.ProjectSettings(held_out=0)
    made = tmp_path / "p.db"
    review.create_project(str(made), "p", actor="lea", annotations=labels, settings=settings).close()
    return made


def test_what_another_program_stores_is_seen_by_the_next_question(path: Path):
    with review.open_project(str(path)) as mine, review.open_project(str(path)) as theirs:
        assert review.progress(mine, actor="lea").facts.n_undecided == 2
        assert review.role_of(mine, "rita") is None
        review.put_person(theirs, "rita", "reviewer", actor="lea")
        review.decide(theirs, "b", "bug", "slip", actor="rita")
        assert review.role_of(mine, "rita") == "reviewer"
        assert review.progress(mine, actor="rita").facts.n_undecided == 1
        assert [e.item for e in review.review_queue(mine, actor="rita").entries] == ["c"]
        assert review.decisions_in_force(mine, actor="lea")["b"].actor == "rita"


def test_somebody_whose_role_was_taken_away_is_refused_at_once(path: Path):
    with review.open_project(str(path)) as mine, review.open_project(str(path)) as theirs:
        review.put_person(mine, "rita", "reviewer", actor="lea")
        assert review.review_queue(mine, actor="rita").total == 2
        review.put_person(theirs, "rita", "annotator", actor="lea")
        with pytest.raises(lq.LabelqaError, match="may not read results"):
            review.review_queue(mine, actor="rita")


def test_a_project_that_nobody_changed_is_not_read_again(path: Path, monkeypatch: pytest.MonkeyPatch):
    with review.open_project(str(path)) as project:
        first = review.progress(project, actor="lea")
        monkeypatch.setattr(Reader, "_execute", None)  # any statement would fail now
        again = review.progress(project, actor="lea")
        assert again.facts == first.facts
        assert review.people_of(project)["lea"] == "lead"


def test_what_is_known_already_is_answered_without_a_connection(path: Path, monkeypatch: pytest.MonkeyPatch):
    with review.open_project(str(path)) as project:
        first = review.progress(project, actor="lea")
        monkeypatch.setattr(database, "reading", None)  # opening one would fail now
        assert review.progress(project, actor="lea").facts == first.facts


def test_a_version_and_a_draft_of_another_program_are_seen_by_the_next_question(path: Path):
    with review.open_project(str(path)) as mine, review.open_project(str(path)) as theirs:
        first = review.guideline_version(mine).guideline
        assert review.progress(mine, actor="lea").facts.drafts == ()
        rule = Rule(id=first.next_id(), class_name="bug", kind="use_when", text="It crashes.")
        review.save_draft(theirs, first.with_rule(rule), base=1, actor="lea")
        assert review.progress(mine, actor="lea").facts.drafts == ("lea",)
        review.publish_guideline(theirs, first.with_rule(rule), base=1, actor="lea", reason="unclear")
        assert review.guideline_version(mine).number == 2
        assert review.guideline_version(mine).guideline.rule(rule.id).text == "It crashes."
        assert review.decide(mine, "b", "bug", "slip", actor="lea", rule_id=rule.id).guideline_version == 2
        with pytest.raises(lq.LabelqaError, match="no rule 'R99'"):
            review.decide(mine, "c", "bug", "slip", actor="lea", rule_id="R99")


def test_a_version_that_was_undone_is_not_kept(path: Path):
    with review.open_project(str(path)) as project:
        first = review.guideline_version(project).guideline
        rule = Rule(id=first.next_id(), class_name="bug", kind="use_when", text="It crashes.")
        with suppress(RuntimeError), project.store.write():
            review.publish_guideline(project, first.with_rule(rule), base=1, actor="lea", reason="unclear")
            review.decide(project, "b", "bug", "slip", actor="lea", rule_id=rule.id)
            assert review.guideline_version(project).number == 2
            raise RuntimeError
        assert review.guideline_version(project).number == 1
        with pytest.raises(lq.LabelqaError, match="no rule"):
            review.decide(project, "b", "bug", "slip", actor="lea", rule_id=rule.id)


def test_a_frame_that_was_given_out_may_be_changed(path: Path):
    with review.open_project(str(path)) as project:
        given = review.progress(project, actor="lea").rounds
        given.loc[0, "n_labels"] = 0
        assert review.progress(project, actor="lea").rounds["n_labels"].tolist() == [8]


def test_what_a_write_sees_is_not_kept_when_it_is_undone(path: Path):
    with review.open_project(str(path)) as project:
        with suppress(RuntimeError), project.store.write():
            review.decide(project, "b", "bug", "slip", actor="lea")
            assert review.progress(project, actor="lea").facts.n_undecided == 1
            raise RuntimeError
        assert review.progress(project, actor="lea").facts.n_undecided == 2


@pytest.mark.parametrize("place", ["memory:", "file"])
def test_state_changes_with_every_commit_and_only_then(place: str, tmp_path: Path):
    url = place if place == "memory:" else str(tmp_path / "s.db")
    with review.create_project(url, "p", actor="lea", classes=["bug", "wish"]) as project:
        store = project.store
        before = store.state()
        with store.read() as reader:
            assert reader.people(project.id)
            assert store.state() == before
        assert store.state() == before
        with suppress(RuntimeError), store.write():
            assert store.state() is None
            raise RuntimeError
        review.put_person(project, "rita", "reviewer", actor="lea")
        assert store.state() != before


def test_threads_that_ask_together_measure_once(path: Path):
    found: list[object] = []

    def measure() -> object:
        time.sleep(0.05)
        found.append(object())
        return found[-1]

    def ask(project: Project, answers: list[object]) -> None:
        answers.append(project.once("slow", measure))

    with review.open_project(str(path)) as project:
        answers: list[object] = []
        threads = [threading.Thread(target=ask, args=(project, answers)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 1
    assert answers == found * 8


def test_contested_labels_are_the_whole_queue_without_names(path: Path):
    with review.open_project(str(path)) as project:
        found = review.contested_labels(project, actor="lea")
        queue = review.review_queue(project, actor="lea", undecided=False)
        assert (found.round, list(found.labels)) == (1, [e.item for e in queue.entries])
        assert all(sorted(found.labels[e.item]) == sorted(o.label for o in e.opinions) for e in queue.entries)
        assert found.labels["b"] == ("bug", "wish")  # the order of the classes, not of the people
        with pytest.raises(lq.LabelqaError, match="may not read results"):
            review.contested_labels(project, actor="ann")


def test_no_contested_labels_without_a_closed_round():
    with review.create_project("memory:", "p", actor="lea", classes=["bug", "wish"]) as project:
        found = review.contested_labels(project, actor="lea")
    assert (found.round, found.labels) == (None, {})
