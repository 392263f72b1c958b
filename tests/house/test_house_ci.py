"""``.ci/run`` runs the README's commands and the linters, and fails when any of them fails."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / ".ci" / "run"
LINTERS = ("ruff", "mypy", "lint-imports")
OUTSIDE = ("chromium", "java", "python3")  # found, so that the script installs nothing
README = """
<!-- install-command -->
```bash
echo installing && echo report > labelqa-report.html{install}
```

<!-- test-command -->
```bash
echo testing && echo '== short test summary info ==' && echo '3 passed in 0.1s'{test}
```
"""


def program(path: Path, code: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "$(basename "$0") $*"\nexit {code}\n', encoding="utf-8")
    path.chmod(0o755)


def run_ci(folder: Path, failing: str = "") -> subprocess.CompletedProcess[str]:
    """Run the script in a checkout whose commands do nothing, except that `failing` fails."""
    (folder / ".ci").mkdir()
    shutil.copy(SCRIPT, folder / ".ci" / "run")
    ends = {name: " && false" if failing == name else "" for name in ("install", "test")}
    (folder / "README.md").write_text(README.format(**ends), encoding="utf-8")
    for name in LINTERS:
        program(folder / ".venv" / "bin" / name, int(name == failing))
    for name in OUTSIDE:
        program(folder / "outside" / name, 0)
    env = os.environ | {"PATH": f"{folder / 'outside'}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        [str(folder / ".ci" / "run")], cwd="/", env=env, capture_output=True, text=True, timeout=60, check=False
    )


def test_ci_script_can_be_executed() -> None:
    assert os.access(SCRIPT, os.X_OK)


def test_ci_runs_both_readme_commands_and_every_linter_and_ends_with_the_summary(tmp_path: Path) -> None:
    done = run_ci(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert {"installing", "testing", "ruff check .", "ruff format --check .", "mypy -p labelqa"} <= set(said)
    assert "lint-imports --config setup.cfg" in said
    assert said[-2:] == ["3 passed in 0.1s", "ci: all passed"]


@pytest.mark.parametrize("failing", ["install", "test", *LINTERS])
def test_ci_fails_when_one_part_fails_but_still_runs_the_rest(failing: str, tmp_path: Path) -> None:
    done = run_ci(tmp_path, failing)
    assert done.returncode == 1
    assert "ci: FAILED" in done.stdout
    assert "lint-imports --config setup.cfg" in done.stdout


def test_ci_fails_when_the_readme_has_no_marked_command(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(SCRIPT, tmp_path / ".ci" / "run")
    (tmp_path / "README.md").write_text("no commands\n", encoding="utf-8")
    done = subprocess.run([str(tmp_path / ".ci" / "run")], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "lacks a marked command" in done.stdout
