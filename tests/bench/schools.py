"""Schools of annotators: how often they are found where there are some, and where there are none.

Data: 20 annotators, 150 items with 6 labels each. `alike`: 12 % errors, no schools; `uneven`: accuracies between .60
and .95; `spammers`: three annotators guess; `adverse`: two are right in 20 %; `planted`: 12 % errors, and 6 of the 20
annotators read 25 % (or 15 %) of the items as another class. Columns: share of runs in which schools were found at the
level of 5 %, with labels dealt evenly among the annotators of an item (`plain`) and as likely as accuracies make it
(`accurate`, what :func:`labelqa.annotator_schools` does), and the adjusted Rand index of the groups, 0 where none were
found.

Run: python -m tests.bench.schools --runs 400 (about ten minutes)
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from labelqa.aggregation.annotators.overlap import Overlap, top_vector
from labelqa.aggregation.annotators.schools import annotator_schools
from labelqa.aggregation.annotators.shuffling import deals
from labelqa.aggregation.labeltable import LabelTable
from labelqa.annotations.table import Annotations


@dataclass(frozen=True)
class Case:
    """A kind of data set."""

    name: str
    k: int = 2
    minority: int = 0
    share: float = 0.25
    m: int = 20
    n: int = 150
    per_item: int = 6

    def accuracy(self, rng):
        """Draw how often each annotator gives the class that their school reads, (m,)."""
        out = np.full(self.m, 0.88)
        if self.name == "uneven":
            out = rng.uniform(0.6, 0.95, self.m)
        if self.name == "spammers":
            out[-3:] = 1 / self.k
        if self.name == "adverse":
            out[-2:] = 0.2
        return out

    def draw(self, seed):
        """Return annotations; the first `minority` annotators read items the other way."""
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, self.k, self.n)
        other = (truth + rng.integers(1, self.k, self.n)) % self.k
        doubtful = rng.random(self.n) < self.share
        who = np.argsort(rng.random((self.n, self.m)), axis=1)[:, : self.per_item].ravel()
        item = np.repeat(np.arange(self.n), self.per_item)
        read = np.where((who < self.minority) & doubtful[item], other[item], truth[item])
        wrong = rng.random(item.size) >= self.accuracy(rng)[who]
        label = np.where(wrong, (read + rng.integers(1, self.k, item.size)) % self.k, read)
        frame = pd.DataFrame({"item": item, "annotator": who, "label": label})
        return Annotations.from_frame(frame, item="item", annotator="annotator", label="label")

    def belongs(self, result):
        """Return the true group of each annotator, in the order of the result."""
        return result.members["annotator"].astype(int).to_numpy() < self.minority


CASES = (
    *(Case(name, k=k) for name in ("alike", "uneven", "spammers", "adverse") for k in (2, 3)),
    *(Case("planted", k=k, minority=6, share=s) for k in (2, 3) for s in (0.25, 0.15)),
)


def adjusted_rand(a, b):
    """Return the adjusted Rand index of two groupings (Hubert & Arabie 1985)."""
    table = pd.crosstab(np.asarray(a), np.asarray(b)).to_numpy()

    def pairs(x):
        return (x * (x - 1) / 2).sum()

    rows, columns, n = pairs(table.sum(axis=1)), pairs(table.sum(axis=0)), table.sum()
    expected = rows * columns / (n * (n - 1) / 2)
    most = (rows + columns) / 2
    return float((pairs(table) - expected) / (most - expected)) if most > expected else 0.0


def rates(case, runs, n_permutations=199):
    """Return the share of runs in which schools are found and the mean adjusted Rand index."""
    found, alike = [], []
    for run in range(runs):
        result = annotator_schools(case.draw(run), n_permutations=n_permutations, rng=run)
        found.append(result.found)
        same = adjusted_rand(case.belongs(result), result.members["school"]) if result.found else 0.0
        alike.append(same if case.minority else np.nan)
    return float(np.mean(found)), float(np.mean(alike))


def plain_rate(case, runs, n_permutations=199):
    """Return the share of runs in which plain permutation within items finds schools."""
    found = []
    for run in range(runs):
        annotations = case.draw(run)
        overlap = Overlap.of(LabelTable.of(annotations), annotations.schema)
        value = top_vector(overlap.similarity())[0]
        even, wrong = np.zeros(overlap.item.size), np.zeros(overlap.item.size, dtype=bool)
        dealt = deals(overlap.item, wrong, even, n_permutations, np.random.default_rng(run))
        as_far = sum(top_vector(overlap.similarity(source))[0] >= value for source in dealt)
        found.append((1 + as_far) / (1 + n_permutations) <= 0.05)
    return float(np.mean(found))


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    runs = parser.parse_args().runs
    print(f"{runs:,} runs a row; Monte-Carlo error of a share at most {0.5 / runs**0.5:.1%}")
    print(f"{'data':<10}{'k':>3}{'items read otherwise':>22}{'plain':>9}{'accurate':>10}{'adj. Rand':>11}")
    for case in CASES:
        plain = plain_rate(case, runs)
        share, alike = rates(case, runs)
        planted = f"{case.share:.0%}" if case.minority else "-"
        index = f"{alike:.2f}" if case.minority else "-"
        print(f"{case.name:<10}{case.k:>3}{planted:>22}{plain:>9.1%}{share:>10.1%}{index:>11}", flush=True)
    print("\nannotators  items  labels an item   seconds")
    for m, n, r in ((20, 150, 6), (100, 2000, 20), (300, 5000, 10), (1000, 10_000, 5)):
        data = Case("planted", k=3, minority=m // 3, m=m, n=n, per_item=r).draw(0)
        begin = time.perf_counter()
        annotator_schools(data)
        print(f"{m:>10}{n:>7,}{r:>16}{time.perf_counter() - begin:>10.1f}", flush=True)


if __name__ == "__main__":
    main()
