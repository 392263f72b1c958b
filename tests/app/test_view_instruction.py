"""The instruction: read by all, changed rule by rule in a draft, published by leads; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import labelqa as lq
from labelqa import review
from tests.app.conftest import complaint, words_of
from tests.app.projects import HOSTILE, hostile_project, support_project

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]
PAIR = {"a": "refund", "b": "billing"}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return support_project(tmp_path)


@pytest.fixture
def drafted(tmp_path: Path) -> Path:
    return support_project(tmp_path, "drafted")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[review.Project]:
    with review.open_project(str(tmp_path / "tickets.db")) as opened:
        yield opened


def words(page: AppTest) -> str:
    """Return everything the page says."""
    assert not page.exception, [e.value for e in page.exception]
    return words_of(page)


def button(page: AppTest, label: str, at: int = 0):
    return [b for b in page.button if b.label == label][at]


def labeled(elements: object, label: str):
    return next(e for e in elements if e.label == label)  # type: ignore[attr-defined]


def decide_some(project: review.Project, n: int = 3) -> list[str]:
    """Settle some items of the pair and return their ids."""
    found = review.review_queue(project, actor="lea", pair=("billing", "refund"), limit=n)
    for entry in found.entries:
        review.decide(project, entry.item, "refund", "guideline_gap", actor="lea", note="money back")
    return [entry.item for entry in found.entries]


def publish_definition(project: review.Project, rule_id: str = "R1", text: str = "About invoices.") -> None:
    """Publish a text for a rule that is there already."""
    now = review.guideline_version(project)
    guideline = now.guideline.with_rule(replace(now.guideline.rule(rule_id), text=text))
    review.publish_guideline(project, guideline, base=now.number, actor="lea", reason="first definition")


def test_without_a_project_the_way_to_one_is_shown(open_view: Open) -> None:
    assert "There is no project yet" in words(open_view("instruction"))


def test_annotators_read_and_nothing_else(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "revised")
    page = open_view("instruction", database, who="ana", view="edit", **PAIR)
    assert "Money is asked back: refund." in words(page)
    assert not page.button
    assert not page.text_area
    assert not page.button_group


def test_an_annotator_reads_the_version_of_the_open_round(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "labeling")
    with review.open_project(str(database)) as project:
        publish_definition(project, text="Something new.")
    said = words(open_view("instruction", database, who="ana"))
    assert "Version 2" in said
    assert "Something new." not in said
    assert "Something new." in words(open_view("instruction", database, who="rita"))


def test_without_rules_the_page_says_so(open_view: Open, database: Path) -> None:
    assert "No rules are written yet" in words(open_view("instruction", database, who="rita"))


def test_a_boundary_is_written_with_the_deciding_items_as_evidence(
    open_view: Open, database: Path, project: review.Project
) -> None:
    items = decide_some(project)
    page = open_view("instruction", database, who="rita", **PAIR)
    said = words(page)
    assert "New rule R5" in said
    assert all(f"Ticket {item[1:]}:" in said for item in items)
    labeled(page.text_area, "Rule, as people who label will read it").set_value("Money back: refund.")
    page.checkbox[0].set_value(False)
    labeled(page.selectbox, "Item that shows it (may be empty)").set_value(items[0])
    button(page, "Save in the draft").click().run()
    draft = review.draft_of(project, actor="rita")
    rule = draft.guideline.rule("R5")
    assert (rule.kind, {rule.class_name, rule.other}, rule.text) == (
        "boundary", {"refund", "billing"}, "Money back: refund.",
    )  # fmt: skip
    assert rule.item == items[0]
    assert [e.kind for e in rule.evidence] == ["decision", "decision"]
    said = words(page)
    assert '<ins class="lq-ins">Money back: refund.</ins>' in said
    assert "A lead publishes it (lea)" in said.replace("\\", "")
    assert page.dataframe[0].value["Class or pair"].tolist() == ["billing", "refund", "billing / refund"]
    reread = open_view("instruction", database, who="rita", **PAIR)
    assert "Money back: refund." in words(reread)


def test_an_empty_rule_is_not_stored(open_view: Open, database: Path, project: review.Project) -> None:
    page = open_view("instruction", database, who="rita", **PAIR)
    button(page, "Save in the draft").click().run()
    assert "The rule is empty" in complaint(page)
    assert review.draft_of(project, actor="rita") is None
    button(page, "Close").click().run()
    assert not page.text_area[0].label.startswith("Rule")


def test_a_rule_is_changed_and_taken_out_in_the_draft(open_view: Open, drafted: Path, project: review.Project) -> None:
    page = open_view("instruction", drafted, who="rita", rule="R5", **PAIR)
    text = labeled(page.text_area, "Rule, as people who label will read it")
    assert text.value == "Money is asked back: refund."
    text.set_value("Money is wanted back: refund.").run()
    assert "Against the published version:" in words(page)
    button(page, "Save in the draft").click().run()
    assert review.draft_of(project, actor="rita").guideline.rule("R5").text == "Money is wanted back: refund."
    page = open_view("instruction", drafted, who="rita", rule="R5", **PAIR)
    button(page, "Take the rule out").click().run()
    assert "R5" not in review.draft_of(project, actor="rita").guideline.ids
    assert "You changed nothing yet" in words(page)


def test_what_another_window_changed_is_not_overwritten(
    open_view: Open, drafted: Path, project: review.Project
) -> None:
    page = open_view("instruction", drafted, who="rita", rule="R5", **PAIR)
    labeled(page.text_area, "Rule, as people who label will read it").set_value("From this window.")
    draft = review.draft_of(project, actor="rita").guideline
    changed = draft.with_rule(replace(draft.rule("R5"), text="From the other window."))
    review.save_draft(project, changed, base=1, actor="rita")
    button(page, "Save in the draft").click().run()
    assert "changed in another window" in complaint(page)
    assert review.draft_of(project, actor="rita").guideline.rule("R5").text == "From the other window."


def test_title_and_introduction_are_part_of_the_draft(open_view: Open, database: Path, project: review.Project) -> None:
    page = open_view("instruction", database, who="rita", view="edit")
    labeled(page.text_input, "Title").set_value("Support tickets")
    button(page, "Save in the draft").click().run()
    assert review.draft_of(project, actor="rita").guideline.title == "Support tickets"
    assert "Support tickets" in words(page)


def test_one_change_and_the_whole_draft_can_be_taken_back(
    open_view: Open, drafted: Path, project: review.Project
) -> None:
    page = open_view("instruction", drafted, who="rita", view="edit")
    labeled(page.selectbox, "Take one change back").set_value("R5").run()
    button(page, "Take it back").click().run()
    assert "R5" not in review.draft_of(project, actor="rita").guideline.ids
    publish = review.guideline_version(project).guideline
    review.save_draft(project, replace(publish, title="T"), base=1, actor="rita")
    page = open_view("instruction", drafted, who="rita", view="edit")
    button(page, "Yes, throw it away").click().run()
    assert review.draft_of(project, actor="rita") is None


def test_a_lead_publishes_the_own_draft_with_a_reason(open_view: Open, database: Path, project: review.Project) -> None:
    now = review.guideline_version(project).guideline
    rule = lq.Rule(id="R5", class_name="refund", kind="boundary", other="billing", text="Money back: refund.")
    review.save_draft(project, now.with_rule(rule), base=1, actor="lea")
    page = open_view("instruction", database, view="edit")
    button(page, "Publish").click().run()
    assert "reason" in complaint(page)
    assert review.guideline_version(project).number == 1
    labeled(page.text_input, "Why").set_value("they were mixed up")
    button(page, "Publish").click().run()
    version = review.guideline_version(project)
    assert (version.number, version.author, version.reason) == (2, "lea", "they were mixed up")
    assert "You changed nothing yet" in words(page)


def test_a_lead_opens_and_publishes_the_draft_of_a_reviewer(
    open_view: Open, drafted: Path, project: review.Project
) -> None:
    page = open_view("instruction", drafted, view="edit")
    assert "Money is asked back: refund." in words(page)
    labeled(page.text_input, "Why").set_value("rita is right")
    button(page, "Publish").click().run()
    assert review.guideline_version(project).guideline.rule("R5").text == "Money is asked back: refund."
    assert "You changed nothing yet" in words(open_view("instruction", drafted, who="rita", view="edit"))


def test_another_draft_can_be_taken_over_only_without_an_own_one(
    open_view: Open, drafted: Path, project: review.Project
) -> None:
    page = open_view("instruction", drafted, view="edit")
    button(page, "Go on writing it as mine").click().run()
    assert "R5" in review.draft_of(project, actor="lea").guideline.ids
    assert "You have a draft of your own" in words(page)


def test_changes_of_two_people_are_put_together(open_view: Open, drafted: Path, project: review.Project) -> None:
    publish_definition(project)
    page = open_view("instruction", drafted, who="rita", view="edit")
    said = words(page)
    assert "lea published version 2 while you wrote" in said
    assert "do not touch the same rule" in said
    button(page, "Take both together").click().run()
    draft = review.draft_of(project, actor="rita")
    assert draft.base.number == 2
    assert draft.guideline.rule("R1").text == "About invoices."
    assert draft.guideline.rule("R5").text == "Money is asked back: refund."
    assert "while you wrote" not in words(page)


@pytest.mark.parametrize(("pick", "text"), [("theirs", "Published."), ("mine", "Mine.")])
def test_where_both_changed_a_rule_the_person_chooses(
    open_view: Open, drafted: Path, project: review.Project, pick: str, text: str
) -> None:
    draft = review.draft_of(project, actor="rita").guideline
    mine = draft.with_rule(replace(draft.rule("R1"), text="Mine."))
    review.save_draft(project, mine, base=1, actor="rita")
    publish_definition(project, text="Published.")
    page = open_view("instruction", drafted, who="rita", view="edit")
    page.radio(key="ins_pick_R1").set_value(pick)
    button(page, "Put them together").click().run()
    after = review.draft_of(project, actor="rita")
    assert (after.base.number, after.guideline.rule("R1").text) == (2, text)
    assert "R5" in after.guideline.ids


def test_the_history_compares_and_brings_back(open_view: Open, database: Path, project: review.Project) -> None:
    publish_definition(project, text="Old words.")
    publish_definition(project, text="New words.")
    page = open_view("instruction", database, view="history")
    assert page.dataframe[0].value["Version"].tolist() == [3, 2, 1]
    said = words(page)
    assert '<del class="lq-del">Old</del>' in said
    labeled(page.text_input, "Why").set_value("the old one was better")
    button(page, "Publish it again").click().run()
    version = review.guideline_version(project)
    assert (version.number, version.restored_from) == (4, 2)
    assert not [b for b in open_view("instruction", database, who="rita", view="history").button if "again" in b.label]


def test_the_deciding_items_are_one_click_away(open_view: Open, database: Path) -> None:
    page = open_view("instruction", database, who="rita", **PAIR)
    button(page, "Decide items of this pair").click().run()
    assert page.session_state["_went"] == {"page": "disagreements", "a": "billing", "b": "refund"}


def test_hostile_texts_are_shown_letter_by_letter(open_view: Open, tmp_path: Path) -> None:
    database = hostile_project(tmp_path)
    with review.open_project(str(database)) as project:
        a, b = project.classes
        guideline = review.guideline_version(project).guideline
        for text in HOSTILE[:5]:
            rule = lq.Rule(id=guideline.next_id(), class_name=a, kind="boundary", other=b, text=text)
            guideline = guideline.with_rule(rule)
        guideline = replace(guideline, introduction=HOSTILE[0], title=HOSTILE[1])
        review.save_draft(project, guideline, base=1, actor="rita")
        review.publish_guideline(project, guideline, base=1, actor="lea", reason=HOSTILE[0])
        changed = guideline.with_rule(replace(guideline.rule("R3"), text=HOSTILE[0][::-1] + HOSTILE[0]))
        review.save_draft(project, changed, base=2, actor="rita")
        queue = review.review_queue(project, actor="lea", limit=8)
        for entry in queue.entries:
            review.decide(project, entry.item, a, "slip", actor="lea", note=HOSTILE[1])
    for query in ({"view": "read"}, {"a": a, "b": b}, {"rule": "R3", "a": a, "b": b}, {"view": "history"}):
        page = open_view("instruction", database, who="rita", **query)
        assert not page.exception
        assert not page.error
        html = "\n".join(e.proto.body for e in page.get("html"))
        assert "<script" not in html
        assert "<img" not in html
        assert "\0" not in html
