"""Shares as horizontal bars: who or what causes how much of all disagreement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from labelqa.charts import theme

if TYPE_CHECKING:
    import altair as alt


def share_chart(
    frame: pd.DataFrame, *, label: str = "name", value: str = "share", title: str = "Share of all disagreement"
) -> alt.Chart | alt.LayerChart:
    """Return bars with their percentage.

    Parameters
    ----------
    frame : DataFrame
        The columns `label` and `value` (0 to 1). The rows keep their order.
    label, value : str
        Column with the name of each row, and with its share.
    title : str
        Title of the horizontal axis.

    Examples
    --------
    >>> share_chart(pd.DataFrame({"name": ["sport"], "share": [0.4]})).to_dict()["layer"][0]["mark"]["type"]
    'bar'
    """
    import altair as alt  # only where something is drawn

    share = frame[value].to_numpy(dtype=float)
    data = pd.DataFrame({"key": theme.row_keys(frame[label]), "share": share}).fillna({"share": 0.0})
    largest = max([*data["share"], 0.01])
    x_scale = alt.Scale(domain=[0, min(largest * 1.18, 1.15)], nice=False)
    x = alt.X(
        "share:Q",
        scale=x_scale,
        title=title,
        stack=None,
        axis=alt.Axis(tickCount=5, format=".0%", grid=False, labels=False),
    )
    y_axis = alt.Axis(labelExpr=theme.KEY_LABEL, grid=False, minExtent=theme.name_extent(data["key"]))
    y = alt.Y("key:N", scale=alt.Scale(domain=data["key"].tolist()), title=None, axis=y_axis)
    base = alt.Chart(data).encode(x=x, y=y)
    bars = base.mark_bar(color=theme.ACCENT, height=13)
    texts = base.mark_text(align="left", dx=5, color=theme.INK).encode(text=alt.Text("share:Q", format=".0%"))
    return theme.themed(alt.LayerChart(layer=[bars, texts]), rows=len(data))
