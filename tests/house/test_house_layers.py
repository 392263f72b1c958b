"""The layers of the design hold: the contracts in setup.cfg are kept, and they are able to fail."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
LINT = (
    "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports; "
    "sys.exit(lint_imports(config_filename='setup.cfg', no_cache=True, no_logo=True))"
)


def copy_of(root: Path, folder: Path) -> Path:
    """Copy what import-linter reads, with the app under its installed name."""
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "labelqa", folder / "labelqa", ignore=leave)
    shutil.copytree(root / "app", folder / "labelqa_app", ignore=leave)
    shutil.copy(root / "setup.cfg", folder)
    return folder


def test_import_contracts_are_kept(run_python: Run, root: Path, tmp_path: Path) -> None:
    done = run_python("-c", LINT, folder=copy_of(root, tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr


VIOLATIONS = {
    "an import upwards": ("labelqa/errors.py", "from labelqa.annotations import table", "labelqa.annotations.table"),
    "a lazy import upwards": ("labelqa/text.py", "def f():\n    from labelqa.io import read", "labelqa.io.read"),
    "siblings that import each other": (
        "labelqa/charts/theme.py",
        "from labelqa.charts import svg",
        "No import cycles",
    ),
    "sqlalchemy outside the store": ("labelqa/io/read.py", "import sqlalchemy", "Only store imports sqlalchemy"),
    "sqlalchemy in the app": ("labelqa_app/extra.py", "import sqlalchemy", "Only store imports sqlalchemy"),
    "cleanlab outside label issues": (
        "labelqa/report/build.py",
        "import cleanlab",
        "Only label_issues imports cleanlab",
    ),
    "streamlit in the library": ("labelqa/cli/review.py", "import streamlit", "labelqa never imports streamlit"),
    "the app in the library": ("labelqa/cli/review.py", "import labelqa_app", "labelqa never imports streamlit"),
    "the app reaching inside": ("labelqa_app/extra.py", "import labelqa.reliability", "labelqa_app imports only"),
    "a package without a layer": ("labelqa/newcomer.py", "VALUE = 1", "newcomer"),
}


@pytest.mark.parametrize(("file", "code", "said"), VIOLATIONS.values(), ids=VIOLATIONS.keys())
def test_a_violation_is_caught(run_python: Run, root: Path, tmp_path: Path, file: str, code: str, said: str) -> None:
    folder = copy_of(root, tmp_path)
    with (folder / file).open("a", encoding="utf-8") as written:
        written.write(f"\n\n{code}\n")
    done = run_python("-c", LINT, folder=folder)
    assert done.returncode == 1
    assert said in " ".join(done.stdout.split())
