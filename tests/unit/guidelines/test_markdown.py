"""Markdown: readable, one rule's lines for one rule's change, and errors that name the line."""

from __future__ import annotations

import difflib

import pytest

from labelqa.errors import FileFormatError, ParameterError
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.escapes import unescape
from labelqa.guidelines.markdown import HEADINGS, guideline_markdown
from labelqa.guidelines.markdown_reader import parse_guideline_markdown
from labelqa.guidelines.rule import RULE_KINDS, Rule
from tests.unit.guidelines.cases import reworded, tickets

EXPECTED = """\
# Support tickets

Read the whole ticket first.

## billing

### Definition

- **R1**: The customer asks about money.

### Boundaries

- **R4** against `bug`: A failed payment is billing,
  even if an error is shown.
  - Evidence: item `T19`: three of four took it for a bug

### Positive examples

- **R5** against `bug`, item `T17`: Charged twice.

## bug

### Definition

- **R2**: Something in the product is broken.

### Decision order

- **R6**: Decide on bug before other.

- **R7**: Decide on billing before bug.

## other

### Definition

- **R3**: Anything else.
"""


def changed_lines(before, after):
    lines = difflib.unified_diff(guideline_markdown(before).split("\n"), guideline_markdown(after).split("\n"), n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_markdown_reads_like_a_document():
    assert guideline_markdown(tickets()) == EXPECTED
    assert parse_guideline_markdown(EXPECTED) == tickets()
    assert set(HEADINGS) == set(RULE_KINDS)


def test_a_reworded_rule_changes_its_line_alone():
    before = tickets()
    assert changed_lines(before, reworded(before, "R6", text="Decide on bug first.")) == [
        "-- **R6**: Decide on bug before other.",
        "+- **R6**: Decide on bug first.",
    ]


def test_a_new_rule_only_adds_its_lines():
    before = tickets()
    after = before.with_rule(Rule(id="R8", class_name="bug", kind="use_when", text="It crashes.\n\nOr hangs."))
    assert changed_lines(before, after) == ["+### Use when", "+", "+- **R8**: It crashes.", "+", "+  Or hangs.", "+"]
    assert all(line.startswith("-") for line in changed_lines(after, before))


def test_plain_text_is_written_as_it_is():
    text = "It costs 5 < 6 & more: *really*, 50% of C:/x (see `bug`) | a_b #3 [x] > y!"
    assert f"- **R1**: {text}\n" in guideline_markdown(reworded(tickets(), "R1", text=text))


@pytest.mark.parametrize(
    "text", ["x\n## billing", "<!-- x", "x\n```\ny", "x\n- Evidence: item `a`", "x\n---", "</details>"]
)
def test_text_cannot_break_out_of_its_rule(text):
    guideline = reworded(tickets(), "R1", text=text)
    written = guideline_markdown(guideline)
    assert f" {text}" not in written
    assert parse_guideline_markdown(written) == guideline


def test_edits_by_hand_are_read_kindly():
    by_hand = EXPECTED.replace("- **R6**: ", "* **R6** :  ").replace("### Decision order", "### decision ORDER ###")
    by_hand = by_hand.replace("\n\n", "\n\n\n").replace("  even if", "\teven if").replace("`bug`, item", "`bug` item")
    assert parse_guideline_markdown(f"\ufeff\n{by_hand}".replace("\n", "  \r\n")) == tickets()


@pytest.mark.parametrize(
    ("old", "new", "row", "said"),
    [
        ("### Boundaries", "### Boundary rule", 11, "'Boundary rule' is no kind of rule"),
        ("- **R6**: Dec", "- R6: Dec", 29, "is not the start of a rule (allowed: - **R7**: text"),
        ("- **R6**: Dec", "Dec", 29, "Indent it by two spaces if it belongs to the rule above"),
        ("**R7**", "**R6**", 31, "rule id 'R6' is given twice"),
        ("**R7**", "**7**", 31, "no well-formed id"),
        ("## other", "## bug", 33, "class 'bug' is named twice"),
        ("## other", "##", 33, "class 3 has an empty name"),
        ("## other", "#### other", 33, "heading '#### other' is not expected here"),
        (" against `bug`: A", ": A", 13, "is a boundary without the other class"),
        ("item `T19`", "itme `T19`", 15, "kind='itme' is not known"),
        ("Evidence: item `T19`", "Evidence: T19", 15, "is no evidence (allowed: - Evidence: item `T17`"),
        ("## bug\n", "## bug\n\n  text", 23, "is indented but belongs to no rule"),
        ("### Definition\n\n- **R3**", "- **R3**", 35, "stands below no heading that says its kind"),
        ("bug\n\n### Positive", "bug\n  more\n\n### Positive", 16, "stands below the evidence of a rule"),
        ("# Support", "text\n# Support", 2, "heading '# Support tickets' is not expected here"),
    ],
)
def test_an_error_names_file_line_and_what_is_expected(old, new, row, said):
    assert old in EXPECTED
    with pytest.raises(FileFormatError) as caught:
        parse_guideline_markdown(EXPECTED.replace(old, new, 1), file="rules.md")
    assert said in str(caught.value)
    assert (caught.value.problem.file, caught.value.problem.row) == ("rules.md", row)
    assert str(caught.value).startswith(f"rules.md row {row}: ")


def test_all_errors_are_told_at_once_in_order():
    broken = EXPECTED.replace("**R1**", "**1**").replace("### Boundaries", "### Limits").replace("- **R3**", "- R3")
    with pytest.raises(FileFormatError) as caught:
        parse_guideline_markdown(broken)
    assert [p.row for p in caught.value.problems] == [9, 11, 37]
    assert all(p.file == "guideline" for p in caught.value.problems)


@pytest.mark.parametrize(
    "name", ["C #", "##", "# x", "*bold*", "_x_", "a_b", "`x`", "[x](y)", "a\nb", " x ", "C\\", "<b>"]
)
def test_any_class_name_stands_in_headings_and_beside_rules(name):
    rules = (Rule(id="R1", class_name=name, kind="boundary", other=f"{name}2", text="x", item=name),)
    guideline = Guideline(classes=(name, f"{name}2"), rules=rules, title=name)
    assert parse_guideline_markdown(guideline_markdown(guideline)) == guideline


def test_an_unknown_reference_stays_as_it_is():
    assert unescape("&#x110000; &#9999999; &nbsp; \\q") == "&#x110000; &#9999999; &nbsp; \\q"


def test_an_empty_file_is_refused():
    with pytest.raises(FileFormatError, match="has no class"):
        parse_guideline_markdown("")


def test_only_guidelines_are_written_and_only_text_is_read():
    with pytest.raises(ParameterError, match="not a Guideline"):
        guideline_markdown({})
    with pytest.raises(ParameterError, match="not text"):
        parse_guideline_markdown(b"x")
