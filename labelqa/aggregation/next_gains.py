"""What one more label of an item is expected to gain: the rise of the probability that its consensus label is right.

With the posterior p (k,) of an item and the confusion t (k, k) of whoever labels next, d further labels raise the
expected largest probability by ``sum over label counts of max_c p_c * multinomial(counts; t_c) - max_c p_c``. One label
alone often cannot overturn the consensus and so gains nothing, though two could: gains are therefore looked at up to
`DEPTH` labels ahead and spread evenly (the upper concave envelope), so they fall with every further label.

References
----------
Frazier, P. & Powell, W. (2010). Paradoxes in learning and the marginal value of information. Decision Analysis 7,
378-403 (value of information need not be concave; look several measurements ahead).
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from math import factorial

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
DEPTH = 3  # labels ahead
MOST_OUTCOMES = 60  # combinations of labels looked at
BLOCK = 1 << 21  # numbers held at once


def depth_for(k: int) -> int:
    """Return how many labels ahead are looked at with k classes."""
    counts = [len(_outcomes(k, d)[0]) if k <= MOST_OUTCOMES else MOST_OUTCOMES + 1 for d in range(1, DEPTH + 1)]
    return max(1, sum(c <= MOST_OUTCOMES for c in counts))


def gains_ahead(posterior: Floats, confusion: Floats) -> Floats:
    """Return the gain of each further label, float64 (n, depth), never rising along a row.

    Parameters
    ----------
    posterior : float64 (n, k)
        Probability of each class of each item.
    confusion : float64 (k, k)
        Probability of label l where class c is true, [c, l], of whoever labels next.
    """
    n, k = posterior.shape
    depth = depth_for(k)
    total = np.zeros((n, depth + 1))
    for d in range(1, depth + 1):
        total[:, d] = _expected_top(posterior, _likelihoods(confusion, d)) - posterior.max(axis=1, initial=0.0)
    return _envelope(np.maximum(total, 0.0))


def information(posterior: Floats, confusions: Floats) -> Floats:
    """Return how much a label of each annotator tells of each item's class, in nats, float64 (n, a).

    Parameters
    ----------
    posterior : float64 (n, k)
        Probability of each class.
    confusions : float64 (a, k, k)
        One confusion an annotator.
    """
    given = confusions.transpose(1, 0, 2).reshape(confusions.shape[1], -1)  # (k, a * k)
    marginal = (posterior @ given).reshape(len(posterior), *confusions.shape[:2])
    noise = -(confusions * _log(confusions)).sum(axis=2)  # (a, k)
    return np.asarray(-(marginal * _log(marginal)).sum(axis=2) - posterior @ noise.T)


def _outcomes(k: int, d: int) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the ways in which d labels can fall into k classes, int64 (o, k), and how many orders each has."""
    rows = [np.bincount(labels, minlength=k) for labels in combinations_with_replacement(range(k), d)]
    orders = [factorial(d) / np.prod([factorial(int(c)) for c in row]) for row in rows]
    return np.asarray(rows, dtype=np.int64), np.asarray(orders)


def _likelihoods(confusion: Floats, d: int) -> Floats:
    """Return the probability of each outcome of d labels where each class is true, float64 (o, k)."""
    k = len(confusion)
    if d == 1:
        return np.asarray(confusion.T)
    counts, orders = _outcomes(k, d)
    return np.asarray(np.exp(counts @ _log(confusion).T) * orders[:, None])


def _expected_top(posterior: Floats, likelihoods: Floats) -> Floats:
    """Return the expected largest probability after an outcome is seen, float64 (n,)."""
    n, k = posterior.shape
    out = np.zeros(n)
    step = max(1, BLOCK // max(likelihoods.shape[0] * k, 1))
    for at in range(0, n, step):
        part = slice(at, at + step)
        out[part] = (posterior[part, None, :] * likelihoods).max(axis=2).sum(axis=1)
    return out


def _envelope(total: Floats) -> Floats:
    """Return the steps of the least concave majorant of each row of `total` (n, depth + 1), which starts at zero."""
    steps = np.zeros((len(total), total.shape[1] - 1))
    for at in range(steps.shape[1]):
        reached = steps[:, :at].sum(axis=1)
        ahead = np.arange(1, total.shape[1] - at)
        steps[:, at] = ((total[:, at + 1 :] - reached[:, None]) / ahead).max(axis=1)
    return np.maximum(steps, 0.0)


def _log(values: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(values, 1e-12)))
