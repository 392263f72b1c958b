"""Every command and every piece of Python in the README does what the reader is told it does.

A block of Markdown fences marked ``bash``, ``console``, ``sh`` or ``python`` is run, in an empty folder that holds
``examples/`` and the bundled tickets: round 2 as ``labels.csv``, round 1 and 2 as ``before.csv`` and ``after.csv``,
both as ``rounds.csv``. An HTML comment on the line before the fence changes that:

- ``<!-- install-command -->`` and ``<!-- test-command -->``: the two commands that make a virtual environment;
  ``.ci/run`` takes them out of the README and runs them, so here only their place and the commands after them count;
- ``<!-- not run: reason -->``: left out, the reason is shown by pytest;
- ``<!-- exit: 1 -->``: the last command of the block ends with that code.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
SHELL = {"bash", "console", "sh", "shell"}
FENCE = re.compile(
    r"^(?:<!-- *(?P<note>[^\n]*?) *-->\n+)?```(?P<language>\w+)\n(?P<code>.*?)^```", re.DOTALL | re.MULTILINE
)
TEST_COMMAND = (
    "python3 -m venv .venv && .venv/bin/python -m pip install -q -e '.[app,dev]'"
    " && .venv/bin/python -m pytest -n auto --dist loadfile"
)
MAY_RUN = {"labelqa", "python", "python3", "cat", "head", "ls", "echo"}
MARKED = {"install-command", "test-command"}

pytestmark = pytest.mark.skipif(not README.is_file(), reason="there is no README.md yet")


@dataclass(frozen=True)
class Block:
    """One fenced block: where it starts, the comment before it, its language and its code."""

    line: int
    note: str
    language: str
    code: str

    def commands(self) -> str:
        """Return the shell commands, without the prompts and the output of a console block."""
        if self.language != "console":
            return self.code
        typed = [line[2:] for line in self.code.splitlines() if line.startswith(("$ ", "> "))]
        return "\n".join(typed) + "\n"


def blocks() -> list[Block]:
    text = README.read_text(encoding="utf-8") if README.is_file() else ""
    return [
        Block(text.count("\n", 0, m.start("language")) + 1, m["note"] or "", m["language"], m["code"])
        for m in FENCE.finditer(text)
    ]


def marked(name: str) -> list[str]:
    return [b.code.strip() for b in blocks() if b.note == name]


def steps(code: str) -> list[list[str]]:
    """Return the commands of a block as words, split at && and line ends."""
    lines = code.replace("\\\n", " ").splitlines()
    parts = [part for line in lines for part in re.split(r"&&|\|", line)]
    return [words for part in parts if (words := shlex.split(part, comments=True))]


def shell(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `code` with the installed labelqa first on the path, beside examples/ and labels.csv."""
    if not (folder / "examples").exists():
        shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
        tickets = pd.read_csv(ROOT / "labelqa" / "_demo" / "support_tickets.csv", dtype=str)
        tickets.to_csv(folder / "rounds.csv", index=False)
        for name, number in (("labels", "2"), ("before", "1"), ("after", "2")):
            tickets[tickets["round"] == number].to_csv(folder / f"{name}.csv", index=False)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PATH": path, "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", code],
        cwd=folder, env=env, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("block", [b for b in blocks() if b.language in SHELL], ids=lambda b: f"line{b.line}")
def test_shell_block_runs(block: Block, tmp_path: Path) -> None:
    if block.note.startswith("not run:"):
        pytest.skip(block.note)
    code = block.commands()
    if block.note in MARKED:
        own = [words for words in steps(code) if Path(words[0]).name == "labelqa"]
        code = "\n".join(shlex.join(["labelqa", *words[1:]]) for words in own)
    for words in steps(code):
        assert words[0] in MAY_RUN, f"{words[0]}: add a comment <!-- not run: reason --> before the block"
    done = shell(code, tmp_path)
    expected = int(block.note.removeprefix("exit:")) if block.note.startswith("exit:") else 0
    assert done.returncode == expected, done.stdout + done.stderr


def test_python_blocks_run_in_order(tmp_path: Path) -> None:
    chosen = [b for b in blocks() if b.language == "python" and not b.note.startswith("not run:")]
    script = ["namespace = {}"]
    script += [f"exec(compile({b.code!r}, 'README.md line {b.line}', 'exec'), namespace)" for b in chosen]
    (tmp_path / "readme_blocks.py").write_text("\n".join(script), encoding="utf-8")
    done = shell("python readme_blocks.py", tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", [b for b in blocks() if b.language == "python"], ids=lambda b: f"line{b.line}")
def test_python_block_left_out_says_why(block: Block) -> None:
    if block.note.startswith("not run:"):
        pytest.skip(block.note)


def test_the_test_command_is_the_one_that_ci_runs() -> None:
    assert marked("test-command") == [TEST_COMMAND]


def test_one_command_makes_an_environment_installs_and_runs_the_demo() -> None:
    (command,) = marked("install-command")
    assert "-m venv" in command
    assert "pip install" in command
    assert "labelqa demo" in command


def test_only_marked_blocks_make_environments() -> None:
    loose = [b.line for b in blocks() if "-m venv" in b.code and b.note not in MARKED and "not run:" not in b.note]
    assert loose == []


def test_ci_takes_both_commands_out_of_the_readme(tmp_path: Path) -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    reader = re.search(r"^readme_command\(\) \{.*?^\}", script, flags=re.DOTALL | re.MULTILINE)
    assert reader is not None
    shutil.copy(README, tmp_path)
    for name in MARKED:
        taken = shell(f"{reader[0]}\nreadme_command {name}", tmp_path)
        assert [taken.stdout.strip()] == marked(name)
        assert f'"$(readme_command {name})"' in script
