"""Accuracy and calibration of every consensus method on a folder of labeled sets with true classes, beside crowd-kit's.

Run: python -m tests.bench.consensus FOLDER [--simulated 5]

FOLDER holds pairs NAME.labels.csv (columns task, worker, label) and NAME.truth.csv (task, truth): public crowdsourcing
sets, which are not part of this project. Where a worker labeled a task twice the last label counts; where a method's
best classes are tied, the true one among them earns its share. Calibration: expected calibration error in ten bins of
equal size. Wrong first: area under the ROC curve of the quality for wrong consensus labels. Simulated sets (--simulated
N draws of each shape) are there because a default made on public sets alone would be fitted to them; the constants of
auto were chosen looking at these shapes (other draws) and at nine public sets, so neither is a fresh test of it.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from labelqa.aggregation.calibration import calibration
from labelqa.aggregation.em import Setting
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.names import METHODS
from labelqa.aggregation.solve import solve
from tests.bench.consensus_shapes import SHAPES, simulated

PEERS = ("MajorityVote", "OneCoinDawidSkene", "DawidSkene", "Wawa", "ZeroBasedSkill", "GLAD", "MACE", "MMSR", "KOS")
TIE = 1e-9


@dataclass(frozen=True)
class LabeledSet:
    """One data set: labels by codes, true classes (-1: not known)."""

    name: str
    table: LabelTable
    truth: np.ndarray


@dataclass(frozen=True)
class Score:
    """What is printed of one method on one set."""

    accuracy: float
    calibration: float
    wrong_first: float


def read_folder(folder: Path) -> Iterator[LabeledSet]:
    for path in sorted(folder.glob("*.labels.csv")):
        name = path.name.removesuffix(".labels.csv")
        labels = pd.read_csv(path).drop_duplicates(["task", "worker"], keep="last")
        truth = pd.read_csv(folder / f"{name}.truth.csv").set_index("task")["truth"]
        tasks, workers = (pd.Index(sorted(labels[c].unique())) for c in ("task", "worker"))
        classes = pd.Index(sorted({*labels["label"], *truth}))
        codes = (tasks.get_indexer(labels["task"]), workers.get_indexer(labels["worker"]))
        given = classes.get_indexer(labels["label"])
        table = LabelTable.from_codes(
            *(c.astype(np.int32) for c in (*codes, given)), (len(tasks), len(workers), len(classes))
        )
        yield LabeledSet(name, table, classes.get_indexer(truth.reindex(tasks)))


def score(posterior: np.ndarray, truth: np.ndarray) -> Score:
    from sklearn.metrics import roc_auc_score

    known = truth >= 0
    shown, truth = posterior[known], truth[known]
    top = shown.max(axis=1)
    tied = shown >= (top - TIE)[:, None]
    right = tied[np.arange(truth.size), truth] / tied.sum(axis=1)
    wrong = shown.argmax(axis=1) != truth
    auc = roc_auc_score(wrong, -top) if 0 < wrong.sum() < wrong.size else np.nan
    return Score(float(right.mean()), calibration(shown, truth).expected_calibration_error, float(auc))


def ours(method: str) -> Callable[[LabelTable], np.ndarray]:
    return lambda table: solve(table, method, Setting()).posterior


def peer(name: str) -> Callable[[LabelTable], np.ndarray]:
    def run(table: LabelTable) -> np.ndarray:
        from crowdkit import aggregation

        frame = pd.DataFrame({"task": table.item, "worker": table.annotator, "label": table.label})
        model = getattr(aggregation, name)()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = model.fit_predict_proba(frame) if hasattr(model, "fit_predict_proba") else model.fit_predict(frame)
        out = np.zeros((table.n, table.k))
        if isinstance(answer, pd.DataFrame):
            out[np.ix_(answer.index, answer.columns.astype(int))] = answer.to_numpy(dtype=float)
        else:
            out[answer.index, answer.to_numpy(dtype=int)] = 1.0
        return out

    return run


def show(title: str, rows: dict[str, dict[str, float]], names: list[str]) -> None:
    print(f"\n{title}\n{'':<28}" + "".join(f"{n[:9]:>10}" for n in names) + f"{'mean':>10}")
    for method, values in rows.items():
        cells = "".join(f"{values[n]:>10.3f}" for n in names)
        print(f"{method:<28}{cells}{np.mean([values[n] for n in names]):>10.4f}")


def compare(sets: list[LabeledSet], methods: dict[str, Callable[[LabelTable], np.ndarray]]) -> None:
    found: dict[str, dict[str, Score]] = {}
    for method, run in methods.items():
        try:
            found[method] = {s.name: score(run(s.table), s.truth) for s in sets}
        except Exception as error:  # a peer may not run with the installed libraries: say so and go on
            print(f"{method}: does not run here ({type(error).__name__}: {str(error).splitlines()[0][:90]})")
    names = [s.name for s in sets]
    for title, field in (
        ("Accuracy", "accuracy"),
        ("Expected calibration error", "calibration"),
        ("Wrong labels first", "wrong_first"),
    ):
        show(title, {m: {n: getattr(v[n], field) for n in names} for m, v in found.items()}, names)
    best, votes = found["auto"], found["majority"]
    worst = max(((votes[n].accuracy - best[n].accuracy, n) for n in names), default=(0.0, ""))
    print(f"\nauto is at most {100 * worst[0]:.1f} points below majority ({worst[1]})")


def means(sets: list[LabeledSet], shapes: list[str], methods: dict[str, Callable[[LabelTable], np.ndarray]]) -> None:
    for title, field in (("Accuracy, simulated", "accuracy"), ("Expected calibration error, simulated", "calibration")):
        rows = {}
        for method, run in methods.items():
            values = [(s.name, getattr(score(run(s.table), s.truth), field)) for s in sets]
            rows[method] = {shape: float(np.mean([v for n, v in values if n == shape])) for shape in shapes}
        show(title, rows, shapes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--simulated", type=int, default=0, metavar="N")
    chosen = parser.parse_args()
    own = {m: ours(m) for m in METHODS}
    if chosen.folder:
        sets = list(read_folder(chosen.folder))
        compare(sets, {**own, **{f"crowd-kit {p}": peer(p) for p in PEERS}})
    if chosen.simulated:
        drawn = [LabeledSet(n, *simulated(n, seed)) for n in SHAPES for seed in range(chosen.simulated)]
        means(drawn, list(SHAPES), own)


if __name__ == "__main__":
    main()
