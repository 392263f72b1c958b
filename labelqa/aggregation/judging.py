"""How right each label is by what the others of its item say, and how far that would move with other items.

A label never vouches for itself: the others judge it, and their errors are counted without the item at hand (see
:mod:`labelqa.aggregation.leftout`). Errors are not known exactly either; leaving out the items part by part tells how
far accuracies move with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.accuracy import Likelihood
from labelqa.aggregation.confusions import PSEUDO_LABELS, group, one_coin
from labelqa.aggregation.em import FLOOR, Setting, normalised
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.leftout import Judge, full_confusion, left_out_scores

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
PARTS = 50  # into which items are dealt; with ten, the width of an interval was a matter of luck
FEWEST_PARTS = 20  # where labels are many
LABELS = 1_000_000  # labels that are judged anew, over all parts, before parts become fewer
TOLERANCE = 1e-3  # change of a probability under which the others' word has settled


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """Labels judged by the others of their items.

    Attributes
    ----------
    posterior : float64 (n, k)
        Probability of each class of each item, all labels counted.
    counts : float64 (m, k, k)
        Soft counts: how often annotator g gave label l where class c is true, [g, c, l].
    right : float64 (r,)
        Probability that the label is right by what the others say; nan where nothing else is known of the item.
    wrong : float64 (r,)
        Probability of this label if it is wrong, by what the others say and by the errors of the group.
    agreed : float64 (r,)
        What `right` would be on average if the annotator were like the others: low where they are unsure.
    """

    posterior: Floats
    counts: Floats
    right: Floats
    wrong: Floats
    agreed: Floats

    def likelihood(self, table: LabelTable) -> Likelihood:
        """Return the likelihood of every annotator's accuracy."""
        return Likelihood.of(table.annotator, self.right, self.wrong, table.m)


def judged(table: LabelTable, begin: Floats, how: Setting, rounds: int) -> Judged:
    """Judge every label by the others of its item.

    Parameters
    ----------
    table : LabelTable
        The labels.
    begin : float64 (n, k)
        Probability of each class of each item to start from.
    how : Setting
        `known` are true classes.
    rounds : int
        Updates of these probabilities, at most.
    """
    posterior = begin
    for _ in range(rounds):
        _, scores = _scored(table, posterior, how)
        new = normalised(scores)
        change = float(np.abs(new - posterior).max(initial=0.0))
        posterior = new
        if change < TOLERANCE:
            break
    judge, scores = _scored(table, posterior, how)
    counts = table.soft_counts(posterior)
    right, wrong, agreed = _by_label(table, judge, posterior, scores, _errors(counts))
    alone = table.labels_per_item < 2 if how.known is None else (table.labels_per_item < 2) & (how.known < 0)
    right[alone[table.item]] = np.nan
    return Judged(posterior=posterior, counts=counts, right=right, wrong=wrong, agreed=agreed)


def parts_of(items: pd.Index, r: int) -> Ints:
    """Return the part that each item belongs to, int64 (n,): by its name, so that neither order nor seed matters.

    There are 50 parts, or down to 20 where there are many labels `r`.
    """
    names = np.array([str(item) for item in items], dtype=object)
    order = np.argsort(pd.util.hash_array(names, categorize=False), kind="stable")
    parts = min(max(LABELS // max(r, 1), FEWEST_PARTS), PARTS, names.size)
    out = np.empty(names.size, dtype=np.int64)
    out[order] = np.arange(names.size) % max(parts, 1)
    return out


def spread(table: LabelTable, whole: Judged, how: Setting, part_of: Ints, rounds: int) -> Floats:
    """Return how far each annotator's accuracy moves with the items: delete-a-group jackknife error, (m,).

    `part_of` (n,) says which part of the items each belongs to.

    References
    ----------
    Efron, B. & Tibshirani, R. (1993). An Introduction to the Bootstrap, section 11.5 (groups of items in the place of
    single ones).
    """
    parts = int(part_of.max(initial=-1)) + 1
    if parts < 2:
        return np.zeros(table.m)
    own = part_of[table.item]
    means = np.empty((parts, table.m))
    for p in range(parts):
        rest = table.only(own != p)
        means[p] = judged(rest, whole.posterior, how, rounds).likelihood(rest).moments()[0]
    return np.asarray(np.sqrt((parts - 1) / parts * ((means - means.mean(axis=0)) ** 2).sum(axis=0)))


def prior(counts: Floats) -> Floats:
    """Return pseudo-labels (m, k, k): from the group and from the annotator's own mean accuracy, three a class each."""
    return PSEUDO_LABELS * (group(counts) + one_coin(counts))


def _scored(table: LabelTable, posterior: Floats, how: Setting) -> tuple[Judge, Floats]:
    """Return a judge of labels, and the log posterior (n, k) of every item judged by errors counted without it."""
    judge = full_confusion(prior)(table.soft_counts(posterior))
    return judge, left_out_scores(table, judge, posterior, how)


def _errors(counts: Floats) -> Floats:
    """Return what the group says where it is wrong: float64 (k, k), rows sum to 1, diagonal 0."""
    k = counts.shape[1]
    off = group(counts) * (1 - np.eye(k))
    return np.asarray(off / np.maximum(off.sum(axis=1, keepdims=True), FLOOR))


def _by_label(
    table: LabelTable, judge: Judge, posterior: Floats, scores: Floats, errors: Floats
) -> tuple[Floats, Floats, Floats]:
    right, wrong, agreed = (np.empty(table.r) for _ in range(3))
    for part in table.label_blocks():
        item, label = table.item[part], table.label[part]
        own = judge(posterior[item], table.annotator[part], label)
        others = normalised(scores[item] - own)
        right[part] = others[np.arange(label.size), label]
        wrong[part] = (others * errors[:, label].T).sum(axis=1)
        agreed[part] = (others**2).sum(axis=1)
    return right, wrong, agreed
