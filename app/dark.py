"""Charts on a dark page: the few colours of the library's charts, handed to lighter ones as the report does."""

from __future__ import annotations

from typing import Any

import streamlit as st

DARK = {
    "#1b2733": "#e4e9ee",  # ink
    "#5b6774": "#9dabb8",  # muted
    "#dde3e9": "#303b46",  # grid
    "#0b62a4": "#6cb4f0",  # accent
    "#b3500b": "#f0a562",  # signal
    "#fcfdfe": "#0d141a",  # text on the accent
    "#ffffff": "transparent",  # card
}


def for_this_page(chart: Any) -> Any:  # noqa: ANN401  # a chart of altair, or its specification
    """Return the chart in the colours of the page that the reader sees."""
    if st.context.theme.type != "dark":
        return chart
    return recoloured(chart) if isinstance(chart, dict) else type(chart).from_dict(recoloured(chart.to_dict()))


def recoloured(value: Any) -> Any:  # noqa: ANN401  # JSON
    """Return a specification with every known colour replaced.

    Examples
    --------
    >>> recoloured({"mark": {"color": "#1b2733"}, "values": [1, "#other"]})
    {'mark': {'color': '#e4e9ee'}, 'values': [1, '#other']}
    """
    if isinstance(value, dict):
        return {name: recoloured(v) for name, v in value.items()}
    if isinstance(value, list):
        return [recoloured(v) for v in value]
    return DARK.get(value, value) if isinstance(value, str) else value
