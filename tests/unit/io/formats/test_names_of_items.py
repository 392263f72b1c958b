"""What several records, or files, call alike is one item only where it is one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from labelqa.io.read import read_annotations
from tests.unit.io.formats.given import labels_of, lines_file, notes_of, text_file

FEATURES = {"annotator_labels": {"feature": {"names": ["n", "y"], "_type": "ClassLabel"}, "_type": "List"}}
SAYS = {"huggingface": json.dumps({"info": {"features": FEATURES}})}


def _data_row(who: str, label: str, **names: object) -> dict[str, object]:
    answer = {"objects": [], "classifications": [{"name": "q", "radio_answer": {"name": label}}]}
    details = {"created_by": who, "created_at": "2026-01-01T10:00:00.000+00:00"}
    given = {"label_kind": "Default", "label_details": details, "annotations": answer}
    return {"data_row": names, "projects": {"p": {"name": "p", "labels": [given]}}}


def _shards(folder: Path, texts: Sequence[Sequence[str]]) -> Path:
    for at, some in enumerate(texts):
        table = pa.table({"text": list(some), "annotator_labels": [[0, 1]] * len(some)})
        pq.write_table(table.replace_schema_metadata(SAYS), folder / f"data-{at:05d}-of-{len(texts):05d}.parquet")
    return folder


def test_labelbox_data_rows_with_the_same_external_id_are_different_items(tmp_path: Path):
    rows = [
        _data_row("ana", "cat", id="r1", external_id="1.jpg"),
        _data_row("ben", "dog", id="r2", external_id="1.jpg"),
    ]
    found = read_annotations(lines_file(tmp_path, rows))
    assert labels_of(found) == {("r1", "ana"): "cat", ("r2", "ben"): "dog"}
    assert "external_id was not taken for the name of the items: several data rows have the same (1.jpg)" in notes_of(
        found
    )


def test_labelbox_falls_back_to_the_global_key_before_the_id(tmp_path: Path):
    rows = [_data_row("ana", "cat", id=f"r{i}", external_id="1.jpg", global_key=f"g{i}") for i in (1, 2)]
    assert list(read_annotations(lines_file(tmp_path, rows)).items) == ["g1", "g2"]


def test_an_external_id_that_recurs_in_another_file_names_no_item_in_either(tmp_path: Path):
    files = [
        lines_file(tmp_path, [_data_row("ana", "cat", id=f"{name}{i}", external_id=f"{i}.jpg") for i in range(n)], name)
        for name, n in (("a", 2), ("b", 1))
    ]
    found = read_annotations(files)
    assert sorted(found.items) == ["a0", "a1", "b0"]


def test_the_same_data_row_in_two_files_is_one_item_under_its_external_id(tmp_path: Path):
    files = [
        lines_file(tmp_path, [_data_row(who, "cat", id="r1", external_id="1.jpg")], f"{who}.ndjson")
        for who in ("ana", "ben")
    ]
    assert labels_of(read_annotations(files)) == {("1.jpg", "ana"): "cat", ("1.jpg", "ben"): "cat"}


def test_an_external_id_that_some_data_rows_lack_names_no_item(tmp_path: Path):
    rows = [_data_row("ana", "cat", id="r1", external_id="r2"), _data_row("ben", "dog", id="r2")]
    found = read_annotations(lines_file(tmp_path, rows))
    assert labels_of(found) == {("r1", "ana"): "cat", ("r2", "ben"): "dog"}
    assert "1 of 2 data rows have none" in notes_of(found)


def test_shards_of_a_data_set_are_numbered_on(tmp_path: Path):
    found = read_annotations(_shards(tmp_path, [["a", "b"], ["c"], ["d"]]))
    assert list(found.items) == [0, 1, 2, 3]
    assert found.item_data["text"].tolist() == ["a", "b", "c", "d"]
    assert len(found) == 8


def _batch(folder: Path, ids: Sequence[str], *, name: str = "id") -> Path:
    rows = [f"H{at},w{w},Approved,{value},x" for at, value in enumerate(ids) for w in (1, 2)]
    return text_file(
        folder / "batch.csv", "\n".join([f"HITId,WorkerId,AssignmentStatus,Input.{name},Answer.q", *rows]) + "\n"
    )


@pytest.mark.parametrize("name", ["id", "item_id"])
def test_hits_that_share_an_id_are_told_of_and_join_where_it_is_named(name: str, tmp_path: Path):
    found = read_annotations(_batch(tmp_path, ["a", "a", "b"], name=name))
    assert list(found.items) == ["H0", "H1", "H2"]
    assert f"2 HITs share their {name!r} with another (a)" in notes_of(found)
    path = text_file(
        tmp_path / "two.csv",
        f"HITId,WorkerId,AssignmentStatus,Input.{name},Answer.q\nH0,w1,Approved,a,x\nH1,w2,Approved,a,y\n",
    )
    assert labels_of(read_annotations(path, item=name)) == {("a", "w1"): "x", ("a", "w2"): "y"}


def test_hits_with_an_id_each_need_no_note(tmp_path: Path):
    assert "share" not in notes_of(read_annotations(_batch(tmp_path, ["a", "b"])))


def test_toloka_tasks_that_share_an_id_are_told_of(tmp_path: Path):
    head = "INPUT:id\tOUTPUT:q\tASSIGNMENT:task_id\tASSIGNMENT:worker_id\tASSIGNMENT:status\n"
    rows = "".join(f"a\tx\tt{i}\tw{i}\tAPPROVED\n" for i in range(2))
    assert "2 tasks share their 'id' with another (a)" in notes_of(
        read_annotations(text_file(tmp_path / "t.tsv", head + rows))
    )
