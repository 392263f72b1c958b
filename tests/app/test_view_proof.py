"""Did it work? The answer first, then what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from labelqa import review
from tests.app.conftest import words_of
from tests.app.projects import hostile_project, label_round, support_project

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]


def words(page: AppTest) -> str:
    """Return everything the page says, without the escapes of Markdown."""
    assert not page.exception, [e.value for e in page.exception]
    return words_of(page).replace("\\", "")


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return support_project(tmp_path_factory.mktemp("closed"), "closed", n=200, pool=100)


def test_without_a_project_the_way_to_one_is_shown(open_view: Open) -> None:
    assert "There is no project yet" in words(open_view("proof"))


def test_an_annotator_sees_no_result(open_view: Open, closed: Path) -> None:
    page = open_view("proof", closed, who="ana")
    assert "for reviewers and leads" in words(page)
    assert not page.dataframe


@pytest.mark.parametrize(("stage", "goes_to"), [("measured", "pairs"), ("revised", "relabel"), ("labeling", "relabel")])
def test_before_two_rounds_are_closed_the_page_says_what_is_missing(
    open_view: Open, tmp_path: Path, stage: str, goes_to: str
) -> None:
    page = open_view("proof", support_project(tmp_path, stage))
    assert "compare" in words(page)
    page.button(key="proof_to").click().run()
    assert page.session_state["_went"] == {"page": goes_to}


def test_the_answer_comes_first_with_what_it_rests_on(open_view: Open, closed: Path) -> None:
    page = open_view("proof", closed)
    with review.open_project(str(closed)) as project:
        proof = review.prove(project, 1, 2, actor="lea")
    said = words(page)
    assert proof.answer is not None
    assert proof.answer.statement in said
    assert "This rests on held-out items" in said
    assert said.index(proof.answer.statement) < said.index("Which rule helped?")
    row = proof.rules.iloc[0]
    assert f"{row['rule_id']} refund / billing: {row['before']:.2f} → {row['after']:.2f}" in said


def test_held_out_and_fresh_items_stand_apart(open_view: Open, closed: Path) -> None:
    tables = [t.value for t in open_view("proof", closed).dataframe]
    strata = next(t for t in tables if "Where" in t)
    assert strata["Part of the answer"].tolist()[:2] == ["yes", "yes"]
    assert len(strata) >= 3
    assert strata["Change (95 % interval)"].notna().any()


def test_each_class_is_drawn_and_numbered(open_view: Open, closed: Path) -> None:
    page = open_view("proof", closed)
    assert len(page.get("vega_lite_chart")) + len(page.get("arrow_vega_lite_chart")) == 3
    classes = next(t.value for t in page.dataframe if "Class" in t.value)
    assert set(classes["Class"]) == {"billing", "bug", "refund", "other"}


def test_the_target_comes_with_the_warning_about_peeking(open_view: Open, closed: Path) -> None:
    said = words(open_view("proof", closed))
    assert "Is the target surely reached" in said
    assert "Target 0.80" in said
    assert "the bound holds at every look" in said


def test_without_a_target_nothing_is_said_of_one(open_view: Open, tmp_path: Path) -> None:
    page = open_view("proof", support_project(tmp_path, "closed", target=None))
    assert "Is the target surely reached" not in words(page)


def test_all_versions_are_listed_with_what_they_did(open_view: Open, closed: Path) -> None:
    versions = next(t.value for t in open_view("proof", closed).dataframe if "Version" in t.value)
    assert versions["Version"].tolist() == [2, 1]
    assert versions["Why"][0] == "refund or billing was unclear"
    assert "(round 1 to 2)" in versions["Did it work?"][0]


def test_the_next_action_has_a_button(open_view: Open, closed: Path) -> None:
    page = open_view("proof", closed, who="rita")
    page.button(key="proof_next").click().run()
    assert page.session_state["_went"]["page"] in ("pairs", "relabel", "export", "disagreements", "instruction")


def test_closed_rounds_are_compared_once(open_view: Open, closed: Path) -> None:
    open_view("proof", closed).run().run()
    with review.open_project(str(closed)) as project, project.store.read() as reader:
        told = len([e for e in reader.events(project.id) if e.kind == "proved"])
    page = open_view("proof", closed).run()
    assert not page.exception
    with review.open_project(str(closed)) as project, project.store.read() as reader:
        assert len([e for e in reader.events(project.id) if e.kind == "proved"]) == told


def test_an_open_round_shows_its_target_only(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "labeling")
    with review.open_project(str(database)) as project:
        label_round(project, 2)
    said = words(open_view("proof", database))
    assert "only the target is worth reading" in said
    assert "Which rule helped" not in said


def test_rounds_are_chosen_in_the_address(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "closed")
    with review.open_project(str(database)) as project:
        review.design_round(project, ["ana", "bo"], {"fresh": 20, "paired": 20}, actor="lea")
        label_round(project, 3)
        review.close_round(project, 3, actor="lea")
    page = open_view("proof", database)
    assert (page.selectbox(key="proof_before").value, page.selectbox(key="proof_after").value) == (2, 3)
    page.selectbox(key="proof_before").set_value(1).run()
    assert "No rule" not in words(page)
    assert page.query_params["before"] in ("1", ["1"])
    page = open_view("proof", database, before="1", after="3")
    assert page.selectbox(key="proof_before").value == 1
    page = open_view("proof", database, before="nonsense", after="99")
    assert page.selectbox(key="proof_after").value == 3


@pytest.mark.parametrize(
    ("facts", "goes_to"),
    [
        ({"verdict": "undefined"}, "relabel"),
        ({"verdict": "improved", "regressions": ("bug",)}, "disagreements"),
        ({"verdict": "worse"}, "instruction"),
        ({"verdict": "too_few_items", "n_more_items": 70}, "relabel"),
        ({"verdict": "improved"}, "pairs"),
        ({"verdict": "no_evidence"}, "pairs"),
        ({"verdict": "too_few_items", "target_reached": True}, "pairs"),
    ],
)
def test_what_comes_next_follows_from_the_proof(facts: dict[str, object], goes_to: str) -> None:
    from labelqa_app.round_proof import Step, next_step

    proof = SimpleNamespace(**{"regressions": (), "target_reached": None, "n_more_items": None} | facts)
    assert next_step(proof, Step(text="usual", page="pairs")).page == goes_to


def test_hostile_names_are_shown_letter_by_letter(open_view: Open, tmp_path: Path) -> None:
    database = hostile_project(tmp_path)
    with review.open_project(str(database)) as project:
        review.design_round(project, ["*ana*", "<u>bo</u>"], {"paired": 15}, actor="lea")
        for who in ("*ana*", "<u>bo</u>"):
            rng = np.random.default_rng(len(who))
            while (task := review.next_task(project, 2, actor=who)) is not None:
                review.save_label(project, 2, task.assignment, str(rng.choice(task.classes)), actor=who)
        review.close_round(project, 2, actor="lea")
    page = open_view("proof", database)
    assert not page.exception
    html = "\n".join(e.proto.body for e in page.get("html"))
    assert "<b>a</b>" not in html
    assert not [m.value for m in page.markdown if "<b>a</b>" in m.value or "**c**" in m.value]
