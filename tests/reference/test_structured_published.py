"""Published numbers for sets, numbers and rankings."""

import numpy as np
import pytest

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.reliability.distance.estimate import distance_agreement
from labelqa.reliability.distance.intraclass import FORMS, intraclass_correlation
from labelqa.reliability.distance.rankings import ranking_agreement
from tests.reference import cases as ref

SETS = ref.cases()["dkpro_sets_masi"]


def sets(*, empty_too):
    rows = [
        (i, annotator, labels)
        for i, both in enumerate(SETS["ratings"])
        for annotator, labels in enumerate(both)
        if empty_too or all(both)
    ]
    return StructuredAnnotations.from_records(rows, kind="sets")


@pytest.mark.parametrize(
    ("distance", "empty_too", "key"),
    [
        ("masi", True, "alpha_masi"),
        ("jaccard", True, "alpha_jaccard"),
        ("nominal", True, "alpha_nominal"),
        ("masi", False, "nonempty_nltk_masi"),  # NLTK divides by zero on empty sets
        ("jaccard", False, "nonempty_nltk_jaccard"),
    ],
)
def test_alpha_on_sets_is_that_of_the_reference_file(distance, empty_too, key):
    result = distance_agreement(sets(empty_too=empty_too), distance)
    assert result.estimate == pytest.approx(SETS["computed"][key], abs=1e-12)


def test_a_callers_distance_gives_the_alpha_that_dkpro_prints():
    """DKPro's set distance, 0 equal, 1/3 subset (the empty set too), 2/3 crossing, 1 disjoint; its test prints .186."""

    def dkpro(a, b):
        return 0.0 if a == b else 1 / 3 if a <= b or b <= a else 2 / 3 if a & b else 1.0

    found = distance_agreement(sets(empty_too=True), dkpro).estimate
    assert found == pytest.approx(SETS["computed"]["alpha_set_dkpro_definition"], abs=1e-12)
    assert found == pytest.approx(SETS["published"]["alpha_set_dkpro"], abs=5e-4)


def test_intraclass_correlations_of_shrout_and_fleiss():
    """Shrout & Fleiss (1979), tables 2 and 4; 95 % intervals as psych::ICC prints them for these data."""
    result = intraclass_correlation(ref.cases()["shrout_fleiss1979_icc"]["ratings"])
    assert [round(result[form], 2) for form in FORMS] == [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    published = {
        "ICC(1,1)": (-0.133, 0.723),
        "ICC(2,1)": (0.019, 0.761),
        "ICC(3,1)": (0.342, 0.946),
        "ICC(1,k)": (-0.884, 0.912),
        "ICC(2,k)": (0.071, 0.927),
        "ICC(3,k)": (0.676, 0.986),
    }
    for form, limits in published.items():
        assert tuple(result.confidence_interval(form=form)) == pytest.approx(limits, abs=6e-4), form


ICC_CASES = [n for n, c in ref.cases().items() if "icc" in c["computed"]]


@pytest.mark.parametrize("name", ICC_CASES)
def test_intraclass_correlations_of_the_reference_file(name):
    case = ref.cases()[name]
    result = intraclass_correlation(case["ratings"])
    for key, value in case["computed"]["icc"].items():
        _, kind, size = key.split("_")
        assert result[f"ICC({kind},{size})"] == pytest.approx(value, abs=1e-12), key


def test_the_interval_of_absolute_agreement_is_that_of_irr():
    """R irr::icc(anxiety, model = "twoway", type = "agreement"): .198, 95 % interval -.039 to .494."""
    published = ref.cases()["irr_anxiety"]["published"]
    result = intraclass_correlation(ref.cases()["irr_anxiety"]["ratings"])
    assert result["ICC(2,1)"] == pytest.approx(published["icc_A1"], abs=5e-4)
    low, high = result.confidence_interval()
    assert (low, high) == pytest.approx((published["icc_A1_lo"], published["icc_A1_hi"]), abs=5e-4)


NAG = [
    [1.0, 4.5, 2.0, 4.5, 3.0, 7.5, 6.0, 9.0, 7.5, 10.0],
    [2.5, 1.0, 2.5, 4.5, 4.5, 8.0, 9.0, 6.5, 10.0, 6.5],
    [2.0, 1.0, 4.5, 4.5, 4.5, 4.5, 8.0, 8.0, 8.0, 10.0],
]


@pytest.mark.parametrize(
    ("scores", "w", "chi_square", "p"),
    [
        (NAG, 0.828, None, 0.008),  # NAG Library, example of routine G08DAF (10 objects, 3 comparisons, ties)
        (
            np.array(ref.cases()["irr_anxiety"]["ratings"]).T.tolist(),
            0.54,
            30.8,
            0.0429,
        ),  # R irr::kendall(anxiety, TRUE)
    ],
    ids=["nag_g08daf", "irr_anxiety"],
)
def test_kendalls_w_with_ties(scores, w, chi_square, p):
    rows = [("all", judge, dict(enumerate(row))) for judge, row in enumerate(scores)]
    result = ranking_agreement(StructuredAnnotations.from_records(rows, kind="rankings"))
    assert result.concordance == pytest.approx(w, abs=5e-4)
    assert result.p_value == pytest.approx(p, abs=5e-4)
    if chi_square is not None:
        assert result.chi_square == pytest.approx(chi_square, abs=0.05)
