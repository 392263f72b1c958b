"""HTML view: one self-contained page without scripts; charts are inline SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from labelqa.charts.svg import chart_svg
from labelqa.report import cells
from labelqa.report.blocks import Block, Figure
from labelqa.report.document import Document, Headline
from labelqa.report.render.arguments import arguments_shown
from labelqa.report.render.environment import html_environment
from labelqa.results import as_number
from labelqa.text import visible

TEMPLATE = "report.html.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Positions, in percent of its width, of what the scale of the headline shows."""

    start: str
    low: float
    high: float
    at: float
    zero: float
    limits: tuple[tuple[str, float], ...]


def render(document: Document) -> str:
    """Return `document` as a page."""
    template = _environment().get_template(TEMPLATE)
    return template.render(document=document, scale=scale_of(document.headline)) + "\n"


def scale_of(headline: Headline) -> Scale | None:
    """Return where estimate, interval and customary limits lie on a line that ends at 1; None where undefined."""
    if math.isnan(headline.estimate):
        return None
    ends = [v for v in (headline.estimate, headline.low, 0.0) if not math.isnan(v)]
    start = max(-1.0, math.floor(min(ends) * 10) / 10)

    def at(value: float) -> float:
        return round(100 * (min(max(value, start), 1.0) - start) / (1.0 - start), 2)

    low = headline.estimate if math.isnan(headline.low) else headline.low
    high = headline.estimate if math.isnan(headline.high) else headline.high
    return Scale(
        start=f"{start:g}",
        low=at(low),
        high=at(high),
        at=at(headline.estimate),
        zero=at(0.0),
        limits=tuple((f"{limit:.3g}", at(limit)) for limit in headline.limits),
    )


@cache
def _environment() -> Environment:
    environment = html_environment(visible)
    environment.filters["two"] = _two_digits
    environment.filters["low"] = _low
    environment.globals.update(
        body=cells.body, shortfall=cells.shortfall, draw=_draw, kind=_kind, arguments=arguments_shown
    )
    return environment


def _draw(figure: Figure) -> Markup:
    # Our own renderer's SVG, in which every text has been escaped by the XML writer.
    return Markup(chart_svg(figure.draw(), title=figure.title, description=figure.alt, key=figure.key))


def _kind(block: Block) -> str:
    return type(block).__name__


def _low(headline: Headline) -> float:
    return cells.shown_low(headline.low, headline.estimate)


def _two_digits(value: float) -> str:
    return as_number(value, 2)
