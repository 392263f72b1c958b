"""p values adjusted for looking at several of them.

Written here because the one library that has them takes half a second to import.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def holm(p_values: Floats) -> Floats:
    """Return p values adjusted by Holm so that the chance of any false one is bounded; nan stays nan.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scand. J. Stat. 6, 65-70.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values)  # nan last
    m = int((~np.isnan(p_values)).sum())
    stepwise = np.maximum.accumulate(p_values[order[:m]] * (m - np.arange(m)))
    out = np.full(p_values.size, np.nan)
    out[order[:m]] = np.minimum(stepwise, 1.0)
    return out


def benjamini_hochberg(p_values: Floats, *, n: int | None = None) -> Floats:
    """Return p values adjusted so that the expected share of false ones among those called is bounded; nan stays nan.

    Parameters
    ----------
    p_values : float64 (t,)
        One a test.
    n : int, optional
        Number of all tests, where those left out have a p value of 1; by default those given.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). J. R. Statist. Soc. B 57, 289-300.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(p_values)  # nan last
    m = int((~np.isnan(p_values)).sum())
    scaled = p_values[order[:m]] * (m if n is None else n) / np.arange(1, m + 1)
    out = np.full(p_values.size, np.nan)
    out[order[:m]] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return out
