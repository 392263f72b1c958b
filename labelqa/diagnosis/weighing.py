"""From probabilities of components to probabilities of causes and of slips, for the items that need a cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

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
from labelqa.diagnosis.mixture import START_ERROR, Mixture
from labelqa.diagnosis.votes import Ints, Votes

CAUSES = ("slip", "definition", "variation", "hard")
SLIP, DEFINITION, VARIATION, GUESSED = range(4)
RARE_READING = 0.2  # doubt about a class that is right beside others, times the share of labels for the others
LITTLE = 10.0  # disputed items that tell nothing, see _with_little_known
UNTOLD = 0.25  # how probably a label of such an item is wrong, if all causes are alike
BLOCK = 20_000  # items weighed at once


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighed:
    """Items and how probable each cause is.

    Attributes
    ----------
    causes : float64 (n, 4)
        Probabilities, in the order of :data:`CAUSES`.
    pair : int64 (n,)
        The ambiguous pair that fits best, as its position among the pairs; -1 where none fits at all.
    wrong : float64 (q,)
        Probability of each entry (item, class) that nobody who reads the item properly would give it that class.
    """

    causes: Floats
    pair: Ints
    wrong: Floats


def weigh(evidence: Evidence, mixture: Mixture) -> Weighed:
    """Weigh the causes of items (n,), some of which may be undisputed, a model having flagged them.

    Of undisputed items it is taken for granted that something is wrong: that their class is true and all is well is
    left out, as is variation, of which nothing shows.
    """
    votes = evidence.votes
    pieces = [weigh_block(part, mixture.world, mixture.weights) for part in _blocks(evidence)]
    if not pieces:
        return Weighed(causes=np.empty((0, 4)), pair=np.empty(0, dtype=np.int64), wrong=np.empty(0))
    whole = Weighed(
        causes=np.concatenate([piece.causes for piece in pieces]).reshape(votes.n, 4),
        pair=np.concatenate([piece.pair for piece in pieces]),
        wrong=np.concatenate([piece.wrong for piece in pieces]),
    )
    return _with_little_known(whole, evidence, mixture.disputed)


def weigh_block(evidence: Evidence, world: World, weights: Floats) -> Weighed:
    """Weigh the causes of a block of items."""
    votes = evidence.votes
    disputed = votes.n_classes > 1
    once = _agreeing_count_once(evidence, disputed)
    found = [_possible(part, once.votes, disputed) for part in parts(once, world)]
    log = likelihoods(found, votes.n, world.n_components) + np.log(np.maximum(weights, 1e-300))
    total = log_sums(np.repeat(np.arange(votes.n), log.shape[1]), log.ravel(), votes.n)
    share = np.exp(log - total[:, None])
    pairs = share[:, FIRST_PAIR:]
    causes = np.column_stack([share[:, CLEAR], pairs.sum(axis=1), share[:, TWO] + share[:, THREE], share[:, HARD]])
    best = pairs.argmax(axis=1) if pairs.shape[1] else np.full(votes.n, -1)
    fits = pairs.max(axis=1, initial=0.0) > 0
    wrong = _wrong(found, votes, total, weights, share[:, HARD])
    return Weighed(causes=causes, pair=np.where(fits, best, -1).astype(np.int64), wrong=wrong)


def _with_little_known(weighed: Weighed, evidence: Evidence, disputed: float) -> Weighed:
    """Return what was weighed with less certainty about items with two labels and nothing else to go by.

    Such a split says little but its two classes; which cause is likely is then known from other items alone. Where few
    are disputed that is not much: as if :data:`LITTLE` more of them had told nothing.
    """
    votes = evidence.votes
    bare = (votes.n_labels == 2) & (votes.n_people == 2) & (votes.n_classes == 2)
    if evidence.opinion is not None:
        bare &= ~evidence.opinion.known
    doubt = np.where(bare, LITTLE / (LITTLE + disputed), 0.0)
    possible = weighed.causes > 1e-9
    flat = possible / possible.sum(axis=1, keepdims=True)
    causes = (1 - doubt)[:, None] * weighed.causes + doubt[:, None] * flat
    of_entry = doubt[votes.entry_item]
    return replace(weighed, causes=causes, wrong=(1 - of_entry) * weighed.wrong + of_entry * UNTOLD)


def _blocks(evidence: Evidence) -> list[Evidence]:
    votes, opinion = evidence.votes, evidence.opinion
    out = []
    for start in range(0, votes.n, BLOCK):
        rows = np.arange(*np.searchsorted(votes.item, [start, start + BLOCK]))
        part = None
        if opinion is not None:
            chosen = slice(start, start + BLOCK)
            part = replace(opinion, ratio=opinion.ratio[chosen], known=opinion.known[chosen])
        out.append(Evidence(votes=votes.take(rows), error=evidence.error[rows], opinion=part))
    return out


def _agreeing_count_once(evidence: Evidence, disputed: npt.NDArray[np.bool_]) -> Evidence:
    """Return the evidence with one label of each undisputed item: what misled one may have misled all.

    A model found that label suspicious, so it is no less probably a slip than usual, however well people agree.
    """
    votes = evidence.votes
    first = np.diff(votes.item, prepend=-1) != 0
    rows = np.flatnonzero(disputed[votes.item] | first)
    error = np.where(disputed[votes.item], evidence.error, np.maximum(evidence.error, START_ERROR))
    return replace(evidence, votes=votes.take(rows), error=error[rows])


def _possible(part: Part, votes: Votes, disputed: npt.NDArray[np.bool_]) -> Part:
    """Return the part without what is left out of undisputed items."""
    keep = disputed[part.item]
    if part.component == CLEAR:
        keep = keep | (votes.entries_of(part.item, part.classes[:, 0]) < 0)
    elif part.component not in (TWO, THREE):
        return part
    return Part(component=part.component, item=part.item[keep], classes=part.classes[keep], log=part.log[keep])


def _wrong(found: Sequence[Part], votes: Votes, total: Floats, weights: Floats, hard: Floats) -> Floats:
    """Return the probability that the class of each entry is right in no reading of its item, float64 (q,).

    On a hard item a class is right as often as it was given: its labels say no more. Where several classes are right,
    those that fewer people gave are a little more in doubt.
    """
    vote_share = votes.entry_count / votes.n_labels[votes.entry_item]
    rare = RARE_READING * (1 - vote_share)
    right = hard[votes.entry_item] * vote_share
    for part in found:
        share = np.exp(part.log + np.log(max(float(weights[part.component]), 1e-300)) - total[part.item])
        for column in range(part.classes.shape[1]):
            entry = votes.entries_of(part.item, part.classes[:, column])
            known = entry >= 0
            found_right = np.bincount(entry[known], weights=share[known], minlength=right.size)
            right += found_right if part.component == CLEAR else found_right * (1 - rare)
    return np.clip(1 - right, 0.0, 1.0)
