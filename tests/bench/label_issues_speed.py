"""Time and memory of finding label issues, beside cleanlab's own score in the same run.

Run: python -m tests.bench.label_issues_speed [--rows 50000]

Given probabilities: one million rows, ten classes (simulated, 5 % of labels wrong), against
cleanlab.rank.get_label_quality_scores on the same arrays. Training: as many rows of 384-dimensional embeddings (ten
clusters) and of short texts (ten topics, 12 words each), 5 % wrong. Every measurement is a process of its own; memory
is its peak.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

K = 10


def flipped(truth: np.ndarray, rng: np.random.Generator, share: float = 0.05) -> np.ndarray:
    wrong = rng.random(truth.size) < share
    return np.where(wrong, (truth + rng.integers(1, K, truth.size)) % K, truth)


def probabilities(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, K, n)
    scores = rng.standard_normal((n, K))
    scores[np.arange(n), truth] += 4.0
    values = np.exp(scores)
    return flipped(truth, rng), values / values.sum(axis=1, keepdims=True)


def embeddings(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, K, n)
    centres = rng.standard_normal((K, 384)) * 0.25
    return flipped(truth, rng), centres[truth] + rng.standard_normal((n, 384))


def texts(n: int) -> tuple[np.ndarray, list[str]]:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, K, n)
    common = rng.zipf(1.3, (n, 9)) % 5000
    own = 5000 + truth[:, None] * 400 + rng.integers(0, 400, (n, 3))
    rows = np.concatenate([common, own], axis=1)
    return flipped(truth, rng), [" ".join(f"w{word}" for word in row) for row in rows]


def work(what: str, n: int) -> Callable[[], object]:
    from labelqa.label_issues.find import find_label_issues

    if what in ("given", "cleanlab"):
        from cleanlab.rank import get_label_quality_scores

        labels, values = probabilities(n)
        return lambda: (
            find_label_issues(labels, pred_probs=values).quality
            if what == "given"
            else get_label_quality_scores(labels, values)
        )
    labels, features = (embeddings if what == "embeddings" else texts)(n)
    return lambda: find_label_issues(labels, features=features)


def memory(name: str) -> float:
    """Return VmHWM (peak) or VmRSS (now) of this process, MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def one(what: str, n: int, repeats: int) -> dict[str, float]:
    run = work(what, n)
    if repeats > 1:
        run()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return {"seconds": min(times), "peak": memory("VmHWM")}


def measured(what: str, n: int, repeats: int) -> float:
    command = [sys.executable, "-m", "tests.bench.label_issues_speed", "--one", what, str(n), str(repeats)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f"{what:<12}{n:>10,} rows {found['seconds']:>8.2f} s {found['peak']:>7.0f} MB peak", flush=True)
    return float(found["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--one", nargs=3, metavar=("WHAT", "N", "REPEATS"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        what, n, repeats = chosen.one
        print(json.dumps(one(what, int(n), int(repeats))))
        return
    peer, ours = measured("cleanlab", 1_000_000, 5), measured("given", 1_000_000, 5)
    print(f"-> {ours / peer:.2f} times cleanlab's own score alone\n", flush=True)
    measured("embeddings", chosen.rows, 1)
    measured("texts", chosen.rows, 1)


if __name__ == "__main__":
    main()
