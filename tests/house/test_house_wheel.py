"""The wheel holds everything that the installed program needs, and works where the checkout is out of reach."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def missing_tools() -> str:
    """Return why the wheel cannot be built here, or an empty string."""
    if importlib.util.find_spec("build") is None:
        return "the package build is not installed"
    try:
        version = importlib.metadata.version("setuptools")
    except importlib.metadata.PackageNotFoundError:
        return "setuptools is not installed, and the test does not download it"
    return "" if int(version.split(".")[0]) >= 77 else f"setuptools {version} is older than 77"


pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing_tools()), reason=missing_tools())]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the sources, so that the checkout stays clean."""
    source = tmp_path_factory.mktemp("source")
    leave = shutil.ignore_patterns("__pycache__")
    for folder in ("labelqa", "app"):
        shutil.copytree(ROOT / folder, source / folder, ignore=leave)
    for file in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(out), str(source)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next(out.glob("labelqa-*.whl"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel, as an installation would."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(unpacked: Path, folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(unpacked), "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, *args], cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def test_wheel_holds_app_theme_demo_data_templates_and_type_marker(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "labelqa/py.typed",
        "labelqa/_demo/support_tickets.csv",
        "labelqa_app/__init__.py",
        "labelqa_app/main.py",
        "labelqa_app/.streamlit/config.toml",
    } <= names
    assert any(n.startswith("labelqa/report/templates/") for n in names)


def test_wheel_holds_every_module_of_the_checkout_and_nothing_else(wheel: Path) -> None:
    names = {n for n in zipfile.ZipFile(wheel).namelist() if n.endswith(".py")}
    library = {str(f.relative_to(ROOT)) for f in (ROOT / "labelqa").rglob("*.py")}
    app = {f"labelqa_app/{f.relative_to(ROOT / 'app')}" for f in (ROOT / "app").rglob("*.py")}
    assert names == library | app


def test_wheel_names_the_command_and_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inner = {n.split("/", 1)[1]: n for n in archive.namelist() if ".dist-info/" in n}
        assert "labelqa = labelqa.cli.main:run" in archive.read(inner["entry_points.txt"]).decode()
        assert "licenses/LICENSE" in inner
        assert re.search(
            r"^License(-Expression)?: Apache-2\.0$", archive.read(inner["METADATA"]).decode(), re.MULTILINE
        )


def test_unpacked_wheel_is_what_gets_imported(unpacked: Path, tmp_path: Path) -> None:
    done = run(unpacked, tmp_path, "-c", "import labelqa, labelqa_app; print(labelqa.__file__, labelqa_app.__file__)")
    assert done.returncode == 0, done.stderr
    assert all(Path(file).is_relative_to(unpacked) for file in done.stdout.split())


def test_demo_runs_from_the_unpacked_wheel(unpacked: Path, tmp_path: Path) -> None:
    done = run(unpacked, tmp_path, "-c", "from labelqa.cli.main import run; run()", "demo")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "labelqa-report.html").stat().st_size > 10_000
