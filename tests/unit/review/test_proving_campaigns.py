"""Simulated campaigns, few and seeded: who made agreement better is found. The many: `tests/bench/campaigns.py`."""

from dataclasses import replace

import numpy as np

from labelqa.review.proving.measuring import measure_change
from tests.unit.review.campaigns import IMPROVED, LEARNED, REGRESSED, RULE, UNCHANGED, simulate

LARGE = {"n_before": 400, "n_held_out": 200, "n_fresh": 200, "n_paired": 0}


def proofs(campaign, n, seed):
    found = [simulate(campaign, np.random.default_rng([seed, run])) for run in range(n)]
    return [measure_change(f.before, f.after, strata=f.strata, changed_rules=[RULE], n_permutations=199) for f in found]


def test_a_better_reading_of_a_border_is_found_and_credited_to_its_rule():
    found = proofs(replace(IMPROVED, **LARGE), 4, seed=1)
    assert sum(proof.verdict == "improved" for proof in found) >= 3
    assert sum(proof.rules["credit"].iloc[0] == "rules" for proof in found) >= 3
    assert not any(proof.regressions for proof in found)


def test_nothing_is_claimed_where_nothing_changed_though_items_were_chosen_for_disagreement():
    again = replace(UNCHANGED, n_held_out=0, n_fresh=0, n_before=600, n_paired=200, n_control=0, restricted=False)
    for campaign in (UNCHANGED, again):
        found = proofs(campaign, 5, seed=2)
        assert sum(proof.verdict == "improved" for proof in found) <= 1
        assert sum(proof.rules["credit"].iloc[0] == "rules" for proof in found) <= 1


def test_mere_learning_is_not_credited_to_the_rule():
    found = proofs(replace(LEARNED, **LARGE), 4, seed=3)
    assert all(proof.verdict == "improved" for proof in found)
    assert sum(proof.rules["credit"].iloc[0] == "rules" for proof in found) <= 1
    assert sum(proof.credit == "learning" for proof in found) >= 3


def test_a_regression_in_another_class_is_found():
    found = proofs(replace(REGRESSED, **LARGE), 4, seed=4)
    assert sum(bool({"rust", "stain"} & set(proof.regressions)) for proof in found) >= 3
    assert not any(set(proof.regressions) - {"rust", "stain"} for proof in found)
