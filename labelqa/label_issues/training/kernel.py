"""The kernel machine: least squares on a Gaussian kernel, the judged row (or its group) left out exactly.

For least squares the fit without a row follows from the fit with it (Cook & Weisberg 1982, eq. 2.2.8), so nothing is
fitted again and nothing depends on how rows are dealt into folds. All sums run over blocks of rows, so beside the
kernel features themselves little memory is needed.

References
----------
Cook, R. & Weisberg, S. (1982). Residuals and Influence in Regression. Chapman & Hall. Williams, C. & Seeger, M. (2001).
Using the Nystroem method to speed up kernel machines. NeurIPS 13.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.label_issues.training.folds import dealt, splits
from labelqa.label_issues.training.task import Codes, Fit, Floats, Task, as_probabilities

LANDMARKS = 1_000
GROUP_FOLDS = 20
PENALTIES = (0.3, 1.0, 3.0, 10.0)
LEAST = 0.01  # least probability: least squares says 0 and 1 too easily
BLOCK = 4_096
LEVEL = 10.0  # of the constant feature: large, so that the level is hardly held down by the penalty
TINY = 1e-12

Rows = npt.NDArray[np.intp] | slice


@dataclass(frozen=True, slots=True, eq=False)
class _Weighted:
    """Kernel features (n, p), indicators (n, k) and weights (n,) of a least-squares fit."""

    features: Floats
    targets: Floats
    weights: Floats

    def sums(self, rows: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Return the weighted products of features with themselves (p, p) and with targets (p, k)."""
        width = self.features.shape[1]
        gram, moments = np.zeros((width, width)), np.zeros((width, self.targets.shape[1]))
        for part in _blocks(rows):
            own = self.features[part].astype(np.float64)
            weighed = own * self.weights[part, None]
            gram += weighed.T @ own
            moments += weighed.T @ self.targets[part]
        return gram, moments

    def without_each_row(self) -> list[Floats]:
        """Return for every penalty what the fit without the row says of each row, (n, k)."""
        every = np.arange(len(self.weights))
        gram, moments = self.sums(every)
        values, vectors = np.linalg.eigh(gram)
        projected = vectors.T @ moments
        out = [np.empty(self.targets.shape) for _ in PENALTIES]
        for part in _blocks(every):
            turned = self.features[part].astype(np.float64) @ vectors
            for said, shrink in zip(out, _shrinkage(values), strict=True):
                leverage = np.minimum(self.weights[part] * (turned**2 @ shrink), 1 - 1e-9)[:, None]
                said[part] = (turned @ (shrink[:, None] * projected) - leverage * self.targets[part]) / (1 - leverage)
        return out

    def without_each_fold(self, fold: Codes) -> list[Floats]:
        """Return the same where rows are left out fold by fold."""
        gram, moments = self.sums(np.arange(len(self.weights)))
        out = [np.zeros(self.targets.shape) for _ in PENALTIES]
        for held in splits(fold):
            rows = np.flatnonzero(held)
            own_gram, own_moments = self.sums(rows)
            values, vectors = np.linalg.eigh(gram - own_gram)
            projected = vectors.T @ (moments - own_moments)
            for part in _blocks(rows):
                turned = self.features[part].astype(np.float64) @ vectors
                for said, shrink in zip(out, _shrinkage(values), strict=True):
                    said[part] = turned @ (shrink[:, None] * projected)
        return out


def kernel(task: Task, points: Floats) -> Fit:
    """Return least-squares regression of class indicators on a Gaussian kernel.

    Above 1,000 rows the kernel is approximated by as many landmarks (Nystroem). The penalty is the largest whose error
    on left-out labels is within one standard error of the best: labels are noisy.
    """
    features = _landmarked(points, task.seed)
    indicators = task.indicators
    fold = None
    if task.groups is not None:
        fold = dealt(task.codes, task.groups, GROUP_FOLDS, np.random.default_rng(task.seed))

    def fit(weights: Floats, *, final: bool) -> Floats:
        del final  # nothing here is repeated
        fitted = _Weighted(features, indicators, weights)
        guesses = fitted.without_each_row() if fold is None else fitted.without_each_fold(fold)
        return as_probabilities(guesses[_steadiest(guesses, indicators, weights)], LEAST)

    return fit


def _blocks(rows: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
    return (rows[start : start + BLOCK] for start in range(0, rows.size, BLOCK))


def _shrinkage(values: Floats) -> list[Floats]:
    return [1.0 / (np.maximum(values, 0.0) + penalty) for penalty in PENALTIES]


def _landmarked(points: Floats, seed: int) -> Floats:
    """Return kernel features (n, p), the last one constant; the width of the kernel is the middle distance of rows."""
    from sklearn.kernel_approximation import Nystroem
    from sklearn.metrics.pairwise import euclidean_distances

    n = len(points)
    rng = np.random.default_rng(seed)
    some = points[np.sort(rng.choice(n, LANDMARKS, replace=False))] if n > LANDMARKS else points
    squared = euclidean_distances(some.astype(np.float64), squared=True)
    middle = float(np.median(squared[squared > 0])) if (squared > 0).any() else 1.0
    made = Nystroem(gamma=2.0 / middle, n_components=len(some), random_state=seed).fit(some.astype(np.float64))
    out = np.full((n, len(some) + 1), LEVEL, dtype=np.float64 if n <= LANDMARKS else np.float32)
    for part in _blocks(np.arange(n)):
        out[part, :-1] = made.transform(points[part].astype(np.float64))
    return out


def _steadiest(guesses: list[Floats], indicators: Floats, weights: Floats) -> int:
    """Return the place of the largest penalty within one standard error of the best."""
    errors = [weights * ((guess - indicators) ** 2).sum(axis=1) for guess in guesses]
    best = errors[int(np.argmin([e.mean() for e in errors]))]
    behind = [e - best for e in errors]
    fine = [j for j, b in enumerate(behind) if b.mean() <= b.std() / np.sqrt(b.size) + TINY]
    return max(fine)
