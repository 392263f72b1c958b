"""Distance between texts: the share of characters one has to change.

References
----------
Levenshtein, V. I. (1966). Binary codes capable of correcting deletions, insertions and reversals.
Myers, G. (1999). A fast bit-vector algorithm for approximate string matching. J. ACM 46(3), 395-415. Hyyro, H. (2003).
"""

from __future__ import annotations


def edit_distance(a: str, b: str) -> float:
    """Return the fewest insertions, deletions and replacements from `a` to `b`, divided by the longer length.

    Examples
    --------
    >>> round(edit_distance("kitten", "sitting"), 4)  # 3 changes, 7 characters
    0.4286
    """
    if a == b:
        return 0.0
    longest = max(len(a), len(b))
    return _changes(a, b) / longest


def _changes(a: str, b: str) -> int:
    """Return the Levenshtein distance: one whole column of the table is two integers of len(a) bits."""
    m = len(a)
    if m == 0:
        return len(b)
    where: dict[str, int] = {}
    for i, character in enumerate(a):
        where[character] = where.get(character, 0) | 1 << i
    mask, last = (1 << m) - 1, 1 << (m - 1)
    up, down, score = mask, 0, m  # bits where the column rises or falls by one from row to row
    for character in b:
        match = where.get(character, 0)
        diagonal = (((match & up) + up) ^ up) | match | down
        right = down | ~(diagonal | up) & mask
        left = up & diagonal
        score += bool(right & last) - bool(left & last)
        right = (right << 1 | 1) & mask
        up = (left << 1 | ~(diagonal | right)) & mask
        down = right & diagonal
    return score
