"""How many items an agreement study needs: for a width, against a threshold, to detect a change."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from labelqa.errors import ParameterError, Problem, check_between, check_choice, is_between
from labelqa.inference.intervals import check_level
from labelqa.reliability import names
from labelqa.reliability.estimate import Data
from labelqa.reliability.planning.population import PilotPopulation, Population, assumed_population, pilot_population
from labelqa.reliability.planning.rates import AssumedRates
from labelqa.reliability.planning.result import COLUMNS, AgreementStudyPlan
from labelqa.reliability.planning.sizes import Sizing
from labelqa.reliability.planning.tables import TablePopulation, table_population
from labelqa.reliability.planning.warnings import plan_warnings
from labelqa.reliability.weights import WeightsLike, weights_name

GOALS = {"width": (0.0, 2.0), "threshold": (-1.0, 1.0), "change": (-2.0, 2.0)}
RANKED = (names.KRIPPENDORFF, "fleiss_kappa", "scott_pi")  # the same for all weights under assumed rates
CURVE_POINTS = 33
CURVE_FACTOR = 4.0  # sizes from a quarter of the plan to four times it


def plan_agreement_study(  # noqa: PLR0913  # one keyword a goal, and what every measure of agreement takes
    data: Data | AssumedRates,
    *,
    width: float | None = None,
    threshold: float | None = None,
    change: float | None = None,
    coefficient: str = names.KRIPPENDORFF,
    weights: WeightsLike = "identity",
    confidence: float = 0.95,
    power: float = 0.8,
) -> AgreementStudyPlan:
    """Plan how many items an agreement study needs.

    Parameters
    ----------
    data : Annotations, CountPatterns or AssumedRates
        A pilot, whose items stand for those to come (missing labels and all), or assumptions.
    width : float, optional
        Full width that the two-sided interval shall have on average; about half of all studies turn out a little
        wider.
    threshold : float, optional
        Value that the coefficient shall be shown to exceed, by a one-sided test at `confidence` (if the value planned
        for is below it: to stay below).
    change : float, optional
        Smallest difference between two rounds to detect, by a two-sided test; negative for a fall. Give exactly one of
        the three.
    coefficient : str
        As for :func:`labelqa.agreement`. From assumed rates ``cohen_kappa`` is planned for two annotators, and
        ``conger_kappa`` is not.
    weights : str or array (k, k)
        As for :func:`labelqa.agreement`; assumed classes are the numbers 1..k.
    confidence : float
        Level of the interval, or one less the error rate of the test; against a threshold above one half.
    power : float
        Probability that the test succeeds; not used for a width.

    Returns
    -------
    AgreementStudyPlan
        Items and labels, the formula, other sizes, what may make it wrong; ``.simulate()`` checks it. Where there is no
        number (a pilot without variation, no gap to show) it is None with a reason.

    Raises
    ------
    ParameterError
        If not exactly one goal is given, a number is out of range, or assumed rates contradict each other.
    RoundsError
        If a pilot holds more than one round.

    Notes
    -----
    The variance per item is the pilot's squared standard error times its items, or follows from the assumed rates.
    Assumed rates, ``cohen_kappa`` and a threshold give Cantor's formula (the standard error of the null hypothesis
    enters), with more than two classes at the table with the largest standard error (Flack et al.). All other
    plans are for the intervals of :meth:`labelqa.AgreementResult.confidence_interval`: one-sided against a threshold,
    with the standard error that they have where they just clear it. Tested by its interval, a kappa planned by Cantor's
    formula has a little more power than planned above the threshold and less below (`tests/bench/planning.py`).

    References
    ----------
    Cantor, A. B. (1996). Psychol. Methods 1, 150-153. Flack, V. F. et al. (1988). Psychometrika 53, 321-325.
    Donner, A. & Eliasziw, M. (1992). Stat. Med. 11, 1511-1519. Gwet, K. L. (2014). Handbook of Inter-Rater Reliability.

    Examples
    --------
    >>> from labelqa.reliability.planning.rates import AssumedRates
    >>> rates = AssumedRates(agreement=0.8, class_shares=(0.7, 0.3), n_annotators=2)
    >>> plan_agreement_study(rates, threshold=0.667).n_items
    170
    >>> plan_agreement_study(rates, width=0.2).n_items
    169
    """
    goal, asked = _one_goal(width=width, threshold=threshold, change=change)
    check_choice("coefficient", coefficient, names.COEFFICIENTS)
    check_level(confidence, "confidence")
    if goal == "threshold":  # below one half a one-sided test would claim what it did not see
        check_between("confidence", confidence, 0.5, 1, what="a level of a one-sided test", example="0.95")
    check_level(power, "power")
    population = _population(data, coefficient, weights)
    reason = _no_plan(population, goal, asked)
    sizing = None if reason else _sizing(population, goal, asked, confidence=confidence, power=power)
    n = None if sizing is None else sizing.smallest()
    paired = None if sizing is None or goal != "change" else sizing.smallest(paired=True)
    if reason is None and n is None:
        reason = "more than a billion items would be needed"
    rounds = 2 if goal == "change" else 1
    return AgreementStudyPlan(
        goal=goal,
        asked=asked,
        coefficient=coefficient,
        weights=weights_name(weights),
        value=population.value,
        confidence=confidence,
        power=math.nan if goal == "width" else power,
        item_variance=population.variance,
        labels_per_item=population.labels_per_item,
        n_items=n,
        n_items_paired=paired,
        n_labels=None if n is None else math.ceil(rounds * n * population.labels_per_item),
        correlation=0.0 if sizing is None else sizing.correlation,
        formula="" if sizing is None else sizing.formula,
        basis=population.basis,
        warnings=() if sizing is None or n is None else plan_warnings(population, sizing, n),
        undefined_because=reason,
        curve=_curve(sizing, n, rounds * population.labels_per_item),
        _population=population,
        _sizing=sizing,
        _scheme=weights,
    )


def _one_goal(**goals: float | None) -> tuple[str, float]:
    given = {name: value for name, value in goals.items() if value is not None}
    if len(given) != 1:
        raise ParameterError(
            Problem(
                what=f"a study is planned for one goal, but {', '.join(given) or 'none'} was given",
                parameter="width",
                value=tuple(given),
                allowed=tuple(f"{name}=..." for name in GOALS),
                next_step="Give exactly one; plan several goals one by one and take the largest number.",
            )
        )
    ((name, value),) = given.items()
    low, high = GOALS[name]
    if not is_between(value, low, high) or (name == "change" and value == 0):
        raise ParameterError(
            Problem(
                what=f"{name}={value!r} is no goal",
                parameter=name,
                value=value,
                allowed=(f"a number between {low:g} and {high:g}{' other than 0' if name == 'change' else ''}",),
            )
        )
    return name, float(value)


def _population(data: Data | AssumedRates, coefficient: str, weights: WeightsLike) -> Population:
    if not isinstance(data, AssumedRates):
        return pilot_population(data, coefficient, weights)
    if isinstance(weights, str) and weights == "rank" and coefficient not in RANKED:
        raise ParameterError(
            Problem(
                what=f"rank weights follow from the data, so {coefficient} with them needs a pilot",
                parameter="weights",
                value=weights,
                next_step="Pass a pilot, or take weights='ordinal' or one of " + ", ".join(RANKED) + ".",
            )
        )
    if coefficient == "cohen_kappa":
        return table_population(data, weights)
    if coefficient == "conger_kappa":
        raise ParameterError(
            Problem(
                what="conger_kappa needs a pilot: what sets it apart is how annotators differ",
                parameter="coefficient",
                value=coefficient,
                next_step="With annotators alike it is fleiss_kappa: plan for that, or pass annotations.",
            )
        )
    return assumed_population(data, coefficient, weights)


def _no_plan(population: Population, goal: str, asked: float) -> str | None:
    """Return why no number of items can be given, if so."""
    if isinstance(population, PilotPopulation) and population.reason:
        return population.reason
    if population.variance <= 0:
        return "with these assumptions every study gives the same value"
    if goal == "threshold" and math.isclose(population.value, asked, abs_tol=1e-12):
        return "the value planned for is the threshold itself, so there is nothing to show"
    return None


def _sizing(population: Population, goal: str, asked: float, *, confidence: float, power: float) -> Sizing:
    other, correlation = None, 0.0
    if goal == "threshold":
        other = _null_variance(population, asked)
    elif goal == "change":
        _check_change(population.value, asked)
        if not isinstance(population, PilotPopulation):
            other = population.at(population.value + asked).variance
            correlation = population.correlation
    return Sizing(
        goal=goal,
        asked=asked,
        confidence=confidence,
        power=power,
        gap=abs(population.value - asked) if goal == "threshold" else abs(asked),
        variance=population.variance,
        other_variance=other,
        correlation=correlation,
        by_null=isinstance(population, TablePopulation),
    )


def _null_variance(population: Population, threshold: float) -> float | None:
    """Return the variance per item where the coefficient is at the threshold; None where it cannot be."""
    try:
        return population.at(threshold).variance
    except ParameterError:  # with these class shares the coefficient never gets as low
        return None


def _check_change(value: float, change: float) -> None:
    if not -1 <= value + change <= 1:
        raise ParameterError(
            Problem(
                what=f"change={change:g} from {value:.3f} would end outside -1 to 1",
                parameter="change",
                value=change,
                allowed=(f"{-1 - value:.3f} to {1 - value:.3f}",),
            )
        )


def _curve(sizing: Sizing | None, n: int | None, labels_per_item: float) -> pd.DataFrame:
    if sizing is None or n is None:
        return pd.DataFrame([], columns=list(COLUMNS))
    spread = n * np.geomspace(1 / CURVE_FACTOR, CURVE_FACTOR, CURVE_POINTS)
    sizes = sorted({max(2, round(float(size))) for size in spread} | {n})
    rows = [
        {
            "n_items": size,
            "n_labels": math.ceil(size * labels_per_item),
            "width": sizing.width_at(size),
            "power": sizing.power_at(size),
            "power_paired": sizing.power_at(size, paired=True) if sizing.goal == "change" else math.nan,
            "planned": size == n,
        }
        for size in sizes
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
