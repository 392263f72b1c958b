"""Label errors that people verified: how well a quality ranks them, beside cleanlab's scores in the same run.

Run: python -m tests.bench.label_errors FOLDER

FOLDER holds, for each set, NAME.npz (pred_probs (n, k) out of sample, labels (n,)) and NAME_mturk.csv (a verdict of
five people on each candidate: mt_given of them say that the given label is right; the row is in id or, where there is
one, idx), as in github.com/cleanlab/label-errors. A candidate is an error if fewer than three say so. Printed per
set: area under the ROC curve and average precision among the candidates, with the bootstrap standard error of the
difference to the best of cleanlab's single scores (by the mean over the sets); then, on digits with flipped labels
(three models' out-of-fold probabilities, 20 seeds), ours on the list of models beside cleanlab's ensemble score.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from tests.bench.digits_flips import flipped_digits, top

METHODS = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")
Figures = dict[str, tuple[float, float]]


def load(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return probabilities, labels, rows of candidates and whether each is an error."""
    held = np.load(folder / f"{name}.npz", allow_pickle=False)
    verdicts = pd.read_csv(folder / f"{name}_mturk.csv")
    rows = verdicts["idx" if "idx" in verdicts else "id"].to_numpy()
    return held["pred_probs"], held["labels"].astype(int), rows, (verdicts["mt_given"] < 3).to_numpy()


def figures(error: np.ndarray, quality: np.ndarray) -> np.ndarray:
    from sklearn.metrics import average_precision_score, roc_auc_score

    return np.array([roc_auc_score(error, -quality), average_precision_score(error, -quality)])


def bootstrapped(error: np.ndarray, mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return standard errors of the difference of both figures."""
    rng = np.random.default_rng(0)
    drawn = []
    while len(drawn) < 300:
        rows = rng.integers(0, error.size, error.size)
        if 0 < error[rows].sum() < error.size:
            drawn.append(figures(error[rows], mine[rows]) - figures(error[rows], theirs[rows]))
    return np.std(drawn, axis=0)


def verified(folder: Path) -> None:
    from cleanlab.rank import get_label_quality_scores

    from labelqa.label_issues.find import find_label_issues

    names = sorted(path.stem for path in folder.glob("*.npz"))
    scores: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for name in names:
        values, labels, rows, error = load(folder, name)
        given = values.astype(float) / values.sum(axis=1, keepdims=True)
        for method in METHODS:
            quality = get_label_quality_scores(labels, given, method=method)
            scores.setdefault(method, []).append((error, quality[rows]))
        scores.setdefault("labelqa", []).append((error, find_label_issues(labels, pred_probs=values).quality[rows]))
    table = {name: np.array([figures(*pair) for pair in pairs]) for name, pairs in scores.items()}
    print(f"{'':<30}{'mean':>14}" + "".join(f"{n:>16}" for n in names))
    for name, values in table.items():
        cells = [values.mean(axis=0), *values]
        print(f"{name:<30}" + "".join(f"   {auroc:.4f} {ap:.4f}" for auroc, ap in cells))
    for j, what in enumerate(("AUROC", "average precision")):
        best = max(METHODS, key=lambda m, j=j: table[m][:, j].mean())
        gap = [
            (mine[1] - theirs[1], bootstrapped(error, q, r)[j])
            for (mine, theirs), ((error, q), (_, r)) in zip(
                [((0, a[j]), (0, b[j])) for a, b in zip(table["labelqa"], table[best], strict=True)],
                zip(scores["labelqa"], scores[best], strict=True),
                strict=True,
            )
        ]
        print(
            f"{what} against {best}: "
            + ", ".join(f"{n} {g:+.4f} (se {s:.4f})" for n, (g, s) in zip(names, gap, strict=True))
        )


def out_of_fold(features: np.ndarray, given: np.ndarray, seed: int) -> list[np.ndarray]:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    made: list[Callable[[], object]] = [
        lambda: LogisticRegression(max_iter=500),
        lambda: KNeighborsClassifier(10, weights="distance"),
        lambda: RandomForestClassifier(100, random_state=seed),
    ]
    return [cross_val_predict(m(), features, given, cv=folds, method="predict_proba") for m in made]


def several(seeds: int) -> None:
    from cleanlab.rank import get_label_quality_ensemble_scores

    from labelqa.label_issues.find import find_label_issues

    for kind in ("uniform", "look-alike"):
        found = []
        for seed in range(seeds):
            features, given, truth, _, _ = flipped_digits(seed, kind)
            wrong, models = given != truth, out_of_fold(features, given, seed)
            peer = get_label_quality_ensemble_scores(given, [np.clip(m, 1e-6, 1) for m in models], verbose=False)
            theirs = np.asarray(peer)
            mine = find_label_issues(given, pred_probs=models).quality
            found.append(
                [wrong[top(mine)].mean(), wrong[top(theirs)].mean(), *figures(wrong, mine), *figures(wrong, theirs)]
            )
        mean = np.mean(found, axis=0)
        print(
            f"three models, digits {kind}: precision at 60 {mean[0]:.4f} (cleanlab's ensemble {mean[1]:.4f}), ", end=""
        )
        print(f"AUROC {mean[2]:.4f} ({mean[4]:.4f}), average precision {mean[3]:.4f} ({mean[5]:.4f})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=20)
    chosen = parser.parse_args()
    verified(chosen.folder)
    several(chosen.seeds)


if __name__ == "__main__":
    main()
