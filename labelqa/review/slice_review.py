"""What is behind the disagreement on one kind of items: told from the decisions on its contested items."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.ambiguity.confusions import class_confusions
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem
from labelqa.inference.proportions import wilson
from labelqa.reliability.items import item_disagreement
from labelqa.review.ledger import UNCLEAR
from labelqa.review.lookup import decisions_now, released
from labelqa.review.project import Project
from labelqa.review.visibility import class_values, hidden_name, seen_annotations
from labelqa.slices.result import SliceTable

Known = tuple[tuple[str, ...], tuple[str, ...], tuple[str, str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceReview:
    """The contested items of a slice, and why people differed on those that are decided.

    Attributes
    ----------
    items : tuple of str
        Its items with two labels or more.
    contested : tuple of str
        Those on which people differ, in an order drawn by lot: the first of them are a fair sample of all.
    undecided : tuple of str
        Those of them without a decision, in the same order.
    pair : (str, str) or None
        The two classes that meet most often on its items.
    causes : dict of str to int
        Decided items by cause, one of :data:`labelqa.review.CAUSES`; the most frequent first.
    unclear : float
        Share of the decided items where the instruction is behind it (:data:`labelqa.review.UNCLEAR`); nan if none is
        decided.
    low, high : float
        95% interval of that share among all contested items of the slice, if those decided came in the order above.
    """

    items: tuple[str, ...]
    contested: tuple[str, ...]
    undecided: tuple[str, ...]
    pair: tuple[str, str] | None
    causes: Mapping[str, int]
    unclear: float
    low: float
    high: float

    @property
    def remedy(self) -> str | None:
        """What pays: "clarify" where the instruction is behind most of it, "remind" where not, None while unknown."""
        if self.low > 1 / 2:
            return "clarify"
        return "remind" if self.high < 1 / 2 else None


def review_slice(project: Project, table: SliceTable, i: int, *, round: int | None = None, actor: str) -> SliceReview:
    """Return what the decisions say of a slice on which people disagree.

    Parameters
    ----------
    project : Project
        Which project.
    table : SliceTable
        What :func:`labelqa.disagreement_slices` found on the labels that :func:`visible_annotations` shows for rules.
    i : int
        Which of its slices.
    round : int, optional
        The closed round of the labels; all by default.
    actor : str
        Who asks; a reviewer or lead.

    Returns
    -------
    SliceReview
        Its items, causes, and the share for which the instruction is to blame, with Wilson's interval for a sample
        without replacement: it shrinks to a point when all are decided.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    ParameterError
        If there is no such slice, or the table is of other labels.

    References
    ----------
    Wilson, E. B. (1927). Probable inference. J. Am. Stat. Assoc. 22, 209-212. Cochran, W. G. (1977). Sampling
    Techniques, 3rd ed., section 2.6 (finite population correction).
    """
    mask = table.mask(i)
    with project.reading(actor, "read_results") as reader:
        data, _ = seen_annotations(reader, project, round)
        if data is None or len(mask) != data.n_items:
            what = "the slices were found on other labels than those of the round"
            raise ParameterError(Problem(what=what, parameter="round", value=round))
        key = ("slice", round, released(reader, project), mask.tobytes())
        items, contested, pair = project.once(key, lambda: _known(project, data, mask))
        decided = decisions_now(reader, project)
    causes = Counter(decided[item].cause for item in contested if item in decided)
    share, low, high = _unclear(causes, len(contested))
    return SliceReview(
        items=items,
        contested=contested,
        undecided=tuple(item for item in contested if item not in decided),
        pair=pair,
        causes=dict(causes.most_common()),
        unclear=share,
        low=low,
        high=high,
    )


def _known(project: Project, data: Annotations, mask: npt.NDArray[np.bool_]) -> Known:
    """Return the items of a slice, those contested by lot, and the pair of classes that meets most often."""
    within = data.take(np.flatnonzero(mask[data.item]))
    told = item_disagreement(within).to_frame()
    split = [str(item) for item in told.loc[told["disagreement"] > 0, "item"]]
    split.sort(key=lambda item: hidden_name(project, "lot", item))
    pairs = class_confusions(within).to_frame()
    items = tuple(str(item) for item in data.items[mask])
    if pairs.empty:
        return items, tuple(split), None
    top = pairs.sort_values("coincidences", ascending=False, kind="stable").iloc[0]
    called = dict(zip(class_values(project), project.classes, strict=True))
    return items, tuple(split), (called[top["class_a"]], called[top["class_b"]])


def _unclear(causes: Mapping[str, int], n_contested: int) -> tuple[float, float, float]:
    n, hits = sum(causes.values()), sum(causes.get(cause, 0) for cause in UNCLEAR)
    if not n:
        return math.nan, math.nan, math.nan
    if n == n_contested:
        return hits / n, hits / n, hits / n
    grown = (n_contested - 1) / (n_contested - n)  # as if so many times more were drawn from endlessly many
    share, low, high = wilson(np.array([hits * grown]), np.array([n * grown]), 0.95)
    return float(share[0]), float(low[0]), float(high[0])
