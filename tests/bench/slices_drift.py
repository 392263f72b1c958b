"""Drift and coverage: false alarms where nothing changed, and how often a planted change is found.

Run: python -m tests.bench.slices_drift [--runs 100]

Two batches of 5,000 rows of the test bed (8 columns of 5 levels, error rate .10). Targets: an alarm in at most 5 % of
runs without a change; a change of 15 points in the error of one slice, and the loss of a combination, found in 80 %.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from labelqa.slices.coverage import slice_coverage
from labelqa.slices.drift import slice_drift
from tests.bench.slices_bed import HIT, by_rank, jaccard


def batch(rng: np.random.Generator, n: int = 5000) -> pd.DataFrame:
    codes = rng.choice(5, (n, 8), p=by_rank(5))
    return pd.DataFrame({f"f{j}": [f"v{c}" for c in codes[:, j]] for j in range(8)})


def errors(rng: np.random.Generator, frame: pd.DataFrame, raised: np.ndarray, by: float) -> np.ndarray:
    rate = 0.1 + 0.1 * (frame["f3"] == "v1").to_numpy() + by * raised
    return (rng.random(len(frame)) < rate).astype(float)


def in_slice(frame: pd.DataFrame) -> np.ndarray:
    return ((frame["f1"] == "v1") & (frame["f2"] == "v0")).to_numpy()


def drift(runs: int, title: str, *, by: float = 0.0, overall: float = 0.0, shifted: bool = False) -> None:
    """Print how often anything is reported, and the planted slice among it."""
    alarms = hits = reported = 0
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        before, after = batch(rng), batch(rng)
        if shifted:
            after = after[(after["f5"] != "v0") | (rng.random(len(after)) < 0.6)].reset_index(drop=True)
        none = np.zeros(len(before), dtype=bool)
        mask = in_slice(after)
        error = errors(rng, before, none, 0.0), errors(rng, after, np.where(mask, by, 0) + overall, 1.0)
        found = slice_drift(before, after, error=error).frame
        changes = found[found["change"].str.startswith("error")] if shifted else found
        alarms, reported = alarms + (len(changes) > 0), reported + len(changes)
        hits += any(overlap_with(before, after, text) >= HIT for text in changes["predicates"])
    print(f"{title}: any {alarms / runs:.3f}, planted slice {hits / runs:.3f}, {reported / runs:.2f} a run", flush=True)


def overlap_with(before: pd.DataFrame, after: pd.DataFrame, text: str) -> float:
    both = pd.concat([before, after])
    if text == "all rows":
        return 0.0
    conditions = [part.split(" = ") for part in text.split(" and ")]
    mask = np.logical_and.reduce([(both[c] == v).to_numpy() for c, v in conditions])
    return jaccard(mask, in_slice(both))


def coverage(runs: int) -> None:
    false = found = 0
    for seed in range(runs):
        frame = batch(np.random.default_rng(seed))
        false += len(slice_coverage(frame).frame) > 0
        kept = frame[~in_slice(frame) | (np.arange(len(frame)) % 20 == 0)]
        found += any(slice_coverage(kept).frame["combination"] == "f1 = v1 and f2 = v0")
    print(f"coverage: any thin pair {false / runs:.3f} where columns are independent, lost pair {found / runs:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=100)
    runs = parser.parse_args().runs
    drift(2 * runs, "nothing changed")
    drift(runs, "one slice (10 % of rows) +15 points", by=0.15)
    drift(runs, "all rows +5 points (any: expected)", overall=0.05)
    drift(runs, "shares shifted only: error changes reported", shifted=True)
    coverage(runs)


if __name__ == "__main__":
    main()
