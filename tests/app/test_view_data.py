"""The page Data: from a file to a project, and the project as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from tests.app.conftest import complaint, words_of
from tests.app.projects import hostile_project, labels_file, support_labels, support_project
from tests.app.wrapped_tables import rows_of
from tests.unit.io.tables import long

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start the app in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def upload(page: AppTest, path: Path, key: str = "labels") -> AppTest:
    return page.file_uploader(key=key).set_value((path.name, path.read_bytes(), "text/csv")).run()


def key_of(page: AppTest, kind: str, start: str) -> str:
    """Return the key of the widget that begins so; keys of a file end with what tells the file."""
    return next(str(w.key) for w in page.get(kind) if str(w.key).startswith(start))


# Before there is a project.


def test_without_a_file_it_asks_for_one_and_tells_the_limit(open_view: Open) -> None:
    page = open_view("data", who=None)
    assert not page.exception
    assert "Are your labels consistent?" in words_of(page)
    assert "Up to 200 MB" in words_of(page)
    assert not page.metric
    assert page.button(key="open").disabled


def test_a_named_file_becomes_a_project_beside_it(open_view: Open, folder: Path) -> None:
    file = labels_file(folder)
    page = open_view("data", file, who=None)
    assert not page.exception
    assert "**120** labels · **60** items · **2** annotators · **4** classes" in words_of(page)
    page.text_input(key="name").set_value("My tickets")
    page.text_input(key="actor").set_value("lea")
    page.number_input(key="target").set_value(0.7)
    page.slider(key="held_out").set_value(30)
    page.button(key="start").click().run()
    assert complaint(page) == ""
    with review.open_project(str(folder / "tickets.labelqa.db")) as project:
        assert project.name == "My tickets"
        assert project.classes == ("billing", "bug", "other", "refund")
        settings = project.settings()
        assert (settings["held_out"], settings["target"], settings["shown"]) == (0.3, 0.7, None)
        assert review.people_of(project) == {"ana": "annotator", "bo": "annotator", "lea": "lead"}
    assert page.query_params["as"] in ("lea", ["lea"])
    assert [m.label for m in page.metric][:2] == ["Items", "Held out"]  # the page of the project is drawn now


def test_the_headline_is_that_of_the_report(open_view: Open, folder: Path) -> None:
    file = labels_file(folder)
    headline = lq.build_report(lq.read_annotations(file)).headline
    page = open_view("data", file, who=None)
    assert page.metric[0].value == f"{headline.estimate:.2f}"
    assert headline.statement in words_of(page).replace("\\", "")


def test_many_labels_are_measured_without_a_whole_report(
    open_view: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labelqa_app import intake

    file, asked, build = labels_file(folder), [], lq.build_report
    monkeypatch.setattr(intake, "LARGE", 100)
    monkeypatch.setattr(lq, "build_report", lambda data, **how: (asked.append(how), build(data, **how))[1])
    page = open_view("data", file, who=None)
    assert complaint(page) == ""
    assert asked == [{"sections": ("agreement",)}]
    assert page.metric[0].value == f"{lq.agreement(lq.read_annotations(file)).estimate:.2f}"


def test_a_dropped_file_becomes_a_project_of_the_current_folder_and_a_reload_finds_it(
    open_view: Open, folder: Path
) -> None:
    (folder / "elsewhere").mkdir()
    page = upload(open_view("data", who=None), labels_file(folder / "elsewhere", name="my labels.csv"))
    assert page.text_input(key="file").value == "my labels.labelqa.db"
    page.text_input(key="file").set_value("mine").run()
    page.text_input(key="actor").set_value("lea")
    page.button(key="start").click().run()
    assert complaint(page) == ""
    assert (folder / "mine.labelqa.db").is_file()
    database = page.query_params["db"]
    again = open_view("data", db=database if isinstance(database, str) else database[0])
    assert again.metric[0].value == "60"


@pytest.mark.parametrize("typed", ["../up.db", "/tmp/x.db", "a/b.db", "..", "", "x\0y", "c:\\x.db", "postgresql://x"])
def test_the_file_of_a_project_stays_in_the_folder(open_view: Open, folder: Path, typed: str) -> None:
    from labelqa_app.beginning import place_in_folder

    assert place_in_folder(typed) is None


def test_no_file_is_overwritten(open_view: Open, folder: Path) -> None:
    (folder / "mine.db").write_text("precious", encoding="utf-8")
    (folder / "elsewhere").mkdir()
    page = upload(open_view("data", who=None), labels_file(folder / "elsewhere"))
    page.text_input(key="file").set_value("mine.db").run()
    assert "There is a file mine\\.db already" in complaint(page)
    assert page.button(key="start").disabled
    assert (folder / "mine.db").read_text(encoding="utf-8") == "precious"


def test_columns_can_be_corrected(open_view: Open, folder: Path) -> None:
    frame = support_labels(40).rename(columns={"annotator": "desk", "label": "verdict"})
    frame["annotator"] = "robot"
    frame["label"] = frame["verdict"]
    file = folder / "odd.csv"
    frame.to_csv(file, index=False)
    page = open_view("data", file, who=None)
    page.selectbox(key=key_of(page, "selectbox", "annotator ")).set_value("desk")
    page.selectbox(key=key_of(page, "selectbox", "label ")).set_value("verdict")
    page.run()
    assert not page.exception
    assert "annotator=desk, label=verdict" in words_of(page).replace("\\", "")
    assert "**2** annotators" in words_of(page)


def test_columns_that_cannot_be_told_are_asked_for(open_view: Open, folder: Path) -> None:
    file = folder / "unclear.csv"
    pd.DataFrame({"x": ["a", "b", "c"], "y": ["p", "q", "p"]}).to_csv(file, index=False)
    page = open_view("data", file, who=None)
    assert "unclear\\.csv cannot be used as it is" in complaint(page)
    assert page.selectbox(key=key_of(page, "selectbox", "item ")).options[1:] == ["x", "y"]
    assert not any(b.key == "start" for b in page.button)


def test_classes_get_an_order_and_a_level(open_view: Open, folder: Path) -> None:
    file = folder / "steps.csv"
    rows = [(i, who, ("low", "high", "mid")[(i + (who == "bo" and i % 4 == 0)) % 3]) for i in range(30)
            for who in ("ana", "bo")]  # fmt: skip
    pd.DataFrame(rows, columns=["item", "annotator", "label"]).to_csv(file, index=False)
    page = open_view("data", file, who=None)
    page.selectbox(key=key_of(page, "selectbox", "level ")).set_value("ordinal")
    page.text_area(key=key_of(page, "text_area", "classes ")).set_value("low\nmid\nhigh\nhighest").run()
    assert complaint(page) == ""
    page.button(key="start").click().run()
    with review.open_project(str(folder / "steps.labelqa.db")) as project:
        assert (project.classes, project.level) == (("low", "mid", "high", "highest"), "ordinal")


def test_a_class_in_use_cannot_be_left_out(open_view: Open, folder: Path) -> None:
    page = open_view("data", labels_file(folder), who=None)
    page.text_area(key=key_of(page, "text_area", "classes ")).set_value("billing\nbug").run()
    assert "refund" in complaint(page)
    assert not any(b.key == "start" for b in page.button)


def test_rows_set_aside_are_told_with_reason_and_numbers(open_view: Open, folder: Path) -> None:
    file = folder / "gaps.csv"
    file.write_text("item,annotator,label\n1,ana,a\n1,bo,\n2,ana,b\n2,bo,b\n3,ana,a\n3,bo,a\n", encoding="utf-8")
    page = open_view("data", file, who=None)
    table = next(d.value for d in page.dataframe if "Why" in d.value.columns)
    assert table["Row numbers"].tolist() == ["3"]
    assert table["Why"].tolist() == ["no label"]


def test_repeated_labels_are_told_with_their_rows_and_settled_by_a_choice(open_view: Open, folder: Path) -> None:
    file = folder / "twice.csv"
    file.write_text("item,annotator,label\n1,ana,a\n1,ana,b\n1,bo,a\n2,ana,a\n2,bo,b\n", encoding="utf-8")
    page = open_view("data", file, who=None)
    assert "twice.csv row 3" in complaint(page)
    assert "choose the column of rounds" in complaint(page)
    assert not [w for w in ("--", "on_duplicate", "allowed:") if w in complaint(page)]
    found = [page.selectbox(key=key_of(page, "selectbox", f"{role} ")).options[0] for role in ("item", "label")]
    assert found == ["item (found)", "label (found)"]
    page.button(key="count_last").click().run()
    assert not page.code
    assert "**4** labels" in words_of(page)
    assert page.selectbox(key=key_of(page, "selectbox", "twice ")).value == "last"


def test_columns_that_are_not_told_are_asked_for_in_words_of_the_page(open_view: Open, folder: Path) -> None:
    file = folder / "unclear.csv"
    pd.DataFrame({"x": ["a", "b", "c"], "y": ["p", "q", "p"]}).to_csv(file, index=False)
    page = open_view("data", file, who=None)
    assert "Which column is what" in complaint(page)
    assert not [w for w in ("--", "annotator=", "item=") if w in complaint(page)]


def test_notes_on_what_was_read_name_no_option_of_a_program(open_view: Open, folder: Path) -> None:
    file = folder / "content.csv"
    long("a", "b", "c").to_csv(file, index=False)
    page = open_view("data", file, who=None)
    said = words_of(page).replace("\\", "")
    assert "name the annotator column if not" in said
    assert "--" not in said


def test_one_annotator_is_told_in_the_singular_and_that_nobody_could_disagree(open_view: Open, folder: Path) -> None:
    file = folder / "alone.csv"
    frame = pd.DataFrame({"item": range(20), "annotator": "ana", "label": ["a", "b"] * 10})
    frame.to_csv(file, index=False)
    page = open_view("data", file, who=None)
    said = words_of(page)
    assert "**1** annotator ·" in said
    assert "only one annotator gave labels" in complaint(page)
    assert "obody disagreed" not in said
    assert page.metric[0].value == "undefined"


def test_numbers_are_read_as_measured_and_planned_for(open_view: Open, folder: Path) -> None:
    file = folder / "scores.csv"
    rows = [(i, who, 1 + (i + (who == "bo" and i % 3 == 0)) % 5) for i in range(40) for who in ("ana", "bo")]
    pd.DataFrame(rows, columns=["item", "annotator", "label"]).to_csv(file, index=False)
    page = open_view("data", file, who=None)
    page.selectbox(key=key_of(page, "selectbox", "level ")).set_value("interval").run()
    assert complaint(page) == ""
    data = lq.read_annotations(file, level="interval")
    assert page.metric[0].value == f"{lq.agreement(data, weights='interval').estimate:.2f}"
    plan = lq.plan_agreement_study(data, width=0.1, weights="interval")
    assert f"{plan.n_items:,}" in [m.value for m in page.metric]
    page.button(key="start").click().run()
    with review.open_project(str(folder / "scores.labelqa.db")) as project:
        assert project.level == "interval"


def test_the_columns_of_time_and_text_can_be_named(open_view: Open, folder: Path) -> None:
    frame = support_labels(40).rename(columns={"text": "what they wrote"})
    frame["said on"] = "2026-01-05"
    frame["text"] = frame["channel"]
    file = folder / "named.csv"
    frame.to_csv(file, index=False)
    page = open_view("data", file, who=None)
    assert page.selectbox(key=key_of(page, "selectbox", "text ")).options[0] == "text (found)"
    page.selectbox(key=key_of(page, "selectbox", "text ")).set_value("what they wrote")
    page.selectbox(key=key_of(page, "selectbox", "timestamp ")).set_value("said on").run()
    assert complaint(page) == ""
    page.button(key="start").click().run()
    with review.open_project(str(folder / "named.labelqa.db")) as project:
        who = next(name for name, role in review.people_of(project).items() if role == "lead")
        data = review.visible_annotations(project, "rules", actor=who, round=1)
    assert {"text", "text (data)", "channel"} <= set(data.item_data.columns)
    assert data.item_data["text"].str.startswith("Ticket").all()
    assert data.timestamp is not None


def test_a_text_that_differs_within_an_item_is_refused_with_a_reason(open_view: Open, folder: Path) -> None:
    page = open_view("data", labels_file(folder), who=None)
    page.selectbox(key=key_of(page, "selectbox", "text ")).set_value("annotator").run()
    assert "does not hold one text an item" in complaint(page)


def test_every_format_that_is_read_is_named_where_a_file_is_dropped(open_view: Open) -> None:
    from labelqa.io.formats.registry import FORMATS as KNOWN

    said = words_of(open_view("data", who=None)).replace("\\", "")
    tools = {f.title.split()[0] for f in KNOWN if f.name != "wide"} | {"CSV", "TSV", "Excel", "Parquet", "JSON"}
    assert not [tool for tool in tools if tool not in said]


DROPPED = {
    "export.json": b'[{"id": 1, "data": {"text": "a"}, "annotations": [{"id": 1, "completed_by": 1, "result": '
    b'[{"from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": ["x"]}}]}]}]',
    "labels.jsonl": b'{"item": "1", "annotator": "ana", "label": "x"}\n'
    b'{"item": "1", "annotator": "bo", "label": "y"}\n{"item": "2", "annotator": "ana", "label": "x"}\n'
    b'{"item": "2", "annotator": "bo", "label": "x"}\n',
    "labels.ndjson": b'{"item": "1", "annotator": "ana", "label": "x"}\n'
    b'{"item": "1", "annotator": "bo", "label": "y"}\n',
    "labels.tsv": b"item\tannotator\tlabel\n1\tana\tx\n1\tbo\ty\n2\tana\tx\n2\tbo\tx\n",
    "ana.conll": b"EU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\nPeter NNP B-NP B-PER\nBlackburn NNP I-NP I-PER\n",
    "coco.json": b'{"images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}], "annotations": [{"id": 1, '
    b'"image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2]}], "categories": [{"id": 1, "name": "cat"}]}',
    "cvat.xml": b'<?xml version="1.0"?><annotations><version>1.1</version><image id="0" name="a.jpg" width="10" '
    b'height="10"><box label="cat" xtl="1" ytl="1" xbr="5" ybr="5" occluded="0"></box></image></annotations>',
}


@pytest.mark.parametrize("name", DROPPED)
def test_what_tools_export_is_taken_where_a_file_is_dropped(open_view: Open, name: str) -> None:
    page = open_view("data", who=None)
    page.file_uploader(key="labels").set_value((name, DROPPED[name], "application/octet-stream")).run()
    assert "cannot be used" not in complaint(page)
    assert "** labels ·" in words_of(page) or "** label ·" in words_of(page)


def test_a_zip_of_files_is_taken_where_a_file_is_dropped(open_view: Open, folder: Path) -> None:
    import zipfile

    with zipfile.ZipFile(folder / "all.zip", "w") as packed:
        for who in ("ana", "bo"):
            packed.writestr(f"{who}/1.txt", "Peter came to Rome")
            packed.writestr(f"{who}/1.ann", "T1\tPER 0 5\tPeter\nT2\tLOC 14 18\tRome\n")
    page = upload(open_view("data", who=None), folder / "all.zip")
    assert "cannot be used" not in complaint(page)
    assert "**2** annotators" in words_of(page)
    assert "labels, as they were read from the file" in words_of(page)


def test_the_calculator_plans_from_the_labels(open_view: Open, folder: Path) -> None:
    file = labels_file(folder)
    page = open_view("data", file, who=None)
    plan = lq.plan_agreement_study(lq.read_annotations(file), width=0.1)
    assert f"{plan.n_items:,}" in [m.value for m in page.metric]


def test_more_items_come_from_a_second_file(open_view: Open, folder: Path) -> None:
    page = open_view("data", labels_file(folder), who=None)
    pool = folder / "pool.csv"
    pd.DataFrame({"item": ["n1", "n2"], "text": ["a", "b"]}).to_csv(pool, index=False)
    upload(page, pool, "more")
    assert "2 items more" in words_of(page)
    page.button(key="start").click().run()
    assert page.metric[0].value == "62"


def test_a_project_can_begin_with_items_alone(open_view: Open, folder: Path) -> None:
    pool = folder / "pool.csv"
    pd.DataFrame({"item": [f"n{i}" for i in range(12)], "text": ["x"] * 12}).to_csv(pool, index=False)
    page = open_view("data", pool, who=None)
    page.radio(key=key_of(page, "radio", "holds ")).set_value("Items only: nobody has labeled yet").run()
    page.text_area(key="item_classes").set_value("bug\nwish").run()
    page.button(key="start").click().run()
    assert complaint(page) == ""
    with review.open_project(str(folder / "pool.labelqa.db")) as project:
        assert project.classes == ("bug", "wish")


@pytest.mark.parametrize(
    "content", [b"", b"just one column\n1\n2\n", bytes(range(256)) * 8], ids=["empty", "1-col", "binary"]
)
def test_a_bad_upload_gets_the_message_of_the_library_and_no_traceback(open_view: Open, content: bytes) -> None:
    page = open_view("data", who=None)
    page.file_uploader(key="labels").set_value(("labels.csv", content, "text/csv")).run()
    assert "cannot be used" in complaint(page)
    assert "labels.csv" in page.code[0].value
    assert "Traceback" not in complaint(page)


@pytest.mark.parametrize("name", ["../../evil.csv", "..", "a_b*c*[1]$x$.csv", "<script>.csv", "x" * 300 + ".csv"])
def test_the_name_of_an_upload_is_only_a_name(open_view: Open, folder: Path, name: str) -> None:
    page = open_view("data", who=None)
    page.file_uploader(key="labels").set_value(
        (name, support_labels(20).to_csv(index=False).encode(), "text/csv")
    ).run()
    assert not page.exception
    assert "**40** labels" in words_of(page)
    assert "<script>" not in words_of(page)
    assert not (folder.parent / "evil.csv").exists()


# An existing project.


def test_a_project_of_the_folder_is_opened(open_view: Open, folder: Path) -> None:
    support_project(folder)
    page = open_view("data", who=None)
    assert page.selectbox(key="existing").options == ["tickets.db"]
    page.button(key="open").click().run()
    assert page.metric[0].value == "200"
    page.button(key="leave").click().run()
    assert "Are your labels consistent?" in words_of(page)


def test_a_path_is_opened_when_typed_and_not_when_a_link_names_it(open_view: Open, folder: Path) -> None:
    (folder / "far").mkdir()
    path = support_project(folder / "far")
    page = open_view("data", db=str(path))
    assert "Are your labels consistent?" in words_of(page)
    page.text_input(key="existing_path").set_value(str(path)).run()
    page.button(key="open").click().run()
    assert page.metric[0].value == "200"


@pytest.mark.parametrize(("name", "said"), [("none.db", "There is no file"), ("text.db", "is not a project")])
def test_what_is_no_project_is_not_opened(open_view: Open, folder: Path, name: str, said: str) -> None:
    (folder / "text.db").write_text("hello", encoding="utf-8")
    page = open_view("data", who=None)
    page.text_input(key="existing_path").set_value(name).run()
    page.button(key="open").click().run()
    assert said in complaint(page)


def test_a_database_without_a_project_is_begun(open_view: Open, folder: Path) -> None:
    from labelqa.store.database import open_store

    file = labels_file(folder)
    open_store(folder / "tickets.labelqa.db").close()
    page = open_view("data", file, who=None)
    page.button(key="start").click().run()
    assert complaint(page) == ""
    assert page.metric[0].value == "60"


def test_items_of_one_column_are_told_what_is_missing_in_words_of_items(open_view: Open, folder: Path) -> None:
    path = folder / "text.csv"
    path.write_text("text\nhello there\nwhere is it\n", encoding="utf-8")
    page = open_view("data", path, who=None)
    page.radio[0].set_value("Items only: nobody has labeled yet").run()
    assert "Put a column with the heading item before the texts" in complaint(page)
    assert "annotator" not in complaint(page)


def test_nobody_is_blamed_while_it_is_open_whether_labels_are_a_scale(open_view: Open, folder: Path) -> None:
    rng = np.random.default_rng(1)
    true = rng.integers(100, 900, 60)
    rows = [(i, who, t + rng.integers(-9, 10)) for i, t in enumerate(true) for who in ("ana", "ben", "cem")]
    pd.DataFrame(rows, columns=["item", "annotator", "label"]).to_csv(folder / "scores.csv", index=False)
    page = open_view("data", folder / "scores.csv", who=None)
    said = words_of(page)
    assert "look like a scale" in said
    assert "level of guessing" not in said


# The project as it is.


def test_the_project_is_shown(open_view: Open, folder: Path) -> None:
    page = open_view("data", support_project(folder, "labeling"))
    assert not page.exception
    assert [m.value for m in page.metric] == ["200", "40", "2", "240"]
    assert not page.dataframe  # a grid would cut columns off at the right
    assert [row["State"] for row in rows_of(page, "Rounds of the project")] == ["open", "closed"]
    roles = {row["Name"]: row["Role"] for row in rows_of(page, "People and their roles")}
    assert roles["rita"] == "reviewer: also reads results, decides, drafts rules"
    said = words_of(page).replace("\\", "")
    assert "**lea** opened round 2 with 52 items" in said
    assert "billing, bug, refund, other" in said


def test_a_lead_adds_a_person_and_changes_a_role(open_view: Open, folder: Path) -> None:
    path = support_project(folder)
    page = open_view("data", path)
    page.text_input(key="person_name").set_value(" cem ")
    page.selectbox(key="person_role").set_value("reviewer")
    next(b for b in page.button if b.label == "Save").click().run()
    assert complaint(page) == ""
    with review.open_project(str(path)) as project:
        assert review.role_of(project, "cem") == "reviewer"


def test_the_only_lead_stays_lead(open_view: Open, folder: Path) -> None:
    path = support_project(folder)
    page = open_view("data", path)
    page.text_input(key="person_name").set_value("lea")
    next(b for b in page.button if b.label == "Save").click().run()
    assert "only lead" in complaint(page)


def test_a_lead_adds_items(open_view: Open, folder: Path) -> None:
    page = open_view("data", support_project(folder))
    pool = folder / "pool.csv"
    pd.DataFrame({"item": ["n1", "n2"], "text": ["a", "b"]}).to_csv(pool, index=False)
    upload(page, pool, "items 0")
    page.button(key="add_items").click().run()
    assert complaint(page) == ""
    assert page.metric[0].value == "202"


@pytest.mark.parametrize("at", ["begin", "project"])
def test_items_without_a_name_are_told_in_words_of_the_page(open_view: Open, folder: Path, at: str) -> None:
    (folder / "deep").mkdir()
    pool = folder / "deep" / "pool.csv"
    pd.DataFrame({"kind": ["a", "a", "b"], "shade": ["x", "y", "x"]}).to_csv(pool, index=False)
    begins = at == "begin"
    page = open_view("data", labels_file(folder), who=None) if begins else open_view("data", support_project(folder))
    page = upload(page, pool, "more" if begins else "items 0")
    assert "the heading item" in complaint(page)
    assert "--item" not in complaint(page)


def test_items_that_contradict_are_refused(open_view: Open, folder: Path) -> None:
    page = open_view("data", support_project(folder))
    pool = folder / "pool.csv"
    pd.DataFrame({"item": ["t1"], "text": ["something else"]}).to_csv(pool, index=False)
    upload(page, pool, "items 0")
    page.button(key="add_items").click().run()
    assert "t1" in complaint(page)


def test_a_backup_is_a_project(open_view: Open, folder: Path) -> None:
    page = open_view("data", support_project(folder))
    page.button(key="backup").click().run()
    assert not page.exception
    copy = folder / "copy.db"
    copy.write_bytes(page.session_state["_backup"][1])
    with review.open_project(str(copy)) as project:
        assert project.name == "tickets"


def test_a_reviewer_sees_all_and_changes_nothing(open_view: Open, folder: Path) -> None:
    page = open_view("data", support_project(folder), who="rita")
    assert page.metric[0].value == "200"
    assert not {"backup", "add_items"} & {b.key for b in page.button}
    assert not page.text_input
    assert "A lead adds people" in words_of(page)


def test_an_annotator_is_sent_to_label(open_view: Open, folder: Path) -> None:
    page = open_view("data", support_project(folder, "labeling"), who="ana")
    assert not page.exception
    assert not page.metric
    page.button(key="to_label").click().run()
    assert page.session_state["_went"]["page"] == "label"


def test_an_annotator_without_work_is_told_so(open_view: Open, folder: Path) -> None:
    assert "Nothing to label now" in words_of(open_view("data", support_project(folder), who="ana"))


def test_somebody_unknown_is_told_so(open_view: Open, folder: Path) -> None:
    page = open_view("data", support_project(folder), who="eve")
    assert "is not one of the people" in words_of(page)
    assert not page.metric


def test_hostile_names_are_shown_letter_by_letter(open_view: Open, folder: Path) -> None:
    page = open_view("data", hostile_project(folder))
    assert not page.exception
    assert "<script>" not in words_of(page)
    assert "<b>a" not in words_of(page)
    assert not any("$p$" in m.value or "**c**" in m.value for m in page.markdown)


def test_a_hostile_file_is_shown_letter_by_letter(open_view: Open, folder: Path) -> None:
    rows = [(f"<i>{i}</i>", who, ("**a**", "$b$")[i % 2], "<script>alert(1)</script>\u202e") for i in range(12)
            for who in ("*ana*", "[bo](http://x)")]  # fmt: skip
    file = folder / "hostile.csv"
    pd.DataFrame(rows, columns=["item", "annotator", "label", "# text <b>"]).to_csv(file, index=False)
    page = open_view("data", file, who=None)
    assert not page.exception
    assert "<script>" not in words_of(page)
    page.button(key="start").click().run()
    assert complaint(page) == ""
    assert "<script>" not in words_of(page)


def test_a_backup_is_offered_only_for_its_project_and_to_its_maker(open_view: Open, folder: Path) -> None:
    from tests.app.projects import support_project

    path = support_project(folder)
    page = open_view("data", path)
    page.button(key="backup").click().run()
    assert [str(b.proto.label) for b in page.get("download_button")] == ["Download the backup"]
    with review.create_project(str(path), "second", actor="lea", classes=["x", "y"]):
        pass
    page.query_params["project"] = "second"
    assert not page.run().get("download_button")
    page.query_params["project"] = "tickets"
    assert page.run().get("download_button")
