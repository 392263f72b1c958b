"""Models that measure distances: nearest neighbours and a kernel machine, leaving out exactly the row they judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.label_issues.training.folds import dealt, splits
from labelqa.label_issues.training.task import Codes, Fit, Floats, Task, as_probabilities

NEIGHBOURS = 10
REFERENCES = 60_000  # rows among which neighbours are sought, at most
LANDMARKS = 1_000  # of the kernel machine
GROUP_FOLDS = 20
PENALTIES = (0.3, 1.0, 3.0, 10.0)
LEAST = 0.01  # least probability: these models say 0 and 1 too easily
MANY = 10_000  # rows above which distances are measured between components
COMPONENTS = 64
JUDGED = 2_000  # rows on which scales are compared
NEAREST = 0.1  # of the middle distance: nearer rows count no more
TINY = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbours:
    """Nearest other rows: `index` int32 (n, q), `distance` float64 (n, q), nearest first; inf where there are fewer."""

    index: Codes
    distance: Floats

    def votes(self, indicators: Floats, weights: Floats) -> Floats:
        """Return class probabilities (n, k) by votes that weigh more the nearer."""
        finite = np.isfinite(self.distance)
        floor = NEAREST * float(np.median(self.distance[finite])) if finite.any() else 1.0
        shares = np.where(finite, weights[self.index] / np.maximum(self.distance, max(floor, TINY)), 0.0)
        out = np.zeros(indicators.shape)
        for j in range(self.index.shape[1]):
            out += shares[:, [j]] * indicators[self.index[:, j]]
        total = shares.sum(axis=1, keepdims=True)
        return np.asarray(np.where(total > 0, out / np.maximum(total, TINY), indicators.mean(axis=0)))


def find_neighbours(points: Floats, groups: Codes | None, seed: int, n_neighbours: int = NEIGHBOURS) -> Neighbours:
    """Return the nearest rows of every row, itself and its group left out.

    Of more than 60,000 rows neighbours are sought among as many, drawn at random.
    """
    n = len(points)
    rng = np.random.default_rng(seed)
    pool = np.sort(rng.choice(n, REFERENCES, replace=False)) if n > REFERENCES else np.arange(n)
    index = np.zeros((n, n_neighbours), dtype=np.int32)
    distance = np.full((n, n_neighbours), np.inf)
    if groups is None:
        _nearest(points, (np.arange(n), pool), (index, distance))
        return Neighbours(index=index, distance=distance)
    of_group = dealt(np.zeros(int(groups.max()) + 1, dtype=np.int32), None, GROUP_FOLDS, rng)[groups]
    for held in splits(of_group):
        _nearest(points, (np.flatnonzero(held), pool[~held[pool]]), (index, distance))
    return Neighbours(index=index, distance=distance)


def _nearest(points: Floats, who: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]], out: tuple[Codes, Floats]) -> None:
    """Write the nearest of the pool into the rows asked for, leaving out each row itself."""
    from sklearn.neighbors import NearestNeighbors

    asked, pool = who
    index, distance = out
    wanted = index.shape[1]
    size = min(wanted + 1, pool.size)
    if not size or not asked.size:
        return
    found = NearestNeighbors(n_neighbors=size, algorithm="brute").fit(points[pool])
    far, near = found.kneighbors(points[asked])
    near = pool[near]
    own = near == asked[:, None]
    own[~own.any(axis=1), -1] = True  # without itself among them the last one is one too many
    if size <= wanted:  # fewer rows than asked for: keep all but itself
        own[:, -1] &= (near == asked[:, None])[:, -1]
    order = np.argsort(own, axis=1, kind="stable")[:, : min(wanted, size)]
    index[asked, : order.shape[1]] = np.take_along_axis(near, order, axis=1)
    left = np.where(np.take_along_axis(own, order, axis=1), np.inf, np.take_along_axis(far, order, axis=1))
    distance[asked, : order.shape[1]] = left


def measured_points(task: Task) -> Floats:
    """Return the points (n, e) to measure distances between, float32.

    Above 10,000 rows the leading 64 principal components stand for more columns.
    """
    points = best_scale(task)
    if task.n <= MANY or points.shape[1] <= COMPONENTS:
        return points
    centred = points - points.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return np.asarray(centred @ vectors[:, ::-1][:, :COMPONENTS])


def best_scale(task: Task) -> Floats:
    """Return the points (n, e) to measure distances between.

    An array may be embeddings, whose columns share a scale, or measurements, whose columns do not: that one of three
    scalings is taken whose neighbours predict the given labels best (on at most 2,000 rows).
    """
    points = task.encoded.metric
    if not task.encoded.same_scale:
        return points.astype(np.float32)
    rng = np.random.default_rng(task.seed)
    rows = np.sort(rng.choice(task.n, JUDGED, replace=False)) if task.n > JUDGED else np.arange(task.n)
    groups = None if task.groups is None else task.groups[rows]
    indicators = task.indicators[rows]
    scores = []
    views = scalings(points)
    for view in views:
        votes = find_neighbours(view[rows], groups, task.seed).votes(indicators, np.ones(rows.size))
        scores.append(float(np.log(np.maximum((votes * indicators).sum(axis=1), LEAST)).mean()))
    return views[int(np.argmax(scores))]


def scalings(points: Floats) -> tuple[Floats, ...]:
    """Return the columns on one scale, each on its own, and rows of length one; float32."""
    centred = points - points.mean(axis=0)
    spread = centred.std(axis=0)
    steady = spread <= TINY * np.maximum(np.abs(points).max(axis=0), 1.0)
    evened = np.where(steady, 0.0, centred / np.where(steady, 1.0, spread))
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    whole = centred / max(float(np.sqrt((length**2).mean())), TINY)
    return tuple(view.astype(np.float32) for view in (whole, evened, centred / np.maximum(length, TINY)))


def neighbours(task: Task, found: Neighbours) -> Fit:
    """Return votes of the nearest rows, the nearer the more."""
    indicators = task.indicators

    def fit(weights: Floats, *, final: bool) -> Floats:
        del final  # nothing here is repeated
        return as_probabilities(found.votes(indicators, weights), LEAST)

    return fit


def kernel(task: Task, points: Floats) -> Fit:
    """Return least-squares regression of class indicators on a Gaussian kernel, each row left out exactly.

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
        centre = weights @ indicators / weights.sum()
        scaled = np.sqrt(weights)[:, None]
        whole = _leave_out_rows if fold is None else _leave_out_folds
        left = whole(scaled * features, scaled * (indicators - centre), fold)
        guesses = [values / scaled + centre for values in left]
        return as_probabilities(guesses[_steadiest(guesses, indicators, weights)], LEAST)

    return fit


def _landmarked(points: Floats, seed: int) -> Floats:
    from sklearn.kernel_approximation import Nystroem
    from sklearn.metrics.pairwise import euclidean_distances

    n = len(points)
    rng = np.random.default_rng(seed)
    some = points[rng.choice(n, LANDMARKS, replace=False)] if n > LANDMARKS else points
    squared = euclidean_distances(some.astype(np.float64), squared=True)
    middle = float(np.median(squared[squared > 0])) if (squared > 0).any() else 1.0
    made = Nystroem(gamma=2.0 / middle, n_components=min(n, LANDMARKS), random_state=seed)
    return np.asarray(made.fit_transform(points.astype(np.float64)))


def _leave_out_rows(features: Floats, targets: Floats, _: Codes | None) -> list[Floats]:
    """Return for every penalty what the fit without the row says of each row, (n, k)."""
    values, vectors = np.linalg.eigh(features.T @ features)
    turned = features @ vectors
    projected = turned.T @ targets
    squares = turned**2
    out = []
    for penalty in PENALTIES:
        shrink = 1.0 / (np.maximum(values, 0.0) + penalty)
        leverage = np.minimum(squares @ shrink, 1 - 1e-9)[:, None]
        fitted = turned @ (shrink[:, None] * projected)
        out.append((fitted - leverage * targets) / (1 - leverage))
    return out


def _leave_out_folds(features: Floats, targets: Floats, fold: Codes | None) -> list[Floats]:
    """Return the same where rows are left out fold by fold."""
    gram, moments = features.T @ features, features.T @ targets
    out = [np.zeros(targets.shape) for _ in PENALTIES]
    for held in splits(np.zeros(0, dtype=np.int32) if fold is None else fold):
        part = features[held]
        values, vectors = np.linalg.eigh(gram - part.T @ part)
        projected = vectors.T @ (moments - part.T @ targets[held])
        for values_out, penalty in zip(out, PENALTIES, strict=True):
            shrink = 1.0 / (np.maximum(values, 0.0) + penalty)
            values_out[held] = (part @ vectors) @ (shrink[:, None] * projected)
    return out


def _steadiest(guesses: list[Floats], indicators: Floats, weights: Floats) -> int:
    """Return the place of the largest penalty within one standard error of the best."""
    errors = [weights * ((guess - indicators) ** 2).sum(axis=1) for guess in guesses]
    best = errors[int(np.argmin([e.mean() for e in errors]))]
    behind = [e - best for e in errors]
    fine = [j for j, b in enumerate(behind) if b.mean() <= b.std() / np.sqrt(b.size) + TINY]
    return max(fine)
