"""Are one annotator's choices consistent? Circular triads: a over b, b over c, and yet c over a.

References
----------
Kendall, M. G. & Babington Smith, B. (1940). On the method of paired comparisons. Biometrika 31(3/4), 324-345.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
    objects = {o for winner, loser, _ in group for o in (winner, loser)}
    n = len(objects)
    strict = [(winner, loser) for winner, loser, tie in group if not tie]
    complete = len(strict) == len(group) == n * (n - 1) // 2
    most = (n**3 - n) // 24 if n % 2 else (n**3 - 4 * n) // 24
    if len(strict) < 3:  # no triad: the usual case where each context compares two objects
        return 0, 0, complete, most
    beaten: dict[int, set[int]] = {o: set() for o in objects}
    met: dict[int, set[int]] = {o: set() for o in objects}
    for winner, loser in strict:
        beaten[winner].add(loser)
        met[winner].add(loser)
        met[loser].add(winner)
    winners = {o: met[o] - beaten[o] for o in objects}
    # Each strict pair lies in as many triads as the two have objects in common; each triad has three pairs.
    triads = sum(len(met[w] & met[l]) for w, l in strict) // 3  # noqa: E741
    circular = sum(len(beaten[l] & winners[w]) for w, l in strict) // 3  # noqa: E741
    return triads, circular, complete, most
