"""What holds for every guideline, whatever people write into it."""

from __future__ import annotations

import difflib
import itertools
import json
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from labelqa.errors import FileFormatError
from labelqa.guidelines.diff import diff_guidelines
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.escapes import escape_line, escape_name, escape_span, unescape
from labelqa.guidelines.markdown import guideline_markdown
from labelqa.guidelines.markdown_reader import parse_guideline_markdown
from labelqa.guidelines.merging import three_way
from labelqa.guidelines.rule import CITING_KINDS, EVIDENCE_KINDS, RULE_KINDS, Evidence, Rule
from labelqa.guidelines.wording import is_minor_rewording, word_changes
from labelqa.text import harmless

MARKDOWN = (
    "# ", "## bug", "### Definition", "- **R1**: x", "- Evidence: item `a`", "* ", "1. ", "|", "|---|", "`", "``",
    "```", "~~~", "---", "===", "***", "_", "[x]: y", "<!--", "-->", "<details>", "</div>", "<", "**", ":",
    "against `b`", "&", "&amp;", "&#10;", "&#", ";", "\\", "\\n",
)  # fmt: skip
CHARACTERS = (
    "\n", "\n\n", "\r\n", "\r", "\t", " ", "  ", "\u2028", "\x85", "\x0b", "\x0c", "\x00", "\x1b[31m", "\u202e",
    "\ufeff", "\u00a0", "\u3000", "e\u0301", "\U0001f468\u200d\U0001f469", "word", "Ω", "5 < 6",
)  # fmt: skip
HOSTILE = MARKDOWN + CHARACTERS
ANY = st.characters(exclude_categories=["Cs"])
TEXTS = st.one_of(st.text(ANY, max_size=30), st.lists(st.sampled_from(HOSTILE), max_size=8).map("".join))
NAMES = TEXTS.filter(str.strip)
EVIDENCE = st.builds(Evidence, kind=st.sampled_from(EVIDENCE_KINDS), ref=NAMES, note=TEXTS)


@st.composite
def rules(draw, number, classes):
    kind = draw(st.sampled_from(RULE_KINDS))
    class_name = draw(st.sampled_from(classes))
    others = NAMES.filter(lambda n: n != class_name)
    return Rule(
        id=f"R{number}",
        class_name=class_name,
        kind=kind,
        text=draw(TEXTS),
        other=draw(others if kind == "boundary" else st.one_of(st.none(), others)),
        item=draw(st.one_of(st.none(), NAMES)) if kind in CITING_KINDS else None,
        evidence=tuple(draw(st.lists(EVIDENCE, max_size=2))),
    )


@st.composite
def guidelines(draw, classes=None):
    classes = tuple(draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))) if classes is None else classes
    numbers = draw(st.lists(st.integers(1, 6), max_size=5, unique=True))
    made = tuple(draw(rules(n, classes)) for n in numbers)
    return Guideline(classes=classes, rules=made, title=draw(TEXTS), introduction=draw(TEXTS))


PLAIN = ("bug", "billing", "other")


@given(guidelines())
def test_markdown_gives_back_the_same_guideline(guideline):
    written = guideline_markdown(guideline)
    read = parse_guideline_markdown(written)
    assert read == guideline
    assert read.content_hash == guideline.content_hash
    assert guideline_markdown(read) == written


@given(guidelines())
def test_markdown_survives_what_editors_and_git_do_to_files(guideline):
    written = guideline_markdown(guideline)
    trimmed = "\n".join(line.rstrip() for line in re.sub("\n{3,}", "\n\n", written).split("\n"))
    assert trimmed == written  # nothing that an editor would cut off
    assert parse_guideline_markdown("\ufeff" + written.replace("\n", "\r\n")) == guideline
    assert len(written.splitlines()) == written.count("\n")  # no other line end than \n


@example(Guideline(classes=("__0__",), rules=(), title="", introduction=""))
@given(guidelines())
def test_programs_that_show_markdown_see_the_classes_and_rules_and_no_other(guideline):
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(guideline_markdown(guideline))
    inlines = [(before.tag, inline) for before, inline in itertools.pairwise(tokens) if inline.type == "inline"]
    top = [(tag, shown(inline)) for tag, inline in inlines if inline.level == 1 and tag in ("h1", "h2")]
    title = [("h1", guideline.title)] if guideline.title else []
    assert top == [(tag, legible(text)) for tag, text in (*title, *(("h2", c) for c in guideline.classes))]
    below = inlines[[tag for tag, _ in inlines].index("h2") :]
    found = [rule_shown(inline) for tag, inline in below if tag == "p" and inline.level == 3]
    assert [rule_id for rule_id in found if rule_id] == list(guideline.ids)
    assert not any(t.type.startswith("html") for t in tokens)


def shown(inline):
    return legible("".join(child.content for child in inline.children))


def legible(text):
    return "".join(c if harmless(c) == c else "\ufffd" for c in text)  # programs show these as they please


def rule_shown(inline):
    if [child.type for child in inline.children[1:4]] != ["strong_open", "text", "strong_close"]:
        return None  # a further paragraph of a rule
    return inline.children[2].content


@given(guidelines())
def test_a_dictionary_gives_back_the_same_guideline_even_through_json(guideline):
    assert Guideline.from_dict(json.loads(json.dumps(guideline.to_dict()))) == guideline


@given(TEXTS)
def test_every_escape_gives_back_its_text(text):
    assert unescape(escape_line(text)) == text
    assert unescape(escape_name(text)) == text
    assert unescape(escape_span(text)[1:-1]) == text


@given(guidelines(PLAIN), st.data())
def test_a_changed_text_changes_only_the_lines_of_its_rule(guideline, data):
    if not guideline.rules:
        return
    rule = data.draw(st.sampled_from(guideline.rules))
    changed = guideline.with_rule(Rule(**{f: getattr(rule, f) for f in FIELDS} | {"text": data.draw(TEXTS)}))
    before, after = (guideline_markdown(g).splitlines() for g in (guideline, changed))
    first, last = lines_of(before, rule.id)
    for tag, i, j, _, _ in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        assert tag == "equal" or first <= i <= j <= last


FIELDS = ("id", "class_name", "kind", "text", "other", "item", "evidence")


def lines_of(lines, rule_id):
    first = next(at for at, line in enumerate(lines) if line.startswith(f"- **{rule_id}**"))
    after = (at for at, line in enumerate(lines) if at > first and line.startswith(("-", "#")))
    return first, next(after, len(lines))


@given(st.one_of(TEXTS, st.lists(st.sampled_from([*HOSTILE, "\n- **R", "\n## ", "\n### Boundaries\n"])).map("".join)))
def test_any_text_is_read_or_refused_with_a_place(text):
    try:
        guideline = parse_guideline_markdown(text, file="rules.md")
    except FileFormatError as error:
        unplaced = [p for p in error.problems if p.file != "rules.md"]
    else:
        unplaced = [] if parse_guideline_markdown(guideline_markdown(guideline)) == guideline else [guideline]
    assert unplaced == []


@settings(max_examples=50)
@given(guidelines(PLAIN), guidelines(PLAIN))
def test_the_diff_is_empty_exactly_when_the_hash_is_the_same(a, b):
    assert diff_guidelines(a, a).is_empty
    assert diff_guidelines(a, b).is_empty == (a.content_hash == b.content_hash)
    diff = diff_guidelines(a, b)
    assert {r.rule_id for r in diff.rows} == {*a.ids, *b.ids}
    assert len(diff.to_frame()) == len(diff.rows)
    json.dumps(diff.to_dict())
    assert "\x1b" not in diff.to_text() + diff.in_words() + repr(diff)


@given(TEXTS, TEXTS)
def test_the_stretches_of_a_difference_spell_both_texts(before, after):
    changes = word_changes(before, after)
    assert "".join(c.text for c in changes if c.kind != "added") == before
    assert "".join(c.text for c in changes if c.kind != "removed") == after


@given(TEXTS)
def test_case_and_full_stops_are_minor(text):
    assert is_minor_rewording(text, text)
    assert is_minor_rewording(text, text + " ...")


@settings(max_examples=50)
@given(guidelines(PLAIN), guidelines(PLAIN))
def test_merging_one_sided_changes_gives_that_side(base, yours):
    assert three_way(base, base, yours).merged == yours
    assert three_way(base, yours, base).merged == yours
    assert three_way(base, yours, yours).merged == yours


@settings(max_examples=50)
@given(guidelines(PLAIN), guidelines(PLAIN), guidelines(PLAIN))
def test_a_merge_holds_both_sides_or_names_the_conflict(base, theirs, yours):
    result = three_way(base, theirs, yours)
    assert (result.merged is None) == bool(result.conflicts)
    if result.merged is not None:
        for rule in result.merged.rules:
            assert any(rule.text == r.text for g in (base, theirs, yours) for r in g.rules)
