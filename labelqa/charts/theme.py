"""One look for all charts.

Colours are few and fixed, so that :mod:`labelqa.charts.svg` can hand each of them to a CSS variable of the page: the
same drawing then serves light and dark backgrounds. Blue and orange stay apart under every common colour blindness.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from labelqa.text import shortened_inside, visible

if TYPE_CHECKING:
    import altair as alt

INK = "#1b2733"
MUTED = "#5b6774"
GRID = "#dde3e9"
ACCENT = "#0b62a4"
SIGNAL = "#b3500b"
ON_ACCENT = "#fcfdfe"
CARD = "#ffffff"

CSS_VARIABLES = {
    INK: "--lq-ink",
    MUTED: "--lq-muted",
    GRID: "--lq-grid",
    ACCENT: "--lq-accent",
    SIGNAL: "--lq-signal",
    ON_ACCENT: "--lq-on-accent",
    CARD: "--lq-card",
}

FONT = "sans-serif"
FONT_SIZE = 12
ROW_HEIGHT = 24
PLOT_WIDTH = 300  # narrow on purpose: the drawing then stays legible at the width of a phone
NAME_LIMIT = 24  # characters of a row's name
NAME_PIXELS = 165


def themed(
    chart: alt.Chart | alt.LayerChart, *, rows: int = 1, width: int = PLOT_WIDTH, height: int | None = None
) -> alt.Chart | alt.LayerChart:
    """Return `chart` with the look of the house.

    Parameters
    ----------
    chart : Chart or LayerChart
        What to dress.
    rows : int
        Number of rows, from which the height follows.
    width, height : int
        Size of the plot without its axes, in pixels.
    """
    axis: dict[str, Any] = {
        "labelFont": FONT,
        "labelFontSize": FONT_SIZE,
        "labelColor": INK,
        "labelLimit": NAME_PIXELS,
        "labelPadding": 8,
        "titleFont": FONT,
        "titleFontSize": FONT_SIZE,
        "titleFontWeight": "normal",
        "titleColor": MUTED,
        "titlePadding": 10,
        "domain": False,
        "ticks": False,
        "gridColor": GRID,
    }
    text = {"font": FONT, "fontSize": FONT_SIZE}
    sized = chart.properties(width=width, height=ROW_HEIGHT * max(1, rows) if height is None else height)
    dressed: alt.Chart | alt.LayerChart = sized.configure(
        background=CARD, padding=4, font=FONT, view={"stroke": None}, axis=axis, text=text
    )
    return dressed


def row_keys(names: Iterable[object]) -> list[str]:
    """Return one distinct key a row, in order: rows of the same (shortened) name stay apart."""
    return [f"{i:05d}|{shortened_inside(name, NAME_LIMIT)}" for i, name in enumerate(names)]


def pair_name(first: object, second: object) -> str:
    """Return the name of the row of a pair: each half is cut by itself, so that both stay to be seen.

    Examples
    --------
    >>> pair_name("cat", "dog"), pair_name("category number 06", "category number 07")
    ('cat / dog', 'categ…r 06 / categ…r 07')
    """
    halves = (visible(first), visible(second))
    room = NAME_LIMIT - len(" / ")
    if sum(map(len, halves)) <= room:
        return " / ".join(halves)
    limits = [max(room // 2, room - len(other)) for other in reversed(halves)]
    return " / ".join(shortened_inside(half, limit) for half, limit in zip(halves, limits, strict=True))


def name_extent(keys: Iterable[str], font_size: int = FONT_SIZE) -> float:
    """Return the pixels that the longest name needs: the page may show a wider font than the one drawn with."""
    longest = max((len(key) - KEY_PREFIX for key in keys), default=0)
    return min(NAME_PIXELS, 0.62 * font_size * longest + 10)


KEY_PREFIX = 6  # characters before the name in a row key
KEY_LABEL = "slice(datum.value, 6)"  # Vega expression: the name within a row key
