"""Sample sizes for kappa that other programs and papers give.

Cantor, A. B. (1996), Psychol. Methods 1, 150-153, as in R package irr 0.84.1, `N.cohen.kappa(rate1, rate2, k1, k0)`:
the example of its help page gives 96 (it makes 0.7 the true value and 0.85 the null value, so the study is one that
shows agreement to fall short). The other rows are values of the same formula, worked out on their own in
`test_cantors_formula_written_out`.

Flack, V. F. et al. (1988), Psychometrika 53, 321-325, as in irr 0.84.1, `N2.cohen.kappa`: all three examples of its
help page, with the outputs 101, 136, 18 that go with it.
"""

import math

import pytest

from labelqa.reliability.planning.plan import plan_agreement_study
from labelqa.reliability.planning.rates import AssumedRates

HALF, THIRD = (0.5, 0.5), (0.3, 0.7)
THREE, SIX = (0.2, 0.25, 0.55), (0.2, 0.05, 0.2, 0.05, 0.2, 0.3)
Z = {0.8: 0.8416212335729143, 0.9: 1.2815515655446004, 0.95: 1.6448536269514722}

CANTOR = [  # shares of the two annotators, true kappa, threshold, power, items
    (HALF, HALF, 0.7, 0.85, 0.8, 96),
    (HALF, HALF, 0.7, 0.85, 0.9, 142),
    (HALF, HALF, 0.4, 0.2, 0.8, 142),
    (THIRD, THIRD, 0.5, 0.3, 0.8, 154),
    ((0.2, 0.8), (0.25, 0.75), 0.4, 0.6, 0.8, 154),
]
FLACK = [(THREE, 0.6, 0.4, 0.8, 101), (THREE, 0.6, 0.4, 0.9, 136), (SIX, 0.5, 0.1, 0.8, 18)]


def planned(shares, true, threshold, power):
    rates = AssumedRates(agreement=true, class_shares=shares, n_annotators=2)
    return plan_agreement_study(rates, threshold=threshold, power=power, coefficient="cohen_kappa")


@pytest.mark.parametrize(("first", "second", "true", "threshold", "power", "items"), CANTOR)
def test_cantor_1996_is_reproduced(first, second, true, threshold, power, items):
    plan = planned((first, second), true, threshold, power)
    assert plan.n_items == items
    assert "Cantor 1996" in plan.formula


@pytest.mark.parametrize(("shares", "true", "threshold", "power", "items"), FLACK)
def test_flack_1988_is_reproduced(shares, true, threshold, power, items):
    assert planned(shares, true, threshold, power).n_items == items


def variance_of_kappa(first, second, kappa):
    """Cell by cell, after Fleiss, Cohen & Everitt (1969), for two classes with first-class rates `first`, `second`."""
    chance = first * second + (1 - first) * (1 - second)
    agreed = kappa * (1 - chance) + chance
    both = (agreed + first + second - 1) / 2
    cells = {(0, 0): both, (0, 1): first - both, (1, 0): second - both, (1, 1): agreed - both}
    rows, columns = (first, 1 - first), (second, 1 - second)
    total = sum(
        share * ((a == b) * (1 - chance) - (columns[a] + rows[b]) * (1 - agreed)) ** 2
        for (a, b), share in cells.items()
    )
    return (total - (agreed * chance - 2 * chance + agreed) ** 2) / (1 - chance) ** 4


@pytest.mark.parametrize(("first", "second", "true", "threshold", "power", "items"), CANTOR)
def test_cantors_formula_written_out(first, second, true, threshold, power, items):
    null, alternative = (math.sqrt(variance_of_kappa(first[0], second[0], k)) for k in (threshold, true))
    assert math.ceil(((Z[0.95] * null + Z[power] * alternative) / (true - threshold)) ** 2) == items


def test_two_equal_classes_are_the_same_with_all_three_coefficients():
    """With equal class shares of two annotators, kappa, pi and alpha have the same variance (Gwet 2014, ch. 5)."""
    rates = AssumedRates(agreement=0.8, class_shares=THIRD)
    found = [
        plan_agreement_study(rates, width=0.2, coefficient=c).item_variance
        for c in ("cohen_kappa", "fleiss_kappa", "krippendorff_alpha")
    ]
    assert found == pytest.approx([found[0]] * 3, rel=1e-5)
