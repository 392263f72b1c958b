"""Rounds: designed, labeled, closed or cancelled, proved."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import ColumnError, FileFormatError, ParameterError
from labelqa.review.history import last_happened
from labelqa.review.rounds import cancel_round, close_round, manifest_of
from tests.contracts.stores import open_fixed
from tests.unit.review import flow


def test_the_stored_design_is_the_designed_one(project):
    manifest = flow.designed(project)
    assert manifest_of(project, 2, actor="lea").to_bytes() == manifest.to_bytes()
    assert flow.events(project, "round_designed")[-1].detail["manifest"] == manifest.hash
    with pytest.raises(ParameterError, match="was imported"):
        manifest_of(project, 1, actor="lea")


def test_the_same_project_gives_the_same_round_and_the_same_files(tmp_path):
    def files(folder):
        with open_fixed("memory:") as store:
            project = flow.start(store)
            flow.labeled(project, flow.designed(project))
            out = review.export_round(project, 2, tmp_path / folder, actor="lea")
            close_round(project, 2, actor="lea")
            review.export_gold(project, tmp_path / folder / "gold", actor="lea")
            found = [*out, *sorted((tmp_path / folder / "gold").iterdir())]
            return {f.name: f.read_bytes() for f in found}

    assert files("one") == files("two")


def test_items_that_the_guideline_shows_are_never_asked(project):
    guideline = review.guideline_version(project).guideline
    fresh = [i for i in flow.shown_items(project) if int(i[1:]) >= flow.LABELED]
    for item in fresh[:3]:
        rule = lq.Rule(id=guideline.next_id(), class_name="bug", kind="positive_example", text="See.", item=item)
        guideline = guideline.with_rule(rule)
    review.publish_guideline(project, guideline, base=1, actor="lea", reason="examples")
    manifest = flow.designed(project, {"fresh": len(fresh) - 3})
    assert set(manifest.plan.items) == set(fresh[3:])


def test_what_was_labeled_in_a_cancelled_round_is_not_fresh_again(project):
    manifest = flow.designed(project, {"fresh": 8})
    flow.labeled(project, manifest, people=("ana",))
    cancel_round(project, 2, actor="lea", reason="wrong columns")
    known = {a.item for a in manifest.plan.of_annotator("ana")}
    fresh = {i for i in flow.shown_items(project) if int(i[1:]) >= flow.LABELED}
    again = flow.designed(project, {"fresh": len(fresh - known)})
    assert again.round == 3
    assert set(again.plan.items) == fresh - known


def test_one_round_is_open_at_a_time_and_people_must_be_known(project):
    flow.designed(project)
    with pytest.raises(ParameterError) as told:
        flow.designed(project, people=("ana", "anna"))
    assert "round 2 is still open" in str(told.value)
    assert "'anna' is not one of the project's people" in str(told.value)


def test_a_round_is_closed_whole_or_on_purpose(project):
    manifest = flow.designed(project)
    flow.labeled(project, manifest, people=("ana",))
    n = len(manifest.plan.of_annotator("bo"))
    with pytest.raises(ParameterError, match=f"{n} assignments of round 2 have no label \\(bo {n}\\)"):
        close_round(project, 2, actor="lea")
    assert close_round(project, 2, actor="lea", allow_missing=True) == n
    for change in (close_round, lambda *a, **k: cancel_round(*a, **k, reason="r")):
        with pytest.raises(ParameterError, match="closed already"):
            change(project, 2, actor="lea")


def test_columns_that_tell_what_others_said_are_not_shown(memory):
    items = pd.DataFrame({"item": [f"i{k}" for k in range(20)], "text": "hello", "gold": ["bug", "x"] * 10})
    items["text"] += items["item"]
    project = review.create_project("", "p", actor="lea", items=items, classes=["bug", "x"], store=memory)
    review.put_person(project, "bo", "annotator", actor="lea")
    with pytest.raises(ParameterError, match="give away"):
        flow.designed(project, {"fresh": 8}, people=("lea", "bo"), columns=["text", "gold"])
    with pytest.raises(ParameterError, match="no column 'txt'"):
        flow.designed(project, {"fresh": 8}, people=("lea", "bo"), columns=["txt"])
    flow.designed(project, {"fresh": 8}, people=("lea", "bo"))
    assert set(review.next_task(project, 1, actor="bo").shown) == {"text"}


@pytest.mark.parametrize("format", ["csv", "label_studio", "prodigy"])
def test_every_format_is_exported_and_unknown_ones_are_not(project, tmp_path, format):
    flow.designed(project)
    files = review.export_round(project, 2, tmp_path / "out", actor="lea", format=format)
    assert len(files) >= 3
    with pytest.raises(ParameterError, match="format"):
        review.export_round(project, 2, tmp_path / "other", actor="lea", format="xml")
    assert not (tmp_path / "other").exists()


def test_an_export_is_told_in_the_log(quick, tmp_path):
    flow.designed(quick)
    review.export_round(quick, 2, tmp_path / "out", actor="lea", format="prodigy")
    told = flow.events(quick, "round_exported")[-1]
    assert (told.actor, told.detail) == ("lea", {"round": 2, "format": "prodigy", "files": 3})
    assert last_happened(quick, actor="lea")[0].text == "exported the files of round 2 (prodigy)"


def test_a_filled_file_comes_in_once_and_corrections_later(project, tmp_path):
    manifest = flow.designed(project)
    file = review.export_round(project, 2, tmp_path, actor="lea")[0]
    frame = pd.read_csv(file, dtype=str)
    frame["label"] = "bug"
    frame.to_csv(file, index=False)
    n = len(manifest.plan.of_annotator("ana"))
    for stored in (n, 0):
        assert len(review.import_labels(project, 2, file, actor="lea").answered) == n
        assert flow.events(project, "labels_imported")[-1].detail["stored"] == stored
    frame.loc[0, "label"] = "refund"
    frame.to_csv(file, index=False)
    review.import_labels(project, 2, file, actor="lea", annotator="ana")
    assert flow.events(project, "labels_imported")[-1].detail["stored"] == 1
    assert sorted(review.own_labels(project, 2, actor="ana").values()) == ["bug"] * (n - 1) + ["refund"]


def test_rows_whose_text_was_sorted_away_are_refused_with_their_rows(project, tmp_path):
    flow.designed(project)
    file = review.export_round(project, 2, tmp_path, actor="lea")[0]
    frame = pd.read_csv(file, dtype=str).assign(label="bug")
    mixed = frame.assign(text=frame["text"].sort_values(ascending=False).to_numpy())
    mixed.to_csv(file, index=False)
    moved = [i + 2 for i in range(len(frame)) if mixed["text"][i] != frame["text"][i]]
    with pytest.raises(FileFormatError, match=f"{len(moved)} rows .* not show the text of their assignments") as error:
        review.import_labels(project, 2, file, actor="lea")
    assert error.value.problems[0].value == tuple(moved)
    assert review.own_labels(project, 2, actor="ana") == {}
    frame.drop(columns="text").to_csv(file, index=False)
    with pytest.raises(ColumnError, match="the column 'text' is gone"):
        review.import_labels(project, 2, file, actor="lea")
    whole = frame.sort_values("text").assign(text="\u2060 " + frame["text"].str.upper() + " \r\n")
    whole.to_csv(file, index=False)
    assert len(review.import_labels(project, 2, file, actor="lea").answered) == len(frame)


def test_an_import_tells_new_corrected_unchanged_and_left_empty(quick, tmp_path):
    n = len(flow.designed(quick).plan.of_annotator("ana"))
    file = review.export_round(quick, 2, tmp_path, actor="lea")[0]
    frame = pd.read_csv(file, dtype=str)
    frame.loc[: n - 2, "label"] = "bug"
    frame.to_csv(file, index=False)
    assert review.import_labels(quick, 2, file, actor="lea").told == f"{n - 1} new labels, 1 left empty"
    frame.loc[0, "label"], frame.loc[1, "label"], frame.loc[n - 1, "label"] = "refund", None, "bug"
    frame.to_csv(file, index=False)
    found = review.import_labels(quick, 2, file, actor="lea")
    assert found.stored == {"new": 1, "corrected": 1, "unchanged": n - 3, "kept": 1}
    told = f"1 new label, 1 corrected, {n - 3} unchanged, 1 left empty (the earlier label stands)"
    assert found.told == told
    assert told in found.summary()[2]


def test_of_a_wrong_file_nothing_comes_in(project, tmp_path):
    flow.designed(project)
    file = review.export_round(project, 2, tmp_path, actor="lea")[0]
    frame = pd.read_csv(file, dtype=str).assign(label="bug")
    wrong = {
        "foreign": frame.assign(assignment="q" + frame["assignment"].str[1:].str[::-1]),
        "twice": pd.concat([frame, frame.head(1)]),
        "other round": frame.assign(manifest="0" * 64),
        "no class": frame.assign(label="bux"),
    }
    for what, table in wrong.items():
        table.to_csv(file, index=False)
        with pytest.raises(FileFormatError):
            review.import_labels(project, 2, file, actor="lea")
        assert review.own_labels(project, 2, actor="ana") == {}, what
    frame.to_csv(file, index=False)
    with pytest.raises(FileFormatError, match="another annotator"):
        review.import_labels(project, 2, file, actor="lea", annotator="bo")
    close_round(project, 2, actor="lea", allow_missing=True)
    with pytest.raises(ParameterError, match="closed"):
        review.import_labels(project, 2, file, actor="lea")


def test_a_proof_compares_an_earlier_with_a_later_round_and_is_told_in_the_log(project):
    flow.second_round(project)
    proof = review.prove(project, 1, 2, actor="rae")
    assert len(proof.rules) == 1
    told = flow.events(project, "proved")[-1].detail
    assert (told["rounds"], told["verdict"], told["complete"]) == ([1, 2], proof.verdict, True)
    for a, b in ((2, 1), (1, 1), (1, 9)):
        with pytest.raises(ParameterError):
            review.prove(project, a, b, actor="rae")
    flow.designed(project, {"paired": 4})
    with pytest.raises(ParameterError, match="no labels yet"):
        review.prove(project, 2, 3, actor="rae")
    cancel_round(project, 3, actor="lea", reason="r")
    with pytest.raises(ParameterError, match="cancelled"):
        review.prove(project, 2, 3, actor="rae")


def test_the_target_of_the_project_is_that_of_the_proof(memory):
    project = flow.start(memory, target=None)
    flow.second_round(project)
    review.prove(project, 1, 2, actor="rae")
    review.prove(project, 1, 2, actor="rae", target=0.5)


@pytest.mark.parametrize("format", ["csv", "label_studio", "prodigy"])
def test_filled_files_are_written_over_on_purpose_only(quick, tmp_path, format):
    flow.designed(quick)
    file = review.export_round(quick, 2, tmp_path, actor="lea", format=format)[0]
    file.write_text("labels of a whole day", encoding="utf-8")
    with pytest.raises(ParameterError, match="holds files of round 2 already, perhaps with labels"):
        review.export_round(quick, 2, tmp_path, actor="lea", format=format)
    assert file.read_text(encoding="utf-8") == "labels of a whole day"
    review.export_round(quick, 2, tmp_path, actor="lea", format=format, overwrite=True)
    assert file.read_text(encoding="utf-8") != "labels of a whole day"


def test_control_items_are_asked_for_after_a_change_of_rules(quick):
    with pytest.raises(ParameterError, match="Publish a changed rule first"):
        flow.designed(quick, {"held_out": 8, "control": 6})
    flow.revised(quick)
    with pytest.raises(ParameterError, match="Ask for fewer"):
        flow.designed(quick, {"held_out": 8, "control": 60})
    assert flow.designed(quick, {"held_out": 8, "control": 6}).plan.strata


def test_one_missing_label_is_told_as_one(quick):
    manifest = flow.designed(quick)
    flow.labeled(quick, manifest, people=("ana",))
    for a in manifest.plan.of_annotator("bo")[1:]:
        review.save_label(quick, 2, a.id, "bug", actor="bo")
    with pytest.raises(ParameterError, match="1 assignment of round 2 has no label"):
        close_round(quick, 2, actor="lea")


def test_the_time_that_a_tool_states_is_the_time_of_the_label(quick, tmp_path):
    flow.designed(quick)
    file = review.export_round(quick, 2, tmp_path, actor="lea", format="label_studio")[0]
    tasks = json.loads(file.read_text(encoding="utf-8"))
    times = {task["meta"]["assignment"]: f"2026-03-01T10:{at:02}:00Z" for at, task in enumerate(tasks)}
    for task in tasks:
        choice = {"from_name": "label", "value": {"choices": ["bug"]}}
        task["annotations"] = [{"result": [choice], "created_at": times[task["meta"]["assignment"]]}]
    file.write_text(json.dumps(tasks), encoding="utf-8")
    review.import_labels(quick, 2, file, actor="lea")
    with quick.store.read() as reader:
        stored = {r.assignment: r.created_utc for r in reader.labels(quick.id, round=2)}
    assert stored == {a: f"{time.removesuffix('Z')}.000000+00:00" for a, time in times.items()}


def test_the_project_itself_is_no_filled_file(tmp_path):
    with open_fixed(tmp_path / "project.db") as store:
        project = flow.start(store)
        flow.designed(project)
        with pytest.raises(FileFormatError, match="this is the project itself"):
            review.import_labels(project, 2, tmp_path / "project.db", actor="lea")
