"""Labels dealt anew among the annotators of each item, so that accuracy is kept and everything else is chance.

Dealing them evenly would call any difference in accuracy a school: good annotators agree with each other more than bad
ones do. So a deal is as likely as the accuracies of those who get right and wrong labels make it; it is drawn by
swapping labels between pairs of an item (Metropolis). Where annotators are equally accurate this is the plain
permutation. That it keeps false alarms at their level where plain permutation has up to 100 % is our own finding:
``python -m tests.bench.schools``.

References
----------
Besag, J. & Clifford, P. (1989). Generalized Monte Carlo significance tests. Biometrika 76, 633-642.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BEFORE = 10  # sweeps before the first deal
BETWEEN = 4  # sweeps between deals
CLIP = 0.02


def deals(
    item: Ints, right: npt.NDArray[np.bool_], log_odds: Floats, n: int, rng: np.random.Generator
) -> Iterator[Ints]:
    """Yield `n` deals: which row's label each row gets, int64 (r,).

    Parameters
    ----------
    item : int64 (r,)
        Sorted.
    right : bool (r,)
        Whether the row's label is the consensus of its item.
    log_odds : float64 (r,)
        Of being right, for the annotator of each row.
    n : int
        How many deals.
    rng : numpy.random.Generator
        For the swaps.
    """
    source = np.arange(item.size)
    for i in range(n):
        for _ in range(BETWEEN if i else BEFORE + BETWEEN):
            _sweep(source, item, right, log_odds, rng)
        yield source


def _sweep(source: Ints, item: Ints, right: npt.NDArray[np.bool_], log_odds: Floats, rng: np.random.Generator) -> None:
    """Pair the rows of each item at random and swap labels where chance and accuracies say so."""
    order = np.argsort(item + rng.random(item.size))
    first = np.flatnonzero(np.diff(item, prepend=-1))  # the items keep their rows, so `item[order]` is `item`
    place = np.arange(item.size) - np.repeat(first, np.diff([*first, item.size]))
    head = np.flatnonzero((place[:-1] % 2 == 0) & (item[1:] == item[:-1]))
    a, b = order[head], order[head + 1]
    gain = (log_odds[a] - log_odds[b]) * (right[source[b]].astype(np.int8) - right[source[a]].astype(np.int8))
    swap = np.log(rng.random(a.size)) < gain
    a, b = a[swap], b[swap]
    source[a], source[b] = source[b], source[a]


def accuracy_log_odds(hits: Floats, n: Floats) -> Floats:
    """Return the log odds of being right, (m,), shrunk to the group as far as chance explains their spread.

    The spread of accuracies beyond binomial chance is found by moments (empirical Bayes); where there is none, all
    annotators are alike.
    """
    total = max(float(n.sum()), 1.0)
    mean = float(hits.sum()) / total
    own = hits / np.maximum(n, 1)
    chance = mean * (1 - mean) / np.maximum(n, 1)
    beyond = float((n * ((own - mean) ** 2 - chance)).sum()) / total
    if beyond <= 0:
        return np.zeros(hits.size)
    weight = max(mean * (1 - mean) / beyond - 1, 0.0)
    accuracy = np.clip((hits + weight * mean) / np.maximum(n + weight, 1e-9), CLIP, 1 - CLIP)
    return np.asarray(np.log(accuracy / (1 - accuracy)))
