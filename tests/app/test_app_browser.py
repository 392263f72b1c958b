"""Journeys in a real browser, on the server that ``labelqa review`` starts."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labelqa import review
from tests.app.projects import labels_file, support_project

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
RUN = "from labelqa.cli.main import run; run()"
START_SECONDS = 60
PAGE_MS = 60_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]
Serve = Callable[..., str]


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


def stop(server: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
    """End the command and the server that it started."""
    if server.poll() is None:
        os.killpg(server.pid, how)
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


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
def page() -> Iterator[Page]:
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


def test_from_a_dropped_file_to_a_project_that_survives_a_reload_and_the_death_of_the_server(
    serve: Serve, page: Page, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    file = labels_file(tmp_path / "elsewhere")
    port = free_port()
    url = serve(port=port)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    page.get_by_text("Are your labels consistent?").wait_for()
    page.locator("input[type=file]").first.set_input_files(str(file))
    page.get_by_text("120 labels").wait_for()
    page.get_by_test_id("stMetricValue").first.wait_for()
    assert 0 < float(page.get_by_test_id("stMetricValue").first.inner_text()) < 1
    page.get_by_role("textbox", name="Your name").fill("lea")
    page.get_by_role("textbox", name="Your name").press("Tab")
    page.get_by_role("button", name="Start the project").click()
    page.get_by_role("heading", name="Rounds").wait_for()
    save_picture(page, "desktop-data")
    with review.open_project(str(tmp_path / "tickets.labelqa.db")) as project:
        assert review.people_of(project)["lea"] == "lead"

    page.reload()
    page.get_by_role("heading", name="Rounds").wait_for()
    address = page.url
    serve(port=port)
    page.goto(address)
    page.get_by_role("heading", name="Rounds").wait_for()
    outside = [u for u in asked if not u.startswith((url, "data:", "blob:"))]
    assert outside == []


def test_the_menu_keeps_who_is_there_and_the_export_downloads(serve: Serve, page: Page, tmp_path: Path) -> None:
    url = serve(support_project(tmp_path))
    page.goto(f"{url}/?as=lea")
    page.get_by_role("heading", name="Rounds").wait_for()
    page.get_by_role("link", name="Export").click()
    page.get_by_role("button", name="Prepare gold labels").wait_for()
    page.wait_for_url("**as=lea**")
    page.get_by_role("button", name="Prepare gold labels").click()
    with page.expect_download() as got:
        page.get_by_role("button", name="Download gold labels (zip)").click()
    assert got.value.suggested_filename == "tickets-gold.zip"
    with page.expect_download() as got:
        page.get_by_role("button", name="Page to read and print (HTML)").click()
    assert Path(got.value.path()).read_text(encoding="utf-8").startswith("<!doctype html>")
    save_picture(page, "desktop-export")


def test_a_broken_file_is_told_without_a_traceback(serve: Serve, page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"")
    page.goto(serve())
    page.locator("input[type=file]").first.set_input_files(str(broken))
    page.get_by_text("broken.csv cannot be used").wait_for()
    assert page.get_by_text("Traceback").count() == 0


def test_pages_fit_a_phone(serve: Serve, page: Page, tmp_path: Path) -> None:
    url = serve(support_project(tmp_path))
    page.set_viewport_size({"width": 390, "height": 1200})
    for path, sign in (("", "Rounds"), ("export", "Report")):
        page.goto(f"{url}/{path}?as=lea")
        page.get_by_role("heading", name=sign).wait_for()
        save_picture(page, f"phone-{path or 'data'}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_only_this_computer_is_served(serve: Serve, tmp_path: Path) -> None:
    port = int(serve(labels_file(tmp_path)).rsplit(":", 1)[1])
    own = {str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)}
    for address in own - {"127.0.0.1", "127.0.1.1"}:
        with socket.socket() as other:
            other.settimeout(5)
            assert other.connect_ex((address, port)) != 0
