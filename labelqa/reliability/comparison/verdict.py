"""Error, interval and p value of a difference between two rounds, and what they say."""

from __future__ import annotations

import math
from dataclasses import dataclass

from labelqa.reliability.comparison.inference import Differences

PAIRED, INDEPENDENT, MIXED = "paired", "independent", "mixed"
POWER = 0.8
RELEVANT = 0.1  # a change that people would want to know of
FEWEST = 10  # items without which "no evidence" says nothing
VERDICTS = ("improved", "worse", "no_evidence", "too_few_items", "undefined")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTest:
    """What is known of one difference; nan where undefined."""

    standard_error: float
    low: float
    high: float
    p_value: float
    degrees: float = math.nan


def design_of(sizes: tuple[int, int, int]) -> str:
    """Return the design from the items in both rounds, before only and after only."""
    shared, before_only, after_only = sizes
    if shared == 0:
        return INDEPENDENT
    return MIXED if before_only or after_only else PAIRED


def items_a_round(sizes: tuple[int, int, int]) -> int:
    """Return the items of the smaller round."""
    shared, before_only, after_only = sizes
    return shared + min(before_only, after_only)


def difference_test(found: Differences, confidence: float) -> ChangeTest:
    """Return the t test of an observed difference by its linearised standard error.

    The degrees of freedom are n - 1 where both rounds labeled the same n items (Gwet 2016), else Satterthwaite's.
    """
    return t_test(float(found.difference[0]), float(found.standard_error[0]), float(found.degrees[0]), confidence)


def t_test(difference: float, error: float, degrees: float, confidence: float) -> ChangeTest:
    """Return the test of a difference with this standard error; without one everything is nan."""
    if math.isnan(difference) or math.isnan(error) or degrees < 1:
        return ChangeTest(standard_error=math.nan, low=math.nan, high=math.nan, p_value=math.nan)
    from scipy.special import stdtr, stdtrit  # not needed to import labelqa

    if error == 0:
        p_value = 1.0 if difference == 0 else 0.0
        return ChangeTest(standard_error=0.0, low=difference, high=difference, p_value=p_value, degrees=degrees)
    half = float(stdtrit(degrees, 0.5 + confidence / 2)) * error
    p_value = 2 * float(stdtr(degrees, -abs(difference) / error))
    low, high = max(difference - half, -2.0), min(difference + half, 2.0)
    return ChangeTest(standard_error=error, low=low, high=high, p_value=p_value, degrees=degrees)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict, and what it would have taken.

    Attributes
    ----------
    verdict : str
        One of VERDICTS.
    detectable : float
        The smallest true difference found in 80 % of such comparisons; nan where there is no standard error.
    n_needed, n_more : int or None
        Items a round that would give the observed difference a power of 80 %, and how many more that is.
    """

    verdict: str
    detectable: float = math.nan
    n_needed: int | None = None
    n_more: int | None = None


def judge(difference: float, test: ChangeTest, p_permutation: float, confidence: float, n_items: int) -> Judgement:
    """Return the verdict on a difference seen on `n_items` items a round.

    It is a change where the permutation test says so; else too few items where a change of 0.1 could have gone unseen;
    undefined where there is no difference.
    """
    if math.isnan(difference):
        return Judgement(verdict="undefined")
    from scipy.special import ndtri, stdtrit  # not needed to import labelqa

    sides = 0.5 + confidence / 2, POWER
    many = sum(float(ndtri(side)) for side in sides) * test.standard_error  # with many items
    reach = sum(float(stdtrit(test.degrees, side)) for side in sides) * test.standard_error  # with these
    detectable = min(reach, 2.0) if reach > 0 else math.nan
    p_value = test.p_value if math.isnan(p_permutation) else p_permutation
    if difference != 0 and p_value <= 1 - confidence:
        return Judgement(verdict="improved" if difference > 0 else "worse", detectable=detectable)
    blind = math.isnan(test.standard_error) or n_items < FEWEST or reach > RELEVANT
    verdict = "too_few_items" if blind else "no_evidence"
    if math.isnan(detectable) or difference == 0:
        return Judgement(verdict=verdict, detectable=detectable)
    needed = max(math.ceil(n_items * (many / difference) ** 2), n_items + 1)
    return Judgement(verdict=verdict, detectable=detectable, n_needed=needed, n_more=needed - n_items)
