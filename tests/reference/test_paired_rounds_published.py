"""Gwet 2016: the change between two rounds on the same 15 items, 4 annotators, 3 classes.

Numbers printed in the README of kgwet/pairedCAC (five coefficients); AC1's were computed with irrCAC's linearised terms
(the key `computed.paired_test` of the file). Tolerance 1e-6: the print has seven digits.
"""

import numpy as np
import pytest

from labelqa.counts.who import WhoCounts
from labelqa.reliability.comparison.compare import compare_agreement
from labelqa.reliability.comparison.pair import with_joint_schema
from labelqa.reliability.conger import CongerSample
from labelqa.reliability.weights import IdentityWeights
from labelqa.reliability.who import WhoLabeled
from tests.reference import cases as ref

CASE = "gwet_paired_rounds"
ROWS = [
    ("fleiss_kappa", 0.3391840, 0.1574322, 0.04910569),
    ("gwet_ac", 0.3304628, 0.1452689, 0.03917311),
    ("brennan_prediger", 0.3333333, 0.1477342, 0.04056859),
    ("percent_agreement", 0.2222222, 0.09848947, 0.04056859),
    ("conger_kappa", 0.3318275, 0.1527202, 0.04745695),
    ("krippendorff_alpha", 0.3335309, 0.1548083, 0.04910569),
]


def rounds():
    return ref.annotations(CASE), ref.annotations(CASE + ref.SECOND_ROUND)


@pytest.mark.parametrize(("coefficient", "difference", "error", "p_value"), ROWS, ids=[r[0] for r in ROWS])
def test_published_paired_differences_are_reproduced(coefficient, difference, error, p_value):
    found = compare_agreement(*rounds(), coefficient, n_permutations=99)
    assert found.design == "paired"
    assert found.difference == pytest.approx(difference, abs=1e-6)
    assert found.standard_error == pytest.approx(error, abs=1e-6)
    assert found.p_value == pytest.approx(p_value, abs=1e-6)


def test_the_printed_t_statistic_and_its_degrees_of_freedom_are_reproduced():
    found = compare_agreement(*rounds(), "fleiss_kappa", n_permutations=99)
    assert found.difference / found.standard_error == pytest.approx(2.154477, abs=1e-6)
    half = 2.1447866879 * found.standard_error  # t quantile .975 with 14 degrees of freedom
    assert (found.low, found.high) == pytest.approx((found.difference - half, found.difference + half), abs=1e-8)


def test_the_printed_errors_follow_from_congers_linearised_values_too():
    """The same difference by another way: round by round, in which an item is found by who said what on it."""
    linear = []
    for part in with_joint_schema(*rounds()):
        counts, row_of_item = WhoCounts.of(part)
        sample = CongerSample.of(WhoLabeled.of(counts, IdentityWeights(3)))
        value, slope = sample.linearised(counts.multiplicity)
        linear.append((value + counts.multiplicity.sum() * slope)[row_of_item])
    d = linear[1] - linear[0]
    assert d.mean() == pytest.approx(0.3318275, abs=1e-6)
    assert d.std(ddof=1) / np.sqrt(d.size) == pytest.approx(0.1527202, abs=1e-6)
