"""Dawid-Skene on the data it was made for.

Source of data and numbers: Dawid, A. P. & Skene, A. M. (1979). Maximum likelihood estimation of observer error-rates
using the EM algorithm. Appl. Stat. 28, 20-28: table 1 (45 patients, five anaesthetists, four classes of fitness; the
first saw each patient three times; taken from copies of the table in public code) and table 2 (class shares and error
rates of the first, as they are commonly quoted with two digits, hence .006).
"""

from __future__ import annotations

import numpy as np
import pytest

from labelqa.aggregation.confusions import dawid_skene
from labelqa.aggregation.em import Setting, run_em
from labelqa.aggregation.labeltable import LabelTable

# One string a patient: three readings of the first anaesthetist, one of each other.
READINGS = (
    "1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212 "
    "1211111 1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 "
    "1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 "
    "2322222 1211111 2222222 "
)
WHO = (0, 0, 0, 1, 2, 3, 4)
SHARES = (0.40, 0.42, 0.11, 0.07)
FIRST = ((0.89, 0.11, 0.00, 0.00), (0.07, 0.88, 0.05, 0.00), (0.00, 0.34, 0.66, 0.00), (0.00, 0.00, 0.56, 0.44))


@pytest.fixture(scope="module")
def fit():
    rows = np.array(
        [(i, g, int(c) - 1) for i, text in enumerate(READINGS.split()) for g, c in zip(WHO, text, strict=True)]
    )
    table = LabelTable.from_codes(*rows.T.astype(np.int32), (45, 5, 4))
    return run_em(table, dawid_skene, Setting(prior_count=0.0, tolerance=1e-10, max_iterations=1000))


def test_class_shares_are_the_published_ones(fit):
    assert np.exp(fit.parameters.log_prior) == pytest.approx(SHARES, abs=0.006)


def test_error_rates_of_the_first_anaesthetist_are_the_published_ones(fit):
    assert np.exp(fit.parameters.log_confusion[0]) == pytest.approx(np.array(FIRST), abs=0.006)


def test_a_fixed_point_was_reached(fit):
    assert fit.converged
