"""labelqa convert: from one format to another."""

import json

import pytest

from labelqa.cli.main import exit_code

LONG = "item,annotator,label,text\n" + "".join(
    f"{i},{a},{c},t{i}\n" for i, a, c in [(1, "a", "x"), (1, "b", "x"), (2, "a", "x"), (2, "b", "y")]
)


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text(LONG, encoding="utf-8")
    return path


def test_what_was_read_and_written_is_told_on_stderr_alone(labels, tmp_path, capsys):
    assert exit_code(["convert", str(labels), str(tmp_path / "out.parquet")]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "4 rows read, 4 labels used" in err
    assert "wrote 4 rows to out.parquet (parquet)" in err


def test_tasks_to_label_again_are_blind(labels, tmp_path):
    assert exit_code(["convert", str(labels), str(tmp_path / "tasks.json"), "--to", "label_studio"]) == 0
    tasks = json.loads((tmp_path / "tasks.json").read_bytes())
    assert tasks == [{"data": {"item": "1", "text": "t1"}}, {"data": {"item": "2", "text": "t2"}}]


def test_the_input_is_never_overwritten(labels, capsys):
    assert exit_code(["convert", str(labels), str(labels), "--to", "wide_csv"]) == 2
    assert "is the input file" in capsys.readouterr().err
    assert labels.read_text(encoding="utf-8") == LONG


def test_one_file_alone_and_unknown_endings_are_wrong_usage(labels, tmp_path, capsys):
    assert exit_code(["convert", str(labels)]) == 2
    assert "name what to read and where to write" in capsys.readouterr().err
    assert exit_code(["convert", str(labels), str(tmp_path / "out.xyz")]) == 2
    assert "names no format" in capsys.readouterr().err


def test_formats_are_listed(capsys):
    assert exit_code(["convert", "--formats"]) == 0
    out = capsys.readouterr().out
    assert "mturk: Amazon Mechanical Turk results" in out
    assert "huggingface: Hugging Face Parquet" in out


def test_one_of_several_questions_is_converted(tmp_path, capsys):
    path, out = tmp_path / "toloka.tsv", tmp_path / "out.csv"
    head = "INPUT:t\tOUTPUT:tone\tOUTPUT:topic\tASSIGNMENT:task_id\tASSIGNMENT:worker_id\tASSIGNMENT:status\n"
    rows = "".join(f"x{i}\tgood\tnews\tt{i}\t{w}\tAPPROVED\n" for i in (1, 2) for w in "ab")
    path.write_text(head + rows, encoding="utf-8")
    assert exit_code(["convert", str(path), str(out)]) == 2
    assert "tone, topic" in capsys.readouterr().err
    assert exit_code(["convert", str(path), str(out), "--question", "topic", "--input-format", "toloka"]) == 0
    assert "news" in out.read_text(encoding="utf-8")
    assert "good" not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "measure"),
    [("spans", "labelqa.span_agreement(labels)"), ("sets", "labelqa.distance_agreement(labels, 'jaccard')"),
     ("boxes", "labelqa.box_agreement(labels)")],
)  # fmt: skip
@pytest.mark.parametrize("command", ["report", "convert"])
def test_labels_that_are_no_classes_are_refused_with_the_lines_that_measure_them(
    command, kind, measure, labels, tmp_path, capsys
):
    asked = [command, str(labels), *([str(tmp_path / "out.csv")] if command == "convert" else []), "--kind", kind]
    assert exit_code(asked) == 2
    err = capsys.readouterr().err
    assert f"takes one class a label, and no {kind}" in err
    assert f"labelqa.read_annotations('labels.csv', kind='{kind}')" in err
    assert measure in err
    assert not (tmp_path / "out.csv").exists()


def test_classes_are_the_kind_by_default(labels, tmp_path):
    assert exit_code(["convert", str(labels), str(tmp_path / "out.csv"), "--kind", "classes"]) == 0
    assert exit_code(["report", str(labels), "--kind", "classes", "-o", str(tmp_path / "out.md")]) == 0
