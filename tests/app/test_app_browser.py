"""Journeys in a real browser, on the server that ``labelqa review`` starts."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labelqa import review
from tests.app.browser import Serve, browser_test, free_port, save_picture
from tests.app.projects import labels_file, support_project

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = browser_test


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
    found = {str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)}
    own = {address for address in found if not address.startswith("127.")}
    if not own:
        pytest.skip("this computer has no address but its own loop")
    for address in own:
        with socket.socket() as other:
            other.settimeout(5)
            assert other.connect_ex((address, port)) != 0
