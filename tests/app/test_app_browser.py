"""One journey in a real browser: start the server, read the headline, upload another file."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_SECONDS = 60
PAGE_MS = 30_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("localhost", 0))
        return int(s.getsockname()[1])


def wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the server answers; fail with its log when it ends or stays silent."""
    stop = time.monotonic() + START_SECONDS
    while time.monotonic() < stop and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')}")


@pytest.fixture
def app_url(main_page: Path, tickets_file: Path, tmp_path: Path) -> Iterator[str]:
    """Start the server as ``labelqa review FILE`` does, from a folder that is not the checkout."""
    pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")
    port = free_port()
    log = tmp_path / "server.log"
    command = [sys.executable, "-m", "streamlit", "run", str(main_page), "--server.port", str(port)]
    command += ["--server.headless", "true", "--", str(tickets_file)]
    with log.open("wb") as out:
        env = os.environ | {"HOME": str(tmp_path)}  # no settings of the user
        server = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        wait_until_up(f"http://localhost:{port}", server, log)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """Open a desktop-sized page in the installed Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 1200})
            page.set_default_timeout(PAGE_MS)
            yield page
        finally:
            browser.close()


def save_picture(page: Page, name: str) -> None:
    """Keep a screenshot where LABELQA_SCREENSHOTS names a folder, for looking at the page."""
    folder = os.environ.get("LABELQA_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(1500)  # tables are painted on a canvas a moment later
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_headline_is_shown_then_an_upload_replaces_it_and_nothing_leaves_the_computer(
    app_url: str, page: Page, fleiss_file: Path, tmp_path: Path
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(app_url)
    headline = page.get_by_test_id("stMetricValue")
    headline.wait_for()
    assert page.title() == "labelqa"
    first = headline.inner_text()
    assert 0 < float(first) < 1
    save_picture(page, "desktop-tickets")

    page.get_by_text("Use another file").click()
    page.locator("input[type=file]").set_input_files(str(fleiss_file))
    page.get_by_text("180 labels", exact=True).wait_for()
    headline.filter(
        has_text="0.43"
    ).wait_for()  # Streamlit paints piece by piece: the old number stands a moment longer
    assert headline.inner_text() == "0.43"

    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"")
    page.locator("input[type=file]").set_input_files(str(broken))
    page.get_by_text("broken.csv cannot be used").wait_for()
    assert page.get_by_text("Traceback").count() == 0
    save_picture(page, "desktop-broken")

    outside = [url for url in asked if not url.startswith((app_url, "data:", "blob:"))]
    assert outside == []


def test_page_fits_a_phone(app_url: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 1200})
    page.goto(app_url)
    page.get_by_test_id("stMetricValue").wait_for()
    save_picture(page, "phone-tickets")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
