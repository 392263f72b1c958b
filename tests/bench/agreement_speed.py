"""Krippendorff's alpha from a long frame: time and memory as ratios to the `krippendorff` package.

Data: 1,000,000 items x 3 annotators x 5 classes, 20 % missing, seed 0, held in memory as a long pandas frame. The
peer's matrix is prepared from the same frame in three ways (pivot, numpy fill, value counts), of which the fastest
counts. Ours starts from the same frame too and includes the search for duplicate labels.

Run: python -m tests.bench.agreement_speed
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

CLASSES = np.array(["sport", "politics", "culture", "science", "other"])
KINDS = {
    "int": "integer ids and labels",
    "text labels": "integer item ids, text annotators and labels",
    "text": "all text",
}


def long_frame(kind: str, n: int = 1_000_000, m: int = 3, k: int = 5) -> pd.DataFrame:
    """Return the labels as a long frame of integers, of text labels, or of text throughout."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, k, n)
    labels = np.where(rng.random((n, m)) < 0.75, truth[:, None], rng.integers(0, k, (n, m)))
    item, annotator = np.nonzero(rng.random((n, m)) >= 0.2)
    label = labels[item, annotator]
    if kind == "int":
        return pd.DataFrame({"item": item, "annotator": annotator, "label": label})
    names = np.array(["ann", "ben", "cat"])
    items = pd.Series(item).astype(str) if kind == "text" else item
    return pd.DataFrame({"item": items, "annotator": names[annotator], "label": CLASSES[label]})


def _alpha(**data: np.ndarray) -> float:
    import krippendorff

    return float(krippendorff.alpha(level_of_measurement="nominal", **data))


def by_pivot(frame: pd.DataFrame) -> float:
    coded = frame.assign(label=pd.factorize(frame["label"])[0])
    wide = coded.pivot(index="item", columns="annotator", values="label")
    return _alpha(reliability_data=wide.to_numpy(dtype=float).T)


def by_fill(frame: pd.DataFrame) -> float:
    (item, items), (who, people), (label, _) = (pd.factorize(frame[c]) for c in ("item", "annotator", "label"))
    matrix = np.full((len(people), len(items)), np.nan)
    matrix[who, item] = label
    return _alpha(reliability_data=matrix)


def by_value_counts(frame: pd.DataFrame) -> float:
    (item, items), (label, labels) = (pd.factorize(frame[c]) for c in ("item", "label"))
    counts = np.bincount(item * len(labels) + label, minlength=len(items) * len(labels))
    return _alpha(value_counts=counts.reshape(len(items), len(labels)))


def _result(frame: pd.DataFrame):  # an AgreementResult
    import labelqa as lq

    return lq.agreement(lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label"))


def ours(frame: pd.DataFrame) -> float:
    result = _result(frame)
    result.confidence_interval()
    return float(result.estimate)


def ours_bootstrap(frame: pd.DataFrame) -> float:
    result = _result(frame)
    result.confidence_interval(method="bootstrap", n_resamples=1000)
    return float(result.estimate)


PEERS = {"pivot": by_pivot, "numpy fill": by_fill, "value counts": by_value_counts}
OURS = {"analytic interval": ours, "1,000 bootstrap replicates": ours_bootstrap}


def seconds(function: Callable[[pd.DataFrame], float], frame: pd.DataFrame) -> float:
    start = time.perf_counter()
    function(frame)
    return time.perf_counter() - start


def compare_time(kind: str, runs: int) -> None:
    frame = long_frame(kind)
    values = {name: f(frame) for name, f in (PEERS | OURS).items()}
    assert max(values.values()) - min(values.values()) < 1e-9, values
    times: dict[str, list[float]] = {name: [] for name in values}
    for _ in range(runs):  # in turn, so that a change of the machine's speed meets all of them
        for name, function in (PEERS | OURS).items():
            times[name].append(seconds(function, frame))
    median = {name: statistics.median(t) for name, t in times.items()}
    fastest = min(PEERS, key=lambda name: median[name])
    print(f"\n{KINDS[kind]}: alpha {values['pivot']:.6f} by all; {len(frame):,} labels; medians of {runs} runs in turn")
    print("  krippendorff prepared by " + ", ".join(f"{name} {median[name]:.3f} s" for name in PEERS))
    for name in OURS:
        ratio = f"ratio to krippendorff ({fastest}) {median[fastest] / median[name]:.1f}x"
        print(f"  labelqa, {name}: {median[name]:.3f} s; {ratio}")


def status_kb(field: str) -> int:
    text = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(field))


def added_memory_mb(kind: str, name: str) -> float:
    """Peak resident memory above what the frame and the imports took, in a process of its own (Linux)."""
    code = f"from tests.bench.agreement_speed import report_memory; report_memory({kind!r}, {name!r})"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return float(out.split()[-1])


def report_memory(kind: str, name: str) -> None:
    frame = long_frame(kind)
    function = (PEERS | OURS)[name]
    function(frame.head(3000))  # imports and caches are not what is measured
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts from here
    before = status_kb("VmRSS")
    function(frame)
    print((status_kb("VmHWM") - before) / 1024)


def compare_memory(kind: str) -> None:
    peers = {name: added_memory_mb(kind, name) for name in PEERS}
    mine = {name: added_memory_mb(kind, name) for name in OURS}
    print(f"\nadded memory, {KINDS[kind]} (peak above frame and imports)")
    print("  krippendorff prepared by " + ", ".join(f"{name} {mb:.0f} MB" for name, mb in peers.items()))
    for name, mb in mine.items():
        ratios = ", ".join(f"{mb / peer:.2f} of {way}" for way, peer in peers.items())
        print(f"  labelqa, {name}: {mb:.0f} MB = {ratios}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    for kind in KINDS:
        compare_time(kind, runs)
    for kind in KINDS:
        compare_memory(kind)


if __name__ == "__main__":
    main()
