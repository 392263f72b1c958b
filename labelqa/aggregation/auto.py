"""The default consensus: two models of annotators, weighed and softened by how well they predict left-out labels.

No model of annotators is best on every data set, and the likelihood of the fit does not tell which is. Two that differ
most are averaged: one accuracy an annotator, which is hard to mislead, and a full confusion, which sees what people
confuse and is shrunk towards the group, the annotator's own accuracy and own habit. Both are fitted so that no item
judges itself, and each label is predicted by the others (:mod:`labelqa.aggregation.leftout`): a model's weight is the
exponential of `STRENGTH` times its mean log probability per item.

The choice of models, pseudo-counts and strength is our own. It was made among about a hundred variants, looking at
twelve simulated shapes and at nine public sets alike, and most variants were within noise of each other (means of
accuracy .850 to .855 on the nine, whose standard error is about .004): figures on these shapes and sets are therefore a
little flattered (`python -m tests.bench.consensus`). Tempered updates, half a class prior, subtypes of items, sampling
from the full posterior and larger families of models gained nothing that held on both.

A label that is the only one of its item is overruled by accuracies and class shares alone, and those can be told only
from items that several people labeled. Until there are enough such labels the label is kept, at the accuracy that is
assumed of anybody (:func:`leaning_on_single_labels`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.confusions import three_way_prior
from labelqa.aggregation.em import Setting
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.leftout import LeftOutFit, Model, fit_left_out, full_confusion, one_accuracy

Floats = npt.NDArray[np.float64]
MEMBERS: dict[str, Model] = {"one_coin": one_accuracy(2.0), "hierarchical": full_confusion(three_way_prior)}
STRENGTH = 3.0
ENOUGH = 30.0  # further labels of items that have one, from which on they say more of single labels than the assumption
ASSUMED = 0.75  # accuracy of a single label about which nothing is known, as a way from chance to perfect


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blend:
    """Several fits and their weights.

    Attributes
    ----------
    posterior : float64 (n, k)
        Weighted mean of the posteriors.
    weights : mapping of method to float
        Summing to one.
    fits : mapping of method to LeftOutFit
        The fits to all labels.
    """

    posterior: Floats
    weights: dict[str, float]
    fits: dict[str, LeftOutFit]


def blend(table: LabelTable, setting: Setting) -> Blend:
    """Fit the members and average them."""
    fits = {name: fit_left_out(table, model, setting) for name, model in MEMBERS.items()}
    held_out = np.nan_to_num([fit.held_out for fit in fits.values()])
    per_item = STRENGTH * held_out * table.r / max(int((table.labels_per_item > 0).sum()), 1)
    raw = np.exp(per_item - per_item.max())
    weights = dict(zip(fits, (raw / raw.sum()).tolist(), strict=True))
    posterior = sum((weights[name] * fit.posterior for name, fit in fits.items()), np.zeros((table.n, table.k)))
    return Blend(posterior=leaning_on_single_labels(table, posterior, setting), weights=weights, fits=fits)


def overlap(table: LabelTable, setting: Setting) -> int:
    """Return how many labels can be compared: those beyond the first of an item, and all of a known class."""
    further = int(np.maximum(table.labels_per_item - 1, 0).sum())
    if setting.known is None:
        return further
    return further + int((setting.known[table.item] >= 0).sum())


def leaning_on_single_labels(table: LabelTable, posterior: Floats, setting: Setting) -> Floats:
    """Return `posterior` (n, k), that of items with a single label drawn to that label as far as little overlaps.

    The share of the assumption is 30 labels against the labels that can be compared (:func:`overlap`). Where a
    classifier says something of the item, or its class is known, nothing is changed.
    """
    single = table.labels_per_item == 1
    if setting.known is not None:
        single &= setting.known < 0
    if setting.offset is not None or not single.any() or table.k < 2:
        return posterior
    told = overlap(table, setting)
    share = told / (told + ENOUGH)
    assumed = 1 / table.k + ASSUMED * (1 - 1 / table.k)
    label = table.votes[single]
    leaning = label * assumed + (1 - label) * (1 - assumed) / (table.k - 1)
    out = posterior.copy()
    out[single] = share * posterior[single] + (1 - share) * leaning
    return out
