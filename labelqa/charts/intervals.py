"""Point and interval, one row a name: the picture of every table with estimate, low and high."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.charts import theme
from labelqa.text import shortened

if TYPE_CHECKING:
    import altair as alt

NUMBERS = ("estimate", "low", "high")
REASON_LIMIT = 46  # characters of a reason in the place of a point


def interval_chart(
    frame: pd.DataFrame, *, label: str = "name", title: str = "Agreement", reference: Sequence[float] = ()
) -> alt.Chart | alt.LayerChart:
    """Return a horizontal chart of estimates with their intervals.

    Parameters
    ----------
    frame : DataFrame
        Columns ``estimate``, ``low``, ``high``, the column `label`, and, optionally, ``reason`` for rows without an
        estimate, and ``full`` for names that are told in full where one points at a row. The rows keep their order.
    label : str
        Column with the name of each row.
    title : str
        Title of the horizontal axis.
    reference : sequence of float
        Values to mark with a dashed line, such as customary limits.

    Examples
    --------
    >>> frame = pd.DataFrame({"name": ["sport"], "estimate": [0.7], "low": [0.6], "high": [0.8]})
    >>> len(interval_chart(frame).to_dict()["layer"])
    4
    """
    import altair as alt  # only where something is drawn

    data = _prepared(frame, label)
    x_scale = alt.Scale(domain=_domain(data), nice=False, clamp=True)
    x = alt.X("estimate:Q", scale=x_scale, title=title, axis=alt.Axis(tickCount=6, format=".1f", labelFlush=False))
    y_axis = alt.Axis(labelExpr=theme.KEY_LABEL, grid=False, minExtent=theme.name_extent(data["key"]))
    y = alt.Y("key:N", scale=alt.Scale(domain=data["key"].tolist()), title=None, axis=y_axis)
    told = [alt.Tooltip("full:N", title="name"), *(alt.Tooltip(f"{c}:Q", format=".3f") for c in NUMBERS)]
    known = alt.Chart(data.dropna(subset=["estimate"])).encode(tooltip=told)
    unknown = alt.Chart(data[data["estimate"].isna()])
    marks = alt.Chart(pd.DataFrame({"at": [float(v) for v in reference]}, dtype=float))
    layers = (
        marks.mark_rule(color=theme.MUTED, strokeDash=[3, 3]).encode(x=alt.X("at:Q", scale=x_scale)),
        known.mark_rule(color=theme.ACCENT, strokeWidth=2.5).encode(x=alt.X("low:Q", scale=x_scale), x2="high:Q", y=y),
        known.mark_point(color=theme.ACCENT, fill=theme.ACCENT, size=70, opacity=1).encode(x=x, y=y),
        unknown.mark_text(align="left", color=theme.MUTED, fontStyle="italic", dx=4).encode(
            x=alt.value(0), y=y, text="reason:N"
        ),
    )
    return theme.themed(alt.LayerChart(layer=list(layers)), rows=len(data))


def _prepared(frame: pd.DataFrame, label: str) -> pd.DataFrame:
    reasons = frame["reason"] if "reason" in frame else pd.Series([None] * len(frame), dtype=object)
    numbers = {name: frame[name].to_numpy(dtype=float) for name in NUMBERS}
    data = pd.DataFrame({"key": theme.row_keys(frame[label]), **numbers})
    data["full"] = theme.full_names(frame["full"] if "full" in frame else frame[label])
    data["reason"] = [_reason(r) for r in reasons]
    data["low"] = data["low"].fillna(data["estimate"])
    data["high"] = data["high"].fillna(data["estimate"])
    return data


def _reason(value: object) -> str:
    return shortened(f"undefined: {value}" if isinstance(value, str) and value else "undefined", REASON_LIMIT)


def _domain(data: pd.DataFrame) -> list[float]:
    """Return 0 to 1, wider only where an estimate or its interval is negative."""
    lowest = data[["estimate", "low"]].min().min()
    return [0.0 if math.isnan(lowest) or lowest >= 0 else max(-1.0, math.floor(lowest * 10) / 10), 1.0]
