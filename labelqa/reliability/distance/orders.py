"""Comparing two rankings: pairs of objects in the same or in the other order.

References
----------
Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika 33(3), 239-251.
Kemeny, J. G. & Snell, J. L. (1962). Mathematical models in the social sciences. Fagin, R., Kumar, R. & Sivakumar, D.
(2003). Comparing top k lists. SIAM J. Discrete Math. 17(1), 134-160.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from labelqa.annotations.structured_values import tiers

Floats = npt.NDArray[np.float64]


def mid_ranks(ranking: Sequence[Hashable]) -> dict[Hashable, float]:
    """Return the rank of every object, 1 the best; tied objects share the mean of their places.

    Examples
    --------
    >>> mid_ranks(("tea", ("milk", "water")))
    {'tea': 1.0, 'milk': 2.5, 'water': 2.5}
    """
    ranks: dict[Hashable, float] = {}
    for group in tiers(ranking):
        place = len(ranks) + (len(group) + 1) / 2
        ranks.update(dict.fromkeys(group, place))
    return ranks


def mid_ranks_of(scores: Floats) -> Floats:
    """Return mid-ranks of `scores` (u,), the lowest 1."""
    values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    del values
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[inverse], dtype=np.float64)


def tau_b(a: Floats, b: Floats) -> float:
    """Return Kendall's tau-b of two sets of ranks (u,); nan where one ties everything."""
    upper = np.triu_indices(a.size, 1)
    x, y = np.sign(a[upper[0]] - a[upper[1]]), np.sign(b[upper[0]] - b[upper[1]])
    room = float(x @ x) * float(y @ y)
    return float(x @ y) / math.sqrt(room) if room else math.nan


def spearman(a: Floats, b: Floats) -> float:
    """Return Spearman's rho, the correlation of mid-ranks (u,); nan where one ties everything."""
    x, y = a - a.mean(), b - b.mean()
    room = float(x @ x) * float(y @ y)
    return float(x @ y) / math.sqrt(room) if room else math.nan


def ranking_distance(a: Sequence[Hashable], b: Sequence[Hashable]) -> float:
    """Return the share of object pairs on which two rankings differ, a tie in one only counting half.

    Objects that only one of them ranks are tied last in the other, so that incomplete rankings compare too.

    Examples
    --------
    >>> ranking_distance(("tea", "milk", "water"), ("milk", "tea", "water"))  # 1 of 3 pairs
    0.3333333333333333
    """
    one, other = mid_ranks(a), mid_ranks(b)
    objects = list(dict.fromkeys([*one, *other]))
    if len(objects) < 2:
        return 0.0
    x = np.array([one.get(o, math.inf) for o in objects])
    y = np.array([other.get(o, math.inf) for o in objects])
    upper = np.triu_indices(len(objects), 1)
    # Comparisons, not differences: two unranked objects are tied.
    order_x = (x[upper[0]] > x[upper[1]]).astype(np.int8) - (x[upper[0]] < x[upper[1]])
    order_y = (y[upper[0]] > y[upper[1]]).astype(np.int8) - (y[upper[0]] < y[upper[1]])
    return float(np.abs(order_x - order_y).sum()) / (2 * upper[0].size)
