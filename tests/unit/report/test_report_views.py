"""The four views: safe, complete, the same bytes every time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest

from labelqa.annotations.readlog import ReadLog, SetAside, SourceFile
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError
from labelqa.report.blocks import Column, Details, Notice, Points, Prose, Section, Table
from labelqa.report.build import build_report
from labelqa.report.document import Headline
from labelqa.report.model import Report
from labelqa.report.render.as_html import scale_of
from labelqa.report.render.as_markdown import escape
from labelqa.runinfo import make_run_info
from tests.unit.report.data import HOSTILE, hostile, small, wide

NAN = float("nan")
VOID = {"meta", "br", "link", "img", "input", "hr"}
BAD_TITLE = '"><img src=x onerror=alert(1)>\ud800'


class Page(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def bad() -> Report:
    return build_report(hostile(), title=BAD_TITLE, arguments={"source": "/folder/of/me/x.csv", "<i>": HOSTILE[0]})


@pytest.fixture(scope="module")
def good() -> Report:
    return build_report(small(rounds=2))


def by_hand(*blocks) -> Report:
    section = Section(key="one", title="One", lead="Lead.", how_to_read="How.", blocks=blocks)
    headline = Headline(statement="Nothing was measured.")
    return Report(
        title="By hand", headline=headline, sections=(section,), run=make_run_info(), read_log=ReadLog(), notices=()
    )


def test_html_is_well_formed_and_ids_are_unique(bad, good):
    for report in (bad, good):
        page = Page(report.to_html())
        assert page.open == []
        assert len(page.ids) == len(set(page.ids))


def test_html_has_no_script_no_image_and_no_event_handler_of_the_user(bad):
    page = Page(bad.to_html())
    assert not {"script", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


def test_html_asks_nothing_of_the_network(bad):
    page = Page(bad.to_html())
    links = [value for _, name, value in page.attributes if name in ("href", "src", "xlink:href", "action")]
    assert all(link.startswith("#") for link in links)
    assert "url(" not in bad.to_html().replace("url(#", "")
    assert "default-src 'none'" in bad.to_html()


def test_html_links_of_the_contents_have_a_target(good):
    page = Page(good.to_html())
    targets = {v[1:] for tag, n, v in page.attributes if tag == "a" and n == "href"}
    assert targets <= set(page.ids)
    assert {"agreement", "warnings", "run"} <= targets


def test_html_headings_go_down_one_level_at_a_time(good):
    levels = [int(t[1]) for t in Page(good.to_html()).tags if re.fullmatch(r"h[1-6]", t)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_html_tables_name_their_columns_and_rows_for_screen_readers(good):
    text = good.to_html()
    assert text.count("<caption>") == text.count("<table>")
    assert 'scope="col"' in text
    assert 'scope="row"' in text
    assert '<html lang="en">' in text


def test_html_shows_hostile_names_as_they_are_written(bad):
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in bad.to_html()
    assert r"\x1b[31mred" in bad.to_html()


@pytest.mark.parametrize("view", ["to_html", "to_markdown", "to_text"])
def test_no_control_or_direction_character_reaches_a_reader(bad, view):
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", getattr(bad, view)())


def test_markdown_has_no_live_html_and_no_link(bad):
    text = bad.to_markdown()
    assert set(re.findall(r"</?([a-z]+)", text)) == {"details", "summary", "sub"}
    assert "](http" not in text.replace(r"\](http", "")


def test_markdown_tables_keep_their_number_of_columns(bad):
    blocks = re.findall(r"(?:^\|.*\n)+", bad.to_markdown(), flags=re.MULTILINE)
    for block in blocks:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


@pytest.mark.parametrize(
    ("given", "escaped"),
    [
        ("# x", r"\# x"),
        ("- x", r"\- x"),
        ("1. x", r"1\. x"),
        ("0.525", "0.525"),
        ("a\n\n> b", "a &gt; b"),
        ("http://e.org", r"http\://e.org"),
        ("www.e.org", r"www\.e.org"),
        ("=cmd()", r"\=cmd()"),
        ("![x](y)", r"\!\[x\](y)"),
        ("\\|", r"\\\|"),
    ],
)
def test_markdown_escape_shows_exactly_the_text(given, escaped):
    assert escape(given) == escaped


def test_terminal_markup_of_the_user_stays_text(bad):
    assert "[red]x[/red]" in bad.to_text(width=120)
    assert "[red]x[/red]" in bad.to_text(width=120, color=True)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_terminal_lines_keep_the_width(bad, good, width):
    for report in (bad, good):
        assert max(len(line) for line in report.to_text(width=width).splitlines()) <= width


def test_terminal_is_plain_unless_colour_is_asked_for(good, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in good.to_text()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" in good.to_text(color=True)


def test_terminal_too_narrow_is_refused(good):
    with pytest.raises(ParameterError, match=r"width=20 is too narrow .* \(allowed: 40 or more\)"):
        good.to_text(width=20)


def test_json_keeps_raw_text_and_is_readable(bad):
    found = json.loads(bad.to_json())
    names = {row["class"] for row in found["tables"]["classes"]}
    assert names == set(HOSTILE)
    assert found["title"].endswith("\ufffd")


@pytest.mark.skipif(pd.__version__ < "3", reason="pandas 2 takes texts with different half characters for the same")
def test_names_with_half_characters_survive_every_view_and_stay_apart():
    classes = ["a\ud800b", "a\ud801b", "a\\ud800b", "c\udfff"]
    rows = [
        (f"i\udc00{i}", who, classes[(i + (i % 3 == 0 and who != "y")) % 4], "te\ud83dxt " * 5, f"r\ud800{i % 2}")
        for i in range(80)
        for who in ("x\ud800", "y", "z\ud805")
    ]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "text", "round"], dtype=object)
    data = Annotations.from_frame(frame, item="item", annotator="annotator", label="label", round="round")
    report = build_report(data, title="t\ud800", arguments={"classes": classes, "k\ud800": {"\udcff"}})
    for view in (report.to_text(), report.to_markdown(), report.to_html(), report.to_json()):
        assert view.encode()
    named = [row["class"] for row in json.loads(report.to_json())["tables"]["classes"]]
    assert sorted(named) == [r"a\ud800b", r"a\ud800b'", r"a\ud801b", r"c\udfff"]
    assert r"a\ud801b" in report.to_text()


def test_file_names_that_are_not_utf8_survive_every_view():
    log = small().read_log
    source = SourceFile(name="\udcff.csv", sha256="0", format="csv", rows=3)
    aside = SetAside(reason="no label \ud800", count=1, rows=(2,), file="\udcff.csv")
    changed = replace(log, sources=(source,), set_aside=(aside,), notes=("n\ud800",), mapping={"item": "i\ud800"})
    report = build_report(replace(small(), read_log=changed))
    for view in (report.to_text(), report.to_markdown(), report.to_html(), report.to_json()):
        assert view.encode()


def test_json_lists_sets_in_the_same_order_whatever_the_hash():
    code = (
        "import sys\n"
        "from tests.unit.report.data import small\n"
        "from labelqa.report.build import build_report\n"
        "arguments = {'a': {'x', 'y', 'z', 'w'}, 'b': [frozenset('pqrs')]}\n"
        "report = build_report(small(), arguments=arguments)\n"
        "print(report.to_json(), report.to_markdown())\n"
        "print(*map(list, (arguments['a'], *arguments['b'])), sep='\\n', file=sys.stderr)\n"
    )
    found, orders = set(), []
    for seed in ("1", "2"):
        env = os.environ | {"PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": "0"}
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
        found.add(done.stdout)
        orders.append(done.stderr.splitlines())
    assert all(a != b for a, b in zip(*orders, strict=True)), "both sets have another order under the other seed"
    assert len(found) == 1


def test_json_has_a_reason_beside_every_undefined_estimate():
    found = json.loads(build_report(wide(a=["x"] * 5, b=["x"] * 5)).to_json())
    assert found["headline"]["estimate"] is None
    assert found["headline"]["undefined_because"]
    for row in found["tables"]["coefficients"]:
        assert (row["estimate"] is None) <= bool(row["reason"])


def test_json_is_the_same_bytes_for_the_same_input(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert build_report(small(), seed=1).to_json() == build_report(small(), seed=1).to_json()


def test_json_of_two_moments_differs_in_the_time_only(monkeypatch):
    found = []
    for moment in ("0", "1000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", moment)
        found.append(json.loads(build_report(small()).to_json()))
    assert found[0]["run"].pop("created_utc") != found[1]["run"].pop("created_utc")
    assert found[0] == found[1]


def test_json_names_no_folder(bad):
    assert "/folder/of/me" not in bad.to_json()
    assert json.loads(bad.to_json())["run"]["arguments"]["source"] == "x.csv"


def test_json_holds_every_item_although_readers_see_the_top(good):
    found = json.loads(good.to_json())
    assert len(found["tables"]["items"]) == 40


def test_table_keys_are_unique_and_every_table_is_in_the_json(good):
    found = json.loads(good.to_json())

    def keys(blocks):
        for b in blocks:
            if b["type"] == "table":
                yield b["key"]
            yield from keys(b.get("blocks", []))

    listed = [k for s in found["sections"] for k in keys(s["blocks"])]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(found["tables"])


@pytest.mark.parametrize("ending", [".html", ".md", ".json", ".txt", ".HTML"])
def test_save_picks_the_view_by_the_ending(good, tmp_path, ending):
    path = good.save(tmp_path / f"report{ending}")
    views = {".html": good.to_html, ".md": good.to_markdown, ".json": good.to_json, ".txt": good.to_text}
    assert path.read_bytes() == views[ending.lower()]().encode()


def test_save_replaces_a_file_and_leaves_no_other(good, tmp_path):
    target = tmp_path / "report.txt"
    target.write_text("old")
    target.chmod(0o640)
    good.save(target)
    assert target.read_text(encoding="utf-8") == good.to_text()
    assert target.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["report.txt"]


def test_save_with_another_ending_names_the_endings(good, tmp_path):
    with pytest.raises(ParameterError, match=r"'report.pdf' \(allowed: .html, .htm, .md, .json, .txt"):
        good.save(tmp_path / "report.pdf")


def test_save_into_a_missing_folder_says_so(good, tmp_path):
    with pytest.raises(ParameterError, match="does not exist"):
        good.save(tmp_path / "nowhere" / "report.html")


def test_failed_save_keeps_the_old_file(good, tmp_path):
    target = tmp_path / "report.txt"
    target.write_text("old")
    broken = replace(good, title=None, headline=replace(good.headline, statement=None, low="not a number"))
    with pytest.raises(TypeError):
        broken.save(target)
    assert target.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_repr_is_short_and_says_what_to_call_next(good):
    lines = repr(good).splitlines()
    assert 3 <= len(lines) <= 6
    assert "next: report.save" in lines[-1]


def test_notebook_shows_the_page_in_a_frame_without_scripts(bad):
    page = Page(bad._repr_html_())
    assert page.tags == ["iframe"]
    assert ("iframe", "sandbox", "") in page.attributes


def test_every_block_is_shown_in_every_view():
    table = Table(
        key="t",
        title="Numbers",
        columns=(
            Column(key="name", title="Name"),
            Column(key="n", title="Count", kind="count"),
            Column(key="share", title="Share", kind="percent"),
            Column(key="x", title="Value", kind="number"),
            Column(key="e", title="Estimate", kind="estimate", reason="why"),
        ),
        rows=pd.DataFrame(
            {
                "name": ["row one", None],
                "n": [1234, 2],
                "share": [0.5, NAN],
                "x": [-0.00001, 2.5],
                "e": [0.25, NAN],
                "low": [0.1, NAN],
                "high": [0.4, NAN],
                "why": [None, "too little data"],
            }
        ),
        note="A note.",
    )
    notice = Notice(level="info", key="k", title="Remark", text="Text of it")
    blocks = (Prose(text="Some prose."), Points(items=("first", "second"), title="Heading"), notice, table)
    report = by_hand(*blocks, Details(title="More", blocks=(Prose(text="Inside."),), in_terminal=True))
    expected = (
        "Some prose.",
        "first",
        "Heading",
        "Remark",
        "row one",
        "1,234",
        "50%",
        "0.000",
        "0.250",
        "0.100 to 0.400",
    )
    for view in (report.to_html(), report.to_markdown(), report.to_text(width=120)):
        assert all(text in view for text in (*expected, "too little data", "A note.", "Inside.", "How."))
    assert "-0.000" not in report.to_text(width=120)


def test_unknown_kinds_and_levels_are_refused():
    with pytest.raises(ParameterError, match="kind='colour'"):
        Column(key="a", title="A", kind="colour")
    with pytest.raises(ParameterError, match="level='fatal'"):
        Notice(level="fatal", key="k", title="t", text="x")


def test_scale_of_a_negative_estimate_starts_below_zero():
    scale = scale_of(Headline(statement="", estimate=-0.25, low=-0.62, high=0.1, limits=(0.667, 0.8)))
    assert scale is not None
    assert scale.start == "-0.7"
    assert 0 <= scale.low <= scale.at <= scale.high < scale.zero + 10 <= 100
    assert scale_of(Headline(statement="")) is None


def test_text_markdown_and_json_do_not_import_the_drawing_library():
    code = (
        "import sys\n"
        "from tests.unit.report.data import small\n"
        "from labelqa.report.build import build_report\n"
        "r = build_report(small()); r.to_text(); r.to_markdown(); r.to_json()\n"
        "sys.exit(int('altair' in sys.modules or 'vl_convert' in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
