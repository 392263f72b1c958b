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
from tests.app.wrapped_tables import rows_of

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]
PAIR = {"a": "refund", "b": "billing"}
RULE = "Rule, as people who label will read it"


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
    assert labeled(page.text_area, RULE).value == "From the other window."
    assert "From this window." in words(page), "what was typed is still there to read"


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
    assert "Say why it changes" in complaint(page)
    assert "reason=" not in complaint(page)
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
    labeled(page.radio, "Take for R1").set_value(pick)
    button(page, "Put them together").click().run()
    after = review.draft_of(project, actor="rita")
    assert (after.base.number, after.guideline.rule("R1").text) == (2, text)
    assert "R5" in after.guideline.ids


def test_the_history_compares_and_brings_back(open_view: Open, database: Path, project: review.Project) -> None:
    publish_definition(project, text="Old words.")
    publish_definition(project, text="New words.")
    page = open_view("instruction", database, view="history")
    assert [r["Version"] for r in rows_of(page, "Versions of the instruction")] == ["3", "2", "1"]
    said = words(page)
    assert '<del class="lq-del">Old</del>' in said
    button(page, "Publish it again").click().run()
    assert "Say why" in complaint(page)
    assert review.guideline_version(project).number == 3
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


def own_draft(project: review.Project, text: str, who: str = "lea") -> lq.Guideline:
    """Store a draft in which the definition of the first class says this."""
    now = review.guideline_version(project).guideline
    draft = now.with_rule(replace(now.rule("R1"), text=text))
    review.save_draft(project, draft, base=review.guideline_version(project).number, actor=who)
    return draft


def test_publishing_from_an_old_window_is_refused_and_the_newer_draft_stays(
    open_view: Open, database: Path, project: review.Project
) -> None:
    own_draft(project, "ONE")
    page = open_view("instruction", database, view="edit")
    labeled(page.text_input, "Why").set_value("clearer")
    newer = own_draft(project, "TWO")
    button(page, "Publish").click().run()
    assert "Your draft was changed in another window" in complaint(page)
    assert review.guideline_version(project).number == 1
    assert review.draft_of(project, actor="lea").guideline == newer
    assert "TWO" in words(page)


def test_a_lead_does_not_publish_what_the_reviewer_changed_meanwhile(
    open_view: Open, drafted: Path, project: review.Project
) -> None:
    page = open_view("instruction", drafted, view="edit")
    labeled(page.text_input, "Why").set_value("rita is right")
    own_draft(project, "Newer.", "rita")
    button(page, "Publish").click().run()
    assert "The draft of rita was changed" in complaint(page)
    assert review.guideline_version(project).number == 1


def test_an_own_draft_survives_publishing_that_of_another(
    open_view: Open, drafted: Path, project: review.Project
) -> None:
    page = open_view("instruction", drafted, view="edit")
    labeled(page.text_input, "Why").set_value("rita is right")
    mine = own_draft(project, "Begun in another window.")
    button(page, "Publish").click().run()
    assert review.guideline_version(project).number == 2
    assert review.draft_of(project, actor="lea").guideline == mine


@pytest.mark.parametrize("label", ["Go on writing it as mine", "Yes, throw it away", "Take it back"])
def test_no_button_overwrites_a_draft_that_changed_since_it_was_drawn(
    open_view: Open, drafted: Path, project: review.Project, label: str
) -> None:
    if label == "Go on writing it as mine":
        page = open_view("instruction", drafted, view="edit")
        newer = own_draft(project, "Newer.")
    else:
        own_draft(project, "Old.")
        page = open_view("instruction", drafted, view="edit")
        labeled(page.selectbox, "Take one change back").set_value("R1").run()
        newer = own_draft(project, "Newer.")
    button(page, label).click().run()
    assert "was changed in another window" in complaint(page)
    assert review.draft_of(project, actor="lea").guideline == newer


def test_put_together_is_only_what_was_shown(open_view: Open, drafted: Path, project: review.Project) -> None:
    draft = review.draft_of(project, actor="rita").guideline
    mine = draft.with_rule(replace(draft.rule("R1"), text="Mine."))
    mine = mine.with_rule(replace(mine.rule("R2"), text="Mine, too."))
    review.save_draft(project, mine, base=1, actor="rita")
    publish_definition(project, text="Published.")
    page = open_view("instruction", drafted, who="rita", view="edit")
    labeled(page.radio, "Take for R1").set_value("mine")
    publish_definition(project, "R2", "Published, too.")
    button(page, "Put them together").click().run()
    assert "Version 3 was published meanwhile" in complaint(page)
    after = review.draft_of(project, actor="rita")
    assert (after.base.number, after.guideline) == (1, mine)
    assert [r.label for r in page.radio] == ["Take for R1", "Take for R2"]
    assert {r.value for r in page.radio} == {"theirs"}, "a choice between other texts is no choice between these"
    labeled(page.radio, "Take for R2").set_value("mine")
    button(page, "Put them together").click().run()
    after = review.draft_of(project, actor="rita").guideline
    assert (after.rule("R1").text, after.rule("R2").text) == ("Published.", "Mine, too.")


def test_what_is_typed_is_stored_when_another_rule_is_opened(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("instruction", database, who="rita", **PAIR)
    labeled(page.text_area, RULE).set_value("Money back: refund.")
    page.button(key="ins_change_R1").click().run()
    draft = review.draft_of(project, actor="rita").guideline
    assert draft.rule("R5").text == "Money back: refund."
    labeled(page.text_area, RULE).set_value("About invoices.").run()
    assert "Change R1" in words(page)
    assert review.draft_of(project, actor="rita").guideline.rule("R1").text == "About invoices."
    again = open_view("instruction", database, who="rita", rule="R1", **PAIR)
    assert labeled(again.text_area, RULE).value == "About invoices."


def test_a_rule_that_is_being_written_keeps_its_fields(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("instruction", database, who="rita", **PAIR)
    text = labeled(page.text_area, RULE)
    text.set_value("Money back.").run()
    after = labeled(page.text_area, RULE)
    assert after.key == text.key, "the field that is typed in is not made anew"
    assert "New rule R5" in words(page)
    after.set_value("Money back: refund.").run()
    labeled(page.selectbox, "Kind of rule").set_value("use_when").run()
    rule = review.draft_of(project, actor="rita").guideline.rule("R5")
    assert (rule.kind, rule.text, rule.other) == ("use_when", "Money back: refund.", None)
    assert labeled(page.text_area, RULE).key == text.key
    assert "R6" not in review.draft_of(project, actor="rita").guideline.ids


def test_a_rule_begun_among_all_classes_stays_where_it_was_begun(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("instruction", database, who="rita", view="edit", rule="new")
    labeled(page.text_area, RULE).set_value("It crashes.").run()
    said = words(page)
    assert "R5" in review.draft_of(project, actor="rita").guideline.ids
    keys = [e.key for e in page.main if getattr(e, "key", None)]
    assert labeled(page.text_area, RULE).key in keys
    assert keys.index(labeled(page.text_area, RULE).key) < keys.index("ins_change_R1")
    assert "New rule R5" in said


def test_a_new_rule_whose_id_was_taken_says_under_which_it_is_stored(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("instruction", database, who="rita", **PAIR)
    base = review.guideline_version(project).guideline
    other = lq.Rule(id="R5", class_name="bug", kind="use_when", text="It crashes.")
    review.save_draft(project, base.with_rule(other), base=1, actor="rita")
    labeled(page.text_area, RULE).set_value("Money back: refund.")
    button(page, "Save in the draft").click().run()
    draft = review.draft_of(project, actor="rita").guideline
    assert (draft.rule("R5").text, draft.rule("R6").text) == ("It crashes.", "Money back: refund.")
    assert "R6 is stored" in page.toast[0].value


def test_the_introduction_is_stored_when_the_field_is_left(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("instruction", database, who="rita", view="edit")
    labeled(page.text_input, "Title").set_value("Support tickets").run()
    page.button(key="ins_change_R1").click().run()
    assert review.draft_of(project, actor="rita").guideline.title == "Support tickets"


def test_the_round_of_the_link_is_the_round_of_the_evidence(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "closed")
    with review.open_project(str(database)) as project:
        counts = {n: len(review.contested_labels(project, n, actor="lea").labels) for n in (1, 2)}
        pair = review.contested_labels(project, 1, actor="lea").labels
    both = sum({"billing", "refund"} <= set(labels) for labels in pair.values())
    assert counts[1] > counts[2]
    page = open_view("instruction", database, who="rita", round="1", **PAIR)
    assert f"({both} in dispute in round 1)" in str(page.selectbox(key="ins_focus").options)
    assert "Of round 1." in words(page)
    button(page, "Decide items of this pair").click().run()
    assert page.session_state["_went"]["round"] == "1"
    for nonsense in ("99", "x", "9" * 30):
        assert "Of round 2." in words(open_view("instruction", database, who="rita", round=nonsense, **PAIR))


def test_a_slice_shows_only_its_items_until_all_are_wanted(
    open_view: Open, database: Path, project: review.Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = decide_some(project, 6)
    chat = {i for i in items if int(i[1:]) % 2}
    assert 0 < len(chat) < len(items)
    monkeypatch.setattr("labelqa_app.views.instruction.items_of_slice", lambda *_: tuple(chat))
    page = open_view("instruction", database, who="rita", slice="channel = chat", round="1", **PAIR)
    said = words(page)
    assert "Only items with **channel = chat**" in said.replace("\\", "")
    assert [i for i in items if f"Ticket {i[1:]}:" in said] == [i for i in items if i in chat]
    button(page, "All items").click().run()
    assert all(f"Ticket {i[1:]}:" in words(page) for i in items)


def test_the_items_that_a_change_touches_are_listed(open_view: Open, drafted: Path, project: review.Project) -> None:
    page = open_view("instruction", drafted, who="rita", view="edit", rule="none")
    contested = review.contested_labels(project, actor="rita").labels
    first = next(item for item, labels in contested.items() if {"billing", "refund"} <= set(labels))
    assert f"{first} · in dispute" in words(page)
    row = page.dataframe[0].value.set_index("Class or pair").loc["billing / refund"]
    assert row["In dispute in the last round"] == sum({"billing", "refund"} <= set(v) for v in contested.values())
