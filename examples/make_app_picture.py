"""Take the picture of the review app that README.md shows: one contested ticket with what is known about its pair.

python examples/make_app_picture.py [app.png]

Needs ``pip install 'labelqa[app]' playwright`` and an installed Chromium. Tickets and people are synthetic.
"""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import make_support_tickets as tickets
from PIL import Image
from playwright.sync_api import sync_playwright

import labelqa as lq
from labelqa import review

SIZE, COLOURS = {"width": 1280, "height": 1000}, 128
RUN = "from labelqa.cli.main import run; run()"
FLAGS = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
DECIDED = 5

target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("app.png")
folder = Path(tempfile.mkdtemp())
tickets.write_campaign(folder, n_labeled=900, n_new=500, seed=6)
labels = lq.read_annotations(folder / "labels.csv")
settings = review.ProjectSettings(target=0.8)
with review.create_project(
    str(folder / "tickets.db"), "tickets", actor="lea", annotations=labels, settings=settings
) as project:
    queue = review.review_queue(project, actor="lea", pair=("billing", "refund"))
    for entry in queue.entries[:DECIDED]:
        review.decide(project, entry.item, ["refund"], "overlapping_definitions", actor="lea")

with socket.socket() as free:
    free.bind(("localhost", 0))
    port = free.getsockname()[1]
command = [sys.executable, "-c", RUN, "review", str(folder / "tickets.db"), "--port", str(port), "--no-browser"]
server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(300):
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
            break
        time.sleep(0.2)
    with sync_playwright() as driver:
        chromium = next(p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n)))
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport=SIZE)
        page.goto(f"http://127.0.0.1:{port}/disagreements?as=lea&a=billing&b=refund")
        page.get_by_text("Typical items on which all agree").wait_for(timeout=60_000)
        page.get_by_role("button", name="refund", exact=True).first.click()
        page.get_by_text("The definitions of two classes overlap").first.click()
        page.mouse.move(0, 0)
        page.wait_for_timeout(1500)
        page.screenshot(path=str(folder / "app.png"))
        browser.close()
finally:
    server.terminate()
    server.wait()
with Image.open(folder / "app.png") as picture:
    picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
print(f"{target}: {target.stat().st_size / 1000:,.0f} kB")
