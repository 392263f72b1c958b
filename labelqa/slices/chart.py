"""Slices as values with their intervals, the rest marked."""

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
    values = frame[["predicates", "size", "low", "high"]].assign(value=frame["difference"])
    return _intervals(values, title=title, form="+.0%" if percent else "+.3~g", reference=0.0)


def metric_chart(frame: pd.DataFrame, *, title: str, percent: bool, reference: float) -> alt.Chart | alt.LayerChart:
    """Return a horizontal chart of values with their intervals, that of all rows dashed; slices above each interval.

    Parameters
    ----------
    frame : DataFrame
        Columns slice, n, estimate, low, high, in the order of the rows.
    title : str
        Of the horizontal axis.
    percent : bool
        Whether values are shares.
    reference : float
        Value of all rows.

    Examples
    --------
    >>> row = {"slice": "channel = chat", "estimate": 0.8, "low": 0.7, "high": 0.9, "n": 50}
    >>> len(metric_chart(pd.DataFrame([row]), title="Right", percent=True, reference=0.9).to_dict()["layer"])
    4
    """
    values = frame[["low", "high"]].assign(predicates=frame["slice"], size=frame["n"], value=frame["estimate"])
    return _intervals(values, title=title, form=".0%" if percent else ".3~g", reference=reference)


def _intervals(frame: pd.DataFrame, *, title: str, form: str, reference: float) -> alt.Chart | alt.LayerChart:
    import altair as alt

    data = frame[["value", "low", "high"]].astype(float).reset_index(drop=True)
    data["text"] = [
        f"{shortened(p, NAME_LIMIT)} ({s:,})" for p, s in zip(frame["predicates"], frame["size"], strict=True)
    ]
    data["row"] = range(len(data))
    ends = [reference, *data[["value", "low", "high"]].to_numpy().ravel()]
    known = [v for v in ends if v == v]  # not nan
    low, high = min(known), max(known)
    scale = alt.Scale(domain=[low, high if high > low else low + 1], nice=True)
    axis = alt.Axis(tickCount=5, format=form, labelOverlap=True, labelFlush=False)
    y = alt.Y("row:O", axis=None, scale=alt.Scale(paddingOuter=0.3))
    base = alt.Chart(data)
    x = alt.X("value:Q", scale=scale, title=title, axis=axis)
    line = alt.Chart(pd.DataFrame({"at": [reference]})).mark_rule(color=theme.MUTED, strokeDash=[3, 3])
    layers = [
        line.encode(x=alt.X("at:Q", scale=scale)),
        base.mark_rule(color=theme.ACCENT, strokeWidth=2.5).encode(x=alt.X("low:Q", scale=scale), x2="high:Q", y=y),
        base.mark_point(color=theme.ACCENT, fill=theme.ACCENT, size=70, opacity=1).encode(x=x, y=y),
        base.mark_text(align="left", dx=5, dy=-13, color=theme.INK).encode(x=alt.value(0), y=y, text="text:N"),
    ]
    return theme.themed(alt.LayerChart(layer=layers), width=420, height=44 * max(1, len(data)) + 16)
