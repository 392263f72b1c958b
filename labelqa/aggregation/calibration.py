"""Are probabilities as right as they say? Expected calibration error against true classes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.results import Result, as_number, as_percent
from labelqa.text import counted

Floats = npt.NDArray[np.float64]
BINS = 10
FEW = 10  # items with a true class under which there is no number
COLUMNS = ("bin", "n", "confidence", "accuracy", "difference")
TOO_FEW = f"fewer than {FEW} items with a known class to judge by"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Calibration(Result):
    """How far the probability of the consensus label is from the share of right labels.

    Attributes
    ----------
    expected_calibration_error : float
        Mean over bins of |mean probability - share right|, weighed by items; 0 is perfect.
    accuracy : float
        Share of consensus labels that are right; items of tied classes count by the share of the true one.
    confidence : float
        Mean probability of the consensus label.
    n_items : int
        Items with a known class and at least one label.
    bins : pandas.DataFrame
        One row a bin, least sure first. Columns: bin, n, confidence, accuracy, difference.
    undefined_because : str or None
        Why the error is nan.
    """

    expected_calibration_error: float
    accuracy: float
    confidence: float
    n_items: int
    bins: pd.DataFrame
    undefined_because: str | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return one row a bin: bin, n, confidence, accuracy, difference."""
        return self.bins.copy()

    def summary(self) -> list[str]:
        """Return the error and what it compares."""
        error = as_number(self.expected_calibration_error)
        if not self.n_items:
            return [
                f"Expected calibration error {error}",
                "  undefined: no item with a label has a known class",
                "  next: .bins",
            ]
        return [
            f"Expected calibration error {error} on {counted(self.n_items, 'item')}",
            f"  {as_percent(self.confidence)} sure on average, {as_percent(self.accuracy)} right",
            *([f"  undefined: {self.undefined_because}"] if self.undefined_because else []),
            "  next: .bins",
        ]


def calibration(probabilities: Floats, truth: npt.NDArray[np.integer]) -> Calibration:
    """Measure the expected calibration error of the most probable class, in ten bins of equal size.

    Items are sorted by the probability of their most probable class and cut into ten bins of (nearly) the same number
    of items; equal mass keeps every bin's share of right labels about equally certain.

    Parameters
    ----------
    probabilities : float64 (n, k)
        Probability of each class.
    truth : int (n,)
        True classes, -1 where not known: those items are left out.

    Returns
    -------
    Calibration
        The error, its bins, accuracy and mean confidence; nan with a reason for fewer than ten items.

    References
    ----------
    Naeini, M. P., Cooper, G. F. & Hauskrecht, M. (2015). Obtaining well calibrated probabilities using Bayesian
    binning. AAAI, 2901-2907. Equal-mass bins: Nixon, J. et al. (2019). Measuring calibration in deep learning. CVPR
    Workshops.

    Examples
    --------
    >>> sure = np.tile([0.9, 0.1], (20, 1))
    >>> round(calibration(sure, np.repeat([0, 1], [16, 4])).expected_calibration_error, 3)
    0.1
    """
    known = np.flatnonzero(truth >= 0)
    chosen = probabilities[known]
    confidence = chosen.max(axis=1, initial=0.0)
    tied = chosen >= confidence[:, None] - 1e-9
    right = tied[np.arange(known.size), truth[known]] / np.maximum(tied.sum(axis=1), 1)
    _, same = np.unique(np.round(confidence, 9), return_inverse=True)  # equally sure items are alike: no order in them
    right = (np.bincount(same, weights=right) / np.maximum(np.bincount(same), 1))[same]
    order = np.argsort(confidence, kind="stable")
    parts = [p for p in np.array_split(order, BINS) if p.size]
    bins = pd.DataFrame(
        {
            "bin": np.arange(1, len(parts) + 1),
            "n": [p.size for p in parts],
            "confidence": [float(confidence[p].mean()) for p in parts],
            "accuracy": [float(right[p].mean()) for p in parts],
        }
    )
    bins["difference"] = bins["confidence"] - bins["accuracy"]
    few = known.size < FEW
    error = math.nan if few else float((bins["difference"].abs() * bins["n"]).sum() / known.size)
    return Calibration(
        expected_calibration_error=error,
        accuracy=float(right.mean()) if known.size else math.nan,
        confidence=float(confidence.mean()) if known.size else math.nan,
        n_items=int(known.size),
        bins=bins[list(COLUMNS)],
        undefined_because=TOO_FEW if few else None,
    )
