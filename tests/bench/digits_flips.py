"""Are the flipped labels found? Digits with known errors, and clean sets without any.

Run: python -m tests.bench.digits_flips [--seeds 50]

scikit-learn's digits (pixels / 16): 500 random rows, 60 labels flipped, to another digit at random (uniform) or to
the one it looks like (look-alike). Printed: precision among the 60 most suspicious labels, beside cleanlab's self-
confidence on logistic regression and on neighbours (out of fold, five folds) in the same run; test accuracy of
logistic regression on the other digits before and after the top 60 are set right; overlap (Jaccard) of the top 60
under another seed of the splits; expected errors with their range. Then the same estimate on wine, breast cancer and
digits as they are, whose labels are taken to be right.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

LOOKS_LIKE = np.array([6, 7, 3, 8, 9, 6, 8, 1, 3, 4])
ROWS, FLIPS = 500, 60


def flipped_digits(seed: int, kind: str) -> tuple[np.ndarray, ...]:
    """Return features, given labels and true labels of 500 rows; features and labels of the others."""
    from sklearn.datasets import load_digits

    data = load_digits()
    rng = np.random.default_rng(seed)
    rows = rng.choice(data.target.size, ROWS, replace=False)
    wrong = rng.choice(ROWS, FLIPS, replace=False)
    truth, given = data.target[rows], data.target[rows].copy()
    given[wrong] = (
        LOOKS_LIKE[truth[wrong]] if kind == "look-alike" else (truth[wrong] + rng.integers(1, 10, FLIPS)) % 10
    )
    rest = np.setdiff1d(np.arange(data.target.size), rows)
    return data.data[rows] / 16, given, truth, data.data[rest] / 16, data.target[rest]


def peers(features: np.ndarray, given: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Return cleanlab's self-confidence of two models."""
    from cleanlab.rank import get_label_quality_scores
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    models = {"logistic": LogisticRegression(max_iter=500), "neighbours": KNeighborsClassifier(10, weights="distance")}
    return {
        name: get_label_quality_scores(
            given, np.clip(cross_val_predict(m, features, given, cv=folds, method="predict_proba"), 1e-6, 1)
        )
        for name, m in models.items()
    }


def top(quality: np.ndarray) -> np.ndarray:
    return np.argsort(quality, kind="stable")[:FLIPS]


def one(seed: int, kind: str) -> dict[str, float]:
    from sklearn.linear_model import LogisticRegression

    from labelqa.label_issues.find import find_label_issues

    features, given, truth, others, other_truth = flipped_digits(seed, kind)
    wrong = given != truth
    issues, again = (find_label_issues(given, features=features, rng=s) for s in (seed, seed + 1000))
    first, second = top(issues.quality), top(again.quality)
    reviewed = given.copy()
    reviewed[first] = truth[first]

    def accuracy(labels: np.ndarray) -> float:
        return float(LogisticRegression(max_iter=1000).fit(features, labels).score(others, other_truth))

    return {
        "precision": wrong[first].mean(),
        **{f"cleanlab {name}": wrong[top(q)].mean() for name, q in peers(features, given, seed).items()},
        "jaccard": len({*first} & {*second}) / len({*first} | {*second}),
        "test accuracy, noisy": accuracy(given),
        "test accuracy, top 60 reviewed": accuracy(reviewed),
        "expected errors": issues.expected_errors,
        "low": issues.expected_errors_low,
        "high": issues.expected_errors_high,
        "range holds 60": issues.expected_errors_low <= FLIPS <= issues.expected_errors_high,
    }


def clean_sets() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    from sklearn.datasets import load_breast_cancer, load_digits, load_wine

    for name, load in (("wine", load_wine), ("breast cancer", load_breast_cancer), ("digits", load_digits)):
        data = load()
        yield name, data.data, data.target


def main() -> None:
    from labelqa.label_issues.find import find_label_issues

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    seeds = parser.parse_args().seeds
    for kind in ("uniform", "look-alike"):
        found = [one(seed, kind) for seed in range(seeds)]
        print(f"{kind}, {seeds} seeds")
        for name in found[0]:
            values = np.array([f[name] for f in found])
            print(f"  {name:<32}{values.mean():>8.4f}  se {values.std(ddof=1) / np.sqrt(seeds):.4f}", flush=True)
    for name, features, labels in clean_sets():
        r = find_label_issues(labels, features=features)
        print(
            f"{name:<14}{labels.size:>6} rows: {r.expected_errors:.1f} errors ({r.expected_errors_low:.1f} to "
            f"{r.expected_errors_high:.1f}), {100 * r.expected_errors / labels.size:.2f} % of rows, "
            f"{int(r.flagged.sum())} flagged",
            flush=True,
        )


if __name__ == "__main__":
    main()
