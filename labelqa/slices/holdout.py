"""Many rows: one half finds candidates, the other half tests them (Holm)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.slices.cells import Ints
from labelqa.slices.effects import hypergeometric_p, upper_tail
from labelqa.slices.greedy import Judge, Stage, bonferroni
from labelqa.slices.strata import Strata, chance

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
PROMISING = 0.5  # slices expected by chance among candidates, at each step


def halves(n: int, groups: Ints | None, rng: np.random.Generator) -> Mask:
    """Return which of n rows belong to the half that finds; rows of a group stay together."""
    if groups is None:
        return _half(n, rng)
    return np.asarray(_half(int(groups.max()) + 1, rng)[groups])


def _half(n: int, rng: np.random.Generator) -> Mask:
    return np.asarray(rng.permutation(n) < n // 2)


def promising() -> Judge:
    """Return the judge that lets candidates pass, to be tested on the other half."""

    def judge(stage: Stage) -> float:
        expected = bonferroni(float(stage.scores.max()), len(stage.views) * int(stage.allowed.sum()))
        return 0.0 if expected <= PROMISING else 1.0

    return judge


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Rows that took no part in finding: the masks of candidates are fixed for them.

    Attributes
    ----------
    error : float (n,)
        Errors.
    groups : int64 (n,) or None
        Rows that stay together.
    shares : bool
        Whether all errors are 0 or 1.
    """

    error: Floats
    groups: Ints | None
    shares: bool

    def p_values(self, masks: list[Mask], *, in_turn: bool) -> Floats:
        """Return a one-sided p value of each mask (k,), each one within the strata of those before if `in_turn`."""
        strata = np.zeros(self.error.size, dtype=np.int64)
        found = np.empty(len(masks))
        for i, mask in enumerate(masks):
            found[i] = self._p(mask, strata)
            if in_turn:
                _, strata = np.unique(2 * strata + mask, return_inverse=True)
        return found

    def _p(self, mask: Mask, strata: Ints) -> float:
        if self.groups is None and self.shares and not strata.any():
            error = self.error
            return hypergeometric_p(int(error[mask].sum()), int(mask.sum()), int(error.sum()), error.size)
        if self.groups is not None:
            return self._clustered_p(mask, strata)
        return _stratified_p(self.error, mask, strata)

    def _clustered_p(self, mask: Mask, strata: Ints) -> float:
        """Return the p value of the score with a variance that is robust to groups (t, by groups that matter)."""
        from scipy.special import stdtr

        score = _residual(mask.astype(np.float64), strata) * _residual(self.error, strata)
        sums = np.bincount(self.groups, weights=score) if self.groups is not None else score
        touched = np.bincount(self.groups, weights=mask) > 0 if self.groups is not None else mask
        spread = float(np.sqrt(sums @ sums))
        degrees = int(min(touched.sum(), touched.size - 1)) - 1
        return float(stdtr(degrees, -sums.sum() / spread)) if spread > 0 and degrees > 0 else 1.0


def _residual(values: Floats, strata: Ints) -> Floats:
    size = np.maximum(np.bincount(strata), 1)
    return np.asarray(values - (np.bincount(strata, weights=values) / size)[strata])


def _stratified_p(error: Floats, mask: Mask, strata: Ints) -> float:
    """Return the tail of the sum of errors when they are shuffled within strata, from its exact three moments."""
    size = np.bincount(strata)
    inside = np.bincount(strata[mask], minlength=size.size)[None, :].astype(np.int32)
    by_chance = chance(Strata(of_row=strata, inside=inside, size=size), error)
    if by_chance.deviation[0] <= 0:
        return 1.0
    z = (float(error[mask].sum()) - by_chance.expected[0]) / by_chance.deviation[0]
    return upper_tail(float(z), float(by_chance.skewness[0]))
