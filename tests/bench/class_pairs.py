"""class_confusions: error control, power, coverage, advice, ranking against gold, and time.

Run: python -m tests.bench.class_pairs [null planted coverage advice ranking speed] [--runs 500] [--folder FOLDER]

Simulated sets: an item has a true class; an annotator errs with a fixed rate, to a class drawn evenly or by prevalence;
in planted pairs a share of the items of either class is taken for one or the other by every annotator anew. FOLDER (for
ranking) holds pairs NAME.labels.csv (task, worker, label) and NAME.truth.csv (task, truth); the gold confusion of
classes a and b is the mean of the shares of b among labels of true a, and of a among labels of true b.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from labelqa.ambiguity.chance import beyond_chance
from labelqa.ambiguity.confusions import class_confusions
from labelqa.ambiguity.measures import indistinguishabilities, split_rates
from labelqa.ambiguity.sums import pair_sums
from labelqa.annotations.schema import LabelSchema
from labelqa.counts.patterns import CountPatterns

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Shape:
    k: int
    n: int
    m: int
    errors: float
    prevalence: str = "flat"
    noise: str = "even"
    planted: Pairs = ()
    rate: float = 0.4

    @property
    def shares(self) -> np.ndarray:
        weights = {
            "flat": np.ones(self.k),
            "zipf": 1 / np.arange(1, self.k + 1),
            "90": np.r_[0.9, np.full(self.k - 1, 0.1 / (self.k - 1))],
        }[self.prevalence]
        return weights / weights.sum()


def drawn(shape: Shape, rng: np.random.Generator) -> CountPatterns:
    """Return the counts of one simulated set."""
    k, n, m = shape.k, shape.n, shape.m
    truth = rng.choice(k, n, p=shape.shares)
    wrong = rng.random((n, m)) < shape.errors
    noise = np.full(k, 1 / k) if shape.noise == "even" else shape.shares
    labels = np.where(wrong, rng.choice(k, (n, m), p=noise), truth[:, None])
    for a, b in shape.planted:
        fuzzy = ((truth == a) | (truth == b)) & (rng.random(n) < shape.rate)
        labels = np.where(fuzzy[:, None] & ~wrong, np.where(rng.random((n, m)) < 0.5, a, b), labels)
    counts = np.zeros((n, k), dtype=np.int64)
    np.add.at(counts, (np.repeat(np.arange(n), m), labels.ravel()), 1)
    return CountPatterns(patterns=counts, multiplicity=np.ones(n, dtype=np.int64), schema=schema(k))


def schema(k: int) -> LabelSchema:
    return LabelSchema(classes=tuple(range(k)))


def discoveries(shape: Shape, runs: int, seed: int) -> tuple[float, float, float]:
    """Return the share of runs with a pair beyond chance, of planted pairs found, and of false ones among found."""
    rng = np.random.default_rng(seed)
    anything, found, false = [], [], []
    for _ in range(runs):
        sums = pair_sums(drawn(shape, rng))
        beyond = beyond_chance(sums).found
        pairs = set(zip(sums.a[beyond].tolist(), sums.b[beyond].tolist(), strict=True))
        anything.append(bool(pairs))
        found.append(len(pairs & set(shape.planted)) / max(len(shape.planted), 1))
        false.append(len(pairs - set(shape.planted)) / max(len(pairs), 1))
    return float(np.mean(anything)), float(np.mean(found)), float(np.mean(false))


def spread(work: Callable[..., object], jobs: Sequence[tuple[object, ...]]) -> list[object]:
    return list(Parallel(2)(delayed(work)(*job) for job in jobs))


def null(runs: int) -> None:
    shapes = [
        Shape(k, n, m, errors, prevalence, noise)
        for k in (4, 5, 6, 10, 20)
        for n in (100, 1000)
        for m, errors in ((2, 0.1), (4, 0.3))
        for prevalence in ("flat", "zipf", "90")
        for noise in ("even", "prevalence")
    ]
    rates = [r[0] for r in spread(discoveries, [(s, runs, i) for i, s in enumerate(shapes)])]
    worst = int(np.argmax(rates))
    print(
        f"nothing planted: {len(shapes)} settings x {runs} runs: any pair beyond chance in {np.mean(rates):.2%} of runs"
    )
    print(f"  worst setting {rates[worst]:.1%} (se {np.sqrt(0.05 * 0.95 / runs):.1%}): {shapes[worst]}")
    for name in ("k", "n", "prevalence", "noise"):
        by = pd.Series(rates).groupby([getattr(s, name) for s in shapes]).mean()
        print(f"  by {name}: " + ", ".join(f"{key}: {value:.2%}" for key, value in by.items()))


def planted(runs: int) -> None:
    apart, touching = ((0, 1), (2, 3)), ((0, 1), (1, 2))
    shapes = [
        Shape(k, n, m, 0.1, prevalence, planted=pairs)
        for k in (6, 10, 20)
        for n in (1000, 2000)
        for m in (3,)
        for prevalence in ("flat", "zipf")
        for pairs in (apart, touching)
    ]
    results = spread(discoveries, [(s, runs, 1000 + i) for i, s in enumerate(shapes)])
    frame = pd.DataFrame(
        [(s.k, s.n, s.m, s.planted == apart, r[1], r[2]) for s, r in zip(shapes, results, strict=True)]
    )
    frame.columns = ["k", "n", "m", "apart", "found", "false"]
    print(f"two planted pairs (40% of their items fuzzy, 10% errors), {runs} runs a setting: share found, false share")
    print(frame.groupby(["k", "n", "apart"])[["found", "false"]].mean().unstack().round(3).to_string())
    print(f"  worst false discovery proportion of a setting: {frame['false'].max():.3f}")


def coverage_of(shape: Shape, runs: int, seed: int) -> list[tuple[float, float, float]]:
    """Return, for each pair, splits expected and how often both intervals hold the value of a huge sample."""
    rng = np.random.default_rng(seed)
    huge = [pair_sums(drawn(Shape(**{**shape.__dict__, "n": 300_000}), rng)) for _ in range(8)]
    truth = {}
    for kind, measure in (("d", split_rates), ("i", indistinguishabilities)):
        truth[kind] = np.mean([measure(s, 0.95).estimate for s in huge], axis=0)
    keys = huge[0].a * shape.k + huge[0].b
    splits, held = np.zeros(keys.size), {"d": np.zeros(keys.size), "i": np.zeros(keys.size)}
    for _ in range(runs):
        sums = pair_sums(drawn(shape, rng))
        at = np.searchsorted(keys, sums.a * shape.k + sums.b)
        splits[at] += sums.of_pair("items")
        for kind, measure in (("d", split_rates), ("i", indistinguishabilities)):
            found = measure(sums, 0.95)
            held[kind][at] += (found.low <= truth[kind][at]) & (truth[kind][at] <= found.high)
    return [(splits[j] / runs, held["d"][j] / runs, held["i"][j] / runs) for j in range(keys.size)]


def coverage(runs: int) -> None:
    shapes = [
        Shape(k, n, m, errors, prevalence, planted=((0, 1),))
        for k in (4,)
        for n in (60, 150, 500)
        for m, errors in ((2, 0.1), (4, 0.3), (10, 0.3))
        for prevalence in ("flat", "zipf", "90")
    ]
    results = spread(coverage_of, [(s, runs, 2000 + i) for i, s in enumerate(shapes)])
    rows = [(*row, s) for s, found in zip(shapes, results, strict=True) for row in found]
    enough = [row for row in rows if row[0] >= 20]
    print(f"95% intervals, {runs} runs, {len(enough)} pairs of {len(shapes)} settings with 20 or more expected splits")
    for name, at in (("split rate", 1), ("indistinguishability", 2)):
        values = np.array([row[at] for row in enough])
        low = int(np.argmin(values))
        under = int((values < 0.93).sum())
        print(f"  {name}: mean {values.mean():.3f}, lowest {values.min():.3f}, {under} under .93; {enough[low][3]}")
        few = [row[at] for row in rows if 5 <= row[0] < 20]
        print(f"    with 5 to 20 splits (shown with a warning): mean {np.mean(few):.3f}, lowest {np.min(few):.3f}")


def advice(runs: int) -> None:
    rng = np.random.default_rng(3)
    merged = {"synonyms": 0, "independent": 0}
    for _ in range(runs):
        k, m = int(rng.integers(3, 9)), int(rng.integers(2, 5))
        n = int(rng.choice([300, 1000]))
        same = class_confusions(drawn(Shape(k, n, m, 0.1, planted=((0, 1),), rate=1.0), rng)).frame
        pair = same[(same["class_a"] == 0) & (same["class_b"] == 1)]
        merged["synonyms"] += int((pair["advice"] == "merge").any())
        other = class_confusions(drawn(Shape(k, n, m, float(rng.choice([0.05, 0.3, 0.95]))), rng)).frame
        merged["independent"] += int((other["advice"] == "merge").any())
    print(f"advice to merge, {runs} sets each: synonyms {merged['synonyms'] / runs:.1%}, "
          f"sets without (up to 95% noise): any pair in {merged['independent'] / runs:.1%}")  # fmt: skip


def gold_rates(labels: np.ndarray, truth: np.ndarray) -> np.ndarray:
    counts = np.zeros((labels.shape[1], labels.shape[1]))
    np.add.at(counts, truth, labels)
    rows = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return (rows + rows.T) / 2


def overlap(counts: np.ndarray) -> np.ndarray:
    """Return cleanlab's number of overlapping examples: labels of each person against the shares of the others."""
    from cleanlab.dataset import find_overlapping_classes

    item, label = np.nonzero(counts)
    times = counts[item, label].astype(int)
    item, label = np.repeat(item, times), np.repeat(label, times)
    rest = counts[item].astype(float)
    rest[np.arange(label.size), label] -= 1
    keep = rest.sum(axis=1) > 0
    found = find_overlapping_classes(labels=label[keep], pred_probs=rest[keep] / rest[keep].sum(axis=1, keepdims=True))
    out = np.zeros((counts.shape[1], counts.shape[1]))
    for a, b, n in zip(found["Class Index A"], found["Class Index B"], found["Num Overlapping Examples"], strict=True):
        out[int(a), int(b)] = out[int(b), int(a)] = n
    return out


def ranking(folder: Path) -> None:
    from scipy.stats import spearmanr

    rows = {}
    for path in sorted(folder.glob("*.labels.csv")):
        name = path.name.removesuffix(".labels.csv")
        labels = pd.read_csv(path).drop_duplicates(["task", "worker"], keep="last")
        truth = pd.read_csv(folder / f"{name}.truth.csv").set_index("task")["truth"]
        tasks, classes = pd.Index(sorted(labels["task"].unique())), pd.Index(sorted({*labels["label"], *truth}))
        k = len(classes)
        if k < 3:
            continue
        counts = np.zeros((len(tasks), k), dtype=np.int64)
        np.add.at(counts, (tasks.get_indexer(labels["task"]), classes.get_indexer(labels["label"])), 1)
        known = classes.get_indexer(truth.reindex(tasks)) >= 0
        gold = gold_rates(counts[known], classes.get_indexer(truth.reindex(tasks))[known])
        times = np.ones(len(tasks), dtype=np.int64)
        frame = class_confusions(CountPatterns(patterns=counts, multiplicity=times, schema=schema(k))).to_frame()
        scores = {c: np.zeros((k, k)) for c in ("indistinguishability", "coincidences", "disagreement")}
        for score, table in scores.items():
            table[frame["class_a"].astype(int), frame["class_b"].astype(int)] = frame[score]
        scores["cleanlab overlap"] = overlap(counts)
        upper = np.triu_indices(k, 1)
        rows[name] = {score: spearmanr(gold[upper], table[upper]).statistic for score, table in scores.items()}
    found = pd.DataFrame(rows).T
    print("Spearman correlation with the gold confusion rate (sets with three classes or more)")
    print(pd.concat([found, found.mean().to_frame("mean").T]).round(3).to_string())


def speed() -> None:
    rng = np.random.default_rng(0)
    for k, n, m in ((20, 10_000, 3), (1_000, 100_000, 3)):
        counts = drawn(Shape(k, n, m, 0.1, planted=((0, 1), (2, 3))), rng) if k < 100 else _wide(k, n, m, rng)
        began = time.perf_counter()
        found = class_confusions(counts)
        taken = time.perf_counter() - began
        tracemalloc.start()
        class_confusions(counts)
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        print(f"{n:,} items x {m} labels, {k:,} classes: {taken:.2f} s, {peak:,.0f} MB, {len(found.flagged)} flagged")


def _wide(k: int, n: int, m: int, rng: np.random.Generator) -> CountPatterns:
    """Return labels in very many classes, each class confused with its neighbour now and then."""
    truth = rng.integers(0, k, n)
    labels = np.where(rng.random((n, m)) < 0.1, rng.integers(0, k, (n, m)), truth[:, None])
    near = (rng.random(n) < 0.3) & (truth < 40)
    other = np.where(rng.random((n, m)) < 0.5, truth[:, None], (truth ^ 1)[:, None])
    labels = np.where(near[:, None], other, labels)
    from labelqa.counts.patterns import patterns_of_codes

    return patterns_of_codes(np.repeat(np.arange(n), m), labels.ravel(), n, schema(k), m)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["null", "planted", "coverage", "advice", "speed"])
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    for part in asked.parts:
        if part == "ranking" or (part == asked.parts[-1] and asked.folder and "ranking" not in asked.parts):
            ranking(asked.folder)
        if part in ("null", "planted", "coverage", "advice"):
            {"null": null, "planted": planted, "coverage": coverage, "advice": advice}[part](asked.runs)
        if part == "speed":
            speed()


if __name__ == "__main__":
    main()
