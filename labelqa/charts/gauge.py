"""One quantity along another: how a bound rises with items, how power grows with the size of a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.charts import theme

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 180
MAX_POINTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of a path: the column it shows, its title, and whether distances are factors."""

    column: str
    title: str
    log: bool = False


def path_chart(
    frame: pd.DataFrame, *, x: Axis, y: Axis, level: float | None = None, at: float | None = None
) -> alt.Chart | alt.LayerChart:
    """Return a line with a level to reach and the place where it is reached.

    Parameters
    ----------
    frame : DataFrame
        The columns of both axes, ordered along the first; longer ones are thinned to 500 points.
    x, y : Axis
        Horizontal and vertical axis.
    level : float, optional
        Height to mark with a dashed line.
    at : float, optional
        Place on the horizontal axis to mark with a line.

    Examples
    --------
    >>> frame = pd.DataFrame({"n": [10, 20], "power": [0.5, 0.8]})
    >>> chart = path_chart(frame, x=Axis(column="n", title="Items"), y=Axis(column="power", title="Power"), level=0.8)
    >>> [layer["mark"]["type"] for layer in chart.to_dict()["layer"]]
    ['rule', 'rule', 'line']
    """
    import altair as alt  # only where something is drawn

    shown = frame[[x.column, y.column]].astype(float).dropna()
    data = _thinned(shown).set_axis(["x", "y"], axis=1)
    marks = [float(v) for v in (level,) if v is not None]
    places = [float(v) for v in (at,) if v is not None]
    across = alt.X(
        "x:Q", scale=_scale(data["x"], x, places), title=x.title, axis=alt.Axis(tickCount=5, grid=False, format=",.0f")
    )
    up = alt.Y("y:Q", scale=_scale(data["y"], y, marks), title=y.title, axis=alt.Axis(tickCount=5, format=".2f"))
    levels = alt.Chart(pd.DataFrame({"y": marks}, dtype=float))
    spots = alt.Chart(pd.DataFrame({"x": places}, dtype=float))
    layers = (
        levels.mark_rule(color=theme.MUTED, strokeDash=[3, 3]).encode(y=up),
        spots.mark_rule(color=theme.SIGNAL, strokeWidth=1.5).encode(x=across),
        alt.Chart(data).mark_line(color=theme.ACCENT, strokeWidth=2.5, interpolate="linear").encode(x=across, y=up),
    )
    return theme.themed(alt.LayerChart(layer=list(layers)), height=HEIGHT)


def _thinned(frame: pd.DataFrame) -> pd.DataFrame:
    """Return at most about 500 rows, the last one among them."""
    step = max(1, -(-len(frame) // MAX_POINTS))
    return frame.iloc[(len(frame) - 1) % step :: step]


def _scale(values: pd.Series, axis: Axis, marks: list[float]) -> alt.Scale:
    import altair as alt  # only where something is drawn

    everything = [*values.tolist(), *marks]
    low, high = (min(everything), max(everything)) if everything else (0.0, 1.0)
    domain = [low, high if high > low else low + 1]
    return alt.Scale(type="log" if axis.log else "linear", domain=domain, nice=False)
