"""A report on every labels CSV of a folder, its JSON numbers compared with the library's.

Run: python -m tests.bench.folder_reports FOLDER [--pattern '*.labels.csv']
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import labelqa as lq

LABELQA = [sys.executable, "-m", "labelqa.cli.main"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pattern", default="*.labels.csv")
    asked = parser.parse_args()
    print(f"{'file':<26}{'labels':>8}{'items':>7}{'people':>7}{'alpha':>8}{'interval':>18}{'report':>9}  same numbers")
    for file in sorted(asked.folder.glob(asked.pattern)):
        for extra in ([], ["--on-duplicate", "last"]):
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "report.json"
                start = time.perf_counter()
                done = subprocess.run(
                    [*LABELQA, "report", str(file), "-o", str(out), *extra], capture_output=True, text=True
                )
                took = time.perf_counter() - start
                if done.returncode:
                    print(f"{file.name:<26}exit {done.returncode}: {done.stderr.splitlines()[-1]}")
                    continue
                found = json.loads(out.read_text())["headline"]
            annotations = lq.read_annotations(file, on_duplicate=extra[1] if extra else "error")
            mine = lq.agreement(annotations)
            ends = mine.confidence_interval()
            same = (found["estimate"], found["low"], found["high"]) == (mine.estimate, ends.low, ends.high)
            sizes = f"{len(annotations):>8,}{annotations.n_items:>7,}{annotations.n_annotators:>7,}"
            spread = f"{ends.low:.3f} to {ends.high:.3f}"
            print(f"{file.name:<26}{sizes}{mine.estimate:>8.3f}{spread:>18}{took:>8.1f}s  {same} {' '.join(extra)}")
            break


if __name__ == "__main__":
    main()
