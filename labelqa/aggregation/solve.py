"""One method on a table of labels: posterior, confusions, and how right each label is by what the others say."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.auto import blend
from labelqa.aggregation.confusions import MODELS, PRIOR_COUNTS, hierarchical
from labelqa.aggregation.em import Fit, Setting, add_outside, normalised, run_em
from labelqa.aggregation.labeltable import LabelTable

Floats = npt.NDArray[np.float64]
FOLDS = 5
TINY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """Posterior (n, k) of a method, and how it was found.

    `confusion` (m, k, k) and `right` (r,), how probably each label is right by the others of its item, are None where
    they follow from the posterior alone. `tells` is whether anything says how sure labels are.
    """

    posterior: Floats
    confusion: Floats | None = None
    right: Floats | None = None
    iterations: int = 0
    converged: bool = True
    log_likelihood: float = math.nan
    weights: dict[str, float] = field(default_factory=dict)
    tells: bool = True


def solve(table: LabelTable, method: str, setting: Setting) -> Found:
    """Run one method on a table of labels."""
    alone = not setting.has_known and setting.offset is None and table.labels_per_item.max(initial=0) < 2
    if method == "majority" or alone:  # without a second label nothing tells annotators apart: each label stands
        return Found(posterior=_voted(table, setting), tells=not alone)
    if method == "auto":
        mixed = blend(table, setting)
        fits = mixed.fits.values()
        return Found(
            posterior=mixed.posterior,
            confusion=hierarchical(table.soft_counts(mixed.posterior)),
            iterations=max(f.iterations for f in fits),
            converged=all(f.converged for f in fits),
            weights=mixed.weights,
        )
    fit = run_em(table, MODELS[method], replace(setting, prior_count=PRIOR_COUNTS[method]))
    return Found(
        posterior=fit.posterior,
        confusion=np.exp(fit.parameters.log_confusion),
        right=_right_by_others(table, fit),
        iterations=fit.iterations,
        converged=fit.converged,
        log_likelihood=fit.log_likelihood,
    )


def left_out_truth(fit: Callable[[Setting], Floats], known: npt.NDArray[np.integer], seed: int) -> Floats:
    """Return the posterior (n, k) of items with a known class (n,), each from a fit that did not know it.

    The known items (class codes, -1 where unknown) are dealt into five folds; each fold is treated as unknown once.
    Other rows are nan.
    """
    rows = np.random.default_rng(seed).permutation(np.flatnonzero(known >= 0))
    folds = [fold for fold in np.array_split(rows, FOLDS) if fold.size]
    out = np.empty((0, 0))
    for fold in folds:
        withheld = known.copy()
        withheld[fold] = -1
        posterior = fit(Setting(known=withheld))
        out = np.full_like(posterior, np.nan) if not out.size else out
        out[fold] = posterior[fold]
    return out


def _voted(table: LabelTable, setting: Setting) -> Floats:
    """Return shares of votes; outside knowledge of an item counts as a further factor."""
    shares = table.vote_shares()
    if setting.offset is None and setting.known is None:
        return shares
    scores = np.log(np.maximum(shares, TINY))
    add_outside(scores, setting)
    return normalised(scores)


def _right_by_others(table: LabelTable, fit: Fit) -> Floats:
    """Return the probability that each label is right by the others of its item, float64 (r,)."""
    scores = np.log(np.maximum(fit.posterior, TINY))
    out = np.empty(table.r)
    for part in table.label_blocks():
        annotator, label = table.annotator[part], table.label[part]
        own = fit.parameters.log_confusion[annotator, :, label]
        out[part] = normalised(scores[table.item[part]] - own)[np.arange(label.size), label]
    return out
