"""The models of the ensemble: linear, nearest neighbours, kernel, trees; each blind to the row it judges.

They are chosen to err in different ways and to cost little. Neighbours and the kernel machine leave out exactly the row
itself (or its group), so they do not depend on how rows are dealt into folds; the others are cross-validated.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from labelqa.label_issues.training.encode import Matrix
from labelqa.label_issues.training.folds import dealt, splits
from labelqa.label_issues.training.task import Classifier, Codes, Fit, Floats, Task, as_probabilities

FOLDS = 5
LEAST = 1e-3  # least probability of cross-validated models
LARGE = 5_000  # rows above which one round of folds is steady enough
MOST_WORK = 3e12  # floating-point operations a linear model may take
MOST_LEAVES = 2e7  # rows times classes that trees may hold
TREES = 100
STEPS = 100

Maker = Callable[[Task], Fit | None]


def linear(task: Task) -> Fit | None:
    """Return multinomial logistic regression; None where that many classes would take too long."""
    features = task.encoded.linear
    width = features.nnz / max(task.n, 1) if hasattr(features, "nnz") else features.shape[1]
    if 8.0 * STEPS * FOLDS * task.n * width * task.k > MOST_WORK:
        return None

    def make(seed: int) -> Classifier:
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(max_iter=STEPS, random_state=seed)

    return cross_validated(task, features, make)


def trees(task: Task) -> Fit | None:
    """Return extremely randomised trees; None for texts and embeddings, where they do not pay."""
    table = task.encoded.table
    if table is None or task.n * task.k > MOST_LEAVES:
        return None

    def make(seed: int) -> Classifier:
        from sklearn.ensemble import ExtraTreesClassifier

        return ExtraTreesClassifier(TREES, n_jobs=-1 if task.n > LARGE else None, random_state=seed)

    return cross_validated(task, table, make)


def cross_validated(task: Task, features: Matrix, make: Callable[[int], Classifier]) -> Fit:
    """Return a fit of any scikit-learn classifier by repeated, stratified, grouped folds."""

    def fit(weights: Floats, *, final: bool) -> Floats:
        repeats = task.n_repeats if final and task.n <= LARGE else 1
        rng = np.random.default_rng(task.seed)
        total, seen = np.zeros((task.n, task.k)), np.zeros(task.n)
        for _ in range(repeats):
            for held in splits(dealt(task.codes, task.groups, FOLDS, rng)):
                total[held] += _predicted(make(int(rng.integers(2**31))), features, task, (held, weights))
                seen[held] += 1
        total[seen == 0] = 1 / task.k
        return as_probabilities(total / np.maximum(seen, 1)[:, None], LEAST)

    return fit


def _predicted(model: Classifier, features: Matrix, task: Task, split: tuple[npt.NDArray[np.bool_], Floats]) -> Floats:
    """Return the probabilities (h, k) of held-out rows; classes that training lacks get none."""
    held, weights = split
    out = np.zeros((int(held.sum()), task.k))
    known = task.codes[~held]
    if (known == known[0]).all():
        out[:, known[0]] = 1.0
        return out
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="sklearn")  # an early stop of the optimiser is good enough here
        _fit(model, features[~held], known, weights[~held])
        if "n_jobs" in model.get_params():
            model.set_params(n_jobs=1)  # threads would add up predictions in the order in which they end
        out[:, np.asarray(model.classes_, dtype=np.intp)] = model.predict_proba(features[held])
    return out


def _fit(model: Classifier, features: Matrix, codes: Codes, weights: Floats) -> None:
    from sklearn.utils.validation import has_fit_parameter

    if has_fit_parameter(model, "sample_weight"):
        model.fit(features, codes, sample_weight=weights)
    else:
        model.fit(features, codes)
