"""How probable the labels of an item are under each cause of disagreement: the components of the mixture.

An item is one of: *clear* (one true class, from which people slip); *hard* (people mostly guess); *varying* between
two or three classes of its own; or between the two classes of an *ambiguous pair*. Someone who reads a varying or
ambiguous item reads it their own way, and mostly the same way when asked again; slips and guesses are made anew each
time. That is how repeated labels tell the causes apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from labelqa.diagnosis.votes import TOP, Ints, Votes

Floats = npt.NDArray[np.float64]
CLEAR, HARD, TWO, THREE, FIRST_PAIR = 0, 1, 2, 3, 4  # components; one a pair from FIRST_PAIR on
GUESSING = 0.75  # share of the labels of a hard item that are guesses
KEEPING = 0.8  # chance that somebody reads an item the same way again
STEPS = 8  # shares of a class in an item that readings split over are multiples of 1 / STEPS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """What is common to all items.

    Attributes
    ----------
    classes : float64 (k,)
        How frequent each class is among clear items.
    slips : float64 (k,)
        Where slips go; sums to one.
    spread : float64 (k,)
        How frequent each class is among guesses and readings of varying items; sums to one.
    pairs : tuple of (int, int)
        The ambiguous pairs.
    """

    classes: Floats
    slips: Floats
    spread: Floats
    pairs: tuple[tuple[int, int], ...] = ()

    @property
    def n_components(self) -> int:
        """Number of components C."""
        return FIRST_PAIR + len(self.pairs)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opinion:
    """What a model says of n items.

    Attributes
    ----------
    ratio : float64 (n, k)
        Logarithm of how much more probable than usual it finds each class; 0 in all where it says nothing.
    known : bool (n,)
        Whether it says anything.
    sharpness : float
        How much it tells items apart, in [0, 1]: only of a sharp model does being torn mean anything.
    """

    ratio: Floats
    known: npt.NDArray[np.bool_]
    sharpness: float

    def at(self, item: Ints, classes: Ints) -> Floats:
        """Return the log evidence for one class each of some items, float64 (x,)."""
        return np.asarray(self.ratio[item, classes])

    def nearness(self, item: Ints, classes: Ints, shares: Floats) -> Floats:
        """Return the log evidence that items (x,) are split over `classes` (x, j) in `shares` (q, j), float64 (x, q).

        It is minus the divergence of the model's probabilities from the shares, against the usual one: a sharp model
        that is torn between two classes fits an item whose readings split over them, one that is sure does not.
        """
        entropy = -(shares * np.log(shares)).sum(axis=1)
        theirs = np.take_along_axis(self.ratio[item], classes, axis=1) @ shares.T
        return np.asarray(theirs + self.known[item][:, None] * self.sharpness * entropy)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Labels and what else is known of their items.

    Attributes
    ----------
    votes : Votes
        Labels (r,) of n items.
    error : float64 (r,)
        How often the person behind each label slips.
    opinion : Opinion or None
        What a model says of the items.
    """

    votes: Votes
    error: Floats
    opinion: Opinion | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One way in which items could have come by their labels.

    Attributes
    ----------
    component : int
        The component it belongs to.
    item : int64 (x,)
        Items.
    classes : int64 (x, j)
        The classes that are right for each item, in this way.
    log : float64 (x,)
        Log probability of the labels and the way, given the component.
    """

    component: int
    item: Ints
    classes: Ints
    log: Floats


def parts(evidence: Evidence, world: World) -> list[Part]:
    """Return every way in which the items could have come by their labels, all components."""
    return [
        *clear(evidence, world),
        hard(evidence, world),
        *varying(evidence, world, 2),
        *varying(evidence, world, 3),
        *(between(evidence, world, FIRST_PAIR + at) for at in range(len(world.pairs))),
    ]


def likelihoods(found: Sequence[Part], n: int, n_components: int) -> Floats:
    """Return the log probability of the labels of each item under each component, float64 (n, C)."""
    out = np.full((n, n_components), -np.inf)
    for component in range(n_components):
        of_it = [part for part in found if part.component == component]
        if of_it:
            item = np.concatenate([part.item for part in of_it])
            out[:, component] = log_sums(item, np.concatenate([part.log for part in of_it]), n)
    return out


def log_sums(group: Ints, logs: Floats, n: int) -> Floats:
    """Return the logarithm of the sum of exponentials of each of n groups, float64 (n,)."""
    top = np.full(n, -np.inf)
    np.maximum.at(top, group, logs)
    safe = np.where(np.isfinite(top), top, 0.0)
    total = np.bincount(group, weights=np.exp(logs - safe[group]), minlength=n)
    out = np.full(n, -np.inf)
    np.log(total, out=out, where=total > 0)
    return np.asarray(out + safe)


def clear(evidence: Evidence, world: World) -> list[Part]:
    """Return each class as the true one, where each person slips at their own rate.

    The true class is one that somebody gave, or the one that the model takes for most probable.
    """
    votes = evidence.votes
    wrong = np.log(evidence.error) + np.log(world.slips)[votes.label]
    right = np.log1p(-evidence.error)
    all_wrong: Floats = np.bincount(votes.item, weights=wrong, minlength=votes.n).astype(np.float64)
    swap = np.bincount(votes.entry_of_label, weights=right - wrong, minlength=votes.entry_key.size)
    others = votes.n_labels[votes.entry_item] - votes.entry_count
    log = all_wrong[votes.entry_item] + swap - others * np.log1p(-world.slips[votes.entry_class])
    given = _as_clear(evidence, world, votes.entry_item, votes.entry_class, log)
    item, suggested = _suggested(evidence)
    log = all_wrong[item] - votes.n_labels[item] * np.log1p(-world.slips[suggested])
    return [given, _as_clear(evidence, world, item, suggested, log)]


def _as_clear(evidence: Evidence, world: World, item: Ints, classes: Ints, log: Floats) -> Part:
    whole = log + np.log(world.classes)[classes]
    if evidence.opinion is not None:
        whole = whole + evidence.opinion.at(item, classes)
    return Part(component=CLEAR, item=item, classes=classes[:, None], log=whole)


def _suggested(evidence: Evidence) -> tuple[Ints, Ints]:
    """Return the class that the model finds most probable of those nobody gave, and its item, where there is one."""
    votes, opinion = evidence.votes, evidence.opinion
    if opinion is None:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    open_to = opinion.ratio + np.where(opinion.known, 0.0, -np.inf)[:, None]
    open_to[votes.entry_item, votes.entry_class] = -np.inf
    best = open_to.argmax(axis=1).astype(np.int64)
    item = np.flatnonzero(np.isfinite(open_to.max(axis=1)))
    return item, best[item]


def hard(evidence: Evidence, world: World) -> Part:
    """Return the way in which most labels are guesses, made anew each time, and the others the true class."""
    votes = evidence.votes
    guess = np.log(GUESSING) + np.log(world.spread)[votes.label]
    hit = np.log(1 - GUESSING + GUESSING * world.spread)[votes.label]
    all_guesses: Floats = np.bincount(votes.item, weights=guess, minlength=votes.n).astype(np.float64)
    swap = np.bincount(votes.entry_of_label, weights=hit - guess, minlength=votes.entry_key.size)
    known = world.spread[votes.entry_class]
    leaning = log_sums(votes.entry_item, np.log(known) + swap, votes.n)
    rest = np.maximum(1 - np.bincount(votes.entry_item, weights=known, minlength=votes.n), 1e-12)
    log = all_guesses + np.logaddexp(leaning, np.log(rest))
    if evidence.opinion is not None:
        everything = np.tile(np.arange(votes.k), (votes.n, 1))
        log = log + evidence.opinion.nearness(np.arange(votes.n), everything, world.spread[None, :])[:, 0]
    none = np.empty((votes.n, 0), dtype=np.int64)
    return Part(component=HARD, item=np.arange(votes.n), classes=none, log=log)


def varying(evidence: Evidence, world: World, size: int) -> Iterator[Part]:
    """Yield the ways in which readings split over `size` of the :data:`TOP` most frequent classes of the item."""
    votes, component = evidence.votes, TWO if size == 2 else THREE
    if votes.k < size:
        return
    grid, weight = shares(size)
    for given in range(1, size + 1):
        chosen = np.arange(given)[None, :] if given < size else np.array(list(combinations(range(TOP), size)))
        for columns in chosen:
            has = votes.n_classes == given if given < size else votes.n_classes > columns[-1]
            item = np.flatnonzero(has)
            if item.size:
                classes = votes.top[item][:, columns]
                prior = _choices(world.spread, classes, size)
                log = prior + _split(evidence, item, classes, grid[:, :given], weight)
                yield Part(component=component, item=item, classes=classes, log=log)


def between(evidence: Evidence, world: World, component: int) -> Part:
    """Return how readings split over the two classes of an ambiguous pair."""
    votes, pair = evidence.votes, world.pairs[component - FIRST_PAIR]
    inside = np.isin(votes.label, pair)
    item = np.flatnonzero(np.bincount(votes.item[inside], minlength=votes.n) > 0)
    classes = np.tile(np.array(pair, dtype=np.int64), (item.size, 1))
    grid, weight = shares(2)
    log = _split(evidence, item, classes, grid, weight)
    return Part(component=component, item=item, classes=classes, log=log)


def shares(size: int) -> tuple[Floats, Floats]:
    """Return shares (q, size) that readings may split in, and their probabilities (q,): a Dirichlet (2, ..., 2) grid.

    Examples
    --------
    >>> grid, weight = shares(2)
    >>> grid[0].tolist(), len(grid), round(float(weight.sum()), 9)
    ([0.125, 0.875], 7, 1.0)
    """
    steps = range(1, STEPS)
    points = [(a, STEPS - a) for a in steps]
    if size == 3:
        points = [(a, b, STEPS - a - b) for a in steps for b in steps if a + b < STEPS]  # type: ignore[misc]
    grid = np.array(points) / STEPS
    weight = grid.prod(axis=1)
    return grid, weight / weight.sum()


def _choices(spread: Floats, classes: Ints, size: int) -> Floats:
    """Return the log probability that an item varies between `classes` (x, j) and any `size` - j others."""
    p2, p3 = float((spread**2).sum()), float((spread**3).sum())
    whole = (1 - p2) / 2 if size == 2 else (1 - 3 * p2 + 2 * p3) / 6
    own = spread[classes]
    left = 1 - own.sum(axis=1)
    missing = size - classes.shape[1]
    others = np.ones_like(left) if missing == 0 else left
    if missing == 2:
        others = (left**2 - (p2 - (own**2).sum(axis=1))) / 2
    return np.asarray(np.log(np.maximum(own.prod(axis=1) * others / max(whole, 1e-300), 1e-300)))


def _split(evidence: Evidence, item: Ints, classes: Ints, grid: Floats, weight: Floats) -> Floats:
    """Return the log probability of the labels of `item` (x,), read as `classes` (x, j) in shares of `grid` (q, j)."""
    rows = evidence.votes.rows_of(item)
    votes, error = evidence.votes.take(rows), evidence.error[rows]
    # Slips from a reading go evenly to the other classes: their share of the evidence is small here.
    slip = (error / max(votes.k - 1, 1))[:, None]
    fits = np.where(votes.label[:, None] == classes[votes.item], 1 - error[:, None], slip)
    read = np.multiply.reduceat(fits, votes.person_start, axis=0) @ grid.T
    if votes.repeated:
        anew = np.multiply.reduceat(fits @ grid.T, votes.person_start, axis=0)
        read = KEEPING * read + (1 - KEEPING) * anew
    log = np.add.reduceat(np.log(np.maximum(read, 1e-300)), votes.item_start, axis=0) + np.log(weight)
    if evidence.opinion is not None:
        log = log + evidence.opinion.nearness(item, classes, grid / grid.sum(axis=1, keepdims=True))
    return log_sums(np.repeat(np.arange(item.size), len(grid)), log.ravel(), item.size)
