"""How far the error of every slice lies above what chance gives, within strata of rows.

Rows are shuffled within strata (those in a slice found before against those outside it), so a slice is only compared
with rows that the slices found before treat alike: for 0/1 errors this is the Cochran-Mantel-Haenszel comparison.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.slices.cells import Ints
from labelqa.slices.lattice import Lattice

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strata:
    """A partition of the rows, and the rows of every slice in each part.

    Attributes
    ----------
    of_row : int64 (n,)
        Stratum of each row; 0: in no slice found before.
    inside : int32 (s, h)
        Rows of each slice in each stratum.
    size : int64 (h,)
        Rows of each stratum.
    """

    of_row: Ints
    inside: npt.NDArray[np.int32]
    size: Ints

    @property
    def n_strata(self) -> int:
        """Number of strata h."""
        return self.size.size

    def means(self, error: Floats) -> Floats:
        """Return the mean error of each stratum (h,)."""
        return np.asarray(np.bincount(self.of_row, weights=error, minlength=self.n_strata) / np.maximum(self.size, 1))


def one_stratum(lattice: Lattice) -> Strata:
    """Return all rows as one stratum."""
    n = lattice.rows.size
    return Strata(of_row=np.zeros(n, dtype=np.int64), inside=lattice.size[:, None].astype(np.int32), size=np.array([n]))


def split(strata: Strata, lattice: Lattice, mask: npt.NDArray[np.bool_]) -> Strata:
    """Split every stratum into rows in `mask` and the others; costs a pass over the rows in `mask` only."""
    rows = np.flatnonzero(mask)
    if not rows.size:
        return strata
    labels = strata.of_row[rows]
    used = np.unique(labels)
    moved = lattice.counts(np.searchsorted(used, labels), used.size, rows).astype(np.int32)
    kept = strata.inside.copy()
    kept[:, used] -= moved
    inside = np.concatenate([kept, moved], axis=1)
    of_row = strata.of_row.copy()
    of_row[rows] = strata.n_strata + np.searchsorted(used, labels)
    size = np.bincount(of_row, minlength=inside.shape[1])
    filled = np.union1d(0, np.flatnonzero(size))  # stratum 0 keeps its place
    renumber = np.zeros(size.size, dtype=np.int64)
    renumber[filled] = np.arange(filled.size)
    return Strata(of_row=renumber[of_row], inside=inside[:, filled], size=size[filled])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chance:
    """What the sum of errors of every slice is if errors are shuffled.

    Attributes
    ----------
    expected, deviation, skewness : float (s,)
        Mean, standard deviation and skewness of the sum; the deviation is 0 where it cannot vary.
    """

    expected: Floats
    deviation: Floats
    skewness: Floats

    def scores(self, sums: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """Return the normal score of sums (s,) or (s, b): high where more error than by chance.

        Small slices with rare errors have long upper tails; the cube root takes them out, so that slices of all sizes
        compete on equal terms.

        References
        ----------
        Wilson, E. B. & Hilferty, M. M. (1931). The distribution of chi-square. PNAS 17, 684-688.
        Mielke, P. W. & Berry, K. J. (2007). Permutation Methods, 2nd ed., section 2.3 (Pearson type III from the exact
        first three moments).
        """
        columns = sums.ndim == 2
        expected, deviation, skew = (
            (v[:, None] if columns else v).astype(sums.dtype) for v in (self.expected, self.deviation, self.skewness)
        )
        known = deviation > 0
        z = (sums - expected) / np.where(known, deviation, 1)
        bent = np.abs(skew) > 1e-3
        g = np.where(bent, skew, 1)
        cube = np.cbrt(np.maximum(1 + g * z / 2, 0))
        score = np.where(bent, 6 / g * (cube - 1) + g / 6, z)
        return np.asarray(np.where(known, score, -np.inf))


def chance(strata: Strata, error: Floats, *, outside: bool = False) -> Chance:
    """Return mean, variance and third cumulant of sums of samples without replacement, added over strata.

    Parameters
    ----------
    strata : Strata
        Within which errors are shuffled.
    error : float (n,)
        Errors.
    outside : bool
        Whether sums are over the rows in stratum 0 alone: those in no slice found before.
    """
    mean = strata.means(error)
    centred = error - mean[strata.of_row]
    big_n = strata.size.astype(np.float64)
    second, third = (
        np.bincount(strata.of_row, weights=centred**power, minlength=strata.n_strata) / np.maximum(big_n, 1)
        for power in (2, 3)
    )
    used = slice(0, 1 if outside else None)
    mean, big_n, second, third = (v[used] for v in (mean, big_n, second, third))
    inside = strata.inside[:, used].astype(np.float64)
    spread = inside * (big_n - inside)
    variance = spread @ (second / np.maximum(big_n - 1, 1))
    cumulant = (spread * (big_n - 2 * inside)) @ (third / np.maximum((big_n - 1) * (big_n - 2), 1))
    floor = 1e-12 * max(float(error.max() - error.min()) ** 2, np.finfo(float).tiny)
    deviation = np.sqrt(np.where(variance > floor, variance, 0.0))
    skewness = cumulant / np.where(deviation > 0, deviation, 1.0) ** 3
    return Chance(expected=inside @ mean, deviation=deviation, skewness=skewness)


def overlap(lattice: Lattice, mask: npt.NDArray[np.bool_]) -> Floats:
    """Return the Jaccard index of every slice with `mask` (s,)."""
    rows = np.flatnonzero(mask)
    common = lattice.counts(np.zeros(rows.size, dtype=np.int64), 1, rows)[:, 0].astype(np.float64)
    return np.asarray(common / np.maximum(lattice.size + rows.size - common, 1))
