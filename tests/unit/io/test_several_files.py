"""Several files of a tool that differ: in their questions, in what names their items, in where they lie."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from labelqa.errors import FileFormatError, ParameterError
from labelqa.io import folders
from labelqa.io.formats.prodigy import dataset_prefix
from labelqa.io.read import read_annotations


def _choice(label: Any, name: str = "s") -> dict[str, Any]:
    choices = label if isinstance(label, list) else [label]
    return {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": choices}}


def _task(number: int, data: dict[str, Any], **answers: list[dict[str, Any]]) -> dict[str, Any]:
    given = [{"completed_by": who, "result": result} for who, result in answers.items()]
    return {"id": number, "data": data, "annotations": given}


def _row(number: int, who: str, **answers: Any) -> dict[str, Any]:  # what JSON holds
    own = {"annotation_id": 10 * number + len(who), "created_at": "2026-01-01T00:00:00Z", "lead_time": 2.0}
    return {"id": number, "annotator": who, "text": f"t{number}", **own, **answers}


def _verdict(number: int, who: str, label: str, answer: str) -> dict[str, Any]:
    own = {"_input_hash": number, "_task_hash": number, "_annotator_id": who}
    return {"text": f"t{number}", "label": label, "answer": answer, **own}


def _json(path: Path, records: list[Any]) -> Path:
    path.write_text(json.dumps(records), encoding="utf-8")
    return path


def _lines(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def _zip(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def _labels(found: Any) -> set[tuple[Any, ...]]:  # annotations of either kind
    frame = found.to_frame()
    return set(frame[["item", "annotator", "label"]].astype(str).itertuples(index=False, name=None))


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """Return a file that asks one question."""
    return _json(tmp_path / "one.json", [_task(1, {"text": "a"}, ana=[_choice("A")], ben=[_choice("B")])])


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Return a file that asks the same question and another one."""
    both = {"ana": [_choice("A"), _choice("X", "t")], "ben": [_choice("B"), _choice("Y", "t")]}
    return _json(tmp_path / "two.json", [_task(2, {"text": "b"}, **both)])


@pytest.mark.parametrize("order", [1, -1])
def test_a_file_with_one_question_is_read_beside_one_with_two(one: Path, two: Path, order: int):
    found = read_annotations([one, two][::order], question="s")
    assert _labels(found) == {("1", "ana", "A"), ("1", "ben", "B"), ("2", "ana", "A"), ("2", "ben", "B")}
    assert sum(s.count for s in found.read_log.set_aside) == 2  # the other question


def test_the_questions_of_all_files_are_listed(one: Path, two: Path):
    with pytest.raises(ParameterError, match=r"the labels answer 2 questions \(allowed: s, t\)"):
        read_annotations([one, two])


def test_two_files_that_ask_one_question_each_do_not_become_one_question(one: Path, tmp_path: Path):
    other = _json(tmp_path / "other.json", [_task(2, {"text": "b"}, ana=[_choice("X", "t")], ben=[_choice("X", "t")])])
    with pytest.raises(ParameterError, match="2 questions"):
        read_annotations([one, other])
    assert _labels(read_annotations([one, other], question="t")) == {("2", "ana", "X"), ("2", "ben", "X")}


def test_the_only_question_may_be_named(one: Path):
    assert _labels(read_annotations(one, question="s")) == _labels(read_annotations(one))


def test_a_question_of_classes_in_one_file_and_of_sets_in_another_is_one_of_sets(one: Path, tmp_path: Path):
    result = {"ana": [_choice(["A", "B"]), _choice("X", "t")], "ben": [_choice("B")]}
    several = _json(tmp_path / "several.json", [_task(2, {"text": "b"}, **result)])
    found = read_annotations([one, several], question="s", kind="sets")
    assert sorted(map(sorted, found.values)) == [["A"], ["A", "B"], ["B"], ["B"]]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_column_that_is_a_question_in_one_flat_export_is_one_in_all(form: str, tmp_path: Path):
    rows = [
        [_row(1, "ana", s="pos", t="u"), _row(1, "ben", s="neg", t="v")],
        [_row(2, "ana", s="pos", t="u"), _row(2, "ben", s="pos", t="u")],
        [_row(3, "ana", s="pos", t="u"), _row(3, "ben", s="neg", t="u")],
    ]
    if form == "json":
        paths = [_json(tmp_path / f"f{i}.json", r) for i, r in enumerate(rows)]
    else:
        paths = [tmp_path / f"f{i}.csv" for i in range(3)]
        for path, r in zip(paths, rows, strict=True):
            pd.DataFrame(r).to_csv(path, index=False)
    topics = {("1", "ana", "u"), ("1", "ben", "v")} | {(i, who, "u") for i in "23" for who in ("ana", "ben")}
    found = read_annotations(paths, question="t")
    assert _labels(found) == topics
    assert sum(s.count for s in found.read_log.set_aside) == 6
    assert len(_labels(read_annotations(paths, question="s"))) == 6
    assert not any("since no two annotators differ" in n and "t" in n.split(": ")[1].split(", ") for n in
                   found.read_log.notes)  # fmt: skip


def test_a_flat_column_in_which_all_agree_may_be_named_as_the_question(tmp_path: Path):
    rows = [_row(1, "ana", s="pos", t="sport"), _row(1, "ben", s="neg", t="sport")]
    found = read_annotations(_json(tmp_path / "flat.json", rows), question="t")
    assert _labels(found) == {("1", "ana", "sport"), ("1", "ben", "sport")}


def test_verdicts_on_one_label_count_beside_those_on_two(tmp_path: Path):
    one = _lines(tmp_path / "b1.jsonl", [_verdict(1, "ana", "POS", "accept"), _verdict(1, "ben", "POS", "reject")])
    two = _lines(tmp_path / "b2.jsonl", [_verdict(2, "ana", "POS", "accept"), _verdict(2, "ben", "NEG", "accept")])
    found = read_annotations([one, two], question="POS")
    assert _labels(found) == {("1", "ana", "accept"), ("1", "ben", "reject"), ("2", "ana", "accept")}


def test_items_of_files_that_name_them_differently_are_not_mixed(tmp_path: Path):
    data = [{"doc_id": "11", "text": "a"}, {"doc_id": "12", "text": "b"}]
    first = _json(tmp_path / "l1.json", [_task(i + 1, d, ana=[_choice("A")]) for i, d in enumerate(data)])
    data = [{"doc_id": "13", "text": "c"}, {"doc_id": "13", "text": "d"}]
    second = _json(tmp_path / "l2.json", [_task(i + 11, d, ben=[_choice("B")]) for i, d in enumerate(data)])
    found = read_annotations([first, second])
    assert _labels(found) == {("1", "ana", "A"), ("2", "ana", "A"), ("11", "ben", "B"), ("12", "ben", "B")}
    note = "items are called by their ids in the tool, as 'doc_id' does not tell all items of l2.json apart"
    assert note in found.read_log.notes


def test_items_of_files_that_all_have_a_name_of_their_own_keep_it(tmp_path: Path):
    paths = [
        _json(tmp_path / f"l{n}.json", [_task(1, {"doc_id": f"d{n}", "text": "a"}, ana=[_choice("A")])]) for n in (1, 2)
    ]
    assert {item for item, _, _ in _labels(read_annotations(paths))} == {"d1", "d2"}


def _entries(first: int) -> str:
    entries = [{"id": first + i, "text": f"t{first + i}", "label": ["x"], "Comments": []} for i in range(2)]
    return "".join(json.dumps(e) + "\n" for e in entries)


@pytest.mark.parametrize("how", ["zips", "folders"])
def test_doccano_exports_in_two_places_name_their_people_by_file(how: str, tmp_path: Path):
    names = {"a": {"admin.jsonl": 0, "bob.jsonl": 2}, "b": {"admin.jsonl": 4, "bob.jsonl": 6}}
    if how == "zips":
        source: Any = [
            _zip(tmp_path / f"{n}.zip", {m: _entries(i) for m, i in files.items()}) for n, files in names.items()
        ]
    else:
        source = tmp_path
        for name, files in names.items():
            (tmp_path / name).mkdir()
            for member, start in files.items():
                (tmp_path / name / member).write_text(_entries(start), encoding="utf-8")
    assert set(read_annotations(source).annotators) == {"admin", "bob"}


def test_folders_whose_files_hold_the_same_items_are_people(tmp_path: Path):
    for who in ("ana", "ben"):
        (tmp_path / who).mkdir()
        for part in (0, 2):
            (tmp_path / who / f"part{part}.jsonl").write_text(_entries(part), encoding="utf-8")
    assert set(read_annotations(tmp_path).annotators) == {"ana", "ben"}


def test_folders_of_one_file_each_are_people(tmp_path: Path):
    for who in ("ana", "ben"):
        (tmp_path / who).mkdir()
        (tmp_path / who / "labels.jsonl").write_text(_entries(0), encoding="utf-8")
    assert set(read_annotations(tmp_path).annotators) == {"ana", "ben"}


def test_folders_of_tables_with_lists_in_their_cells_are_compared_too(tmp_path: Path):
    for who in ("ana", "ben"):
        (tmp_path / who).mkdir()
        for part in (0, 2):
            frame = pd.DataFrame({"item": [part, part + 1], "label": ["x", "y"], "words": [["a"], ["b", "c"]]})
            frame.to_parquet(tmp_path / who / f"part{part}.parquet")
    assert set(read_annotations(tmp_path).annotators) == {"ana", "ben"}


MARKED = {"txt": "London is big", "ann": "T1\tLOC 0 6\tLondon\n"}


def test_the_folder_in_which_documents_differ_is_the_annotator(tmp_path: Path):
    members = {f"corpus/{who}/docs/d1.{end}": text for who in ("ana", "ben") for end, text in MARKED.items()}
    found = read_annotations(_zip(tmp_path / "corpus.zip", members), kind="spans")
    assert set(found.to_frame()["annotator"]) == {"ana", "ben"}


def test_a_zip_of_many_members_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    members = {f"{who}/d{i}.{end}": t for who in ("ana", "ben") for i in range(20) for end, t in MARKED.items()}
    path = _zip(tmp_path / "many.zip", members)
    opened: list[object] = []
    start = zipfile.ZipFile.__init__
    monkeypatch.setattr(zipfile.ZipFile, "__init__", lambda self, *a, **k: opened.append(a) or start(self, *a, **k))
    assert len(read_annotations(path, kind="spans")) == 40
    assert len(opened) <= 2  # once to see what it is


PLAIN = "item,annotator,label\n1,ana,x\n1,ben,y\n"


def test_a_stray_text_that_looks_like_columns_does_not_hide_the_tables(tmp_path: Path):
    (tmp_path / "labels.csv").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("to do:\n\nask Ana\nask Ben\n", encoding="utf-8")
    found = read_annotations(tmp_path)
    assert len(found) == 2
    assert "not read, as no label files: notes.txt" in found.read_log.notes


def test_marked_texts_beside_tables_are_an_error_that_names_both(tmp_path: Path):
    (tmp_path / "labels.csv").write_text(PLAIN, encoding="utf-8")
    for end, text in MARKED.items():
        (tmp_path / f"d1.{end}").write_text(text, encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"texts marked in a tool \(d1\.ann\) and tables \(labels\.csv\)"):
        read_annotations(tmp_path)


def test_members_that_are_hidden_or_lead_out_of_the_zip_are_listed(tmp_path: Path):
    members = {"a.csv": PLAIN, "../b.csv": PLAIN, ".c.csv": PLAIN, "__MACOSX/._a.csv": "", ".DS_Store": ""}
    found = read_annotations(_zip(tmp_path / "labels.zip", members))
    note = "not read, as hidden or with a path that leads out of labels.zip: ../b.csv, .c.csv"
    assert note in found.read_log.notes


def test_an_empty_choice_beside_another_question_is_counted_as_missing(tmp_path: Path):
    task = _task(1, {"text": "a"}, ana=[_choice("A"), _choice(["p", "q"], "m")], ben=[_choice("B")])
    found = read_annotations(_json(tmp_path / "m.json", [task]), question="m", kind="sets")
    assert len(found.to_frame()) == 1
    assert any(n.startswith("'m' was left empty beside other questions in 1 of 2") for n in found.read_log.notes)
    assert any(s.reason == "no value" and s.count == 1 for s in found.read_log.set_aside)


def test_places_that_count_an_emoji_twice_are_read_where_their_words_stand(tmp_path: Path):
    place = {"start": 3, "end": 9, "labels": ["LOC"], "text": "London"}
    span = {"from_name": "ner", "to_name": "text", "type": "labels", "value": place}
    task = _task(1, {"text": "\U0001f600 London is big"}, ana=[span], ben=[span])
    found = read_annotations(_json(tmp_path / "e.json", [task]), kind="spans")
    assert [tuple(s)[:2] for value in found.values for s in value] == [(2, 8), (2, 8)]
    assert any(n.startswith("2 spans in e.json have places that count an emoji as two") for n in found.read_log.notes)


def test_the_data_set_of_very_long_sessions_is_found_without_comparing_each_beginning():
    names = {"news-" + letter * 2_000_000 for letter in "ab"}
    start = time.process_time()
    assert dataset_prefix(names) == "news-"
    assert dataset_prefix({"news" + "a" * 400_000 + end for end in "bc"}) == ""
    assert time.process_time() - start < 5  # each beginning by itself takes minutes


def test_several_levels_are_told_apart_by_where_files_of_one_name_meet():
    paths = [folders.PurePosixPath(f"{who}/{part}/d{part}.ann") for who in ("ana", "ben") for part in (1, 2)]
    assert folders.telling_folders(paths) == ["ana", "ana", "ben", "ben"]
