"""Time and memory of consensus labels beside crowd-kit, in the same run.

Run: python -m tests.bench.consensus_speed [--large]

Simulated labels: five an item, five classes, annotators right with probability .4 to .95, else a class at random. Every
measurement is a process of its own; memory is the peak during the work, in all and beyond what the data took before.
Times are the best of --repeats. crowd-kit gets a frame of integer codes and (text) of names, as files hold them; ours
gets labels already coded, and (from frame) the same frame of names. Dawid-Skene: ten E-steps without acceleration, for
both. --large adds 5M and 20M labels of 1,000 annotators, to see that time is linear in labels.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

K, PER_ITEM, STEPS = 5, 5, 10
WIDE, NARROW = 5000, 1000
TASKS = ("majority", "dawid_skene", "auto")


def codes(r: int, m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return item, annotator and label codes, int32 (r,); nobody labels an item twice."""
    rng = np.random.default_rng(0)
    n = r // PER_ITEM
    item = np.repeat(np.arange(n, dtype=np.int32), PER_ITEM)
    first = np.repeat(rng.integers(0, m, n, dtype=np.int32), PER_ITEM)
    step = np.repeat(rng.integers(1, m // PER_ITEM, n, dtype=np.int32), PER_ITEM)
    annotator = (first + step * np.tile(np.arange(PER_ITEM, dtype=np.int32), n)) % m
    truth = np.repeat(rng.integers(0, K, n, dtype=np.int32), PER_ITEM)
    right = rng.uniform(0.4, 0.95, m).astype(np.float32)[annotator]
    label = np.where(rng.random(n * PER_ITEM, dtype=np.float32) < right, truth, rng.integers(0, K, r, dtype=np.int32))
    return item, annotator.astype(np.int32), label.astype(np.int32)


def frame(r: int, m: int, *, text: bool) -> pd.DataFrame:
    columns = dict(zip(("task", "worker", "label"), codes(r, m), strict=True))
    if not text:
        return pd.DataFrame(columns)
    return pd.DataFrame({name: pd.Series(c).map(lambda v, n=name: f"{n} {v}") for name, c in columns.items()})


def ours(task: str, r: int, m: int) -> Callable[[], object]:
    from labelqa.aggregation.confusions import MODELS
    from labelqa.aggregation.consensus import consensus
    from labelqa.aggregation.em import Setting, run_em
    from labelqa.aggregation.labeltable import LabelTable
    from labelqa.annotations.schema import LabelSchema
    from labelqa.annotations.table import Annotations

    item, annotator, label = codes(r, m)
    n = r // PER_ITEM
    if task == "dawid_skene":
        how = Setting(accelerate=False, max_iterations=STEPS, tolerance=0.0)
        return lambda: run_em(LabelTable.from_codes(item, annotator, label, (n, m, K)), MODELS[task], how)
    annotations = Annotations(
        item=item,
        annotator=annotator,
        label=label,
        items=pd.RangeIndex(n),
        annotators=pd.RangeIndex(m),
        schema=LabelSchema(classes=tuple(range(K))),
        item_data=pd.DataFrame(index=range(n)),
    )
    return lambda: consensus(annotations, task)


def from_frame(task: str, r: int, m: int) -> Callable[[], object]:
    from labelqa.aggregation.consensus import consensus
    from labelqa.annotations.table import Annotations

    rows = frame(r, m, text=True)
    return lambda: consensus(Annotations.from_frame(rows, item="task", annotator="worker", label="label"), task)


def peer(task: str, r: int, m: int, *, text: bool = False) -> Callable[[], object]:
    from crowdkit.aggregation import DawidSkene, MajorityVote

    warnings.simplefilter("ignore")
    rows = frame(r, m, text=text)
    return lambda: (MajorityVote() if task == "majority" else DawidSkene(n_iter=STEPS, tol=-1e9)).fit_predict_proba(
        rows
    )


def peer_text(task: str, r: int, m: int) -> Callable[[], object]:
    return peer(task, r, m, text=True)


WHO = {"labelqa": ours, "labelqa from frame": from_frame, "crowd-kit": peer, "crowd-kit text": peer_text}


def memory(what: str) -> float:
    """Return VmHWM (peak) or VmRSS (now) of this process, MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def measure(who: str, task: str, r: int, m: int, repeats: int) -> dict[str, float]:
    """Measure in this process."""
    work, times = WHO[who](task, r, m), []
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = memory("VmRSS")
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return {"seconds": min(times), "extra": memory("VmHWM") - before, "peak": memory("VmHWM")}


def measured(who: str, task: str, r: int, m: int, repeats: int) -> dict[str, float]:
    """Measure in a process of its own, and print."""
    command = [sys.executable, "-m", "tests.bench.consensus_speed", "--one", who, task, str(r), str(m), str(repeats)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    rate = 1e6 * found["seconds"] / r
    print(
        f"{task:<13}{r:>12,}{m:>7,}  {who:<20}{found['seconds']:>9.3f} s{rate:>8.3f} us/label"
        f"{found['extra']:>9.0f} MB more{found['peak']:>8.0f} MB peak",
        flush=True,
    )
    return found


def versus(task: str, r: int, m: int, repeats: int, pair: tuple[str, str]) -> None:
    mine, theirs = (measured(who, task, r, m, repeats) for who in pair)
    less = theirs["extra"] / max(mine["extra"], 1.0)
    print(f"{'':<13}-> {theirs['seconds'] / mine['seconds']:.1f}x faster, 1/{less:.1f} of the memory\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--one", nargs=5, metavar=("WHO", "TASK", "R", "M", "REPEATS"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        who, task, r, m, repeats = chosen.one
        print(json.dumps(measure(who, task, int(r), int(m), int(repeats))))
        return
    million = 1_000_000
    versus("majority", million, WIDE, chosen.repeats, ("labelqa", "crowd-kit"))
    versus("majority", million, WIDE, chosen.repeats, ("labelqa", "crowd-kit text"))
    versus("majority", million, WIDE, 1, ("labelqa from frame", "crowd-kit text"))
    versus("dawid_skene", million, WIDE, 1, ("labelqa", "crowd-kit"))
    measured("labelqa", "auto", 100_000, NARROW, 1)
    for r in (million, 5 * million, 20 * million) if chosen.large else ():
        for task in TASKS:
            measured("labelqa", task, r, NARROW, 1)


if __name__ == "__main__":
    main()
