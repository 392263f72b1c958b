"""Confident learning, by cleanlab: the only module that knows it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]


def confident_count(probabilities: Floats, codes: Codes) -> float:
    """Return the number of labels off the diagonal of the confident joint; 0 where only one class is given.

    A label counts as wrong if another class is more probable than that class usually is where it is given.

    References
    ----------
    Northcutt, C., Jiang, L. & Chuang, I. (2021). Confident learning. JAIR 70, 1373-1411.
    """
    if codes.size == 0 or (codes == codes[0]).all():
        return 0.0
    from cleanlab.count import num_label_issues

    return float(num_label_issues(codes, probabilities, estimation_method="off_diagonal"))
