"""How much the data can tell at all: what a verdict and advice must ask before they promise anything."""

from __future__ import annotations

from itertools import pairwise

from labelqa.reliability.names import KRIPPENDORFF
from labelqa.report.findings import MEASURED_LEVELS, Findings

ENOUGH_ITEMS = 10  # items with two labels, under which no verdict is given
NO_SPREAD = 1e-12  # standard errors below this are rounding errors of 0
CERTAINTY = 0.95
MANY_VALUES = 10  # distinct numbers, above which labels look like measurements
STEPS = 3  # consecutive integers, from which labels look like a scale
CHANCE_BLIND = ("percent_agreement", "gwet_ac", "brennan_prediger")  # high where one class dominates


def is_unanimous(found: Findings) -> bool:
    """Whether there are items with two labels, and none of them got two different ones."""
    return found.n_pairable > 0 and found.pairs.empty


def carries_verdict(found: Findings) -> bool:
    """Whether there are enough items, and differences between them, to say how sure the number is."""
    return found.n_pairable >= ENOUGH_ITEMS and found.main.standard_error > NO_SPREAD


def split_at_most(n_items: int) -> float:
    """Return the share of items that may still be split where `n_items` were all agreed (95 %; about 3/n).

    Examples
    --------
    >>> round(split_at_most(100), 3)
    0.03
    """
    return 1.0 if n_items < 1 else 1.0 - float((1 - CERTAINTY) ** (1 / n_items))


def alpha_row(found: Findings) -> dict[str, float]:
    """Return estimate, low and high of Krippendorff's alpha, whatever the headline is."""
    rows = found.coefficients
    row = rows[rows["coefficient"] == KRIPPENDORFF].to_dict("records")[0]
    return {key: float(row[key]) for key in ("estimate", "low", "high")}


def has_single_classes(found: Findings) -> bool:
    """Whether classes are things to be defined one by one, not points on a scale of measurement."""
    return found.latest.schema.level not in MEASURED_LEVELS


def looks_like_scale(found: Findings) -> bool:
    """Whether classes measured as nominal are numbers that look ordered: 1, 2, 3, ... or very many."""
    schema = found.latest.schema
    if schema.level != "nominal" or found.options.main_weights != "identity" or schema.k < STEPS:
        return False
    if not schema.is_numeric:
        return False
    values = sorted(float(v) for v in schema.values)
    steps = {b - a for a, b in pairwise(values)}
    return len(set(values)) > MANY_VALUES or (steps == {1.0} and values[0].is_integer())
