"""What merging two classes would gain in agreement, and what it would lose in information.

Krippendorff's alpha before and after is a function of two sums over items, so the paired difference has a linear
expansion in the items; its variance is a quadratic form in the sums of :mod:`labelqa.ambiguity.sums`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.ambiguity.measures import Measured
from labelqa.ambiguity.sums import PairSums

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Disagreements:
    """Observed and expected disagreement before (numbers) and after merging each pair (P,)."""

    observed: float
    expected: float
    observed_after: Floats
    expected_after: Floats

    @property
    def is_defined(self) -> npt.NDArray[np.bool_]:
        """Whether alpha exists after the merge: more than one class is left, (P,)."""
        return self.expected_after > 1e-12


def merge_gains(sums: PairSums, confidence: float) -> Measured:
    """Return alpha after merging each pair less alpha before, with a paired interval; nan where one class is left."""
    from labelqa.inference.intervals import t_half_width

    total = float(sums.classes.labels.sum())
    found = _disagreements(sums, total)
    ok, small = found.is_defined, 1 - 1 / max(total, 2.0)
    after = np.where(ok, found.expected_after, np.nan)
    gain = small * (found.observed / (found.expected or np.nan) - found.observed_after / after)
    weights = _weights(sums, found, total)
    n = sums.n
    variance = np.einsum("pi,pij,pj->p", weights, _products(sums), weights) / total**2 * n / max(n - 1, 1)
    error = small * np.sqrt(np.maximum(variance, 0.0))
    half = error * (t_half_width(1.0, confidence, n - 1) if n > 1 else np.nan)
    return Measured(estimate=gain, low=gain - half, high=gain + half)


def alpha_of(sums: PairSums) -> float:
    """Return Krippendorff's alpha of all labels; nan where it is undefined."""
    total = float(sums.classes.labels.sum())
    found = _disagreements(sums, total)
    return 1 - (1 - 1 / max(total, 2.0)) * found.observed / found.expected if found.expected > 0 else float("nan")


def information_lost(sums: PairSums) -> Floats:
    """Return the share of the entropy of the labels that goes when each pair is merged, (P,)."""
    shares = sums.classes.shares
    whole = float(_entropy_terms(shares).sum())
    a, b = shares[sums.a], shares[sums.b]
    lost = _entropy_terms(a) + _entropy_terms(b) - _entropy_terms(a + b)
    return lost / whole if whole > 0 else np.zeros_like(lost)


def _entropy_terms(shares: Floats) -> Floats:
    return -shares * np.log(np.where(shares > 0, shares, 1.0))


def _disagreements(sums: PairSums, total: float) -> Disagreements:
    shares = sums.classes.shares
    observed = 1 - float(sums.classes.alike.sum()) / max(total, 1.0)
    expected = 1 - float((shares**2).sum())
    return Disagreements(
        observed=observed,
        expected=expected,
        observed_after=observed - 2 * sums.of_pair("x") / max(total, 1.0),
        expected_after=expected - 2 * shares[sums.a] * shares[sums.b],
    )


def _weights(sums: PairSums, found: Disagreements, total: float) -> Floats:
    """Return the influence of an item as weights of (r, diagonal, q, x, labels a, labels b), (P, 6)."""
    shares = sums.classes.shares
    a, b, x = shares[sums.a], shares[sums.b], sums.of_pair("x") / total
    after = np.where(found.is_defined, found.expected_after, np.nan)
    before = found.expected or np.nan
    u = 1 / before - 1 / after
    v = found.observed_after / after**2 - found.observed / before**2
    slope = 2 * found.observed_after / after**2
    of_size = u * (1 - found.observed) + 2 * v * (1 - found.expected) - 2 * x / after + 2 * slope * a * b
    return np.stack([of_size, -u, -2 * v, 2 / after, -slope * b, -slope * a], axis=1)


def _products(sums: PairSums) -> Floats:
    """Return the sums of products of (r, diagonal, q, x, labels a, labels b) for each pair, (P, 6, 6)."""
    c, pair = sums.classes, sums.of_pair
    out = np.empty((sums.a.size, 6, 6))
    out[:, :3, :3] = sums.totals
    for row, name in enumerate(("rx", "gx", "qx")):
        out[:, row, 3] = pair(name)
    for row, by_class in enumerate((c.size_labels, c.agreed_labels, c.expected_labels)):
        out[:, row, 4], out[:, row, 5] = by_class[sums.a], by_class[sums.b]
    out[:, 3, 3], out[:, 3, 4], out[:, 3, 5] = pair("xx"), pair("xla"), pair("xlb")
    out[:, 4, 4], out[:, 5, 5], out[:, 4, 5] = c.labels2[sums.a], c.labels2[sums.b], pair("lab")
    lower = np.tril_indices(6, -1)
    out[:, lower[0], lower[1]] = out[:, lower[1], lower[0]]
    return out
