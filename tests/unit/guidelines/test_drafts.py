"""Two people at one guideline, and the history of what was published."""

from __future__ import annotations

import dataclasses
import json

import pytest

from labelqa.errors import ParameterError
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.drafts import Draft, check_base
from labelqa.guidelines.merging import three_way
from labelqa.guidelines.rule import Evidence, Rule
from labelqa.guidelines.versions import GuidelineVersion, next_version, restore_version
from tests.unit.guidelines.cases import NOW, reworded, tickets, version

STAMP = {"author": "ben", "reason": "clearer", "created_utc": NOW}


def draft(guideline):
    return Draft(author="ben", base=version(1, tickets()), guideline=guideline)


def test_a_draft_on_the_version_in_force_may_be_saved():
    yours = reworded(tickets(), "R1", text="Money.")
    assert check_base(draft(yours), version(1, tickets())) is None
    assert check_base(draft(yours), version(3, tickets())) is None  # changed and restored meanwhile
    assert check_base(draft(yours), version(2, yours)) is None  # somebody published just this


def test_an_outdated_draft_gets_both_texts_the_diff_and_an_offer():
    theirs = reworded(tickets(), "R2", text="A defect.")
    yours = reworded(tickets(), "R1", text="Money.")
    conflict = check_base(draft(yours), version(2, theirs))
    assert "A defect." in conflict.theirs_text
    assert "A defect." not in conflict.yours_text + conflict.base_text
    assert conflict.diff.changed_rules == ("R1", "R2")
    assert (conflict.their_diff.changed_rules, conflict.your_diff.changed_rules) == (("R2",), ("R1",))
    assert [conflict.merged.rule(i).text for i in ("R1", "R2")] == ["Money.", "A defect."]
    assert conflict.yours == yours  # offered, not applied
    assert "version 2 was published since version 1" in repr(conflict)
    assert "R2: only they changed it" in conflict.to_text()
    json.dumps(conflict.to_dict())


def test_a_rule_changed_twice_is_a_conflict_with_three_texts():
    theirs = reworded(tickets(), "R1", text="Invoices.")
    conflict = check_base(draft(reworded(tickets(), "R1", text="Money.")), version(2, theirs))
    assert conflict.merged is None
    assert conflict.merge.conflicts == ("R1",)
    text = conflict.to_text()
    assert all(part in text for part in ("before The customer asks", "theirs Invoices.", "yours  Money."))
    assert conflict.to_frame().query("part == 'R1'")["status"].item() == "conflict"


@pytest.mark.parametrize("swap", [False, True])
def test_a_rule_changed_by_one_and_removed_by_the_other_is_a_conflict(swap):
    sides = [reworded(tickets(), "R1", text="Money."), tickets().without_rule("R1")]
    assert three_way(tickets(), *(reversed(sides) if swap else sides)).conflicts == ("R1",)


def test_a_rule_of_a_class_that_the_other_removed_is_a_conflict():
    base = tickets()
    theirs = dataclasses.replace(base.without_rule("R3"), classes=("billing", "bug"))
    yours = base.with_rule(Rule(id="R8", class_name="other", kind="use_when", text="Praise."))
    assert three_way(base, theirs, yours).conflicts == ("R8",)


def test_new_rules_with_one_id_get_two():
    theirs = tickets().with_rule(Rule(id="R8", class_name="bug", kind="use_when", text="It crashes."))
    yours = tickets().with_rule(Rule(id="R8", class_name="billing", kind="use_when", text="Refunds."))
    merge = three_way(tickets(), theirs, yours)
    assert merge.renumbered == (("R8", "R9"),)
    assert [merge.merged.rule(i).text for i in ("R8", "R9")] == ["It crashes.", "Refunds."]
    assert "R8 is now R9" in merge.to_text()


def test_evidence_of_both_is_kept():
    theirs, yours = (reworded(tickets(), "R4", evidence=(Evidence(kind="item", ref=r),)) for r in ("T1", "T2"))
    merge = three_way(tickets(), theirs, yours)
    assert [e.ref for e in merge.merged.rule("R4").evidence] == ["T1", "T2"]


def test_an_order_changed_by_one_holds_the_new_rules_of_the_other():
    made = {n: Rule(id=f"R{n}", class_name="a", kind="order", text=str(n)) for n in range(1, 6)}

    def ordered(*numbers):
        return Guideline(classes=("a",), rules=tuple(made[n] for n in numbers))

    assert three_way(ordered(1, 2, 3), ordered(3, 1, 2), ordered(1, 4, 2, 3)).merged.ids == ("R3", "R1", "R4", "R2")
    both = three_way(ordered(1, 2, 3), ordered(3, 1, 2), ordered(2, 1, 3))
    assert (both.merged, both.conflicts) == (None, ("sequence of decision order rules of a",))


def test_a_sequence_that_says_nothing_is_no_conflict():
    made = [Rule(id=f"R{n}", class_name="a", kind="use_when", text=str(n)) for n in (1, 2, 3)]
    base = Guideline(classes=("a",), rules=tuple(made))
    theirs = dataclasses.replace(base, rules=(made[2], made[0], made[1]))
    yours = dataclasses.replace(base, rules=(made[1], made[0], made[2]))
    assert three_way(base, theirs, yours).merged == theirs


def test_versions_are_numbered_and_say_what_kind_of_edit_they_are():
    first = next_version((), tickets(), **STAMP)
    second = next_version((first,), reworded(tickets(), "R1", text="The customer asks about money"), **STAMP)
    third = next_version((first, second), reworded(tickets(), "R1", text="Money."), **STAMP)
    assert [(v.number, v.parent, v.edit) for v in (first, second, third)] == [
        (1, None, "semantic"),
        (2, 1, "minor"),
        (3, 2, "semantic"),
    ]
    assert next_version((first,), second.guideline, **STAMP, edit="semantic").edit == "semantic"


def test_publishing_nothing_new_is_refused():
    with pytest.raises(ParameterError, match="nothing changed since version 1"):
        next_version((version(1, tickets()),), tickets(), **STAMP)


def test_the_id_of_a_removed_rule_is_not_given_to_another():
    history = (version(1, tickets()), version(2, tickets().without_rule("R7")))
    again = history[1].guideline.with_rule(Rule(id="R7", class_name="bug", kind="use_when", text="It hangs."))
    with pytest.raises(ParameterError, match=r"has the id of a removed rule.*give it the id R8"):
        next_version(history, again, **STAMP)
    brought_back = history[1].guideline.with_rule(tickets().rule("R7"))
    assert next_version(history, brought_back, **STAMP).number == 3


def test_only_guidelines_drafts_and_versions_are_taken():
    for call in (
        lambda: next_version((), {}, **STAMP),
        lambda: check_base({}, version(1, tickets())),
        lambda: check_base(draft(tickets()), tickets()),
        lambda: three_way(tickets(), None, tickets()),
    ):
        with pytest.raises(ParameterError, match=", not a "):
            call()


def test_restoring_makes_a_new_version():
    history = (version(1, tickets()), version(2, reworded(tickets(), "R1", text="Money.")))
    restored = restore_version(history, 1, **STAMP)
    assert (restored.number, restored.parent, restored.restored_from) == (3, 2, 1)
    assert restored.content_hash == history[0].content_hash
    for number, said in ((2, "version 2 is what is in force"), (7, "there is no version 7")):
        with pytest.raises(ParameterError, match=said):
            restore_version(history, number, **STAMP)
    with pytest.raises(ParameterError, match="there is no version 1"):
        restore_version((), 1, **STAMP)


def test_all_problems_of_a_version_are_told_at_once():
    with pytest.raises(ParameterError) as caught:
        GuidelineVersion(
            number=2, guideline={}, parent=2, author=" ", reason=None, edit="big", created_utc="now", restored_from=5
        )
    told = {p.parameter for p in caught.value.problems}
    assert told == {"guideline", "parent", "author", "reason", "edit", "created_utc", "restored_from"}
    with pytest.raises(ParameterError, match="number=0"):
        version(0, tickets())
    with pytest.raises(ParameterError, match="created_utc"):
        dataclasses.replace(version(1, tickets()), created_utc="2024-05-01T09:00:00+02:00")
