"""The entry point: one label an item from the labels of several annotators."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.accuracy import annotator_frame
from labelqa.aggregation.auto import blend
from labelqa.aggregation.confusions import MODELS, hierarchical
from labelqa.aggregation.em import Setting, run_em
from labelqa.aggregation.gold import known_classes
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.names import METHODS
from labelqa.aggregation.result import ConsensusResult
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import check_one_round, need_annotations
from labelqa.errors import check_choice

Floats = npt.NDArray[np.float64]
TIE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """Posterior (n, k) of a method, confusions (m, k, k), and how it was found."""

    posterior: Floats
    confusion: Floats
    iterations: int = 0
    converged: bool = True
    log_likelihood: float = math.nan
    weights: dict[str, float] = field(default_factory=dict)


def solve(table: LabelTable, method: str, setting: Setting, seed: int) -> Found:
    """Run one method on a table of labels."""
    if method == "majority":
        shares = table.vote_shares()
        return Found(posterior=shares, confusion=hierarchical(table.soft_counts(shares)))
    if method == "auto":
        mixed = blend(table, setting, seed)
        fits = mixed.fits.values()
        return Found(
            posterior=mixed.posterior,
            confusion=hierarchical(table.soft_counts(mixed.posterior)),
            iterations=max(f.iterations for f in fits),
            converged=all(f.converged for f in fits),
            weights=mixed.weights,
        )
    fit = run_em(table, MODELS[method], setting)
    return Found(
        posterior=fit.posterior,
        confusion=np.exp(fit.parameters.log_confusion),
        iterations=fit.iterations,
        converged=fit.converged,
        log_likelihood=fit.log_likelihood,
    )


def consensus(
    annotations: Annotations,
    method: str = "auto",
    *,
    gold: Mapping[Hashable, Hashable] | str | None = None,
    rng: int = 0,
) -> ConsensusResult:
    """One label an item, with its probability, from the labels of several annotators.

    Parameters
    ----------
    annotations : Annotations
        Labels of one round, n items by m annotators in k classes.
    method : str
        ``auto`` (default): three models of annotators averaged with weights by how well they predict held-out labels;
        ``majority``: share of votes; ``one_coin``: one accuracy an annotator; ``dawid_skene``: a confusion an
        annotator; ``hierarchical``: the same, shrunk towards the group and towards one accuracy; ``spammer``: truth or
        habit (MACE).
    gold : mapping of item to class, or str, optional
        True classes of some items (or the column of the item data that holds them): those items keep them, and
        annotators are judged by them.
    rng : int
        Seed of the folds of ``auto``.

    Returns
    -------
    ConsensusResult
        Labels, probabilities (n, k), quality (n,), ties, and a table of annotators.

    Raises
    ------
    ParameterError
        If `method` is not known, or `gold` names an item or class that is not there.
    RoundsError
        If the annotations hold more than one round.

    References
    ----------
    Dawid, A. P. & Skene, A. M. (1979). Appl. Stat. 28, 20-28. Hovy, D. et al. (2013). NAACL-HLT, 1120-1130. The blend
    of ``auto`` and the shrinkage of ``hierarchical`` are our own, confirmed by ``python -m tests.bench.consensus``.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"ann": list("xxyy"), "ben": list("xxyx"), "cem": list("xyyy")})
    >>> consensus(Annotations.from_wide(wide)).labels.tolist()
    ['x', 'x', 'y', 'y']
    """
    check_choice("method", method, METHODS)
    need_annotations(annotations)
    check_one_round(annotations)
    table = LabelTable.of(annotations)
    setting = Setting(known=known_classes(annotations, gold))
    found = solve(table, method, setting, rng)
    return _result(annotations, table, found, method)


def _result(annotations: Annotations, table: LabelTable, found: Found, method: str) -> ConsensusResult:
    votes = table.votes
    labeled = table.labels_per_item > 0
    top = found.posterior.max(axis=1, keepdims=True, initial=0.0)
    best = found.posterior >= top - TIE
    # Of equally probable classes the one with more votes, then the first in the order of classes.
    codes = np.where(best, votes, -1.0).argmax(axis=1).astype(np.int32) if table.k else np.zeros(table.n, np.int32)
    codes = np.where(labeled, codes, -1).astype(np.int32)
    names = np.array([*annotations.schema.classes, None], dtype=object)
    right = found.posterior[table.item, table.label]
    return ConsensusResult(
        items=annotations.items,
        schema=annotations.schema,
        labels=names[codes],
        codes=codes,
        probabilities=found.posterior,
        quality=np.where(labeled, found.posterior.max(axis=1, initial=0.0), np.nan),
        tied=(best.sum(axis=1) > 1) & labeled,
        n_labels=table.labels_per_item,
        agreeing=np.bincount(table.item, weights=table.label == codes[table.item], minlength=table.n).astype(np.int64),
        annotators=annotator_frame(table, right, found.confusion, annotations.annotators, annotations.schema),
        confusion=found.confusion,
        method=method,
        iterations=found.iterations,
        converged=found.converged,
        log_likelihood=found.log_likelihood,
        weights=found.weights,
    )
