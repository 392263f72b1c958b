"""Did an annotator change over time? The cumulated sum of how well labels fit, between its permutation limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from labelqa.charts import theme

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 150
MAX_POINTS = 400
ROOM = 1.12  # of the largest value, above and below


def cusum_chart(frame: pd.DataFrame, *, limit: float, at: float | None = None) -> alt.Chart | alt.LayerChart:
    """Return the path of a CUSUM: flat where nothing changes, a peak or valley where an annotator did.

    Parameters
    ----------
    frame : DataFrame
        Columns ``position`` (which label of the annotator, from 1 on) and ``cusum`` (the sum up to it of how much
        better than usual labels fit); longer histories are thinned to 400 points, the farthest among them.
    limit : float
        Departure from zero that random orders of the same labels exceed in 5 % of cases: the dashed lines.
    at : float, optional
        Position of the first label after the change.

    Examples
    --------
    >>> frame = pd.DataFrame({"position": [1, 2, 3, 4], "cusum": [0.5, 1.0, 0.5, 0.0]})
    >>> [layer["mark"]["type"] for layer in cusum_chart(frame, limit=0.8, at=3).to_dict()["layer"]]
    ['rule', 'rule', 'rule', 'line']
    """
    import altair as alt  # only where something is drawn

    data = _thinned(frame[["position", "cusum"]].astype(float).dropna()).set_axis(["x", "y"], axis=1)
    places = [float(v) for v in (at,) if v is not None]
    far = ROOM * max([*data["y"].abs(), abs(limit), 1e-9])
    ends = [min([*data["x"], *places, 1.0]), max([*data["x"], *places, 2.0])]
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=ends, nice=False),
        title="Labels in order of time",
        axis=alt.Axis(tickCount=5, grid=False, format=",.0f"),
    )
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[-far, far], nice=False),
        title="Cumulated fit",
        axis=alt.Axis(tickCount=5, grid=False),
    )
    limits = alt.Chart(pd.DataFrame({"y": [-float(limit), float(limit)]}))
    layers = (
        alt.Chart(pd.DataFrame({"y": [0.0]})).mark_rule(color=theme.GRID).encode(y=y),
        limits.mark_rule(color=theme.MUTED, strokeDash=[3, 3]).encode(y=y),
        alt.Chart(pd.DataFrame({"x": places}, dtype=float)).mark_rule(color=theme.SIGNAL, strokeWidth=1.5).encode(x=x),
        alt.Chart(data).mark_line(color=theme.ACCENT, strokeWidth=2.5, interpolate="linear").encode(x=x, y=y),
    )
    return theme.themed(alt.LayerChart(layer=list(layers)), height=HEIGHT)


def _thinned(frame: pd.DataFrame) -> pd.DataFrame:
    """Return at most about 400 rows, among them the first, the last and the one farthest from zero."""
    n = len(frame)
    if n <= MAX_POINTS:
        return frame
    peak = int(np.abs(frame["cusum"].to_numpy()).argmax())
    kept = np.unique([*np.linspace(0, n - 1, MAX_POINTS - 1).round().astype(int), peak])
    return frame.iloc[kept]
