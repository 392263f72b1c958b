"""The slow and plain way to all slices: one pandas group-by a combination of columns."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from labelqa.slices.lattice import Lattice

Slices = dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[float, float, float]]


def brute_force(codes: np.ndarray, error: np.ndarray, max_predicates: int, min_size: int) -> Slices:
    """Return (columns, levels) -> (size, sum, sum of squares)."""
    frame = pd.DataFrame(codes).assign(e=error, e2=error**2).dropna(subset="e")
    found: Slices = {}
    for r in range(1, max_predicates + 1):
        for columns in combinations(range(codes.shape[1]), r):
            sums = frame.groupby(list(columns)).agg(size=("e", "size"), total=("e", "sum"), squares=("e2", "sum"))
            for key, row in zip(sums.index, sums.to_numpy(), strict=True):
                levels = tuple(int(v) for v in (key if r > 1 else (key,)))
                if row[0] >= min_size and min(levels) >= 0:
                    found[columns, levels] = tuple(row)
    return found


def as_dict(lattice: Lattice) -> Slices:
    """Return the lattice in the same form."""
    keys = [
        (tuple(c[c >= 0].tolist()), tuple(v[c >= 0].tolist()))
        for c, v in zip(lattice.columns, lattice.levels, strict=True)
    ]
    values = zip(lattice.size.tolist(), lattice.total.tolist(), lattice.squares.tolist(), strict=True)
    return dict(zip(keys, values, strict=True))
