"""What a start may load: asked of a fresh process, since this one has loaded everything."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]

HEAVY = {
    "sklearn",
    "cleanlab",
    "scipy.stats",
    "statsmodels",
    "sqlalchemy",
    "altair",
    "vl_convert",
    "streamlit",
    "duckdb",
}
COMMAND = """
import json, sys
from labelqa.cli.main import run
sys.argv = ["labelqa", *sys.argv[1:]]
try:
    run()
except SystemExit as stop:
    code = stop.code or 0
else:
    code = 0
print(json.dumps({"code": code, "modules": sorted(sys.modules)}), file=sys.stderr)
"""


def loaded(modules: list[str], unwanted: set[str]) -> set[str]:
    return unwanted & set(modules)


def run_command(run_python: Run, *args: str) -> list[str]:
    """Run one labelqa command and return the names of the modules it loaded."""
    done = run_python("-c", COMMAND, *args)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stderr.splitlines()[-1])
    assert facts["code"] == 0, done.stderr
    return list(facts["modules"])


def test_import_labelqa_loads_nothing_heavy_and_not_even_pandas(run_python: Run) -> None:
    done = run_python("-c", "import json, sys, labelqa; print(json.dumps(sorted(sys.modules)))")
    assert done.returncode == 0, done.stderr
    assert loaded(json.loads(done.stdout), HEAVY | {"pandas", "numpy", "scipy", "narwhals", "pyarrow"}) == set()


def test_using_annotations_loads_nothing_heavier_than_pandas(run_python: Run) -> None:
    done = run_python("-c", "import json, sys, labelqa; labelqa.Annotations; print(json.dumps(sorted(sys.modules)))")
    assert done.returncode == 0, done.stderr
    assert loaded(json.loads(done.stdout), HEAVY) == set()


def test_help_loads_not_even_pandas_or_numpy(run_python: Run) -> None:
    modules = run_command(run_python, "--help")
    assert loaded(modules, HEAVY | {"pandas", "numpy", "scipy", "narwhals", "pyarrow", "jinja2"}) == set()


def test_help_of_a_command_loads_not_even_pandas_or_numpy(run_python: Run) -> None:
    modules = run_command(run_python, "agreement", "--help")
    assert loaded(modules, HEAVY | {"pandas", "numpy", "scipy", "narwhals", "pyarrow", "jinja2"}) == set()


def test_agreement_command_stays_off_scipy_stats_and_charts(run_python: Run, fleiss_file: Path) -> None:
    modules = run_command(run_python, "agreement", str(fleiss_file))
    assert loaded(modules, HEAVY | {"jinja2"}) == set()


def test_console_script_is_installed_and_answers(run_python: Run) -> None:
    script = Path(sys.executable).with_name("labelqa")
    done = subprocess.run([str(script), "--help"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "report" in done.stdout
