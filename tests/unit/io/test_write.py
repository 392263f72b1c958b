"""Writers of annotations: each file is read back as what was written, and tells nobody what it should not."""

import csv
import io
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import labelqa as lq
from labelqa.errors import ParameterError
from labelqa.io.formulas import disarmed, is_formula, rearmed, restored
from labelqa.io.tables import Table
from labelqa.io.writers.names import NAMES

HOSTILE = [
    "=1+1",
    "'=1",
    "''@x",
    "+a",
    "-b",
    "@c",
    "\tx",
    "\r=1",
    " =2",
    "\uff1d1",
    "'tis",
    "a\rb",
    'say "hi"',
    "x,y;z",
]
NAMED = st.one_of(
    st.sampled_from([*HOSTILE, "NA", "None", "null", "-1x", "é", "\U0001f600"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc"]), min_size=1),
).filter(lambda t: t.strip() and not t.replace(".", "").replace("-", "").replace("+", "").strip().isnumeric())
TEXT = st.one_of(st.none(), NAMED)


@st.composite
def written(draw):
    """Annotations with hostile names, and rounds, times, durations and item columns or not."""
    items = draw(st.lists(NAMED, min_size=1, max_size=4, unique_by=str.strip))
    people = draw(st.lists(NAMED, min_size=2, max_size=4, unique_by=str.strip))
    classes = draw(st.lists(NAMED, min_size=1, max_size=4, unique_by=str.strip))
    rounds = draw(st.sampled_from([None, ["1", "2"]]))
    rows = [
        {"item": i, "annotator": a, "label": draw(st.sampled_from(classes)), "round": r}
        for i in items
        for a in people
        for r in rounds or [None]
        if draw(st.booleans()) or (i == items[0] and a == people[0])
    ]
    frame = pd.DataFrame(rows)
    text = {i: draw(TEXT) for i in items}
    frame["text"] = pd.Series([text[i] for i in frame["item"]], dtype=object)
    roles = {"item": "item", "annotator": "annotator", "label": "label"}
    frame, roles = (frame, roles | {"round": "round"}) if rounds else (frame.drop(columns="round"), roles)
    if draw(st.booleans()):
        seconds = draw(st.lists(st.integers(0, 4_000_000_000), min_size=len(frame), max_size=len(frame)))
        frame["timestamp"] = pd.to_datetime(seconds, unit="s")
        frame["duration"] = [s / 7 for s in seconds]
        roles |= {"timestamp": "timestamp", "duration": "duration"}
    return lq.Annotations.from_frame(frame, **roles)


def table(annotations, *drop):
    """The labels as rows of texts that do not depend on their order."""
    frame = annotations.to_frame().drop(columns=[*drop], errors="ignore")
    return sorted(tuple(None if pd.isna(v) else str(v) for v in row) for row in frame.to_numpy(dtype=object).tolist())


def back(annotations, format, ending, **named):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"labels{ending}"
        lq.write_annotations(annotations, path, format)
        return lq.read_annotations(path, **named)


@given(written())
def test_long_csv_gives_back_every_label_time_and_text(annotations):
    has = {r: r for r in ("round", "timestamp") if getattr(annotations, r) is not None}
    again = back(annotations, "csv", ".csv", item="item", annotator="annotator", label="label", **has)
    assert table(again, "duration") == table(annotations, "duration")
    if annotations.duration is not None:
        order = [
            np.lexsort((a.annotators.take(a.annotator), a.items.take(a.item), a.duration)) for a in (again, annotations)
        ]
        np.testing.assert_array_equal(again.duration[order[0]], annotations.duration[order[1]])


@given(written())
def test_long_parquet_gives_back_every_label_and_the_order_of_classes(annotations):
    has = {r: r for r in ("round", "timestamp") if getattr(annotations, r) is not None}
    again = back(annotations, "parquet", ".parquet", item="item", annotator="annotator", label="label", **has)
    assert table(again) == table(annotations)
    assert again.schema.classes == annotations.schema.classes


@given(written())
def test_wide_csv_gives_back_every_label_and_text(annotations):
    people = [str(a).strip() for a in annotations.annotators]
    rounds = annotations.n_rounds > 1
    again = back(annotations, "wide_csv", ".csv")
    lost = ("timestamp", "duration", "annotator", *(() if rounds else ("round",)))
    assert table(again, *lost) == table(annotations, *lost)
    assert {str(a) for a in again.annotators} == set(people)


def test_wide_csv_of_one_annotator_or_of_an_annotator_with_an_own_class_is_read_back_without_options():
    for rows in (
        [("0", "ds-ann", "A"), ("1", "ds-ann", "A"), ("2", "ds-ann", "A")],
        [("r1", "u1", "pos"), ("r1", "u2", "neg"), ("r2", "u3", "pos")],
        [("1", "=ann", "x"), ("1", "bo", "y")],
    ):
        frame = pd.DataFrame(rows, columns=["item", "annotator", "label"])
        labels = lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label")
        again = back(labels, "wide_csv", ".csv").to_frame()
        assert sorted(zip(again["item"], again["annotator"], again["label"], strict=True)) == sorted(rows)


@given(written())
def test_hugging_face_gives_back_every_label_and_the_classes(annotations):
    if annotations.n_rounds > 1:
        with pytest.raises(ParameterError, match="cannot hold 2 rounds"):
            back(annotations, "huggingface", ".parquet")
        return
    again = back(annotations, "huggingface", ".parquet")
    keep = ["item", "annotator", "label"]
    assert table(
        lq.Annotations.from_frame(again.to_frame()[keep], item="item", annotator="annotator", label="label")
    ) == (
        table(
            lq.Annotations.from_frame(annotations.to_frame()[keep], item="item", annotator="annotator", label="label")
        )
    )


@given(written())
def test_tasks_to_label_again_hold_each_item_once_and_no_label(annotations):
    with tempfile.TemporaryDirectory() as folder:
        tasks, lines = Path(folder) / "tasks.json", Path(folder) / "tasks.jsonl"
        lq.write_annotations(annotations, tasks)
        lq.write_annotations(annotations, lines)
        studio = json.loads(tasks.read_bytes())
        prodigy = [json.loads(line) for line in lines.read_text(encoding="utf-8").split("\n")[:-1]]
    assert [t["data"]["item"] for t in studio] == [t["item"] for t in prodigy] == [str(i) for i in annotations.items]
    assert {tuple(t) for t in studio} == {("data",)}
    assert all(set(t["data"]) <= {"item", "text"} for t in studio)
    assert len({t["_input_hash"] for t in prodigy}) == len(prodigy)
    assert not {"accept", "answer", "_session_id", "_annotator_id"} & {k for t in prodigy for k in t}


@given(st.one_of(st.sampled_from(HOSTILE), st.text(), st.builds("'".__mul__, st.integers(0, 3)).flatmap(
    lambda marks: st.sampled_from(HOSTILE).map(lambda t: marks + t))))  # fmt: skip
def test_disarming_is_undone_exactly_and_nothing_is_left_to_run(text):
    assert rearmed(disarmed(text)) == text
    assert not is_formula(disarmed(text))


@pytest.mark.parametrize("number", ["-1", "+2", "-1.5", "-1,000.5", "+1e9", "-3%"])
def test_numbers_are_not_changed_by_disarming(number):
    assert disarmed(number) == number


def test_what_reading_takes_away_from_a_foreign_file_is_counted_and_all_else_stays(tmp_path):
    path = tmp_path / "foreign.csv"
    path.write_text("item,annotator,label\n1,a,'=x\n1,b,'tis\n2,a,'-1\n2,b,'=x\n", encoding="utf-8")
    found = lq.read_annotations(path)
    assert set(found.schema.classes) == {"=x", "'tis", "'-1"}
    assert [n for n in found.read_log.notes if n.startswith("2 cells of foreign.csv had a '")]


def test_restoring_leaves_tables_without_formulas_as_they_are():
    plain = Table(frame=pd.DataFrame({"a": ["'tis", None], "b": [1, 2]}))
    assert restored(plain) is plain


def sample(**columns):
    frame = pd.DataFrame(
        {
            "item": ["x", "x", "y", "y", "z", "z"],
            "annotator": list("abababa")[:6],
            "label": ["p", "p", "p", "q", "q", "q"],
        }
    )
    return lq.Annotations.from_frame(frame.assign(**columns), item="item", annotator="annotator", label="label")


def test_names_of_columns_that_are_formulas_are_disarmed_too(tmp_path):
    ann = sample(**{"=cmd()": ["1", "1", "2", "2", "3", "3"]})
    lq.write_annotations(ann, tmp_path / "l.csv")
    header = next(csv.reader(io.StringIO((tmp_path / "l.csv").read_text(encoding="utf-8"))))
    assert header == ["item", "annotator", "label", "'=cmd()"]
    assert list(lq.read_annotations(tmp_path / "l.csv").item_data.columns) == ["=cmd()"]


def test_item_columns_called_as_ours_are_renamed_with_a_note(tmp_path):
    ann = sample(duration=["1", "1", "2", "2", "3", "3"])
    found = lq.write_annotations(ann, tmp_path / "l.csv")
    assert "item columns were renamed: 'duration' is 'duration_of_item'" in found.notes


def test_columns_that_tell_labels_or_people_are_left_out_of_tasks_unless_named(tmp_path):
    ann = sample(
        gold=["p", "p", "p", "p", "q", "q"],
        first_guess=["q", "q", "p", "p", "q", "q"],
        seen_by=["a", "a", "b", "b", "a", "a"],
        text=["one", "one", "two", "two", "three", "three"],
    )
    found = lq.write_annotations(ann, tmp_path / "t.json")
    tasks = json.loads((tmp_path / "t.json").read_bytes())
    assert tasks[0] == {"data": {"item": "x", "text": "one"}}
    assert any("gold, first_guess, seen_by" in n for n in found.notes)
    lq.write_annotations(ann, tmp_path / "t.jsonl", columns=["text", "first_guess"])
    line = json.loads((tmp_path / "t.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert line["text"] == "one"
    assert line["meta"] == {"first_guess": "q"}


def test_hugging_face_metadata_majority_and_soft_labels(tmp_path):
    lq.write_annotations(sample(), tmp_path / "d.parquet", "huggingface")
    found = pq.read_table(tmp_path / "d.parquet")
    features = json.loads(found.schema.metadata[b"huggingface"])["info"]["features"]
    assert set(features) == set(found.column_names)
    assert features["label"] == {"names": ["p", "q"], "_type": "ClassLabel"}
    assert found.column("label").to_pylist() == [0, -1, 1]
    assert found.column("soft_label").to_pylist() == [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    assert found.column("annotator_labels").to_pylist() == [[0, 0], [0, 1], [1, 1]]
    assert found.column("annotators").to_pylist() == [["a", "b"]] * 3


def test_names_spelled_alike_and_control_characters_are_refused_and_nothing_is_written(tmp_path):
    frame = pd.DataFrame({"item": pd.Series([1, "1"], dtype=object), "annotator": ["a", "a"], "label": ["p", "q"]})
    ann = lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label")
    with pytest.raises(ParameterError, match="spelled alike"):
        lq.write_annotations(ann, tmp_path / "l.csv")
    with pytest.raises(ParameterError, match="control characters"):
        lq.write_annotations(sample(text=["a\0b"] * 6), tmp_path / "l.csv")
    assert list(tmp_path.iterdir()) == []


def test_half_characters_do_not_stop_any_writer(tmp_path):
    ann = sample(text=pd.Series(["a\ud800b"] * 6, dtype=object))
    for name in NAMES:
        assert lq.write_annotations(ann, tmp_path / name, name).n_rows


def test_unknown_formats_endings_and_columns_are_named(tmp_path):
    with pytest.raises(ParameterError, match="names no format"):
        lq.write_annotations(sample(), tmp_path / "l.xyz")
    with pytest.raises(ParameterError, match="csv"):
        lq.write_annotations(sample(), tmp_path / "l.csv", "cvs")
    with pytest.raises(ParameterError, match="no item column 'txt'"):
        lq.write_annotations(sample(text=["a"] * 6), tmp_path / "l.csv", columns=["txt"])
    with pytest.raises(ParameterError, match="DataFrame was given"):
        lq.write_annotations(pd.DataFrame(), tmp_path / "l.csv")
