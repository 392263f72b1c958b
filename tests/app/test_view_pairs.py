"""Which classes get mixed up: the ranking, and each pair opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
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
        found = lq.class_confusions(review.visible_annotations(project, "rules", actor="lea", round=1))
    row = found.frame.iloc[0]
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
    page = open_view("pairs", measured, a="refund", b="billing")
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
    page.button(key="pair_0").click().run()
    assert "What makes it hard?" in words(page)
    assert "text=" not in words(page)


def test_hostile_texts_are_shown_letter_by_letter(open_view: Open, tmp_path: Path) -> None:
    page = open_view("pairs", hostile_project(tmp_path))
    assert not page.exception
    page.button(key="pair_0").click().run()
    assert not page.exception
    assert not [m.value for m in page.markdown if "<b>a</b>" in m.value or "**c**" in m.value]
    assert max(len(str(v)) for t in page.dataframe for v in t.value.to_numpy().ravel()) < 1000


def test_who_said_what_is_not_shown_before_the_items_are_decided(open_view: Open, measured: Path) -> None:
    page = open_view("pairs", measured, a="billing", b="refund")
    assert not page.exception
    told = " ".join(str(c.value) for c in page.caption)
    assert "so that names sway nobody" in told
    assert not any("Annotator" in t.value.columns for t in page.dataframe)
