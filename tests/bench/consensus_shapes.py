"""Simulated crowds of many shapes, to judge consensus methods by more than a few public sets.

Annotators are drawn with very unequal diligence (Pareto). Shapes: full confusions with skewed classes; one accuracy;
few labels an annotator; difficult items (GLAD); items that mislead everybody; adversaries; spammers with a habit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from labelqa.aggregation.labeltable import LabelTable

Rng = np.random.Generator
Labeler = Callable[[Rng, np.ndarray, np.ndarray, np.ndarray, int, int], np.ndarray]


@dataclass(frozen=True)
class Shape:
    """n items, m annotators, r labels an item, class shares, and how annotators label."""

    n: int
    m: int
    r: int
    shares: Sequence[float]
    labeler: Labeler


def confused(right: float, wrong: float) -> Labeler:
    def label(rng: Rng, truth: np.ndarray, item: np.ndarray, annotator: np.ndarray, m: int, k: int) -> np.ndarray:
        weight = rng.standard_gamma(np.broadcast_to(np.full((k, k), wrong) + right * np.eye(k), (m, k, k)))
        return drawn(rng, (weight / weight.sum(axis=2, keepdims=True))[annotator, truth[item]])

    return label


def accurate(a: float, b: float) -> Labeler:
    def label(rng: Rng, truth: np.ndarray, item: np.ndarray, annotator: np.ndarray, m: int, k: int) -> np.ndarray:
        return flipped(rng, truth[item], rng.beta(a, b, size=m)[annotator], k)

    return label


def hard_items(rng: Rng, truth: np.ndarray, item: np.ndarray, annotator: np.ndarray, m: int, k: int) -> np.ndarray:
    skill, ease = rng.normal(1.2, 0.7, size=m), np.exp(rng.normal(0, 1, size=truth.size))
    right = 1 / (1 + np.exp(-skill[annotator] * ease[item]))
    return flipped(rng, truth[item], right if k == 2 else 1 / k + (1 - 1 / k) * (2 * right - 1), k)


def misleading(share: float) -> Labeler:
    def label(rng: Rng, truth: np.ndarray, item: np.ndarray, annotator: np.ndarray, m: int, k: int) -> np.ndarray:
        given = confused(3.0, 0.4)(rng, truth, item, annotator, m, k)
        towards = (truth + rng.integers(1, k, size=truth.size)) % k
        misled = (rng.random(truth.size) < share)[item] & (rng.random(item.size) < 0.45)
        return np.where(misled, towards[item], given)

    return label


def adversaries(share: float) -> Labeler:
    def label(rng: Rng, truth: np.ndarray, item: np.ndarray, annotator: np.ndarray, m: int, k: int) -> np.ndarray:
        right = np.where(np.arange(m) < share * m, 0.2, 0.75)
        return flipped(rng, truth[item], right[annotator], k)

    return label


def spammers(share: float) -> Labeler:
    def label(rng: Rng, truth: np.ndarray, item: np.ndarray, annotator: np.ndarray, m: int, k: int) -> np.ndarray:
        spams, habit = rng.random(m) < share, rng.dirichlet(np.full(k, 0.5), size=m)
        honest = accurate(8, 3)(rng, truth, item, annotator, m, k)
        return np.where(spams[annotator], drawn(rng, habit[annotator]), honest)

    return label


def drawn(rng: Rng, rows: np.ndarray) -> np.ndarray:
    """Return one column (b,) of each row of probabilities (b, k)."""
    return (rows.cumsum(axis=1) > rng.random((len(rows), 1))).argmax(axis=1)


def flipped(rng: Rng, truth: np.ndarray, right: np.ndarray, k: int) -> np.ndarray:
    """Return the truth with probability `right`, else another class."""
    return np.where(rng.random(truth.size) < right, truth, (truth + rng.integers(1, k, size=truth.size)) % k)


SHAPES = {
    "skewed4": Shape(300, 30, 5, (0.6, 0.2, 0.1, 0.1), confused(2.0, 0.4)),
    "coin2": Shape(500, 100, 3, (0.5, 0.5), accurate(4, 2)),
    "few5": Shape(300, 200, 4, (0.2,) * 5, accurate(3, 3)),
    "hard2": Shape(500, 40, 7, (0.6, 0.4), hard_items),
    "hard4": Shape(400, 40, 5, (0.4, 0.3, 0.2, 0.1), hard_items),
    "mislead4": Shape(400, 25, 9, (0.25,) * 4, misleading(0.2)),
    "adversary": Shape(400, 10, 5, (0.5, 0.5), adversaries(0.3)),
    "spammers5": Shape(600, 60, 5, (0.3, 0.3, 0.2, 0.1, 0.1), spammers(0.4)),
    "rare2": Shape(600, 50, 3, (0.9, 0.1), confused(2.0, 0.8)),
    "noisy2": Shape(1500, 40, 8, (0.5, 0.5), confused(1.0, 1.0)),
    "many8": Shape(800, 60, 4, tuple(np.arange(8, 0, -1) / 36), confused(4.0, 0.3)),
    "mislead2": Shape(600, 30, 6, (0.7, 0.3), misleading(0.3)),
}


def simulated(name: str, seed: int) -> tuple[LabelTable, np.ndarray]:
    """Return the labels of one draw of a shape, and the true classes (n,)."""
    shape, rng = SHAPES[name], np.random.default_rng([seed, list(SHAPES).index(name)])
    k = len(shape.shares)
    truth = rng.choice(k, size=shape.n, p=shape.shares)
    diligence = rng.pareto(1.2, size=shape.m) + 0.2
    keys = -np.log(rng.random((shape.n, shape.m))) / diligence
    annotator = np.argsort(keys, axis=1)[:, : shape.r].ravel()
    item = np.repeat(np.arange(shape.n), shape.r)
    label = shape.labeler(rng, truth, item, annotator, shape.m, k)
    codes = (c.astype(np.int32) for c in (item, annotator, label))
    return LabelTable.from_codes(*codes, (shape.n, shape.m, k)), truth
