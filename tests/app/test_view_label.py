"""Labeling blind: one item, one key, nothing else on the page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from tests.app.conftest import words_of
from tests.app.projects import CLASSES, HOSTILE, hostile_project, label_round, support_project

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests press the same key as fast as they can."""
    monkeypatch.setattr("labelqa_app.views.label.PAUSE", 0.0)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return support_project(tmp_path, "labeling")


@pytest.fixture
def project(database: Path) -> Iterator[review.Project]:
    with review.open_project(str(database)) as opened:
        yield opened


def words(page: AppTest) -> str:
    """Return everything the page says."""
    assert not page.exception, [e.value for e in page.exception]
    return words_of(page)


def button(page: AppTest, label: str):
    return next(b for b in page.button if b.label == label)


def item(page: AppTest) -> str:
    return next(line for line in words(page).splitlines() if "Ticket" in line)


def test_without_a_project_the_way_to_one_is_shown(open_view: Open) -> None:
    assert "There is no project yet" in words(open_view("label"))


def test_without_an_open_round_there_is_nothing_to_label(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path)
    assert "nothing for you to label" in words(open_view("label", database, who="ana"))
    page = open_view("label", database, who="lea")
    button(page, "Go to Relabel").click().run()
    assert page.session_state["_went"] == {"page": "relabel"}


def test_somebody_whom_the_project_does_not_know_sees_nothing(open_view: Open, database: Path) -> None:
    page = open_view("label", database, who="eve")
    assert "is not one of the people" in words(page)
    assert "Ticket" not in words(page)


def test_an_annotator_sees_the_item_the_classes_and_the_rules_and_nothing_else(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("label", database, who="ana")
    said = words(page)
    assert [b.label for b in page.button if b.key.startswith("pick_")] == list(CLASSES)
    assert "Money is asked back: refund." in said
    hidden = ["bo", "held", "paired", "control", "stratum", "agreement"]
    assert [w for w in hidden if w in said.lower().replace("labelqa", "").split()] == []
    assert review.next_task(project, 2, actor="ana").shown["text"] in said


def test_a_press_is_stored_with_its_time_before_the_next_item_comes(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("label", database, who="ana")
    first, task = item(page), review.next_task(project, 2, actor="ana")
    button(page, "bug").click().run()
    assert item(page) != first
    assert review.own_labels(project, 2, actor="ana") == {task.assignment: "bug"}
    with project.store.read() as reader:
        (stored,) = reader.labels(project.id, round=2)
    assert stored.seconds is not None
    assert 0 <= stored.seconds < 60
    assert stored.guideline_version == 2


def test_a_reload_comes_back_to_the_same_item(open_view: Open, database: Path) -> None:
    page = open_view("label", database, who="ana")
    button(page, "bug").click().run()
    assert item(open_view("label", database, who="ana")) == item(page)


def test_undo_corrects_the_last_one_and_the_first_answer_stays_in_the_log(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("label", database, who="ana")
    assert button(page, "Undo").disabled
    first = item(page)
    button(page, "bug").click().run()
    second = item(page)
    button(page, "Undo").click().run()
    assert item(page) == first
    assert "You said **bug**" in words(page)
    at = page.query_params["at"]
    assert item(open_view("label", database, who="ana", at=at[0] if isinstance(at, list) else at)) == first
    button(page, "refund").click().run()
    assert item(page) == second
    assert list(review.own_labels(project, 2, actor="ana").values()) == ["refund"]
    with project.store.read() as reader:
        assert [r.label for r in reader.labels(project.id, round=2)] == ["refund"]


def test_one_may_go_back_and_leave_it_as_it_was(open_view: Open, database: Path, project: review.Project) -> None:
    page = open_view("label", database, who="ana")
    button(page, "bug").click().run()
    button(page, "other").click().run()
    here = item(page)
    button(page, "Undo").click().run()
    button(page, "One further back").click().run()
    assert "You said **bug**" in words(page)
    button(page, "Keep it and go on").click().run()
    assert item(page) == here
    assert list(review.own_labels(project, 2, actor="ana").values()) == ["bug", "other"]


def test_a_key_pressed_twice_does_not_label_the_next_item(
    open_view: Open, database: Path, project: review.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labelqa_app.views.label.PAUSE", 60.0)
    page = open_view("label", database, who="ana")
    button(page, "bug").click().run()
    second = item(page)
    button(page, "bug").click().run()
    assert item(page) == second
    assert "was not counted" in page.toast[0].value
    assert len(review.own_labels(project, 2, actor="ana")) == 1
    button(page, "other").click().run()
    assert len(review.own_labels(project, 2, actor="ana")) == 2


def test_a_late_press_for_an_item_that_is_answered_changes_nothing(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("label", database, who="ana")
    stale = button(page, "other")
    button(page, "bug").click().run()
    stale.click().run()
    assert list(review.own_labels(project, 2, actor="ana").values()) == ["bug"]


def test_when_all_is_labeled_the_page_says_so_and_the_last_one_can_be_corrected(
    open_view: Open, database: Path, project: review.Project
) -> None:
    label_round(project, 2, ("ana",))
    page = open_view("label", database, who="ana")
    assert "All done" in words(page)
    button(page, "Correct the last one").click().run()
    assert "You said" in words(page)
    button(page, "bug").click().run()
    assert "All done" in words(page)


def test_a_round_closed_meanwhile_takes_no_label_and_says_so(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("label", database, who="ana")
    review.close_round(project, 2, actor="lea", allow_missing=True)
    button(page, "bug").click().run()
    assert "nothing for you to label" in words(page)
    assert review.own_labels(project, 2, actor="ana") == {}


def test_a_link_to_an_item_of_somebody_else_goes_on_with_an_own_one(
    open_view: Open, database: Path, project: review.Project
) -> None:
    foreign = review.next_task(project, 2, actor="bo").assignment
    own = open_view("label", database, who="ana")
    for at in (foreign, "nonsense"):
        page = open_view("label", database, who="ana", at=at)
        assert "not one of yours" in words(page)
        assert not page.error
        assert item(page) == item(own)
        assert "at" not in page.query_params
        button(page, "bug").click().run()
        assert "not one of yours" not in words(page)
        button(page, "Undo").click().run()
        button(page, "Keep it and go on").click().run()
        own = page


@pytest.mark.parametrize("elsewhere", [False, True])
def test_the_time_on_another_page_is_no_time_of_the_item(
    open_view: Open, database: Path, project: review.Project, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    late = [0.0]
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + late[0])
    monkeypatch.setattr("labelqa_app.views.label.time", clock)
    page = open_view("label", database, who="ana")
    late[0] = 1000.0
    if elsewhere:
        page.session_state["_drawn"] = "instruction"
    page.run()
    button(page, "bug").click().run()
    with project.store.read() as reader:
        (stored,) = reader.labels(project.id, round=2)
    assert (stored.seconds > 900) is not elsewhere


def test_more_classes_than_keys_are_chosen_from_a_list(open_view: Open, tmp_path: Path) -> None:
    classes = [f"class {i}" for i in range(60)]
    items = pd.DataFrame({"item": [f"t{i}" for i in range(9)], "text": [f"Ticket {i}" for i in range(9)]})
    with review.create_project(str(tmp_path / "many.db"), "many", actor="ana", items=items, classes=classes) as made:
        review.put_person(made, "bo", "annotator", actor="ana")
        review.design_round(made, ["ana", "bo"], {"fresh": 5}, actor="ana")
    page = open_view("label", tmp_path / "many.db", who="bo")
    page.selectbox(key=next(s.key for s in page.selectbox if s.label == "More classes")).set_value("class 59").run()
    button(page, "Take it").click().run()
    with review.open_project(str(tmp_path / "many.db")) as made:
        assert list(review.own_labels(made, 1, actor="bo").values()) == ["class 59"]


def test_hostile_texts_are_shown_letter_by_letter(open_view: Open, tmp_path: Path) -> None:
    database = hostile_project(tmp_path)
    with review.open_project(str(database)) as project:
        review.design_round(project, ["*ana*", "<u>bo</u>"], {"paired": 20}, actor="lea")
    page = open_view("label", database, who="*ana*")
    for _ in range(len(HOSTILE) * 2):
        html = "\n".join(e.proto.body for e in page.get("html"))
        assert "<script" not in html
        assert "<img" not in html
        assert "\0" not in html
        assert not page.error
        next(b for b in page.button if b.key.startswith("pick_")).click().run()
        assert not page.exception


def test_a_border_is_told_under_both_of_its_classes() -> None:
    from labelqa_app.rulebook import rules_html

    rule = lq.Rule(id="R1", class_name="billing", kind="boundary", other="refund", text="Money back: refund.")
    html = rules_html(lq.Guideline(classes=("billing", "refund"), rules=(rule,)))
    assert html.count("Money back: refund.") == 2
    assert html.index("Or is it refund?") < html.index("Or is it billing?")
    assert "No rules yet" not in html
