"""The design of a round."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from labelqa.errors import ParameterError
from labelqa.review.layout import RoundSettings
from labelqa.review.plan import plan_round
from labelqa.review.sampling import Candidates
from labelqa.review.schedule import balanced_teams, random_order
from tests.unit.review.rounds import HELD, PEOPLE, a_plan, candidates

FRESH = Candidates.of([f"i{k}" for k in range(100)])


def planned(n=20, people=("a", "b", "c"), seed=0, **settings):
    return plan_round(FRESH, people, counts={"fresh": n}, round=1, seed=seed, settings=RoundSettings(**settings))


def test_each_stratum_gets_the_items_asked_for_and_no_other():
    plan = a_plan()
    assert {s.name: len(s.items) for s in plan.strata} == {"paired": 8, "fresh": 10, "control": 6}
    assert {s.name: s.available for s in plan.strata} == {"paired": 20, "fresh": 20, "control": 20}
    assert not set(plan.items) & set(HELD)
    assert set(a_plan(counts={"held_out": 4}).items) <= set(HELD)


def test_each_stratum_is_balanced_by_itself():
    for stratum in ("paired", "fresh", "control"):
        load = Counter(a.annotator for a in a_plan().assignments if a.stratum == stratum and a.repeat_of is None)
        assert max(load.values()) - min(load.values()) <= 2


def test_pairs_of_annotators_share_about_as_many_items():
    teams = balanced_teams(200, 7, 3, np.random.default_rng(0))
    met = Counter(p for team in teams.tolist() for p in combinations(sorted(team), 2))
    assert len(met) == 21
    assert max(met.values()) - min(met.values()) <= 3


def test_probabilities_are_of_every_candidate_and_sum_to_the_sample():
    plan = a_plan(settings=RoundSettings(method="disagreement"))
    for s in plan.strata:
        assert len(s.probabilities) == s.available
        assert sum(s.probabilities.values()) == pytest.approx(len(s.items))
    assert {s.name: s.method for s in plan.strata} == {
        "paired": "disagreement",
        "fresh": "disagreement",
        "control": "random",
    }
    assert len(set(plan.strata[0].probabilities.values())) > 2


def test_repeats_come_later_at_a_distance_and_are_as_many_for_all():
    plan = planned(n=60, repeat_share=0.2, repeat_distance=12)
    by_id = {a.id: a for a in plan.assignments}
    repeats = [a for a in plan.assignments if a.repeat_of]
    assert Counter(a.annotator for a in repeats) == dict.fromkeys("abc", 8)
    for a in repeats:
        first = by_id[a.repeat_of]
        assert (first.item, first.annotator) == (a.item, a.annotator)
        assert a.position - first.position >= 12


def test_every_item_is_as_likely_to_be_repeated_and_to_stand_anywhere():
    rng = np.random.default_rng(0)
    again, first = np.zeros(8), np.zeros(8)
    for _ in range(4000):
        order = random_order(8, 2, 3, rng)
        for item, repeat in order:
            again[item] += repeat
        first[order[0][0]] += 1
    assert np.abs(again / 4000 - 0.25).max() < 0.035
    assert np.abs(first / 4000 - 0.125).max() < 0.03


def test_annotators_have_orders_of_their_own():
    plan = planned(n=40, people=("a", "b"), repeat_share=0)
    orders = [[a.item for a in plan.of_annotator(p)] for p in "ab"]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    places = np.array([orders[1].index(i) for i in orders[0]])
    assert abs(np.corrcoef(places, np.arange(40))[0, 1]) < 0.5
    assert orders[0] != sorted(orders[0])


def test_ids_tell_nothing_and_no_spreadsheet_takes_them_for_numbers():
    plan = planned(n=90)
    ids = [a.id for a in plan.assignments]
    assert len(set(ids)) == len(ids)
    assert {len(i) for i in ids} == {20}
    assert all(i.isalnum() and i.islower() and i[0] == "q" for i in ids)
    by_repeat = [np.mean([ord(a.id[1]) for a in plan.assignments if bool(a.repeat_of) == r]) for r in (True, False)]
    assert abs(by_repeat[0] - by_repeat[1]) < 15


def test_ids_depend_on_the_secret_and_on_the_whole_design():
    plans = [a_plan(), a_plan(secret="s"), a_plan(seed=6)]
    ids = [{a.id for a in p.assignments} for p in plans]
    assert ids[0].isdisjoint(ids[1])
    assert ids[0].isdisjoint(ids[2])
    asked = [sorted((a.annotator, a.item) for a in p.assignments if not a.repeat_of) for p in plans[:2]]
    assert asked[0] == asked[1]


def test_the_order_of_what_is_given_does_not_matter():
    c = candidates()
    back = c.where(np.ones(len(c.items), dtype=bool))
    turned = Candidates(
        items=back.items[::-1],
        labeled=back.labeled[::-1],
        disagreement=back.disagreement[::-1],
        touched=back.touched[::-1],
        held_out=back.held_out[::-1],
    )
    counts = {"fresh": 10, "control": 6, "paired": 8}
    again = plan_round(turned, PEOPLE[::-1], counts=counts, round=2, seed=5)
    assert again.assignments == a_plan().assignments
    assert again.strata == a_plan().strata


def test_rounds_and_seeds_differ():
    one, two = (plan_round(FRESH, "ab", counts={"fresh": 10}, round=r, seed=1) for r in (1, 2))
    assert one.items != two.items
    assert planned(seed=1).items != planned(seed=2).items


def test_pairs_without_a_common_item_are_noted():
    plan = planned(n=3, people=("a", "b", "c", "d", "e"), repeat_share=0)
    assert "too few items for these pairs" in plan.notes[0]
    assert planned(n=40).notes == ()


def test_all_reasons_why_a_round_cannot_be_laid_out_are_listed():
    with pytest.raises(ParameterError) as error:
        plan_round(FRESH, ["a"], counts={"paired": 3, "frehs": 2, "control": -1}, round=1, seed=0)
    text = str(error.value)
    assert "there is 1 annotator for 2 different ones an item. Add 1 more." in text
    assert "3 paired items were asked for and there are 0: 3 too few" in text
    assert "did you mean 'fresh'" in text
    assert "counts['control']=-1" in text


@pytest.mark.parametrize(
    ("people", "counts", "message"),
    [
        (["a", "a", "b"], {"fresh": 9}, "annotators are named more than once: a"),
        (["a", " "], {"fresh": 9}, "an annotator has no name"),
        (["a", "b"], {}, "the round has no item"),
        (["a", "b", "c", "d", "e"], {"fresh": 1}, "1 item for 5 annotators leaves some without any"),
        (["a", "b"], {"fresh": 101}, "101 fresh items were asked for and there are 100: 1 too few"),
    ],
)
def test_a_round_that_cannot_be_is_refused_with_its_reason(people, counts, message):
    with pytest.raises(ParameterError, match=message):
        plan_round(FRESH, people, counts=counts, round=1, seed=0)


def test_repeats_that_do_not_fit_are_refused_with_what_would_fit():
    with pytest.raises(ParameterError, match="repeat_distance to at most 13"):
        planned(n=20, repeat_share=0.1, repeat_distance=13 + 5)
    assert planned(n=20, repeat_share=0.1, repeat_distance=13).assignments


def test_settings_that_are_not_allowed_are_all_named():
    with pytest.raises(ParameterError) as error:
        RoundSettings(annotators_per_item=1, repeat_share=0.9, repeat_distance=0, method="best")
    assert len(error.value.problems) == 4


def test_a_small_round_works_with_the_usual_settings():
    plan = plan_round(FRESH, ["a", "b"], counts={"fresh": 1}, round=1, seed=0)
    assert len(plan.assignments) == 4
    assert plan.to_frame().shape == (4, 7)
    assert plan.to_dict()["round"] == 1
    assert "2 annotators, 2 an item, 2 assignments each, 2 hidden repeats" in repr(plan)
