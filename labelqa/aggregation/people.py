"""Annotators behind a consensus: their confusions and accuracy, worked out when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.accuracy import COLUMNS, annotator_frame
from labelqa.aggregation.confusions import hierarchical
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.solve import Found
from labelqa.annotations.schema import LabelSchema

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)  # no slots: each part is worked out once
class People:
    """Who labeled, and what was found: the ingredients of everything said of annotators."""

    table: LabelTable
    found: Found
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
        return annotator_frame(self.table, self._right(), self.confusion, self.names, self.schema)

    def _right(self) -> Floats:
        """Return how right each label is by the others of its item (r,), nan where there are no others."""
        alone = (self.table.labels_per_item < 2)[self.table.item]
        if self.found.right is not None:
            return np.where(alone, np.nan, self.found.right)
        others = np.maximum(self.table.labels_per_item[self.table.item] - 1, 1)
        same = self.table.votes[self.table.item, self.table.label] - 1
        return np.where(alone, np.nan, same / others)
