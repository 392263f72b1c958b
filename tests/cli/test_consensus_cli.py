"""labelqa consensus: what is written, and what readers see."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from labelqa.cli.main import exit_code
from labelqa.io.formulas import defused, is_formula
from tests.unit.report.crowd import crowd_frame


@pytest.fixture
def labels(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    crowd_frame(60).rename(columns={"seconds": "duration"}).to_csv("labels.csv", index=False)
    return "labels.csv"


def run(capsys, *arguments):
    code = exit_code(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def written(rows: list[str]) -> None:
    Path("names.csv").write_text("item,annotator,label\n" + "\n".join(rows), encoding="utf-8")


@pytest.mark.usefixtures("labels")
@pytest.mark.parametrize("form", ["html", "markdown", "text"])
def test_every_page_has_a_headline_trust_and_habits(capsys, form):
    code, out, _ = run(capsys, "consensus", "labels.csv", "--gold", "gold", "--format", form)
    assert code == 0
    text = " ".join(re.sub(r"(?s)<style>.*?</style>|<[^>]+>", " ", out).replace("\\", "").split())
    assert "items get a label that is at least 70% sure" in text
    assert "On 30 items with a known class" in text
    assert "expected calibration error" in text
    assert "How does each annotator work?" in text
    assert "A label takes the middle annotator" in text
    assert "undefined" not in text


@pytest.mark.usefixtures("labels")
def test_anonymised_pages_name_nobody(capsys):
    frame = pd.read_csv("labels.csv").assign(annotator=lambda f: "person-" + f["annotator"])
    frame.to_csv("named.csv", index=False)
    for form in ("html", "markdown", "text"):
        _, out, _ = run(capsys, "consensus", "named.csv", "--anonymise", "--format", form)
        assert "person-" not in out.replace("\\", "")


@pytest.mark.usefixtures("labels")
def test_labels_like_formulas_are_defused_in_csv_and_counted(capsys):
    written([f"{item},{who},{label}" for item, label in (("a", "=1+1"), ("-5", "@me"), ("c", "-2")) for who in "xyz"])
    code, _, err = run(capsys, "consensus", "names.csv", "-o", "out.csv")
    assert code == 0
    assert "2 cells of out.csv begin like a spreadsheet formula" in err
    assert "write .json to keep them as they are" in err
    rows = list(csv.DictReader(Path("out.csv").read_text(encoding="utf-8").splitlines()))
    assert {(r["item"], r["label"]) for r in rows} == {("a", "'=1+1"), ("-5", "'@me"), ("c", "-2")}
    run(capsys, "consensus", "names.csv", "-o", "out.json")
    assert set(json.loads(Path("out.json").read_text(encoding="utf-8"))["labels"]) == {"=1+1", "@me", "-2"}


@pytest.mark.usefixtures("labels")
def test_ordinary_labels_are_written_as_they_are(capsys):
    _, _, err = run(capsys, "consensus", "labels.csv", "-o", "out.csv")
    assert err.splitlines()[-1] == "wrote out.csv"
    assert "'" not in Path("out.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=SUM(A1)", True),
        ("+cmd|' /C calc'!A0", True),
        ("-2+3", True),
        ("@x", True),
        ("\tx", True),
        ("\r=1", True),
        ("\uff1d1+1", True),
        ("-2", False),
        ("+1.5e3", False),
        ("-1,000.5", False),
        ("-", False),
        ("", False),
        ("a=b", False),
        (-2, False),
        (None, False),
    ],
)
def test_only_texts_that_a_spreadsheet_may_run_are_formulas(text, expected):
    assert is_formula(text) is expected


def test_defusing_leaves_numbers_missing_values_and_the_frame_alone():
    frame = pd.DataFrame({"item": ["=a", None], "n": [-1, 2], "share": [float("nan"), -0.5]})
    safe, n = defused(frame)
    assert n == 1
    assert safe["item"].tolist()[0] == "'=a"
    assert pd.isna(safe["item"].tolist()[1])
    assert safe["n"].tolist() == [-1, 2]
    assert frame["item"].tolist()[0] == "=a"


@pytest.mark.usefixtures("labels")
@pytest.mark.parametrize(("command", "has_csv"), [(["consensus"], True), (["agreement"], False), (["report"], False)])
def test_a_wrong_ending_names_csv_only_where_it_is_allowed(capsys, command, has_csv):
    code, _, err = run(capsys, *command, "labels.csv", "-o", "out.pdf")
    assert code == 2
    assert "allowed endings: .html" in err
    assert (".csv)" in err) is has_csv
    assert run(capsys, *command, "labels.csv", "-o", "out.csv")[0] == (0 if has_csv else 2)
