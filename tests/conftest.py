"""What all tests share: the bundled data, and Python in a fresh process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("labelqa", deadline=None)  # a busy machine is not a failure
settings.load_profile("labelqa")


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers that are used across folders."""
    config.addinivalue_line("markers", "slow: takes more than a few seconds")
    if getattr(config.option, "numprocesses", None):  # a process a core: threads of each would only wait for each other
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ.setdefault(name, "1")  # before the workers start, which load numpy before any conftest


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def tickets_file() -> Path:
    """The synthetic support tickets: 600 items, two rounds, four annotators."""
    return ROOT / "labelqa" / "_demo" / "support_tickets.csv"


@pytest.fixture(scope="session")
def fleiss_file() -> Path:
    """Fleiss's diagnoses of 1971: 30 patients, six raters, wide layout."""
    return ROOT / "examples" / "fleiss_1971.csv"


@pytest.fixture
def run_python(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run this Python with arguments in an empty folder; output is captured, warnings are errors."""

    def run(*args: str, folder: Path = tmp_path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        env = os.environ | {"PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
        return subprocess.run(
            [sys.executable, *args], cwd=folder, env=env, capture_output=True, text=True, timeout=timeout, check=False
        )

    return run
