"""Slices planted in the test bed: false reports, recall, precision, beside sliceline and divexplorer on the same data.

Run: python -m tests.bench.slices_recovery [--runs 100] [--peers 20] [--only NAME]

Targets: nothing planted: any report in at most 5 % of runs; recall and precision .95 and .90 at +25 points, .85 and .85
at +15, .54 and .79 at +10 (stretch .67 and .80); reported slices overlap with a Jaccard index of at most .8; a planted
pair survives 30 irrelevant columns; duplicated rows create no findings where groups are given. Also printed: bias of
the difference before and after correction for the search, and coverage of its interval.
"""

from __future__ import annotations

import argparse
import time
from itertools import combinations

import numpy as np

from tests.bench.slices_bed import HIT, PEERS, Bed, bed, jaccard

FEW = 5


def score(planted: list[np.ndarray], masks: list[np.ndarray]) -> tuple[np.ndarray, int, float]:
    """Return which planted slices were hit, how many reported ones hit, and the highest overlap of two of them."""
    table = np.array([[jaccard(m, p) for p in planted] for m in masks]).reshape(len(masks), len(planted))
    overlap = max((jaccard(a, b) for a, b in combinations(masks, 2)), default=0.0)
    return table.max(axis=0, initial=0) >= HIT, int((table.max(axis=1, initial=0) >= HIT).sum()), overlap


def recovery(name: str, runs: int, delta: float, *, additive: bool = False) -> None:
    recalls, hits, reported, any_report, overlap = [], 0, 0, 0, 0.0
    start = time.perf_counter()
    for seed in range(runs):
        b = bed(seed, delta, additive=additive)
        masks = PEERS[name](b.codes, b.error, seed)
        found, hit, most = score(b.planted, masks)
        recalls.append(found)
        hits, reported, any_report = hits + hit, reported + len(masks), any_report + bool(masks)
        overlap = max(overlap, most)
    seconds = (time.perf_counter() - start) / runs
    each = np.mean(recalls, axis=0).round(2).tolist() if delta else []
    figures = f"recall {np.mean(recalls):.3f} {each} precision {hits / max(reported, 1):.3f}" if delta else ""
    kind = "additive " if additive else ""
    print(
        f"{name:12} {kind}+{delta:.2f}: any report {any_report / runs:.3f} ({any_report} of {runs}), "
        f"{reported / runs:.2f} slices a run, {figures} largest overlap {overlap:.2f}, {seconds:.2f} s a run",
        flush=True,
    )


def peers(runs: int) -> None:
    for name in ("sliceline", "divexplorer"):
        for delta in (0.0, 0.25, 0.15, 0.10):
            try:
                recovery(name, runs, delta)
            except Exception as reason:  # whatever a peer raises is its result
                print(f"{name:12} +{delta:.2f}: failed: {type(reason).__name__}: {reason}", flush=True)


def effects(runs: int) -> None:
    """Print bias of the difference, raw and shrunk, and coverage."""
    from labelqa.slices.find import find_slices

    for delta in (0.25, 0.15, 0.10):
        rows = []
        for seed in range(runs):
            b: Bed = bed(seed, delta)
            table = find_slices(b.codes, b.error, rng=seed)
            for i, row in enumerate(table.frame.to_dict("records")):
                mask = table.mask(i)
                true = b.rate[mask].mean() - b.rate[~mask].mean()
                rows.append((row["difference"] - true, row["shrunk"] - true, row["low"] <= true <= row["high"]))
        raw, shrunk, covered = np.mean(rows, axis=0)
        print(f"effects +{delta:.2f}: bias {raw:+.4f}, corrected {shrunk:+.4f}; interval holds truth {covered:.3f}")


def irrelevant(runs: int) -> None:
    """Print how often a planted pair is found beside 30 irrelevant columns."""
    hits = others = 0
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        b = bed(seed, 0.0, extra=24)
        pair = (b.codes[:, 1] == 1) & (b.codes[:, 2] == 1)
        error = (rng.random(pair.size) < 0.1 + 0.25 * pair).astype(float)
        masks = PEERS["labelqa"](b.codes, error, seed)
        same = [bool(np.array_equal(m, pair)) for m in masks]
        hits, others = hits + any(same), others + len(same) - sum(same)
    print(f"pair among 32 columns: found exactly in {hits} of {runs}, {others} other slices", flush=True)


def groups(runs: int) -> None:
    """Print false reports on rows repeated in groups, with and without groups=."""
    from labelqa.slices.find import find_slices

    for title, varied in (("five copies of each row", False), ("one to nine copies", True)):
        told = untold = 0
        for seed in range(runs):
            rng = np.random.default_rng(seed)
            b = bed(seed, 0.0, n=2000)
            copies = rng.integers(1, 10, 2000) if varied else np.full(2000, 5)
            rows = np.repeat(np.arange(2000), copies)
            told += len(find_slices(b.codes[rows], b.error[rows], groups=rows, rng=seed)) > 0
            if seed < FEW:  # slow: it finds as many as it may
                untold += len(find_slices(b.codes[rows], b.error[rows], rng=seed)) > 0
        print(
            f"{title}: any report {told / runs:.3f} with groups=, {untold / FEW:.2f} without ({FEW} runs)", flush=True
        )


def real_valued(runs: int) -> None:
    """Print false reports and recall with a skewed loss in place of 0/1 errors."""
    from labelqa.slices.find import find_slices

    for delta in (0.0, 0.5):
        recalls, any_report = [], 0
        for seed in range(runs):
            b = bed(seed, 0.1)
            rng = np.random.default_rng(seed + 10_000)
            loss = rng.lognormal(0, 1, len(b.error)) * (1 + delta * (np.sum(b.planted, axis=0) > 0))
            table = find_slices(b.codes, loss, rng=seed)
            masks = [table.mask(i) for i in range(len(table))]
            recalls.append(score(b.planted, masks)[0])
            any_report += bool(masks)
        print(
            f"lognormal loss x{1 + delta}: any report {any_report / runs:.3f}, hits {np.mean(recalls):.3f}", flush=True
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--peers", type=int, default=20)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    runs = asked.runs
    steps = {
        "null": lambda: recovery("labelqa", 2 * runs, 0.0),
        "planted": lambda: [recovery("labelqa", runs, d) for d in (0.25, 0.15, 0.10)],
        "additive": lambda: [recovery("labelqa", runs, d, additive=True) for d in (0.15, 0.10)],
        "irrelevant": lambda: irrelevant(max(5, runs // 5)),
        "groups": lambda: groups(runs),
        "real": lambda: real_valued(runs),
        "effects": lambda: effects(max(10, runs // 4)),
        "peers": lambda: peers(asked.peers),
    }
    for name, step in steps.items():
        if asked.only in ("", name):
            step()


if __name__ == "__main__":
    main()
