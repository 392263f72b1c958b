"""The command line: output, gates and exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import labelqa as lq
from labelqa.cli import review
from labelqa.cli.main import exit_code
from labelqa.reliability import names

LONG = "item,annotator,label,text\n" + "".join(
    f"i{n},{who},{'ab'[(n + (who == 'cem' and n % 3 == 0)) % 2]},text {n}\n"
    for n in range(12)
    for who in ("ana", "ben", "cem")
)


@pytest.fixture
def labels(tmp_path, monkeypatch):
    (tmp_path / "labels.csv").write_text(LONG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    return "labels.csv"


def run(capsys, *arguments):
    code = exit_code(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_agreement_prints_all_eight_coefficients(labels, capsys):
    code, out, err = run(capsys, "agreement", labels)
    assert (code, err) == (0, "")
    for title in names.TITLES.values():
        assert title in out


def test_agreement_json_holds_the_librarys_numbers(labels, capsys):
    _, out, _ = run(capsys, "agreement", labels, "--format", "json", "--interval", "bootstrap", "--seed", "3")
    found = json.loads(out)
    assert found["schema_version"] == 1
    alpha = next(c for c in found["coefficients"] if c["coefficient"] == "krippendorff_alpha")
    mine = lq.agreement(lq.read_annotations(labels))
    ends = mine.confidence_interval(method="bootstrap", rng=3)
    assert (alpha["estimate"], alpha["low"], alpha["high"]) == (mine.estimate, ends.low, ends.high)
    scott = next(c for c in found["coefficients"] if c["coefficient"] == "scott_pi")
    assert scott["estimate"] is None
    assert scott["reason"] == names.TWO_ANNOTATORS_ONLY


def test_the_same_command_gives_the_same_bytes(labels, capsys):
    for command in (["agreement", labels, "--format", "json"], ["report", labels, "--format", "json"]):
        assert run(capsys, *command) == run(capsys, *command)


def test_json_names_no_folder_of_the_machine(labels, capsys, tmp_path):
    for command in ("agreement", "report"):
        _, out, _ = run(capsys, command, str(tmp_path / labels), "--format", "json")
        assert str(tmp_path) not in out
        assert "labels.csv" in out


@pytest.mark.parametrize(
    ("gate", "code", "said"),
    [
        (["--fail-under", "0.5"], 0, "gate met: krippendorff_alpha is 0."),
        (["--fail-under", "0.99"], 1, "gate not met: krippendorff_alpha is 0."),
        (["--fail-under", "0.7", "--fail-on", "lower"], 1, "gate not met: the lower bound of krippendorff_alpha is 0."),
        (["--fail-under", "0.5", "--coefficient", "scott_pi"], 1, "gate not met: scott_pi is undefined: Scott's pi"),
    ],
)
@pytest.mark.parametrize("command", ["agreement", "report"])
def test_gates_decide_the_exit_code(labels, capsys, command, gate, code, said):
    found, _, err = run(capsys, command, labels, *gate)
    assert found == code
    assert err.startswith(said)


def test_the_gate_looks_at_the_first_named_coefficient(labels, capsys):
    _, _, err = run(
        capsys, "agreement", labels, "--coefficient", "gwet_ac", "--coefficient", "fleiss_kappa", "--fail-under", "0"
    )
    assert err.startswith("gate met: gwet_ac")


@pytest.mark.parametrize(
    ("ending", "start"),
    [("html", "<!doctype html>"), ("md", "# "), ("json", "{"), ("txt", "Are the labels consistent?")],
)
def test_the_ending_of_the_output_file_chooses_the_form(labels, capsys, tmp_path, ending, start):
    code, out, err = run(capsys, "report", labels, "-o", f"out.{ending}")
    assert (code, out, err) == (0, "", f"wrote out.{ending}\n")
    assert (tmp_path / f"out.{ending}").read_text(encoding="utf-8").lower().startswith(start.lower())


@pytest.mark.parametrize("form", ["html", "markdown", "text", "json"])
@pytest.mark.parametrize("command", ["agreement", "report"])
def test_every_form_goes_to_stdout_too(labels, capsys, command, form):
    code, out, err = run(capsys, command, labels, "--format", form)
    assert (code, err) == (0, "")
    assert "labels" in out


def test_reading_options_reach_the_reader(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = ["wer,was,wie,phase", "x,1,Ja ,1", "y,1,ja,1", "x,2,nein,1", "y,2,?,1", "x,2,nein,2", "y,2,nö,2"]
    Path("l.csv").write_text("\n".join(rows), encoding="utf-8")
    code, out, _ = run(
        capsys,
        *("agreement", "l.csv", "--item", "was", "--annotator", "wer", "--label", "wie", "--round-column", "phase"),
        *("--only-round", "1", "--normalise-labels", "--map-labels", "nö=nein", "--cannot-tell", "?"),
        *("--format", "json", "--anonymise"),
    )
    assert code == 0
    log = json.loads(out)["read_log"]
    assert log["mapping"] == {"item": "was", "annotator": "wer", "label": "wie", "round": "phase"}
    assert [entry["reason"] for entry in log["set_aside"]] == ["label means cannot tell"]
    assert any("mapped to 'nein'" in note for note in log["notes"])
    assert any("case and spaces" in note for note in log["notes"])


def test_merged_classes_are_measured_as_one(labels, capsys):
    _, out, _ = run(capsys, "agreement", labels, "--merge-classes", "c=a,b", "--coefficient", "krippendorff_alpha")
    assert f"undefined: {names.ONE_CLASS}" in out


def test_several_rounds_ask_for_one(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i},{g},{'ab'[i % 2]},{r}" for r in (1, 2) for i in range(8) for g in ("ana", "ben")]
    Path("rounds.csv").write_text("item,annotator,label,round\n" + "\n".join(rows), encoding="utf-8")
    code, _, err = run(capsys, "agreement", "rounds.csv")
    assert code == 2
    assert "--only-round 2" in err
    assert run(capsys, "agreement", "rounds.csv", "--only-round", "2")[0] == 0
    assert run(capsys, "report", "rounds.csv")[0] == 0


def test_an_ordinal_file_takes_ordinal_weights(labels, capsys):
    _, out, _ = run(capsys, "agreement", labels, "--level", "ordinal", "--format", "json")
    weights_by = {c["coefficient"]: c["weights"] for c in json.loads(out)["coefficients"]}
    assert weights_by["krippendorff_alpha"] == "rank"
    assert weights_by["gwet_ac"] == "ordinal"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["agreement"], "name a file, several files or a folder"),
        (["agreement", "labels.csv", "--coefficient", "kappa"], "'kappa' is not one of"),
        (["agreement", "labels.csv", "--confidence", "95"], "95 is not between 0 and 1"),
        (["agreement", "labels.csv", "--map-labels", "a"], "'a' is not of the form NAME=VALUE"),
        (["report", "labels.csv", "-o", "no/such/folder/r.html"], "cannot write"),
        (["nonsense"], "No such command"),
        (["report", "none.csv"], "none.csv"),
        (["agreement", "labels.csv", "--only-round", "2"], "no round column"),
    ],
)
def test_wrong_usage_exits_with_two_and_one_message(labels, capsys, arguments, message):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_an_unexpected_error_is_one_message_and_debug_shows_it(labels, capsys, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("disk on fire")

    monkeypatch.setattr("labelqa.io.read.read_annotations", broken)
    code, _, err = run(capsys, "report", labels)
    assert code == 2
    assert err.startswith("labelqa: unexpected RuntimeError: disk on fire.")
    with pytest.raises(RuntimeError):
        exit_code(["--debug", "report", labels])


def test_demo_writes_a_report_and_says_what_next(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = run(capsys, "demo")
    assert code == 0
    assert "Krippendorff's alpha is 0." in out
    assert "Try next:" in out
    assert (tmp_path / "labelqa-report.html").stat().st_size > 10_000


def test_review_without_streamlit_says_how_to_install_it(labels, capsys, monkeypatch):
    monkeypatch.setattr(review, "find_spec", lambda name: None)
    code, _, err = run(capsys, "review", labels)
    assert code == 2
    assert "pip install 'labelqa[app]'" in err


def test_review_of_a_missing_file_says_so(labels, capsys):
    pytest.importorskip("streamlit", reason="the extra app is not installed")
    code, _, err = run(capsys, "review", "none.csv")
    assert code == 2
    assert "there is no file 'none.csv'" in err


def test_review_starts_streamlit_on_the_installed_app(labels, capsys, monkeypatch):
    pytest.importorskip("streamlit", reason="the extra app is not installed")
    started = []

    monkeypatch.setattr(review, "_serve", lambda command, environment: started.append(command) or 0)
    assert run(capsys, "review", labels, "--port", "9999", "--no-browser")[0] == 0
    (command,) = started
    assert command[1:4] == ["-m", "labelqa_app.serve", "run"]
    assert Path(command[4]).name == "main.py"
    assert Path(command[4]).is_file()
    assert "--server.port=9999" in command
    assert command[-2:] == ["--", os.path.realpath(labels)]


def test_help_names_every_command(capsys):
    _, out, _ = run(capsys, "--help")
    for command in ("agreement", "demo", "report", "review"):
        assert command in out


@pytest.mark.parametrize("command", ["report", "agreement"])
@pytest.mark.parametrize("name", ["labels.csv", "./labels.csv"])
def test_the_output_never_replaces_the_input(labels, capsys, command, name, tmp_path):
    code, _, err = run(capsys, command, labels, "-o", name, "--format", "json")
    assert code == 2
    assert "is the input file: choose another name" in err
    assert (tmp_path / labels).read_text(encoding="utf-8") == LONG


def test_a_pipe_is_written_to_and_not_replaced(labels, capsys, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run(capsys, "agreement", labels, "-o", "pipe", "--format", "text")[0] == 0
        assert b"Krippendorff" in os.read(reader, 100_000)
    finally:
        os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("limit", ["nan", "67", "-1.5", "inf"])
def test_a_gate_that_no_agreement_can_meet_or_miss_is_refused(labels, capsys, limit):
    code, _, err = run(capsys, "agreement", labels, "--fail-under", limit)
    assert code == 2
    assert "is not a limit of agreement (allowed: -1 to 1" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fail-on", "lower"], "--fail-on lower needs a limit"),
        (["--map-labels", "a="], "'a=' is not of the form NAME=VALUE"),
        (["--map-labels", "a=x", "--map-labels", "a=y"], "'a' is mapped to 'x' and to 'y'"),
        (["--seed", "-1"], "-1 is not in the range"),
        (["--classes", ""], "classes is empty"),
        (["-o", "out.pdf"], "cannot tell the format from the name 'out.pdf'"),
        (["-o", ""], "'' is not a file name"),
    ],
)
def test_options_that_make_no_sense_are_refused(labels, capsys, arguments, message):
    code, _, err = run(capsys, "agreement", labels, *arguments)
    assert code == 2
    assert message in err


def test_merging_into_one_class_from_several_options_adds_up(labels, capsys):
    command = ["agreement", labels, "--merge-classes", "c=a", "--merge-classes", "c=b", "--format", "json"]
    _, out, _ = run(capsys, *command, "--coefficient", "krippendorff_alpha")
    assert json.loads(out)["coefficients"][0]["reason"] == names.ONE_CLASS


@pytest.mark.parametrize("form", ["html", "markdown", "text"])
def test_every_form_shows_the_interval_that_was_asked_for(labels, capsys, form):
    asked = ["--coefficient", "gwet_ac", "--coefficient", "fleiss_kappa", "--interval", "bootstrap", "--seed", "5"]
    _, out, _ = run(capsys, "agreement", labels, *asked, "--format", form)
    result = lq.agreement(lq.read_annotations(labels), "gwet_ac").confidence_interval(method="bootstrap", rng=5)
    assert f"{result.low:.3f} to {result.high:.3f}" in out
    assert "Krippendorff" not in out


def test_a_report_file_does_not_depend_on_the_terminal(labels, capsys, monkeypatch, tmp_path):
    texts = []
    for columns in ("60", "140"):
        monkeypatch.setenv("COLUMNS", columns)
        run(capsys, "report", labels, "-o", "r.txt")
        texts.append((tmp_path / "r.txt").read_bytes())
    assert texts[0] == texts[1]


def test_names_in_the_data_cannot_drive_the_terminal(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{i},{who},{'ab'[i % 2]}" for i in range(8) for who in ("ana", "ben\x1b[31m")]
    Path("e.csv").write_text("item\x1b[2J,annotator,label\n" + "\n".join(rows), encoding="utf-8")
    for command in (["agreement", "e.csv", "--item", "item\x1b[2J"], ["agreement", "e.csv", "--only-round", "\x1b[2J"]):
        _, out, err = run(capsys, *command)
        assert "\x1b" not in out + err


def test_a_full_disk_is_one_message(labels):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "labelqa.cli.main", "agreement", labels]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr


def test_anonymised_errors_name_nobody(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("d.csv").write_text("item,annotator,label\n1,zelda,a\n1,zelda,b\n2,yorick,a\n", encoding="utf-8")
    code, _, err = run(capsys, "report", "d.csv", "--anonymise")
    assert code == 2
    assert "an annotator labeled item '1' again" in err
    assert "zelda" not in err


def test_the_caution_of_few_items_counts_those_with_two_labels(tmp_path, capsys):
    rows = [f"{i},ann,{'xy'[i % 2]}" for i in range(40)] + [f"{i},ben,{'xy'[i % 3 == 0]}" for i in range(5)]
    (tmp_path / "few.csv").write_text("item,annotator,label\n" + "\n".join(rows), encoding="utf-8")
    _, out, _ = run(capsys, "agreement", str(tmp_path / "few.csv"))
    assert "Only 5 items have two or more labels" in out.replace("\n  ", " ")


def test_a_report_ends_with_1_where_the_file_is_not_what_was_expected(labels, tmp_path, capsys):
    expect = tmp_path / "expect.json"
    expect.write_text('{"classes": ["no such class"]}')
    code, out, err = run(capsys, "report", labels, "--expect", str(expect))
    assert code == 1
    assert "Can the file be trusted?" in out
    assert "not as expected:" in err
    expect.write_text('{"annotators": ["ann"]}')
    code, _, err = run(capsys, "report", labels, "--expect", str(expect), "--anonymise")
    assert code == 2
    assert "--anonymise hides" in err
