"""labelqa round: designed, handed out, read back, closed, proved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labelqa.cli.round import FORMATS, METHODS, REQUIREMENTS
from labelqa.cli.round_pages import missed
from labelqa.review.exchange import write
from labelqa.review.projects import open_project
from labelqa.review.proof import prove
from labelqa.review.sampling import METHODS as KNOWN_METHODS
from tests.cli.campaign import fill, run

pytestmark = pytest.mark.usefixtures("campaign")


def closed(capsys) -> None:
    assert run(capsys, "round", "import", "2", "ana.csv", "bo.csv")[0] == 0
    assert run(capsys, "round", "close", "2")[0] == 0


def held_out() -> set[str]:
    with open_project("tickets.db") as project, project.store.read() as reader:
        return {str(r.payload["text"]) for r in reader.items(project.id, held_out=True)} | set(
            reader.item_ids(project.id, held_out=True)
        )


def test_choices_are_those_of_the_library():
    assert (METHODS, FORMATS) == (KNOWN_METHODS, write.FORMATS)


def test_the_whole_way_from_files_to_a_proof(capsys):
    code, out, err = run(capsys, "round", "import", "2", "ana.csv", "bo.csv")
    assert (code, out) == (0, "")
    assert "Read ana.csv by ana: 84 new labels" in err
    assert err.splitlines()[-1] == "Next: labelqa round close 2"
    code, _, err = run(capsys, "round", "close", "2")
    assert (code, "Next: labelqa round prove 1 2" in err) == (0, True)
    code, out, _ = run(capsys, "round", "prove", "1", "2")
    assert code == 0
    assert "Krippendorff's alpha rose from" in out
    assert "R3 refund" in out
    assert "Next: " in out
    assert "class_confusions" not in out
    assert max(len(line) for line in out.splitlines()) <= 100
    assert not any(text in out.split() for text in held_out())
    assert "labelqa round prove" not in run(capsys, "project", "status")[1]


def test_a_round_is_designed_once_and_refusals_say_why(capsys):
    base = ["round", "design", "--annotators", "ana,bo"]
    code, _, err = run(capsys, *base, "--fresh", "5")
    assert code == 2
    assert "round 2 is still open" in err
    assert "labelqa round close 2" in err
    assert run(capsys, "round", "cancel", "2", "--reason", "again")[0] == 0
    for arguments, told in (
        ([*base], "say how many items"),
        ([*base, "--fresh", "500"], "500 fresh items were asked for"),
        ([*base, "--fresh", "5", "--repeats", "2"], "repeat_share=2.0 is not allowed"),
        ([*base, "--fresh", "5", "--show", "nosuch"], "items have no column 'nosuch' to show"),
        ([*base[:-1], "ana,eve", "--fresh", "5"], "Add the person: labelqa project person NAME ROLE"),
        ([*base, "--fresh", "5", "--actor", "ana"], "may not design a round"),
    ):
        code, _, err = run(capsys, *arguments)
        assert code == 2
        assert told in err
    code, out, err = run(capsys, *base, "--fresh", "6", "--control", "10", "--title", "again", "--seed", "3",
                         "--method", "disagreement")  # fmt: skip
    assert (code, out) == (0, "")
    assert "Opened round 3: 16 items (fresh 6 of " in err
    assert "Next: labelqa round export 3 FOLDER" in err
    assert not any(text in err.split() for text in held_out())


@pytest.mark.parametrize("form", FORMATS)
def test_exported_files_hold_no_names_and_are_not_overwritten(capsys, form):
    code, out, err = run(capsys, "round", "export", "2", "there", "--format", form)
    assert code == 0
    assert "to there." in err
    files = [Path(line) for line in out.splitlines()]
    assert all(f.is_file() for f in files)
    assert any(f.name == "round-2-guideline.md" for f in files)
    files[0].write_text("labels", encoding="utf-8")
    code, _, err = run(capsys, "round", "export", "2", "there", "--format", form)
    assert (code, files[0].read_text(encoding="utf-8")) == (2, "labels")
    assert "holds files of round 2 already" in err
    assert run(capsys, "round", "export", "2", "there", "--format", form, "--force")[0] == 0
    assert files[0].read_text(encoding="utf-8") != "labels"


def test_files_that_do_not_belong_are_refused_whole_and_the_others_read(capsys):
    text = Path("bo.csv").read_text(encoding="utf-8")
    Path("wrong.csv").write_text(text.replace("billing", "nosuch", 1), encoding="utf-8")
    code, _, err = run(capsys, "round", "import", "2", "wrong.csv", "nosuch.csv", "ana.csv")
    assert code == 2
    assert "'nosuch' is no class" in err
    assert "nosuch.csv: there is no such file" in err
    assert "Read ana.csv" in err
    found = json.loads(run(capsys, "round", "status", "--format", "json")[1])
    load = {row["annotator"]: row for row in found["annotators"]}
    assert (load["ana"]["missing"], load["bo"]["labeled"]) == (0, 0)
    code, _, err = run(capsys, "round", "import", "2", "bo.csv", "--annotator", "ana")
    assert code == 2
    assert run(capsys, "round", "import", "1", "bo.csv")[0] == 2


def test_a_round_with_missing_labels_is_closed_only_when_told_to(capsys):
    fill("out/round-2-bo.csv", "bo", "some.csv", leave=3)
    _, _, err = run(capsys, "round", "import", "2", "ana.csv", "some.csv")
    assert "Next: still missing: bo 3" in err
    assert "3 left empty" in err
    _, out, _ = run(capsys, "round", "status")
    assert "3 missing" in out
    code, _, err = run(capsys, "round", "close", "2")
    assert code == 2
    assert "--allow-missing" in err
    assert "allow_missing" not in err
    code, _, err = run(capsys, "round", "close", "2", "--allow-missing")
    assert (code, "Closed round 2 with 3 labels missing." in err) == (0, True)
    assert "is closed already" in run(capsys, "round", "close", "2")[2]


def test_status_of_any_round_in_every_form(capsys):
    assert "Round 1 is closed: 180 labels, imported with the project" in run(capsys, "round", "status", "1")[1]
    for form in ("markdown", "html", "json"):
        code, out, _ = run(capsys, "round", "status", "2", "--format", form)
        assert (code, "open" in out) == (0, True)
    assert "there is no round 7 (allowed: 1, 2)" in run(capsys, "round", "status", "7")[2]


def test_a_proof_in_every_form_names_no_held_out_item(capsys):
    closed(capsys)
    hidden = held_out()
    for form in ("text", "json", "markdown", "html"):
        code, out, _ = run(capsys, "round", "prove", "1", "2", "--format", form)
        assert code == 0
        assert not any(f'"{text}"' in out or text in out.split() for text in hidden)
        assert "more than learning" in out or "learning" in out
    found = json.loads(run(capsys, "round", "prove", "1", "2", "--format", "json")[1])
    assert found["verdict"] in ("improved", "no_evidence", "too_few_items")
    assert found["run"]["arguments"]["earlier"] == 1


def test_gates_of_a_proof_decide_the_exit_code(capsys):
    closed(capsys)
    with open_project("tickets.db") as project:
        proof = prove(project, 1, 2, actor="lea")
    for name in REQUIREMENTS:
        code, _, err = run(capsys, "round", "prove", "1", "2", "--require", name)
        why = missed(proof, name)
        assert code == (1 if why else 0)
        assert (f"gate not met: {why}" if why else f"gate met: {name}") in err
    assert missed(proof, "not-worse") == ""
    code, _, err = run(capsys, "round", "prove", "1", "2", "--target", "0.999", "--require", "target")
    assert (code, "gate not met: target is required" in err) == (1, True)


def test_rounds_that_cannot_be_compared(capsys):
    for arguments, told in (
        (["2", "1"], "round 2 is not earlier than round 1"),
        (["1", "7"], "there is no round 7"),
        (["1", "2"], "round 2 has no labels yet"),
        (["1", "x"], "'x' is not a valid integer"),
    ):
        code, out, err = run(capsys, "round", "prove", *arguments)
        assert (code, out) == (2, "")
        assert told in err


def test_a_closed_round_is_proved_against_the_last_closed_one(capsys):
    assert run(capsys, "round", "cancel", "2", "--reason", "again")[0] == 0
    design = ["round", "design", "--annotators", "ana,bo", "--fresh", "6"]
    assert run(capsys, *design)[0] == 0
    _, _, err = run(capsys, "round", "close", "3", "--allow-missing")
    assert "Next: labelqa round prove 1 3" in err
