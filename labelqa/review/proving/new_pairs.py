"""Pairs of classes whose border is unclear now and was not before."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from labelqa.ambiguity.confusions import class_confusions
from labelqa.inference.adjustment import holm
from labelqa.review.proving.effects import Effect, effect_of, permuted, scorer_of
from labelqa.review.proving.overall import change_verdict
from labelqa.review.proving.panel import Panel, Part
from labelqa.review.proving.settings import Settings

OF_CONFUSIONS = ("class_a", "class_b", "disagreement", "disagreement_low", "disagreement_high")
COLUMNS = (
    *OF_CONFUSIONS[:2], "disagreement_before", *OF_CONFUSIONS[2:], "before", "after", "difference", "low", "high",
    "p_adjusted", "is_clear",
)  # fmt: skip


def newly_confused(panel: Panel, part: Part, settings: Settings, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row a pair that is flagged after and was not before; columns COLUMNS.

    `is_clear` tells whether agreement on the two fell more than chance explains (Holm over these pairs); without it the
    pair may only have crossed the line. Weighted items are not looked at: flags know no weights.
    """
    nothing = pd.DataFrame(columns=list(COLUMNS))
    if not part or part.is_weighted:
        return nothing
    before, after = (class_confusions(d, confidence=settings.confidence) for d in panel.annotations(part))
    old = {_pair(row): row for row in before.frame.to_dict("records")}
    new = [r for r in after.flagged.to_dict("records") if not old.get(_pair(r), {}).get("flagged", False)]
    if not new:
        return nothing
    cells = panel.pair(part)
    places = [[panel.schema.index_of(name) for name in (r["class_a"], r["class_b"])] for r in new]
    scorers = [scorer_of(cells, settings.coefficient, [c for c in place if c is not None]) for place in places]
    adjusted = holm(permuted(cells, scorers, settings.n_permutations, rng))
    rows = [
        {name: row[name] for name in OF_CONFUSIONS}
        | {"disagreement_before": old.get(_pair(row), {}).get("disagreement", 0.0)}
        | _change(effect_of(cells, scorer, settings.confidence), p_value, settings)
        for row, scorer, p_value in zip(new, scorers, adjusted.tolist(), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _change(effect: Effect, p_value: float, settings: Settings) -> dict[str, object]:
    return {
        "before": effect.before,
        "after": effect.after,
        "difference": effect.difference,
        "low": effect.test.low,
        "high": effect.test.high,
        "p_adjusted": p_value,
        "is_clear": change_verdict(effect.difference, p_value, settings.level) == "worse",
    }


def _pair(row: dict[Hashable, Any]) -> frozenset[str]:
    return frozenset((str(row["class_a"]), str(row["class_b"])))
