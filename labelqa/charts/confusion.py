"""Which label is given where which class is true: one square a pair, the diagonal included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from labelqa.charts import theme
from labelqa.charts.heatmap import CELL, MAX_CLASSES, MAX_WITH_NUMBERS, SMALL_CELL, SMALL_FONT

if TYPE_CHECKING:
    import altair as alt


def confusion_chart(frame: pd.DataFrame, *, limit: int = MAX_CLASSES) -> alt.Chart | alt.LayerChart:
    """Return a heat map of shares: rows are true classes, columns the labels given.

    Parameters
    ----------
    frame : DataFrame (k, k)
        Shares; the index holds true classes, the columns labels, in the same order.
    limit : int
        Number of classes drawn: the first ones.

    Examples
    --------
    >>> frame = pd.DataFrame([[0.9, 0.1], [0.2, 0.8]], index=["x", "y"], columns=["x", "y"])
    >>> confusion_chart(frame).to_dict()["layer"][0]["mark"]["type"]
    'rect'
    """
    import altair as alt  # only where something is drawn

    keys = theme.row_keys(frame.index[:limit])
    readable = len(keys) <= MAX_WITH_NUMBERS
    size, font = (CELL, theme.FONT_SIZE) if readable else (SMALL_CELL, SMALL_FONT)
    scale, room = alt.Scale(domain=keys), theme.name_extent(keys, font)
    axis: dict[str, Any] = {"labelExpr": theme.KEY_LABEL, "minExtent": room, "grid": False, "labelOverlap": False}
    below = alt.Axis(labelAngle=-90, labelFontSize=font, **axis)
    left = alt.Axis(labelFontSize=font, **axis)
    base = alt.Chart(_cells(frame, keys)).encode(
        x=alt.X("given:N", scale=scale, title="label given", axis=below),
        y=alt.Y("true:N", scale=scale, title="true class", axis=left),
    )
    rects = base.mark_rect(color=theme.ACCENT, stroke=theme.GRID, strokeWidth=1).encode(
        fillOpacity=alt.FillOpacity("strength:Q", scale=None, legend=None)
    )
    layers = [rects]
    if readable:
        ink = alt.condition("datum.strength > 0.7", alt.value(theme.ON_ACCENT), alt.value(theme.INK))
        layers.append(base.mark_text().encode(text=alt.Text("share:Q", format=".0%"), color=ink))
    side = size * max(1, len(keys))
    return theme.themed(alt.LayerChart(layer=layers), width=side, height=side)


def _cells(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    values = frame.to_numpy(dtype=float)
    rows = [(a, b, values[i, j]) for i, a in enumerate(keys) for j, b in enumerate(keys)]
    cells = pd.DataFrame(rows, columns=["true", "given", "share"]).fillna({"share": 0.0})
    return cells.assign(strength=0.92 * cells["share"])
