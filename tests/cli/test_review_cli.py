"""labelqa review: how the app is started, and when it is not."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from labelqa.cli import review
from labelqa.cli.main import exit_code

pytest.importorskip("streamlit", reason="the extra app is not installed")

NEEDS_ALL_BUT_ONE = "needs redirect_uri and client_id and client_secret and server_metadata_url in the section [auth]"
SECRETS = """
[auth]
redirect_uri = "http://localhost:8501/oauth2callback"
cookie_secret = "long and random"
client_id = "labelqa"
client_secret = "secret"
server_metadata_url = "https://login.example/.well-known/openid-configuration"
"""
Started = list[tuple[list[str], dict[str, str]]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LABELQA_DB", raising=False)
    (tmp_path / "labels.csv").write_text("item,annotator,label\n1,ana,a\n1,bo,b\n", encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "tickets.db")) as database:
        database.execute("CREATE TABLE t (a)")
    return tmp_path


@pytest.fixture
def started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    """What would have been started: the command and its environment."""
    found: Started = []

    def serve(command: list[str], environment: dict[str, str]) -> int:
        found.append((command, environment))
        return 0

    monkeypatch.setattr(review, "_serve", serve)
    return found


@pytest.fixture
def authlib(monkeypatch: pytest.MonkeyPatch) -> None:
    real = review.find_spec
    monkeypatch.setattr(review, "find_spec", lambda name: real("json") if name == "authlib" else real(name))


def passed(started: Started) -> list[str]:
    command = started[-1][0]
    return command[command.index("--") + 1 :]


def flags(started: Started) -> list[str]:
    command = started[-1][0]
    return command[5 : command.index("--")]


def refused(capsys: pytest.CaptureFixture[str], started: Started, *arguments: str) -> str:
    assert exit_code(["review", *arguments]) == 2
    assert started == []
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    return " ".join(said.err.split())


def test_alone_it_listens_to_this_computer_only(started: Started) -> None:
    assert exit_code(["review", "labels.csv"]) == 0
    assert passed(started) == [os.path.realpath("labels.csv")]
    assert flags(started) == [
        "--server.address=127.0.0.1", "--server.maxUploadSize=200", "--server.enableXsrfProtection=true",
        "--browser.gatherUsageStats=false",
    ]  # fmt: skip


def test_everything_is_passed_on(started: Started, folder: Path) -> None:
    (folder / "pictures").mkdir()
    line = "review tickets.db --name t --images pictures --image-host A.example --image-host b.example --port 9000"
    assert exit_code([*line.split(), "--no-browser"]) == 0
    assert passed(started) == [
        os.path.realpath("tickets.db"), "--name=t", "--images", os.path.realpath("pictures"),
        "--image-host", "a.example", "--image-host", "b.example",
    ]  # fmt: skip
    assert {"--server.port=9000", "--server.headless=true"} <= set(flags(started))


def test_the_project_comes_from_the_environment(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABELQA_DB", "other.db")
    exit_code(["review"])
    assert passed(started) == ["--project", os.path.realpath("other.db")]
    exit_code(["review", "--project", "named.db"])
    assert passed(started) == ["--project", os.path.realpath("named.db")]
    exit_code(["review", "tickets.db"])
    assert passed(started) == [os.path.realpath("tickets.db")], "a project named as FILE goes before the environment"


def test_the_password_of_a_server_is_in_no_argument(started: Started) -> None:
    url = "postgresql+psycopg://ann:secret@db.example/labels"
    exit_code(["review", "--project", url])
    command, environment = started[0]
    assert "secret" not in " ".join(command)
    assert environment["LABELQA_DB"] == url


def test_the_app_understands_what_it_is_passed(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    from labelqa_app.options import parsed

    url = "postgresql+psycopg://ann:secret@db.example/labels"
    exit_code(["review", "labels.csv", "--project", url, "--trust-header", "X-User"])
    monkeypatch.setenv("LABELQA_DB", started[0][1]["LABELQA_DB"])
    found = parsed(passed(started))
    assert (found.file, found.project, found.shared) == (Path("labels.csv").resolve(), url, True)
    monkeypatch.delenv("LABELQA_DB")
    exit_code(["review", "tickets.db", "--image-host", "a.example"])
    found = parsed(passed(started))
    assert (found.file, found.project) == (None, os.path.realpath("tickets.db"))
    assert found.image_hosts == ("a.example",)
    exit_code(["review", "labels.csv"])
    assert parsed(passed(started)).project == os.path.realpath("labels.csv").replace(".csv", ".labelqa.db")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "labels.example.org"])
def test_other_computers_are_let_in_only_when_people_prove_who_they_are(
    capsys: pytest.CaptureFixture[str], started: Started, host: str
) -> None:
    said = refused(capsys, started, "tickets.db", "--host", host)
    assert "--login" in said
    assert "--trust-header" in said


@pytest.mark.parametrize("host", ["localhost", "::1", "127.0.0.1"])
def test_this_computer_has_several_names(started: Started, host: str) -> None:
    assert exit_code(["review", "tickets.db", "--host", host]) == 0


def test_a_proxy_may_name_people(started: Started) -> None:
    assert exit_code(["review", "tickets.db", "--host", "0.0.0.0", "--trust-header", "X-Forwarded-User"]) == 0
    assert passed(started)[-2:] == ["--trust-header", "X-Forwarded-User"]
    assert "--server.address=0.0.0.0" in flags(started)


def test_login_works_where_it_is_set_up(started: Started, folder: Path, authlib: None) -> None:
    for home in (folder, folder / "home"):
        secrets = home / ".streamlit" / "secrets.toml"
        secrets.parent.mkdir(parents=True)
        secrets.write_text(SECRETS, encoding="utf-8")
        assert exit_code(["review", "tickets.db", "--host", "0.0.0.0", "--login"]) == 0
        assert passed(started)[-1] == "--login"
        secrets.unlink()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no such file"),
        ("[other]\n", "redirect_uri and cookie_secret and client_id"),
        (
            '[auth]\ncookie_secret = "x"\n',
            NEEDS_ALL_BUT_ONE,
        ),
        ("auth = 3\n", "redirect_uri and cookie_secret and client_id"),
        ("not toml", "not readable TOML"),
    ],
)
def test_a_login_that_cannot_work_is_not_started(
    capsys: pytest.CaptureFixture[str], started: Started, folder: Path, authlib: None, content: str | None, said: str
) -> None:
    if content is not None:
        (folder / ".streamlit").mkdir()
        (folder / ".streamlit" / "secrets.toml").write_text(content, encoding="utf-8")
    assert said in refused(capsys, started, "tickets.db", "--login")


def test_a_login_without_its_package_says_how_to_install_it(
    capsys: pytest.CaptureFixture[str], started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = review.find_spec
    monkeypatch.setattr(review, "find_spec", lambda name: None if name == "authlib" else real(name))
    assert "pip install 'streamlit[auth]'" in refused(capsys, started, "tickets.db", "--login")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tickets.db", "--login", "--trust-header", "X"], "name one"),
        (["--trust-header", "X-User"], "name the project"),
        (["tickets.db", "--trust-header", "X User: a"], "not the name of a header"),
        (["tickets.db", "--project", "other.db"], "is a project already"),
        (["none.csv"], "there is no file 'none.csv'"),
        (["labels.csv", "--demo"], "leave out labels.csv"),
        (["labels.csv", "--images", "nowhere"], "does not exist"),
        (["labels.csv", "--images", "labels.csv"], "is a file"),
        (["labels.csv", "--image-host", "https://a.example/x"], "is not a host"),
        (["labels.csv", "--port", "0"], "range"),
    ],
)
def test_what_cannot_work_is_told_in_one_message(
    capsys: pytest.CaptureFixture[str], started: Started, arguments: list[str], said: str
) -> None:
    assert said in refused(capsys, started, *arguments)


def test_the_example_is_put_into_the_folder_and_never_written_over(started: Started, folder: Path) -> None:
    example = folder / "support_tickets.csv"
    assert exit_code(["review", "--demo"]) == 0
    whole = example.read_bytes()
    assert whole.startswith(b"item")
    assert started[-1][0][-1] == str(example.resolve())
    example.write_text("item,annotator,label\n1,ana,a\n", encoding="utf-8")
    assert exit_code(["review", "--demo"]) == 0
    assert example.read_bytes() != whole


def test_ending_the_command_ends_the_server(folder: Path) -> None:
    server = "import time; print('up', flush=True); time.sleep(60)"
    call = f"_serve([sys.executable, '-c', {server!r}], dict(os.environ))"
    code = f"from labelqa.cli.review import _serve; import os, sys; {call}"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout.readline() == "up\n"
        command.terminate()
        assert command.stdout.read() == ""  # the pipe is closed when the last of both processes is gone
        assert command.wait(20) == 0


def test_a_server_that_cannot_start_is_an_error_and_no_missed_gate(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "_flags", lambda serving: ["--no-such-option-of-streamlit"])
    assert exit_code(["review", "tickets.db"]) == 2
