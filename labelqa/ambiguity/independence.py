"""Symmetric quasi-independence: how often two classes would meet if every class only had its own share of confusion.

Off the diagonal the coincidences of classes a and b are expected to be ``u_a u_b``. A pair is judged by what *all
other* cells say (it is a structural zero of its own fit), so that its own excess cannot hide it; pairs found before are
structural zeros too.

References
----------
Goodman, L. A. (1968). The analysis of cross-classified data. JASA 63, 1091-1131 (quasi-independence).
Agresti, A. (2013). Categorical Data Analysis, 3rd ed., section 11.2 (symmetric quasi-independence).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
PRIOR = 1.0  # split that every class is given, spread over all others: chance is never known to be nil
EXACT_CLASSES = 40  # up to which each pair has a fit of its own; beyond it leaving one cell out is a small change
CELLS_AT_ONCE = 2_000_000
MAX_STEPS = 500
CLOSE = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expected:
    """Coincidences expected for each pair, and the variance of their logarithm per unit of dispersion; (P,) each."""

    mean: Floats
    log_variance: Floats


def expected_splits(split: Floats, a: Codes, b: Codes, holes: npt.NDArray[np.bool_]) -> Expected:
    """Return what all other cells lead one to expect of each pair (a, b).

    Parameters
    ----------
    split : float64 (k, k)
        Coincidences of different classes, symmetric, 0 on the diagonal.
    a, b : int64 (P,)
        Pairs to judge.
    holes : bool (k, k)
        Pairs left out of every fit, symmetric.
    """
    k = split.shape[0]
    cells = split + PRIOR / (k - 1)
    np.fill_diagonal(cells, 0.0)
    if k > EXACT_CLASSES:
        return _first_order(cells, a, b, holes)
    size = max(1, CELLS_AT_ONCE // k**2)
    parts = [_exact(cells, a[i : i + size], b[i : i + size], holes) for i in range(0, a.size, size)]
    return Expected(
        mean=np.concatenate([p.mean for p in parts]) if parts else np.empty(0),
        log_variance=np.concatenate([p.log_variance for p in parts]) if parts else np.empty(0),
    )


def _exact(cells: Floats, a: Codes, b: Codes, holes: npt.NDArray[np.bool_]) -> Expected:
    """Fit the table once for each pair, without that pair."""
    rows, k = np.arange(a.size), cells.shape[0]
    known = np.repeat((~holes & ~np.eye(k, dtype=np.bool_))[None].astype(np.float64), a.size, axis=0)
    known[rows, a, b] = known[rows, b, a] = 0.0
    margins = (cells * known).sum(axis=2)
    u = _scaled(known, margins)
    fitted = u[:, :, None] * u[:, None, :] * known
    information = fitted.copy()
    diagonal = np.arange(k)
    information[:, diagonal, diagonal] = fitted.sum(axis=2) + 1e-9 * margins.max(axis=1, keepdims=True, initial=1e-9)
    ends = np.zeros((a.size, k))
    ends[rows, a] = ends[rows, b] = 1.0
    solved = np.linalg.solve(information, ends[..., None])[..., 0]
    return Expected(mean=u[rows, a] * u[rows, b], log_variance=solved[rows, a] + solved[rows, b])


def _scaled(known: Floats, margins: Floats) -> Floats:
    """Return u (P, k) with ``sum_b known_ab u_a u_b`` equal to the margins, by iterative proportional fitting."""
    u = margins / np.sqrt(np.maximum(margins.sum(axis=1, keepdims=True), 1e-300))
    for _ in range(MAX_STEPS):
        reached = u * (known @ u[..., None])[..., 0]
        ratio = np.divide(margins, reached, out=np.ones_like(u), where=reached > 0)
        if np.abs(ratio - 1).max(initial=0.0) < CLOSE:
            break
        u = u * np.sqrt(ratio)
    return np.asarray(u)


def _first_order(cells: Floats, a: Codes, b: Codes, holes: npt.NDArray[np.bool_]) -> Expected:
    """Fit the table once and take each pair out of its own two margins."""
    known = (~holes).astype(np.float64)
    np.fill_diagonal(known, 0.0)
    margins = (cells * known).sum(axis=1)
    u = _scaled(known[None], margins[None])[0]
    mine = np.where(holes[a, b], 0.0, cells[a, b])
    fitted = np.where(holes[a, b], 0.0, u[a] * u[b])
    left = [np.maximum(margins[c] - mine, 1e-9) for c in (a, b)]
    kept = [m / np.maximum(margins[c] - fitted, 1e-9) for m, c in zip(left, (a, b), strict=True)]
    return Expected(mean=u[a] * u[b] * kept[0] * kept[1], log_variance=1 / left[0] + 1 / left[1])
