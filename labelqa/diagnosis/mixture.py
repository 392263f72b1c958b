"""How frequent each cause is, how often people slip, and which flagged pairs are more than noise: the fit by EM."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from labelqa.diagnosis.causes import (
    CLEAR,
    FIRST_PAIR,
    HARD,
    THREE,
    TWO,
    Evidence,
    Floats,
    Part,
    World,
    likelihoods,
    log_sums,
    parts,
)
from labelqa.diagnosis.votes import Ints, Votes

Pairs = tuple[tuple[int, int], ...]
START_ERROR = 0.05
PRIOR_LABELS = 10.0  # labels, START_ERROR of them slips, that the slip rate starts from
PRIOR = {CLEAR: 0.1, HARD: 0.005, TWO: 0.04, THREE: 0.02}  # items each component starts from, of disputed ones
PRIOR_PAIRS = 0.02  # all pairs together
PRIOR_CLEAR = 5.0  # further clear items, so that a handful of items is not read too much into
PRIOR_SLIPS = 0.03  # slips that the slip rate starts from, of disputed items
OWN_LABELS = 20.0  # labels of the common slip rate that a person's own one starts from
MOST_ERROR = 0.45
ITERATIONS = 30
REFINEMENTS = 4
REFINED_ON = 200_000  # items
INNER = 10
TOLERANCE = 1e-4
LEAST_GAIN = 2.0  # log-likelihood that a flagged pair must add at least to be kept
MOST_PAIRS = 15  # ambiguous pairs, those that most items lie in


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mixture:
    """The fitted mixture.

    Attributes
    ----------
    world : World
        What is common to all items; its pairs are those that were kept.
    weights : float64 (C,)
        Share of the items under each component.
    error : float
        How often people slip.
    gains : dict of (int, int) to float
        Log-likelihood that each flagged pair added, kept or not.
    """

    world: World
    weights: Floats
    error: float
    disputed: float
    gains: dict[tuple[int, int], float]


def fit(votes: Votes, times: Ints, pairs: Pairs) -> Mixture:
    """Fit the mixture to kinds of items.

    Parameters
    ----------
    votes : Votes
        Labels of one item of each kind, p items.
    times : int64 (p,)
        How many items of the kind there are.
    pairs : tuple of (int, int)
        Pairs that were flagged as ambiguous.

    Returns
    -------
    Mixture
        Shares, slip rate, and the pairs that the labels bear out.
    """
    world = _start(votes, times, _often_split(votes, times, pairs))
    disputed = float(times[votes.n_classes > 1].sum()) + 1.0
    state = Mixture(world=world, weights=_even(world, disputed), error=START_ERROR, disputed=disputed, gains={})
    state, log = _climb(state, votes, times)
    if pairs and votes.k > 2:
        state = _kept(state, log, _telling(votes, times))
        state, _ = _climb(state, votes, times)
    return state


def posterior(log: Floats, weights: Floats) -> Floats:
    """Return the probability of each component of each item, float64 (n, C)."""
    joint = log + np.log(np.maximum(weights, 1e-300))
    joint -= joint.max(axis=1, keepdims=True, initial=-np.inf)
    np.exp(joint, out=joint)
    return np.asarray(joint / joint.sum(axis=1, keepdims=True))


def with_people(votes: Votes, state: Mixture, known: Floats) -> tuple[Mixture, Floats]:
    """Return the mixture when everybody slips at their own rate, and those rates, shrunk towards all, float64 (m,).

    `known` (m,) holds rates that are known, nan where they are not.
    """
    m = known.size
    rates = np.where(np.isnan(known), state.error, known)
    votes, share = _sampled(votes)
    state = replace(state, disputed=state.disputed * share)
    times = _telling(votes, np.ones(votes.n, dtype=np.int64))
    for _ in range(REFINEMENTS):
        found = parts(Evidence(votes=votes, error=rates[votes.annotator]), state.world)
        log = likelihoods(found, votes.n, state.world.n_components)
        weights, _ = _weights(log, times, state.weights, _prior(state.world, state.disputed), INNER)
        state = replace(state, weights=weights)
        clear = posterior(log, weights)[:, CLEAR] * (votes.n_people > 1)
        wrong = clear[votes.item] - _clear_entries(found, votes, log, clear)[votes.entry_of_label]
        slips = np.bincount(votes.annotator, weights=wrong, minlength=m)
        labels = np.bincount(votes.annotator, weights=clear[votes.item], minlength=m)
        error = _slip_rate(float(slips.sum()), float(labels.sum()), state.disputed)
        own = np.minimum((slips + OWN_LABELS * error) / (labels + OWN_LABELS), MOST_ERROR)
        rates = np.where(np.isnan(known), own, known)
    return replace(state, error=error, disputed=state.disputed / share), rates


def _sampled(votes: Votes) -> tuple[Votes, float]:
    """Return at most :data:`REFINED_ON` items, evenly spaced, and which share of all they are."""
    if votes.n <= REFINED_ON:
        return votes, 1.0
    chosen = np.linspace(0, votes.n - 1, REFINED_ON).astype(np.int64)
    return votes.take(votes.rows_of(chosen)), REFINED_ON / votes.n


def _often_split(votes: Votes, times: Ints, pairs: Pairs) -> Pairs:
    """Return the pairs that most items were given both classes of, twice :data:`MOST_PAIRS` at most."""
    from scipy.sparse import csr_array

    if len(pairs) <= 2 * MOST_PAIRS:
        return pairs
    place = (votes.entry_item, votes.entry_class)
    given = csr_array((np.ones(votes.entry_key.size), place), shape=(votes.n, votes.k))
    weighted = csr_array((times[votes.entry_item].astype(np.float64), place), shape=(votes.n, votes.k))
    both = (weighted.T @ given).todok()
    order = sorted(pairs, key=lambda pair: -float(both.get(pair, 0.0)))
    return tuple(sorted(order[: 2 * MOST_PAIRS]))


def _start(votes: Votes, times: Ints, pairs: Pairs) -> World:
    counts = np.bincount(votes.entry_class, weights=votes.entry_count * times[votes.entry_item], minlength=votes.k)
    share = (counts + 0.5) / (counts.sum() + 0.5 * votes.k)
    spread = 0.5 * share + 0.5 / votes.k
    return World(classes=share, slips=spread, spread=spread, pairs=pairs)


def _even(world: World, disputed: float) -> Floats:
    prior = _prior(world, disputed)
    out = prior * np.where(np.arange(prior.size) == CLEAR, 10.0, 1.0)
    return np.asarray(out / out.sum())


def _prior(world: World, scale: float) -> Floats:
    """Return the items that each component starts from, float64 (C,): none where it would be another's double."""
    out = np.array(
        [
            *(scale * PRIOR[c] for c in (CLEAR, HARD, TWO, THREE)),
            *(scale * PRIOR_PAIRS / len(world.pairs) for _ in world.pairs),
        ]
    )
    out[CLEAR] += PRIOR_CLEAR
    k = world.classes.size
    if k < 3:
        out[THREE] = 0.0
        out[TWO] *= k == 2 and not world.pairs  # of two classes, varying and ambiguous are the same
    return out


def _evidence(votes: Votes, error: float) -> Evidence:
    return Evidence(votes=votes, error=np.full(votes.item.size, error))


def _telling(votes: Votes, times: Ints) -> Ints:
    """Return how many items of each kind say anything of causes: those with two or more labels, int64 (p,)."""
    return times * (votes.n_labels > 1)


def _climb(state: Mixture, votes: Votes, times: Ints) -> tuple[Mixture, Floats]:
    """Repeat both steps until the log-likelihood of the items stops changing; also return the last (p, C)."""
    telling = _telling(votes, times)
    before = -np.inf
    log = np.empty((0, 0))
    for _ in range(ITERATIONS):
        found = parts(_evidence(votes, state.error), state.world)
        log = likelihoods(found, votes.n, state.world.n_components)
        weights, value = _weights(log, telling, state.weights, _prior(state.world, state.disputed), INNER)
        state = _improved(replace(state, weights=weights), found, log, votes, times)
        if abs(value - before) <= TOLERANCE * max(float(times.sum()), 1.0) / 10:
            break
        before = value
    return state, log


def _weights(log: Floats, times: Ints, start: Floats, prior: Floats, steps: int) -> tuple[Floats, float]:
    """Return the shares of the components after `steps` of EM, and the log-likelihood with the prior."""
    top = log.max(axis=1, keepdims=True, initial=-np.inf)
    likely = np.exp(log - top)
    weights = np.where(prior > 0, start, 0.0)
    for _ in range(steps):
        joint = likely * weights
        mass = (times / joint.sum(axis=1)) @ joint + prior
        weights = mass / mass.sum()
    used = prior > 0
    value = times @ (np.log(likely @ weights) + top[:, 0]) + prior[used] @ np.log(weights[used])
    return weights, float(value)


def _improved(state: Mixture, found: Sequence[Part], log: Floats, votes: Votes, times: Ints) -> Mixture:
    """Return the state with slip rate, places of slips and class shares that fit the clear items."""
    clear = posterior(log, state.weights)[:, CLEAR]
    right = _clear_entries(found, votes, log, clear)
    several = _telling(votes, times)
    wrong = several[votes.entry_item] * votes.entry_count * (clear[votes.entry_item] - right)
    labels = float((several * clear) @ votes.n_labels)
    error = _slip_rate(float(wrong.sum()), labels, state.disputed)
    to = np.bincount(votes.entry_class, weights=wrong, minlength=votes.k) + 10 * state.world.spread
    of = np.bincount(votes.entry_class, weights=times[votes.entry_item] * right, minlength=votes.k) + 2.0
    slips = np.minimum(to / to.sum(), 0.9)
    world = replace(state.world, classes=of / of.sum(), slips=slips)
    return replace(state, error=error, world=world)


def _slip_rate(slips: float, labels: float, disputed: float) -> float:
    """Return the share of slips among labels, with what it starts from: as other causes do, it starts from disputes."""
    start = PRIOR_SLIPS * disputed
    return min((slips + START_ERROR * PRIOR_LABELS + start) / (labels + PRIOR_LABELS + start), MOST_ERROR)


def _clear_entries(found: Sequence[Part], votes: Votes, log: Floats, clear: Floats) -> Floats:
    """Return the probability that an item is clear and an entry's class the true one, float64 (q,)."""
    out = np.zeros(votes.entry_key.size)
    for part in found:
        if part.component == CLEAR:
            entry = votes.entries_of(part.item, part.classes[:, 0])
            known = entry >= 0
            share = np.exp(part.log - log[part.item, CLEAR]) * clear[part.item]
            out[entry[known]] = share[known]
    return out


def _kept(state: Mixture, log: Floats, times: Ints) -> Mixture:
    """Return the state without pairs whose splits slips and variation explain as well; the weakest goes first."""
    gains: dict[tuple[int, int], float] = {}
    needed = max(LEAST_GAIN, 0.5 * math.log(state.disputed))  # Schwarz: one more parameter
    state, log = _most_frequent(state, log)
    while state.world.pairs:
        gained = _gains(log, times, state)
        gains |= dict(zip(state.world.pairs, gained.tolist(), strict=True))
        weakest = int(gained.argmin())
        if gained[weakest] >= needed:
            break
        state, log = _with_pairs(state, log, np.delete(np.arange(gained.size), weakest))
        weights, _ = _weights(log, times, state.weights, _prior(state.world, state.disputed), INNER)
        state = replace(state, weights=weights)
    return replace(state, gains=gains)


def _most_frequent(state: Mixture, log: Floats) -> tuple[Mixture, Floats]:
    """Return the state with the :data:`MOST_PAIRS` pairs that most items lie in."""
    order = np.argsort(-state.weights[FIRST_PAIR:], kind="stable")
    return _with_pairs(state, log, np.sort(order[:MOST_PAIRS]))


def _with_pairs(state: Mixture, log: Floats, chosen: Ints) -> tuple[Mixture, Floats]:
    """Return the state and the log probabilities (p, C) with the `chosen` pairs only."""
    columns = np.concatenate([np.arange(FIRST_PAIR), FIRST_PAIR + chosen])
    world = replace(state.world, pairs=tuple(state.world.pairs[at] for at in chosen))
    weights = state.weights[columns]
    return replace(state, world=world, weights=weights / weights.sum()), log[:, columns]


def _gains(log: Floats, times: Ints, state: Mixture) -> Floats:
    """Return the log-likelihood that each pair adds to the others, float64 (number of pairs,)."""
    weights, _ = _weights(log, times, state.weights, _prior(state.world, state.disputed), INNER)
    whole = _items_value(log, times, weights)
    out, everyone = [], np.arange(len(state.world.pairs))
    for at in everyone:
        less, rest = _with_pairs(state, log, np.delete(everyone, at))
        weights, _ = _weights(rest, times, less.weights, _prior(less.world, less.disputed), 3 * INNER)
        out.append(whole - _items_value(rest, times, weights))
    return np.array(out)


def _items_value(log: Floats, times: Ints, weights: Floats) -> float:
    joint = log + np.log(np.maximum(weights, 1e-300))
    flat = np.repeat(np.arange(len(log)), log.shape[1])
    return float(times @ log_sums(flat, joint.ravel(), len(log)))
