"""Rounds: designed, handed out, taken in, closed or cancelled from the page."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
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


def rounds(page: AppTest) -> list[str]:
    """Return the states of all rounds, the newest first."""
    return [row["State"] for row in rows_of(page, "Rounds of the project")]


def button(page: AppTest, label: str):
    return next(b for b in page.button if b.label == label)


def counts(page: AppTest) -> dict[str, int]:
    fields = [n for n in page.number_input if (n.key or "").startswith("count_")]
    return {n.key.removeprefix("count_").rpartition("_")[0]: int(n.value) for n in fields}


def progress(database: Path) -> review.Progress:
    with review.open_project(str(database)) as project:
        return review.progress(project, actor="lea")


def filled(database: Path, folder: Path, person: str = "ana", **changes: object) -> tuple[str, bytes, str]:
    """Return the file of a person, filled in, as the uploader gets it."""
    with review.open_project(str(database)) as project:
        files = review.export_round(project, 2, folder, actor="lea")
    path = next(f for f in files if person in f.name)
    frame = pd.read_csv(path, dtype=str).assign(label="bug", **changes)
    return path.name, frame.to_csv(index=False).encode(), "text/csv"


def test_without_a_project_the_way_to_one_is_shown(open_view: Open) -> None:
    assert "There is no project yet" in words(open_view("relabel"))


def test_an_annotator_is_sent_to_the_own_page(open_view: Open, tmp_path: Path) -> None:
    page = open_view("relabel", support_project(tmp_path, "labeling"), who="ana")
    assert "for reviewers and leads" in words(page)
    assert [b.label for b in page.button] == ["Label items"]


def test_a_reviewer_sees_rounds_and_designs_none(open_view: Open, tmp_path: Path) -> None:
    page = open_view("relabel", support_project(tmp_path, "revised"), who="rita")
    assert "A lead designs the next round" in words(page)
    assert not [n for n in page.number_input if "count_" in str(n.key)]
    assert rounds(page) == ["closed"]


def test_the_form_offers_what_is_there_and_says_what_it_will_show(open_view: Open, tmp_path: Path) -> None:
    page = open_view("relabel", support_project(tmp_path, "revised"))
    assert "available" in words(page)
    assert page.multiselect[0].value == ["ana", "bo"]
    field = {n.label: n for n in page.number_input}
    field["Agreement now"].set_value(0.3)
    field["Agreement you hope for"].set_value(0.9).run()
    assert "an improvement from 0.30 to 0.90 is seen in" in words(page)
    field = {n.label: n for n in page.number_input}
    field["Agreement now"].set_value(0.85).run()
    assert "would probably not show an improvement from 0.85 to 0.90" in words(page)


def test_where_there_are_too_few_items_no_impossible_number_of_them_is_advised(open_view: Open, tmp_path: Path) -> None:
    page = open_view("relabel", support_project(tmp_path, "measured", pool=0))
    field = {n.label: n for n in page.number_input}
    field["Agreement now"].set_value(0.5)
    field["Agreement you hope for"].set_value(0.7).run()
    said = words(page)
    assert "bring new items on the page Data" in said
    assert "or more: then it is seen" not in said
    assert "none available: new items are added on the page Data" in said


@pytest.mark.parametrize(
    ("n_items", "room", "expected", "never"),
    [
        (50, 500, "Take 150 or more: then it is seen in 8 of 10 cases.", "bring new items"),
        (50, 120, "there are only 120: bring new items on the page Data, or accept that with all 120 only a larger "
                  "change is seen that often: from 0.60 to 0.82 or more.", "Take"),
        (5, 5, "there are only 5: bring new items on the page Data.", "larger"),
        (0, 0, "this round proves nothing. Bring new items on the page Data.", "Take"),
        (150, 150, "is seen in 8 of 10 cases.", "bring"),
    ],
)  # fmt: skip
def test_the_advice_is_what_can_be_done_with_the_items_there_are(
    n_items: int, room: int, expected: str, never: str
) -> None:
    from labelqa_app.round_power import Start, sentence

    now = review.RoundBaseline(agreement=0.6, class_shares=(0.5, 0.3, 0.2))
    said = sentence(Start(now=now, after=0.8, is_measured=True), n_items, 2, room)
    assert expected in said
    assert never not in said


def test_another_level_is_planned_for_with_its_own_level(open_view: Open, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    true = rng.integers(1, 5, 80)
    rows = [
        (f"t{i}", who, str(min(4, int(true[i]) + (who == "bo" and i % 3 == 0))))
        for i in range(80)
        for who in ("ana", "bo")
    ]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    data = lq.Annotations.from_frame(
        frame, item="item", annotator="annotator", label="label", classes=("1", "2", "3", "4"), level="ordinal"
    )
    path = str(tmp_path / "ranked.db")
    with review.create_project(path, "ranked", actor="lea", annotations=data) as project:
        alpha = review.round_baseline(project, actor="lea").agreement
    page = open_view("relabel", path)
    assert {n.label: n for n in page.number_input}["Agreement now"].value == round(alpha, 2)
    assert "The classes are ordinal" in words(page)


def test_where_no_rule_changed_nothing_is_said_of_changed_classes(open_view: Open, tmp_path: Path) -> None:
    page = open_view("relabel", support_project(tmp_path, "measured"))
    labels = [n.label for n in page.number_input]
    assert "Labeled before" in labels
    assert not [name for name in labels if "classes" in name]
    assert set(counts(page)) == {"held_out", "fresh", "paired"}


def test_where_a_rule_changed_its_classes_are_asked_apart_from_others(open_view: Open, tmp_path: Path) -> None:
    page = open_view("relabel", support_project(tmp_path, "revised"))
    assert set(counts(page)) == {"held_out", "fresh", "paired", "control"}
    assert "Labeled before, of changed classes" in [n.label for n in page.number_input]


def test_hidden_repeats_are_told_apart_from_the_items(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "revised")
    page = open_view("relabel", database)
    total = sum(counts(page).values())
    load = review.expected_load(total, 2, annotators_per_item=2, repeat_share=0.05)
    expected = f"people labels **{total}** of them, and **{load.n_repeats}** of them a second time as a hidden repeat"
    assert expected in words(page)
    page.slider(key="round_repeats").set_value(0).run()
    assert "hidden repeat." not in words(page)


@pytest.mark.parametrize("stage", ["revised", "labeling"])
def test_one_word_for_the_instruction(open_view: Open, tmp_path: Path, stage: str) -> None:
    page = open_view("relabel", support_project(tmp_path, stage))
    assert "of the instruction" in words(page)
    said = "\n".join(str(e.value) for kind in ("markdown", "caption") for e in page.get(kind))
    assert "guideline" not in said.lower().replace("guideline version", "")
    assert [row["Instruction"] for row in rows_of(page, "Rounds of the project")][-1] == "version 1"


def test_an_improvement_must_be_one(open_view: Open, tmp_path: Path) -> None:
    page = open_view("relabel", support_project(tmp_path, "revised"))
    field = {n.label: n for n in page.number_input}
    field["Agreement you hope for"].set_value(0.1).run()
    assert "above the agreement now" in words(page)


def test_a_round_is_opened_as_designed(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "revised")
    page = open_view("relabel", database)
    chosen = counts(page)
    button(page, "Open the round").click().run()
    assert "Round 2 is open" in words(page)
    with review.open_project(str(database)) as project:
        plan = review.manifest_of(project, 2, actor="lea").plan
    assert {s.name: len(s.items) for s in plan.strata} == {name: n for name, n in chosen.items() if n}
    assert plan.annotators == ("ana", "bo")
    assert plan.settings == review.RoundSettings()


def test_method_repeats_and_seed_are_those_chosen(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "revised")
    page = open_view("relabel", database)
    page.radio(key="round_method").set_value("disagreement")
    page.slider(key="round_repeats").set_value(10)
    page.number_input(key="round_seed").set_value(77)
    page.text_input(key="round_name").set_value("second try")
    button(page, "Open the round").click().run()
    with review.open_project(str(database)) as project:
        plan = review.manifest_of(project, 2, actor="lea").plan
    assert (plan.seed, plan.settings.method, plan.settings.repeat_share) == (77, "disagreement", 0.1)
    assert "Round 2: second try is open" in words(page)


def test_a_person_is_added_right_here_and_labels(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "revised")
    page = open_view("relabel", database)
    next(t for t in page.text_input if t.label == "Name").set_value("cy")
    button(page, "Add").click().run()
    assert page.multiselect[0].value == ["ana", "bo", "cy"]
    with review.open_project(str(database)) as project:
        assert review.people_of(project)["cy"] == "annotator"


def test_everybody_who_was_chosen_is_named_though_the_field_is_narrow(open_view: Open, tmp_path: Path) -> None:
    page = open_view("relabel", support_project(tmp_path, "revised"))
    assert "2 chosen: ana, bo" in words(page)
    page.multiselect[0].set_value(["ana", "bo", "rita"]).run()
    assert "3 chosen: ana, bo, rita" in words(page)


def test_a_round_called_by_its_number_is_named_once(open_view: Open, tmp_path: Path) -> None:
    page = open_view("relabel", support_project(tmp_path, "measured"))
    assert [row["Round"] for row in rows_of(page, "Rounds of the project")] == ["1"]


def test_a_person_without_a_name_is_refused(open_view: Open, tmp_path: Path) -> None:
    page = open_view("relabel", support_project(tmp_path, "revised"))
    button(page, "Add").click().run()
    assert "name is empty" in words(page)


def test_a_round_needs_two_people(open_view: Open, tmp_path: Path) -> None:
    page = open_view("relabel", support_project(tmp_path, "revised"))
    page.multiselect[0].set_value(["ana"]).run()
    assert button(page, "Open the round").disabled
    assert "needs 2 or more people" in words(page)


def test_what_the_engine_refuses_is_told_and_nothing_is_opened(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "revised")
    page = open_view("relabel", database)
    with review.open_project(str(database)) as project:  # somebody else was faster
        review.design_round(project, ["ana", "bo"], {"fresh": 5}, actor="lea")
    button(page, "Open the round").click().run()
    assert "Round 2 is open" in words(page)
    assert len(progress(database).rounds) == 2


def test_progress_of_each_person_is_shown(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "labeling")
    with review.open_project(str(database)) as project:
        label_round(project, 2, ("ana",), limit=7)
    page = open_view("relabel", database, who="rita")
    labeled = page.dataframe[0].value.set_index("Person")["Labeled"].to_dict()
    assert labeled["ana"].startswith("7 of ")
    assert labeled["bo"].startswith("0 of ")


def test_the_lead_sits_down_as_an_annotator(open_view: Open, tmp_path: Path) -> None:
    page = open_view("relabel", support_project(tmp_path, "labeling"))
    button(page, "Label as bo").click().run()
    assert page.session_state["_went"] == {"page": "label", "as": "bo"}


@pytest.mark.parametrize(("tool", "ending"), [("csv", ".csv"), ("label_studio", ".json"), ("prodigy", ".jsonl")])
def test_the_files_come_as_one_zip(open_view: Open, tmp_path: Path, tool: str, ending: str) -> None:
    page = open_view("relabel", support_project(tmp_path, "labeling"))
    page.selectbox(key="export_tool").set_value(tool).run()
    button(page, "Make the files").click().run()
    assert not page.exception
    names = zipfile.ZipFile(io.BytesIO(page.session_state["_files_zipped"]["data"])).namelist()
    assert f"round-2-ana{ending}" in names
    assert f"round-2-bo{ending}" in names
    assert "round-2-guideline.md" in names
    assert len(page.get("download_button")) == 1


def test_filled_files_are_taken_in(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "labeling")
    page = open_view("relabel", database)
    page.file_uploader[0].set_value(filled(database, tmp_path / "out")).run()
    button(page, "Take them in").click().run()
    assert "labels by ana" in words(page)
    done = page.dataframe[0].value.set_index("Person")["Done"].to_dict()
    assert done == {"ana": 1, "bo": 0}


def test_what_does_not_belong_is_refused_with_reasons_and_the_rest_is_taken(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "labeling")
    good, bad = filled(database, tmp_path / "a"), filled(database, tmp_path / "b", "bo")
    bad = ("../../<b>bo</b>.csv", bad[1].replace(b",bug,", b",bugg,"), "text/csv")
    page = open_view("relabel", database)
    page.file_uploader[0].set_value([good, bad]).run()
    button(page, "Take them in").click().run()
    said = words(page)
    assert "labels by ana" in said
    assert "was refused" in said
    assert "'bugg'" in said
    assert page.dataframe[0].value.set_index("Person")["Done"]["bo"] == 0
    assert not list(tmp_path.parent.glob("*bo*.csv"))


def test_a_round_with_missing_labels_closes_only_when_that_is_meant(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "labeling")
    with review.open_project(str(database)) as project:
        label_round(project, 2, ("ana",))
    page = open_view("relabel", database)
    said = words(page)
    assert "labels are missing" in said
    assert "bo " in said
    assert button(page, "Close the round").disabled
    page.checkbox[0].check().run()
    button(page, "Close the round").click().run()
    assert progress(database).rounds["state"].tolist() == ["closed", "closed"]
    assert "Design the next round" in words(page)


def test_a_finished_round_is_closed(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "labeling")
    with review.open_project(str(database)) as project:
        label_round(project, 2)
    page = open_view("relabel", database)
    button(page, "Close the round").click().run()
    assert progress(database).facts.closed == (1, 2)


def test_a_round_is_cancelled_with_a_reason(open_view: Open, tmp_path: Path) -> None:
    database = support_project(tmp_path, "labeling")
    page = open_view("relabel", database)
    assert button(page, "Cancel it for good").disabled
    page.text_input(key="cancel_reason").set_value("the rule was wrong").run()
    button(page, "Cancel it for good").click().run()
    assert rounds(page) == ["cancelled", "closed"]


def test_hostile_names_are_shown_letter_by_letter(open_view: Open, tmp_path: Path) -> None:
    database = hostile_project(tmp_path)
    page = open_view("relabel", database)
    button(page, "Open the round").click().run()
    assert not page.exception
    assert not page.error
    labels = [b.label for b in page.button if b.label.startswith("Label as")]
    assert labels == ["Label as \\*ana\\*", "Label as \\<u\\>bo\\</u\\>"]


def test_what_became_of_files_is_told_only_to_whoever_brought_them(open_view: Open, tmp_path: Path) -> None:
    from labelqa_app.round_files import Taken
    from labelqa_app.views.relabel import TAKEN

    database = support_project(tmp_path, "labeling")
    with review.open_project(str(database)) as project:
        review.put_person(project, "max", "lead", actor="lea")
        place, id_ = project.store.place, project.id
    page = open_view("relabel", database)
    found = (Taken(name="ana.csv", told="3 labels by ana", is_refused=False),)
    page.session_state[TAKEN] = {((place, id_, "lea"), 2): found}
    assert "3 labels by ana" in words(page.run())
    page.query_params["as"] = "max"
    assert "3 labels by ana" not in words(page.run())
