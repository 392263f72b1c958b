"""Overlap of spans and boxes: the geometry behind their agreement.

Spans are ``(start, end, label)``, the end not included; boxes are ``(x1, y1, x2, y2, label)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Span = tuple[int, int, Any]
Box = tuple[float, float, float, float, Any]


def covered(spans: Sequence[Span]) -> int:
    """Return how many (position, label) pairs `spans` cover; overlapping spans of one label count once.

    Examples
    --------
    >>> covered([(0, 5, "PER"), (3, 8, "PER"), (0, 2, "LOC")])
    10
    """
    total = 0
    reached: dict[object, int] = {}
    for start, end, label in sorted(spans, key=lambda s: (s[0], s[1])):
        first = max(start, reached.get(label, 0))
        total += max(end - first, 0)
        reached[label] = max(end, first)
    return total


def span_distance(a: Sequence[Span], b: Sequence[Span]) -> float:
    """Return 1 less the F1 of the labeled positions that two annotators marked; 0 if both marked nothing.

    Examples
    --------
    >>> span_distance([(0, 10, "PER")], [(0, 5, "PER")])  # F1 = 2 * 5 / 15
    0.33333333333333337
    """
    size_a, size_b = covered(a), covered(b)
    if size_a + size_b == 0:
        return 0.0
    common = size_a + size_b - covered([*a, *b])
    return 1 - 2 * common / (size_a + size_b)


def span_overlaps(a: Sequence[Span], b: Sequence[Span]) -> Floats:
    """Return the Jaccard overlap of every span of `a` with every span of `b`, labels aside, (len(a), len(b))."""
    if not a or not b:
        return np.zeros((len(a), len(b)))
    left = np.array([s[:2] for s in a], dtype=np.float64)
    right = np.array([s[:2] for s in b], dtype=np.float64)
    common = np.minimum(left[:, None, 1], right[:, 1]) - np.maximum(left[:, None, 0], right[:, 0])
    union = np.maximum(left[:, None, 1], right[:, 1]) - np.minimum(left[:, None, 0], right[:, 0])
    return np.asarray(np.maximum(common, 0) / union)


def box_overlaps(a: Sequence[Box], b: Sequence[Box]) -> Floats:
    """Return the intersection over union of every box of `a` with every box of `b`, labels aside.

    Examples
    --------
    >>> box_overlaps([(0, 0, 2, 2, "cat")], [(1, 0, 3, 2, "dog")]).round(3).tolist()
    [[0.333]]
    """
    if not a or not b:
        return np.zeros((len(a), len(b)))
    left = np.array([box[:4] for box in a], dtype=np.float64)[:, None, :]
    right = np.array([box[:4] for box in b], dtype=np.float64)[None, :, :]
    sides = np.minimum(left[..., 2:], right[..., 2:]) - np.maximum(left[..., :2], right[..., :2])
    common = np.maximum(sides, 0).prod(axis=-1)
    area = (left[..., 2:] - left[..., :2]).prod(axis=-1) + (right[..., 2:] - right[..., :2]).prod(axis=-1)
    return np.asarray(common / (area - common))


def best_pairs(similarity: Floats) -> list[tuple[int, int]]:
    """Return the one-to-one pairs (row, column) with the largest total similarity, each above 0.

    Notes
    -----
    Solved exactly as an assignment problem by scipy. Where several solutions are equally good the one found depends
    on the order of rows; the total does not.
    """
    if not similarity.size or not similarity.any():
        return []
    if similarity.shape == (1, 1):
        return [(0, 0)]
    from scipy.optimize import linear_sum_assignment  # slow to import, needed for several overlaps only

    rows, columns = linear_sum_assignment(similarity, maximize=True)
    return [(i, j) for i, j in zip(rows.tolist(), columns.tolist(), strict=True) if similarity[i, j] > 0]


def box_distance(a: Sequence[Box], b: Sequence[Box]) -> float:
    """Return 1 less twice the overlap of matched boxes of one label over the number of boxes; 0 if there are none.

    An unmatched box is an overlap of 0. Labels never match across.
    """
    if not a and not b:
        return 0.0
    found = [(i, j, shared) for i, x in enumerate(a) for j, y in enumerate(b) if (shared := _same_label_overlap(x, y))]
    total = sum(shared for _, _, shared in found)
    if len({i for i, _, _ in found}) < len(found) or len({j for _, j, _ in found}) < len(found):
        similarity = np.zeros((len(a), len(b)))
        for i, j, shared in found:
            similarity[i, j] = shared
        total = sum(float(similarity[pair]) for pair in best_pairs(similarity))
    return min(max(1 - 2 * total / (len(a) + len(b)), 0.0), 1.0)


def _same_label_overlap(x: Box, y: Box) -> float:
    """Return the intersection over union of two boxes, 0 if their labels differ: plain and fast for few boxes."""
    if x[4] != y[4]:
        return 0.0
    width, height = min(x[2], y[2]) - max(x[0], y[0]), min(x[3], y[3]) - max(x[1], y[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / ((x[2] - x[0]) * (x[3] - x[1]) + (y[2] - y[0]) * (y[3] - y[1]) - common)
