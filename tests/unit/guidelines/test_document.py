"""Rules and guidelines: what is refused, in which order they are read, what identifies them."""

from __future__ import annotations

import dataclasses
import unicodedata

import pytest

from labelqa.errors import ParameterError
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.rule import KIND_WORDS, RULE_KINDS, Evidence, Rule
from labelqa.guidelines.starter import starter_guideline
from tests.unit.guidelines.cases import reworded, tickets

KNOWN_HASH = "21ea6a2cb0acab1d808ecfe5e61bcc298ac7d76c0fb403a5fadc9edd77651185"


def definition(rule_id="R1", class_name="bug", **fields):
    return Rule(**{"id": rule_id, "class_name": class_name, "kind": "definition", "text": "x"} | fields)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "boundry"}, "kind='boundry' is not known (allowed: definition, use_when"),
        ({"kind": "boundry"}, "did you mean 'boundary'?"),
        ({"kind": "boundary"}, "is a boundary without the other class"),
        ({"kind": "boundary", "other": "bug"}, "sets class 'bug' against itself"),
        ({"id": "r1"}, "no well-formed id. Ids are R1, R2, R3"),
        ({"id": "R01"}, "no well-formed id"),
        ({"id": "R1\n"}, "no well-formed id"),
        ({"id": 1}, "id=1 is a int, not text"),
        ({"text": None}, "text=None is a NoneType, not text"),
        ({"text": "half \ud800"}, "half a character"),
        ({"item": "T1"}, "cites an item, which a rule of kind 'definition' cannot"),
        ({"other": " "}, "has an empty other"),
        ({"class_name": ""}, "has an empty class_name"),
        ({"evidence": "T1"}, "is a str, not a tuple of Evidence"),
        ({"evidence": ("T1",)}, "not Evidence(kind=..., ref=...)"),
    ],
)
def test_an_ill_formed_rule_is_refused_with_what_is_wrong(fields, said):
    with pytest.raises(ParameterError) as caught:
        definition(**fields)
    assert said in str(caught.value)


def test_all_problems_of_a_rule_are_told_at_once():
    with pytest.raises(ParameterError) as caught:
        Rule(id="x", class_name="bug", kind="nope", text=5)
    assert sorted(p.parameter for p in caught.value.problems) == ["id", "kind", "text"]


def test_evidence_is_of_a_known_kind_and_names_something():
    with pytest.raises(ParameterError, match="kind='itme' is not known"):
        Evidence(kind="itme", ref="T1")
    with pytest.raises(ParameterError, match="without ref"):
        Evidence(kind="item", ref=" ")


def test_all_problems_of_a_guideline_are_told_at_once():
    with pytest.raises(ParameterError) as caught:
        Guideline(classes=("bug", "bug", ""), rules=(definition(), definition(), definition("R3", "bgu")), title=3)
    said = [str(p) for p in caught.value.problems]
    assert len(said) == 5
    assert any("class 'bug' is named twice" in s for s in said)
    assert any("class 3 has an empty name" in s for s in said)
    assert any("rule id 'R1' is given twice" in s and "for example R4" in s for s in said)
    assert any("rule 'R3' is about 'bgu'" in s and "did you mean 'bug'?" in s for s in said)
    assert any("title=3 is a int" in s for s in said)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"classes": "bug"}, "classes='bug' is a str"),
        ({"classes": ()}, "has no class"),
        ({"classes": (1,)}, "classes[0]=1 is a int"),
        ({"rules": None}, "rules=None is a NoneType"),
        ({"rules": ("R1",)}, "rules[0]='R1' is a str, not a Rule"),
    ],
)
def test_wrong_types_are_refused_by_name(fields, said):
    with pytest.raises(ParameterError) as caught:
        Guideline(**{"classes": ("bug",), "rules": ()} | fields)
    assert said in str(caught.value)


def test_rules_are_read_by_class_then_kind_then_as_given():
    made = [
        Rule(id=f"R{n}", class_name=c, kind=k, text="x", other="z" if k == "boundary" else None)
        for n, (c, k) in enumerate(((c, k) for c in "ba" for k in (*reversed(RULE_KINDS), "order")), start=1)
    ]
    guideline = Guideline(classes=("a", "b"), rules=made)
    assert [(r.class_name, r.kind) for r in guideline.rules if r.class_name == "a"] == [
        ("a", k) for k in ("definition", "use_when", "do_not_use_when", "boundary", "order", "order", *RULE_KINDS[5:])
    ]
    assert [r.id for r in guideline.rules_of("b") if r.kind == "order"] == ["R3", "R8"]
    assert set(KIND_WORDS) == set(RULE_KINDS)


def test_the_hash_depends_on_content_alone():
    guideline = tickets()
    composed = reworded(guideline, "R1", text=unicodedata.normalize("NFC", "café"))
    decomposed = reworded(guideline, "R1", text=unicodedata.normalize("NFD", "café"))
    assert composed.content_hash == decomposed.content_hash
    assert composed.content_hash != guideline.content_hash
    two = (Evidence(kind="item", ref="b"), Evidence(kind="item", ref="a"))
    evident = [reworded(guideline, "R1", evidence=e).content_hash for e in (two, two[::-1], (*two, *two))]
    assert len(set(evident)) == 1


def test_the_hash_of_a_known_guideline_never_changes():
    assert tickets().content_hash == KNOWN_HASH


def test_ids_are_never_given_again():
    guideline = tickets()
    shorter = guideline.without_rule("R7")
    assert guideline.next_id() == "R8"
    assert shorter.next_id([guideline]) == "R8"


def test_rules_are_found_replaced_and_removed():
    guideline = tickets()
    assert [r.id for r in guideline.boundary("bug", "billing")] == ["R4"]
    assert guideline.boundary("bug", "other") == ()
    assert reworded(guideline, "R2", text="y").ids == guideline.ids
    assert guideline.cited_items == ("T17", "T19")
    for call in (lambda: guideline.rule("R9"), lambda: guideline.without_rule("R9")):
        with pytest.raises(ParameterError, match="there is no rule 'R9'"):
            call()
    with pytest.raises(ParameterError, match="did you mean 'billing'"):
        guideline.rules_of("biling")


def test_a_dictionary_with_several_problems_tells_all_of_them():
    data = tickets().to_dict()
    data["rules"][0]["kind"] = "defn"
    data["rules"][1]["colour"] = "red"
    del data["rules"][2]["text"]
    data["classes"] = ["billing", "other"]
    with pytest.raises(ParameterError) as caught:
        Guideline.from_dict(data)
    said = str(caught.value)
    for part in ("kind='defn'", "rules[1] has an unknown key 'colour'", "rules[2] has no 'text'", "is about 'bug'"):
        assert part in said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "guideline is a list, not a dictionary"),
        ({"classes": ["a"]}, "has no 'rules'"),
        ({"classes": ["a"], "rules": {}}, "rules is a dict, not a list"),
        ({"classes": ["a"], "rules": [3]}, "rules[0] is a int, not a dictionary"),
        ({"classes": ["a"], "rules": [], "schema_version": 9}, "schema version 9, this program reads 1. Update"),
        ({"classes": None, "rules": []}, "classes=None is a NoneType"),
    ],
)
def test_what_is_no_guideline_is_refused(data, said):
    with pytest.raises(ParameterError) as caught:
        Guideline.from_dict(data)
    assert said in str(caught.value)


def test_a_guideline_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        tickets().title = "x"


def test_the_starter_has_one_empty_definition_a_class():
    guideline = starter_guideline(["bug", "billing"], title="T")
    assert [(r.kind, r.class_name, r.is_empty) for r in guideline.rules] == [
        ("definition", "bug", True),
        ("definition", "billing", True),
    ]
    for classes in ("bug", [], ["a", "a"], [1]):
        with pytest.raises(ParameterError):
            starter_guideline(classes)
