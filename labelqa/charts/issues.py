"""Expected numbers of wrong labels with their ranges, one row a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from labelqa.charts import theme

if TYPE_CHECKING:
    import altair as alt

WHOLE_FROM = 4  # largest value from which the axis counts in whole numbers


def error_chart(
    frame: pd.DataFrame, *, label: str = "class", title: str = "Wrong labels"
) -> alt.LayerChart | alt.Chart:
    """Return a horizontal chart of expected numbers of wrong labels.

    Parameters
    ----------
    frame : DataFrame
        Columns ``expected_errors``, ``low``, ``high`` and the column `label`. The rows keep their order.
    label : str
        Column with the name of each row.
    title : str
        Title of the horizontal axis.

    Examples
    --------
    >>> frame = pd.DataFrame({"class": ["sport"], "expected_errors": [7.0], "low": [3.0], "high": [12.0]})
    >>> error_chart(frame).to_dict()["layer"][0]["encoding"]["x"]["scale"]["domain"]
    [0, 12.0]
    """
    import altair as alt  # only where something is drawn

    numbers = {name: frame[name].to_numpy(dtype=float) for name in ("expected_errors", "low", "high")}
    data = pd.DataFrame({"key": theme.row_keys(frame[label]), **numbers})
    largest = max([*data["high"], *data["expected_errors"], 1.0])
    scale = alt.Scale(domain=[0, largest], nice=True)
    axis = alt.Axis(tickCount=5, tickMinStep=1, format=",d") if largest >= WHOLE_FROM else alt.Axis(tickCount=5)
    y_axis = alt.Axis(labelExpr=theme.KEY_LABEL, grid=False, minExtent=theme.name_extent(data["key"]))
    y = alt.Y("key:N", scale=alt.Scale(domain=data["key"].tolist()), title=None, axis=y_axis)
    base = alt.Chart(data).encode(y=y)
    ranges = base.mark_rule(color=theme.ACCENT, strokeWidth=2.5).encode(
        x=alt.X("low:Q", scale=scale, title=title, axis=axis), x2="high:Q"
    )
    points = base.mark_point(color=theme.ACCENT, fill=theme.ACCENT, size=70, opacity=1).encode(
        x=alt.X("expected_errors:Q", scale=scale, title=title, axis=axis)
    )
    return theme.themed(alt.LayerChart(layer=[ranges, points]), rows=len(data))
