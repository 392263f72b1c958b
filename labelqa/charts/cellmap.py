"""Two-way table as a heat map: a value and a count in each cell, uncertain cells marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from labelqa.charts import theme

if TYPE_CHECKING:
    import altair as alt

CELL_WIDTH, CELL_HEIGHT = 60, 38
SMALL = 10  # font size of counts
STRONGEST = 0.92  # opacity of the highest value
DARK = 0.6  # opacity from which text is light
UPRIGHT = 9  # characters up to which names of columns stand upright


def cellmap_chart(frame: pd.DataFrame, *, row_title: str, column_title: str, form: str) -> alt.Chart | alt.LayerChart:
    """Return a heat map of values; cells that are uncertain have a dashed frame and no colour.

    Parameters
    ----------
    frame : DataFrame
        One row a cell. Columns ``row``, ``column`` (names, in the order to draw), ``value`` (nan: no cell), ``low`` and
        ``high`` (its interval), ``n``, ``uncertain`` (bool), ``label`` and ``count`` (texts of the cell).
    row_title, column_title : str
        What rows and columns are.
    form : str
        Number format of values and intervals in the tooltip, such as ``".0%"``.

    Examples
    --------
    >>> cell = {"row": "chat", "column": "en", "value": 0.2, "low": 0.1, "high": 0.3, "n": 50, "uncertain": False}
    >>> drawn = pd.DataFrame([cell | {"label": "20%", "count": "50"}])
    >>> chart = cellmap_chart(drawn, row_title="channel", column_title="language", form=".0%")
    >>> [layer["mark"]["type"] for layer in chart.to_dict()["layer"]]
    ['rect', 'rect', 'text', 'text']
    """
    import altair as alt  # only where something is drawn

    names = {side: list(dict.fromkeys(frame[side])) for side in ("row", "column")}
    keys = {side: dict(zip(found, theme.row_keys(found), strict=True)) for side, found in names.items()}
    cells = _cells(frame, keys)
    room = {side: theme.name_extent(found.values()) for side, found in keys.items()}
    upright = all(len(key) - theme.KEY_PREFIX <= UPRIGHT for key in keys["column"].values())
    above = alt.Axis(
        labelExpr=theme.KEY_LABEL,
        grid=False,
        labelOverlap=False,
        orient="top",
        labelAngle=0 if upright else -90,
        minExtent=0 if upright else room["column"],
    )
    left = alt.Axis(labelExpr=theme.KEY_LABEL, minExtent=room["row"], grid=False, labelOverlap=False)
    scales = {side: alt.Scale(domain=list(found.values())) for side, found in keys.items()}
    base = alt.Chart(cells).encode(
        x=alt.X("across:N", scale=scales["column"], title=column_title, axis=above),
        y=alt.Y("down:N", scale=scales["row"], title=row_title, axis=left),
        tooltip=[
            alt.Tooltip("row:N", title=row_title),
            alt.Tooltip("column:N", title=column_title),
            alt.Tooltip("value:Q", title="Value", format=form),
            alt.Tooltip("low:Q", title="Interval from", format=form),
            alt.Tooltip("high:Q", title="to", format=form),
            alt.Tooltip("n:Q", title="Rows", format=","),
        ],
    )
    ink = alt.condition(f"datum.strength > {DARK}", alt.value(theme.ON_ACCENT), alt.value(theme.INK))
    quiet = alt.condition(f"datum.strength > {DARK}", alt.value(theme.ON_ACCENT), alt.value(theme.MUTED))
    sure, unsure = base.transform_filter("!datum.uncertain"), base.transform_filter("datum.uncertain && datum.n > 0")
    layers = [
        sure.mark_rect(color=theme.ACCENT, stroke=theme.GRID, strokeWidth=1).encode(
            fillOpacity=alt.FillOpacity("strength:Q", scale=None, legend=None)
        ),
        unsure.mark_rect(filled=False, stroke=theme.MUTED, strokeWidth=1, strokeDash=[3, 3]),
        base.transform_filter("datum.n > 0").mark_text(dy=-6).encode(text="label:N", color=ink),
        base.transform_filter("datum.n > 0").mark_text(dy=9, fontSize=SMALL).encode(text="count:N", color=quiet),
    ]
    width, height = CELL_WIDTH * max(1, len(names["column"])), CELL_HEIGHT * max(1, len(names["row"]))
    return theme.themed(alt.LayerChart(layer=layers), width=width, height=height)


def _cells(frame: pd.DataFrame, keys: dict[str, dict[str, str]]) -> pd.DataFrame:
    """Return the cells with keys, strength of colour and texts."""
    cells = frame.assign(
        down=frame["row"].map(keys["row"]),
        across=frame["column"].map(keys["column"]),
        value=frame["value"].astype(float),
        uncertain=frame["uncertain"].astype(bool),
    )
    sure = cells.loc[~cells["uncertain"], "value"].dropna()
    low, high = (min(0.0, sure.min()), sure.max()) if len(sure) else (0.0, 1.0)
    strength = STRONGEST * (cells["value"] - low) / ((high - low) or 1.0)
    cells["strength"] = strength.where(~cells["uncertain"], 0.0).fillna(0.0).clip(0.0, STRONGEST)
    return cells
