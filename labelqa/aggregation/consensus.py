"""The entry point: one label an item from the labels of several annotators."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.calibration import Calibration, calibration
from labelqa.aggregation.classifier import classifier_vote, with_classifier
from labelqa.aggregation.em import Setting
from labelqa.aggregation.gold import Gold, known_classes
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.names import METHODS
from labelqa.aggregation.notes import notes_on
from labelqa.aggregation.people import People
from labelqa.aggregation.result import ConsensusResult
from labelqa.aggregation.rounds import check_single_round
from labelqa.aggregation.solve import Found, left_out_truth, solve
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import need_annotations
from labelqa.errors import check_choice
from labelqa.inference.randomness import random_generator

Floats = npt.NDArray[np.float64]
TIE = 1e-9


def consensus(
    annotations: Annotations,
    method: str = "auto",
    *,
    pred_probs: object = None,
    gold: Gold | None = None,
    rng: int = 0,
) -> ConsensusResult:
    """One label an item, with its probability, from the labels of several annotators.

    Parameters
    ----------
    annotations : Annotations
        Labels of one round, n items by m annotators in k classes.
    method : str
        ``auto`` (default): two models of annotators averaged by how well they predict left-out labels; ``majority``:
        share of votes; ``one_coin``: one accuracy an annotator; ``dawid_skene``: a confusion an annotator;
        ``hierarchical``: the same, shrunk towards the group and towards one accuracy; ``spammer``: truth or habit
        (MACE).
    pred_probs : array (n, k) or DataFrame, optional
        Out-of-sample class probabilities of a classifier, in the order of ``annotations.items`` and
        ``annotations.schema.classes`` (a DataFrame is brought to it by its index and columns). It joins as a voter,
        calibrated against the annotators and weighed by held-out labels; `notes` says how much it counts.
    gold : mapping or Series of item to class, or str, optional
        True classes of some items (or the column of the item data that holds them); what is missing is not known. Those
        items keep them, annotators are judged by them, and `calibration` says how right the probabilities are: for it
        the items are dealt into five folds, and each fold is judged by a fit that did not know it.
    rng : int
        Seed of these folds and of those that weigh a classifier; nothing else is random.

    Returns
    -------
    ConsensusResult
        Labels, probabilities (n, k), quality (n,), ties, and a table of annotators.

    Raises
    ------
    ParameterError
        If `method` is not known, `gold` names an item or class that is not there, or `pred_probs` does not fit.
    RoundsError
        If the annotations hold more than one round.

    References
    ----------
    Dawid, A. P. & Skene, A. M. (1979). Appl. Stat. 28, 20-28. Hovy, D. et al. (2013). NAACL-HLT, 1120-1130. Asuncion,
    A. et al. (2009). UAI, 27-34. The blend of ``auto``, its temperature and the shrinkage of ``hierarchical`` are our
    own, checked by ``python -m tests.bench.consensus``.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"ann": list("xxyy"), "ben": list("xxyx"), "cem": list("xyyy")})
    >>> consensus(Annotations.from_wide(wide)).labels.tolist()
    ['x', 'x', 'y', 'y']
    """
    check_choice("method", method, METHODS)
    random_generator(rng)
    need_annotations(annotations)
    check_single_round(annotations)
    asked = _Asked(annotations, LabelTable.of(annotations), method, pred_probs, rng)
    setting = Setting(known=known_classes(annotations, gold))
    found, beside, notes = asked.found(setting)
    result = _result(asked, setting, found, checked=_checked(asked, setting), beside=beside)
    return replace(result, notes=(*notes, *result.notes))


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What was asked for; what is known of items is apart, so that it can be withheld."""

    annotations: Annotations
    table: LabelTable
    method: str
    pred_probs: object
    rng: int

    def found(self, setting: Setting) -> tuple[Found, Setting, tuple[str, ...]]:
        """Return what the method finds, with what beside the labels, and what is to be said of the classifier."""
        if self.pred_probs is None:
            return solve(self.table, self.method, setting), setting, ()
        vote = classifier_vote(self.annotations, self.table, self.pred_probs, setting, self.rng)
        beside = replace(setting, offset=vote.offset)
        found = solve(self.table, self.method, beside)
        return with_classifier(self.table, self.method, found, vote, setting.known), beside, vote.notes


def _checked(asked: _Asked, setting: Setting) -> Calibration | None:
    """Return how right the probabilities of items with a known class are where they are not known to the fit."""
    if setting.known is None:
        return None
    judged = np.where(asked.table.labels_per_item > 0, setting.known, -1)
    return calibration(left_out_truth(lambda s: asked.found(s)[0].posterior, setting.known, asked.rng), judged)


def _result(
    asked: _Asked, setting: Setting, found: Found, *, checked: Calibration | None, beside: Setting
) -> ConsensusResult:
    annotations, table = asked.annotations, asked.table
    votes = table.votes
    codes, tied, top = _decided(found.posterior, votes)
    n_labels = table.labels_per_item
    labeled = n_labels > 0
    agreeing = votes[np.arange(table.n), codes].astype(np.int64) if table.k else n_labels
    codes[~labeled] = -1
    people = People(
        table=table.apart(), found=found, setting=setting, names=annotations.annotators, schema=annotations.schema
    )
    return ConsensusResult(
        items=annotations.items,
        schema=annotations.schema,
        labels=np.array([*annotations.schema.classes, None], dtype=object)[codes],
        codes=codes,
        probabilities=found.posterior,
        quality=np.where(labeled & found.tells, top, np.nan),
        tied=tied & labeled,
        n_labels=n_labels,
        agreeing=agreeing,
        method=asked.method,
        iterations=found.iterations,
        converged=found.converged,
        log_likelihood=found.log_likelihood,
        weights=found.weights,
        calibration=checked,
        notes=notes_on(table, found, beside, people.suspects, annotations.schema),
        _people=people,
    )


def _decided(posterior: Floats, votes: Floats) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_], Floats]:
    """Return the most probable class of each item, whether it is tied, and its probability.

    Of equally probable classes the one with more votes is taken, then the first in the order of classes.
    """
    n, k = posterior.shape
    top = posterior[:, :1].max(axis=1, initial=0.0)
    for c in range(1, k):  # class by class: much faster than along short rows
        np.maximum(top, posterior[:, c], out=top)
    limit = top - TIE
    codes, seen, tied = np.zeros(n, np.int32), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    for c in range(k):
        best = posterior[:, c] >= limit
        codes += np.multiply(best, c, dtype=np.int32)  # of tied ones the sum, mended below
        tied |= seen & best
        seen |= best
    among = np.flatnonzero(tied)
    level = posterior.T[:, among] >= limit[among]
    codes[among] = np.where(level, votes.T[:, among], -1.0).argmax(axis=0) if k else 0
    return codes, tied, top
