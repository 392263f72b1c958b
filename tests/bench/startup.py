"""Start-up as ratios to a bare ``python -c 'import pandas'`` of the same run. Run: python -m tests.bench.startup"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

LABELQA = [sys.executable, "-c", "from labelqa.cli.main import run; run()"]
FLOOR = [sys.executable, "-c", "import pandas"]


def ten_thousand_rows(path: Path) -> None:
    rng = np.random.default_rng(0)
    item = np.repeat(np.arange(2500), 4)
    truth = rng.integers(0, 5, 2500)[item]
    label = np.where(rng.random(10_000) < 0.75, truth, rng.integers(0, 5, 10_000))
    names = np.array(["ann", "ben", "cat", "dan"])[np.tile(np.arange(4), 2500)]
    classes = np.array(["sport", "politics", "culture", "science", "other"])
    pd.DataFrame({"item": item, "annotator": names, "label": classes[label]}).to_csv(path, index=False)


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "labels.csv"
        ten_thousand_rows(file)
        commands = {
            "labelqa --help": [*LABELQA, "--help"],
            "import labelqa": [sys.executable, "-c", "import labelqa"],
            "labelqa agreement, 10,000 rows": [*LABELQA, "agreement", str(file)],
            "labelqa report -o html, 10,000 rows": [*LABELQA, "report", str(file), "-o", f"{folder}/r.html"],
        }
        for command in (FLOOR, *commands.values()):
            seconds(command)  # warm the disk cache
        ratios: dict[str, list[float]] = {name: [] for name in commands}
        floors = []
        for _ in range(runs):
            floors.append(seconds(FLOOR))
            for name, command in commands.items():
                ratios[name].append(seconds(command) / floors[-1])
    print(f"import pandas: median {statistics.median(floors):.2f} s; ratios to it, medians of {runs} pairs")
    for name, values in ratios.items():
        print(f"  {name:<38}{statistics.median(values):.2f}  ({min(values):.2f} to {max(values):.2f})")


if __name__ == "__main__":
    main()
