"""What every model gets, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from labelqa.label_issues.training.encode import Encoded

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]
Classifier: TypeAlias = Any  # of scikit-learn, which has no types


class Fit(Protocol):
    """A model that was told of the rows."""

    def __call__(self, weights: Floats, *, final: bool) -> Floats:
        """Return out-of-fold class probabilities (n, k); `weights` (n,) say how far labels are trusted.

        `final` tells the round that counts from one that only finds weights, for which less repetition will do.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """Labels of n rows in k classes and what is known of the rows.

    Attributes
    ----------
    encoded : Encoded
        Features as numbers.
    codes : int32 (n,)
        Given classes.
    k : int
        Number of classes.
    groups : int32 (n,) or None
        Rows that belong together: none of them takes part in a prediction of another.
    seed : int
        Of everything random.
    n_repeats : int
        How often rows are dealt into folds anew.
    """

    encoded: Encoded
    codes: Codes
    k: int
    groups: Codes | None
    seed: int
    n_repeats: int

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.codes.size)

    @property
    def indicators(self) -> Floats:
        """1 where a row has a class, float64 (n, k)."""
        out = np.zeros((self.n, self.k))
        out[np.arange(self.n), self.codes] = 1.0
        return out


def as_probabilities(values: Floats, least: float) -> Floats:
    """Return rows that sum to one, no entry under about `least`: no model of labels is ever certain."""
    raised = np.maximum(values, least)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
