"""The whole loop in a real browser: from a file of labels to a rule that is proved and to gold labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pandas as pd
import pytest

from labelqa import review
from tests.app.browser import Serve, browser_test, free_port, save_picture
from tests.app.projects import HOSTILE, WORDS, hostile_project, label_round, labels_file, support_project, truth

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

pytestmark = browser_test
LABELED, FRESH, DECIDED, PRESSED = 300, 80, 10, 4
RULE = "Does the customer ask for money back? Then refund, even if the invoice was wrong."
CAUSE = "overlap"  # part of the words of the cause
PAGES = (
    "data", "consistency", "pairs", "disagreements", "instruction", "relabel", "label", "proof", "issues", "slices",
    "export",
)  # fmt: skip
MADE_OF_TEXT = "a[href*=evil], img[src*=evil], img[src=x], .katex, script:text('alert'), .stMain h1:text('Heading')"
ITEM, TO_LABEL = ".st-key-lq-decide-item .lq-text", ".st-key-lq-item .lq-text"


@pytest.fixture
def heard(page: Page) -> Iterator[Heard]:
    """Listen to the page; nothing may complain, pop up, or be asked from elsewhere."""
    found = Heard(page)
    yield found
    assert found.complaints == []
    assert [
        u for u in found.asked if not u.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))
    ] == []


class Heard:
    """What a page asked for and complained about."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self._deaf = False
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: self.asked.append(socket.url))
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("dialog", lambda dialog: (self._complain(f"a dialog: {dialog.message}"), dialog.dismiss()))

    def _console(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        looking = "404" in message.text and "/_stcore/" in place  # Streamlit asks below each page where its server is
        if message.type == "error" and not looking:
            self._complain(f"{message.text} ({place})")

    def _complain(self, text: str) -> None:
        if not self._deaf:
            self.complaints.append(text)

    @contextmanager
    def server_dies(self) -> Iterator[None]:
        """Pass over that the browser finds nobody."""
        self._deaf = True
        yield
        self._deaf = False


def fresh_file(folder: Path) -> Path:
    """Write items that nobody labeled."""
    words = truth(LABELED + FRESH)
    path = folder / "new.csv"
    items = [(f"t{i}", f"Ticket {i}: {WORDS[words[i]]}") for i in range(LABELED, LABELED + FRESH)]
    pd.DataFrame(items, columns=["item", "text"]).to_csv(path, index=False)
    return path


def true_class(text: str) -> str:
    return next(name for name, words in WORDS.items() if words in text)


def other_text(page: Page, place: str, before: str) -> str:
    """Return the text of the next item once it stands there."""
    where = page.locator(place).filter(has_not_text=before) if before else page.locator(place)
    return where.first.inner_text()


def decide(page: Page) -> str:
    """Settle the item on the page as somebody who reads it, and return it once the page says that it is stored."""
    item = item_of(page)
    text = page.locator(ITEM).filter(has_text=re.compile(rf"Ticket {item[1:]}:")).first.inner_text()
    label = true_class(text)
    fill(page, label)
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url(lambda url: f"item={item}&" not in f"{url}&")
    page.get_by_test_id("stToast").filter(has_text="Stored").first.wait_for()
    return item


def fill(page: Page, label: str) -> None:
    form = page.locator(".st-key-lq-decide-form")
    form.get_by_role("button", name=label, exact=True).click()
    form.get_by_test_id("stRadio").get_by_text(re.compile(CAUSE)).first.click()


def item_of(page: Page) -> str:
    page.wait_for_url("**item=*")
    found = re.search(r"item=([^&]+)", page.url)
    assert found is not None
    return found[1]


def decided_in(database: Path) -> dict[str, tuple[str, ...]]:
    with review.open_project(str(database)) as project:
        return {item: d.labels for item, d in review.decisions_in_force(project, actor="lea").items()}


def test_the_whole_loop(serve: Serve, page: Page, heard: Heard, tmp_path: Path) -> None:
    file, database = labels_file(tmp_path, n=LABELED), tmp_path / "tickets.labelqa.db"
    port = free_port()
    url = serve(file, port=port)
    start(page, url, fresh_file(tmp_path))
    pick_the_planted_pair(page)

    items = [decide(page) for _ in range(3)]
    page.reload()
    at = item_of(page)
    assert at not in items
    page.locator(ITEM).first.wait_for()
    items.append(decide(page))
    address, at = page.url, item_of(page)
    with heard.server_dies():
        serve(file, port=port)  # after kill -9
        page.goto(address)
        page.locator(ITEM).first.wait_for()
    assert item_of(page) == at
    assert set(decided_in(database)) == set(items)
    items += [decide(page) for _ in range(DECIDED - len(items))]
    assert set(decided_in(database)) == set(items)
    save_picture(page, "journey-disagreements")

    write_and_publish(page, database)
    design(page)
    with review.open_project(str(database)) as project:
        label_by_keys(page, url, database, "ana")
        label_by_keys(page, url, database, "bo")
        label_round(project, 2)  # the rest, as the two would
    close(page, url)
    improved(page)
    export(page)


def start(page: Page, url: str, more: Path) -> None:
    page.goto(url)
    page.get_by_text(f"{2 * LABELED} labels").first.wait_for()
    page.get_by_text("More items without labels").click()
    page.locator("input[type=file]").last.set_input_files(str(more))
    page.get_by_text(f"{FRESH} items more").wait_for()
    page.get_by_role("textbox", name="Your name").fill("lea")
    page.get_by_role("textbox", name="Your name").press("Tab")
    page.get_by_role("button", name="Start the project").click()
    page.get_by_role("heading", name="Rounds").wait_for()


def pick_the_planted_pair(page: Page) -> None:
    page.get_by_role("link", name="Class pairs").click()
    page.locator(".st-key-pair_0 button").first.wait_for()
    top = page.get_by_test_id("stMarkdown").filter(has_text="· Border unclear").first.inner_text()
    assert "billing / refund" in top
    save_picture(page, "journey-pairs")
    page.locator(".st-key-pair_0 button").first.click()
    page.get_by_role("heading", name="billing or refund?").wait_for()
    page.get_by_role("button", name="Decide its items").click()
    page.locator(ITEM).first.wait_for()


def write_and_publish(page: Page, database: Path) -> None:
    page.get_by_role("button", name="Write the rule for this pair").click()
    text = page.get_by_role("textbox", name="Rule, as people who label will read it")
    text.fill(RULE)
    page.get_by_role("button", name="Save in the draft").first.click()
    page.get_by_text("is stored in your draft").first.wait_for()
    page.get_by_role("textbox", name="Why").fill("billing and refund were mixed up")
    save_picture(page, "journey-instruction")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_text("Version 2 is published").first.wait_for()
    with review.open_project(str(database)) as project:
        rules = review.guideline_version(project).guideline.boundary("billing", "refund")
    assert [r.text for r in rules] == [RULE]
    assert len([e for e in rules[0].evidence if e.kind == "decision"]) == DECIDED


def design(page: Page) -> None:
    page.get_by_role("link", name="Relabel").click()
    page.get_by_role("heading", name="Design the next round").wait_for()
    page.get_by_text("ana (annotator)").wait_for()
    page.get_by_text("bo (annotator)").wait_for()
    save_picture(page, "journey-design")
    page.get_by_role("button", name="Open the round").click()
    page.get_by_role("heading", name="Round 2 is open").wait_for()


def label_by_keys(page: Page, url: str, database: Path, who: str) -> None:
    """Label a few items as one of the two, from the page Relabel, by keys; nothing is lost by a reload."""
    page.goto(f"{url}/relabel?as=lea")
    page.get_by_role("button", name=f"Label as {who}").click()
    page.wait_for_url(f"**as={who}**")
    text = ""
    for done in range(PRESSED):
        page.get_by_text(re.compile(rf"\b{done} of \d+ labeled")).wait_for()
        text = other_text(page, TO_LABEL, text)
        shown = page.locator(".st-key-lq-classes button").all_inner_texts()
        at = next(i for i, name in enumerate(shown) if true_class(text) in name)
        page.wait_for_timeout(450)  # the same key at once is taken as one that is held down
        page.keyboard.press(str(at + 1))
    page.get_by_text(re.compile(rf"\b{PRESSED} of \d+ labeled")).wait_for()
    before = other_text(page, TO_LABEL, text)
    page.reload()
    page.get_by_text(re.compile(rf"\b{PRESSED} of \d+ labeled")).wait_for()
    assert page.locator(TO_LABEL).first.inner_text() == before
    save_picture(page, f"journey-label-{who}")
    with review.open_project(str(database)) as project:
        assert len(review.own_labels(project, 2, actor=who)) == PRESSED


def close(page: Page, url: str) -> None:
    page.goto(f"{url}/relabel?as=lea")
    page.get_by_role("tab", name="Close or cancel").click()
    page.get_by_role("button", name="Close the round").click()
    page.get_by_text("Round 2 is closed").first.wait_for()


def improved(page: Page) -> None:
    page.get_by_role("link", name="Did it work?").click()
    page.get_by_role("heading", name=re.compile("^.*Yes: people agree better than before")).first.wait_for()
    page.get_by_text("Which rule helped?").wait_for()
    save_picture(page, "journey-proof")


def export(page: Page) -> None:
    page.get_by_role("link", name="Export").click()
    page.get_by_role("button", name="Prepare gold labels").click()
    with page.expect_download() as got:
        page.get_by_role("button", name="Download gold labels (zip)").click()
    assert got.value.suggested_filename.endswith("-gold.zip")
    assert Path(got.value.path()).stat().st_size > 1000


def test_two_people_decide_at_once(serve: Serve, browser: Browser, tmp_path: Path) -> None:
    database = support_project(tmp_path)
    url = serve(database)
    with review.open_project(str(database)) as project:
        queue = review.review_queue(project, actor="lea").entries
    mine, same = queue[0].item, queue[1].item
    lea, rita = (browser.new_page(viewport={"width": 1280, "height": 1200}) for _ in range(2))
    for page, who, item in ((lea, "lea", mine), (rita, "rita", same)):
        page.goto(f"{url}/disagreements?as={who}&item={item}")
        page.locator(ITEM).first.wait_for()
    assert (decide(lea), decide(rita)) == (mine, same)
    with review.open_project(str(database)) as project:
        assert {i: d.actor for i, d in review.decisions_in_force(project, actor="lea").items()} == {
            mine: "lea", same: "rita",
        }  # fmt: skip

    third = queue[2].item  # both have the form of one item open
    for page, who in ((lea, "lea"), (rita, "rita")):
        page.goto(f"{url}/disagreements?as={who}&item={third}")
        page.get_by_role("button", name="Save and go on").wait_for()
    fill(rita, "bug")
    decide(lea)
    rita.get_by_role("button", name="Save and go on").click()
    rita.get_by_text("lea decided this item while you did.").wait_for()
    rita.get_by_text("Yours is not stored yet.").wait_for()
    save_picture(rita, "two-at-once")
    with review.open_project(str(database)) as project:
        assert [d.actor for d in review.decision_history(project, third, actor="lea")] == ["lea"]
    rita.get_by_role("button", name="Keep theirs").click()
    rita.wait_for_url(lambda found: f"item={third}&" not in f"{found}&")
    with review.open_project(str(database)) as project:
        assert review.decision_of(project, third, actor="lea").actor == "lea"


def test_texts_that_try_to_be_markup_stay_text(serve: Serve, page: Page, heard: Heard, tmp_path: Path) -> None:
    database = hostile_project(tmp_path)
    with review.open_project(str(database)) as project:
        found = review.review_queue(project, actor="lea", undecided=False).entries
        texts = {e.item: str(next(iter(e.payload.values()))) for e in found}
        review.design_round(project, ["*ana*", "<u>bo</u>"], {"paired": 12}, actor="lea")
    url = serve(database)
    for text in HOSTILE:
        item = next(i for i, t in texts.items() if t == text)  # the project holds each text, open to decide
        page.goto(f"{url}/disagreements?{urlencode({'as': 'lea', 'item': item})}")
        is_shown(page, ITEM, text)
    save_picture(page, "hostile-disagreements")
    label_all(page, f"{url}/label?{urlencode({'as': '*ana*'})}")
    save_picture(page, "hostile-label")
    assert [u for u in heard.asked if "evil" in u or u.endswith("/x")] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_makes_anything_of_hostile_texts(
    serve: Serve, page: Page, heard: Heard, tmp_path: Path, width: int
) -> None:
    url = serve(hostile_project(tmp_path))
    page.set_viewport_size({"width": width, "height": 1000})
    for name in PAGES:
        page.goto(f"{url}/{name}?as=lea&queue=fair")  # the fair sample of labels: none of these is suspicious
        page.locator("h1").first.wait_for()
        page.locator("[data-test-script-state=notRunning]").wait_for()
        if name == "issues":
            page.get_by_role("button", name="Look for wrong labels").click()
            page.get_by_role("button", name="Label is right").wait_for()
        save_picture(page, f"hostile-{name}-{width}")
        assert page.locator(MADE_OF_TEXT).count() == 0, name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert [u for u in heard.asked if "evil" in u or u.endswith("/x")] == []


def label_all(page: Page, address: str) -> None:
    """Look at each of the first items of a round, and label them."""
    page.goto(address)
    for done in range(6):
        page.get_by_text(re.compile(rf"\b{done} of \d+ labeled")).wait_for()
        shown = page.locator(TO_LABEL).first.inner_text()
        assert words_of(shown)
        assert any(words_of(shown)[:200] == words_of(text)[: min(200, len(words_of(shown)))] for text in HOSTILE)
        press_until_counted(page, "12"[done % 2], done + 1)


def press_until_counted(page: Page, key: str, done: int) -> None:
    """Press a key as a person does: again where nothing happened, as one just when a text appears does not count."""
    from playwright.sync_api import TimeoutError as NotCounted  # where the browser is missing, so may playwright be

    counted = page.get_by_text(re.compile(rf"\b{done} of \d+ labeled"))
    for _ in range(4):
        page.wait_for_timeout(450)
        page.keyboard.press(key)
        try:
            counted.wait_for(timeout=15_000)
        except NotCounted:
            continue
        return
    counted.wait_for()


def is_shown(page: Page, place: str, text: str) -> None:
    """Wait until a text stands there letter by letter, or its beginning where it is long."""
    start = words_of(text)[:60]
    page.locator(place).filter(has_text=start).first.wait_for()


def words_of(text: str) -> str:
    """Return a text as a reader sees it: one blank for many, a sign for NUL."""
    return " ".join(text.replace("\0", "\N{SYMBOL FOR NULL}").split())
