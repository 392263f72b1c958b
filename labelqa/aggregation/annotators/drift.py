"""Did an annotator change over time? A CUSUM against the same labels in random order.

Two things are followed: how well each label fits the others of its item, against what it would if the annotator were
like them; and the same against how well theirs fit. The first moves where items get harder for everybody, the second
where somebody else drifts; a change shows in both, so the larger p value counts. From both the annotator's mean in each
consensus class is taken out before they are cumulated: who is better at one class than at another would seem to change
wherever classes come one after the other. The statistic is the largest departure of the cumulated sum from zero; its
null distribution is that of the same values in random order, so nothing is assumed of them but that order does not
matter (values of classes that come one after the other stray less than that). Long histories are followed in at most
400 blocks. Only times tell an order: rows of a file may be sorted by anything.

References
----------
Page, E. S. (1954). Continuous inspection schemes. Biometrika 41, 100-115. Permutation limits as in Antoch, J. &
Huskova, M. (2001). Permutation tests in change point analysis. Stat. Probab. Lett. 53, 37-46.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.judging import Judged
from labelqa.aggregation.labeltable import LabelTable

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LEAST = 10  # labels of an annotator that are followed at all
BLOCKS = 400
STAGES = (199, 1_999, 19_999)  # permutations; the next stage only where the one before leaves p open
OPEN = (0.1, 0.01)  # at or under which p is worked out with more permutations
AT_ONCE = 2_000_000  # numbers permuted at a time
SAME = 1e-9
LEVEL = 0.05  # of the limits that are drawn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drift:
    """What the CUSUM of every annotator found.

    Attributes
    ----------
    p_value : float64 (m,)
        Of the permutation test; nan with fewer than ten judged labels that have a time.
    first_after : int64 (m,)
        Row of the first label after the change, -1 where unknown.
    position : int64 (m,)
        Which of the annotator's judged labels that is, from 1 on.
    before, after : float64 (m,)
        Mean of `right` on both sides of the change, as it would be with the same classes on both.
    fits : dict of int to float64
        How much better than usual in its class each label of an annotator fits, in order of time.
    """

    p_value: Floats
    first_after: Ints
    position: Ints
    before: Floats
    after: Floats
    fits: dict[int, Floats]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CusumPath:
    """A cumulated sum, the departure that random orders exceed in 5 % of cases, and the first label after the peak."""

    cusum: Floats
    limit: float
    position: int


def cusum_path(fits: Floats, rng: np.random.Generator) -> CusumPath:
    """Return the cumulated sum of `fits` with its permutation limit."""
    path = np.cumsum(fits - fits.mean())
    blocks = _blocked(fits - fits.mean())
    farthest = _farthest(blocks - blocks.mean(), STAGES[1], rng)
    at = int(np.abs(path[:-1]).argmax())
    return CusumPath(cusum=path, limit=float(np.quantile(farthest, 1 - LEVEL)), position=at + 2)


def find_drift(table: LabelTable, found: Judged, rows: Ints, rng: np.random.Generator) -> Drift:
    """Follow every annotator's labels in the order of `rows`.

    Parameters
    ----------
    table : LabelTable
        The labels.
    found : Judged
        How right each label is by the others, and the consensus.
    rows : int64
        Rows of the labels that have a time, in its order.
    rng : numpy.random.Generator
        For the permutations.
    """
    drift = Drift(
        p_value=np.full(table.m, np.nan),
        first_after=np.full(table.m, -1, dtype=np.int64),
        position=np.full(table.m, -1, dtype=np.int64),
        before=np.full(table.m, np.nan),
        after=np.full(table.m, np.nan),
        fits={},
    )
    right, agreed = found.right, found.agreed
    others = fit_of_others(table, right, agreed)
    classes = found.posterior.argmax(axis=1)[table.item] if table.k else table.label
    judged = rows[~np.isnan(right[rows])]
    own = judged[np.argsort(table.annotator[judged], kind="stable")]
    edges = np.searchsorted(table.annotator[own], np.arange(table.m + 1))
    for g in range(table.m):
        mine = own[edges[g] : edges[g + 1]]
        if mine.size >= LEAST:
            usual = (agreed[mine], others[mine])
            _follow(drift, g, History(rows=mine, right=right[mine], usual=usual, classes=classes[mine]), rng)
    return drift


def fit_of_others(table: LabelTable, right: Floats, agreed: Floats) -> Floats:
    """Return how well the other labels of the item fit, float64 (r,).

    With a single other, which fits exactly as well as the own label, it is what the annotator's would do on average if
    they were like the others (`agreed`).
    """
    known = np.nan_to_num(right)
    total = np.bincount(table.item, weights=known, minlength=table.n)[table.item]
    others = table.labels_per_item[table.item] - 1
    return np.where(others >= 2, (total - known) / np.maximum(others, 1), agreed)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """Labels of one annotator in order of time: rows, how right, what is usual (two answers), consensus classes."""

    rows: Ints
    right: Floats
    usual: tuple[Floats, Floats]
    classes: npt.NDArray[np.integer]


def _follow(drift: Drift, g: int, history: History, rng: np.random.Generator) -> None:
    """Write what is found of annotator `g` into `drift`."""
    fits = [_within_class(history.right - level, history.classes) for level in history.usual]
    drift.fits[g] = fits[0]
    at = int(np.abs(np.cumsum(fits[0]))[:-1].argmax())
    drift.p_value[g] = max(permutation_p(_blocked(values), rng) for values in fits)
    drift.first_after[g], drift.position[g] = history.rows[at + 1], at + 2
    mean, own = history.right.mean(), _within_class(history.right, history.classes)
    for side, part in ((drift.before, own[: at + 1]), (drift.after, own[at + 1 :])):
        side[g] = np.clip(mean + part.mean(), 0.0, 1.0)


def _within_class(values: Floats, classes: npt.NDArray[np.integer]) -> Floats:
    """Return `values` less their mean in each class."""
    _, place, n = np.unique(classes, return_inverse=True, return_counts=True)
    return np.asarray(values - (np.bincount(place, weights=values) / n)[place])


def permutation_p(values: Floats, rng: np.random.Generator) -> float:
    """Return the p value of the largest departure of the cumulated sum of `values`, against random orders.

    More permutations are drawn where p is small, so that it can pass an adjustment for many annotators. A p value that
    is not worked out further stays above 0.1 (or 0.01), so stopping early rejects nothing more.
    """
    centred = values - values.mean()
    observed = float(np.abs(np.cumsum(centred)).max())
    if observed <= SAME:
        return 1.0
    p = 1.0
    for stage, n in enumerate(STAGES):
        p = (1 + _as_far(centred, observed, n, rng)) / (1 + n)
        if stage == len(OPEN) or p > OPEN[stage]:
            break
    return p


def _as_far(values: Floats, observed: float, n: int, rng: np.random.Generator) -> int:
    """Return how many of `n` random orders depart at least as far."""
    return int((_farthest(values, n, rng) >= observed * (1 - SAME)).sum())


def _farthest(values: Floats, n: int, rng: np.random.Generator) -> Floats:
    """Return how far the cumulated sums of `n` random orders depart from zero, float64 (n,)."""
    size = max(1, AT_ONCE // values.size)
    out = np.empty(n)
    for start in range(0, n, size):
        drawn = rng.permuted(np.broadcast_to(values, (min(size, n - start), values.size)), axis=1)
        np.cumsum(drawn, axis=1, out=drawn)
        out[start : start + size] = np.maximum(drawn.max(axis=1), -drawn.min(axis=1))
    return out


def _blocked(values: Floats) -> Floats:
    """Return sums of neighbours where there are more than 400 values; the last block may be shorter."""
    size = -(-values.size // BLOCKS)
    if size == 1:
        return values
    return np.add.reduceat(values - values.mean(), np.arange(0, values.size, size))
