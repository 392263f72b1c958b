"""Which classes are taken for which: learned from the labels as far as their number tells.

A wrong label is not any other class: a 4 is taken for a 9. Given the confident joint, the share of the errors of class
c that are labeled y gets the pseudo-count a of a symmetric Dirichlet prior; a is not chosen but averaged over, weighed
by the marginal likelihood of the counts. Where errors are spread evenly, or few, the answer is near uniform. That this
finds more errors where classes look alike and loses nothing elsewhere is our own finding (``python -m
tests.bench.digits_flips``, ``python -m tests.bench.label_errors FOLDER``).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
PSEUDO_COUNTS = np.array([0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0])


def confusion_ratios(joint: Floats) -> Floats:
    """Return how many times more often than evenly spread each class (rows) is labeled as each other, (k, k).

    Parameters
    ----------
    joint : float64 (k, k)
        Number of labels of each true class given as each class.

    Returns
    -------
    float64 (k, k)
        Ratios with a mean of 1 over the other classes of each row; 0 on the diagonal.
    """
    k = joint.shape[0]
    if k < 2:
        return np.zeros((k, k))
    errors = joint * (1 - np.eye(k))
    logs = np.array([_log_marginal(errors, a) for a in PSEUDO_COUNTS])
    weights = np.exp(logs - logs.max())
    total = errors.sum(axis=1, keepdims=True)
    ratios = sum(
        (w * (errors + a) / (total + a * (k - 1)) for w, a in zip(weights / weights.sum(), PSEUDO_COUNTS, strict=True)),
        np.zeros((k, k)),
    )
    return np.asarray((k - 1) * ratios * (1 - np.eye(k)))


def _log_marginal(errors: Floats, a: float) -> float:
    """Return the log probability of the counts of all rows under a Dirichlet prior with pseudo-count `a`."""
    from scipy.special import gammaln

    width = a * (errors.shape[0] - 1)
    seen = errors[errors > 0]
    rows = gammaln(width) - gammaln(errors.sum(axis=1) + width)
    return float(rows.sum() + (gammaln(seen + a) - gammaln(a)).sum())
