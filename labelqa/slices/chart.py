"""Slices as differences with their intervals, zero marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from labelqa.charts import theme
from labelqa.text import shortened

if TYPE_CHECKING:
    import altair as alt

NAME_LIMIT = 80  # characters: conditions are longer than the names of other charts


def difference_chart(frame: pd.DataFrame, *, title: str, percent: bool) -> alt.Chart | alt.LayerChart:
    """Return a horizontal chart of differences; the conditions stand above each interval.

    Parameters
    ----------
    frame : DataFrame
        Columns predicates, difference, low, high, size, in the order of the rows.
    title : str
        Of the horizontal axis.
    percent : bool
        Whether differences are of shares.

    Examples
    --------
    >>> row = {"predicates": "channel = chat", "difference": 0.2, "low": 0.1, "high": 0.3, "size": 50}
    >>> len(difference_chart(pd.DataFrame([row]), title="Error", percent=True).to_dict()["layer"])
    4
    """
    import altair as alt

    data = frame[["difference", "low", "high"]].astype(float).reset_index(drop=True)
    data["text"] = [
        f"{shortened(p, NAME_LIMIT)} ({s:,})" for p, s in zip(frame["predicates"], frame["size"], strict=True)
    ]
    data["row"] = range(len(data))
    low, high = min([0.0, *data["low"].dropna()]), max([0.0, *data["high"].dropna()]) or 1.0
    scale = alt.Scale(domain=[low, high], nice=True)
    axis = alt.Axis(tickCount=6, format="+.0%" if percent else "+.3~g")
    y = alt.Y("row:O", axis=None, scale=alt.Scale(paddingOuter=0.3))
    base = alt.Chart(data)
    x = alt.X("difference:Q", scale=scale, title=title, axis=axis)
    zero = alt.Chart(pd.DataFrame({"at": [0.0]})).mark_rule(color=theme.MUTED, strokeDash=[3, 3])
    layers = [
        zero.encode(x=alt.X("at:Q", scale=scale)),
        base.mark_rule(color=theme.ACCENT, strokeWidth=2.5).encode(x=alt.X("low:Q", scale=scale), x2="high:Q", y=y),
        base.mark_point(color=theme.ACCENT, fill=theme.ACCENT, size=70, opacity=1).encode(x=x, y=y),
        base.mark_text(align="left", dx=5, dy=-13, color=theme.INK).encode(x=alt.value(0), y=y, text="text:N"),
    ]
    return theme.themed(alt.LayerChart(layer=layers), width=420, height=44 * max(1, len(data)) + 16)
