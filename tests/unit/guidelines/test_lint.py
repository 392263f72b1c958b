"""What people who label would stumble over is found, and nothing else."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError
from labelqa.guidelines.lint import lint_guideline
from labelqa.guidelines.lint_result import SEVERITY
from labelqa.guidelines.quotes import quoted_items, unknown_classes
from labelqa.guidelines.rule import Rule
from labelqa.guidelines.starter import starter_guideline
from tests.unit.guidelines.cases import reworded, tickets


def codes(guideline, items=None):
    return [(f.rule_id, f.code) for f in lint_guideline(guideline, items).findings]


def test_a_sound_guideline_has_no_finding():
    assert codes(tickets(), {"T17": "I was charged twice for one order", "T19": "x"}) == []


def test_a_starter_is_told_to_be_filled():
    assert codes(starter_guideline(["bug", "billing"])) == [("R1", "empty_rule"), ("R2", "empty_rule")]


def test_a_class_without_definition_is_named():
    (found,) = lint_guideline(tickets().without_rule("R2")).findings
    assert (found.rule_id, found.class_name, found.code) == (None, "bug", "class_without_definition")
    assert "nothing says what 'bug' is" in found.message


def test_a_boundary_needs_an_example_of_its_pair():
    bare = tickets().without_rule("R5")
    assert codes(bare) == [("R4", "boundary_without_example")]
    assert codes(reworded(bare, "R4", item="T19")) == []
    opposite = Rule(id="R8", class_name="bug", kind="negative_example", other="billing", text="A declined card.")
    assert codes(bare.with_rule(opposite)) == []
    both = bare.with_rule(Rule(id="R8", class_name="bug", kind="negative_example", item="T2", text=""))
    assert codes(both.with_rule(Rule(id="R9", class_name="billing", kind="positive_example", item="T2", text=""))) == []


def test_a_boundary_given_twice_is_found_from_either_side():
    twice = tickets().with_rule(
        Rule(id="R8", class_name="bug", kind="boundary", other="billing", text="Errors are bugs.")
    )
    (found,) = lint_guideline(twice).findings
    assert (found.rule_id, found.code) == ("R8", "boundary_given_twice")
    assert "R4 (boundary of 'billing' against 'bug')" in found.message


def test_one_item_is_no_example_of_two_classes():
    twice = tickets().with_rule(Rule(id="R8", class_name="bug", kind="positive_example", item="T17", text=""))
    assert codes(twice) == [("R8", "item_cited_twice")]


def test_one_item_is_not_for_and_against_one_class():
    against = tickets().with_rule(Rule(id="R8", class_name="billing", kind="negative_example", item="T17", text=""))
    assert codes(against) == [("R8", "contradicting_example")]


def test_an_undefined_class_is_named_with_the_nearest():
    guideline = reworded(tickets(), "R1", text="Not `bgu`.")
    guideline = guideline.with_rule(
        Rule(id="R8", class_name="bug", kind="do_not_use_when", other="biling", text="Money.")
    )
    found = lint_guideline(guideline).findings
    assert [(f.rule_id, f.code, f.severity) for f in found] == [
        ("R1", "undefined_class", "error"),
        ("R8", "undefined_class", "error"),
    ]
    assert "did you mean 'bug'?" in found[0].message
    assert "did you mean 'billing'?" in found[1].message


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("see “biling”", ["biling"]),
        ("see 'Billing' or \"bug\"", []),
        ("it's the customer's card, don't use it", []),
        ('they write "refund me"', []),
        ('use class "refund"', ["refund"]),
        ("use `refund` or `refund`", ["refund"]),
        ("«biling» and \u2018bugg\u2019", ["biling", "bugg"]),
        ("empty `` and ''", []),
    ],
)
def test_classes_are_named_in_backticks_or_by_their_spelling(text, named):
    assert list(unknown_classes(text, ["billing", "bug"])) == named


def test_the_same_text_for_two_classes_tells_nothing_apart():
    guideline = reworded(tickets(), "R3", text="Something, in the product, is BROKEN")
    assert codes(guideline) == [("R3", "text_given_twice")]


ITEMS = {
    "T1": "Hello, my card was charged twice for one order!",
    "T2": "Where is my refund?",
    "T3": "refund",
    "T17": "My invoice shows the wrong address of our company",
}


def quoted(text, items=ITEMS, **fields):
    rule = Rule(**{"id": "R1", "class_name": "a", "kind": "use_when", "text": text} | fields)
    return {q.items: q.words for q in quoted_items([rule], items).values()}


def test_six_words_in_a_row_or_a_whole_item_are_a_quote():
    said = "They say: my CARD was charged twice, for one order."
    assert quoted(said) == {("T1",): "my card was charged twice for one order"}
    assert quoted("Someone asks 'where is my refund' politely.") == {("T2",): "where is my refund"}


def test_words_of_the_field_are_no_quote():
    assert quoted("A refund of a card that was charged twice.") == {}
    assert quoted("Where is my card?") == {}


def test_a_rule_may_quote_the_item_that_it_shows():
    text = "My invoice shows the wrong address of our company"
    assert quoted(text, kind="positive_example", item="T17") == {}
    assert quoted(text, kind="positive_example") != {}


def test_a_phrase_of_many_items_is_no_quote():
    stock = {f"T{i}": f"Thank you very much for your help number {i}" for i in range(20)}
    assert quoted("They write thank you very much for your help.", stock) == {}


def test_a_text_that_many_items_repeat_is_a_quote():
    same = {f"T{i}": "Please cancel my order as soon as possible" for i in range(20)}
    ((items, _),) = quoted("please cancel my order as soon as possible", same).items()
    assert len(items) == 20


def test_scripts_without_spaces_are_quoted_too():
    items = {"T1": "我的信用卡因为一个订单被扣款两次请帮忙处理"}
    assert quoted("他们说, 我的信用卡因为一个订单被扣款两次请帮忙处理", items) != {}
    assert quoted("信用卡被扣款", items) == {}


def test_quotes_and_unknown_items_are_found_where_texts_are_given():
    guideline = reworded(tickets(), "R1", text=ITEMS["T1"])
    assert codes(guideline) == []
    found = lint_guideline(reworded(guideline, "R5", item="T99"), ITEMS).findings
    assert [(f.rule_id, f.code) for f in found] == [("R5", "unknown_item"), ("R1", "quotes_item")]


def test_every_finding_says_what_to_do_and_a_result_reads_well():
    lint = lint_guideline(tickets().without_rule("R2").without_rule("R5"))
    assert all(f.next_step and f.severity == SEVERITY[f.code] for f in lint.findings)
    assert [len(lint.errors), len(lint.warnings), len(lint)] == [0, 2, 2]
    assert lint.of("boundary_without_example")[0].rule_id == "R4"
    assert list(lint.to_frame().columns) == ["rule_id", "class_name", "code", "severity", "message", "next_step"]
    assert json.loads(json.dumps(lint.to_dict()))["findings"][0]["severity"] == "warning"
    assert "0 errors, 2 warnings in 5 rules" in repr(lint)
    assert "[boundary_without_example]" in lint.to_text()
    assert "Nothing to correct" in lint_guideline(tickets()).to_text()
    with pytest.raises(ParameterError, match="did you mean 'quotes_item'"):
        lint.of("quote_item")


def test_wrong_input_is_refused():
    with pytest.raises(ParameterError, match="not a Guideline"):
        lint_guideline("x")
    with pytest.raises(ParameterError, match="not a mapping of texts"):
        lint_guideline(tickets(), ["x"])


def test_texts_of_items_are_taken_from_annotations_by_the_id_of_the_item():
    frame = pd.DataFrame({"item": ["T17", "T19"], "text": [ITEMS["T1"], "x"], "page": [1, 2]})
    data = Annotations.from_frame(frame.assign(who="ana", label="bug"), item="item", annotator="who", label="label")
    quoting = reworded(tickets(), "R1", text=ITEMS["T1"])
    assert codes(quoting, data) == [("R1", "quotes_item")]
    assert codes(reworded(quoting, "R5", item="T99"), data) == [("R5", "unknown_item"), ("R1", "quotes_item")]
