"""Every example script runs from any folder and finds what was planted."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("[0-9]*.py"))
Run = Callable[..., subprocess.CompletedProcess[str]]


def output(run_python: Run, script: str, *args: str) -> str:
    done = run_python(str(EXAMPLES / script), *args)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("script", [s.name for s in SCRIPTS])
def test_example_runs_without_a_warning(script: str, run_python: Run) -> None:
    assert output(run_python, script)


@pytest.mark.parametrize("script", [s.name for s in EXAMPLES.glob("*.py")])
def test_examples_readme_names_every_script(script: str) -> None:
    assert script in (EXAMPLES / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [f.name for f in EXAMPLES.glob("*.csv")])
def test_examples_readme_says_where_every_table_comes_from(name: str) -> None:
    assert name in (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_first_example_finds_the_kappa_that_fleiss_printed(run_python: Run) -> None:
    assert "here it is 0.430" in output(run_python, "01_agreement.py")


def test_second_example_writes_a_page_of_any_labels_file(run_python: Run, fleiss_file: Path, tmp_path: Path) -> None:
    output(run_python, "02_report.py", str(fleiss_file), "fleiss.html")
    assert "schizophrenia" in (tmp_path / "fleiss.html").read_text(encoding="utf-8")


def test_third_example_shows_that_the_revised_definition_helped(run_python: Run) -> None:
    found = re.findall(
        r"(?:billing|refund): (0\.\d+) in round 1, (0\.\d+) in round 2", output(run_python, "03_questions.py")
    )
    assert len(found) == 2
    assert all(float(after) - float(before) > 0.1 for before, after in found)
