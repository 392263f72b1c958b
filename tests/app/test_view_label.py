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
from tests.app.browser import Serve, browser_test, save_picture
from tests.app.conftest import complaint, words_of
from tests.app.projects import CLASSES, HOSTILE, hostile_project, label_round, support_project

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Page
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


def test_the_time_elsewhere_does_not_count_where_the_first_run_of_the_page_broke_off(
    open_view: Open, database: Path, project: review.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = [0.0]
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + late[0])
    monkeypatch.setattr("labelqa_app.views.label.time", clock)
    page = open_view("label", database, who="ana")
    late[0] = 1000.0
    page.session_state["_drawn"] = "instruction"
    with monkeypatch.context() as broken:
        broken.setattr("labelqa_app.shell.header", lambda *_: 1 / 0)
        assert "Something broke" in complaint(page.run())
    page.run()
    button(page, "bug").click().run()
    with project.store.read() as reader:
        (stored,) = reader.labels(project.id, round=2)
    assert stored.seconds < 60


def many_classes(folder: Path, n: int) -> Path:
    """Make a project with many classes and an open round of ana and bo."""
    classes = [f"class {i}" for i in range(n)]
    items = pd.DataFrame({"item": [f"t{i}" for i in range(9)], "text": [f"Ticket {i}" for i in range(9)]})
    path = folder / "many.db"
    with review.create_project(str(path), "many", actor="ana", items=items, classes=classes) as made:
        review.put_person(made, "bo", "annotator", actor="ana")
        review.design_round(made, ["ana", "bo"], {"fresh": 5}, actor="ana")
    return path


def test_each_of_forty_classes_has_a_button_and_the_keys_are_explained(open_view: Open, tmp_path: Path) -> None:
    page = open_view("label", many_classes(tmp_path, 40), who="bo")
    picks = [b for b in page.button if b.key.startswith("pick_")]
    assert [b.label for b in picks] == [f"class {i}" for i in range(40)]
    keys = [b.proto.shortcut for b in picks if b.proto.shortcut]
    assert "".join(keys) == "1234567890abdefghijklmnopqstuvwxyz"
    said = words(page)
    assert "1 to 9, 0, A to Z without C and R" in said
    assert "The last 6 have none" in said
    picks[-1].click().run()
    with review.open_project(str(tmp_path / "many.db")) as made:
        assert list(review.own_labels(made, 1, actor="bo").values()) == ["class 39"]


@pytest.mark.parametrize(
    ("n", "told"),
    [
        (1, "Keys: 1."),
        (10, "Keys: 1 to 9, 0."),
        (11, "Keys: 1 to 9, 0, A."),
        (13, "Keys: 1 to 9, 0, A to D without C."),
        (34, "Keys: 1 to 9, 0, A to Z without C and R."),
        (35, "Keys: 1 to 9, 0, A to Z without C and R. The last has none: click it."),
    ],
)
def test_one_line_tells_the_keys(n: int, told: str) -> None:
    from labelqa_app.views.label import keys_told

    assert keys_told(n) == told


def test_of_more_classes_than_buttons_the_one_chosen_from_the_list_is_stored(open_view: Open, tmp_path: Path) -> None:
    page = open_view("label", many_classes(tmp_path, 105), who="bo")
    first, found = item(page), next(s for s in page.selectbox if s.label.startswith("5 more classes"))
    found.set_value("class 104").run()
    assert item(page) != first
    with review.open_project(str(tmp_path / "many.db")) as made:
        assert list(review.own_labels(made, 1, actor="bo").values()) == ["class 104"]


@pytest.mark.parametrize("done", [False, True])
def test_headings_skip_no_level(open_view: Open, database: Path, project: review.Project, done: bool) -> None:
    if done:
        label_round(project, 2, ("ana",))
    page = open_view("label", database, who="ana")
    assert [e.value for e in page.title] == ["Label items"]
    assert len(page.header) == 1
    assert not page.subheader
    assert not [e.value for e in page.markdown if e.value.startswith("#")]


@browser_test[0]
@browser_test[1]
def test_with_forty_classes_the_item_stays_in_view_and_the_buttons_stand_in_columns(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    url = serve(many_classes(tmp_path, 40))
    for width, columns in ((1280, 3), (390, 2)):
        page.set_viewport_size({"width": width, "height": 850})
        page.goto(f"{url}/label?as=bo")
        last = page.get_by_role("button", name="class 39")
        last.wait_for()
        save_picture(page, f"label-forty-{width}")
        lefts = {b.bounding_box()["x"] for b in page.locator(".st-key-lq-classes button").all()}
        assert len(lefts) == columns
        page.locator(".stMain").evaluate("main => main.scrollTo(0, main.scrollHeight)")
        box = page.locator(".st-key-lq-item").bounding_box()
        assert 0 <= box["y"] < 100
        last.evaluate("button => button.scrollIntoView({block: 'end'})")
        assert last.bounding_box()["y"] > page.locator(".st-key-lq-item").bounding_box()["y"] + box["height"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width


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
