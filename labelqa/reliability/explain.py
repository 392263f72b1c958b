"""Why a coefficient looks the way it does: the cases that readers misunderstand most, in words."""

from __future__ import annotations

import math
from typing import Protocol

from labelqa.inference.intervals import ConfidenceInterval
from labelqa.reliability.names import SCALE_FREE
from labelqa.results import as_number, as_percent

FEW_ITEMS = 30  # items with two labels, under which a t interval is a rough guide
HIGH_OBSERVED = 0.8  # percent agreement from which a low coefficient asks for an explanation
LOW = 0.6
FEW = 5  # items that say nothing about a value below zero
WIDE = 0.3  # width of an interval that spans most verbal scales' bands
GOOD_WIDTH = 0.1
ROUNDING = 1e-12


class Measured(Protocol):
    """What is explained of a coefficient: fields as in :class:`labelqa.AgreementResult`."""

    @property
    def coefficient(self) -> str: ...  # noqa: D102
    @property
    def estimate(self) -> float: ...  # noqa: D102
    @property
    def observed(self) -> float: ...  # noqa: D102
    @property
    def expected(self) -> float: ...  # noqa: D102
    @property
    def standard_error(self) -> float: ...  # noqa: D102
    @property
    def weights(self) -> str: ...  # noqa: D102
    @property
    def n_items(self) -> int: ...  # noqa: D102
    @property
    def n_single(self) -> int: ...  # noqa: D102


def explanations(result: Measured, interval: ConfidenceInterval) -> list[str]:
    """Return what a reader of this estimate should know, one sentence or two each; nothing where it speaks for itself.

    Parameters
    ----------
    result : AgreementResult
        The coefficient.
    interval : ConfidenceInterval
        Its interval.
    """
    if math.isnan(result.estimate):
        return []
    found = (_prevalence(result), _negative(result), _wide(result, interval), _no_width(result))
    return [text for text in found if text]


def few_items(result: Measured) -> str | None:
    """Return a caution where too few items have two labels to take an interval at its word."""
    n = result.n_items - result.n_single
    if n >= FEW_ITEMS:
        return None
    have = "item has" if n == 1 else "items have"
    return (
        f"Only {n:,} {have} two or more labels: take every number here, intervals too, as a rough guide ({FEW_ITEMS} "
        "or more are usual)."
    )


def _prevalence(result: Measured) -> str | None:
    hidden = result.observed >= HIGH_OBSERVED and result.estimate < LOW
    if result.coefficient not in SCALE_FREE or not hidden:
        return None
    return (
        f"Annotators agree in {as_percent(result.observed)} of comparisons, and yet the coefficient is only "
        f"{as_number(result.estimate, 2)}: one class is so frequent that {as_percent(result.expected)} would agree by "
        "chance alone, so what is left says how well the rare classes are told apart. See class_agreement, and "
        "compare with Gwet's AC, which depends less on how frequent classes are."
        if result.weights == "identity"
        else f"Weighted agreement is {as_percent(result.observed)}, and yet the coefficient is only "
        f"{as_number(result.estimate, 2)}: {result.weights} weights count near classes as almost equal, or a few "
        f"classes are frequent, so that {as_percent(result.expected)} would be reached by chance alone. What is left "
        "says how well far classes are told apart."
    )


def _negative(result: Measured) -> str | None:
    if result.estimate >= 0:
        return None
    few = math.isnan(result.standard_error) or result.n_items - result.n_single < FEW
    if few or result.estimate + 2 * result.standard_error >= 0:
        return (
            "Slightly below zero: annotators agree as often as chance would have it. Values under zero are usual then, "
            "above all with few items, or where one annotator gave one label throughout."
            if not few
            else "Below zero, but on too few items to tell it from agreement by chance: label more items first."
        )
    return (
        "Below zero: annotators agree less often than by chance. Look for classes that one of them swapped, a scale "
        "that was read from the other end, or two rules in use side by side (annotator_agreement shows who)."
    )


def _wide(result: Measured, interval: ConfidenceInterval) -> str | None:
    width = interval.high - interval.low
    if math.isnan(width) or width <= WIDE:
        return None
    n = math.ceil(result.n_items * (width / GOOD_WIDTH) ** 2)
    return (
        f"The interval is wide, {as_number(interval.low, 2)} to {as_number(interval.high, 2)}: {result.n_items:,} "
        f"items do not tell more. About {_rounded(n):,} such items would narrow it to {as_number(GOOD_WIDTH, 1)} "
        "(plan_agreement_study says how many for which purpose)."
    )


def _no_width(result: Measured) -> str | None:
    """Explain an interval from x to x: the formula knows no disagreement that it has not seen."""
    n = result.n_items - result.n_single
    if n < 1 or not result.standard_error <= ROUNDING:  # nan too
        return None
    share = 1 - 0.05 ** (1 / n)  # the largest share of other items that stays unseen in 1 of 20 samples
    return (
        f"Every item shows the same agreement, so the interval has no width; that is not certainty. With {n:,} items, "
        f"up to {as_percent(share, 0 if share >= 0.01 else 2)} of all items could be different without one of them "
        "showing here (95% confidence)."
    )


def _rounded(n: int) -> int:
    """Round to two digits: it is a rule of thumb."""
    step = 10 ** max(len(str(n)) - 2, 0)
    return int(math.ceil(n / step) * step)
