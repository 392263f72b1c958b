"""Tables that wrap: letter by letter, nothing cut off at any width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.app.projects import HOSTILE

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LONG = "a reason that goes on and on, " * 8


@pytest.mark.parametrize("text", HOSTILE, ids=["html", "markdown", "formula", "right-to-left", "nul", "long"])
def test_cells_headings_and_hints_are_shown_letter_by_letter(text: str) -> None:
    from labelqa_app.wrapped import wrapped_html

    said = wrapped_html(pd.DataFrame({text: [text]}), alt=text, told={text: text + '" onclick="x'})
    assert "<script" not in said
    assert "<img" not in said
    assert '" onclick' not in said
    assert "\0" not in said


def test_missing_cells_say_nothing() -> None:
    from labelqa_app.wrapped import wrapped_html

    said = wrapped_html(pd.DataFrame({"A": [None, float("nan"), pd.NA, "", 0]}), alt="t", told={})
    assert said.count("lq-none") == 4
    assert '<td role="cell" dir="auto" data-title="A">0</td>' in said


@pytest.mark.parametrize("width", [390, 1280])
def test_no_table_is_wider_than_the_window(browser: Browser, width: int) -> None:
    from labelqa_app.wrapped import STYLE, wrapped_html

    frame = pd.DataFrame({name: [LONG, "x" * 200] for name in ("Version", "Published", "Why", "Rounds", "Effect")})
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_content(STYLE + wrapped_html(frame, alt="wide", told={}))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.get_by_role("cell").count() == 10
