"""Items that were not chosen at random: weights that undo it, and signs of it.

Items chosen because annotators disagreed on them agree better when labeled again, whatever was changed in between
(regression to the mean). Weights of 1 / selection probability (Hajek) remove that bias.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem, shorten
from labelqa.reliability.comparison.pair import RoundPair, match_items
from labelqa.reliability.moments import make_terms
from labelqa.reliability.weights import Weights
from labelqa.results import as_percent

Floats = npt.NDArray[np.float64]
Selection = Mapping[Hashable, float] | pd.Series
FEWEST = 5  # items on either side of a comparison of chosen with other items
CLEAR = 2.326  # standard errors: one-sided 1 %


def selection_weights(selection: Selection, before: Annotations, after: Annotations) -> dict[str, Floats]:
    """Return the weight of every item in either round, mean 1; 0 for items left out.

    Where the rounds share items, only those are compared and each needs a probability. Where they share none, each
    round is weighted whose items are listed, and the other one not.

    Raises
    ------
    ParameterError
        If items lack a probability, or one is not above 0 and at most 1.
    """
    known = _checked(selection)
    first, second, _ = match_items(before.items, after.items)
    shared = {"before": np.isin(first, second), "after": np.isin(second, first)}
    out = {}
    for role, part in (("before", before), ("after", after)):
        items = [str(name) for name in part.items]
        listed = any(name in known for name in items)
        compared = shared[role] if shared[role].any() else np.full(len(items), listed)
        _check_listed({name for name, use in zip(items, compared, strict=True) if use}, known)
        weight = np.array([1 / known[name] if use else 0.0 for name, use in zip(items, compared, strict=True)])
        weight = weight if compared.any() else np.ones(len(items))
        out[role] = weight * np.count_nonzero(weight) / weight.sum() if weight.any() else weight
    return out


def _checked(selection: Selection) -> dict[str, float]:
    if not isinstance(selection, Mapping | pd.Series):
        raise ParameterError(
            Problem(
                what=f"selection is a {type(selection).__name__}, which names no items",
                parameter="selection",
                value=type(selection).__name__,
                allowed=("a mapping of item to probability", "a Series with items as its index"),
                next_step="Write for example dict(zip(items, probabilities)).",
            )
        )
    known: dict[str, float] = {}
    wrong: list[tuple[object, object]] = []
    for item, share in selection.items():
        try:
            number = float(share)
        except (TypeError, ValueError):
            number = math.nan
        if not 0 < number <= 1:
            wrong.append((item, share))
        known[str(item)] = number
    if wrong or not known:
        first = f"{wrong[0][0]!r}: {wrong[0][1]!r}" if wrong else "nothing"
        raise ParameterError(
            Problem(
                what=f"selection holds {first}, which is no probability of selection"
                + (f" ({len(wrong):,} such items)" if len(wrong) > 1 else ""),
                parameter="selection",
                value=wrong[0][1] if wrong else None,
                allowed=("item -> a number above 0 and at most 1",),
                next_step="Items that could never be chosen cannot be represented by others: leave them out.",
            )
        )
    return known


def _check_listed(items: set[str], known: Mapping[str, float]) -> None:
    if missing := sorted(items - known.keys()):
        raise ParameterError(
            Problem(
                what=f"selection has no probability for {len(missing):,} of {len(items):,} compared items: "
                f"{shorten(missing, 5)}",
                parameter="selection",
                value=missing[0],
                next_step="Give every compared item the probability with which it was chosen.",
            )
        )


def effective_items(pair: RoundPair) -> float:
    """Return how many equally weighted items would tell as much (Kish 1965): (sum w)^2 / sum w^2."""
    total = float(pair.weight @ pair.times)
    squares = float(pair.weight**2 @ pair.times)
    return total**2 / squares if squares else 0.0


def chosen_for_disagreement(pair: RoundPair, weights: Weights) -> str | None:
    """Return a warning where the items labeled again were clearly more disputed before than the others, else None."""
    terms = make_terms("percent_agreement", pair.kinds, np.ones(len(pair.kinds), dtype=np.int64), weights)
    groups = []
    for part in (pair.shared, pair.in_before & ~pair.in_after):
        times = pair.times * part * terms.usable[pair.before]
        n = float(times.sum())
        if n < FEWEST:
            return None
        values = terms.observed[pair.before]
        mean = float(times @ values) / n
        groups.append((mean, float(times @ (values - mean) ** 2) / (n - 1) / n))
    (again, first), (others, second) = groups
    if again - others >= -CLEAR * math.sqrt(first + second):
        return None
    return (
        f"The items labeled again were the more disputed ones: {as_percent(again)} agreement before, against "
        f"{as_percent(others)} on the items not labeled again. Such items agree better the next time whatever was "
        "changed (regression to the mean). Compare on items chosen at random, "
        "or (in Python, argument selection) give the probability with which each item was chosen."
    )
