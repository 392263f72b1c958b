"""The test bed of METHODS section 7, shared by the benchmarks of slices: planted slices, and what counts as found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

ROWS, COLUMNS, LEVELS = 10_000, 8, 5
HIT = 0.6  # Jaccard index with a planted slice


@dataclass(frozen=True)
class Bed:
    """Level codes (n, d), errors (n,), the masks planted and the true error rate of every row."""

    codes: np.ndarray
    error: np.ndarray
    planted: list[np.ndarray]
    rate: np.ndarray


def by_rank(levels: int) -> np.ndarray:
    weights = 1 / np.arange(1, levels + 1)
    return weights / weights.sum()


def bed(seed: int, delta: float, *, n: int = ROWS, extra: int = 0, additive: bool = False) -> Bed:
    """Return error rate .10, raised by `delta` inside four slices (once, or once for each slice a row is in)."""
    rng = np.random.default_rng(seed)
    f = rng.choice(LEVELS, (n, COLUMNS + extra), p=by_rank(LEVELS)).astype(np.int32)
    planted = [
        f[:, 0] == 2,
        (f[:, 1] == 1) & (f[:, 2] == 1),
        (f[:, 3] == 0) & (f[:, 4] == 3),
        (f[:, 5] == 0) & (f[:, 6] == 1) & (f[:, 7] == 1),
    ]
    times = np.sum(planted, axis=0)
    rate = 0.1 + delta * (times if additive else times > 0)
    error = (rng.random(n) < np.minimum(rate, 1)).astype(float)
    return Bed(f, error, planted if delta else [], rate)


def jaccard(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / max((a | b).sum(), 1))


Finder = Callable[[np.ndarray, np.ndarray, int], list[np.ndarray]]


def found_by_labelqa(codes: np.ndarray, error: np.ndarray, seed: int) -> list[np.ndarray]:
    from labelqa.slices.find import find_slices

    table = find_slices(codes, error, rng=seed)
    return [table.mask(i) for i in range(len(table))]


def found_by_sliceline(codes: np.ndarray, error: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return its ten best slices, which is its default."""
    from sliceline.slicefinder import Slicefinder

    model = Slicefinder(alpha=0.95, k=10, max_l=3, min_sup=len(codes) // 100, verbose=False).fit(codes, error)
    conditions = [[(j, v) for j, v in enumerate(s) if v is not None] for s in np.atleast_2d(model.top_slices_)]
    return [np.logical_and.reduce([codes[:, j] == v for j, v in c]) for c in conditions if c]


def found_by_divexplorer(codes: np.ndarray, error: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return its ten slices with the highest t among those with t of 2 or more and a rate above the mean."""
    from divexplorer import DivergenceExplorer

    frame = pd.DataFrame({f"f{j}": codes[:, j].astype(str) for j in range(codes.shape[1])}).assign(e=error.astype(int))
    found = DivergenceExplorer(frame).get_pattern_divergence(min_support=0.01, boolean_outcomes=["e"])
    short = found[found["itemset"].map(len).between(1, 3) & (found["e_div"] > 0) & (found["e_t"] >= 2)]
    masks = []
    for items in short.nlargest(10, "e_t")["itemset"]:
        pairs = [i.split("=") for i in items]
        masks.append(np.logical_and.reduce([codes[:, int(f[1:])] == int(v) for f, v in pairs]))
    return masks


PEERS: dict[str, Finder] = {
    "labelqa": found_by_labelqa,
    "sliceline": found_by_sliceline,
    "divexplorer": found_by_divexplorer,
}
