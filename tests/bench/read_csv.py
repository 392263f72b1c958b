"""Time to read a long CSV: labelqa against pandas with the pyarrow engine, both in one run.

``python -m tests.bench.read_csv`` writes a million labels (text ids, text classes) to a temporary
folder, and reads them with ``read_annotations`` (which hashes the file, finds the columns, checks for duplicates and
takes nothing for missing) and with ``pandas.read_csv(engine="pyarrow")``, in turn. It does so in a process with
``OMP_NUM_THREADS=1`` and in one without, and prints the ratio of the medians: the bound is 4.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROWS, ITEMS, PEOPLE, REPEATS = 1_000_000, 200_000, 50, 7
CLASSES = ("billing", "refund", "delivery", "account", "None", "NA")
BOUND = 4.0


def write_sample(path: Path) -> None:
    """Write a long CSV in which nobody labels an item twice."""
    rng = np.random.default_rng(0)
    per_item = ROWS // ITEMS
    first = rng.integers(0, PEOPLE, ITEMS)
    item = np.repeat(np.arange(ITEMS), per_item)
    who = (np.repeat(first, per_item) + np.tile(np.arange(per_item) * 7, ITEMS)) % PEOPLE
    frame = pd.DataFrame(
        {
            "item": [f"ticket-{i:07d}" for i in item],
            "annotator": [f"person-{i:02d}" for i in who],
            "label": np.asarray(CLASSES, dtype=object)[rng.integers(0, len(CLASSES), ROWS)],
        }
    )
    frame.to_csv(path, index=False)


def measure(path: Path) -> None:
    """Print the times of both readers and their ratio."""
    from labelqa.io.read import read_annotations

    def ours() -> int:
        return len(read_annotations(path))

    def theirs() -> int:
        return len(pd.read_csv(path, engine="pyarrow"))

    times: dict[str, list[float]] = {"labelqa": [], "pandas": []}
    for _ in range(REPEATS):
        times["labelqa"].append(_seconds(ours))
        times["pandas"].append(_seconds(theirs))
    a, b = (statistics.median(t[1:]) for t in times.values())  # the first of each loads modules
    threads = os.environ.get("OMP_NUM_THREADS", "default")
    verdict = "within" if a <= BOUND * b else "NOT within"
    print(f"threads {threads}: labelqa {a:.3f} s, pandas {b:.3f} s, ratio {a / b:.2f}, {verdict} {BOUND:g}", flush=True)


def _seconds(read: Callable[[], int]) -> float:
    start = time.perf_counter()
    if read() != ROWS:
        raise SystemExit("not every row was read")
    return time.perf_counter() - start


def main() -> None:
    """Measure in a process of one thread, and in one of as many as there are."""
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        write_sample(path)
        print(f"{ROWS:,} rows, {path.stat().st_size / 1e6:.0f} MB")
        for threads in ("1", None):
            environment = {n: v for n, v in os.environ.items() if n != "OMP_NUM_THREADS"}
            environment |= {} if threads is None else {"OMP_NUM_THREADS": threads}
            subprocess.run([sys.executable, "-m", "tests.bench.read_csv", str(path)], check=True, env=environment)


if __name__ == "__main__":
    main()
