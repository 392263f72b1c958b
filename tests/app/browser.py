"""A real browser on the server that ``labelqa review`` starts: what browser tests share."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
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
RUN = "from labelqa.cli.main import run; run()"
START_SECONDS = 60
PAGE_MS = 60_000
Serve = Callable[..., str]
browser_test = [
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


def stop(server: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
    """End the command and the server that it started."""
    if server.poll() is None:
        os.killpg(server.pid, how)
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def save_picture(page: Page, name: str) -> None:
    """Keep a screenshot where LABELQA_SCREENSHOTS names a folder, for looking at the page."""
    folder = os.environ.get("LABELQA_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(1500)  # tables are painted on a canvas a moment later
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
