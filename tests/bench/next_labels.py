"""Replay of real crowd sets: which items get the next label, and how fast does the consensus become right?

Every set starts with the first `--start` labels of each item in random order. At each step `--steps`-th part of the
remaining labels is revealed, for the items that a rule puts first: ``next_labels``, ``least agreement`` (smallest share
of the most frequent label, then fewest labels, ties at random) or ``random``. The labels of an item come in the same
random order under every rule, whoever gave them; of duplicates of item and annotator the last is kept. Printed is the
mean accuracy of the default consensus over all steps (the area under the accuracy curve), averaged over `--seeds`.

Data: a folder with ``NAME.labels.csv`` (task, worker, label) and ``NAME.truth.csv`` (task, truth), for example the sets
of github.com/yuan-li/truth-inference-at-scale. Run ``python -m tests.bench.next_labels FOLDER``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.consensus import consensus
from labelqa.aggregation.next_choice import next_labels
from labelqa.aggregation.result import ConsensusResult
from labelqa.annotations.table import Annotations

Floats = npt.NDArray[np.float64]
Rule = Callable[[Annotations, ConsensusResult, np.random.Generator], npt.NDArray[np.int64]]


def by_next_labels(annotations: Annotations, found: ConsensusResult, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Items in the order of next_labels; an item may come several times."""
    frame = next_labels(annotations, 3 * annotations.n_items, consensus=found).to_frame()
    return annotations.items.get_indexer(pd.Index(frame["item"])).astype(np.int64)


def by_agreement(annotations: Annotations, found: ConsensusResult, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Items by the share of their most frequent label."""
    counts = annotations.counts
    n = counts.sum(axis=1)
    return np.lexsort((rng.random(len(n)), n, counts.max(axis=1) / np.maximum(n, 1)))


def by_chance(annotations: Annotations, found: ConsensusResult, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Items in random order."""
    return rng.permutation(annotations.n_items)


RULES: dict[str, Rule] = {"next_labels": by_next_labels, "least agreement": by_agreement, "random": by_chance}


def replay(labels: pd.DataFrame, truth: pd.Series, rule: Rule, options: tuple[int, int, int]) -> Floats:
    """Return the accuracy of the consensus at every step; `options` are start, steps and seed."""
    start, steps, seed = options
    rng = np.random.default_rng(seed)
    shuffled = labels.iloc[rng.permutation(len(labels))]
    turn = shuffled.groupby("task").cumcount().to_numpy()
    whole = Annotations.from_frame(shuffled, item="task", annotator="worker", label="label")
    true = whole.schema.classes
    gold = np.array([true.index(v) if v in true else -1 for v in truth.reindex(whole.items)])
    total = np.bincount(whole.item, minlength=whole.n_items)
    shown = np.minimum(total, start)
    step = max(1, -(-int((total - shown).sum()) // steps))
    out = []
    while True:
        now = whole.take(np.flatnonzero(turn < shown[whole.item]))
        found = consensus(now)
        out.append(float((found.codes == gold)[gold >= 0].mean()))
        if (shown >= total).all():
            return np.asarray(out)
        _reveal(shown, total, rule(now, found, rng), step)


def _reveal(
    shown: npt.NDArray[np.int64], total: npt.NDArray[np.int64], order: npt.NDArray[np.int64], step: int
) -> None:
    """Reveal up to `step` labels in `order`, in place; what the order leaves over goes to the items in their order."""
    left = step
    while left and (shown < total).any():
        for item in order.tolist():
            if left and shown[item] < total[item]:
                shown[item] += 1
                left -= 1


def read(folder: Path, name: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return labels and true classes of one set."""
    labels = pd.read_csv(folder / f"{name}.labels.csv").drop_duplicates(["task", "worker"], keep="last")
    truth = pd.read_csv(folder / f"{name}.truth.csv").drop_duplicates("task").set_index("task")["truth"]
    return labels.reset_index(drop=True), truth


def main() -> None:
    """Print one row a set: the area under the accuracy curve by rule."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="*", help="names of the sets; all by default")
    parser.add_argument("--start", type=int, default=2, help="labels an item at the start")
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--seeds", type=int, default=2)
    args = parser.parse_args()
    names = args.sets or sorted(p.name.removesuffix(".labels.csv") for p in args.folder.glob("*.labels.csv"))
    rows = []
    for name in names:
        labels, truth = read(args.folder, name)
        row: dict[str, object] = {"set": name}
        for title, rule in RULES.items():
            curves = [replay(labels, truth, rule, (args.start, args.steps, s)) for s in range(args.seeds)]
            row[title] = np.mean([c[:-1].mean() for c in curves])
        row |= {"at the start": np.mean([c[0] for c in curves]), "with all": np.mean([c[-1] for c in curves])}
        rows.append(row)
        print(pd.DataFrame([row]).round(4).to_string(index=False, header=len(rows) == 1), flush=True)
    frame = pd.DataFrame(rows)
    print("mean " + "  ".join(f"{c} {frame[c].mean():.4f}" for c in frame.columns[1:]))


if __name__ == "__main__":
    main()
