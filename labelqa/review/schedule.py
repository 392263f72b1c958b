"""Who gets which item, and in which order: balanced, blind, with hidden repeats."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
USUAL_DISTANCE = 20


def stream(*parts: object) -> np.random.Generator:
    """Return the generator that belongs to `parts` (seed, purpose, name, ...): each has its own, whatever others draw.

    Examples
    --------
    >>> bool(stream(0, "order", "ana").random() == stream(0, "order", "ana").random())
    True
    """
    text = "\x1f".join(str(p) for p in parts)
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), "big"))


def balanced_teams(n_items: int, n_annotators: int, size: int, rng: np.random.Generator) -> Ints:
    """Give every item (n, size) different annotators, evenly.

    After any number of items, annotators differ by at most one item. Among the teams that keep this, each item takes
    one whose pairs have met least: so all pairs come to share about as many items.

    Examples
    --------
    >>> teams = balanced_teams(6, 4, 2, np.random.default_rng(0))
    >>> np.bincount(teams.ravel()).tolist(), len({tuple(sorted(t)) for t in teams.tolist()})
    ([3, 3, 3, 3], 6)
    """
    met = np.zeros((n_annotators, n_annotators), dtype=np.int64)
    load = np.zeros(n_annotators, dtype=np.int64)
    teams = np.empty((n_items, size), dtype=np.int64)
    for i in range(n_items):
        team = _best_team(load, met, size, rng)
        load[team] += 1
        met[np.ix_(team, team)] += 1
        teams[i] = rng.permutation(team)
    return teams


def _best_team(load: Ints, met: Ints, size: int, rng: np.random.Generator) -> Ints:
    """Return the team of least-loaded annotators who have met least, over every start; chance settles ties."""
    order = rng.permutation(load.size)
    least = load[order] == load.min()
    first, second = order[least], order[~least]
    if first.size <= size:  # all of the least loaded are in; the rest comes from those with one item more
        teams, pool = first[None, :], second
    else:
        teams, pool = first[:, None], first
    return _completed(teams, pool, met, size)


def _completed(teams: Ints, pool: Ints, met: Ints, size: int) -> Ints:
    """Add from `pool`, one at a time, whoever has met the team least; return the best of the teams (starts, size)."""
    missing = size - teams.shape[1]
    if missing == 0:
        return np.asarray(teams[0])
    meetings = met[teams][:, :, pool].sum(axis=1).astype(np.float64)
    meetings[(teams[:, :, None] == pool).any(axis=1)] = np.inf
    cost = np.zeros(len(teams))
    starts = np.arange(len(teams))
    for _ in range(missing):
        added = meetings.argmin(axis=1)
        cost += meetings[starts, added]
        meetings += met[pool[added]][:, pool]
        meetings[starts, added] = np.inf
        teams = np.column_stack([teams, pool[added]])
    return np.asarray(teams[int(cost.argmin())])


def usual_distance(n_own: int) -> int:
    """Return how far a repeat is from its first showing by default: half of the items, at most 20.

    Examples
    --------
    >>> usual_distance(12), usual_distance(300)
    (6, 20)
    """
    return max(1, min(USUAL_DISTANCE, n_own // 2))


def number_of_repeats(n_own: int, share: float) -> int:
    """Return how many of an annotator's items are asked twice: at least one where any are wanted.

    Examples
    --------
    >>> number_of_repeats(100, 0.05), number_of_repeats(8, 0.05), number_of_repeats(8, 0)
    (5, 1, 0)
    """
    return max(1, int(share * n_own + 0.5)) if share > 0 and n_own else 0


def random_order(n_own: int, n_repeats: int, distance: int, rng: np.random.Generator) -> list[tuple[int, bool]]:
    """Return the order of an annotator's items, and among them repeats of earlier ones.

    Every order of the items is equally likely, and every item equally likely to be repeated. A repeat stands at least
    `distance` places after the first showing.

    Parameters
    ----------
    n_own, n_repeats : int
        Items of the annotator, and how many of them come again.
    distance : int
        Least distance; ``n_own - distance + 1 >= n_repeats`` must hold.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    list of (int, bool), length n_own + n_repeats
        The item, and whether it is a repeat.

    Examples
    --------
    >>> order = random_order(10, 2, 4, np.random.default_rng(0))
    >>> len(order), sum(again for _, again in order)
    (12, 2)
    """
    order = rng.permutation(n_own)
    again = rng.permutation(n_own - distance + 1)[:n_repeats] if n_repeats else np.empty(0, dtype=np.int64)
    gaps: list[list[int]] = [[] for _ in range(n_own + 1)]  # gap g comes before the item at place g of the order
    for place in again.tolist():
        gap = gaps[int(rng.integers(place + distance, n_own + 1))]
        gap.insert(int(rng.integers(0, len(gap) + 1)), int(order[place]))
    out: list[tuple[int, bool]] = []
    for place in range(n_own + 1):
        out += [(item, True) for item in gaps[place]]
        out += [(int(order[place]), False)] if place < n_own else []
    return out


def pairs_apart(teams: Ints, names: Sequence[str]) -> list[str]:
    """Return the pairs of annotators who share no item, as ``ana and bo``."""
    together = np.zeros((len(names), len(names)), dtype=np.bool_)
    for team in np.unique(np.sort(teams, axis=1), axis=0):
        together[np.ix_(team, team)] = True
    a, b = np.nonzero(np.triu(~together, 1))
    return [f"{names[i]} and {names[j]}" for i, j in zip(a.tolist(), b.tolist(), strict=True)]
