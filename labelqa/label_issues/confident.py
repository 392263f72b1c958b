"""Confident learning, by cleanlab: the only module that knows it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]


def confident_joint(probabilities: Floats, codes: Codes) -> Floats:
    """Return how many labels of each true class (rows) are given as each class (columns), float64 (k, k).

    A label counts as one of another class if that class is more probable than it usually is where it is given. Where
    only one class is given, nothing is counted as another.

    References
    ----------
    Northcutt, C., Jiang, L. & Chuang, I. (2021). Confident learning. JAIR 70, 1373-1411.
    """
    k = probabilities.shape[1]
    if codes.size == 0 or (codes == codes[0]).all():
        return np.asarray(np.diag(np.bincount(codes, minlength=k)).astype(np.float64))
    from cleanlab.count import compute_confident_joint

    counted = compute_confident_joint(codes, probabilities, calibrate=False)
    return np.asarray(counted, dtype=np.float64).T
