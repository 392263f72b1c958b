"""Which classes get mixed up: the ranking, and each pair opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa_app import background
from tests.app.conftest import words_of
from tests.app.projects import hostile_project, support_project

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]


def words(page: AppTest) -> str:
    """Return everything the page says, without the escapes of Markdown."""
    assert not page.exception, [e.value for e in page.exception]
    return words_of(page).replace("\\", "")


def found(page: AppTest) -> AppTest:
    """Return the page once what it looks for in the background is found."""
    assert background.worker().wait(60)
    return page.run()


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return support_project(tmp_path_factory.mktemp("measured"))


def test_without_a_project_the_way_to_one_is_shown(open_view: Open) -> None:
    assert "There is no project yet" in words(open_view("pairs"))


def test_an_annotator_sees_no_result(open_view: Open, measured: Path) -> None:
    page = open_view("pairs", measured, who="ana")
    assert "for reviewers and leads" in words(page)
    assert not page.dataframe


def test_the_planted_pair_comes_first_with_its_interval_and_advice(open_view: Open, measured: Path) -> None:
    page = open_view("pairs", measured)
    said = words(page)
    with review.open_project(str(measured)) as project:
        confused = lq.class_confusions(review.visible_annotations(project, "rules", actor="lea", round=1))
    row = confused.frame.iloc[0]
    assert {row["class_a"], row["class_b"]} == {"billing", "refund"}
    spread = f"{row['disagreement']:.0%} of label pairs split ({row['disagreement_low']:.0%} to"
    assert spread in said
    assert said.index(spread) < said.index("Items that got both labels, class by class")
    assert "Clarify the border" in said
    assert len(page.get("vega_lite_chart")) + len(page.get("arrow_vega_lite_chart")) == 2


def test_one_click_opens_a_pair_and_another_one_goes_back(open_view: Open, measured: Path) -> None:
    page = open_view("pairs", measured)
    page.button(key="pair_0").click().run()
    assert "What makes it hard?" in words(page)
    assert {v if isinstance(v, str) else v[0] for v in (page.query_params["a"], page.query_params["b"])} == {
        "billing",
        "refund",
    }
    page.button(key="all_pairs").click().run()
    assert "a" not in page.query_params
    assert page.button(key="pair_0")


def test_a_pair_leads_to_its_items_and_to_the_rule(open_view: Open, measured: Path) -> None:
    page = open_view("pairs", measured, a="refund", b="billing")
    assert "0 of " in words(page)
    page.button(key="decide").click().run()
    assert page.session_state["_went"] == {"page": "disagreements", "a": "refund", "b": "billing"}
    page.button(key="write").click().run()
    assert page.session_state["_went"] == {"page": "instruction", "a": "refund", "b": "billing"}


def test_no_held_out_item_is_evidence(open_view: Open, measured: Path) -> None:
    page = found(open_view("pairs", measured, a="refund", b="billing"))
    with review.open_project(str(measured)) as project, project.store.read() as reader:
        hidden = {r.item for r in reader.items(project.id) if r.held_out}
    shown = {str(v) for t in page.dataframe for v in t.value.to_numpy().ravel()}
    assert hidden
    assert not hidden & shown


def test_the_rule_in_force_stands_beside_the_evidence(open_view: Open, tmp_path: Path) -> None:
    page = open_view("pairs", support_project(tmp_path, "revised"), a="refund", b="billing")
    said = words(page)
    assert "What version 2 of the instruction says" in said
    assert "Money is asked back: refund." in said


def test_an_older_round_is_kept_on_the_way(open_view: Open, tmp_path: Path) -> None:
    page = open_view("pairs", support_project(tmp_path, "closed"), a="refund", b="billing", round="1")
    page.button(key="decide").click().run()
    assert page.session_state["_went"]["round"] == "1"


def test_an_address_without_sense_is_told(open_view: Open, measured: Path) -> None:
    assert "names no two classes" in words(open_view("pairs", measured, a="refund", b="nonsense"))
    assert "names no two classes" in words(open_view("pairs", measured, a="refund", b="refund"))


def test_classes_that_never_met_and_classes_without_quarrel(open_view: Open, tmp_path: Path) -> None:
    path = tmp_path / "calm.db"
    frame = pd.DataFrame({"item": [f"i{i}" for i in range(30)], "ann": ["x", "y"] * 15, "ben": ["x", "y"] * 15})
    data = lq.Annotations.from_wide(frame, item="item")
    review.create_project(str(path), "calm", actor="lea", annotations=data).close()
    assert "There is no pair to look at" in words(open_view("pairs", path))
    assert "not mixed up in this round" in words(open_view("pairs", path, a="x", b="y"))


def test_numbers_as_classes_open_too(open_view: Open, tmp_path: Path) -> None:
    path = tmp_path / "scale.db"
    frame = pd.DataFrame({"item": range(60), "ann": [1, 2, 3] * 20, "ben": [1, 2, 3, 2, 2, 3] * 10})
    data = lq.Annotations.from_wide(frame, item="item", level="interval")
    review.create_project(str(path), "scale", actor="lea", annotations=data).close()
    page = open_view("pairs", path)
    page = found(page.button(key="pair_0").click().run())
    assert "What makes it hard?" in words(page)
    assert "No column of these items holds texts" in words(page)
    assert "=" not in "".join(m.value for m in page.markdown)


def test_hostile_texts_are_shown_letter_by_letter(open_view: Open, tmp_path: Path) -> None:
    page = open_view("pairs", hostile_project(tmp_path))
    assert not page.exception
    assert not [b.label for b in page.button if "<b>a</b>" in b.label or "**c**" in b.label]
    page = found(page.button(key="pair_0").click().run())
    assert not page.exception
    assert not [m.value for m in page.markdown if "<b>a</b>" in m.value or "**c**" in m.value]
    assert max(len(str(v)) for t in page.dataframe for v in t.value.to_numpy().ravel()) < 1000


def test_who_said_what_is_not_shown_before_the_items_are_decided(open_view: Open, measured: Path) -> None:
    page = found(open_view("pairs", measured, a="billing", b="refund"))
    assert not page.exception
    told = " ".join(str(c.value) for c in page.caption)
    assert "so that names sway nobody" in told
    assert not any("Annotator" in t.value.columns for t in page.dataframe)


def test_each_button_names_the_pair_that_it_opens(open_view: Open, measured: Path) -> None:
    labels = [b.label for b in open_view("pairs", measured).button if str(b.key).startswith("pair_")]
    assert "Open billing / refund" in labels
    assert len(set(labels)) == len(labels) > 1


def test_cards_stand_in_the_order_of_the_library_and_the_head_names_the_first(open_view: Open, tmp_path: Path) -> None:
    from labelqa._demo import __path__ as folder

    path = tmp_path / "demo.db"
    data = lq.read_annotations(f"{folder[0]}/support_tickets.csv").where(round="2")
    how = review.ProjectSettings(held_out=0)
    review.create_project(str(path), "demo", actor="lea", annotations=data, settings=how).close()
    page = open_view("pairs", path)
    first = lq.class_confusions(data).frame.iloc[0]
    assert page.button(key="pair_0").label == f"Open {first['class_a']} / {first['class_b']}"
    assert f"'{first['class_a']}' and '{first['class_b']}' come closest" in words(page)


def test_a_pair_opens_at_once_while_its_evidence_is_looked_for(
    open_view: Open, measured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from threading import Event

    from labelqa_app import measured as measuring

    go, find = Event(), lq.explain_confusion
    asked = background.Worker()
    monkeypatch.setattr(measuring, "worker", lambda: asked)
    monkeypatch.setattr(lq, "explain_confusion", lambda *what: (go.wait(30), find(*what))[1])
    page = open_view("pairs", measured, a="billing", b="refund")
    assert "Looking for what the items share" in words(page)
    assert page.button(key="decide")
    assert "of label pairs split" in words(page)
    go.set()
    assert asked.wait(60)
    assert "Looking for what the items share" not in words(page.run())
    assert "Items that got both labels:" in words(page)


def test_one_annotator_could_not_disagree_and_the_page_says_so(open_view: Open, tmp_path: Path) -> None:
    path = tmp_path / "alone.db"
    frame = pd.DataFrame({"item": range(20), "annotator": "ana", "label": ["a", "b"] * 10})
    data = lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label")
    review.create_project(str(path), "alone", actor="lea", annotations=data).close()
    said = words(open_view("pairs", path))
    assert "nobody could disagree" in said
    assert "same label to every item" not in said
    assert "pred_probs" not in said
