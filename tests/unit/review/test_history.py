"""What happened, in words; the log of decisions; a copy of everything."""

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import NotAllowedError, StoreError
from labelqa.review.history import back_up, decision_log, export_all, in_words, last_happened

FRAME = pd.DataFrame({"item": list("abcdef"), "ann": ["x", "y"] * 3, "ben": ["x", "x"] * 3})


@pytest.fixture
def project(tmp_path):
    annotations = lq.Annotations.from_wide(FRAME, item="item")
    settings = review.ProjectSettings(held_out=0)
    with review.create_project(
        str(tmp_path / "p.db"), "p", actor="lea", annotations=annotations, settings=settings
    ) as made:
        review.put_person(made, "rita", "reviewer", actor="lea")
        yield made


def test_events_are_told_newest_first(project):
    told = [(h.actor, h.text) for h in last_happened(project, actor="rita")]
    assert told == [
        ("lea", "added rita (reviewer)"),
        ("lea", "brought round 1 with 12 labels"),
        ("lea", "made the project with 6 items"),
    ]
    assert len(last_happened(project, actor="lea", limit=1)) == 1


@pytest.mark.parametrize(
    ("kind", "detail", "text"),
    [
        ("person_put", {"name": "bo", "role": "lead", "role_before": "reviewer"}, "changed bo from reviewer to lead"),
        ("round_closed", {"round": 2, "missing": 3}, "closed round 2 with 3 labels missing"),
        ("round_designed", {"round": 2, "counts": {"fresh": 3, "paired": 4}}, "opened round 2 with 7 items"),
        ("proved", {"rounds": [1, 2]}, "compared rounds 1 and 2"),
        ("held_out_released", {"items": 2, "reason": "done"}, "released 2 held-out items: done"),
        ("unheard_of", {}, "unheard of"),
    ],
)
def test_every_event_has_words(kind, detail, text):
    assert in_words(kind, detail) == text


def test_the_log_holds_what_was_decided_and_undone(project):
    assert decision_log(project, actor="lea").empty
    decision = review.decide(project, "b", ["x"], "slip", actor="rita")
    review.undo_decision(project, decision.uuid, actor="rita")
    log = decision_log(project, actor="rita")
    assert log["item"].tolist() == ["b", "b"]
    assert log["seq"].is_monotonic_increasing


def test_copies_of_the_project_are_told_in_its_log(project, tmp_path):
    back_up(project, tmp_path / "copy.db", actor="lea")
    export_all(project, tmp_path / "all", actor="lea")
    told = [(h.actor, h.text) for h in last_happened(project, actor="rita")]
    assert ("lea", "backed the whole database up to copy.db") in told
    assert ("lea", "exported the whole database to all as jsonl") in told


def test_the_log_leaves_out_what_is_held_out(project, tmp_path):
    annotations = lq.Annotations.from_wide(FRAME, item="item")
    with review.create_project(
        str(tmp_path / "q.db"), "q", actor="lea", annotations=annotations, settings=review.ProjectSettings(held_out=0.5)
    ) as other:
        assert decision_log(other, actor="lea").empty


def test_annotators_read_neither(project):
    for ask in (last_happened, decision_log):
        with pytest.raises(NotAllowedError):
            ask(project, actor="ann")


def test_a_copy_is_a_project_and_replaces_nothing(project, tmp_path):
    written = back_up(project, tmp_path / "copy.db", actor="lea")
    with review.open_project(str(written)) as copy:
        assert copy.name == "p"
    with pytest.raises(StoreError):
        back_up(project, tmp_path / "copy.db", actor="lea")


def test_only_a_lead_of_all_projects_copies_them(project, tmp_path):
    with pytest.raises(NotAllowedError):
        back_up(project, tmp_path / "copy.db", actor="rita")
    with review.create_project(str(tmp_path / "p.db"), "other", actor="eve", classes=["x", "y"]):
        pass
    with pytest.raises(NotAllowedError):
        back_up(project, tmp_path / "copy.db", actor="lea")
    assert not (tmp_path / "copy.db").exists()
