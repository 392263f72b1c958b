"""The layers of the design hold: the contracts in setup.cfg are kept, and they are able to fail."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

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


def test_an_import_upwards_breaks_the_layers_contract(run_python: Run, root: Path, tmp_path: Path) -> None:
    folder = copy_of(root, tmp_path)
    with (folder / "labelqa" / "errors.py").open("a", encoding="utf-8") as file:
        file.write("\n\nfrom labelqa.annotations import table as table\n")
    done = run_python("-c", LINT, folder=folder)
    assert done.returncode == 1
    assert "labelqa.errors -> labelqa.annotations.table" in done.stdout


def test_the_app_reaching_inside_the_library_breaks_its_contract(run_python: Run, root: Path, tmp_path: Path) -> None:
    folder = copy_of(root, tmp_path)
    (folder / "labelqa_app" / "shortcut.py").write_text("import labelqa.reliability\n", encoding="utf-8")
    done = run_python("-c", LINT, folder=folder)
    assert done.returncode == 1
    assert "labelqa_app.shortcut -> labelqa.reliability" in done.stdout
