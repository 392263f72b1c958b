"""Items that were not chosen at random, and simulations small enough for every run."""

import math

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError
from labelqa.reliability.comparison.compare import compare_agreement
from tests.comparison_model import Setting, drawn, relabeled
from tests.unit.reliability.test_compare import rounds


def test_equal_probabilities_change_no_number_of_a_paired_comparison():
    before, after = rounds(noise=(0.5, 0.3))
    plain = compare_agreement(before, after)
    equal = compare_agreement(before, after, selection={f"i{j}": 0.25 for j in range(40)})
    for name in ("difference", "standard_error", "low", "high", "p_value", "p_permutation"):
        assert getattr(equal, name) == pytest.approx(getattr(plain, name), abs=1e-12), name
    ends = equal.before.confidence_interval(method="bootstrap", rng=1)
    assert ends.low < equal.before.estimate < ends.high
    jackknife = [r.before.confidence_interval(method="jackknife").low for r in (plain, equal)]
    assert jackknife[0] == pytest.approx(jackknife[1], abs=1e-12)


@pytest.mark.parametrize("coefficient", ["krippendorff_alpha", "gwet_ac", "conger_kappa", "cohen_kappa"])
def test_probability_one_half_counts_an_item_twice(coefficient):
    """Hajek weights against data in which these items stand twice."""
    before, after = rounds(n=20, noise=(0.5, 0.3))
    selection = {f"i{j}": 0.5 if j < 8 else 1.0 for j in range(20)}
    weighted = compare_agreement(before, after, coefficient, selection=selection, n_permutations=99)
    twice = []
    for part in (before, after):
        frame = part.to_frame()
        again = frame[frame["item"].isin([f"i{j}" for j in range(8)])]
        long = pd.concat([frame, again.assign(item=again["item"] + "'")])
        doubled = Annotations.from_frame(long, item="item", annotator="annotator", label="label", classes=list("abc"))
        twice.append(lq.agreement(doubled, coefficient).estimate)
    found = [weighted.before.estimate, weighted.after.estimate]
    tolerance = 0.02 if coefficient == "krippendorff_alpha" else 1e-9  # alpha's correction knows the number of labels
    assert found == pytest.approx(twice, abs=tolerance)


def test_a_series_of_probabilities_is_taken_and_unequal_ones_are_pointed_out():
    before, after = rounds()
    selection = pd.Series(np.linspace(0.2, 1, 40), index=[f"i{j}" for j in range(40)])
    found = compare_agreement(before, after, selection=selection)
    assert "unequal probabilities" in found.warnings[0]
    assert math.isfinite(found.before.standard_error)


def test_with_selection_only_shared_items_are_compared():
    before, after = rounds(n=40)
    part = after.where(item=[f"i{j}" for j in range(25)])
    found = compare_agreement(before, part, selection={f"i{j}": 0.5 for j in range(25)})
    assert (found.design, found.n_shared, found.before.n_items) == ("paired", 25, 25)
    assert any("15 others are left out" in text for text in found.warnings)


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"i0": 0.5}, "no probability for 39 of 40 compared items"),
        ({f"i{j}": 0.0 for j in range(40)}, "'i0': 0.0, which is no probability of selection"),
        ({f"i{j}": "half" for j in range(40)}, "no probability of selection"),
        ({f"i{j}": math.nan for j in range(40)}, "no probability of selection"),
        ([0.5] * 40, "selection is a list, which names no items"),
    ],
)
def test_wrong_probabilities_are_refused_with_the_item(selection, message):
    with pytest.raises(ParameterError, match=message):
        compare_agreement(*rounds(), selection=selection)


def test_selection_needs_item_names():
    patterns = [lq.CountPatterns.from_annotations(p) for p in rounds()]
    with pytest.raises(ParameterError, match="count patterns hold no item names"):
        compare_agreement(*patterns, selection={"i0": 1.0})


def test_items_chosen_for_disagreement_are_noticed_and_random_ones_are_not():
    setting = Setting(n=400)
    rng = np.random.default_rng(1)
    before, after, _ = relabeled(rng, setting, disputed=0.9, agreed=0.1)
    assert "regression to the mean" in compare_agreement(before, after, n_permutations=99).warnings[0]
    before, after, _ = relabeled(rng, setting, disputed=0.4, agreed=0.4)
    assert not any("regression" in text for text in compare_agreement(before, after, n_permutations=99).warnings)


def test_selection_weights_remove_the_regression_to_the_mean():
    """Nothing changes between the rounds; mean of 40 differences on items chosen mostly because of disagreement."""
    rng = np.random.default_rng(0)
    plain, weighted = [], []
    for _ in range(40):
        before, after, chosen = relabeled(rng, Setting(n=300), disputed=0.8, agreed=0.2)
        shared = before.where(item=list(after.items))
        plain.append(compare_agreement(shared, after, n_permutations=99).difference)
        weighted.append(compare_agreement(before, after, selection=chosen, n_permutations=99).difference)
    assert np.mean(plain) > 0.1
    assert abs(np.mean(weighted)) < 3 * np.std(weighted) / math.sqrt(40)


@pytest.mark.parametrize("design", ["paired", "independent", "mixed"])
def test_the_permutation_test_rejects_about_five_percent_when_nothing_changed(design):
    """200 samples: 5 % +- 3 standard errors is under 10 %. Full size: tests/bench/comparison.py."""
    rng = np.random.default_rng(7)
    setting = Setting(n=30, design=design)
    p_values = [compare_agreement(*drawn(rng, setting), n_permutations=99).p_permutation for _ in range(200)]
    assert np.mean(np.array(p_values) <= 0.05) < 0.1
    assert np.mean(np.array(p_values) <= 0.5) == pytest.approx(0.5, abs=0.12)
