"""The whole app, run without a browser: menu, header, who is there, and what it was started with."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import labelqa as lq
from labelqa import review
from tests.app.browser import Serve, browser_test, save_picture
from tests.app.conftest import complaint, words_of
from tests.app.projects import hostile_project, label_round, labels_file, support_labels, support_project

pytest.importorskip("streamlit", reason="the app extra (Streamlit) is not installed")

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start the app in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_file_the_page_says_what_it_is_and_asks_for_one(open_page: Open) -> None:
    page = open_page()
    assert not page.exception
    assert page.title[0].value == "Data"
    assert "Are your labels consistent?" in words_of(page)
    assert len(page.file_uploader) == 1
    assert not page.metric


def test_a_file_named_at_the_start_is_measured(open_page: Open, fleiss_file: Path) -> None:
    page = open_page(fleiss_file)
    assert not page.exception
    headline = lq.build_report(lq.read_annotations(fleiss_file)).headline
    assert page.metric[0].label == "Krippendorff's alpha"
    assert page.metric[0].value == f"{headline.estimate:.2f}"
    assert "**180** labels" in words_of(page)
    assert headline.verdict in words_of(page).replace("\\", "")
    assert headline.statement in words_of(page).replace("\\", "")


def test_decisions_made_while_reading_are_shown(open_page: Open, tmp_path: Path) -> None:
    file = tmp_path / "spelled.csv"
    file.write_text("item,annotator,label\n1,birch,Spam\n1,cedar,spam\n2,birch,ham\n2,cedar,ham\n", encoding="utf-8")
    notes = lq.read_annotations(file).read_log.notes
    assert notes
    shown = [str(box.value).replace("\\", "").replace("\u2060", "") for box in open_page(file).info]
    assert [f"**Please check:** {note}" for note in notes] == [s for s in shown if s.startswith("**Please check")]


def test_the_last_round_is_measured(open_page: Open, tickets_file: Path) -> None:
    annotations = lq.read_annotations(tickets_file)
    page = open_page(tickets_file)
    assert page.metric[0].value == f"{lq.agreement(annotations.where(round='2')).estimate:.2f}"
    assert "Measured in the last round" in words_of(page)


def test_an_uploaded_file_takes_the_place_of_the_one_named_at_the_start(
    open_page: Open, fleiss_file: Path, tmp_path: Path
) -> None:
    page = open_page(labels_file(tmp_path))
    page.file_uploader(key="labels").set_value(("fleiss_1971.csv", fleiss_file.read_bytes(), "text/csv")).run()
    assert "**180** labels" in words_of(page)
    assert page.metric[0].value == "0.43"


def test_a_file_that_does_not_exist_is_named(open_page: Open, tmp_path: Path) -> None:
    page = open_page(tmp_path / "nothing.csv")
    assert "nothing.csv" in page.code[0].value
    assert "cannot be used" in complaint(page)


def test_undefined_agreement_is_shown_with_its_reason(open_page: Open, tmp_path: Path) -> None:
    file = tmp_path / "same.csv"
    file.write_text("item,annotator,label\n1,birch,a\n1,cedar,a\n2,birch,a\n2,cedar,a\n", encoding="utf-8")
    page = open_page(file)
    assert page.metric[0].value == "undefined"
    assert "only one class was used" in words_of(page)


def test_a_project_is_opened_with_its_header(open_page: Open, folder: Path) -> None:
    page = open_page(support_project(folder, "labeling"))
    assert not page.exception
    said = words_of(page).replace("\\", "")
    for fact in ("tickets", "round 2 (open)", "instruction version 2", "target 0.80"):
        assert fact in said
    assert page.selectbox(key="_person").value == "lea"


def test_the_person_is_chosen_on_ones_own_computer(open_page: Open, folder: Path) -> None:
    page = open_page(support_project(folder))
    page.selectbox(key="_person").set_value("ana").run()
    assert not page.exception
    assert page.title[0].value == "Data"
    assert "Nothing to label now" in words_of(page)
    page.query_params["as"] = "rita"
    page.run()
    assert page.selectbox(key="_person").value == "rita", "the choice shows whom the address names"


def test_a_project_that_was_made_from_the_file_is_opened_again(open_page: Open, folder: Path) -> None:
    file = labels_file(folder)
    path = support_project(folder)
    path.rename(folder / "tickets.labelqa.db")
    page = open_page(file)
    assert "tickets\\.csv is not read again" in words_of(page)


def test_one_of_several_projects_is_chosen(open_page: Open, folder: Path) -> None:
    path = support_project(folder)
    with review.create_project(str(path), "second", actor="lea", classes=["x", "y"]):
        pass
    page = open_page(path)
    assert page.selectbox(key="_which").options == ["second", "tickets"]
    page.selectbox(key="_which").set_value("second").run()
    page.button[0].click().run()
    assert not page.exception
    assert "second" in words_of(page)
    assert "agreement 0" in words_of(open_page(path, "--name", "tickets")).replace("\\", "")


def test_a_database_that_is_no_project_is_told_without_a_traceback(open_page: Open, folder: Path) -> None:
    file = folder / "other.db"
    file.write_bytes(b"SQLite format 3\x00" + b"broken" * 50)
    page = open_page(file)
    assert "This did not work" in complaint(page)
    assert "Traceback" not in complaint(page)


class Headers:
    """What a proxy would send."""

    headers: dict[str, str]

    def __init__(self, **headers: str) -> None:
        self.headers = headers


def test_a_proxy_names_the_person_and_nobody_may_choose(
    open_page: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import streamlit as st

    monkeypatch.setattr(st, "context", Headers(User="rita"))
    page = open_page(support_project(folder), "--trust-header", "User")
    assert not page.exception
    assert "rita (reviewer)" in words_of(page).replace("\\", "")
    assert not any(s.key == "_person" for s in page.selectbox)
    assert "Stored in" in words_of(page)
    assert str(folder) not in words_of(page), "people on other computers do not see folders of the server"
    page.query_params["as"] = "lea"
    assert "lea (lead)" not in words_of(page.run()).replace("\\", "")


def test_without_the_proxy_nobody_is_let_in(open_page: Open, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import streamlit as st

    monkeypatch.setattr(st, "context", Headers())
    page = open_page(support_project(folder), "--trust-header", "User")
    assert "Come through the proxy" in complaint(page)
    assert not page.metric


class User(dict[str, object]):
    """Who is logged in, as Streamlit tells it."""

    is_logged_in = True


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"email": "lea", "email_verified": True}, "lea (lead)"),
        ({"email": "lea", "email_verified": "true"}, "lea (lead)"),
        ({"email": "lea", "email_verified": False}, "nobody here"),
        ({"email": "lea", "email_verified": "false"}, "nobody here"),
        ({"email": "lea", "sub": "7"}, "7 (nobody here)"),
        ({"name": "lea"}, ""),
    ],
)
def test_a_login_names_the_person_by_a_proved_address(
    open_page: Open, folder: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, object], named: str
) -> None:
    import streamlit as st

    monkeypatch.setattr(st, "user", User(told))
    page = open_page(support_project(folder), "--login")
    assert not page.exception
    said = words_of(page).replace("\\", "")
    assert named in said
    assert ("lea (lead)" in said) == (named == "lea (lead)")


def test_whoever_is_not_logged_in_sees_the_login(
    open_page: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import streamlit as st

    out = User()
    out.is_logged_in = False
    monkeypatch.setattr(st, "user", out)
    page = open_page(support_project(folder), "--login")
    assert [b.label for b in page.button] == ["Log in"]
    assert not page.metric


def test_settings_keep_the_labels_on_this_computer(main_page: Path) -> None:
    settings = tomllib.loads((main_page.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["server"]["address"] == "localhost"
    assert settings["server"]["showEmailPrompt"] is False


def test_an_upload_over_the_limit_is_not_taken(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from labelqa_app import files

    monkeypatch.setattr(files, "upload_limit", lambda: 0)
    page = open_page()
    page.file_uploader(key="labels").set_value(("labels.csv", support_labels(20).to_csv().encode(), "text/csv")).run()
    assert "larger than 0 MB" in complaint(page)
    assert not page.metric


def test_a_link_to_a_project_or_a_person_that_is_not_there_leads_on(open_page: Open, folder: Path) -> None:
    page = open_page(support_project(folder))
    page.query_params["project"] = "zzz"
    page.query_params["as"] = "nobody"
    page.run()
    assert complaint(page) == ""
    said = words_of(page).replace("\\", "")
    assert page.title
    assert "There is no project zzz here" in said
    assert "nobody is not one of the people of this project" in said
    assert "Choose above who you are" in said
    assert str(folder) not in said
    page.selectbox(key="_person").set_value("lea").run()
    assert "There is no project" not in words_of(page)
    assert page.metric


def test_a_link_to_one_of_several_projects_that_is_not_there_offers_the_others(open_page: Open, folder: Path) -> None:
    path = support_project(folder)
    with review.create_project(str(path), "second", actor="lea", classes=["x", "y"]):
        pass
    page = open_page(path)
    page.query_params["project"] = "zzz"
    page.run()
    assert complaint(page) == ""
    assert "There is no project zzz here" in words_of(page)
    assert page.selectbox(key="_which").options == ["second", "tickets"]


@pytest.mark.parametrize(("who", "own"), [("rita", ["tickets"]), ("lea", ["second", "tickets"]), ("eve", None)])
def test_people_who_log_in_are_told_only_of_their_own_projects(
    open_page: Open, folder: Path, monkeypatch: pytest.MonkeyPatch, who: str, own: list[str] | None
) -> None:
    import streamlit as st

    path = support_project(folder)
    with review.create_project(str(path), "second", actor="lea", classes=["x", "y"]):
        pass
    monkeypatch.setattr(st, "user", User({"email": who, "email_verified": True}))
    page = open_page(path, "--login")
    assert not page.exception
    if own is None:
        assert not page.selectbox
        assert "in none of the projects" in words_of(page)
    else:
        assert page.selectbox(key="_which").options == own


def test_whoever_logged_in_can_log_out(open_page: Open, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import streamlit as st

    out: list[bool] = []
    monkeypatch.setattr(st, "user", User({"email": "lea", "email_verified": True}))
    monkeypatch.setattr(st, "logout", lambda: out.append(True))
    page = open_page(support_project(folder), "--login")
    page.button(key="log_out").click().run()
    assert out == [True]
    assert not [b for b in open_page(folder / "tickets.db").button if b.key == "log_out"]


def test_the_header_tells_annotators_their_round_and_how_far_they_are(open_view: Open, folder: Path) -> None:
    path = support_project(folder, "labeling")
    with review.open_project(str(path)) as project:
        label_round(project, 2, ("ana",), limit=3)
        total = review.next_task(project, 2, actor="ana").total
    said = words_of(open_view("instruction", path, who="ana"))
    assert f"round 2 (open) · instruction version 2 · 3 of {total} labeled" in said
    with review.open_project(str(path)) as project:
        label_round(project, 2, ("ana",))
    assert "all labeled" in words_of(open_view("instruction", path, who="ana"))


def test_the_header_tells_reviewers_how_many_disagreements_are_decided(open_view: Open, folder: Path) -> None:
    path = support_project(folder)
    with review.open_project(str(path)) as project:
        items = list(review.contested_labels(project, actor="lea").labels)
        review.decide(project, items[0], "bug", "slip", actor="rita")
    assert f"1 of {len(items)} disagreements decided" in words_of(open_view("consistency", path, who="rita"))


def test_the_header_tells_on_how_many_items_the_agreement_rests(open_view: Open, folder: Path) -> None:
    path = support_project(folder)
    with review.open_project(str(path)) as project:
        found = lq.agreement(review.visible_annotations(project, "rules", actor="rita", round=1))
    page = open_view("export", path, who="rita")
    assert f"agreement {found.estimate:.2f} ({found.n_items} items)" in words_of(page)
    told = next(e.proto.help for e in page.markdown if "agreement" in e.value)
    assert f"It rests on {found.n_items} items that two or more labeled." in told
    interval = found.confidence_interval()
    assert f"95% sure: {interval.low:.2f} to {interval.high:.2f}." in told


def test_items_that_one_person_labeled_are_not_among_those_that_agreement_rests_on(
    open_view: Open, folder: Path
) -> None:
    labels = support_labels(40)
    labels = labels[~(labels["annotator"].eq("bo") & labels.index.isin(labels.index[:20]))]
    with review.create_project(
        str(folder / "single.db"), "single", actor="lea", annotations=lq.read_annotations(labels),
        settings=review.ProjectSettings(held_out=0.0),
    ):  # fmt: skip
        pass
    assert "(30 items)" in words_of(open_view("export", folder / "single.db"))


def test_the_hint_puts_names_of_several_words_between_quotes_and_cuts_long_ones() -> None:
    from labelqa.review.standing import Facts, next_action
    from labelqa_app import shell

    def hint(a: str, b: str) -> str:
        return shell._reason(next_action(Facts(n_items=9, closed=(1,), estimate=0.5, low=0.4, pairs=((a, b),))))

    assert "mix up bug and wish most" in hint("bug", "wish")
    assert "mix up 'late delivery' and 'bug' most" in hint("late delivery", "bug")
    assert f"mix up 'bug' and '{'x' * 60}…' most" in hint("bug", "x" * 200)


def test_the_header_has_one_line_for_a_phone_that_opens_and_is_escaped(open_view: Open, folder: Path) -> None:
    page = open_view("export", support_project(folder, "labeling"), who="rita")
    short = next(e.proto.body for e in page.get("html") if "lq-short" in e.proto.body and "<details" in e.proto.body)
    assert '<summary dir="auto">tickets · round 2 (open)</summary>' in short
    for fact in ("instruction version 2", "target 0.80", "items)", "disagreements decided", "labels", "It rests on"):
        assert fact in short.split("</summary>")[1]
    page = open_view("export", hostile_project(folder))
    short = next(e.proto.body for e in page.get("html") if "<details" in e.proto.body)
    assert "&lt;script&gt;" in short
    assert "<script" not in short


@browser_test[0]
@browser_test[1]
def test_on_a_phone_the_page_begins_in_the_first_fifth(serve: Serve, page: Page, folder: Path) -> None:
    url = serve(support_project(folder, "labeling"))
    page.set_viewport_size({"width": 390, "height": 850})
    for name, who in (("export", "rita"), ("label", "ana")):
        page.goto(f"{url}/{name}?as={who}")
        page.get_by_role("heading", level=1).wait_for()
        page.locator(".lq-short summary").wait_for()
        page.locator(".st-key-_person input").wait_for()
        assert page.get_by_role("heading", level=1).bounding_box()["y"] < 170
        save_picture(page, f"phone-header-{name}")
    page.locator(".lq-short summary").click()
    page.get_by_text("instruction version 2").locator("visible=true").first.wait_for()
    page.set_viewport_size({"width": 1280, "height": 850})
    page.locator(".lq-short").wait_for(state="hidden")


def test_a_link_of_a_lead_tells_an_annotator_for_whom_the_page_is(open_page: Open, folder: Path) -> None:
    from labelqa_app import shell

    page = open_page(support_project(folder))
    page.query_params["as"] = "ana"
    page.run()
    pages = page.session_state["_pages"]
    assert set(pages) == set(shell.PAGES), "a page that is not registered is told as not found"
    hidden = {name for name, found in pages.items() if found.visibility == "hidden"}
    assert hidden == {name for name, entry in shell.PAGES.items() if "annotator" not in entry.roles}


def test_what_breaks_before_the_page_is_told_without_a_traceback(
    open_page: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(folder)

    path = support_project(folder)
    monkeypatch.setattr(review, "open_project", broken, raising=False)
    page = open_page(path)
    assert "Something broke that should not have" in complaint(page)
    assert str(folder) not in words_of(page)
