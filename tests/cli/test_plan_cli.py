"""labelqa plan agreement: pilot or assumptions, one goal, forms."""

import json
from pathlib import Path

import pytest

import labelqa as lq
from labelqa.cli.main import exit_code
from labelqa.reliability.planning.plan import plan_agreement_study
from labelqa.reliability.planning.rates import AssumedRates
from tests.cli.test_compare_cli import frame

ASSUMED = ("--assume-agreement", "0.8", "--assume-shares", "0.7,0.3")


@pytest.fixture
def pilot(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    frame(0.4, 1).to_csv("pilot.csv", index=False)
    return "pilot.csv"


def run(capsys, *arguments):
    code = exit_code(["plan", "agreement", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("goal", [("width", 0.1), ("threshold", 0.5), ("change", 0.1)])
def test_assumed_rates_give_the_librarys_plan(capsys, goal):
    name, asked = goal
    code, out, _ = run(capsys, *ASSUMED, "--annotators", "3", f"--{name}", str(asked), "--format", "json")
    rates = AssumedRates(agreement=0.8, class_shares=(0.7, 0.3), n_annotators=3)
    mine = plan_agreement_study(rates, **{name: asked})
    found = json.loads(out)
    assert code == 0
    assert (found["n_items"], found["n_labels"]) == (mine.n_items, mine.n_labels)
    assert found["run"]["arguments"][name] == asked
    assert "read_log" not in found


def test_a_pilot_file_gives_the_librarys_plan(pilot, capsys):
    code, out, _ = run(capsys, pilot, "--change", "0.1", "--coefficient", "gwet_ac", "--format", "json")
    mine = plan_agreement_study(lq.read_annotations(pilot), change=0.1, coefficient="gwet_ac")
    found = json.loads(out)
    assert (code, found["n_items"]) == (0, mine.n_items)
    assert found["read_log"]["sources"][0]["name"] == pilot


@pytest.mark.parametrize("ending", ["html", "md", "txt"])
def test_the_plan_is_written_in_the_form_of_the_ending(pilot, capsys, ending):
    code, _, _ = run(capsys, pilot, "--width", "0.2", "-o", f"out.{ending}")
    text = Path(f"out.{ending}").read_text(encoding="utf-8")
    items = plan_agreement_study(lq.read_annotations(pilot), width=0.2).n_items
    assert code == 0
    assert f"{items:,} items" in text
    assert "planned" in text


@pytest.mark.usefixtures("pilot")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--width", "0.1"], "name a pilot file, or assume"),
        (["--assume-agreement", "0.8", "--width", "0.1"], "name a pilot file, or assume"),
        ([*ASSUMED], "given: none of them"),
        ([*ASSUMED, "--width", "0.1", "--change", "0.1"], "given: --width and --change"),
        (["pilot.csv", *ASSUMED, "--width", "0.1"], "contradict each other"),
        (["--assume-agreement", "0.8", "--assume-shares", "half", "--width", "0.1"], "not a list of numbers"),
        (["--assume-agreement", "0.8", "--assume-shares", "0.7,0.7", "--width", "0.1"], "0.7"),
        ([*ASSUMED, "--width", "0.1", "--power", "80"], "power"),
        ([*ASSUMED, "--annotators", "1", "--width", "0.1"], "--annotators"),
        (["missing.csv", "--width", "0.1"], "missing.csv"),
        (["pilot.csv", "--width", "0.1", "-o", "pilot.csv"], "is the input file"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_clear_message(capsys, arguments, message):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_the_other_commands_still_ask_for_a_file(capsys):
    assert exit_code(["agreement"]) == 2
    assert "name a file" in capsys.readouterr().err
