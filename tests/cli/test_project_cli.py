"""labelqa project: making one, its state, people, copies and gold labels."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import pandas as pd
import pytest

from labelqa.cli.next_step import commands_of, typed_pair
from labelqa.review.projects import open_project
from labelqa.review.standing import Facts, NextAction
from tests.cli.campaign import run


@pytest.mark.usefixtures("folder")
def test_init_makes_a_project_and_says_what_to_type_next(capsys):
    code, out, err = run(capsys, "project", "init", "tickets.db", "labels.csv", "--items", "pool.csv", "--target", ".8")
    assert (code, out) == (0, "")
    assert "Made project tickets in tickets.db: 180 labels in 1 round, 150 items (30 held out), 3 classes." in err
    assert "You (lea)" in " ".join(err.split())
    next_command = err.splitlines()[-1].removeprefix("Next: labelqa ").split()
    code, out, _ = run(capsys, *next_command)
    assert code == 0
    assert "tickets: 150 items (30 held out), 1 round, guideline version 1" in out
    assert "People mix up billing and refund" in out
    assert "labelqa classes seen.csv --pair billing,refund" in out


@pytest.mark.usefixtures("folder")
def test_init_refuses_what_cannot_be_a_project_and_leaves_no_file(capsys):
    for arguments, told in (
        (["p.db"], "name what to begin with"),
        (["p.db", "nosuch.csv"], "nosuch.csv: there is no such file"),
        (["p.db", "labels.csv", "--held-out", "0.9"], "held_out=0.9 is not possible"),
        (["p.db", "labels.csv", "--show", "nosuch"], "items have no column 'nosuch' to show"),
        (["p.db", "--items", "pool.csv"], "Name --classes A,B, a --guideline, or labels"),
        (["memory:", "labels.csv"], "gone when the command ends"),
    ):
        code, out, err = run(capsys, "project", "init", *arguments)
        assert (code, out) == (2, "")
        assert told in err
        assert "Traceback" not in err
    assert not Path("p.db").exists()


@pytest.mark.usefixtures("folder")
def test_a_label_file_in_place_of_the_database_is_not_touched(capsys):
    before = Path("labels.csv").read_bytes()
    for arguments in (
        ["project", "init", "labels.csv", "labels.csv"],
        ["project", "status", "--project", "labels.csv"],
    ):
        code, _, err = run(capsys, *arguments)
        assert code == 2
        assert "labels.csv: this file is not a SQLite database" in err
    assert Path("labels.csv").read_bytes() == before


@pytest.mark.usefixtures("folder")
def test_items_only_and_several_projects_in_one_file(capsys):
    base = ["project", "init", "p.db", "--items", "pool.csv", "--classes", "a,b"]
    assert run(capsys, *base)[0] == 0
    code, _, err = run(capsys, *base)
    assert code == 2
    assert "'p'" in err
    assert run(capsys, *base, "--name", "other")[0] == 0
    code, _, err = run(capsys, "project", "status", "--project", "p.db")
    assert code == 2
    assert "the database holds several projects (allowed: other, p). Name one of them with --name." in err
    code, out, _ = run(capsys, "project", "status", "--project", "p.db", "--name", "other")
    assert code == 0
    assert "labelqa round design --annotators NAME,NAME --fresh 100" in out


@pytest.mark.usefixtures("folder")
def test_the_actor_is_the_login_name_unless_named(capsys, monkeypatch):
    monkeypatch.delenv("LABELQA_ACTOR")
    monkeypatch.setattr(getpass, "getuser", lambda: "from-the-system")
    run(capsys, "project", "init", "p.db", "labels.csv")
    assert run(capsys, "project", "person", "--project", "p.db")[1].split()[-2:] == ["from-the-system", "lead"]

    def unknown():
        raise OSError("no such user")

    monkeypatch.setattr(getpass, "getuser", unknown)
    code, _, err = run(capsys, "project", "status", "--project", "p.db")
    assert code == 2
    assert "add --actor NAME, or set LABELQA_ACTOR" in err


@pytest.mark.usefixtures("folder")
def test_names_from_the_data_cannot_act_in_a_terminal(capsys):
    frame = pd.read_csv("labels.csv")
    frame["annotator"] = frame["annotator"].replace("bo", "b\u202eo")
    frame["label"] = frame["label"].replace("refund", "re\u202efund")
    frame.to_csv("bad.csv", index=False)
    run(capsys, "project", "init", "p.db", "bad.csv", "--name", "p\x1b[2J")
    for arguments in (["project", "status"], ["project", "person"], ["guidelines", "show"], ["round", "status"]):
        code, out, err = run(capsys, *arguments, "--project", "p.db")
        assert code == 0
        assert "\x1b" not in out + err
        assert "\u202e" not in out + err


@pytest.mark.usefixtures("campaign")
def test_status_in_every_form(capsys):
    for form in ("text", "markdown", "html"):
        code, out, _ = run(capsys, "project", "status", "--format", form)
        assert code == 0
        assert "Round 2 is open" in out
    _, out, _ = run(capsys, "project", "status", "--format", "json")
    found = json.loads(out)
    assert found["next"]["commands"] == ["labelqa round export 2 FOLDER", "labelqa round import 2 FILE..."]
    assert {p["person"]: p["role"] for p in found["people"]} == {"ana": "annotator", "bo": "annotator", "lea": "lead"}
    assert found["schema_version"] == 1


@pytest.mark.usefixtures("campaign")
def test_an_output_never_overwrites_the_project(capsys):
    before = Path("tickets.db").read_bytes()
    for arguments in (
        ["project", "status", "--format", "json", "-o", "tickets.db"],
        ["project", "labels", "tickets.db", "--force"],
        ["guidelines", "export", "tickets.db", "--force"],
        ["project", "backup", "tickets.db"],
    ):
        assert run(capsys, *arguments)[0] == 2
    assert Path("tickets.db").read_bytes() == before


@pytest.mark.usefixtures("campaign")
def test_roles_are_given_listed_and_enforced(capsys):
    assert "cem is reviewer of tickets now (new here)" in run(capsys, "project", "person", "cem", "reviewer")[2]
    assert "(was reviewer)" in run(capsys, "project", "person", "cem", "annotator")[2]
    assert run(capsys, "project", "person")[1].splitlines() == ["ana  annotator", "bo   annotator", "cem  annotator",
                                                                 "lea  lead"]  # fmt: skip
    for arguments, told in (
        (["project", "person", "cem"], "name a role too"),
        (["project", "person", "cem", "boss"], "'boss' is not one of"),
        (["project", "person", "lea", "reviewer"], "'lea' is the only lead"),
        (["project", "status", "--actor", "ana"], "'ana' is an annotator and may not read results"),
        (["project", "status", "--actor", "eve"], "'eve' is not one of the people of this project"),
        (["project", "backup", "b.db", "--actor", "ana"], "may not export or back up the project"),
        (["project", "export", "b", "--actor", "ana"], "may not export or back up the project"),
        (["project", "gold", "g", "--actor", "ana"], "may not export gold labels"),
    ):
        code, _, err = run(capsys, *arguments)
        assert code == 2
        assert told in err
    assert not any(Path(p).exists() for p in ("b.db", "b", "g"))


@pytest.mark.usefixtures("campaign")
def test_items_are_added_once(capsys):
    pd.DataFrame({"id": ["n1", "n2"], "text": ["new one", "new two"]}).to_csv("more.csv", index=False)
    assert "Added 2 items to tickets." in run(capsys, "project", "items", "more.csv")[2]
    assert "Added 0 items to tickets, 2 were there already." in run(capsys, "project", "items", "more.csv")[2]
    code, _, err = run(capsys, "project", "items", "more.csv", "--item", "nosuch")
    assert code == 2
    assert "there is no column 'nosuch' (allowed: id, text)" in err


@pytest.mark.usefixtures("campaign")
@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_backup_and_export_give_the_same_project_elsewhere(capsys, form):
    assert run(capsys, "project", "backup", "copy.db")[0] == 0
    assert run(capsys, "project", "export", "dump", "--format", form)[0] == 0
    code, _, err = run(capsys, "project", "import", "dump", "new.db")
    assert code == 0
    assert "which now holds: tickets." in err
    states = [run(capsys, "project", "status", "--project", p, "--format", "json")[1]
              for p in ("tickets.db", "copy.db", "new.db")]  # fmt: skip
    assert states[0] == states[1] == states[2]
    for arguments in (["backup", "copy.db"], ["export", "dump"], ["import", "dump", "new.db"]):
        assert run(capsys, "project", *arguments)[0] == 2


@pytest.mark.usefixtures("campaign")
def test_labels_and_gold_leave_held_out_items_out_until_they_are_released(capsys):
    assert run(capsys, "project", "labels", "seen.csv", "--round", "1")[0] == 0
    code, _, err = run(capsys, "project", "gold", "gold")
    assert code == 0
    assert "held-out items left out until released" in err
    with open_project("tickets.db") as project, project.store.read() as reader:
        held = set(reader.item_ids(project.id, held_out=True))
    assert held
    for file in ("seen.csv", "gold/labels.csv"):
        assert not held & set(pd.read_csv(file)["item"])
    assert run(capsys, "project", "labels", "seen.csv")[0] == 2
    code, _, err = run(capsys, "project", "release", "--reason", "done")
    assert (code, "round 2 is open" in err) == (2, True)
    run(capsys, "round", "cancel", "2", "--reason", "done")
    assert run(capsys, "project", "release", "--reason", "done")[0] == 0
    assert run(capsys, "project", "gold", "all")[0] == 0
    assert held & set(pd.read_csv("all/labels.csv")["item"])


def test_without_a_project_the_message_says_how_to_name_one(folder, capsys):
    del folder
    for group, command in (("project", "status"), ("guidelines", "history"), ("round", "status")):
        code, _, err = run(capsys, group, command)
        assert code == 2
        assert "--project tickets.db, or the environment variable LABELQA_DB" in err
    code, _, err = run(capsys, "project", "status", "--project", "nosuch.db")
    assert (code, Path("nosuch.db").exists()) == (2, False)
    assert "nosuch.db: there is no such file" in err


def test_a_password_is_never_repeated(folder, capsys):
    del folder
    url = "postgresql+psycopg://ann:hunter2@127.0.0.1:1/none"
    for arguments in (["status", "--project", url], ["init", url, "labels.csv"]):
        code, out, err = run(capsys, "project", *arguments)
        assert code == 2
        assert "hunter2" not in out + err


def test_every_action_has_a_command_to_type():
    facts = Facts(n_items=3, closed=(1, 2), open_round=3)
    for action in ("add_items", "design_round", "label", "close_round", "prove", "decide", "revise", "publish",
                   "export_gold"):  # fmt: skip
        told = commands_of(NextAction(action=action, state="", reason="", call="", pair=("a b", "c")), facts)
        assert told
        assert all(line.startswith("labelqa ") and "None" not in line for line in told)
    assert typed_pair(("a b", "c")) == "'a b,c'"


@pytest.mark.usefixtures("campaign")
def test_annotators_are_not_told_who_else_labels(capsys):
    code, out, err = run(capsys, "project", "person", "--actor", "ana")
    assert (code, out) == (2, "")
    assert "'ana' is an annotator and may not read results" in err
    assert run(capsys, "guidelines", "show", "--actor", "ana")[0] == 0
    assert run(capsys, "guidelines", "show", "--actor", "eve")[0] == 2


@pytest.mark.usefixtures("campaign")
def test_the_project_is_no_file_of_items_nor_of_labels(capsys):
    code, _, err = run(capsys, "project", "items", "tickets.db")
    assert (code, "tickets.db" in err) == (2, True)
    code, _, err = run(capsys, "round", "import", "2", "tickets.db")
    assert (code, "this is the project itself" in err) == (2, True)
