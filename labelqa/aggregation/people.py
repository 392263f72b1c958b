"""Annotators behind a consensus: their confusions and accuracy, each worked out once, when first needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.accuracy import (
    BELOW_CHANCE,
    COLUMNS,
    LEVEL,
    Likelihood,
    accuracies,
    annotator_frame,
    by_even_errors,
    least_accurate_first,
    right_by_truth,
    right_by_votes,
    told_by_truth,
)
from labelqa.aggregation.confusions import hierarchical
from labelqa.aggregation.em import Setting
from labelqa.aggregation.judging import judged
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.solve import Found
from labelqa.annotations.schema import LabelSchema

Floats = npt.NDArray[np.float64]
SAME = 1e-9
VOTERS = 3  # of two annotators who contradict each other a vote cannot tell who is right


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: each part is worked out once
class People:
    """Who labeled, and what was found: the ingredients of everything said of annotators.

    `setting` holds the true classes that are known.
    """

    table: LabelTable
    found: Found
    setting: Setting
    names: pd.Index
    schema: LabelSchema

    @cached_property
    def confusion(self) -> Floats:
        """Probability that annotator g gives label l where class c is true, float64 (m, k, k)."""
        if self.found.confusion is not None:
            return self.found.confusion
        return hierarchical(self.table.apart().soft_counts(self.found.posterior))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Accuracy and main confusion of every annotator."""
        if not self.table.m:
            return pd.DataFrame(columns=list(COLUMNS))
        figures = accuracies(self.table, self._likelihood(), known=self.setting.known)
        frame = annotator_frame(self.table.apart(), figures, self.found.posterior, self.schema)
        frame.insert(0, "annotator", np.asarray(self.names))
        return least_accurate_first(frame)

    def labeled_as(self, other: LabelTable) -> bool:
        """Tell whether `other` has the same labels, in whatever order."""
        if self.table.r != other.r:
            return False
        own, theirs = (np.stack([t.item, t.annotator, t.label]) for t in (self.table, other))
        if np.array_equal(own, theirs):
            return True
        return bool(np.array_equal(own[:, np.lexsort(own)], theirs[:, np.lexsort(theirs)]))

    @property
    def suspects(self) -> pd.DataFrame:
        """Columns annotator, n and reason of those who may be worse than chance; for a vote the others are not judged.

        By votes the likelihood of an accuracy falls at chance exactly where the mean share of like labels is below it:
        nobody else can have an interval below chance, so a vote stays cheap. Where that holds of all labels together,
        annotators contradict each other, and only true classes can call somebody wrong.
        """
        table = self.table
        if self.found.confusion is not None or table.k < 2 or table.m < VOTERS:
            return self.frame[["annotator", "n", "reason"]]
        right = self._right_by_votes()
        short = np.bincount(table.annotator, np.nan_to_num(1 / table.k - right), minlength=table.m)
        tells = told_by_truth(table, self.setting.known) | (short.sum() < 0)
        chosen = np.flatnonzero((short > SAME) & tells)
        place = np.full(table.m, -1, dtype=np.int32)
        place[chosen] = np.arange(chosen.size)
        rows = (place >= 0)[table.annotator]
        part = replace(table.only(rows), annotator=place[table.annotator[rows]], m=chosen.size)
        high = by_even_errors(part, right[rows]).limits(LEVEL)[2]
        names = np.asarray(self.names.take(chosen))
        reason = pd.Series([BELOW_CHANCE if h < 1 / table.k else None for h in high], dtype=object)
        return pd.DataFrame({"annotator": names, "n": part.labels_per_annotator, "reason": reason})

    def _likelihood(self) -> Likelihood:
        """Return the likelihood of accuracies: by votes, by the method's own model, or as `annotator_quality` does.

        The last is for blends, which have no likelihood of their own; it costs two more passes over the labels.
        """
        table, found = self.table, self.found
        if found.confusion is None:
            return by_even_errors(table, self._right_by_votes())
        if found.right is None:
            apart = table.apart()
            return judged(apart, found.posterior, self.setting, 0).likelihood(apart)
        alone = (table.labels_per_item < 2)[table.item]
        right = right_by_truth(table, np.where(alone, np.nan, found.right), self.setting.known)
        return by_even_errors(table, right)

    def _right_by_votes(self) -> Floats:
        return right_by_truth(self.table, right_by_votes(self.table), self.setting.known)
