"""Tables that wrap, read back from a page."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest


def rows_of(page: AppTest, name: str) -> list[dict[str, str]]:
    """Return the rows of the table of that name, by its headings; cells that are empty are left out."""
    body = next(e.proto.body for e in page.get("html") if f'aria-label="{html.escape(name)}"' in e.proto.body)
    rows = body.partition("<tbody")[2].split("<tr ")[1:]
    return [
        {html.unescape(k): html.unescape(v) for k, v in re.findall(r'data-title="([^"]*)">([^<]*)<', row)}
        for row in rows
    ]
