"""Distances between distinct values as agreement weights ``1 - d / largest d``, so that alpha works as for classes.

Up to a limit every pair of distinct values is compared once. Beyond it the disagreement expected by chance comes from
a seeded sample of reference answers, each compared with every distinct value; disagreement within items stays exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.counts.sparse import ClassCounts
from labelqa.reliability.distance.named import PairDistance
from labelqa.reliability.weights import TableWeights, Weights

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]
PAIRS_AT_ONCE = 500_000  # pairs of values compared in one piece
FEWEST_REFERENCES = 50


@dataclass(frozen=True, slots=True, eq=False)
class SampledWeights:
    """Weights known for every value against some reference values only.

    Attributes
    ----------
    distance : PairDistance
        The distance, for pairs within items.
    scale : float
        The largest distance seen; weights are ``1 - d / scale``.
    references : int (f,)
        Distinct values that were drawn.
    importance : float64 (f,)
        Times each was drawn, divided by the answers that have this value.
    columns : float64 (k, f)
        ``d / scale`` of every value to every reference.
    """

    distance: PairDistance
    scale: float
    references: Positions
    importance: Floats
    columns: Floats

    def total(self) -> float:
        """Return nan: the sum of all weights is not known (and alpha does not need it)."""
        return math.nan

    def apply(self, shares: Floats) -> Floats:
        """Return an estimate of W shares, (..., k): exact if every answer were a reference."""
        whole = shares.sum(axis=-1, keepdims=True)
        drawn = shares[..., self.references] * self.importance
        known = drawn.sum(axis=-1, keepdims=True)
        mean = (drawn @ self.columns.T) / np.where(known > 0, known, np.nan)
        return np.asarray(whole * (1 - mean), dtype=np.float64)

    def form(self, rows: ClassCounts) -> Floats:
        """Return r' W r of every row, (p,), exactly."""
        counts = rows.counts.astype(np.float64)
        out = rows.sums(counts**2)
        for row, a, b in rows.entry_pairs():
            both = self.between(rows.classes[a], rows.classes[b]) * counts[a] * counts[b]
            out += 2 * np.bincount(row, weights=both, minlength=len(rows))
        return out

    def between(self, left: npt.NDArray[np.int32], right: npt.NDArray[np.int32]) -> Floats:
        """Return the weight of each pair of values."""
        return 1 - in_pieces(self.distance, left.astype(np.intp), right.astype(np.intp)) / self.scale

    def expected_error(self, answers: Floats) -> float:
        """Return the standard error, from drawing references, of the mean distance of all answers (k,), in d / scale.

        A finite population: references are drawn without replacement.
        """
        times = self.importance * answers[self.references]
        drawn, n = float(times.sum()), float(answers.sum())
        if drawn < 2:
            return math.nan
        mean = answers @ self.columns / n  # of each reference to all answers
        spread = float(times @ (mean - times @ mean / drawn) ** 2) / (drawn - 1)
        return math.sqrt(spread / drawn * max(1 - drawn / n, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """Distances ready for use: weights, the largest distance, and the references drawn (0: all pairs compared)."""

    weights: Weights
    scale: float
    n_references: int = 0


def compare(distance: PairDistance, answers: Floats, *, max_pairs: int, rng: int | np.random.Generator) -> Compared:
    """Compare the distinct values with each other, or with a sample of answers.

    Parameters
    ----------
    distance : PairDistance
        Between k distinct values.
    answers : float64 (k,)
        Number of answers of each value, at least 1.
    max_pairs : int
        Pairs of distinct values up to which all are compared.
    rng : int or numpy.random.Generator
        Draws the references.
    """
    k = answers.size
    if k * (k - 1) // 2 <= max_pairs:
        return _all_pairs(distance, k)
    wanted = min(max(max_pairs // k, FEWEST_REFERENCES), int(answers.sum()))
    drawn = np.random.default_rng(rng).choice(int(answers.sum()), size=wanted, replace=False)
    values = np.searchsorted(np.cumsum(answers), drawn, side="right")
    references, times = np.unique(values, return_counts=True)
    columns = np.empty((k, references.size))
    everyone = np.arange(k)
    for at, reference in enumerate(references.tolist()):
        columns[:, at] = in_pieces(distance, everyone, np.full(k, reference))
    scale = float(columns.max(initial=0)) or 1.0
    weights = SampledWeights(distance, scale, references, times / answers[references], columns / scale)
    return Compared(weights=weights, scale=scale, n_references=wanted)


def _all_pairs(distance: PairDistance, k: int) -> Compared:
    table = np.zeros((k, k))
    rows_at_once = max(1, PAIRS_AT_ONCE // max(k, 1))
    for first in range(0, k, rows_at_once):
        rows = np.arange(first, min(first + rows_at_once, k))
        left = np.repeat(rows, k - 1 - rows)
        right = np.concatenate([np.arange(row + 1, k) for row in rows.tolist()])
        table[left, right] = distance.between(left, right)
    table += table.T
    scale = float(table.max(initial=0)) or 1.0
    return Compared(weights=TableWeights(1 - table / scale), scale=scale)


def in_pieces(distance: PairDistance, left: Positions, right: Positions) -> Floats:
    """Return the distance of each pair of values, at most a piece of them in work at a time."""
    pieces = [
        distance.between(left[at : at + PAIRS_AT_ONCE], right[at : at + PAIRS_AT_ONCE])
        for at in range(0, left.size, PAIRS_AT_ONCE)
    ]
    return np.concatenate(pieces) if pieces else np.empty(0)
