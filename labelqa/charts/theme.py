"""One look for all charts.

Colours are few and fixed, so that :mod:`labelqa.charts.svg` can hand each of them to a CSS variable of the page: the
same drawing then serves light and dark backgrounds. Blue and orange stay apart under every common colour blindness.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from labelqa.text import shortened, shortened_inside, visible

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
NAME_LIMIT = 22  # characters of a row's name: those of a wide font, too, are narrower than NAME_PIXELS
NAME_PIXELS = 165
TOLD_LIMIT = 200  # characters of a name where one points at a mark


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
    return [f"{i:05d}|{name}" for i, name in enumerate(short_names(list(names), NAME_LIMIT))]


def full_names(names: Iterable[object]) -> list[str]:
    """Return names as they are told where one points at a mark: whole, unless they are longer than anybody reads."""
    return [shortened(name, TOLD_LIMIT) for name in names]


def short_names(names: Sequence[object], limit: int) -> list[str]:
    """Return names of at most `limit` characters; where cutting the middle makes two alike, what differs is kept.

    Examples
    --------
    >>> short_names(["category number 06 of the list", "category number 07 of the list"], 20)
    ['category number 06…', 'category number 07…']
    """
    whole = [visible(name) for name in names]
    short = [shortened_inside(name, limit) for name in whole]
    owners: dict[str, set[str]] = {}
    for name, cut in zip(whole, short, strict=True):
        owners.setdefault(cut, set()).add(name)
    return [
        cut if len(owners[cut]) == 1 else _around(name, owners[cut], limit)
        for name, cut in zip(whole, short, strict=True)
    ]


def _around(name: str, alike: set[str], limit: int) -> str:
    """Return a name without what the names that are cut alike share at their end, and less of what they begin with."""
    start = _n_shared(alike)
    after = min(_n_shared({other[::-1] for other in alike}), min(map(len, alike)) - start)
    middle = name[start : len(name) - after].strip()
    room = limit - len(middle) - (after > 0)
    head = name[:start] if start <= room else f"{name[: max(room - 1, 0)].rstrip()}…"
    return shortened(f"{head}{middle}{'…' if after else ''}", limit)


def _n_shared(names: set[str]) -> int:
    """Return with how many equal characters all names begin."""
    return sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False)))


def pair_names(pairs: Sequence[tuple[object, object]]) -> list[str]:
    """Return the name of the row of each pair: each half is cut by itself, so that both stay to be seen.

    Examples
    --------
    >>> pair_names([("cat", "dog"), ("category number 06", "category number 07")])
    ['cat / dog', 'cate…r 06 / cate…r 07']
    """
    room = NAME_LIMIT - len(" / ")
    classes = [name for pair in pairs for name in pair]
    short = dict(zip(map(visible, classes), short_names(classes, room // 2), strict=True))
    return [_pair_name((visible(a), visible(b)), room, short) for a, b in pairs]


def _pair_name(halves: tuple[str, str], room: int, short: dict[str, str]) -> str:
    if sum(map(len, halves)) <= room:
        return " / ".join(halves)
    limits = [max(room // 2, room - len(other)) for other in reversed(halves)]
    cut = (short[h] if n == room // 2 else shortened_inside(h, n) for h, n in zip(halves, limits, strict=True))
    return " / ".join(cut)


def name_extent(keys: Iterable[str], font_size: int = FONT_SIZE) -> float:
    """Return the pixels that the longest name needs: the page may show a wider font than the one drawn with."""
    longest = max((len(key) - KEY_PREFIX for key in keys), default=0)
    return min(NAME_PIXELS, 0.62 * font_size * longest + 10)


KEY_PREFIX = 6  # characters before the name in a row key
KEY_LABEL = "slice(datum.value, 6)"  # Vega expression: the name within a row key
