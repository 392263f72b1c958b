"""Bets against "agreement is at most k0": the martingale behind honest stopping, as pure functions of arrays.

Agreement is ``1 - Do/De``: Do the mean distance of two labels of one item, De that of labels of two different items.
For two fresh items with distances Do1, Do2 and mean distance De12 between their labels,
``Z = (Do1 + Do2)/2 - (1 - k0) De12`` has a mean of at least 0 whenever agreement is at most k0. So a bettor who
multiplies her wealth by ``1 - stake Z``, for a stake with ``stake Z <= 1``, gains nothing on average, and wealth of
1/alpha, at any time, refutes "at most k0" at level alpha (Ville 1939).

What is our own here (each piece keeps the mean at 1, so it changes power, never validity; `tests/bench/sequential.py`
measures both):

- items are taken in blocks of four, and the gain of a block is the mean over its three ways to form two pairs: this
  averages away much of the noise that pairing adds;
- wealth is split over three stakes once and for all, fractions of the largest stake that can never lose more than all;
- for distances of negative type (all named weights on the line, checked numerically) De12 is at least half the mean of
  Do1 and Do2, so Z is at most (1 + k0)/2 and the largest stake is 2/(1 + k0), not 1.

Letters: n items, k classes; g claims k0; s stakes.

References
----------
Ville, J. (1939). Etude critique de la notion de collectif. Waudby-Smith, I. & Ramdas, A. (2024). Estimating means of
bounded random variables by betting. J. R. Stat. Soc. B 86, 1-27. Szekely, G. J. & Rizzo, M. L. (2013). Energy
statistics. J. Stat. Plan. Inference 143, 1249-1272 (distances of negative type).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt

from labelqa.reliability.weights import IdentityWeights, TableWeights, ValueWeights, Weights

Floats = npt.NDArray[np.float64]
BLOCK = 4  # items that one bet takes
PAIRS = tuple(combinations(range(BLOCK), 2))
PAIRINGS = tuple((PAIRS.index(first), PAIRS.index(last)) for first, last in zip(PAIRS[:3], PAIRS[:2:-1], strict=True))
FRACTIONS = np.array([0.3, 0.6, 0.99])  # of the largest stake
SHARES = np.array([2.0, 2.0, 3.0]) / 7  # of the wealth
MAX_CHECKED_CLASSES = 500
TINY = 1e-9


def largest_stake(claims: Floats, *, negative_type: bool) -> Floats:
    """Return the largest stake that never loses more than all wealth, for each claim k0 (g,)."""
    return 2 / (1 + np.maximum(claims, 0.0)) if negative_type else np.ones_like(claims)


def is_negative_type(weights: Weights, k: int) -> bool:
    """Whether ``1 - weights`` is a distance with d(p, q) >= (d(p, p) + d(q, q)) / 2 for all shares p, q."""
    if isinstance(weights, IdentityWeights | ValueWeights):
        return True
    if not isinstance(weights, TableWeights) or k > MAX_CHECKED_CLASSES:
        return False
    centring = np.eye(k) - 1 / k
    return bool(np.linalg.eigvalsh(centring @ weights.table @ centring).min() >= -TINY)


def block_distances(counts: Floats, weights: Weights) -> tuple[Floats, Floats]:
    """Return the distances that a bet needs.

    Parameters
    ----------
    counts : float64 (..., 4, k)
        Labels per class of the four items of each block, at least two labels an item.
    weights : Weights
        Agreement weights; distance is one less weight.

    Returns
    -------
    observed : float64 (..., 4)
        Mean distance of two labels of one item.
    between : float64 (..., 6)
        Mean distance of a label of one and a label of another item, pairs as in :data:`PAIRS`.
    """
    labels = counts.sum(axis=-1)
    weighted = weights.apply(counts)
    agreeing = (counts * weighted).sum(axis=-1) - labels
    first, last = [p[0] for p in PAIRS], [p[1] for p in PAIRS]
    cross = (counts[..., first, :] * weighted[..., last, :]).sum(axis=-1)
    return 1 - agreeing / (labels * (labels - 1)), 1 - cross / (labels[..., first] * labels[..., last])


def block_growth(observed: Floats, between: Floats, claims: Floats, largest: Floats) -> Floats:
    """Return the logarithm of what each stake gains on a block.

    Parameters
    ----------
    observed : float64 (..., 4)
    between : float64 (..., 6)
        From :func:`block_distances`.
    claims : float64 (g,)
        Values k0 that are bet against.
    largest : float64 (g,)
        From :func:`largest_stake`.

    Returns
    -------
    float64 (s, ..., g)
    """
    first, last = [p[0] for p in PAIRS], [p[1] for p in PAIRS]
    own = (observed[..., first] + observed[..., last]) / 2
    z = own[..., None] - (1 - claims) * between[..., None]  # (..., 6, g)
    stakes = (FRACTIONS[:, None] * largest).reshape(FRACTIONS.size, *[1] * (z.ndim - 1), -1)
    factors = 1 - stakes * z
    one, other = [p[0] for p in PAIRINGS], [p[1] for p in PAIRINGS]
    return np.asarray(np.log((factors[..., one, :] * factors[..., other, :]).mean(axis=-2)))


def log_wealth(growth: Floats) -> Floats:
    """Return the logarithm of the whole wealth from the summed growth of each stake, (s, ...) -> (...)."""
    top = growth.max(axis=0)
    return np.asarray(top + np.log(np.tensordot(SHARES, np.exp(growth - top), axes=1)))
