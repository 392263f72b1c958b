"""labelqa compare: two files, two rounds of one, forms and gate."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.cli.main import exit_code
from labelqa.reliability.comparison.compare import compare_agreement

PEOPLE = ("ana", "ben", "cem")


def frame(noise, seed, n=60):
    truth = np.random.default_rng(0).integers(0, 3, n)
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random((n, 3)) < noise, rng.integers(0, 3, (n, 3)), truth[:, None])
    rows = [(f"doc{i}", who, "abc"[labels[i, g]]) for i in range(n) for g, who in enumerate(PEOPLE)]
    return pd.DataFrame(rows, columns=["item", "annotator", "label"])


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    before, after = frame(0.7, 1), frame(0.2, 2)
    before.to_csv("before.csv", index=False)
    after.to_csv("after.csv", index=False)
    pd.concat([before.assign(round=1), after.assign(round=2)]).to_csv("both.csv", index=False)


def run(capsys, *arguments):
    code = exit_code(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.usefixtures("files")
def test_two_files_are_compared_in_words(capsys):
    code, out, err = run(capsys, "compare", "before.csv", "after.csv")
    assert (code, err) == (0, "")
    for text in ("Agreement improved.", "60 items in both", "rose from", "Class by class", "after.csv"):
        assert text in out


@pytest.mark.usefixtures("files")
def test_json_holds_the_librarys_numbers_and_how_both_files_were_read(capsys):
    _, out, _ = run(capsys, "compare", "before.csv", "after.csv", "--format", "json", "--coefficient", "gwet_ac")
    found = json.loads(out)
    mine = compare_agreement(*(lq.read_annotations(f) for f in ("before.csv", "after.csv")), "gwet_ac")
    for name in ("difference", "low", "high", "p_value", "p_permutation", "verdict"):
        assert found[name] == getattr(mine, name)
    assert [log["sources"][0]["name"] for log in found["read_log"]] == ["before.csv", "after.csv"]
    assert [i["name"] for i in found["run"]["inputs"]] == ["before.csv", "after.csv"]
    assert found["run"]["arguments"]["paths"] == ["before.csv", "after.csv"]


@pytest.mark.usefixtures("files")
def test_two_rounds_of_one_file_give_what_two_files_give(capsys):
    apart = json.loads(run(capsys, "compare", "before.csv", "after.csv", "--format", "json")[1])
    code, out, _ = run(capsys, "compare", "both.csv", "--between", "1", "2", "--format", "json")
    found = json.loads(out)
    assert code == 0
    assert {n: found[n] for n in ("difference", "low", "p_permutation")} == {
        n: apart[n] for n in ("difference", "low", "p_permutation")
    }
    assert found["read_log"]["notes"] == []
    back = json.loads(run(capsys, "compare", "both.csv", "--between", "2", "1", "--format", "json")[1])
    assert back["verdict"] == "worse"


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("ending", ["html", "md", "json", "txt"])
def test_the_ending_of_the_output_names_the_form(capsys, ending):
    code, out, err = run(capsys, "compare", "before.csv", "after.csv", "-o", f"out.{ending}")
    assert (code, out, err) == (0, "", f"wrote out.{ending}\n")
    text = Path(f"out.{ending}").read_text(encoding="utf-8")
    assert "improved" in text
    if ending == "html":
        assert "<svg" in text
        assert "<script" not in text


@pytest.mark.usefixtures("files")
def test_the_same_command_gives_the_same_bytes(capsys):
    command = ("compare", "before.csv", "after.csv", "--format", "json", "--seed", "3")
    assert run(capsys, *command) == run(capsys, *command)


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("order", "demand", "code"),
    [
        (("before.csv", "after.csv"), "improved", 0),
        (("before.csv", "after.csv"), "not-worse", 0),
        (("after.csv", "before.csv"), "improved", 1),
        (("after.csv", "before.csv"), "not-worse", 1),
        (("before.csv", "before.csv"), "improved", 1),
        (("before.csv", "before.csv"), "not-worse", 0),
    ],
)
def test_the_gate_fails_with_a_reason(capsys, order, demand, code):
    found, _, err = run(capsys, "compare", *order, "--fail-unless", demand)
    assert found == code
    assert err.startswith("gate not met" if code else "gate met")


@pytest.mark.usefixtures("files")
def test_an_undefined_difference_fails_every_gate(capsys):
    pd.read_csv("after.csv").assign(label="a").to_csv("one.csv", index=False)
    code, _, err = run(capsys, "compare", "before.csv", "one.csv", "--fail-unless", "not-worse")
    assert code == 1
    assert "only one class was used" in err


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["before.csv"], "1 file given: name two files"),
        (["before.csv", "after.csv", "both.csv"], "3 files given"),
        (["both.csv", "--between", "1", "7"], "round='7' does not occur"),
        (["both.csv", "--between", "2", "2"], "round '2' cannot be compared with itself"),
        (["before.csv", "--between", "1", "2"], "this data has no round column"),
        (["both.csv", "--between", "1", "2", "--only-round", "1"], "use one of them"),
        (["both.csv", "after.csv"], "the data holds 2 rounds"),
        (["before.csv", "missing.csv"], "missing.csv"),
        (["before.csv", "after.csv", "-o", "after.csv"], "is the input file"),
        (["before.csv", "after.csv", "--confidence", "2"], "not between 0 and 1"),
        (["before.csv", "after.csv", "--weights", "interval"], "interval weights need numeric labels"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_clear_message(capsys, arguments, message):
    code, out, err = run(capsys, "compare", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.usefixtures("files")
def test_anonymised_comparisons_name_nobody(capsys):
    for form in ("text", "json", "markdown", "html"):
        _, out, _ = run(capsys, "compare", "before.csv", "after.csv", "--anonymise", "--format", form)
        assert not any(name in out for name in PEOPLE)
