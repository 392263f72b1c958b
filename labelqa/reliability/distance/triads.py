"""Are one annotator's choices consistent? Circular triads: a over b, b over c, and yet c over a.

References
----------
Kendall, M. G. & Babington Smith, B. (1940). On the method of paired comparisons. Biometrika 31(3/4), 324-345.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labelqa.reliability.distance import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Triads:
    """How consistent the choices of one annotator are.

    Attributes
    ----------
    n_triads : int
        Three objects compared in all three pairs without a tie.
    n_circular : int
        How many of these are circular (a quarter, if choices are random).
    zeta : float
        Kendall's coefficient of consistency, 1 - circular / most circular possible; 1 is fully consistent.
    undefined_because : str or None
        Why zeta is nan.
    """

    n_triads: int
    n_circular: int
    zeta: float
    undefined_because: str | None = None


def count_triads(groups: Sequence[Sequence[tuple[int, int, bool]]]) -> Triads:
    """Return the triads of one annotator.

    Parameters
    ----------
    groups : sequence of sequences of (winner, loser, is_tie)
        The judged pairs of objects, apart for each context.

    Examples
    --------
    >>> count_triads([[(0, 1, False), (1, 2, False), (2, 0, False)]])
    Triads(n_triads=1, n_circular=1, zeta=0.0, undefined_because=None)
    """
    found = [_count(group) for group in groups if group]
    triads, circular = sum(f[0] for f in found), sum(f[1] for f in found)
    complete, most = all(f[2] for f in found), sum(f[3] for f in found)
    reason = words.NO_TRIADS if triads == 0 else (None if complete else words.NOT_ALL_PAIRS)
    zeta = math.nan if reason else 1 - circular / most
    return Triads(n_triads=triads, n_circular=circular, zeta=zeta, undefined_because=reason)


def _count(group: Sequence[tuple[int, int, bool]]) -> tuple[int, int, bool, int]:
    """Return triads, circular triads, whether every pair was judged without a tie, and the most circular possible."""
    from scipy.sparse import csr_array  # only where consistency is asked for

    objects, codes = np.unique([[w, l] for w, l, _ in group], return_inverse=True)  # noqa: E741
    codes = codes.reshape(-1, 2)
    strict = np.array([not tie for _, _, tie in group], dtype=np.bool_)
    n = objects.size
    won = csr_array((np.ones(int(strict.sum())), (codes[strict, 0], codes[strict, 1])), shape=(n, n))
    either = won + won.T
    circular = round(float((won @ won).multiply(won.T).sum()) / 3)
    triads = round(float((either @ either).multiply(either).sum()) / 6)
    most = (n**3 - n) // 24 if n % 2 else (n**3 - 4 * n) // 24
    return triads, circular, bool(strict.all()) and len(group) == n * (n - 1) // 2, most
