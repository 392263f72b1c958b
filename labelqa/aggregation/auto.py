"""The default consensus: three models of annotators, weighed by how well they predict labels held out of the fit.

No model of annotators is best on every data set, and the likelihood of the fit does not tell which is. Each label is
predicted from a fit without it (five folds); a model's weight is the exponential of its mean log probability per item.
Posteriors are softened before they are averaged, since each model takes annotators' errors for independent and is
therefore too sure.

The choice of models, folds and softening is our own, made by principle (one number an annotator, a habit, and a full
confusion shrunk to the group) and confirmed on public sets: `python -m tests.bench.consensus`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.confusions import MODELS
from labelqa.aggregation.em import Fit, Setting, normalised, run_em
from labelqa.aggregation.labeltable import LabelTable

Floats = npt.NDArray[np.float64]
MEMBERS = ("one_coin", "hierarchical", "spammer")
FOLDS = 5
SOFTENING = 0.5
TINY = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blend:
    """Several fits and their weights.

    Attributes
    ----------
    posterior : float64 (n, k)
        Weighted mean of the softened posteriors.
    weights : mapping of method to float
        Summing to one.
    held_out : mapping of method to float
        Mean log probability of a label held out.
    fits : mapping of method to Fit
        The fits to all labels.
    """

    posterior: Floats
    weights: dict[str, float]
    held_out: dict[str, float]
    fits: dict[str, Fit]


def blend(table: LabelTable, setting: Setting, seed: int) -> Blend:
    """Fit the members and average them."""
    fits = {name: run_em(table, MODELS[name], setting) for name in MEMBERS}
    held_out = held_out_scores(table, setting, seed)
    per_item = np.array([held_out[name] for name in MEMBERS]) * table.r / max(table.n, 1)
    raw = np.exp(per_item - per_item.max())
    weights = dict(zip(MEMBERS, (raw / raw.sum()).tolist(), strict=True))
    posterior = sum((w * softened(fits[name].posterior) for name, w in weights.items()), np.zeros((table.n, table.k)))
    return Blend(posterior=posterior, weights=weights, held_out=held_out, fits=fits)


def held_out_scores(table: LabelTable, setting: Setting, seed: int) -> dict[str, float]:
    """Return the mean log probability that each member gives to labels that it was not fitted to."""
    fold = np.random.default_rng(seed).integers(0, FOLDS, size=table.r)
    total = dict.fromkeys(MEMBERS, 0.0)
    for f in range(FOLDS):
        held = fold == f
        if not held.any() or held.all():
            continue
        rest = table.only(~held)
        item, annotator, label = table.item[held], table.annotator[held], table.label[held]
        for name in MEMBERS:
            fit = run_em(rest, MODELS[name], setting)
            confusion = np.exp(fit.parameters.log_confusion)[annotator, :, label]
            probability = (fit.posterior[item] * confusion).sum(axis=1)
            total[name] += float(np.log(np.maximum(probability, TINY)).sum())
    return {name: value / max(table.r, 1) for name, value in total.items()}


def softened(posterior: Floats) -> Floats:
    """Return the posterior with all log odds halved."""
    return normalised(SOFTENING * np.log(np.maximum(posterior, TINY)))
