"""Coefficients that need to know who labeled, as functions of how often each kind of label set occurs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.counts.sparse import ClassCounts
from labelqa.reliability.cohen import CohenSample
from labelqa.reliability.comparison.scores import Scores
from labelqa.reliability.conger import CongerSample
from labelqa.reliability.weights import Weights
from labelqa.reliability.who import WhoLabeled

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class WhoScorer:
    """A coefficient of kinds of label sets, each with its annotators; `sample` holds one item of each kind."""

    sample: CongerSample | CohenSample

    @property
    def used(self) -> npt.NDArray[np.bool_]:
        """Which kinds enter at all, (u,)."""
        return self.sample.used

    def values(self, times: Floats) -> Floats:
        """Return the coefficient for each row of counts, (b,)."""
        return np.array([self.sample.value(row) for row in times])

    def scores(self, times: Floats) -> Scores:
        """Return the coefficient and its slopes for each row of counts."""
        found = [self.sample.linearised(row) for row in times]
        return Scores(value=np.array([value for value, _ in found]), slope=np.stack([slope for _, slope in found]))


class CongerScorer(WhoScorer):
    """Conger's kappa."""

    @classmethod
    def of(cls, who: ClassCounts, kinds: ClassCounts, weights: Weights) -> CongerScorer:
        """Prepare the kinds `who` (u, m k), which hold the labels `kinds` (u, k)."""
        return cls(CongerSample.of(WhoLabeled.of_kinds(who, kinds.k, weights)))


class CohenScorer(WhoScorer):
    """Mean of Cohen's kappa over the pairs of annotators."""

    @classmethod
    def of(cls, who: ClassCounts, k: int, weights: Weights) -> CohenScorer:
        """List the label pairs of the kinds `who` (u, m k)."""
        return cls(CohenSample.of(WhoLabeled.of_kinds(who, k, weights)))
