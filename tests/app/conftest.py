"""Where the app lies, and its pages as Streamlit's AppTest runs them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest


@pytest.fixture(scope="session")
def main_page() -> Path:
    """The script that ``labelqa review`` starts, found as the command finds it."""
    spec = importlib.util.find_spec("labelqa_app")
    assert spec is not None
    assert spec.origin is not None, "labelqa_app was installed before it had files: run pip install -e . again"
    return Path(spec.origin).with_name("main.py")


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Close the projects that a test opened through the app."""
    yield
    if "streamlit" in sys.modules:
        import streamlit as st

        st.cache_resource.clear()
        st.cache_data.clear()


@pytest.fixture
def open_page(main_page: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Run the whole app with the arguments of a start: menu and first page."""
    testing = pytest.importorskip("streamlit.testing.v1", reason="the app extra (Streamlit) is not installed")

    def run(*arguments: object) -> AppTest:
        monkeypatch.setattr(sys, "argv", [str(main_page), *map(str, arguments)])
        return testing.AppTest.from_file(str(main_page), default_timeout=60).run()

    return run


@pytest.fixture
def open_view(main_page: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Run one page without the menu: ``open_view("pairs", database, who="lea", a="bug")``; the rest is its address."""
    testing = pytest.importorskip("streamlit.testing.v1", reason="the app extra (Streamlit) is not installed")

    def run(name: str, *arguments: object, who: str | None = "lea", **query: str) -> AppTest:
        monkeypatch.setattr(sys, "argv", [str(main_page), *map(str, arguments)])
        page = testing.AppTest.from_string(f"from labelqa_app.shell import draw\ndraw({name!r})", default_timeout=60)
        if who is not None:
            page.query_params["as"] = who
        for key, value in query.items():
            page.query_params[key] = value
        return page.run()

    return run


def words_of(page: AppTest) -> str:
    """Return everything a page says outside of tables, as it is written (Markdown with its escapes)."""
    kinds = ["title", "header", "subheader", "markdown", "caption", "text", "info", "warning", "success", "error"]
    said = [str(e.value) for kind in [*kinds, "code"] for e in page.get(kind)]
    return "\n".join([*said, *(str(e.proto.body) for e in page.get("html"))])


def complaint(page: AppTest) -> str:
    """Return the text of the error boxes and of the messages below them; fail where the script broke."""
    assert not page.exception, [e.value for e in page.exception]
    return "\n".join(str(e.value) for kind in ("error", "code") for e in page.get(kind))
