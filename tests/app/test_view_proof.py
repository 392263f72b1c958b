"""Did it work? The answer first, then what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.guidelines.rule import Rule
from tests.app.conftest import words_of
from tests.app.projects import hostile_project, label_round, support_project
from tests.app.wrapped_tables import rows_of

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
    strata = rows_of(open_view("proof", closed), "Change in each kind of items")
    assert [row["In the answer"] for row in strata][:2] == ["yes", "yes"]
    assert len(strata) >= 3
    assert any(" to " in row.get("Change", "") for row in strata)
    assert not [row for row in strata if "nan" in row.get("Change", "")]


def test_each_class_is_drawn_and_numbered(open_view: Open, closed: Path) -> None:
    page = open_view("proof", closed)
    assert len(page.get("vega_lite_chart")) + len(page.get("arrow_vega_lite_chart")) == 3
    classes = rows_of(page, "Change of each class")
    assert {row["Class"] for row in classes} == {"billing", "bug", "refund", "other"}


def test_the_target_comes_with_the_warning_about_peeking(open_view: Open, closed: Path) -> None:
    said = words(open_view("proof", closed))
    assert "Is the target surely reached" in said
    assert "Target 0.80" in said
    assert "the bound holds at every look" in said


def test_without_a_target_nothing_is_said_of_one(open_view: Open, tmp_path: Path) -> None:
    page = open_view("proof", support_project(tmp_path, "closed", target=None))
    assert "Is the target surely reached" not in words(page)


def test_all_versions_are_listed_with_what_they_did(open_view: Open, closed: Path) -> None:
    versions = rows_of(open_view("proof", closed), "Versions and their effects")
    assert [row["Version"] for row in versions] == ["2", "1"]
    assert versions[0]["Why"] == "refund or billing was unclear"
    assert versions[0]["Changes"] == "how to label"
    assert "(round 1 to 2)" in versions[0]["Did it work?"]
    assert "Did it work?" not in versions[1]


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
    assert "The address names" not in words(page)
    page = open_view("proof", database, before="2", after="3")
    page.selectbox(key="proof_after").set_value(2).run()
    assert (page.selectbox(key="proof_before").value, page.selectbox(key="proof_after").value) == (1, 2)
    assert "The address names" not in words(page)
    page = open_view("proof", database, before="nonsense", after="99")
    assert page.selectbox(key="proof_after").value == 3
    assert "this is round 2 before and round 3 after" in words(page)


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


def answer(verdict: str, before: float = 0.6, after: float = 0.8, low: float = 0.1, high: float = 0.3) -> object:
    found = SimpleNamespace(
        before=SimpleNamespace(estimate=before), after=SimpleNamespace(estimate=after), difference=after - before,
        low=low, high=high, meaning=("what stands behind it",),
    )  # fmt: skip
    return SimpleNamespace(verdict=verdict, answer=found)


def test_where_all_agreed_before_and_after_the_page_says_so_and_hides_nothing_else() -> None:
    from labelqa_app.round_proof import borderline, headline, sureness

    proof = answer("no_evidence", 1.0, 1.0, 0.0, 0.0)
    assert headline(proof) == "Nothing could improve: people agreed on every item, before and after."
    assert sureness(proof) == ()
    assert borderline(proof) == ""


@pytest.fixture(scope="module")
def agreed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a project in which all agree, before and after a rule changed."""
    path = tmp_path_factory.mktemp("agreed") / "agreed.db"
    classes = ("billing", "bug", "refund")
    rows = [(f"t{i}", who, classes[i % 3], f"text {i}") for i in range(90) for who in ("ana", "bo")]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "text"])
    data = lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label")
    settings = review.ProjectSettings(target=0.8)
    with review.create_project(str(path), "agreed", actor="lea", annotations=data, settings=settings) as project:
        base = review.guideline_version(project).guideline
        rule = Rule(
            id=base.next_id(), class_name="refund", kind="boundary", other="billing", text="Asked back: refund."
        )
        review.publish_guideline(project, base.with_rule(rule), base=1, actor="lea", reason="to be clear")
        review.design_round(project, ["ana", "bo"], {"held_out": 12, "paired": 15, "control": 15}, actor="lea")
        for who in ("ana", "bo"):
            while (task := review.next_task(project, 2, actor=who)) is not None:
                label = classes[int(str(task.shown["text"]).split()[1]) % 3]
                review.save_label(project, 2, task.assignment, label, actor=who)
        review.close_round(project, 2, actor="lea")
    return path


def test_where_all_agree_no_sentence_contradicts_another(open_view: Open, agreed: Path) -> None:
    page = open_view("proof", agreed)
    said = words(page)
    assert "Nothing could improve" in said
    assert "Agreement on these classes was full, before and after" in said
    assert "too few items to tell" not in said
    assert "What was measured, 1.00, is above the target, but with so few items it could be luck." in said
    assert "+0.00" not in said
    assert "How sure is that?" not in [e.label for e in page.expander]
    strata = rows_of(page, "Change in each kind of items")
    assert {row["Says"] for row in strata if row["Agreement"] == "1.00 → 1.00"} == {"nothing to improve"}


@pytest.mark.parametrize(
    ("verdict", "low", "high", "said"),
    [
        ("improved", 0.1, 0.3, ""),
        ("no_evidence", -0.1, 0.3, ""),
        ("undefined", 0.1, 0.3, ""),
        ("improved", float("nan"), float("nan"), ""),
        ("no_evidence", 0.01, 0.3, "it may still be chance"),
        ("too_few_items", 0.01, 0.3, "it may still be chance"),
        ("worse", -0.3, 0.01, "it is more than chance"),
    ],
)
def test_where_interval_and_test_differ_it_stands_beside_the_answer(
    verdict: str, low: float, high: float, said: str
) -> None:
    from labelqa_app.round_proof import borderline

    found = borderline(answer(verdict, low=low, high=high))
    assert said in found
    assert bool(found) == bool(said)


@pytest.mark.parametrize(
    ("verdict", "credit", "said"),
    [
        ("improved", "rules", "better (round 1 to 2)"),
        ("improved", "learning", "better, but by practice (round 1 to 2)"),
        ("improved", "unclear", "better, by rule or practice (round 1 to 2)"),
        ("improved", "no_control", "better, by rule or practice (round 1 to 2)"),
        ("worse", "none", "worse (round 1 to 2)"),
        ("improved", None, "better (round 1 to 2)"),
    ],
)
def test_the_history_says_what_the_proof_says_about_credit(verdict: str, credit: str | None, said: str) -> None:
    from labelqa_app.round_proof import _effect

    assert _effect(SimpleNamespace(compared=(1, 2), verdict=verdict, credit=credit)) == said


def test_a_rule_whose_interval_leaves_out_0_is_not_said_to_have_too_few_items() -> None:
    from labelqa_app.round_proof import says
    from labelqa_app.views.proof import _rule_words

    row = {
        "before": 0.6, "after": 0.67, "difference": 0.07, "low": 0.01, "high": 0.13, "p_value": 0.03,
        "p_adjusted": 0.09, "verdict": "too_few_items", "credit": "none", "n_before": 90, "n_after": 80,
    }  # fmt: skip
    assert says(row) == "may still be chance"
    assert says(row | {"low": -0.01}) == "too few items to tell"
    assert "all changed rules at once (p 0.090)" in _rule_words(row, 0.95)


EFFECT = {
    "n_before": 32, "n_after": 30, "before": 0.7, "after": 0.8, "difference": 0.1, "verdict": "no_evidence",
    "touched_before": 0.5, "touched_after": 0.8, "by_learning": 0.7, "excess": 0.1, "beyond_learning": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "they reached 0.80, which is not clearly more: practice may be all of it."),
        ({"beyond_learning": True}, "they reached 0.80, which is more than practice explains."),
        ({"touched_after": 1.0, "by_learning": 1.0, "excess": 0.0}, "to 1.00, and that is what they reached"),
        ({"touched_after": 0.65, "excess": -0.05}, "they reached 0.65, so nothing is left"),
        ({"by_learning": 0.4}, "So practice does not explain why"),
        ({"beyond_learning": None, "reason": "people hardly disagreed"}, "cannot be told: people hardly disagreed."),
        ({"difference": float("nan"), "reason": "there are none"}, "cannot be told from the rules: there are none."),
        ({"before": 1.0, "after": 1.0, "difference": 0.0}, "agreement stayed at 1.00."),
    ],
)
def test_practice_is_told_in_a_plain_sentence(facts: dict[str, object], said: str) -> None:
    from labelqa.review.proving.learning import LearningEffect
    from labelqa_app.round_proof import practice

    told = practice(LearningEffect(**EFFECT | facts))
    assert said in told
    assert "[" not in told


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
