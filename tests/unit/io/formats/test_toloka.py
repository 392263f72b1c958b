"""Assignments of Toloka: each trap of them."""

from pathlib import Path

import pytest

import labelqa as lq
from labelqa.errors import LabelError, ParameterError

SAMPLE = Path(__file__).parents[3] / "data/formats/toloka_assignments.tsv"
HEAD = ("INPUT:text", "OUTPUT:tone", "GOLDEN:tone", "ASSIGNMENT:task_id", "ASSIGNMENT:assignment_id",
        "ASSIGNMENT:worker_id", "ASSIGNMENT:status", "ASSIGNMENT:started", "ASSIGNMENT:submitted")  # fmt: skip


def pool(tmp_path, *rows, head=HEAD):
    path = tmp_path / "pool.dat"
    path.write_text("\n".join("\t".join(r) for r in (head, *rows)) + "\n", encoding="utf-8")
    return path


def row(task, who, label, *, gold="", status="APPROVED", page="", seconds=0):
    day = "2026-01-02T10:00:"
    return (f"text {task}", label, gold, task, page or f"{task}-{who}", who, status, f"{day}00", f"{day}{seconds:02d}")


def test_the_sample_gives_its_table():
    found = lq.read_annotations(SAMPLE)
    expected = lq.read_annotations(SAMPLE.with_name("long.csv"))
    ours, theirs = (a.to_frame() for a in (found, expected))
    assert [i.removeprefix("task-") for i in ours["item"]] == theirs["item"].tolist()
    assert ours[["annotator", "label", "timestamp"]].equals(theirs[["annotator", "label", "timestamp"]])
    assert found.item_data["image"].tolist()[0] == "https://example.com/phone-001.jpg"


def test_answers_on_control_tasks_are_labels_and_the_right_answer_is_item_data(tmp_path):
    path = pool(tmp_path, row("t1", "a", "x", gold="y"), row("t1", "b", "y", gold="y"), row("t2", "a", "x"),
                row("t2", "b", "x"))  # fmt: skip
    found = lq.read_annotations(path)
    assert len(found) == 4
    assert found.item_data["gold"].fillna("").tolist() == ["y", ""]
    assert any("1 item is a control task" in n for n in found.read_log.notes)
    without = found.where(mask=found.item_data["gold"].isna().to_numpy()[found.item])  # as the note says
    assert without.items.tolist() == ["t2"]


@pytest.mark.parametrize("status", ["SKIPPED", "EXPIRED", "REJECTED", "ACTIVE"])
def test_assignments_that_do_not_count_are_set_aside_with_reason_and_row(tmp_path, status):
    path = pool(tmp_path, row("t1", "a", "x"), row("t1", "b", "x"), row("t2", "a", "", status=status))
    (aside,) = lq.read_annotations(path).read_log.set_aside
    assert aside.rows == (4,)
    assert aside.count == 1
    assert any(word in aside.reason for word in ("skipped", "in time", "rejected", "not finished"))


def test_several_outputs_are_questions_and_listed(tmp_path):
    head = (*HEAD, "OUTPUT:topic")
    rows = [(*row(t, w, "x"), "news") for t in ("t1", "t2") for w in "ab"]
    path = pool(tmp_path, *rows, head=head)
    with pytest.raises(ParameterError, match="tone, topic"):
        lq.read_annotations(path)
    assert lq.read_annotations(path, question="topic").schema.classes == ("news",)


def test_the_time_of_a_page_is_divided_among_its_tasks(tmp_path):
    path = pool(tmp_path, *(row(t, w, "x", page=w, seconds=30) for w in "ab" for t in ("t1", "t2", "t3")))
    found = lq.read_annotations(path)
    assert set(found.duration.tolist()) == {10.0}
    assert any("divided among them" in n for n in found.read_log.notes)


def test_lists_of_classes_are_sets(tmp_path):
    path = pool(tmp_path, row("t1", "a", '["x","y"]'.replace('"', '""').join('""')), row("t1", "b", '"[""x""]"'))
    with pytest.raises(LabelError, match="several classes"):
        lq.read_annotations(path)
    assert len(lq.read_annotations(path, kind="sets").values) == 2


def test_without_ids_what_was_shown_names_the_task(tmp_path):
    keep = [i for i, name in enumerate(HEAD) if name != "ASSIGNMENT:task_id"]
    rows = [row(t, w, "x") for t in ("t1", "t2") for w in "ab"]
    path = pool(tmp_path, *(tuple(r[i] for i in keep) for r in rows), head=tuple(HEAD[i] for i in keep))
    assert lq.read_annotations(path).n_items == 2
