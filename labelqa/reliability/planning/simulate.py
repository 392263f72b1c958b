"""Draw studies of a planned size and measure each as a user would."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.reliability.estimate import agreement
from labelqa.reliability.planning.population import Population
from labelqa.reliability.planning.sizes import Sizing
from labelqa.reliability.result import AgreementResult
from labelqa.reliability.weights import WeightsLike

Measure = tuple[str, WeightsLike]  # coefficient and weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """What came out of simulated studies; means over those with an estimate, shares over all."""

    width: float
    power: float
    coverage: float
    value: float
    n_undefined: int


def simulate_plan(
    population: Population, sizing: Sizing, measure: Measure, *, n: int, n_runs: int, rng: np.random.Generator
) -> Realised:
    """Return what `n_runs` studies of `n` items show."""
    from scipy.special import ndtri

    z = float(ndtri(0.5 + sizing.confidence / 2))
    rows = []
    for _ in range(n_runs):
        found = _measured(population, measure, n, rng)
        ends = found.confidence_interval(sizing.confidence)
        half = found.estimate - ends.low  # the upper end is capped at 1
        success = _succeeds(found, population, sizing, half)
        if sizing.goal == "change":
            second, shift = _second_round(population, sizing, measure, n, rng)
            error = math.hypot(found.standard_error, second.standard_error)
            difference = (second.estimate + shift - found.estimate) * math.copysign(1.0, sizing.asked)
            success = bool(difference > z * error)
        covers = ends.low <= population.value <= ends.high
        rows.append((found.estimate, 2 * half, success, covers))
    value, width, power, coverage = np.array(rows, dtype=np.float64).T
    return Realised(
        width=_mean(width),
        power=float(power.mean()),
        coverage=float(coverage.mean()),
        value=_mean(value),
        n_undefined=int(np.isnan(width).sum()),
    )


def _measured(population: Population, measure: Measure, n: int, rng: np.random.Generator) -> AgreementResult:
    return agreement(population.draw(n, rng), measure[0], weights=measure[1])


def _second_round(
    population: Population, sizing: Sizing, measure: Measure, n: int, rng: np.random.Generator
) -> tuple[AgreementResult, float]:
    """Return a study of the changed population, and what to add to its estimate (a pilot cannot be changed)."""
    changed = population.at(population.value + sizing.asked)
    shift = sizing.asked if sizing.other_variance is None else 0.0
    return _measured(changed, measure, n, rng), shift


def _succeeds(found: AgreementResult, population: Population, sizing: Sizing, half: float) -> bool:
    if sizing.goal == "width":
        return bool(2 * half <= sizing.asked)
    one_sided = found.confidence_interval(2 * sizing.confidence - 1)  # plans have a confidence above one half
    if math.isnan(one_sided.low):
        return False
    if population.value < sizing.asked:
        return 2 * found.estimate - one_sided.low < sizing.asked
    return one_sided.low > sizing.asked


def _mean(values: npt.NDArray[np.float64]) -> float:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else math.nan
