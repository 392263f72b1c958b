"""How often 95 % intervals of annotators' accuracy hold the accuracy that they really have.

Data, drawn anew for each run: 20 annotators with accuracies between .55 and .95 and 3 to 5 labels an item, from six
populations. `coin`: one accuracy an annotator; `adverse`: three of them are right in only .05 to .30; `confusion`: a
confusion of their own each (Dawid-Skene); `pair`: everybody mixes up two of the classes, 1.6 times the errors there;
`hard`: 20 % of the items pull everybody towards one wrong class with probability .4, so errors depend on each other.
Judged are annotators with 20 labels or more. Two truths: `real`, the share of the annotator's labels that are right
against the true classes, which nobody sees; `rate`, the probability behind it.

Methods: `full` posterior (each label vouches for itself) and `others` (posterior of the other labels), both as Beta
posteriors of soft hits; `corrected`: likelihood that allows for errors of the others; `jackknife`: the same, widened by
the movement under leaving out the items part by part, which is what :func:`labelqa.annotator_quality` does.

Run: python -m tests.bench.annotator_intervals --runs 2000
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd

from labelqa.aggregation.annotators.quality import AGAIN, REFRESH
from labelqa.aggregation.em import Setting
from labelqa.aggregation.judging import judged, parts_of, spread
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.solve import solve

METHODS = ("full", "others", "corrected", "jackknife")
LEVEL = 0.95


@dataclass(frozen=True)
class Population:
    """Annotators of one kind."""

    kind: str
    n: int = 120
    k: int = 3
    per_item: int = 4
    m: int = 20

    def confusions(self, rng):
        """Draw confusions (m, k, k)."""
        accuracy = rng.uniform(0.55, 0.95, self.m)
        if self.kind == "adverse":
            accuracy[:3] = rng.uniform(0.05, 0.30, 3)
        out = np.empty((self.m, self.k, self.k))
        for g in range(self.m):
            for c in range(self.k):
                out[g, c] = self._row(accuracy[g], c, rng)
        return out

    def _row(self, accuracy, c, rng):
        others = np.full(self.k - 1, 1 / (self.k - 1))
        if self.kind == "confusion":
            accuracy = np.clip(rng.beta(8 * accuracy, 8 * (1 - accuracy)), 0.02, 0.98)
            others = rng.dirichlet(np.ones(self.k - 1))
        elif self.kind == "pair" and c < 2:
            accuracy = 1 - min(0.45, 1.6 * (1 - accuracy))
            others = np.full(self.k - 1, 0.1 / max(self.k - 2, 1))
            others[0] = 0.9 if self.k > 2 else 1.0
        return np.insert((1 - accuracy) * others, c, accuracy)

    def draw(self, rng):
        """Return labels, true classes (n,) and rates (m,)."""
        shares = rng.dirichlet(np.full(self.k, 8.0))
        truth = rng.choice(self.k, size=self.n, p=shares)
        confusion = self.confusions(rng)
        rate = np.einsum("c,gcc->g", shares, confusion)
        who = np.argsort(rng.random((self.n, self.m)), axis=1)[:, : self.per_item].ravel()
        item = np.repeat(np.arange(self.n), self.per_item)
        chances = confusion[who, truth[item]]
        if self.kind == "hard":
            pull = (truth + 1 + rng.integers(0, self.k - 1, self.n)) % self.k
            rows = np.flatnonzero((rng.random(self.n) < 0.2)[item])
            chances[rows] *= 0.6
            chances[rows, pull[item][rows]] += 0.4
            rate = rate * (0.8 + 0.2 * 0.6)
        label = (chances.cumsum(axis=1) < rng.random((item.size, 1))).sum(axis=1).clip(0, self.k - 1)
        codes = (a.astype(np.int32) for a in (item, who, label))
        return LabelTable.from_codes(*codes, (self.n, self.m, self.k)), truth, rate


POPULATIONS = (
    *(Population("coin", k=k, per_item=r) for k, r in ((2, 3), (2, 5), (4, 4))),
    Population("adverse", k=2),
    *(Population("confusion", k=k, per_item=r) for k, r in ((2, 3), (3, 4), (5, 5))),
    *(Population("pair", k=k) for k in (2, 4)),
    *(Population("hard", k=k, per_item=r) for k, r in ((2, 3), (3, 4))),
    Population("confusion", n=1200),
    Population("hard", n=1200),
)


def beta_limits(table, right):
    """Return the Beta posterior of soft hits."""
    from scipy.special import betaincinv

    n = table.labels_per_annotator
    hits = np.bincount(table.annotator, weights=right, minlength=table.m)
    return tuple(betaincinv(hits + 1, n - hits + 1, q) for q in (0.5 - LEVEL / 2, 0.5 + LEVEL / 2))


def intervals(table, methods=METHODS):
    """Return low and high (m,) by method."""
    how = Setting()
    found = judged(table, solve(table, "auto", how).posterior, how, REFRESH)
    likelihood = found.likelihood(table)
    out = {
        "full": beta_limits(table, found.posterior[table.item, table.label]),
        "others": beta_limits(table, np.nan_to_num(found.right)),
        "corrected": likelihood.limits(LEVEL)[1:],
    }
    if "jackknife" in methods:
        error = spread(table, found, how, parts_of(pd.RangeIndex(table.n), table.r), AGAIN)
        out["jackknife"] = likelihood.limits(LEVEL, np.maximum(error / likelihood.moments()[1], 1))[1:]
    return {name: out[name] for name in methods}


def coverage(population, runs, seed=0, methods=METHODS):
    """Return, by method, coverage of `real`, of `rate`, and mean width; and the number of intervals."""
    rng = np.random.default_rng(seed)
    seen = {name: [] for name in methods}
    for _ in range(runs):
        table, truth, rate = population.draw(rng)
        n = table.labels_per_annotator
        hits = np.bincount(table.annotator, weights=table.label == truth[table.item], minlength=table.m)
        real, use = hits / np.maximum(n, 1), n >= 20
        for name, (low, high) in intervals(table, methods).items():
            cells = (low <= real) & (real <= high), (low <= rate) & (rate <= high), high - low
            seen[name].append(np.stack(cells)[:, use])
    joined = {name: np.concatenate(cells, axis=1) for name, cells in seen.items()}
    return {name: cells.mean(axis=1) for name, cells in joined.items()}, joined[methods[0]].shape[1]


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    runs = parser.parse_args().runs
    print(f"{runs:,} runs a row (a tenth of that with 1,200 items); each cell: covers real / rate, mean width")
    print(f"{'population':<12}{'n':>5}{'k':>3}{'r':>3}{'intervals':>10}" + "".join(f"{name:>19}" for name in METHODS))
    for population in POPULATIONS:
        found, n = coverage(population, runs if population.n < 1000 else max(runs // 10, 1))
        cells = "".join(f"{a:>7.3f} /{b:>5.3f}{w:>6.2f}" for a, b, w in found.values())
        head = f"{population.kind:<12}{population.n:>5}{population.k:>3}{population.per_item:>3}{n:>10,}"
        print(head + cells, flush=True)


if __name__ == "__main__":
    main()
