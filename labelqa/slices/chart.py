"""Slices as values with their intervals, the rest marked; two columns crossed as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from labelqa.charts import theme
from labelqa.charts.cellmap import cellmap_chart
from labelqa.results import as_percent
from labelqa.text import shortened

if TYPE_CHECKING:
    import altair as alt

MOST_DOWN, MOST_ACROSS = 20, 8  # levels of a heat map: more would be too small to read
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
        Whether differences are of shares, and shown in percentage points.

    Examples
    --------
    >>> row = {"predicates": "channel = chat", "difference": 0.2, "low": 0.1, "high": 0.3, "size": 50}
    >>> len(difference_chart(pd.DataFrame([row]), title="Error", percent=True).to_dict()["layer"])
    4
    """
    values = frame[["predicates", "size", "low", "high"]].assign(value=frame["difference"])
    if percent:
        values[["value", "low", "high"]] = 100 * values[["value", "low", "high"]].astype(float)
        title = f"{title}, in points"
    return _intervals(values, title=title, form="+.3~g", reference=0.0)


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


def detail_chart(frame: pd.DataFrame, *, title: str, percent: bool, reference: float) -> alt.Chart | alt.LayerChart:
    """Return a horizontal chart of rates with their intervals: the slice in the colour of warnings, its parts below.

    Parameters
    ----------
    frame : DataFrame
        Columns part (``slice`` for the first), predicates, n, rate, low, high, few (hollow).
    title : str
        Of the horizontal axis.
    percent : bool
        Whether rates are shares.
    reference : float
        Rate of all rows outside the slice, dashed.

    Examples
    --------
    >>> row = {"part": "slice", "predicates": "channel = chat", "rate": 0.2, "low": 0.1, "high": 0.3, "n": 50}
    >>> frame = pd.DataFrame([row | {"few": False}])
    >>> len(detail_chart(frame, title="Error", percent=True, reference=0.1).to_dict()["layer"])
    4
    """
    values = frame[["predicates", "low", "high", "few"]].assign(size=frame["n"], value=frame["rate"])
    values["colour"] = [theme.SIGNAL if part == "slice" else theme.ACCENT for part in frame["part"]]
    return _intervals(values, title=title, form=".0%" if percent else ".3~g", reference=reference)


def cell_chart(frame: pd.DataFrame, *, names: tuple[str, str], percent: bool) -> alt.Chart | alt.LayerChart:
    """Return a heat map of two columns: the first down, the second across; the levels with the most rows.

    Parameters
    ----------
    frame : DataFrame
        Columns level_a, level_b, n, rate, low, high, few.
    names : (str, str)
        Names of the columns.
    percent : bool
        Whether rates are shares.

    Examples
    --------
    >>> cell = {"level_a": "channel = chat", "level_b": "size < 5", "n": 9, "rate": 0.2, "low": 0.1, "high": 0.5}
    >>> chart = cell_chart(pd.DataFrame([cell | {"few": True}]), names=("channel", "size"), percent=True)
    >>> chart.to_dict()["layer"][0]["encoding"]["x"]["title"]
    'size'
    """
    shown = frame
    for side, most in (("level_a", MOST_DOWN), ("level_b", MOST_ACROSS)):
        kept = shown.groupby(side, sort=False)["n"].sum().sort_values(ascending=False, kind="stable").index[:most]
        shown = shown[shown[side].isin(kept)]
    written = as_percent if percent else _short
    labels = [
        "" if not n else f"{written(v)}?" if few else written(v)
        for n, v, few in zip(shown["n"], shown["rate"], shown["few"], strict=True)
    ]
    cells = pd.DataFrame(
        {
            "row": [_within(text, names[0]) for text in shown["level_a"]],
            "column": [_within(text, names[1]) for text in shown["level_b"]],
            "value": shown["rate"].to_numpy(),
            "low": shown["low"].to_numpy(),
            "high": shown["high"].to_numpy(),
            "n": shown["n"].to_numpy(),
            "uncertain": shown["few"].to_numpy(),
            "label": labels,
            "count": [f"{n:,}" for n in shown["n"]],
        }
    )
    form = ".1%" if percent else ".3~g"
    return cellmap_chart(cells, row_title=names[0], column_title=names[1], form=form)


def _short(value: float) -> str:
    """Return a number that fits into a cell."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _within(text: str, name: str) -> str:
    """Return a condition without the name of its column, which the axis tells."""
    if f" <= {name} < " in text:
        return text.replace(f" <= {name} < ", " to ", 1)
    return text.removeprefix(f"{name} = ") if text.startswith(f"{name} = ") else text.removeprefix(f"{name} ")


def _intervals(frame: pd.DataFrame, *, title: str, form: str, reference: float) -> alt.Chart | alt.LayerChart:
    import altair as alt

    data = frame[["value", "low", "high"]].astype(float).reset_index(drop=True)
    data["text"] = [
        f"{shortened(p, NAME_LIMIT)} ({s:,})" for p, s in zip(frame["predicates"], frame["size"], strict=True)
    ]
    data["row"] = range(len(data))
    data["hollow"] = frame["few"].tolist() if "few" in frame else False
    data["colour"] = frame["colour"].tolist() if "colour" in frame else theme.ACCENT
    ends = [reference, *data[["value", "low", "high"]].to_numpy().ravel()]
    known = [v for v in ends if v == v]  # not nan
    low, high = min(known), max(known)
    scale = alt.Scale(domain=[low, high if high > low else low + 1], nice=True)
    axis = alt.Axis(tickCount=5, format=form, labelOverlap=True, labelFlush=False)
    y = alt.Y("row:O", axis=None, scale=alt.Scale(paddingOuter=0.3))
    base = alt.Chart(data)
    x = alt.X("value:Q", scale=scale, title=title, axis=axis)
    line = alt.Chart(pd.DataFrame({"at": [reference]})).mark_rule(color=theme.MUTED, strokeDash=[3, 3])
    colour = alt.Color("colour:N", scale=None, legend=None)
    edge = alt.Stroke("colour:N", scale=None, legend=None)
    filled = alt.condition("datum.hollow", alt.value(theme.CARD), alt.Fill("colour:N", scale=None, legend=None))
    layers = [
        line.encode(x=alt.X("at:Q", scale=scale)),
        base.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q", scale=scale), x2="high:Q", y=y, color=colour),
        base.mark_point(size=70, opacity=1).encode(x=x, y=y, stroke=edge, fill=filled),
        base.mark_text(align="left", dx=5, dy=-13, color=theme.INK).encode(x=alt.value(0), y=y, text="text:N"),
    ]
    return theme.themed(alt.LayerChart(layer=layers), width=420, height=44 * max(1, len(data)) + 16)
