"""Intervals of shares."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def wilson(hits: Floats, n: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    """Return share, low and high of Wilson's score interval, (m,) each; nan where n is 0.

    References
    ----------
    Wilson, E. B. (1927). Probable inference. J. Am. Stat. Assoc. 22, 209-212.

    Examples
    --------
    >>> [round(float(v[0]), 3) for v in wilson(np.array([3.0]), np.array([10.0]), 0.95)]
    [0.3, 0.108, 0.603]
    """
    from scipy.special import ndtri

    z2 = float(ndtri(0.5 + level / 2)) ** 2
    safe = np.where(n > 0, n, np.nan)
    share = hits / safe
    middle = (hits + z2 / 2) / (safe + z2)
    half = np.sqrt(z2 * (hits * (1 - share) + z2 / 4)) / (safe + z2)
    low = np.where(hits == 0, np.where(n > 0, 0.0, np.nan), middle - half)
    return share, low, np.where(hits == n, np.where(n > 0, 1.0, np.nan), middle + half)
