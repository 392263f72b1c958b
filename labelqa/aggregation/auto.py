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
    return Blend(posterior=posterior, weights=weights, fits=fits)
