"""What a round asks of each person, and what each version of the guideline did."""

from __future__ import annotations

from collections import Counter

import pytest

from labelqa import review
from labelqa.errors import NotAllowedError, ParameterError
from tests.unit.review import flow


def test_the_workload_is_what_each_person_gave_of_what_was_asked(quick):
    manifest = flow.designed(quick)
    flow.labeled(quick, manifest, people=("ana",))
    asked = Counter(a.annotator for a in manifest.plan.assignments)
    expected = {"ana": (asked["ana"], asked["ana"]), "bo": (0, asked["bo"])}
    assert review.round_workload(quick, 2, actor="rae") == expected


def test_annotators_see_no_workload_and_a_round_must_exist(quick):
    with pytest.raises(NotAllowedError):
        review.round_workload(quick, 1, actor="ana")
    with pytest.raises(ParameterError, match="no round 9"):
        review.round_workload(quick, 9, actor="rae")


@pytest.mark.parametrize(("per_item", "share"), [(2, 0.05), (2, 0.0), (3, 0.2)])
def test_the_expected_load_is_that_of_the_round_when_it_is_designed(quick, per_item, share):
    review.put_person(quick, "cy", "annotator", actor="lea")
    settings = review.RoundSettings(annotators_per_item=per_item, repeat_share=share)
    plan = flow.designed(quick, {"fresh": 20}, people=("ana", "bo", "cy"), settings=settings).plan
    load = review.expected_load(20, 3, annotators_per_item=per_item, repeat_share=share)
    first = Counter(a.annotator for a in plan.assignments if a.repeat_of is None)
    again = Counter(a.annotator for a in plan.assignments if a.repeat_of is not None)
    assert (min(first.values()), max(first.values())) == (load.n_fewest, load.n_most)
    assert set(again.values()) == ({load.n_repeats} if load.n_repeats else set())


def test_each_version_has_its_rounds_and_what_its_proof_said(quick):
    flow.second_round(quick)
    second, first = review.version_effects(quick, actor="rae")
    assert (second.version.number, second.rounds, second.compared, second.verdict) == (2, (2,), None, None)
    assert (first.version.number, first.rounds) == (1, (1,))
    proof = review.prove(quick, 1, 2, actor="rae")
    second, first = review.version_effects(quick, actor="rae")
    assert (second.compared, second.verdict, second.credit) == ((1, 2), proof.verdict, proof.credit)
    assert first.compared is None


def test_annotators_see_no_effects(quick):
    with pytest.raises(NotAllowedError):
        review.version_effects(quick, actor="ana")
