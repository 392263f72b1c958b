"""Triage: are slips, unclear definitions and genuine variation told apart, and are slips ranked first?

Data: 600 items by 12 people, of which 15 % lie between the two classes of an ambiguous pair, 10 % vary between two or
three classes of their own, the others have one true class; people slip on 6 % of labels on average, each at a rate of
their own (:mod:`tests.unit.diagnosis.planted`). Candidate pairs are those that `class_confusions` flags; nothing else
is known.

Columns: F1 of each cause on disputed items, their mean (`macro`); the macro F1 of the best that thresholds on the
entropy of an item's labels, or on the share of its top class, can do (one threshold between every two of the three
causes in the best of all orders, and thresholds chosen with the truth: they cannot be had in practice); the accuracy
and the mean probability of the causes given (`right`, `said`: alike where probabilities mean what they say); average
precision of slips among the labels of disputed items by `slip_probability`, by lone votes then low share, by low share,
and by the entropy of the item; share of slips (`random`).

Run: python -m tests.bench.triage (about five minutes); --runs 5 for a look; --crowd FOLDER for real sets
"""

from __future__ import annotations

import argparse
import itertools
import time
from pathlib import Path

import numpy as np
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.diagnosis.sorting import triage
from tests.unit.diagnosis.planted import CAUSES, Design, average_precision, f1_scores

PLAIN = Design()
DESIGNS = (
    *(PLAIN.but(labels=r, k=k) for r in (5, 8, 3, 2) for k in (4, 6, 8)),
    *(PLAIN.but(labels=r, rounds=2) for r in (2, 3, 5)),
    PLAIN.but(slip=0.02),
    PLAIN.but(slip=0.1),
    PLAIN.but(n=200),
    PLAIN.but(pair=0.25, n_pairs=2),
    PLAIN.but(pair=0.0),
    PLAIN.but(vary=0.0),
    PLAIN.but(pair=0.0, vary=0.0),
    PLAIN.but(hard=0.05),
    PLAIN.but(neighbour=0.5),
    PLAIN.but(leaning=True),
    PLAIN.but(leaning=True, m=5),
    PLAIN.but(k=3),
    PLAIN.but(k=2, vary=0.0),
)
WANTED = (0, 1, 2)


def best_thresholds(true, value, cells=40):
    """Return the best macro F1 of cutting `value` into three intervals, one a cause."""
    edges = np.unique(np.quantile(value, np.linspace(0, 1, cells)))
    best = 0.0
    for low, high in itertools.combinations_with_replacement(edges, 2):
        part = (value > low).astype(int) + (value > high)
        for order in itertools.permutations(WANTED):
            best = max(best, f1_scores(true, np.array(order)[part], WANTED).mean())
    return best


def entropies(labels):
    """Return the entropy of the labels of each item, by item."""
    terms = labels["share"] * np.log(labels["share"])
    return -terms.groupby(labels["item"]).sum()


def judged(design, seed):
    """Return the figures of one run."""
    planted = design.draw(seed)
    found = triage(planted.annotations)
    items, labels = found.items, found.labels
    true = planted.kind[items["item"].to_numpy(dtype=int)]
    said = items["cause"].map(CAUSES.index).to_numpy()
    entropy = entropies(labels)
    wrong = [pair in planted.slipped for pair in zip(labels["item"], labels["label"], strict=True)]
    lone = labels["lone"] * 2.0 - labels["share"]
    top = labels.groupby("item")["share"].max()
    scores = f1_scores(true, said, WANTED)
    present = [c for c in WANTED if (true == c).any()]
    return {
        **dict(zip(CAUSES, scores, strict=False)),
        "macro": scores[present].mean(),
        "entropy": best_thresholds(true, entropy[items["item"]].to_numpy()) if len(present) == 3 else np.nan,
        "share": best_thresholds(true, top[items["item"]].to_numpy()) if len(present) == 3 else np.nan,
        "right": (said == true).mean(),
        "said": items["probability"].mean(),
        "AP": average_precision(wrong, labels["slip_probability"]),
        "AP lone": average_precision(wrong, lone),
        "AP share": average_precision(wrong, -labels["share"]),
        "AP entropy": average_precision(wrong, entropy[labels["item"]].to_numpy()),
        "random": float(np.mean(wrong)),
    }


def simulated(runs):
    """Print one row a design."""
    print(f"{runs} seeds a row; n=600, 5 labels, k=6, m=12, slip=0.06, pair=0.15, vary=0.1 where nothing else is said")
    for at, design in enumerate(DESIGNS):
        frame = pd.DataFrame([judged(design, seed) for seed in range(runs)])
        mean, error = frame.mean(), frame["macro"].std() / np.sqrt(runs)
        if not at:
            print(f"{'':<26}" + "".join(f"{name:>11}" for name in frame) + f"{'+- macro':>10}")
        print(f"{design.named():<26}" + "".join(f"{value:>11.2f}" for value in mean) + f"{error:>10.3f}", flush=True)


def several_truths(runs):
    """Print how slips are ranked among three classes, where half the items are ambiguous and four people label 500."""
    print("\nthree classes, 4 people, 500 items: a quarter lie in one pair, a quarter vary (as in language inference)")
    rows = []
    for seed in range(runs):
        planted = Design(n=500, labels=4, m=4, k=3, pair=0.25, vary=0.25, slip=0.08).draw(seed)
        labels = triage(planted.annotations).labels
        wrong = [pair in planted.slipped for pair in zip(labels["item"], labels["label"], strict=True)]
        lone = labels["lone"] * 2.0 - labels["share"]
        by = {"AP": labels["slip_probability"], "AP lone": lone, "AP share": -labels["share"]}
        rows.append({name: average_precision(wrong, score) for name, score in by.items()} | {"random": np.mean(wrong)})
    print(pd.DataFrame(rows).mean().round(3).to_string())


def speed():
    """Print seconds for large data."""
    print("\n   items  labels an item   rounds   seconds")
    for n, labels, rounds in ((100_000, 3, 1), (100_000, 5, 1), (50_000, 3, 2)):
        data = Design(n=n, labels=labels, rounds=rounds, m=50).draw(0).annotations
        begin = time.perf_counter()
        triage(data, confusions=[(0, 1)])
        print(f"{n:>8,}{labels:>16}{rounds:>9}{time.perf_counter() - begin:>10.1f}", flush=True)


def crowd(folder):
    """Print what is found in real sets: how often the suspected label of an item differs from the truth."""
    print(f"\n{'set':<12}{'items':>7}{'disputed':>9}  causes; average precision of labels that differ from the truth")
    for file in sorted(Path(folder).glob("*.labels.csv")):
        frame = pd.read_csv(file, dtype=str)
        frame = frame.drop_duplicates(["task", "worker"])
        truth = pd.read_csv(str(file).replace(".labels.", ".truth."), dtype=str).set_index("task")["truth"]
        found = triage(Annotations.from_frame(frame, item="task", annotator="worker", label="label"))
        labels = found.labels[found.labels["item"].isin(truth.index)]
        wrong = labels["label"].to_numpy() != truth.loc[labels["item"]].to_numpy()
        lone = labels["lone"] * 2.0 - labels["share"]
        by = [labels["slip_probability"], lone, -labels["share"]]
        ap = " ".join(f"{average_precision(wrong, score):.3f}" for score in by)
        print(f"{file.name.split('.')[0]:<12}{found.n_items:>7,}{found.n_disputed:>9,}  {found.counts}; {ap}")


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--crowd")
    args = parser.parse_args()
    if args.crowd:
        crowd(args.crowd)
        return
    simulated(args.runs)
    several_truths(args.runs)
    speed()


if __name__ == "__main__":
    main()
