"""Which pairs of classes are confused more often than chance: a test per pair, and a search that keeps errors few.

One confused pair makes others look confused, or hides them, since all share one table. So the strongest pair is taken
out of the table, the rest judged anew, and pairs taken out before are judged again by the others (forward selection
with backward checks); what is left at the end passes Benjamini-Hochberg over all pairs of used classes.

The test: coincidences over their dispersion follow a Poisson law whose mean is known up to a gamma law of the variance
that the fit has (a negative binomial, continuous form). A quarter more than expected is still called chance: real
chance is not exactly quasi-independent (errors spread evenly over classes of unequal size are not), and what is that
close to it needs no rule. Our own proposal, in place of a z test of log(observed / expected), which claims too much
where counts are small; level, power and false discoveries: ``python -m tests.bench.class_pairs``.

References
----------
Benjamini, Y. & Hochberg, Y. (1995). J. R. Statist. Soc. B 57, 289-300. McCullagh, P. & Nelder, J. A. (1989).
Generalized Linear Models, 2nd ed., section 6.2 (Poisson with dispersion; the negative binomial as a gamma mixture).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.ambiguity.independence import expected_splits
from labelqa.ambiguity.sums import PairSums
from labelqa.inference.adjustment import benjamini_hochberg

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
MARGIN = 1.25  # times the expected number that still counts as chance
LEVEL = 0.05
LEAST_CLASSES = 4
MOST_CLASSES = 5_000  # a table of all pairs of more would not fit in memory
AT_ONCE = 8  # of many significant pairs, one in so many is taken out in one step
ONE_CLASS = "fewer than two classes were used"
TWO_CLASSES = "with two classes there is one pair, and nothing to compare it with"
THREE_CLASSES = "with three classes every table fits quasi-independence, so chance has no say"
TOO_MANY_CLASSES = f"a table of more than {MOST_CLASSES:,} classes is too large"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BeyondChance:
    """Each pair against chance.

    Attributes
    ----------
    expected : float64 (P,)
        Coincidences expected by chance.
    p_value, p_adjusted : float64 (P,)
        One-sided, and adjusted over all pairs of used classes.
    found : bool (P,)
        Pairs beyond chance.
    undefined_because : str or None
        Why there is no test.
    """

    expected: Floats
    p_value: Floats
    p_adjusted: Floats
    found: Truths
    undefined_because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Table:
    split: Floats
    a: npt.NDArray[np.int64]
    b: npt.NDArray[np.int64]
    dispersion: float
    n_pairs: int

    @property
    def room(self) -> int:
        """Pairs that can be taken out so that the table still has more cells than parameters."""
        return self.n_pairs - int(self.split.shape[0]) - 1

    def judged(self, found: Truths) -> tuple[Floats, Floats]:
        """Return expected coincidences and p value of each pair where `found` pairs are left out of the table."""
        holes = np.zeros(self.split.shape, dtype=np.bool_)
        holes[self.a[found], self.b[found]] = holes[self.b[found], self.a[found]] = True
        expected = expected_splits(self.split, self.a, self.b, holes)
        observed = self.split[self.a, self.b]
        return expected.mean, _upper_tail(observed, expected.mean, expected.log_variance, self.dispersion)

    def adjusted(self, p_values: Floats) -> Floats:
        """Return p values adjusted over all pairs: those that never met have a p value of 1."""
        return benjamini_hochberg(p_values, n=self.n_pairs)


def beyond_chance(sums: PairSums) -> BeyondChance:
    """Test each pair that met against chance."""
    used = np.flatnonzero(sums.classes.labels > 0)
    reason = _impossible(used.size)
    if reason is not None or not sums.a.size:
        nothing = np.full(sums.a.size, np.nan)
        none = np.zeros(sums.a.size, dtype=np.bool_)
        return BeyondChance(expected=nothing, p_value=nothing, p_adjusted=nothing, found=none, undefined_because=reason)
    return _searched(_table(sums, used))


def _impossible(k: int) -> str | None:
    if k < 2:
        return ONE_CLASS
    if k < LEAST_CLASSES:
        return THREE_CLASSES if k == LEAST_CLASSES - 1 else TWO_CLASSES
    return TOO_MANY_CLASSES if k > MOST_CLASSES else None


def _table(sums: PairSums, used: npt.NDArray[np.intp]) -> _Table:
    place = np.full(sums.classes.labels.size, -1)
    place[used] = np.arange(used.size)
    a, b, x = place[sums.a], place[sums.b], sums.of_pair("x")
    split = np.zeros((used.size, used.size))
    split[a, b] = split[b, a] = x
    dispersion = float(sums.of_pair("xx").sum() / x.sum())
    return _Table(split=split, a=a, b=b, dispersion=dispersion, n_pairs=used.size * (used.size - 1) // 2)


def _searched(table: _Table) -> BeyondChance:
    found = np.zeros(table.a.size, dtype=np.bool_)
    seen: set[bytes] = set()
    while True:
        expected, p_values = table.judged(found)
        adjusted = table.adjusted(p_values)
        following = _next(found, adjusted, p_values, table.room)
        if following.tobytes() in seen or (following == found).all():
            held = found & (adjusted <= LEVEL)
            return BeyondChance(expected=expected, p_value=p_values, p_adjusted=adjusted, found=held)
        seen.add(found.tobytes())
        found = following


def _next(found: Truths, adjusted: Floats, p_values: Floats, room: int) -> Truths:
    """Return the pairs to take out next: without the weakest that no longer holds, else with the strongest new ones."""
    after = found.copy()
    failed = np.flatnonzero(found & (adjusted > LEVEL))
    if failed.size:
        after[failed[np.argmax(p_values[failed])]] = False
        return after
    new = np.flatnonzero(~found & (adjusted <= LEVEL))
    many = min(max(1, new.size // AT_ONCE), room - int(found.sum()))
    if new.size and many > 0:
        after[new[np.argsort(p_values[new], kind="stable")[:many]]] = True
    return after


def _upper_tail(observed: Floats, expected: Floats, log_variance: Floats, dispersion: float) -> Floats:
    """Return the probability of at least `observed` coincidences where `expected` ones are chance, (P,)."""
    from scipy.special import betainc

    scale = max(dispersion, 1e-9)
    mean = MARGIN * expected / scale
    shape = 1 / np.maximum(dispersion * log_variance, 1e-9)
    return np.asarray(betainc(np.maximum(observed / scale, 1e-9), shape, mean / (shape + mean)))
