"""Writing: the ending names the form; a file is whole or not there; a stream is written to, not replaced."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from labelqa.errors import ParameterError
from labelqa.io.whole import write_whole
from labelqa.report.build import build_report
from labelqa.report.model import form_of_path
from tests.unit.report.data import small

WRITE = "import sys\nfrom labelqa.io.whole import write_whole\nwrite_whole('/dev/stdout', b'new\\n')"
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.html", "html"),
        ("a.htm", "html"),
        ("b/a.HTML", "html"),
        ("a.md", "markdown"),
        ("a.b.json", "json"),
        ("a.txt", "text"),
    ],
)
def test_form_follows_the_ending(name, form):
    assert form_of_path(name) == form


@pytest.mark.parametrize("name", ["report.pdf", "report", ".html", "a.html/report", "/dev/stdout"])
def test_form_of_another_ending_is_not_guessed(name):
    with pytest.raises(ParameterError, match=r"cannot tell the format .* \(allowed: .html, .htm, .md, .json, .txt\)"):
        form_of_path(name)


def test_text_is_written_as_utf8_with_its_own_line_ends(tmp_path):
    target = write_whole(tmp_path / "a.txt", "ä\n☃\n".encode())
    assert target.read_bytes() == "ä\n☃\n".encode()
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@posix
def test_permissions_are_those_of_the_old_file_or_of_any_new_one(tmp_path):
    old, new, plain = tmp_path / "old", tmp_path / "new", tmp_path / "plain"
    old.write_text("")
    old.chmod(0o604)
    plain.write_text("")
    assert write_whole(old, b"x").stat().st_mode & 0o777 == 0o604
    assert write_whole(new, b"x").stat().st_mode == plain.stat().st_mode


@posix
def test_a_link_stays_a_link_and_its_file_is_written(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "there" / "real.txt")
    for text in ("first", "second"):
        write_whole(link, text.encode())
        assert link.is_symlink()
        assert (tmp_path / "there" / "real.txt").read_text() == text


@pytest.mark.parametrize(("name", "what"), [("", "is a folder, not a file"), ("nowhere/a.txt", "does not exist")])
def test_a_place_that_is_no_file_is_named(tmp_path, name, what):
    with pytest.raises(ParameterError, match=what):
        write_whole(tmp_path / name, b"x")


@posix
def test_a_named_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    report = build_report(small())
    report.save(pipe)
    reader.join(timeout=20)
    assert got == [report.to_text()]
    assert pipe.is_fifo()


@posix
def test_standard_output_can_be_named_as_a_file():
    done = subprocess.run([sys.executable, "-c", WRITE], capture_output=True, check=True)
    assert done.stdout == b"new\n"


@posix
def test_standard_output_redirected_to_a_file_keeps_what_is_there(tmp_path):
    target = tmp_path / "all.txt"
    target.write_text("old\n")
    with target.open("a") as stream:
        subprocess.run([sys.executable, "-c", WRITE], stdout=stream, check=True)
    assert target.read_text() == "old\nnew\n"
