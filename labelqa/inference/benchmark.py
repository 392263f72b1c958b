"""How probable each verbal band of agreement is, given an estimate and its standard error.

References
----------
Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th ed., ch. 6 (benchmarking by membership probability).
Landis, J. R. & Koch, G. G. (1977). Biometrics 33, 159-174. Altman, D. G. (1991). Practical Statistics for Medical
Research. Fleiss, J. L. (1981). Statistical Methods for Rates and Proportions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import ParameterError, Problem, check_choice, is_between
from labelqa.inference.intervals import check_level
from labelqa.results import Result, as_number, as_percent

Floats = npt.NDArray[np.float64]
TITLES = {"estimate": "a coefficient of agreement", "standard_error": "a standard error"}
SCALES: dict[str, tuple[tuple[float, str], ...]] = {
    "landis_koch": (
        (0.8, "Almost perfect"),
        (0.6, "Substantial"),
        (0.4, "Moderate"),
        (0.2, "Fair"),
        (0.0, "Slight"),
        (-1.0, "Poor"),
    ),
    "altman": ((0.8, "Very good"), (0.6, "Good"), (0.4, "Moderate"), (0.2, "Fair"), (-1.0, "Poor")),
    "fleiss": ((0.75, "Excellent"), (0.4, "Intermediate to good"), (-1.0, "Poor")),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Benchmark(Result):
    """Verbal bands with the probability that the true coefficient lies in each.

    Attributes
    ----------
    scale : {"landis_koch", "altman", "fleiss"}
        The verbal scale.
    band : str
        The highest band that the coefficient reaches with at least the asked probability.
    low, high : float
        Limits of that band.
    probability : float
        Probability that the coefficient lies in that band or above.
    asked : float
        The asked probability.
    undefined_because : str or None
        Why there is no band.
    bands : pandas.DataFrame
        Columns band, low, high, probability, cumulative: from the top band down.
    """

    scale: str
    band: str
    low: float
    high: float
    probability: float
    asked: float
    undefined_because: str | None
    bands: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the bands: band, low, high, probability, cumulative."""
        return self.bands.copy()

    def summary(self) -> list[str]:
        """Return the band in words."""
        if self.undefined_because:
            return ["no band", f"  {self.undefined_because}", "  next: .to_frame() for the scale"]
        return [
            f"At least {self.band!r} with probability {as_percent(self.probability, 1)}",
            f"  {self.band}: {as_number(self.low, 2)} to {as_number(self.high, 2)} on the scale {self.scale}",
            "  next: .to_frame() for every band",
        ]


def benchmark(
    estimate: float, standard_error: float, *, scale: str = "landis_koch", probability: float = 0.95
) -> Benchmark:
    """Return the verbal band that `estimate` reaches with `probability`.

    The probability of a band lo..hi is ``[Phi((g-lo)/SE) - Phi((g-hi)/SE)] / [Phi((g+1)/SE) - Phi((g-1)/SE)]``,
    cumulated from the top.

    Parameters
    ----------
    estimate, standard_error : float
        A coefficient of agreement and its standard error.
    scale : {"landis_koch", "altman", "fleiss"}
        Whose words.
    probability : float
        Probability with which the band, or a better one, must be reached.

    Returns
    -------
    Benchmark
        The first band from the top reached with `probability`, and the probability of every band.

    Raises
    ------
    ParameterError
        If `scale` is not known, `probability` is not between 0 and 1, `estimate` is no number or above 1, or
        `standard_error` is no number or negative.

    References
    ----------
    Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, chapter 6.

    Examples
    --------
    >>> benchmark(0.77544, 0.14295, scale="altman").band
    'Moderate'
    """
    check_choice("scale", scale, tuple(SCALES))
    check_level(probability, "probability")
    _check_numbers(estimate, standard_error)
    lows = np.array([low for low, _ in SCALES[scale]])
    names = [name for _, name in SCALES[scale]]
    highs = np.r_[1.0, lows[:-1]]
    shares = _shares(estimate, standard_error, lows, highs)
    cumulative = np.minimum(np.cumsum(shares), 1.0)
    bands = pd.DataFrame({"band": names, "low": lows, "high": highs, "probability": shares, "cumulative": cumulative})
    reason = None
    if math.isnan(estimate) or math.isnan(standard_error):
        reason = "the estimate or its standard error is undefined"
    reached = np.flatnonzero(cumulative >= probability - 1e-12)
    at = int(reached[0]) if reached.size else len(names) - 1
    return Benchmark(
        scale=scale,
        band="" if reason else names[at],
        low=math.nan if reason else float(lows[at]),
        high=math.nan if reason else float(highs[at]),
        probability=math.nan if reason else float(cumulative[at]),
        asked=probability,
        undefined_because=reason,
        bands=bands,
    )


def _check_numbers(estimate: object, standard_error: object) -> None:
    """Refuse what no coefficient and no standard error can be; nan stands for an undefined one."""
    numbers = (
        ("estimate", estimate, -math.inf, math.nextafter(1, 2), "a number up to 1"),  # weighted ones may lie below -1
        ("standard_error", standard_error, math.nextafter(0, -1), math.inf, "a number from 0 on"),
    )
    for parameter, value, low, high, allowed in numbers:
        if not _is_nan(value) and not is_between(value, low, high):
            what = f"{parameter}={value!r} is not {TITLES[parameter]}"
            raise ParameterError(Problem(what=what, parameter=parameter, value=value, allowed=(allowed,)))


def _is_nan(value: object) -> bool:
    return isinstance(value, Real) and math.isnan(value)


def _shares(estimate: float, standard_error: float, lows: Floats, highs: Floats) -> Floats:
    if math.isnan(estimate) or math.isnan(standard_error):
        return np.full(lows.size, math.nan)
    inside_scale = min(max(estimate, -1.0), 1.0)  # weighted coefficients may lie below -1
    certain = np.asarray((inside_scale >= lows) & ((inside_scale < highs) | (highs == 1.0)), dtype=np.float64)
    if standard_error == 0:
        return certain
    from scipy.special import ndtr  # not needed for the estimate itself

    inside = ndtr((estimate - lows) / standard_error) - ndtr((estimate - highs) / standard_error)
    whole = ndtr((estimate + 1) / standard_error) - ndtr((estimate - 1) / standard_error)
    return np.asarray(inside / whole) if whole > 0 else certain
