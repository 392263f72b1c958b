"""Kinds of items on which people disagree: found, taken apart, with what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from tests.app.conftest import words_of
from tests.app.projects import CLASSES, hostile_project, says, support_project, truth

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]


def words(page: AppTest) -> str:
    """Return everything the page says, without the escapes of Markdown."""
    assert not page.exception, [e.value for e in page.exception]
    return words_of(page).replace("\\", "")


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which people and a model are wrong in chats much more often than in mails."""
    path = tmp_path_factory.mktemp("chat") / "chat.db"
    rng, n = np.random.default_rng(3), 400
    true, channel = truth(n), rng.choice(["mail", "chat"], n)
    rate = np.where(channel == "chat", 0.5, 0.03)
    said = [[says(t, rng, confused=r, slips=r) for t, r in zip(true, rate, strict=True)] for _ in range(2)]
    frame = pd.DataFrame(
        {
            "item": [f"t{i}" for i in range(n)],
            "ana": said[0],
            "bo": said[1],
            "channel": channel,
            "language": rng.choice(["en", "de"], n),
            "stored_label": true,
            "prediction": [says(t, rng, confused=0, slips=r) for t, r in zip(true, rate, strict=True)],
        }
    )
    data = lq.Annotations.from_wide(frame, annotators=["ana", "bo"], item="item", classes=CLASSES)
    review.create_project(str(path), "chat", actor="lea", annotations=data).close()
    return path


def test_without_a_project_the_way_to_one_is_shown(open_view: Open) -> None:
    assert "There is no project yet" in words(open_view("slices"))


def test_an_annotator_sees_no_result(open_view: Open, chat: Path) -> None:
    page = open_view("slices", chat, who="ana")
    assert "for reviewers and leads" in words(page)
    assert not page.dataframe


def test_the_planted_kind_is_found_and_taken_apart(open_view: Open, chat: Path) -> None:
    page = open_view("slices", chat)
    said = words(page)
    assert "channel = chat" in said
    assert "of label pairs split on these" in said
    assert "Two columns crossed" in said
    table = next(t.value for t in page.dataframe if "Slice" in t.value and "Elsewhere" in t.value)
    assert "chat" in table["Slice"].iloc[0]
    assert len(page.get("vega_lite_chart")) + len(page.get("arrow_vega_lite_chart")) >= 3


def test_remedies_are_actions(open_view: Open, chat: Path) -> None:
    page = open_view("slices", chat)
    page.button(key="decide").click().run()
    went = page.session_state["_went"]
    assert went["page"] == "disagreements"
    assert "chat" in went["slice"]
    assert {went["a"], went["b"]} <= set(CLASSES)
    page.button(key="clarify").click().run()
    assert page.session_state["_went"]["page"] == "instruction"
    assert page.session_state["_went"]["slice"] == went["slice"]
    page.button(key="to_data").click().run()
    assert page.session_state["_went"] == {"page": "data"}


def test_clarify_opens_the_editor_with_the_items_of_the_slice(open_view: Open, chat: Path, tmp_path: Path) -> None:
    copy = tmp_path / "chat.db"
    copy.write_bytes(chat.read_bytes())
    page = open_view("slices", copy)
    page.button(key="clarify").click().run()
    went = {k: v for k, v in page.session_state["_went"].items() if k != "page"}
    pair, channels = {went["a"], went["b"]}, {}
    with review.open_project(str(copy)) as project:
        queue = review.review_queue(project, 1, actor="lea", undecided=False, pair=(went["a"], went["b"]), limit=1000)
        for channel in ("chat", "mail"):
            entry = next(e for e in queue.entries if e.payload["channel"] == channel)
            review.decide(project, entry.item, sorted(pair)[0], "guideline_gap", actor="lea")
            channels[channel] = entry.item
    went["slice"] = "channel = chat"
    editor = open_view("instruction", copy, **went)
    said = words(editor)
    assert "Only items with **channel = chat**" in said
    assert f">{channels['chat']} ·" in said
    assert f">{channels['mail']} ·" not in said


def test_the_items_of_a_slice_are_found_by_its_name(open_view: Open, chat: Path) -> None:
    from labelqa_app.shell import Here
    from labelqa_app.slicing import items_of_slice

    with review.open_project(str(chat)) as project:
        here = Here(project=project, actor="lea", role="lead")
        data = review.visible_annotations(project, "rules", actor="lea", round=1)
        found = lq.disagreement_slices(data)
        items = items_of_slice(here, 1, str(found.frame["predicates"].iloc[0]))
        assert items == tuple(data.items[found.mask(0)])
        assert items_of_slice(here, 1, "nonsense") == ()


def test_contested_items_of_a_slice_lead_to_their_page(open_view: Open, chat: Path) -> None:
    page = open_view("slices", chat)
    link = next(b for b in page.button if b.key and b.key.startswith("item_"))
    item = link.key.removeprefix("item_")
    link.click().run()
    assert page.session_state["_went"] == {"page": "disagreements", "item": item, "round": "1"}


def test_columns_of_the_heat_map_are_chosen(open_view: Open, chat: Path) -> None:
    page = open_view("slices", chat)
    names = page.selectbox(key="_rows").options
    assert {"channel", "language"} <= set(names)
    page.selectbox(key="_rows").set_value("language").run()
    assert "Label pairs that split: language by" in words(page)


def test_errors_of_a_model_are_diagnosed_where_there_are_predictions(open_view: Open, chat: Path) -> None:
    page = open_view("slices", chat)
    said = words(page)
    assert "Where does the model go wrong, and why?" in said
    assert page.selectbox(key="_stored").value == "stored_label"
    assert page.selectbox(key="_predicted").value == "prediction"
    assert "First what pays most" in said


def test_nothing_found_is_said_plainly(open_view: Open, tmp_path: Path) -> None:
    page = open_view("slices", support_project(tmp_path, n=60))
    said = words(page)
    assert "No kind of items stands out" in said
    assert "With fewer than 100 items" in said
    assert "Bring the items with two more columns" in said
    page.button(key="to_pairs").click().run()
    assert page.session_state["_went"] == {"page": "pairs"}


def test_items_without_data_are_told(open_view: Open, tmp_path: Path) -> None:
    path = tmp_path / "bare.db"
    frame = pd.DataFrame({"item": range(20), "ann": ["x", "y"] * 10, "ben": ["x", "x"] * 10})
    data = lq.Annotations.from_wide(frame, item="item")
    review.create_project(str(path), "bare", actor="lea", annotations=data).close()
    assert "Nothing is known of the items" in words(open_view("slices", path))


def test_hostile_texts_are_shown_letter_by_letter(open_view: Open, tmp_path: Path) -> None:
    page = open_view("slices", hostile_project(tmp_path))
    assert not page.exception
    assert "<script>" not in "\n".join(e.proto.body for e in page.get("html"))
    assert not [m.value for m in page.markdown if "text **bold**" in m.value or "<script>" in m.value]


def test_the_items_of_a_slice_are_settled_alone_and_the_others_come_back(open_view: Open, chat: Path) -> None:
    page = open_view("disagreements", chat, slice="channel = chat", round="1")
    with review.open_project(str(chat)) as project:
        queue = review.review_queue(project, 1, actor="lea", undecided=False, limit=1000)
    inside = {entry.item for entry in queue.entries if entry.payload["channel"] == "chat"}
    assert 0 < len(inside) < queue.total
    assert f"Only items with **channel = chat** ({len(inside):,})" in words(page)
    shown = page.query_params["item"]
    assert (shown if isinstance(shown, str) else shown[0]) in inside
    page.button(key="dis_all_slices").click().run()
    assert "Only items with" not in words(page)


def copied(chat: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "copy.db"
    copy.write_bytes(chat.read_bytes())
    return copy


def press(page: AppTest, what: str) -> None:
    next(b for b in page.button if b.key and b.key.startswith(f"{what}_")).click().run()


def choose_label(page: AppTest, label: str) -> None:
    pills = next(g for g in page.button_group if g.key and g.key.startswith("right_"))
    pills.set_value([label]).run()


def test_verdicts_on_items_of_a_slice_move_the_estimate(open_view: Open, chat: Path, tmp_path: Path) -> None:
    copy = copied(chat, tmp_path)
    page = open_view("slices", copy)
    assert "is judged yet" in words(page)
    for done in range(1, 4):
        choose_label(page, CLASSES[0])
        press(page, "silent")
        assert f"{done} of its" in words(page)
    assert "The instruction is behind 100% of them" in words(page)
    with review.open_project(str(copy)) as project:
        made = review.decisions_in_force(project, actor="lea").values()
    assert [(d.labels, d.cause) for d in made] == [((CLASSES[0],), "guideline_gap")] * 3
    page.button(key="slice_undo").click().run()
    assert "2 of its" in words(page)


def test_a_verdict_without_a_label_is_asked_for_and_not_stored(open_view: Open, chat: Path, tmp_path: Path) -> None:
    copy = copied(chat, tmp_path)
    page = open_view("slices", copy)
    press(page, "slip")
    assert "Choose the right label first" in words(page)
    with review.open_project(str(copy)) as project:
        assert not review.decisions_in_force(project, actor="lea")


def test_a_verdict_is_never_stored_over_another_decision(open_view: Open, chat: Path, tmp_path: Path) -> None:
    copy = copied(chat, tmp_path)
    page = open_view("slices", copy)
    choose_label(page, CLASSES[0])
    item = page.session_state["_slice_showing"].item
    with review.open_project(str(copy)) as project:
        review.put_person(project, "rae", "reviewer", actor="lea")
        review.decide(project, item, CLASSES[1], "slip", actor="rae")
    press(page, "silent")
    assert "was decided by rae meanwhile" in words(page)
    with review.open_project(str(copy)) as project:
        assert review.decisions_in_force(project, actor="lea")[item].labels == (CLASSES[1],)


def test_an_item_that_was_passed_over_comes_last(open_view: Open, chat: Path, tmp_path: Path) -> None:
    page = open_view("slices", copied(chat, tmp_path))
    first = page.session_state["_slice_showing"].item
    press(page, "skip")
    assert page.session_state["_slice_showing"].item != first


def test_who_said_what_stays_hidden_while_an_item_of_a_slice_is_judged(open_view: Open, chat: Path) -> None:
    said = words(open_view("slices", chat))
    assert "People said A: " in said
    assert "ana" not in said.split("What is behind it?")[1].split("Its contested items")[0]
