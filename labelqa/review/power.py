"""What a round will be able to show: items needed to see an improvement, and the smallest improvement that is seen."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass

from labelqa.reliability.levels import weights_of_level
from labelqa.reliability.names import KRIPPENDORFF
from labelqa.reliability.planning.plan import plan_agreement_study
from labelqa.reliability.planning.rates import AssumedRates
from labelqa.reliability.planning.result import AgreementStudyPlan
from labelqa.review.measured import measured
from labelqa.review.project import Project
from labelqa.review.state import progress

USUAL_POWER = 0.8
HUNDREDTHS = range(1, 100)  # agreement is planned for in steps of 0.01, below 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundBaseline:
    """Where agreement stands before a round is designed.

    Attributes
    ----------
    agreement : float
        Krippendorff's alpha, with the weights that fit `level`.
    class_shares : tuple of float (k,)
        How often each class is used.
    level : str
        Level of the classes: nominal, ordinal, interval, ratio.
    """

    agreement: float
    class_shares: tuple[float, ...]
    level: str = "nominal"


def round_baseline(project: Project, *, actor: str) -> RoundBaseline | None:
    """Return alpha and class shares of the last closed round, without held-out items; None where alpha is undefined.

    Parameters
    ----------
    project : Project
        Where.
    actor : str
        Who asks; a reviewer or lead.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    """
    facts = progress(project, actor=actor).facts
    if not facts.closed or math.isnan(facts.estimate):
        return None
    counts = measured(project, facts.closed[-1], actor=actor).annotations.counts.sum(axis=0)
    shares = tuple(float(c) for c in counts / counts.sum())
    return RoundBaseline(agreement=facts.estimate, class_shares=shares, level=project.level)


def plan_improvement(
    baseline: RoundBaseline, goal: float, *, n_annotators: int = 2, power: float = USUAL_POWER
) -> AgreementStudyPlan:
    """Plan how many items two rounds on different items need to show that alpha rose to `goal`.

    The estimate of a project has the weights of its level, and the comparison of two rounds counts every difference
    alike. So a level other than nominal is planned for with both, from the same alpha, and the plan that asks for more
    items is returned: a conservative choice.

    Parameters
    ----------
    baseline : RoundBaseline
        Where agreement stands.
    goal : float
        Alpha to reach.
    n_annotators : int
        Labels that each item gets.
    power : float
        Probability that the improvement is seen, by a two-sided test at 95%.

    Raises
    ------
    ParameterError
        If `goal` is no change, or the numbers contradict each other.

    Examples
    --------
    >>> nominal = RoundBaseline(agreement=0.6, class_shares=(0.5, 0.3, 0.2))
    >>> plan_improvement(nominal, 0.8).n_items
    150
    >>> ordinal = RoundBaseline(agreement=0.6, class_shares=(0.5, 0.3, 0.2), level="ordinal")
    >>> plan_improvement(ordinal, 0.8).n_items > 150
    True
    """
    rates = AssumedRates(agreement=baseline.agreement, class_shares=baseline.class_shares, n_annotators=n_annotators)
    kinds = dict.fromkeys(("identity", weights_of_level(baseline.level)[KRIPPENDORFF]))
    change = goal - baseline.agreement
    plans = [plan_agreement_study(rates, change=change, weights=weights, power=power) for weights in kinds]
    return max(plans, key=lambda plan: math.inf if plan.n_items is None else plan.n_items)


def detectable_agreement(
    baseline: RoundBaseline, n_items: int, *, n_annotators: int = 2, power: float = USUAL_POWER
) -> float | None:
    """Return the smallest alpha above that of now, in steps of 0.01, that a round of `n_items` can show.

    Parameters
    ----------
    baseline : RoundBaseline
        Where agreement stands.
    n_items : int
        Items of the round, and of the round before it.
    n_annotators, power
        As for :func:`plan_improvement`.

    Returns
    -------
    float or None
        None where even 0.99 would be missed too often, or nothing can be planned.

    Raises
    ------
    ParameterError
        If the numbers contradict each other.

    Examples
    --------
    >>> now = RoundBaseline(agreement=0.6, class_shares=(0.5, 0.3, 0.2))
    >>> detectable_agreement(now, 150), detectable_agreement(now, 5)
    (0.8, None)
    """

    def is_seen(hundredth: int) -> bool:
        planned = plan_improvement(baseline, hundredth / 100, n_annotators=n_annotators, power=power).n_items
        return planned is not None and planned <= n_items

    above = [h for h in HUNDREDTHS if h / 100 > baseline.agreement + 1e-9]
    at = bisect_left(above, True, key=is_seen)
    return above[at] / 100 if at < len(above) else None
