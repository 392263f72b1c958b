"""Noisy labels: judged on demand, verdicts are decisions, the estimate follows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import labelqa as lq
from labelqa import review
from labelqa.store.records import DecisionRecord
from tests.app.conftest import complaint, words_of
from tests.app.projects import hostile_project, support_project

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests click faster than people do."""
    from labelqa_app.views import issues

    monkeypatch.setattr(issues, "PAUSE", 0.0)


@pytest.fixture(scope="module")
def known() -> dict[object, object]:
    """What was found on labels that several tests judge."""
    return {}


@pytest.fixture(autouse=True)
def trained_once(monkeypatch: pytest.MonkeyPatch, known: dict[object, object]) -> None:
    """Train models once on the same labels."""
    find = lq.find_label_issues

    def once(data: lq.Annotations, **how: object) -> object:
        key = (tuple(data.items), data.label.tobytes(), data.annotator.tobytes())
        if key not in known:
            known[key] = find(data, **how)
        return known[key]

    monkeypatch.setattr(lq, "find_label_issues", once)


def words(page: AppTest) -> str:
    """Return everything the page says, without the escapes of Markdown."""
    assert not page.exception, [e.value for e in page.exception]
    return words_of(page).replace("\\", "")


def started(open_view: Open, database: Path, **query: str) -> AppTest:
    """Return the page after the labels were judged."""
    page = open_view("issues", database, **query)
    return page.button(key="find").click().run()


def decided(database: Path) -> dict[str, DecisionRecord]:
    with review.open_project(str(database)) as project:
        return review.decisions_in_force(project, actor="lea")


def verdict(page: AppTest, what: str):
    """Return the button "right", "wrong" or "skip" of the label that is shown."""
    return next(b for b in page.button if b.key and b.key.startswith(f"{what}_"))


def instead(page: AppTest):
    return next(s for s in page.selectbox if s.label == "Right would be")


def current(page: AppTest) -> str:
    value = page.query_params["item"]
    return value if isinstance(value, str) else value[0]


def test_without_a_project_the_way_to_one_is_shown(open_view: Open) -> None:
    assert "There is no project yet" in words(open_view("issues"))


def test_an_annotator_sees_no_result(open_view: Open, tmp_path: Path) -> None:
    page = open_view("issues", support_project(tmp_path), who="ana")
    assert "for reviewers and leads" in words(page)
    assert not page.metric
    assert [b.label for b in page.button] == ["Label items"]


def test_labels_are_judged_on_demand_and_the_result_is_kept(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path)
    page = open_view("issues", database)
    assert "models that learn from" in words(page)
    assert not page.metric
    page.button(key="find").click().run()
    assert [m.label for m in page.metric][:2] == ["Probably wrong, by models", "Wrong, counted by people"]
    assert page.metric[1].value == "not known yet"
    again = open_view("issues", database)
    assert again.metric[0].value == page.metric[0].value
    assert verdict(again, "right")


def test_a_right_label_is_confirmed_and_the_next_one_comes(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path)
    page = started(open_view, database)
    item, given = current(page), page.metric[2].value.replace("\\", "")
    verdict(page, "right").click().run()
    stored = decided(database)[item]
    assert (stored.labels, stored.cause, stored.actor) == ((given,), "confirmed", "lea")
    assert current(page) != item
    assert "1 judged, here or on Disagreements, 0 of them wrong" in words(page)


def test_a_wrong_label_is_corrected_and_may_be_taken_back(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path)
    page = started(open_view, database)
    item, suggested = current(page), page.metric[3].value.replace("\\", "")
    box = instead(page)
    right = box.value or box.options[0]
    if suggested != "none":
        assert box.value == suggested
    box.set_value(right).run()
    verdict(page, "wrong").click().run()
    assert decided(database)[item].labels == (right,)
    assert "1 judged, here or on Disagreements, 1 of them wrong" in words(page)
    page.button(key="undo").click().run()
    assert item not in decided(database)
    assert current(page) == item
    verdict(page, "right").click().run()
    assert item in decided(database)


def test_a_double_click_does_not_judge_the_next_label(
    open_view: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labelqa_app.views import issues

    monkeypatch.setattr(issues, "PAUSE", 60.0)
    database = support_project(tmp_path)
    page = started(open_view, database)
    verdict(page, "right").click().run()
    verdict(page, "right").click().run()
    assert len(decided(database)) == 1


def test_passing_over_a_label_decides_nothing(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path)
    page = started(open_view, database)
    item = current(page)
    verdict(page, "skip").click().run()
    assert current(page) != item
    assert not decided(database)


def test_the_address_brings_one_back_to_the_item(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path)
    page = started(open_view, database)
    verdict(page, "skip").click().run()
    item = current(page)
    assert current(open_view("issues", database, item=item)) == item
    assert current(open_view("issues", database, item="nonsense"))


def test_the_fair_sample_counts_the_errors(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path)
    page = started(open_view, database, queue="fair")
    with review.open_project(str(database)) as project:
        data = review.visible_annotations(project, "rules", actor="lea", round=1)
        issues = lq.find_label_issues(data, features=data.item_data)
        first = issues.review_sample(100).frame.head(19)
        for item, given in zip(first["item"], first["given"], strict=True):
            review.decide(project, item, given, "slip", actor="rita")
    page.run()
    verdict(page, "right").click().run()
    assert not page.exception
    assert page.metric[1].value.startswith("about ")
    assert "with 95% confidence" in words(page)
    assert len(decided(database)) == 20


def test_a_decision_made_elsewhere_is_a_verdict_too(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path)
    page = started(open_view, database)
    item, given = current(page), page.metric[2].value.replace("\\", "")
    with review.open_project(str(database)) as project:
        review.decide(project, item, [given, "other"], "ambiguous_item", actor="rita")
    page = open_view("issues", database)
    assert current(page) != item
    assert "1 judged, here or on Disagreements, 0 of them wrong" in words(page)


@pytest.mark.parametrize("press", ["right", "wrong", "skip"])
def test_a_press_is_meant_for_the_label_on_the_screen(open_view: Open, tmp_path: Path, press: str) -> None:
    database = support_project(tmp_path)
    page = started(open_view, database)
    item = current(page)
    with review.open_project(str(database)) as project:
        review.decide(project, item, "other", "slip", actor="rita")
    if press == "wrong":
        instead(page).set_value(instead(page).options[0])
    verdict(page, press).click().run()
    assert {i: d.actor for i, d in decided(database).items()} == {item: "rita"}, "no verdict lands on a label not seen"
    assert current(page) != item
    if press != "skip":
        said = words(page)
        assert f"rita decided {item} meanwhile: **other**" in said
        assert "Your verdict was not stored" in said
        assert complaint(page) == ""
    verdict(page, "right").click().run()
    assert "meanwhile" not in words(page)
    assert len(decided(database)) == 2


def test_without_a_right_label_nothing_is_stored(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path)
    page = started(open_view, database, queue="fair")
    while instead(page).value is not None:  # until one of which nothing else is suspected
        verdict(page, "skip").click().run()
    item = current(page)
    verdict(page, "wrong").click().run()
    assert "Choose what the right label would be" in words(page)
    assert current(page) == item
    assert not decided(database)


def test_two_reviewers_get_different_labels_and_see_each_other(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path)
    lea = started(open_view, database)
    rita = open_view("issues", database, who="rita")
    assert current(rita) != current(lea)
    verdict(rita, "right").click().run()
    lea.run()
    assert "1 of " in lea.get("progress")[0].proto.text
    assert "(rita 1)" in lea.get("progress")[0].proto.text
    same = open_view("issues", database, who="rita", item=current(lea))
    assert "lea has this item open too" in words(same)


def test_after_a_restart_a_link_to_a_label_shows_it_again(open_view: Open, tmp_path: Path) -> None:
    import streamlit as st

    database = support_project(tmp_path)
    page = started(open_view, database)
    first = current(page)
    verdict(page, "right").click().run()
    item = current(page)
    st.cache_resource.clear()
    again = open_view("issues", database, item=item)
    assert current(again) == item
    assert verdict(again, "right")
    again.button(key="undo").click().run()
    assert first not in decided(database), "the last verdict is known after a restart, too"
    assert current(again) == first


def test_what_one_person_passed_over_another_is_offered(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path)
    page = started(open_view, database)
    item = current(page)
    verdict(page, "right").click().run()
    passed = current(page)
    verdict(page, "skip").click().run()
    assert page.button(key="undo").label == f"Undo the verdict on {item}"
    page.query_params["as"] = "rita"
    del page.query_params["item"]
    page.run()
    assert current(page) == passed
    assert not [b for b in page.button if b.key == "undo"], "nobody undoes the verdict of another by this button"


def test_a_done_queue_says_so(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, n=40)
    page = started(open_view, database)
    for _ in range(60):
        if not any(b.label == "Label is right" for b in page.button):
            break
        verdict(page, "right").click().run()
    said = words(page)
    assert "This queue is done" in said or "No label is more probably wrong than right" in said


def test_hostile_texts_are_shown_letter_by_letter(open_view: Open, tmp_path: Path) -> None:
    page = started(open_view, hostile_project(tmp_path))
    assert not page.exception
    html = "\n".join(e.proto.body for e in page.get("html"))
    assert "<script>" not in html
    assert "<i>" not in html
    assert not [m.value for m in page.markdown if "<b>a</b>" in m.value or "**c**" in m.value]
    assert not [m.value for m in page.metric if "<b>a</b>" in m.value]
