"""Which labels to ask for next: the entry point."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.consensus import consensus as find_consensus
from labelqa.aggregation.next_gains import gains_ahead
from labelqa.aggregation.next_labels_result import COLUMNS, NextLabels
from labelqa.aggregation.next_people import assign, candidates, free_labels
from labelqa.aggregation.result import ConsensusResult, check_consensus
from labelqa.aggregation.rounds import check_single_round
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import need_annotations
from labelqa.errors import ParameterError, Problem, check_whole
from labelqa.inference.randomness import random_generator
from labelqa.text import counted

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
NOBODY_LEFT = "nobody is left to ask: every annotator who may be asked has labeled every item"
NOBODY_NAMED = "nobody can be asked: annotators is empty. Name some, or leave it out to ask anyone"
NOTHING_TELLS = "every item has one label, so nothing tells which one to ask for again: label some items twice first"
NO_ITEMS = "there are no items to label"


def next_labels(
    annotations: Annotations,
    budget: int,
    *,
    consensus: ConsensusResult | None = None,
    pred_probs: object = None,
    annotators: Sequence[Hashable] | None = None,
    rng: int = 0,
) -> NextLabels:
    """Items to send to one more annotator, by the expected fall of the probability of a wrong consensus label.

    Parameters
    ----------
    annotations : Annotations
        Labels so far, of one round: n items by m annotators in k classes.
    budget : int
        Labels that can be asked for.
    consensus : ConsensusResult, optional
        Consensus of these very labels; found by ``consensus(annotations, pred_probs=pred_probs, rng=rng)`` by default.
    pred_probs : array (n, k) or DataFrame, optional
        Out-of-sample class probabilities of a classifier, where `consensus` is not given.
    annotators : sequence of names, optional
        Who can be asked; everybody who labeled by default, and then names are given only where some annotators are
        clearly better than the usual one.
    rng : int
        Seed of the consensus.

    Returns
    -------
    NextLabels
        One row a label to ask for, most useful first. An item can get several, each gaining less, never two by the
        same annotator nor one by an annotator who labeled it.

    Raises
    ------
    ParameterError
        If `budget` is not a whole number from 1 on, an annotator is not in the data, `consensus` is of other labels,
        `consensus` and `pred_probs` are both given, or `rng` is no seed.
    RoundsError
        If the annotations hold more than one round.

    References
    ----------
    Frazier, P. & Powell, W. (2010). Decision Analysis 7, 378-403. Sheng, V. et al. (2008). Get another label? KDD,
    614-622 (relabeling by uncertainty). The order is our own combination, checked by replaying real sets:
    ``python -m tests.bench.next_labels``.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"ann": list("xxyy"), "ben": list("xxyx"), "cem": ["x", "x", "y", None]})
    >>> asked = next_labels(Annotations.from_wide(wide), 1, annotators=["cem"]).to_frame()
    >>> asked[["item", "annotator"]].values.tolist()
    [[3, 'cem']]
    """
    need_annotations(annotations)
    check_single_round(annotations)
    check_whole("budget", budget, 1, what="is not a number of labels", usual="100")
    random_generator(rng)
    found = _consensus(annotations, consensus, pred_probs, rng)
    people = candidates(annotations, found.confusion, found.annotators, annotators)
    free = free_labels(annotations, people.allowed)
    posterior = found.probabilities
    items, gains = _greedy(posterior, people.confusion, free, budget)
    who = assign(annotations, people, found.confusion, items, posterior[items])
    before = float((1 - _top(found)).sum())
    return NextLabels(
        frame=_frame(annotations, found, items, gains, who),
        budget=budget,
        expected_errors_before=before,
        expected_errors_after=before - float(gains.sum()),
        notes=_notes(found, people.allowed.size, budget, gains),
    )


def _greedy(posterior: Floats, confusion: Floats, free: Ints, budget: int) -> tuple[Ints, Floats]:
    """Return the items (b,) that get a label, best first, and the gain of each; gains fall within an item.

    Equal gains are ordered by how unsure the item is, then by the order of items. Only the items that are least sure
    are looked at closely.
    """
    unsure = 1 - posterior.max(axis=1, initial=0.0)
    open_items = np.flatnonzero(free > 0)
    close = open_items[np.argsort(-unsure[open_items], kind="stable")[: max(20 * budget, 10_000)]]
    if not close.size:
        return close, np.zeros(0)
    gains = gains_ahead(posterior[close], confusion)
    depth = gains.shape[1]
    place = np.repeat(np.arange(close.size), depth)
    turn = np.tile(np.arange(depth), close.size)
    usable = turn < free[close][place]
    value, place, turn = gains.ravel()[usable], place[usable], turn[usable]
    order = np.lexsort((place, turn, -np.round(value, 12)))[:budget]
    return close[place[order]], value[order]


def _frame(annotations: Annotations, found: ConsensusResult, items: Ints, gains: Floats, who: Ints) -> pd.DataFrame:
    names = np.array([*annotations.annotators, None], dtype=object)
    data = {
        "item": annotations.items.take(items).to_numpy(),
        "annotator": pd.Series(names[who], dtype=object),
        "expected_gain": gains,
        "probability_now": _top(found)[items],
        "reason": pd.Series(_reasons(found, items), dtype=object),
    }
    return pd.DataFrame(data, columns=list(COLUMNS))


def _top(found: ConsensusResult) -> Floats:
    """Return how sure each item's consensus is; without a label how probable its most probable class, (n,)."""
    return np.where(found.n_labels > 0, found.quality, found.probabilities.max(axis=1, initial=0.0))


def _reasons(found: ConsensusResult, items: Ints) -> list[str]:
    classes = found.schema.names
    shares = found.probabilities[items]
    ranked = np.argsort(-shares, axis=1, kind="stable")
    out = []
    for at, item in enumerate(items.tolist()):
        n, agreeing = int(found.n_labels[item]), int(found.agreeing[item])
        first = classes[ranked[at, 0]]
        rival = f", {classes[ranked[at, 1]]} {shares[at, ranked[at, 1]]:.0%}" if len(classes) > 1 else ""
        sure = "" if np.isnan(found.quality[item]) and n else f": {first} {shares[at, ranked[at, 0]]:.0%}{rival}"
        out.append(f"{_backing(n, agreeing, first)}{sure}")
    return out


def _backing(n: int, agreeing: int, name: str) -> str:
    """Return how many of an item's `n` labels are its consensus."""
    if n == 0:
        return "no label yet"
    if n == 1:
        return f"one label, {name}" if agreeing else f"one label, which is not {name}"
    if agreeing in (0, n):
        return f"{'all' if agreeing else 'none'} of {n} labels {'say' if agreeing else 'says'} {name}"
    return f"{agreeing} of {n} labels {'says' if agreeing == 1 else 'say'} {name}"


def _notes(found: ConsensusResult, asked: int, budget: int, gains: Floats) -> tuple[str, ...]:
    n = gains.size
    if not n:
        return (NO_ITEMS if not len(found) else NOBODY_LEFT if asked else NOBODY_NAMED,)
    if np.isnan(found.quality[found.n_labels > 0]).all() and found.n_labels.any():
        return (NOTHING_TELLS,)
    notes = []
    if n < budget:
        can = f"only {n:,} of {counted(budget, 'label')} can be placed in one batch"
        notes.append(f"{can}: ask again when {'it is' if n == 1 else 'they are'} in")
    if idle := int((gains < 1e-9).sum()):
        are = "is" if idle == 1 else "are"
        notes.append(f"{counted(idle, 'label')} {are} not expected to change any consensus: the budget can be smaller")
    return tuple(notes)


def _consensus(
    annotations: Annotations, given: ConsensusResult | None, pred_probs: object, rng: int
) -> ConsensusResult:
    """Return the consensus that is given, if it is of these labels, or find one."""
    if given is None:
        return find_consensus(annotations, pred_probs=pred_probs, rng=rng)
    check_consensus(given, annotations)
    if pred_probs is not None:
        _refuse(
            "consensus and pred_probs are both given, and a consensus that is there cannot take a classifier in",
            "Pass consensus=labelqa.consensus(annotations, pred_probs=...) alone, or pred_probs alone.",
        )
    return given


def _refuse(what: str, next_step: str) -> NoReturn:
    raise ParameterError(Problem(what=what, parameter="consensus", next_step=next_step))
