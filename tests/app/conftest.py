"""Where the app lies, and its pages as Streamlit's AppTest runs them."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.app.browser import CHROMIUM, FLAGS, PAGE_MS, RUN, Serve, free_port, stop, wait_until_up

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
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


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start ``labelqa review`` in a folder that is not the checkout, without settings of the user; end it after."""
    pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")
    running: list[subprocess.Popen[bytes]] = []

    def start(*arguments: object, port: int | None = None) -> str:
        for server in running:
            stop(server, signal.SIGKILL)  # as a machine that loses its power
        port = port or free_port()
        command = [sys.executable, "-c", RUN, "review", *map(str, arguments), "--port", str(port), "--no-browser"]
        log = tmp_path / "server.log"
        environment = {k: v for k, v in os.environ.items() if k != "LABELQA_DB"} | {"HOME": str(tmp_path)}
        with log.open("wb") as out:
            running.append(
                subprocess.Popen(
                    command, cwd=tmp_path, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
                )
            )
        wait_until_up(f"http://127.0.0.1:{port}", running[-1], log)
        return f"http://127.0.0.1:{port}"

    yield start
    for server in running:
        stop(server)


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Start the installed Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture
def page(browser: Browser) -> Page:
    """Open a desktop-sized page."""
    page = browser.new_page(viewport={"width": 1280, "height": 1200})
    page.set_default_timeout(PAGE_MS)
    return page


def words_of(page: AppTest) -> str:
    """Return everything a page says outside of tables, as it is written (Markdown with its escapes)."""
    kinds = ["title", "header", "subheader", "markdown", "caption", "text", "info", "warning", "success", "error"]
    said = [str(e.value) for kind in [*kinds, "code"] for e in page.get(kind)]
    return "\n".join([*said, *(str(e.proto.body) for e in page.get("html"))])


def complaint(page: AppTest) -> str:
    """Return the text of the error boxes and of the messages below them; fail where the script broke."""
    assert not page.exception, [e.value for e in page.exception]
    return "\n".join(str(e.value) for kind in ("error", "code") for e in page.get(kind))
