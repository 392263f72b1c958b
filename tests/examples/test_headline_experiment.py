"""The headline experiment runs, and its verdict follows from the numbers."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "headline_experiment.py"
Run = Callable[..., subprocess.CompletedProcess[str]]


def test_one_repetition_prints_the_table_and_what_holds_for_which_model(run_python: Run) -> None:
    done = run_python(str(SCRIPT), "--seeds", "1", timeout=300)
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d\d\.\d% of the 60 labels that find_label_issues puts first are wrong", done.stdout)
    rows = re.findall(r"^(\w[\w ]+?) {2,}((?:0\.\d{3} \(\w+\) *){4})", done.stdout, flags=re.MULTILINE)
    assert len(rows) == 4
    for _, cells in rows:
        noisy, reviewed, _, clean = (float(v) for v in re.findall(r"0\.\d{3}", cells))
        assert noisy - 0.03 < reviewed < clean + 0.03
    assert done.stdout.count("one repetition says nothing") == 4
