"""Before and after: both rounds with their intervals, and a dumbbell for each part."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.charts import theme

if TYPE_CHECKING:
    import altair as alt


def change_chart(rounds: pd.DataFrame, parts: pd.DataFrame, *, label: str = "class") -> alt.Chart | alt.LayerChart:
    """Return two rows with the intervals of both rounds and one row a part: hollow before, filled after.

    Parameters
    ----------
    rounds : DataFrame
        Two rows, before and after: ``name``, ``estimate``, ``low``, ``high``.
    parts : DataFrame
        One row a part: ``before``, ``after``, and its name in the column `label`. May be empty.
    label : str
        Column with the names of the parts.

    Examples
    --------
    >>> rounds = pd.DataFrame({"name": ["before", "after"], "estimate": [0.4, 0.7], "low": [0.2, 0.6]})
    >>> parts = pd.DataFrame({"class": ["sport"], "before": [0.3], "after": [0.6]})
    >>> len(change_chart(rounds.assign(high=[0.6, 0.8]), parts).to_dict()["layer"])
    5
    """
    import altair as alt  # only where something is drawn

    keys = theme.row_keys([*rounds["name"], *parts[label]])
    whole, split = _rounds(rounds, keys[: len(rounds)]), _parts(parts, keys[len(rounds) :])
    scale = alt.Scale(domain=_domain(whole, split), nice=False, clamp=True)
    y_axis = alt.Axis(labelExpr=theme.KEY_LABEL, grid=False, minExtent=theme.name_extent(keys))
    y = alt.Y("key:N", scale=alt.Scale(domain=keys), title=None, axis=y_axis)

    def x(column: str) -> alt.X:
        axis = alt.Axis(tickCount=6, format=".1f", labelFlush=False)
        return alt.X(f"{column}:Q", scale=scale, title="Agreement", axis=axis)

    first, second = alt.Chart(whole), alt.Chart(split)
    layers = (
        first.mark_rule(color=theme.ACCENT, strokeWidth=2.5).encode(x=x("low"), x2="high:Q", y=y),
        first.mark_point(color=theme.ACCENT, fill=theme.CARD, size=70, opacity=1, strokeWidth=2).encode(
            x=x("before"), y=y
        ),
        second.mark_rule(color=theme.MUTED, strokeWidth=1.5).encode(x=x("before"), x2="after:Q", y=y),
        second.mark_point(color=theme.ACCENT, fill=theme.CARD, size=55, opacity=1, strokeWidth=2).encode(
            x=x("before"), y=y
        ),
        alt.Chart(pd.concat([whole, split])[["key", "after"]])
        .mark_point(color=theme.ACCENT, fill=theme.ACCENT, size=60, opacity=1)
        .encode(x=x("after"), y=y),
    )
    return theme.themed(alt.LayerChart(layer=list(layers)), rows=len(keys))


def _rounds(rounds: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    estimate = rounds["estimate"].astype(float)
    is_after = pd.Series(range(len(rounds)), index=rounds.index) > 0
    return pd.DataFrame(
        {
            "key": keys,
            "before": estimate.mask(is_after).to_numpy(),
            "after": estimate.where(is_after).to_numpy(),
            "low": rounds["low"].astype(float).fillna(estimate).to_numpy(),
            "high": rounds["high"].astype(float).fillna(estimate).to_numpy(),
        }
    )


def _parts(parts: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    numbers = {name: parts[name].to_numpy(dtype=float) for name in ("before", "after")}
    return pd.DataFrame({"key": keys, **numbers})


def _domain(whole: pd.DataFrame, split: pd.DataFrame) -> list[float]:
    """Return 0 to 1, wider only where something is negative."""
    values = [*whole[["before", "after", "low"]].min(), *split[["before", "after"]].min()]
    lowest = min((v for v in values if not math.isnan(v)), default=0.0)
    return [0.0 if lowest >= 0 else max(-1.0, math.floor(lowest * 10) / 10), 1.0]
