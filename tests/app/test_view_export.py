"""The page Export: gold labels, instruction, decisions, report."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.guidelines.rule import Rule
from labelqa.report.render.guideline_html import guideline_html
from tests.app.conftest import complaint, words_of
from tests.app.projects import HOSTILE, hostile_project, support_project
from tests.app.wrapped_tables import rows_of

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]


def downloads(page: AppTest) -> list[str]:
    """Return what the download buttons say."""
    return [str(b.proto.label) for b in page.get("download_button")]


def decide(path: Path) -> str:
    """Decide on one item that people disagree on, and return it."""
    with review.open_project(str(path)) as project:
        found = review.visible_annotations(project, "rules", actor="lea")
        labels = found.to_frame().groupby("item")["label"].nunique()
        item = str(labels.index[labels > 1][0])
        review.decide(project, item, ["refund"], "slip", actor="rita", note="=1+1 looked twice")
    return item


def test_without_a_project_it_says_where_to_begin(open_view: Open) -> None:
    page = open_view("export", who=None)
    assert "There is no project yet" in words_of(page)


def test_gold_labels_are_packed_with_their_counts(open_view: Open, tmp_path: Path) -> None:
    path = support_project(tmp_path)
    item = decide(path)
    page = open_view("export", path)
    assert "Download gold labels (zip)" not in downloads(page)
    page.button(key="gold").click().run()
    assert complaint(page) == ""
    packed = page.session_state["_gold"]
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert sorted(archive.namelist()) == [
            "decisions.jsonl", "guideline.md", "labels.csv", "manifest.json", "soft_labels.csv",
        ]  # fmt: skip
        labels = pd.read_csv(archive.open("labels.csv"))
        manifest = json.loads(archive.read("manifest.json"))
    assert labels.set_index("item").loc[item, "label"] == "refund"
    counts = labels["provenance"].value_counts()
    assert [m.value for m in page.metric] == [str(counts[k]) for k in ("unanimous", "adjudicated", "unresolved")]
    assert f"{manifest['n_held_out']} held-out items are not in it" in words_of(page)
    assert "Download gold labels (zip)" in downloads(page)


def test_open_items_lead_to_the_page_that_decides(open_view: Open, tmp_path: Path) -> None:
    page = open_view("export", support_project(tmp_path))
    page.button(key="gold").click().run()
    assert "one person only" not in words_of(page)
    page.button(key="to_decide_1").click().run()
    assert page.session_state["_went"] == {"page": "disagreements", "round": "1"}
    there = open_view("disagreements", tmp_path / "tickets.db", round="1")
    open_items = page.metric[2].value
    assert any(f"of {open_items} " in p.proto.text for p in there.get("progress")), "as many as the button says"


def test_items_that_one_person_labeled_are_no_disagreements(open_view: Open, tmp_path: Path) -> None:
    frame = pd.DataFrame({"item": list("abcdef"), "ana": list("xyxyxy"), "bo": ["x", "y", "y", None, None, None]})
    data = lq.Annotations.from_wide(frame, item="item")
    path = str(tmp_path / "p.db")
    settings = review.ProjectSettings(held_out=0)
    with review.create_project(path, "p", actor="lea", annotations=data, settings=settings):
        pass
    page = open_view("export", path)
    page.button(key="gold").click().run()
    assert page.metric[2].value == "4"
    assert page.button(key="to_decide_1").label == "Decide on 1 open item of round 1"
    assert "3 open items were labeled by one person only" in words_of(page)
    page.button(key="to_relabel").click().run()
    assert page.session_state["_went"] == {"page": "relabel"}


def test_held_out_items_are_released_only_when_confirmed(open_view: Open, tmp_path: Path) -> None:
    path = support_project(tmp_path)
    page = open_view("export", path)
    assert page.button(key="release").disabled
    page.text_input(key="reason").set_value("done").run()
    assert page.button(key="release").disabled
    page.checkbox(key="sure").check().run()
    page.button(key="release").click().run()
    assert complaint(page) == ""
    assert "The held-out items are released" in words_of(page)
    with review.open_project(str(path)) as project:
        assert project.settings()["held_out_released"] is True


def test_held_out_items_are_not_released_while_a_round_is_open(open_view: Open, tmp_path: Path) -> None:
    page = open_view("export", support_project(tmp_path, "labeling"))
    page.text_input(key="reason").set_value("done")
    page.checkbox(key="sure").check().run()
    page.button(key="release").click().run()
    assert "round 2 is open" in complaint(page)


def test_a_reviewer_gets_all_but_gold_labels(open_view: Open, tmp_path: Path) -> None:
    page = open_view("export", support_project(tmp_path, "revised"), who="rita")
    assert not page.exception
    assert "Only a lead exports gold labels" in words_of(page)
    assert {b.key for b in page.button}.isdisjoint({"gold", "release"})
    assert downloads(page) == ["Page to read and print (HTML)", "Markdown"]


def test_an_annotator_is_not_let_in(open_view: Open, tmp_path: Path) -> None:
    page = open_view("export", support_project(tmp_path), who="ana")
    assert "This page is for reviewers and leads" in words_of(page)
    assert not downloads(page)


def test_an_earlier_version_of_the_instruction_can_be_chosen(open_view: Open, tmp_path: Path) -> None:
    page = open_view("export", support_project(tmp_path, "revised"))
    assert page.selectbox(key="version").value == 2
    assert len(page.selectbox(key="version").options) == 2
    page.selectbox(key="version").set_value(1).run()
    assert not page.exception


def test_decisions_are_listed_and_safe_for_spreadsheets(open_view: Open, tmp_path: Path) -> None:
    from labelqa_app.views.export import _csv

    path = support_project(tmp_path)
    assert "Nobody has decided" in words_of(open_view("export", path))
    item = decide(path)
    page = open_view("export", path)
    row = rows_of(page, "Decisions, the newest first")[0]
    assert row["Item"] == item
    assert (row["What"], row["Label"], row["Why"]) == ("decided", "refund", review.CAUSES["slip"])
    assert _csv(pd.DataFrame({"a": ["=1+1", "fine"]})).decode("utf-8-sig").split() == ["a", "'=1+1", "fine"]
    assert {"Spreadsheet (CSV)", "For programs (JSON lines)"} <= set(downloads(page))


def test_the_page_speaks_of_the_instruction_and_of_files_of_programs_one_click_away(
    open_view: Open, tmp_path: Path
) -> None:
    page = open_view("export", support_project(tmp_path))
    page.button(key="gold").click().run()
    folded = [e for e in page.expander if e.label.startswith("For programmers")]
    assert "manifest.json" in folded[0].markdown[0].value
    captions = "\n".join(str(c.value) for c in page.caption)
    assert not [word for word in ("manifest", "jsonl", "guideline.md", "labelqa ") if word in captions]
    assert "Instruction" in [s.value for s in page.header]
    assert "By version 1 of the instruction." in captions


def test_the_report_is_that_of_the_visible_labels(open_view: Open, tmp_path: Path) -> None:
    path = support_project(tmp_path)
    page = open_view("export", path)
    page.button(key="report").click().run()
    assert complaint(page) == ""
    with review.open_project(str(path)) as project:
        seen = review.visible_annotations(project, "rules", actor="lea")
    statement = str(lq.build_report(seen).headline)
    assert statement in words_of(page).replace("\\", "")
    _, html, markdown, _ = page.session_state["_report"]
    assert html.startswith("<!doctype html>")
    assert statement in markdown.replace("\\", "")


def test_without_a_closed_round_there_is_nothing_to_report(open_view: Open, tmp_path: Path) -> None:
    items = pd.DataFrame({"item": ["a", "b"]})
    with review.create_project(str(tmp_path / "p.db"), "p", actor="lea", items=items, classes=["x", "y"]):
        pass
    page = open_view("export", tmp_path / "p.db")
    assert "There is nothing to report yet" in words_of(page)
    page.button(key="gold").click().run()
    assert "no round is closed" in complaint(page)


def test_hostile_names_are_shown_letter_by_letter(open_view: Open, tmp_path: Path) -> None:
    page = open_view("export", hostile_project(tmp_path))
    page.button(key="gold").click().run()
    page.button(key="report").click().run()
    assert complaint(page) == ""
    assert "<script>" not in words_of(page)
    assert "<script" not in page.session_state["_report"][1]


@pytest.mark.parametrize("text", HOSTILE, ids=["html", "markdown", "formula", "right-to-left", "nul", "long"])
def test_the_instruction_to_print_escapes_everything(text: str) -> None:
    text = text.replace("\0", "")  # a rule holds no NUL
    rules = (
        Rule(id="R1", class_name="<b>a</b>", kind="definition", text=text),
        Rule(id="R2", class_name="<b>a</b>", kind="boundary", other="c & d", text=text),
        Rule(id="R3", class_name="c & d", kind="positive_example", text="", item="<i>7</i>"),
    )
    guideline = lq.Guideline(classes=("<b>a</b>", "c & d"), rules=rules, title="<u>t</u>", introduction=text)
    page = guideline_html(guideline, version=3)
    for bad in ("<script", "<img", "<b>a", "<i>7", "<u>t", 'href="http'):
        assert bad not in page
    assert "Version 3" in page
    assert "against c &amp; d" in page
