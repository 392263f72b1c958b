"""Folds: every class in every fold as far as it goes, rows of one group never on both sides."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


def dealt(codes: Codes, groups: Codes | None, n_folds: int, rng: np.random.Generator) -> Codes:
    """Return the fold of every row, int32 (n,).

    Rows are shuffled, sorted by class and dealt like cards; groups are dealt by the class most of their rows have. A
    class with fewer rows than folds is in some of them only.
    """
    if groups is None:
        return _deal(codes, n_folds, rng)
    m = int(groups.max(initial=-1)) + 1
    k = int(codes.max(initial=-1)) + 1
    votes = np.bincount(groups.astype(np.int64) * k + codes, minlength=m * k).reshape(m, k)
    return _deal(votes.argmax(axis=1).astype(np.int32), n_folds, rng)[groups]


def splits(fold: Codes) -> Iterator[Mask]:
    """Yield the mask of every fold that is not empty and not everything."""
    for f in range(int(fold.max(initial=-1)) + 1):
        held = fold == f
        if held.any() and not held.all():
            yield held


def _deal(codes: Codes, n_folds: int, rng: np.random.Generator) -> Codes:
    order = rng.permutation(codes.size)
    order = order[np.argsort(codes[order], kind="stable")]
    fold = np.empty(codes.size, dtype=np.int32)
    fold[order] = np.arange(codes.size, dtype=np.int32) % n_folds
    return fold
