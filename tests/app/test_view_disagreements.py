"""Settling items: the queue, the form, taking back, two people at once, and texts that try to be markup."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from tests.app.conftest import words_of
from tests.app.projects import CLASSES, hostile_project, support_labels, support_project

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

from labelqa_app import background

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]
PAIR = {"a": "refund", "b": "billing"}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return support_project(tmp_path)


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


def at(page: AppTest, key: str = "item") -> str | None:
    """Return what the address says."""
    found = page.query_params.get(key)
    return found[0] if isinstance(found, list) else found


def fill(page: AppTest, label: str = "refund", cause: str = "guideline_gap", note: str = "") -> AppTest:
    """Fill the form in."""
    next(b for b in page.button_group if b.label == "Right label").set_value([label])
    page.radio[0].set_value(cause)
    next(t for t in page.text_area if t.label == "Note").set_value(note)
    return page


def html(page: AppTest) -> str:
    """Return everything that the page draws as HTML."""
    assert not page.exception, [e.value for e in page.exception]
    return "\n".join(e.proto.body for e in page.get("html"))


def queue(project: review.Project, *, undecided: bool = True) -> list[str]:
    found = review.review_queue(project, actor="lea", pair=("billing", "refund"), undecided=undecided, limit=500)
    return [entry.item for entry in found.entries]


def test_without_a_project_or_a_closed_round_the_way_is_shown(open_view: Open, tmp_path: Path) -> None:
    assert "There is no project yet" in words(open_view("disagreements"))
    items = support_labels(9)[["item", "text"]].drop_duplicates()
    path = tmp_path / "empty.db"
    review.create_project(str(path), "empty", actor="lea", items=items, classes=["bug", "wish"]).close()
    assert "nothing to settle" in words(open_view("disagreements", path))


def test_where_all_agree_there_is_nothing_to_settle(open_view: Open, tmp_path: Path) -> None:
    labels = support_labels(20).assign(label="bug")
    path = tmp_path / "agreed.db"
    review.create_project(
        str(path), "agreed", actor="lea", annotations=lq.read_annotations(labels), classes=["bug", "wish"]
    ).close()
    assert "nobody disagreed" in words(open_view("disagreements", path))


def test_the_page_is_for_reviewers(open_view: Open, database: Path) -> None:
    said = words(open_view("disagreements", database, who="ana"))
    assert "for reviewers and leads" in said
    assert "Ticket" not in said


def test_an_item_is_shown_with_letters_and_evidence_and_no_names(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("disagreements", database, **PAIR)
    background.worker().wait(30)
    said = words(page.run())
    first = queue(project)[0]
    assert at(page) == first
    assert f"Ticket {first[1:]}:" in said
    assert "<i>A</i>" in said
    assert "<i>B</i>" in said
    assert "ana" not in said.replace("analytic", "")
    assert "What disputed items have in common" in said
    assert "billing or refund?" in said


def test_a_decision_is_stored_and_the_next_item_comes(open_view: Open, database: Path, project: review.Project) -> None:
    page = open_view("disagreements", database, **PAIR)
    first, second = queue(project)[:2]
    button(fill(page, note="money is asked back"), "Save and go on").click().run()
    assert at(page) == second
    found = review.decision_of(project, first, actor="lea")
    assert found is not None
    assert (found.labels, found.cause, found.note) == (("refund",), "guideline_gap", "money is asked back")
    assert "1 decided (lea 1)" in page.get("progress")[0].proto.text


def test_several_labels_may_be_right(open_view: Open, database: Path, project: review.Project) -> None:
    page = open_view("disagreements", database, **PAIR)
    first = at(page)
    fill(page, cause="ambiguous_item")
    next(b for b in page.button_group if b.label == "Right label").set_value(["refund", "billing"])
    next(b for b in page.button_group if b.label == "How sure are you?").set_value("fairly sure")
    button(page, "Save and go on").click().run()
    found = review.decision_of(project, str(first), actor="lea")
    assert set(found.labels) == {"refund", "billing"}
    assert found.confidence == 0.75


def test_a_rule_can_be_cited_those_of_the_pair_first(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "revised")
    page = open_view("disagreements", database, **PAIR)
    rules = next(s for s in page.selectbox if s.label == "Rule that settles it")
    assert "Money is asked back" in rules.options[0]
    rules.set_value(rules.options[0].split(" ")[0])
    item = str(at(page))
    button(fill(page, cause="slip"), "Save and go on").click().run()
    with review.open_project(str(database)) as project:
        assert review.decision_of(project, item, actor="lea").rule_id == "R5"


def test_an_empty_form_is_not_stored_and_says_what_is_missing(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("disagreements", database, **PAIR)
    first = at(page)
    button(page, "Save and go on").click().run()
    assert "choose the right label and why people disagreed" in words(page)
    assert at(page) == first
    assert review.decisions_in_force(project, actor="lea") == {}


def test_a_decision_sent_twice_is_stored_once(database: Path, project: review.Project) -> None:
    from labelqa_app.decision_form import Mine
    from labelqa_app.shell import Here

    first = queue(project)[0]
    mine = Mine(
        item=first, labels=("refund",), cause="slip", rule_id=None, confidence=None, note="", view="v", supersedes=None
    )
    for _ in range(2):
        mine.store(Here(project=project, actor="lea", role="lead"), None)
    assert len(review.decision_history(project, first, actor="lea")) == 1


def test_next_and_previous_pass_over_what_is_decided(open_view: Open, database: Path, project: review.Project) -> None:
    items = queue(project)
    review.decide(project, items[1], "refund", "slip", actor="rita")
    page = open_view("disagreements", database, **PAIR)
    button(page, "Next").click().run()
    assert at(page) == items[2]
    button(page, "Previous").click().run()
    assert at(page) == items[0]
    page.toggle[0].set_value(False).run()
    button(page, "Next").click().run()
    assert at(page) == items[1]
    assert "Decided by rita" in words(page)


def test_a_reload_comes_back_to_the_same_item(open_view: Open, database: Path, project: review.Project) -> None:
    third = queue(project)[2]
    assert at(open_view("disagreements", database, item=third, **PAIR)) == third
    page = open_view("disagreements", database, item="nothing", **PAIR)
    assert "is not among the contested items" in "\n".join(i.value for i in page.info)
    assert at(page) == queue(project)[0]


def test_a_decision_is_shown_with_names_and_can_be_taken_back(
    open_view: Open, database: Path, project: review.Project
) -> None:
    first = queue(project)[0]
    review.decide(project, first, "refund", "slip", actor="rita", note="clear case")
    page = open_view("disagreements", database, item=first, all="1", **PAIR)
    said = words(page)
    assert "<i>ana</i>" in said
    assert "clear case" in said
    button(page, "Take their decision back").click().run()
    assert review.decision_of(project, first, actor="lea") is None
    assert [d.kind for d in review.decision_history(project, first, actor="lea")] == ["decide", "undo"]
    assert "took a decision back" in words(page)


def test_ones_last_decision_is_taken_back_after_a_reload_too(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("disagreements", database, **PAIR)
    first = at(page)
    button(fill(page), "Save and go on").click().run()
    page = open_view("disagreements", database, **PAIR)
    assert at(page) != first
    button(page, f"Undo {first}").click().run()
    assert at(page) == first
    assert review.decisions_in_force(project, actor="lea") == {}
    assert button(page, "Undo").disabled
    assert not page.error


def test_a_decision_can_be_replaced_by_the_one_who_sees_it(
    open_view: Open, database: Path, project: review.Project
) -> None:
    first = queue(project)[0]
    review.decide(project, first, "billing", "slip", actor="rita")
    page = open_view("disagreements", database, item=first, all="1", **PAIR)
    button(fill(page), "Save and go on").click().run()
    found = review.decision_of(project, first, actor="lea")
    assert (found.actor, found.labels) == ("lea", ("refund",))


@pytest.mark.parametrize("choice", ["Keep theirs", "Replace by mine"])
def test_two_people_at_once_never_overwrite(
    open_view: Open, database: Path, project: review.Project, choice: str
) -> None:
    page = open_view("disagreements", database, **PAIR)
    first = str(at(page))
    fill(page, note="as I see it")
    review.decide(project, first, "billing", "slip", actor="rita", note="as rita sees it")
    button(page, "Save and go on").click().run()
    said = words(page)
    assert "Yours is not stored yet" in said
    assert "as rita sees it" in said
    assert "as I see it" in said
    assert review.decision_of(project, first, actor="lea").actor == "rita"
    button(page, choice).click().run()
    assert review.decision_of(project, first, actor="lea").actor == ("rita" if choice == "Keep theirs" else "lea")
    assert at(page) != first
    assert "Yours is not stored yet" not in words(page)


def test_what_somebody_took_back_meanwhile_is_told_before_anything_is_stored(
    open_view: Open, database: Path, project: review.Project
) -> None:
    first = queue(project)[0]
    theirs = review.decide(project, first, "billing", "slip", actor="rita")
    page = open_view("disagreements", database, item=first, all="1", **PAIR)
    fill(page)
    review.undo_decision(project, theirs.uuid, actor="rita")
    button(page, "Save and go on").click().run()
    assert "was taken back meanwhile" in words(page)
    button(page, "Store mine").click().run()
    assert review.decision_of(project, first, actor="lea").labels == ("refund",)


def test_two_reviewers_see_each_others_progress_and_start_at_different_items(
    open_view: Open, database: Path, project: review.Project
) -> None:
    lea = open_view("disagreements", database, who="lea", **PAIR)
    rita = open_view("disagreements", database, who="rita", **PAIR)
    assert at(lea) != at(rita)
    review.decide(project, str(at(lea)), "refund", "slip", actor="rita")
    lea.run()
    assert "rita has just decided" not in words(lea)  # it is shown as decided already
    assert "Decided by rita" in words(lea)
    assert "1 decided (rita 1)" in lea.get("progress")[0].proto.text


def test_when_all_are_decided_the_rule_is_next(open_view: Open, database: Path, project: review.Project) -> None:
    for item in queue(project):
        review.decide(project, item, "refund", "guideline_gap", actor="rita")
    page = open_view("disagreements", database, **PAIR)
    assert "All of these are decided" in words(page)
    button(page, "Write the rule for billing / refund").click().run()
    assert page.session_state["_went"] == {"page": "instruction", "a": "billing", "b": "refund", "round": "1"}
    button(page, "Look at them again").click().run()
    assert "Decided by rita" in words(page)


def test_a_pair_that_nobody_confused_and_one_that_is_no_pair(open_view: Open, database: Path) -> None:
    assert "Nobody confused" in words(open_view("disagreements", database, a="nothing", b="nobody"))


def test_held_out_items_are_never_shown(open_view: Open, database: Path, project: review.Project) -> None:
    with project.store.read() as reader:
        held = [r.item for r in reader.items(project.id) if r.held_out]
    assert held
    page = open_view("disagreements", database, item=held[0])
    assert at(page) != held[0]
    assert f"Ticket {held[0][1:]}:" not in words(page)


def test_hostile_texts_are_shown_letter_by_letter(open_view: Open, tmp_path: Path) -> None:
    database = hostile_project(tmp_path)
    page = open_view("disagreements", database)
    first = str(at(page))
    for _ in range(8):
        said = html(page)
        assert "<script" not in said
        assert "<img" not in said
        assert "\0" not in said
        assert not page.error
        next(b for b in page.button_group if b.label == "Right label").set_value(["<b>a</b> $x$"])
        page.radio[0].set_value("slip")
        next(t for t in page.text_area if t.label == "Note").set_value("<script>x</script> **n** $1$")
        button(page, "Save and go on").click().run()
    shown = html(open_view("disagreements", database, all="1", item=first))
    assert "<script" not in shown
    assert "&lt;script&gt;x&lt;/script&gt; **n** $1$" in shown


def with_a_unanimous_round(folder: Path) -> Path:
    """Return a project whose second, closed round has no disagreement."""
    first = support_labels(60)
    agreed = support_labels(20).assign(label="bug", round="2")
    agreed["item"] = "u" + agreed["item"]
    labels = lq.read_annotations(pd.concat([first.assign(round="1"), agreed]), round="round")
    path = folder / "two.db"
    review.create_project(
        str(path), "two", actor="lea", annotations=labels, classes=CLASSES,
        settings=review.ProjectSettings(held_out=0),
    ).close()  # fmt: skip
    return path


def test_where_the_latest_round_is_unanimous_earlier_ones_can_be_reached(open_view: Open, tmp_path: Path) -> None:
    page = open_view("disagreements", with_a_unanimous_round(tmp_path))
    assert "In round 2 nobody disagreed" in words(page)
    assert page.selectbox(key="_round").value == 2
    page.button(key="dis_to_1").click().run()
    assert at(page, "round") == "1"
    assert at(page) is not None
    page.selectbox(key="_round").set_value(2).run()
    assert "In round 2 nobody disagreed" in words(page)


def test_the_address_names_the_round_so_that_a_link_stays_at_its_item(open_view: Open, tmp_path: Path) -> None:
    page = open_view("disagreements", support_project(tmp_path, "closed"), round="1", **PAIR)
    item = at(page)
    assert at(page, "round") == "1"
    again = open_view("disagreements", tmp_path / "tickets.db", item=str(item), round=str(at(page, "round")))
    assert at(again) == item
    assert not again.info


@pytest.mark.parametrize("wanted", ["99", "x", "2"])
def test_a_round_that_is_not_there_or_open_leads_to_the_latest(open_view: Open, tmp_path: Path, wanted: str) -> None:
    page = open_view("disagreements", support_project(tmp_path, "labeling"), item="nope", round=wanted, a="x")
    assert "names no closed round: this is round 1" in "\n".join(i.value for i in page.info)
    assert at(page, "round") == "1"
    assert button(page, "Save and go on")


def test_undo_names_its_item_and_shows_it_whatever_is_chosen(
    open_view: Open, database: Path, project: review.Project
) -> None:
    other = next(
        e.item for e in review.review_queue(project, actor="lea", limit=500).entries
        if {o.label for o in e.opinions} != {"refund", "billing"}
    )  # fmt: skip
    review.decide(project, other, "bug", "slip", actor="lea")
    page = open_view("disagreements", database, **PAIR)
    undo = button(page, f"Undo {other}")
    assert "bug" in undo.help
    undo.click().run()
    assert at(page) == other
    assert at(page, "a") is None
    assert review.decision_of(project, other, actor="lea") is None
    assert f"Your decision on {other} is taken back" in page.toast[0].value


def test_undo_does_not_touch_what_was_settled_anew_meanwhile(
    open_view: Open, database: Path, project: review.Project
) -> None:
    first = queue(project)[0]
    mine = review.decide(project, first, "billing", "slip", actor="lea")
    page = open_view("disagreements", database, **PAIR)
    review.decide(project, first, "refund", "slip", actor="rita", supersedes=mine.uuid)
    button(page, f"Undo {first}").click().run()
    assert review.decision_of(project, first, actor="lea").actor == "rita"
    assert "not in force any more" in "\n".join(w.value for w in page.warning)
    assert not page.toast


def test_deciding_anew_goes_on_to_the_next_in_order(open_view: Open, database: Path, project: review.Project) -> None:
    items = queue(project)
    for item in items:
        review.decide(project, item, "billing", "slip", actor="rita")
    page = open_view("disagreements", database, item=items[3], all="1", **PAIR)
    button(fill(page), "Save and go on").click().run()
    assert at(page) == items[4]


def test_what_was_begun_stays_with_its_item(open_view: Open, database: Path, project: review.Project) -> None:
    page = open_view("disagreements", database, **PAIR)
    first = str(at(page))
    fill(page, note="half a thought").run()
    button(page, "Next").click().run()
    assert next(t for t in page.text_area if t.label == "Note").value == ""
    assert page.radio[0].value is None
    button(page, "Previous").click().run()
    assert at(page) == first
    assert next(t for t in page.text_area if t.label == "Note").value == "half a thought"
    review.decide(project, first, "billing", "slip", actor="rita")
    again = open_view("disagreements", database, item=first, all="1", **PAIR)  # after a reload, and decided meanwhile
    assert next(t for t in again.text_area if t.label == "Note").value == "half a thought"
    assert again.radio[0].value == "guideline_gap"
    other = open_view("disagreements", database, who="rita", item=first, all="1", **PAIR)
    assert next(t for t in other.text_area if t.label == "Note").value == ""
    button(again, "Save and go on").click().run()
    after = open_view("disagreements", database, item=first, all="1", **PAIR)
    assert next(t for t in after.text_area if t.label == "Note").value == ""


def test_a_conflict_is_only_shown_to_the_person_who_had_it(
    open_view: Open, database: Path, project: review.Project
) -> None:
    page = open_view("disagreements", database, **PAIR)
    first = str(at(page))
    fill(page, note="lea's wish")
    review.decide(project, first, "billing", "slip", actor="rita")
    button(page, "Save and go on").click().run()
    assert "Yours is not stored yet" in words(page)
    page.query_params["as"] = "rita"
    page.run()
    assert "Yours is not stored yet" not in words(page)
    assert not [b for b in page.button if b.label == "Replace by mine"]


def test_classes_stand_in_the_order_of_the_project(open_view: Open, database: Path) -> None:
    page = open_view("disagreements", database, **PAIR)
    for _ in range(3):
        assert next(b for b in page.button_group if b.label == "Right label").options == list(CLASSES)
        button(page, "Next").click().run()


def test_stored_labels_are_not_shown_before_the_decision(open_view: Open, tmp_path: Path) -> None:
    labels = support_labels(60)
    labels["expected"] = "refund"
    path = tmp_path / "gold.db"
    with review.create_project(
        str(path), "gold", actor="lea", annotations=lq.read_annotations(labels), classes=CLASSES
    ) as project:
        first = queue(project)[0]
    page = open_view("disagreements", path, item=first, **PAIR)
    assert f"Ticket {first[1:]}:" in words(page)
    assert "expected" not in html(page)
    assert "channel" in html(page)
    button(fill(page), "Save and go on").click().run()
    page = open_view("disagreements", path, item=first, all="1", **PAIR)
    assert "All that is known" in [e.label for e in page.expander]
    assert "expected" in html(page)


def test_the_item_and_the_form_are_there_while_evidence_is_looked_for(
    open_view: Open, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, looked = threading.Event(), []
    explain = lq.explain_confusion

    def slow(*facts: object) -> lq.ConfusionEvidence:
        looked.append(facts)
        found.wait(30)
        return explain(*facts)

    monkeypatch.setattr(lq, "explain_confusion", slow)
    page = open_view("disagreements", database, **PAIR)
    rita = open_view("disagreements", database, who="rita", **PAIR)
    for one in (page, rita):
        assert "Looking for what the items share" in words(one)
        assert button(one, "Save and go on")
        assert "<i>A</i>" in words(one)
    found.set()
    background.worker().wait(30)
    for one in (page, rita):
        said = words(one.run())
        assert "What disputed items have in common" in said
        assert "Looking for" not in said
    assert len(looked) == 1  # for all


def test_what_breaks_in_a_part_that_draws_itself_is_told_without_a_traceback(
    open_view: Open, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labelqa_app.views import disagreements

    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(disagreements, "others_at", broken)
    page = open_view("disagreements", database, **PAIR)
    said = words(page)
    assert "Something broke that should not have" in said
    assert "secret" not in said
    assert button(page, "Save and go on")
