"""Class by class counts of confusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from labelqa.charts import theme

if TYPE_CHECKING:
    import altair as alt

MAX_CLASSES = 30
MAX_WITH_NUMBERS = 12  # beyond that a cell is too small for its number
CELL = 32
SMALL_CELL = 13
SMALL_FONT = 10


def top_classes(frame: pd.DataFrame, limit: int = MAX_CLASSES) -> list[str]:
    """Return the (at most `limit`) classes with the most confusions, most first; ties in order of appearance.

    Parameters
    ----------
    frame : DataFrame
        Columns ``class_a``, ``class_b`` and ``n_items``.
    limit : int
        How many.
    """
    both = pd.concat([frame[side].astype(str) for side in ("class_a", "class_b")])
    counts = pd.concat([frame["n_items"], frame["n_items"]])
    totals = counts.groupby(both, sort=False).sum().sort_values(ascending=False, kind="stable")
    return [str(name) for name in totals.index[:limit]]


def heatmap_chart(frame: pd.DataFrame, *, limit: int = MAX_CLASSES) -> alt.Chart | alt.LayerChart:
    """Return a heat map of how many items got both labels; each pair appears on both sides of the diagonal.

    Parameters
    ----------
    frame : DataFrame
        Columns ``class_a``, ``class_b`` and ``n_items``; pairs that do not occur may be left out.
    limit : int
        Number of classes drawn: those with the most confusions.

    Examples
    --------
    >>> frame = pd.DataFrame({"class_a": ["x"], "class_b": ["y"], "n_items": [3]})
    >>> heatmap_chart(frame).to_dict()["layer"][0]["mark"]["type"]
    'rect'
    """
    import altair as alt  # only where something is drawn

    classes = top_classes(frame, limit)
    keys = dict(zip(classes, theme.row_keys(classes), strict=True))
    cells = _cells(frame, keys)
    told = [alt.Tooltip(f, title=t) for f, t in (("one:N", "class"), ("other:N", "with"), ("n:Q", "items"))]
    readable = len(classes) <= MAX_WITH_NUMBERS
    size = CELL if readable else SMALL_CELL
    font = theme.FONT_SIZE if readable else SMALL_FONT
    side = alt.Scale(domain=list(keys.values()))
    axis: dict[str, Any] = {
        "labelExpr": theme.KEY_LABEL, "minExtent": theme.name_extent(keys.values(), font), "grid": False,
        "labelFontSize": font,
    }  # fmt: skip
    overlap: Literal["greedy"] | bool = False if readable else "greedy"  # below: a page may draw it narrower
    base = alt.Chart(cells).encode(
        x=alt.X("b:N", scale=side, title=None, axis=alt.Axis(labelAngle=-90, labelOverlap=overlap, **axis)),
        y=alt.Y("a:N", scale=side, title=None, axis=alt.Axis(labelOverlap=False, **axis)),
        tooltip=told,
    )
    rects = base.mark_rect(color=theme.ACCENT, stroke=theme.GRID, strokeWidth=1).encode(
        fillOpacity=alt.FillOpacity("strength:Q", scale=None, legend=None)
    )
    layers = [rects]
    if readable:
        number = alt.condition("datum.strength > 0.7", alt.value(theme.ON_ACCENT), alt.value(theme.INK))
        layers.append(base.mark_text().transform_filter("datum.n > 0").encode(text="label:N", color=number))
    step = size * max(1, len(classes))
    return theme.themed(alt.LayerChart(layer=layers), width=step, height=step)


def _cells(frame: pd.DataFrame, keys: dict[str, str]) -> pd.DataFrame:
    counts = {
        (keys[a], keys[b]): int(n)
        for a, b, n in zip(frame["class_a"].astype(str), frame["class_b"].astype(str), frame["n_items"], strict=True)
        if a in keys and b in keys
    }
    both = counts | {(b, a): n for (a, b), n in counts.items()}
    full = [(a, b, both.get((a, b), 0)) for a in keys.values() for b in keys.values() if a != b]
    cells = pd.DataFrame(full, columns=["a", "b", "n"])
    told = dict(zip(keys.values(), theme.full_names(keys), strict=True))
    cells["one"], cells["other"] = cells["a"].map(told), cells["b"].map(told)
    cells["strength"] = 0.92 * cells["n"] / max([*cells["n"], 1])
    cells["label"] = [f"{n:,}" for n in cells["n"]]
    return cells
