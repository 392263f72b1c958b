"""labelqa guidelines: files people edit, versions, conflicts that overwrite nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labelqa.cli.guideline_files import NOTE, read_file
from labelqa.errors import FileFormatError
from tests.cli.campaign import revise, run

pytestmark = pytest.mark.usefixtures("campaign")


def publish(capsys, text: str, reason: str = "why") -> None:
    run(capsys, "guidelines", "export", "other.md", "--force")
    revise("other.md", text)
    assert run(capsys, "guidelines", "import", "other.md", "--reason", reason)[0] == 0


def test_an_exported_file_reads_back_and_notes_its_version(capsys):
    code, _, err = run(capsys, "guidelines", "export", "now.md")
    assert code == 0
    assert "Wrote now.md: version 2 of the guideline." in err
    found = read_file(Path("now.md"))
    assert found.base == 2
    assert found.guideline.rule("R3").text == "Money goes back."
    code, out, _ = run(capsys, "guidelines", "export", "-", "--version", "1")
    assert code == 0
    assert "made from version 1 (" in out.splitlines()[0]
    assert NOTE.split("{")[0] == out[: len(NOTE.split("{")[0])]


def test_an_export_overwrites_only_when_told_to(capsys):
    Path("mine.md").write_text("my notes", encoding="utf-8")
    code, _, err = run(capsys, "guidelines", "export", "mine.md")
    assert (code, Path("mine.md").read_text(encoding="utf-8")) == (2, "my notes")
    assert "add --force" in err
    assert run(capsys, "guidelines", "export", "mine.md", "--force")[0] == 0


def test_an_import_publishes_and_the_file_can_be_edited_on(capsys):
    for text, number in (("One.", 3), ("Two.", 4)):
        content = Path("guideline.md").read_text(encoding="utf-8")
        Path("guideline.md").write_text(content.replace("- **R3**:", f"- **R3**: {text}"), encoding="utf-8")
        code, out, err = run(capsys, "guidelines", "import", "guideline.md", "--reason", "clearer")
        assert (code, out) == (0, "")
        assert f"Published version {number} of the guideline, a semantic edit" in err
        assert f"made from version {number} (" in Path("guideline.md").read_text(encoding="utf-8").splitlines()[0]
    code, _, err = run(capsys, "guidelines", "import", "guideline.md", "--reason", "again")
    assert (code, "nothing changed since version 4" in err) == (2, True)


def test_line_ends_and_a_byte_order_mark_stay(capsys):
    content = Path("guideline.md").read_bytes().replace(b"Money", b"All money").replace(b"\n", b"\r\n")
    Path("guideline.md").write_bytes(b"\xef\xbb\xbf" + content)
    assert run(capsys, "guidelines", "import", "guideline.md", "--reason", "x")[0] == 0
    after = Path("guideline.md").read_bytes()
    assert after.startswith(b"\xef\xbb\xbf<!-- labelqa guideline, made from version 3 (")
    assert after.split(b"\r\n", 1)[1] == content.split(b"\r\n", 1)[1]


def test_a_conflict_shows_both_texts_and_overwrites_nothing(capsys):
    revise("guideline.md", "Yours.")
    publish(capsys, "Theirs.", "was unclear")
    before = Path("guideline.md").read_bytes()
    code, out, err = run(capsys, "guidelines", "import", "guideline.md", "--reason", "mine", "--merged", "both.md")
    assert code == 1
    assert "version 3 was published since version 2" in out
    assert "--- In force: version 3 by lea ---" in out
    assert "--- Yours: guideline.md ---" in out
    for text in ("Theirs. Money goes back.", "Yours. Money goes back.", "was unclear"):
        assert text in out
    assert "[-Theirs-]{+Yours+}" in out
    assert "import it with --base 3" in out
    assert "Nothing was published" in err
    assert (Path("guideline.md").read_bytes(), Path("both.md").exists()) == (before, False)
    assert "3 versions; version 3 is in force" in run(capsys, "guidelines", "history")[1]
    code, out, _ = run(capsys, "guidelines", "import", "guideline.md", "--reason", "mine", "--format", "json")
    assert (code, json.loads(out)["conflicts"]) == (1, ["R3"])
    assert run(capsys, "guidelines", "import", "guideline.md", "--reason", "mine", "--base", "3")[0] == 0


def test_changes_that_fit_together_are_offered_as_a_file(capsys):
    content = Path("guideline.md").read_text(encoding="utf-8")
    Path("guideline.md").write_text(content.replace("- **R1**:", "- **R1**: Money owed."), encoding="utf-8")
    publish(capsys, "Theirs.")
    code, out, _ = run(capsys, "guidelines", "import", "guideline.md", "--reason", "mine", "--merged", "both.md")
    assert code == 1
    assert "labelqa guidelines import both.md" in out
    code, _, err = run(capsys, "guidelines", "import", "both.md", "--reason", "both")
    assert (code, "Published version 4" in err) == (0, True)
    shown = run(capsys, "guidelines", "show")[1]
    assert "Money owed." in shown
    assert "Theirs. Money goes back." in shown


def test_a_file_of_another_project_or_without_a_note_needs_a_base(capsys):
    content = Path("guideline.md").read_text(encoding="utf-8").replace("Money", "All money")
    Path("bare.md").write_text(content.split("-->\n", 1)[1], encoding="utf-8")
    code, _, err = run(capsys, "guidelines", "import", "bare.md", "--reason", "x")
    assert (code, "add --base N" in err) == (2, True)
    first, rest = content.split("\n", 1)
    Path("other.md").write_text(f"{first.split('(')[0]}({'0' * 16}) -->\n{rest}", encoding="utf-8")
    code, _, err = run(capsys, "guidelines", "import", "other.md", "--reason", "x")
    assert (code, "that this project does not have" in err) == (2, True)
    assert run(capsys, "guidelines", "import", "bare.md", "--reason", "x", "--base", "2")[0] == 0


def test_wrong_lines_are_counted_as_in_the_file():
    content = Path("guideline.md").read_text(encoding="utf-8") + "what is this\n"
    Path("wrong.md").write_text(content, encoding="utf-8")
    with pytest.raises(FileFormatError) as error:
        read_file(Path("wrong.md"))
    assert error.value.problem.row == len(content.splitlines())


def test_unreadable_files_and_people_who_may_not_publish(capsys):
    Path("empty.md").write_bytes(b"")
    for file, told in (("nosuch.md", "cannot be read"), ("empty.md", "the file is empty"), (".", "cannot be read")):
        code, out, err = run(capsys, "guidelines", "import", file, "--reason", "x")
        assert (code, out) == (2, "")
        assert told in err
    revise("guideline.md", "More.")
    code, _, err = run(capsys, "guidelines", "import", "guideline.md", "--reason", "x", "--actor", "ana")
    assert (code, "'ana' is an annotator and may not publish a guideline" in err) == (2, True)


def test_differences_in_every_form(capsys):
    assert "{+Money goes back.+}" in run(capsys, "guidelines", "diff")[1]
    assert run(capsys, "guidelines", "diff")[1] == run(capsys, "guidelines", "diff", "1", "2")[1]
    assert "[-Money goes back.-]" in run(capsys, "guidelines", "diff", "2", "1")[1]
    assert "Changed in “refund”" in run(capsys, "guidelines", "diff", "--format", "markdown")[1]
    assert json.loads(run(capsys, "guidelines", "diff", "--format", "json")[1])["suggested_edit"] == "semantic"
    revise("guideline.md", "Wow.")
    assert "{+Wow. +}" in run(capsys, "guidelines", "diff", "--file", "guideline.md")[1]
    assert run(capsys, "guidelines", "diff", "1", "2", "--file", "guideline.md")[0] == 2
    assert "no version 9 (allowed: 1, 2)" in run(capsys, "guidelines", "diff", "9")[2]


def test_history_and_restoring(capsys):
    assert "Published version 3, the content of version 1" in run(
        capsys, "guidelines", "restore", "1", "--reason", "it was better"
    )[2]  # fmt: skip
    rows = json.loads(run(capsys, "guidelines", "history", "--format", "json")[1])["versions"]
    assert [r["version"] for r in rows] == [1, 2, 3]
    assert rows[2]["reason"] == "it was better (restored from 1)"
    assert rows[0]["content_hash"] == rows[2]["content_hash"]
    assert "refund was unclear" in run(capsys, "guidelines", "history")[1]


def test_show_prints_the_markdown_or_its_parts(capsys):
    assert "- **R3**: Money goes back." in run(capsys, "guidelines", "show")[1]
    assert "Money goes back." not in run(capsys, "guidelines", "show", "1")[1]
    found = json.loads(run(capsys, "guidelines", "show", "--format", "json")[1])
    assert (found["version"], found["author"], found["reason"]) == (2, "lea", "refund was unclear")
    assert run(capsys, "guidelines", "show", "--format", "html")[0] == 2


def test_lint_is_a_gate_only_when_asked(capsys, monkeypatch):
    code, out, _ = run(capsys, "guidelines", "lint")
    assert (code, "R1 (definition of 'billing') is empty" in out) == (0, True)
    assert run(capsys, "guidelines", "lint", "--fail-on", "error")[0] == 0
    code, _, err = run(capsys, "guidelines", "lint", "--fail-on", "warning")
    assert (code, "gate not met: 0 errors, 2 warnings" in err) == (1, True)
    bad = Path("guideline.md").read_text(encoding="utf-8") + "\n### Positive examples\n\n- **R9** item `nosuch`: look\n"
    Path("bad.md").write_text(bad, encoding="utf-8")
    code, out, _ = run(capsys, "guidelines", "lint", "bad.md", "--fail-on", "error", "--format", "json")
    assert (code, json.loads(out)["findings"][0]["code"]) == (1, "unknown_item")
    monkeypatch.delenv("LABELQA_DB")
    assert run(capsys, "guidelines", "lint", "bad.md", "--fail-on", "error")[0] == 0
    assert "name the project" in run(capsys, "guidelines", "lint")[2]
