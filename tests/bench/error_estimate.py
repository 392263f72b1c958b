"""How often the 95 % interval of the number of wrong labels holds it, and how wide it is.

Populations of 200 to 1,000,000 labels with .2 % to 40 % errors, in which quality tells errors apart in several ways:
`none`: not at all; `flat`: every label has the same quality; `all`: completely; `some`: mostly; `hidden`: half of the
errors look like the best labels; `sure`: the model is as good as certain of all but the worst, rightly or not.
A population is drawn once; a run draws a sample from it anew, in the way of :meth:`labelqa.LabelIssues.review_sample`.

Compared is a simple random sample of the same size with Wilson's interval (which does not know that the population is
finite). `rate`: mean estimate over truth.

With ``--folder FOLDER``: sets of ``NAME.npz`` (pred_probs, labels) and ``NAME_mturk.csv`` (id or idx, mt_given). The
labels that people checked are the population; wrong are those with fewer than 3 of 5 votes for the given label.

Run: python -m tests.bench.error_estimate --runs 2000
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from labelqa.label_issues.estimate import estimate_label_errors
from labelqa.label_issues.find import find_label_issues
from labelqa.label_issues.sample import quality_strata
from labelqa.label_issues.stratified import Strata

NORMAL = 1.959964
KINDS = {
    "none": lambda wrong, rng: rng.beta(8, 1, wrong.size),
    "flat": lambda wrong, rng: np.full(wrong.size, 0.95),
    "all": lambda wrong, rng: np.where(wrong, rng.beta(1, 20, wrong.size), rng.beta(20, 1, wrong.size)),
    "some": lambda wrong, rng: np.where(wrong, rng.beta(1.5, 2, wrong.size), rng.beta(20, 1, wrong.size)),
    "hidden": lambda wrong, rng: np.where(
        wrong & (rng.random(wrong.size) < 0.5), rng.beta(1, 8, wrong.size), rng.beta(40, 1, wrong.size)
    ),
    "sure": lambda wrong, rng: np.where(wrong, rng.beta(0.3, 0.3, wrong.size), 1 - 1e-9 * rng.random(wrong.size)),
}
SIZES = (200, 500, 10_000, 1_000_000)
RATES = (0.002, 0.01, 0.02, 0.12, 0.4)


@dataclass(frozen=True)
class Population:
    """Labels of known quality and truth, by stratum."""

    size: np.ndarray
    wrong: np.ndarray

    @classmethod
    def of(cls, quality, wrong):
        """Sort labels into strata."""
        strata = quality_strata(quality)
        return cls(np.bincount(strata), np.bincount(strata, weights=wrong).astype(np.int64))

    def allocation(self, n, rng):
        """Return how many of the first `n` labels of a sample are of each stratum."""
        turns = np.arange(n + 1)
        drawn = np.minimum(turns[:, None], self.size).sum(axis=1)
        out = np.minimum(turns[drawn <= n][-1], self.size)
        open_ones = np.flatnonzero(self.size > out)
        out[rng.permutation(open_ones)[: n - out.sum()]] += 1
        return out

    def sample(self, n, rng):
        """Draw a sample with its verdicts."""
        judged = self.allocation(n, rng)
        wrong = rng.hypergeometric(self.wrong, self.size - self.wrong, judged)
        chosen = np.zeros(judged.size, dtype=bool)
        return Strata(size=self.size, judged=judged, wrong=wrong, chosen=chosen)


def population(n, rate, kind, rng):
    """Draw labels."""
    wrong = np.zeros(n, dtype=bool)
    wrong[rng.permutation(n)[: max(round(n * rate), 1)]] = True
    return Population.of(KINDS[kind](wrong, rng), wrong)


def wilson(found, judged, n):
    """Return Wilson's limits of a number of errors."""
    p, z = found / judged, NORMAL**2 / judged
    half = np.sqrt(z * p * (1 - p) + z**2 / 4) / (1 + z)
    middle = (p + z / 2) / (1 + z)
    return n * (middle - half), n * (middle + half)


def coverage(people, verdicts, runs, rng):
    """Return coverage and mean width (share of the labels) of both, and the mean estimate over truth."""
    n, truth = int(people.size.sum()), int(people.wrong.sum())
    known, rows = {}, []
    for _ in range(runs):
        drawn = people.sample(min(verdicts, n), rng)
        key = (drawn.judged.tobytes(), drawn.wrong.tobytes())
        low, high = known[key] if key in known else known.setdefault(key, drawn.limits())
        simple = wilson(rng.hypergeometric(truth, n - truth, min(verdicts, n)), min(verdicts, n), n)
        held = low - 1e-6 <= truth <= high + 1e-6, simple[0] <= truth <= simple[1]
        rows.append((*held, (high - low) / n, (simple[1] - simple[0]) / n, drawn.total / truth))
    return np.mean(rows, axis=0)


def simulate(runs, verdicts):
    """Print the table of populations."""
    print(f"{runs:,} runs a row, {verdicts} verdicts each; stratified | simple random sample with Wilson's interval")
    left = f"{'n':>9}{'errors':>9}{'kind':>8}{'covers':>9}{'width':>8}{'rate':>7}"
    print(f"{left} |{'covers':>7}{'width':>8}{'ratio':>7}")
    rng = np.random.default_rng(0)
    least, ratios = 1.0, []
    for n, rate, kind in ((n, rate, kind) for n in SIZES for rate in RATES for kind in KINDS if n * rate >= 1):
        held, other, width, wide, mean = coverage(population(n, rate, kind, rng), verdicts, runs, rng)
        least, ratios = min(least, held), [*ratios, width / wide]
        head = f"{n:>9,}{rate:>9.1%}{kind:>8}{held:>9.3f}{width:>8.4f}{mean:>7.2f}"
        print(f"{head} |{other:>7.3f}{wide:>8.4f}{width / wide:>7.2f}", flush=True)
    print(f"least coverage {least:.3f}; width over simple random sampling: median {np.median(ratios):.2f}")


def checked(folder, name):
    """Return given labels, probabilities and truth of the labels that people checked."""
    stored = np.load(folder / f"{name}.npz")
    votes = pd.read_csv(folder / f"{name}_mturk.csv")
    rows = votes["idx" if "idx" in votes else "id"].to_numpy()
    return (
        stored["labels"][rows].astype(int),
        stored["pred_probs"][rows].astype(float),
        votes["mt_given"].to_numpy() < 3,
    )


def recover(folder, runs):
    """Print the table of sets."""
    print(f"{runs:,} runs a row; verdicts: 100, or half of the checked labels where fewer")
    print(f"{'set':>9}{'checked':>9}{'wrong':>7}{'verdicts':>9}{'covers':>8}{'mean':>8}{'width':>7}{'Wilson':>8}")
    for file in sorted(folder.glob("*.npz")):
        given, probabilities, wrong = checked(folder, file.stem)
        probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
        issues = find_label_issues(given, pred_probs=probabilities, classes=range(probabilities.shape[1]))
        n, seen = given.size, min(100, given.size // 2)
        words = np.where(wrong, "wrong", "right")
        found = []
        for run in range(runs):
            sample = issues.review_sample(seen, rng=run)
            verdicts = dict(zip(sample.frame["item"], words[sample.rows], strict=True))
            found.append(estimate_label_errors(issues, verdicts, sample=sample))
        held = np.mean([f.low <= wrong.sum() <= f.high for f in found])
        width, mean = np.mean([f.high - f.low for f in found]) / n, np.mean([f.errors for f in found])
        wide = np.diff(wilson(seen * wrong.mean(), seen, 1))[0]
        print(
            f"{file.stem:>9}{n:>9,}{wrong.sum():>7,}{seen:>9}{held:>8.3f}{mean:>8.1f}{width:>7.3f}{wide:>8.3f}",
            flush=True,
        )


def main():
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--verdicts", type=int, default=100)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.folder:
        recover(asked.folder, asked.runs)
    else:
        simulate(asked.runs, asked.verdicts)


if __name__ == "__main__":
    main()
