"""Whether the shares or values of two batches of items differ, by how much, and whether chance explains it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

LEAST_EXPECTED = 5.0  # items of a category in the smaller batch, under which it is counted with other rare ones
BINS = 10
FEW_VALUES = 20  # distinct numbers up to which they are categories
MOST_EXACT = 5_000  # items of both batches up to which p values of numbers are exact
OTHERS = object()  # the name of all categories that are not named, which none of them can have
ONE_CATEGORY = "both batches have one category, the same"
NO_CHANGE = 1e-12  # a category, below which variances and squared changes of shares are rounding errors
Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """How two batches differ; numbers are nan where `reason` says why.

    Attributes
    ----------
    n_reference, n : int
        Items.
    p_value : float
        How often chance alone makes a difference as large.
    cramers_v : float
        Effect size, 0 to 1, of the two batches taken as equally large: .1 small, .3 medium, .5 large.
    psi : float
        Population stability index: .1 is customarily called a small, .25 a large shift.
    jensen_shannon : float
        Distance (square root of the divergence in bits), 0 to 1.
    largest_change : str
        Where it differs most, in words.
    reason : str or None
        Why nothing can be said.
    """

    n_reference: int
    n: int
    p_value: float = math.nan
    cramers_v: float = math.nan
    psi: float = math.nan
    jensen_shannon: float = math.nan
    largest_change: str = ""
    reason: str | None = None


def share_skew(reference: Floats, batch: Floats, names: Sequence[object]) -> Skew:
    """Compare mean shares of k categories by the chi-square statistic with Rao and Scott's second-order correction.

    The unit is the item: the labels of one item resemble each other, and counting each of them would find differences
    everywhere. Where each item is of one category this is Pearson's chi-square test.

    Parameters
    ----------
    reference, batch : float64 (n items, k)
        Share of each category in the labels of each item; rows add up to 1.
    names : sequence (k,)
        Categories; one that is :data:`OTHERS` is counted with the rare ones.

    References
    ----------
    Rao, J. N. K. & Scott, A. J. (1984). On chi-squared tests for multiway contingency tables with cell proportions
    estimated from survey data. Ann. Statist. 12, 46-60.
    Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed., chapter 7.
    Lin, J. (1991). Divergence measures based on the Shannon entropy. IEEE Trans. Inf. Theory 37, 145-151.

    Examples
    --------
    >>> old, new = np.eye(2)[np.arange(100) % 2], np.eye(2)[(np.arange(100) % 4 == 0).astype(int)]
    >>> found = share_skew(old, new, ["no", "yes"])
    >>> found.largest_change, round(found.cramers_v, 2), found.p_value < 0.001
    ("'no' 50% before, 75% now", 0.26, True)
    """
    none = Skew(n_reference=len(reference), n=len(batch), reason="one of the batches has no items with a value")
    if not len(reference) or not len(batch):
        return none
    if int((reference.any(axis=0) | batch.any(axis=0)).sum()) < 2:
        return replace(none, reason=ONE_CATEGORY)
    reference, batch, kept = _lumped(reference, batch, names)
    if reference.shape[1] < 2:
        return replace(none, reason="fewer than two categories have enough items")
    if _too_few_vary(reference, batch):
        return replace(none, reason="too few items have other shares than most have")
    p, q = reference.mean(axis=0), batch.mean(axis=0)
    at = int(np.argmax(np.abs(p - q).round(9)))  # of equal changes the first, whatever the rounding
    change = f"{_named(kept[at])} {_percent(p[at])} before, {_percent(q[at])} now"
    return _measured(none, p, q, p_value=_rao_scott(reference, batch), change=change)


def number_skew(reference: Floats, batch: Floats) -> Skew:
    """Compare the distributions of numbers: Kolmogorov and Smirnov's test, distances over tenths of both.

    Few distinct numbers are categories. The p value is exact given the ties, that of all permutations of the items over
    the batches, up to :data:`MOST_EXACT` items; beyond, it is asymptotic with Stephens' correction,
    and conservative where a small batch has ties (level .024 at 50 against 10,000 whole numbers).

    References
    ----------
    Schröer, G. & Trenkler, D. (1995). Exact and randomization distributions of Kolmogorov-Smirnov tests two or three
    samples. Comput. Statist. Data Anal. 20, 185-202.
    Stephens, M. A. (1970). Use of the Kolmogorov-Smirnov, Cramer-von Mises and related statistics without extensive
    tables. J. R. Statist. Soc. B 32, 115-122.
    """
    reference, batch = reference[np.isfinite(reference)], batch[np.isfinite(batch)]
    both = np.concatenate([reference, batch])
    values, codes = np.unique(both, return_inverse=True)
    none = Skew(n_reference=reference.size, n=batch.size, reason="one of the batches has no items with a value")
    if not reference.size or not batch.size:
        return none
    if values.size <= FEW_VALUES:
        whole = np.eye(values.size)[codes]
        return share_skew(whole[: reference.size], whole[reference.size :], [f"{v:g}" for v in values])
    below = [np.bincount(c, minlength=values.size).cumsum() for c in (codes[: reference.size], codes[reference.size :])]
    p_value = _kolmogorov_smirnov(below[0], below[1])
    edges = np.unique(np.quantile(both, np.linspace(0, 1, BINS + 1)[1:-1]))
    p, q = (_binned(v, edges) for v in (reference, batch))
    change = f"median {np.median(reference):.4g} before, {np.median(batch):.4g} now"
    return _measured(none, p, q, p_value=p_value, change=change)


def _kolmogorov_smirnov(below: Counts, other: Counts) -> float:
    """Return the p value of two batches by the numbers of their items up to each distinct value, (values,)."""
    from scipy.special import kolmogorov

    n, m = int(below[-1]), int(other[-1])
    gap = int(np.abs(below * m - other * n).max())  # the distance times n m, a whole number
    if n + m <= MOST_EXACT:
        return _exact_p(gap, n, m, ends=below + other) if n <= m else _exact_p(gap, m, n, ends=below + other)
    root = math.sqrt(n * m / (n + m))
    return float(kolmogorov((root + 0.12 + 0.11 / root) * gap / n / m))


def _exact_p(gap: int, n: int, m: int, *, ends: Counts) -> float:
    """Return the share of orders of n and m items whose distance, looked at after each of `ends` items, is `gap`.

    Goes through the sorted items: `stay[i]` is the chance that i of those so far are of the n and no distance was as
    large; what reaches it is added up, so that small p values keep their digits.
    """
    looked_at = np.zeros(n + m + 1, dtype=np.bool_)
    looked_at[ends] = True
    own = np.arange(n + 1)
    stay = np.zeros(n + 1)
    stay[0] = 1.0
    p_value = 0.0
    for drawn in range(n + m):
        step = stay * ((n - own) / (n + m - drawn))
        stay = stay - step
        stay[1:] += step[:-1]
        if looked_at[drawn + 1]:
            far = np.abs(own * (n + m) - (drawn + 1) * n) >= gap  # own m - (drawn + 1 - own) n
            p_value += float(stay[far].sum())
            stay[far] = 0.0
    return min(p_value, 1.0)


def _binned(values: Floats, edges: Floats) -> Floats:
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=edges.size + 1)
    return np.asarray(counts / values.size, dtype=np.float64)


def _lumped(reference: Floats, batch: Floats, names: Sequence[object]) -> tuple[Floats, Floats, list[object]]:
    """Return the shares with rare categories counted together, and with the rarest left where those are too few."""
    pooled = (reference.sum(axis=0) + batch.sum(axis=0)) / (len(reference) + len(batch))
    least = LEAST_EXPECTED / min(len(reference), len(batch))
    rare = (pooled < least) | np.array([name is OTHERS for name in names], dtype=np.bool_)
    kept: list[object] = [n for n, r in zip(names, rare, strict=True) if not r]
    if not pooled[rare].sum():
        return reference[:, ~rare], batch[:, ~rare], kept
    if pooled[rare].sum() < least and kept:  # with the rarest of the others, all of them have enough
        rarest = int(np.argmin(np.where(rare, np.inf, pooled)))
        rare[rarest] = True
        kept = [n for n, r in zip(names, rare, strict=True) if not r]
    joined = (np.column_stack([s[:, ~rare], s[:, rare].sum(axis=1)]) for s in (reference, batch))
    return (*joined, [*kept, OTHERS])  # type: ignore[return-value]  # two arrays and the names


def _too_few_vary(reference: Floats, batch: Floats) -> bool:
    """Return whether some, but too few items have other shares than most; in equal designs (nearly) all have one."""
    both = np.concatenate([reference, batch])
    others = int((np.abs(both - np.median(both, axis=0)) > math.sqrt(NO_CHANGE)).any(axis=1).sum())
    return 0 < others * min(len(reference), len(batch)) < LEAST_EXPECTED * len(both)


def _rao_scott(reference: Floats, batch: Floats) -> float:
    from scipy.special import gammaincc

    n_reference, n = len(reference), len(batch)
    share = (reference.sum(axis=0) + batch.sum(axis=0)) / (n_reference + n)
    change = batch.mean(axis=0) - reference.mean(axis=0)
    distance = float((change**2 / share).sum())
    statistic = distance / (1 / n_reference + 1 / n)
    if n_reference + n < 3:
        return math.nan
    # The covariance under the null hypothesis: around the common mean, as Pearson's test has it.
    around = np.concatenate([reference, batch]) - share
    covariance = around.T @ around / (n_reference + n - 1)
    root = np.sqrt(share)
    design = covariance / root[:, None] / root[None, :]
    trace, squares = float(np.trace(design)), float((design**2).sum())
    least = NO_CHANGE * share.size
    if trace <= least:
        return 1.0 if distance <= least else 0.0
    scale = squares / trace
    return float(gammaincc(trace / scale / 2, statistic / scale / 2))


def _measured(none: Skew, p: Floats, q: Floats, *, p_value: float, change: str) -> Skew:
    """Return effect sizes of shares `q` against `p`; in psi an empty category counts as half an item."""
    middle = (p + q) / 2
    filled = middle > 0
    p, q, middle = p[filled], q[filled], middle[filled]
    divergence = 0.5 * sum(float((s[s > 0] * np.log2(s[s > 0] / middle[s > 0])).sum()) for s in (p, q))
    least = 0.5 / min(none.n_reference, none.n)
    before, now = np.maximum(p, least), np.maximum(q, least)
    return replace(
        none,
        p_value=p_value,
        cramers_v=math.sqrt(float(((p - q) ** 2 / (4 * middle)).sum())),
        psi=float(((now - before) * np.log(now / before)).sum()),
        jensen_shannon=math.sqrt(max(divergence, 0.0)),
        largest_change=change,
        reason=None,
    )


def _named(name: object) -> str:
    return "all others" if name is OTHERS else repr(str(name))


def _percent(share: float) -> str:
    return f"{share:.1%}" if 0 < share < 0.01 else f"{share:.0%}"
