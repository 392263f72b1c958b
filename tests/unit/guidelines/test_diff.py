"""What changed, in which words, and whether it can change how people label."""

from __future__ import annotations

import dataclasses

import pytest

from labelqa.errors import ParameterError
from labelqa.guidelines.diff import diff_guidelines
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.rule import Evidence, Rule
from labelqa.guidelines.wording import is_minor_rewording, marked, word_changes
from tests.unit.guidelines.cases import reworded, tickets


def change_of(before, after, rule_id):
    return next(r for r in diff_guidelines(before, after).rows if r.rule_id == rule_id)


def test_every_rule_has_a_row_and_each_change_its_name():
    before = tickets()
    after = reworded(before, "R1", text="The customer asks about an invoice.").without_rule("R3")
    after = after.with_rule(Rule(id="R8", class_name="other", kind="use_when", text="Thanks, praise."))
    diff = diff_guidelines(before, after)
    assert {r.rule_id: r.change for r in diff.rows} == {
        "R1": "changed", "R4": "unchanged", "R5": "unchanged", "R2": "unchanged", "R6": "unchanged",
        "R7": "unchanged", "R3": "removed", "R8": "added",
    }  # fmt: skip
    assert diff.changed_rules == ("R1", "R3", "R8")
    assert diff.touched_classes == ("billing", "other")
    assert diff.to_frame().set_index("rule_id").loc["R1", "words"] == "The customer asks about [-money-]{+an invoice+}."


def test_a_changed_boundary_touches_both_classes_and_the_pair():
    before = tickets()
    diff = diff_guidelines(before, reworded(before, "R4", text="A failed payment is a bug."))
    assert diff.touched_classes == ("billing", "bug")
    assert diff.touched_pairs == (("billing", "bug"),)


def test_a_rule_set_against_another_class_touches_both_pairs():
    before = tickets()
    diff = diff_guidelines(before, reworded(before, "R4", other="other"))
    assert diff.touched_pairs == (("billing", "other"), ("billing", "bug"))
    assert change_of(before, reworded(before, "R4", other="other"), "R4").fields == ("other",)


def test_one_rule_moved_is_one_rule_moved():
    kinds = [Rule(id=f"R{n}", class_name="a", kind="use_when", text=str(n)) for n in range(1, 6)]
    before = Guideline(classes=("a",), rules=tuple(kinds))
    after = dataclasses.replace(before, rules=(kinds[4], *kinds[:4]))
    diff = diff_guidelines(before, after)
    assert [(r.rule_id, r.change) for r in diff.rows if r.change != "unchanged"] == [("R5", "moved")]
    assert diff.suggested_edit == "minor"


def test_the_decision_order_is_part_of_the_instruction():
    before = tickets()
    after = dataclasses.replace(before, rules=(before.rule("R7"), *(r for r in before.rules if r.id != "R7")))
    diff = diff_guidelines(before, after)
    assert diff.suggested_edit == "semantic"
    assert "place in the decision order" in diff.reasons[0]


def test_evidence_alone_is_no_change_for_those_who_label():
    before = tickets()
    diff = diff_guidelines(before, reworded(before, "R1", evidence=(Evidence(kind="decision", ref="d1"),)))
    assert (diff.is_empty, diff.changed_rules, diff.suggested_edit) == (False, (), "minor")


def test_classes_and_title_and_introduction_are_compared():
    before = tickets()
    after = Guideline(
        classes=("bug", "billing", "praise"),
        rules=tuple(r for r in before.rules if r.class_name != "other"),
        title="Tickets",
        introduction="Read the ticket first.",
    )
    diff = diff_guidelines(before, after)
    assert [p.part for p in diff.parts] == ["title", "introduction"]
    assert {"class praise is new", "class other is gone", "the introduction reads differently"} <= set(diff.reasons)
    assert "classes are in another order" in diff.to_text()
    assert diff.touched_classes == ("praise", "other")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Use it now.", "use it, now"),
        ("Do not  use it", "Do not use it"),
        ("The custmer pays", "The customer pays"),
        ("They recieve mail", "They receive mail"),
        ("the adress", "the address"),
        ("an e-mail", "an email"),
        ("don\u2019t", "don't"),
        ("Dont know", "Don't know"),
        ("", " "),
    ],
)
def test_punctuation_case_spaces_and_typing_errors_are_minor(before, after):
    assert is_minor_rewording(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Use it", "Do not use it"),
        ("if they can", "if they can't"),
        ("typical cases", "atypical cases"),
        ("more than 5 days", "more than 6 days"),
        ("if x < 5", "if x > 5"),
        ("below 1.5", "below 15"),
        ("below 1 5", "below 15"),
        ("above -5", "above 5"),
        ("5 %", "5"),
        ("then", "than"),
        ("it is now", "it is not"),
        ("", "Money."),
        ("请求退款", "请求退钱"),
    ],
)
def test_what_can_change_a_label_is_not_minor(before, after):
    assert not is_minor_rewording(before, after)


def test_a_word_that_is_used_elsewhere_is_no_typing_error():
    before = reworded(tickets(), "R3", text="A contract, or a contact form.")
    assert (
        diff_guidelines(before, reworded(before, "R3", text="A contract, or a contract form.")).suggested_edit
        == "minor"
    )
    used = reworded(before, "R1", text="The customer uses the contact page.")
    after = reworded(used, "R3", text="A contract, or a contract form.")
    assert diff_guidelines(used, after).suggested_edit == "semantic"


def test_filling_the_empty_is_semantic_and_adding_the_empty_is_minor():
    before = tickets()
    empty = before.with_rule(Rule(id="R8", class_name="bug", kind="use_when", text=""))
    assert diff_guidelines(before, empty).suggested_edit == "minor"
    assert diff_guidelines(empty, reworded(empty, "R8", text="It crashes.")).suggested_edit == "semantic"


def test_neighbouring_changes_read_as_one():
    assert marked(word_changes("The customer pays for it", "The client paid for it")) == (
        "The [-customer pays-]{+client paid+} for it"
    )


def test_very_long_texts_are_compared_in_no_time():
    words = [f"w{i}" for i in range(5000)]
    changes = word_changes(" ".join(words), " ".join(reversed(words)))
    assert {c.kind for c in changes} == {"removed", "added"}


def test_the_text_for_a_terminal_shows_words_and_hides_escapes():
    before = tickets()
    after = reworded(before, "R4", text="A failed payment is a bug.\x1b[31m", other="other").without_rule("R6")
    text = diff_guidelines(before, after).to_text()
    assert text.startswith(
        "7 rules: 1 removed, 1 changed\n  looks like a semantic edit: R4 has another other class, wording"
    )
    assert "  R4 changed, boundary against other\n    other class: bug -> other\n" in text
    assert "    A failed payment is [-billing,-]\n    [-even if an error is shown-]{+a bug+}." in text
    assert "  R6 removed, decision order\n    - Decide on bug before other.\n" in text
    assert "\\x1b" in text


def test_the_words_for_people_are_sentences():
    before = tickets()
    after = reworded(before, "R1", text="Anything about money.").without_rule("R6")
    after = after.with_rule(Rule(id="R8", class_name="bug", kind="use_when", text="It crashes."))
    assert diff_guidelines(before, after).in_words().splitlines() == [
        "- Changed in “billing”, definition (R1): it said “The customer asks about money.” "
        "and now says “Anything about money.”",
        "- New in “bug”, use when (R8): “It crashes.”",
        "- No longer in “bug”, decision order (R6): “Decide on bug before other.”",
        "Please read this before you label again: it can change which label is right.",
    ]
    assert diff_guidelines(before, before).in_words() == "The instructions did not change.\n"
    minor = diff_guidelines(before, reworded(before, "R1", text="The customer asks about money!")).in_words()
    assert minor.endswith("Nothing changes in how to label.\n")


def test_a_summary_ends_with_what_to_call_next():
    before = tickets()
    assert repr(diff_guidelines(before, before.without_rule("R1"))).splitlines()[-1].startswith("  next: ")
    assert repr(diff_guidelines(before, before)).splitlines()[-1].startswith("  next: ")


def test_only_guidelines_are_compared():
    with pytest.raises(ParameterError, match="before is a NoneType, not a Guideline"):
        diff_guidelines(None, tickets())
