"""The verdict in a few words, monotone in the interval: a lower interval never reads better."""

from __future__ import annotations

import math

from labelqa.report.evidence import (
    CHANCE_BLIND,
    ENOUGH_ITEMS,
    alpha_row,
    carries_verdict,
    is_unanimous,
    split_at_most,
)
from labelqa.report.findings import Findings
from labelqa.results import as_number, as_percent

FIRM, TENTATIVE = 0.8, 0.667  # Krippendorff (2004), Content Analysis, 2nd ed., p. 241
SMALLEST_PERCENT = 0.005  # shares below this would be written 0%


def share_text(share: float) -> str:
    """Return a share as a percentage, of which a small one is not written 0%."""
    return "less than 1%" if share < SMALLEST_PERCENT else as_percent(share)


def about(share: float) -> str:
    """Return ``about 12%``, or ``less than 1%``."""
    return share_text(share) if share < SMALLEST_PERCENT else f"about {as_percent(share)}"


def verdict(found: Findings) -> str:
    """Say in a sentence or two what the number means."""
    main, interval = found.main, found.interval
    if main.undefined_because:
        return "Agreement cannot be measured on this data."
    if is_unanimous(found):
        return unanimous_text(found)
    if math.isnan(interval.low):
        return "One number without an interval: too little data to say how far to trust it."
    if found.n_pairable < ENOUGH_ITEMS:
        return f"Too little data for a verdict: {found.n_pairable:,} items have two or more labels."
    if main.coefficient == "percent_agreement":
        return "This counts agreement by luck too; see the coefficients that take it off."
    if not carries_verdict(found) and interval.high >= 0:
        return "No verdict: all items are split in the same way, so the interval does not say how sure the number is."
    alpha = alpha_row(found)["estimate"]
    if main.coefficient in CHANCE_BLIND and interval.low > 0 and alpha < TENTATIVE <= main.estimate:
        number = as_number(alpha, 2)
        return f"High by this coefficient, yet Krippendorff's alpha is {number}: look at the rare classes first."
    return verdict_of(main.estimate, interval.low, interval.high)


def unanimous_text(found: Findings) -> str:
    """Say what items that were all agreed on can and cannot tell."""
    n = found.n_pairable
    items = "1 item" if n == 1 else f"{n:,} items"
    return (
        f"No disagreement was seen on {items}. This cannot exclude disagreement: up to "
        f"{about(split_at_most(n))} of items could still be split (95%)."
    )


def verdict_of(estimate: float, low: float, high: float) -> str:
    """Return the verdict on an estimate with its interval."""
    if high < 0:
        return (
            "Agreement is worse than guessing: people systematically choose differently; check whether labels were "
            "swapped."
        )
    if low <= 0:
        return "The labels cannot be told from guessing: the interval reaches down to 0, which is guessing, or below."
    if low >= FIRM:
        return "The labels are consistent: even the lower end of the interval is above 0.8."
    if estimate >= FIRM:
        return "The labels are probably consistent, but the interval reaches below 0.8."
    if low >= TENTATIVE:
        return "The labels are consistent enough for tentative use, not yet for firm conclusions."
    if estimate >= TENTATIVE:
        return "Borderline: near the customary lower limit for usable labels, and the interval reaches below it."
    return "The labels are not consistent enough yet: below the customary lower limit for usable labels."
