"""Where rows lie: scales to measure distances on, and votes of nearest neighbours, the row itself left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.label_issues.training.folds import dealt, splits
from labelqa.label_issues.training.task import Codes, Fit, Floats, Task, as_probabilities

NEIGHBOURS = 10
REFERENCES = 60_000  # rows among which neighbours are sought, at most
GROUP_FOLDS = 20
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
        return np.asarray(np.where(total > 0, out / np.maximum(total, TINY), 1 / indicators.shape[1]))


def find_neighbours(points: Floats, groups: Codes | None, seed: int, n_neighbours: int = NEIGHBOURS) -> Neighbours:
    """Return the nearest rows of every row, itself left out, with groups all groups of its fold (one in twenty).

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
    for view in SCALINGS:
        votes = find_neighbours(view(points)[rows], groups, task.seed).votes(indicators, np.ones(rows.size))
        scores.append(float(np.log(np.maximum((votes * indicators).sum(axis=1), LEAST)).mean()))
    return SCALINGS[int(np.argmax(scores))](points)


def on_one_scale(points: Floats) -> Floats:
    """Return centred columns with a mean squared row length of one, float32."""
    centred = (points - points.mean(axis=0)).astype(np.float32)
    length = max(float(np.sqrt((centred.astype(np.float64) ** 2).sum(axis=1).mean())), TINY)
    return np.asarray(centred / length)


def each_on_its_own(points: Floats) -> Floats:
    """Return columns with mean 0 and standard deviation 1, constant ones 0, float32."""
    spread = points.std(axis=0)
    steady = spread <= TINY * np.maximum(np.abs(points).max(axis=0), 1.0)
    centred = (points - points.mean(axis=0)).astype(np.float32)
    return np.where(steady, np.float32(0), centred / np.where(steady, 1.0, spread).astype(np.float32))


def rows_of_length_one(points: Floats) -> Floats:
    """Return centred rows of length one, float32."""
    centred = (points - points.mean(axis=0)).astype(np.float32)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(length, np.float32(TINY)))


SCALINGS = (on_one_scale, each_on_its_own, rows_of_length_one)


def neighbours(task: Task, found: Neighbours) -> Fit:
    """Return votes of the nearest rows, the nearer the more."""
    indicators = task.indicators

    def fit(weights: Floats, *, final: bool) -> Floats:
        del final  # nothing here is repeated
        return as_probabilities(found.votes(indicators, weights), LEAST)

    return fit
