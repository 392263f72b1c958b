"""Agreement at scale: from 10 million labels in pandas, 10,000 bootstrap replicates, and 10,000 distinct numbers.

speed       10 million labels (3 of 5 annotators an item, 5 classes, seed 0) in a long pandas frame of integers, or with
            text labels: count_patterns without annotators, alpha and its analytic interval, against the `krippendorff`
            package prepared from the same frame the fastest of three ways (tests.bench.agreement_speed)
bootstrap   all 231 patterns of 20 labels in 3 classes, n items spread over them at random: 10,000 replicates of alpha
            against the draws of numpy's multinomial alone, for n = 1,000 to 10 million
interval    alpha with interval weights on 100,000 items x 3 numeric labels out of 10,000 distinct values: time of
            counting and measuring, and the memory it adds to that of the frame, in a process of its own

Run: python -m tests.bench.agreement_scale [--only speed bootstrap interval] [--rows 1e7] [--runs 3]
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from tests.bench.agreement_speed import KINDS, PEERS, long_frame, status_kb

PARTS = ("speed", "bootstrap", "interval")


def ours(frame: pd.DataFrame) -> float:
    import labelqa as lq

    result = lq.agreement(lq.count_patterns(frame, item="item", label="label"))
    result.confidence_interval()
    return float(result.estimate)


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare_speed(rows: int, runs: int) -> None:
    for kind in KINDS:
        frame = long_frame(kind, n=round(rows / 2.4))
        ways = PEERS | {"labelqa": ours}
        values = {name: f(frame.head(30_000)) for name, f in ways.items()}  # also warms up
        assert max(values.values()) - min(values.values()) < 1e-9, values
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(runs):  # in turn, so that a change of the machine's speed meets all of them
            for name, function in ways.items():
                start = time.perf_counter()
                function(frame)
                times[name].append(time.perf_counter() - start)
        median = {name: statistics.median(t) for name, t in times.items()}
        fastest = min(PEERS, key=median.__getitem__)
        print(f"\nspeed, {KINDS[kind]}: {len(frame):,} labels, medians of {runs} runs in turn")
        print("  krippendorff prepared by " + ", ".join(f"{name} {median[name]:.2f} s" for name in PEERS))
        print(f"  labelqa {median['labelqa']:.2f} s: {median[fastest] / median['labelqa']:.1f}x faster than {fastest}")


def all_patterns(labels: int = 20, k: int = 3) -> np.ndarray:
    """Return every way to give `labels` labels to k classes: (231, 3) for 20 and 3."""
    found = [c for c in itertools.product(range(labels + 1), repeat=k) if sum(c) == labels]
    return np.array(found, dtype=np.int64)


def compare_bootstrap(runs: int) -> None:
    import labelqa as lq

    patterns = all_patterns()
    schema = lq.LabelSchema(classes=("a", "b", "c"))
    print(f"\nbootstrap, 10,000 replicates of alpha on {len(patterns)} patterns")
    print("        items  multinomial  labelqa   ratio")
    for n in (10**3, 10**4, 10**5, 10**6, 10**7):
        times = np.random.default_rng(0).multinomial(n - len(patterns), np.full(len(patterns), 1 / len(patterns))) + 1
        counts = lq.CountPatterns(patterns=patterns, multiplicity=times, schema=schema)
        result = lq.agreement(counts)
        result.confidence_interval(method="bootstrap")  # imports and caches are not what is measured
        alone = statistics.median(
            seconds(lambda t=times: np.random.default_rng(1).multinomial(t.sum(), t / t.sum(), size=10_000))
            for _ in range(runs)
        )
        mine = statistics.median(
            seconds(lambda r=result: r.confidence_interval(method="bootstrap", n_resamples=10_000, rng=1))
            for _ in range(runs)
        )
        print(f"  {n:11,}{alone:11.3f} s{mine:8.3f} s{mine / alone:7.2f}x")


def numbers() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 10_000, 100_000)
    label = np.clip(truth[:, None] + rng.integers(-300, 301, (100_000, 3)), 0, 9_999)
    return pd.DataFrame(
        {"item": np.repeat(np.arange(100_000), 3), "annotator": np.tile([0, 1, 2], 100_000), "label": label.ravel()}
    )


def measure_interval() -> None:
    """Print seconds and added memory of each way; what a fresh process is started for."""
    import labelqa as lq

    frame = numbers()

    def counted(rows: pd.DataFrame) -> float:
        counts = lq.count_patterns(rows, item="item", label="label", level="interval")
        result = lq.agreement(counts, weights="interval")
        result.confidence_interval()
        return float(result.estimate)

    def annotated(rows: pd.DataFrame) -> float:
        whole = lq.Annotations.from_frame(rows, item="item", annotator="annotator", label="label", level="interval")
        result = lq.agreement(whole, weights="interval")
        result.confidence_interval()
        return float(result.estimate)

    for name, way in (("count_patterns", counted), ("annotations", annotated)):
        way(frame.head(3000))
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts from here
        before = status_kb("VmRSS")
        taken = seconds(lambda way=way: way(frame))
        print(f"  {name}: {taken:.2f} s, {(status_kb('VmHWM') - before) / 1024:.0f} MB added, alpha {way(frame):.6f}")


def compare_interval() -> None:
    print("\ninterval alpha, 100,000 items x 3 labels, 10,000 distinct values")
    code = "from tests.bench.agreement_scale import measure_interval; measure_interval()"
    print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout, end="")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--rows", type=lambda v: int(float(v)), default=10**7)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    if "speed" in args.only:
        compare_speed(args.rows, args.runs)
    if "bootstrap" in args.only:
        compare_bootstrap(args.runs)
    if "interval" in args.only:
        compare_interval()


if __name__ == "__main__":
    main()
