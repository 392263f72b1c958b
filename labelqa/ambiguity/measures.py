"""How much two classes are confused: split rate and indistinguishability, with intervals in closed form.

Both are ratios of sums over items, so their logarithms have a linear expansion in the items (delta method) whose
variance is a few of the sums of :mod:`labelqa.ambiguity.sums`: exact to the order of the bootstrap over items, and
cheap for every pair of a thousand classes. Student t with Satterthwaite's degrees of freedom allows for few items
behind a term; the interval of indistinguishability also allows for one unanimous item of either class that the sample
happens not to hold, without which it fails where a class is rare and many annotators label an item (seen: 74 % instead
of 95 %; our own proposal, checked by ``python -m tests.bench.class_pairs``).

References
----------
Darroch, J. N. & McCloud, P. I. (1986). Category distinguishability and observer agreement. Austral. J. Statist. 28,
371-388 (indistinguishability 1 - delta_ab, eq. 2.2). Satterthwaite, F. E. (1946). Biometrics Bulletin 2, 110-114.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.ambiguity.sums import PairSums

Floats = npt.NDArray[np.float64]
HALF = 0.5  # coincidences that stand for none
TINY = 1e-12
LEAST_DEGREES = 3.0  # with fewer an interval says nothing at all; so few splits are shown with a warning anyway


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """An estimate and its interval for each of several rows; float64 (P,) each."""

    estimate: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Term:
    """A sum over items and the sum of the squares of its terms; float64 (P,) each."""

    total: Floats
    squares: Floats

    @property
    def filled(self) -> Floats:
        """The sum, half a coincidence where it is zero."""
        return np.where(self.total > 0, self.total, HALF)

    @property
    def variance(self) -> Floats:
        """Relative variance of the sum; where nothing was seen, that of a single half."""
        return np.where(self.total > 0, self.squares / self.filled**2, 1.0)

    @property
    def degrees(self) -> Floats:
        """One less than the number of items that effectively carry the sum, at least LEAST_DEGREES."""
        return np.maximum(self.total**2 / np.maximum(self.squares, TINY) - 1, LEAST_DEGREES)


def split_rates(sums: PairSums, confidence: float) -> Measured:
    """Return, for each pair, the share of label pairs within {a, b} that split."""
    alike = sums.classes.alike[sums.a] + sums.classes.alike[sums.b]
    alike2 = sums.classes.alike2[sums.a] + sums.classes.alike2[sums.b] + 2 * sums.of_pair("ab")
    both = sums.of_pair("xa") + sums.of_pair("xb")
    split = Term(total=2 * sums.of_pair("x"), squares=4 * sums.of_pair("xx"))
    return rate(split, Term(total=alike, squares=alike2), 2 * both, n=sums.n, confidence=confidence)


def rate(split: Term, alike: Term, product: Floats, *, n: int, confidence: float) -> Measured:
    """Return split / (split + alike) with a logit interval.

    Parameters
    ----------
    split, alike : Term
        The two sums.
    product : float64 (P,)
        Sum over items of the product of their terms.
    n : int
        Number of items.
    confidence : float
        Level of the interval.
    """
    variance = split.variance + alike.variance - 2 * product / (split.filled * alike.filled)
    half = _half_width(variance, [split, alike], [1.0, 1.0], n=n, confidence=confidence)
    logit = np.log(split.filled / alike.filled)
    whole = split.total + alike.total
    estimate = np.divide(split.total, whole, out=np.full_like(whole, np.nan), where=whole > 0)
    low, high = 1 / (1 + np.exp(half - logit)), 1 / (1 + np.exp(-half - logit))
    return Measured(estimate=estimate, low=np.minimum(low, estimate), high=np.maximum(high, estimate))


def indistinguishabilities(sums: PairSums, confidence: float) -> Measured:
    """Return, for each pair, o_ab^2 / (o_aa o_bb) with an interval: 0 never confused, 1 as good as the same class."""
    x = Term(total=sums.of_pair("x"), squares=sums.of_pair("xx"))
    a, b = (Term(total=sums.classes.alike[c], squares=sums.classes.alike2[c]) for c in (sums.a, sums.b))
    unseen = float(sums.totals[0, 0] / max(float(sums.classes.labels.sum()), 1.0))  # labels of an item, by label
    variance = (
        4 * x.variance
        + a.variance
        + b.variance
        + 2 * sums.of_pair("ab") / (a.filled * b.filled)
        - 4 * sums.of_pair("xa") / (x.filled * a.filled)
        - 4 * sums.of_pair("xb") / (x.filled * b.filled)
        + (unseen / a.filled) ** 2
        + (unseen / b.filled) ** 2
    )
    half = _half_width(variance, [x, a, b], [4.0, 1.0, 1.0], n=sums.n, confidence=confidence)
    estimate = x.total**2 / (a.filled * b.filled)
    high = np.minimum(estimate * np.exp(half), np.maximum(estimate, 1.0))  # of exchangeable annotators none is above 1
    return Measured(estimate=estimate, low=estimate * np.exp(-half), high=high)


def _half_width(variance: Floats, terms: list[Term], weights: list[float], *, n: int, confidence: float) -> Floats:
    """Return t times the standard error of a logarithm (P,); infinite for a single item."""
    from scipy.special import stdtrit  # not needed where nothing met

    if n < 2:
        return np.full(variance.shape, 50.0)  # as good as no interval: exp(50) is beyond every ratio
    parts = np.stack([w * t.variance for w, t in zip(weights, terms, strict=True)])
    spread = (parts**2 / np.stack([t.degrees for t in terms])).sum(axis=0)
    degrees = np.maximum(parts.sum(axis=0) ** 2 / np.maximum(spread, TINY), LEAST_DEGREES)
    error = np.sqrt(np.maximum(variance, 0.0) * n / (n - 1))
    return np.asarray(np.minimum(stdtrit(degrees, 0.5 + confidence / 2) * error, 50.0))
