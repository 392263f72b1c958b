"""Every coefficient, weighting, standard error and interval of the reference file."""

import math
from collections import defaultdict

import pytest

import labelqa as lq
from labelqa.reliability import names
from tests.reference import cases as ref

CHECKS = ref.computed_checks()
BY_CASE = defaultdict(list)
for check in CHECKS:
    BY_CASE[(check.case, check.key)].append(check)


def measured(check):
    weights = ref.cases()[check.case]["weights"] if check.weights == "table" else check.weights
    return lq.agreement(ref.annotations(check.case), check.coefficient, weights=weights)


def test_the_file_is_covered_whole():
    assert len(ref.cases()) == 71
    assert len(CHECKS) > 5000
    assert ref.untested_keys() == set(ref.NOT_A_COEFFICIENT_HERE)


@pytest.mark.parametrize("key", sorted(BY_CASE), ids=lambda k: "-".join(k))
def test_numbers_are_reproduced_to_nine_decimals(key):
    checks = BY_CASE[key]
    result = measured(checks[0])
    interval = result.confidence_interval()
    for check in checks:
        value = getattr(interval if check.field in ("low", "high") else result, check.field)
        assert value == pytest.approx(check.expected, abs=check.tolerance, rel=0, nan_ok=True), check.id
    assert math.isnan(result.estimate) == (result.undefined_because is not None)


CLASS_TABLES = [
    (name, key, case["computed"][key])
    for name, case in ref.cases().items()
    for key in ref.PER_CLASS
    if key in case["computed"] and case["level"] != "set"
]


@pytest.mark.parametrize(("name", "key", "expected"), CLASS_TABLES, ids=lambda v: v if isinstance(v, str) else "")
def test_class_values_are_those_of_the_class_against_the_rest(name, key, expected):
    frame = lq.class_agreement(ref.annotations(name), coefficient=ref.PER_CLASS[key]).to_frame()
    found = {str(c): e for c, e in zip(frame["class"], frame["estimate"], strict=True)}
    for class_name, value in expected.items():
        wanted = math.nan if value is None else value
        assert found[class_name] == pytest.approx(wanted, abs=1e-9, rel=0, nan_ok=True), class_name


PUBLISHED = [
    (name, key, value)
    for name, case in sorted(ref.cases().items())
    for key, value in case["published"].items()
    if key in (*ref.COEFFICIENT, *ref.WEIGHTED) and case.get("published_matches_computed", {}).get(key) is True
]


@pytest.mark.parametrize(("name", "key", "value"), PUBLISHED, ids=lambda v: str(v))
def test_printed_values_are_met_at_their_stated_tolerance(name, key, value):
    coefficient, weights = ref.WEIGHTED.get(key, (ref.COEFFICIENT.get(key), "identity"))
    if weights == "table":
        weights = ref.cases()[name]["weights"]
    result = lq.agreement(ref.annotations(name), coefficient, weights=weights)
    assert result.estimate == pytest.approx(value, abs=ref.cases()[name]["tolerance"])


REASONS = {
    "degenerate_all_one_label": names.ONE_CLASS,
    "degenerate_all_one_label_2raters": names.ONE_CLASS,
    "degenerate_single_rater": names.ONE_ANNOTATOR,
    "degenerate_no_overlap": names.NO_OVERLAP,
    "degenerate_one_item": names.ONE_CLASS,
    "degenerate_singletons_drop_class": names.ONE_CLASS,
    "degenerate_declared_unused_class": names.ONE_CLASS,
    "degenerate_all_missing": names.NO_LABELS,
}


@pytest.mark.parametrize(("name", "reason"), REASONS.items())
def test_degenerate_data_gives_nan_with_its_reason(name, reason):
    result = lq.agreement(ref.annotations(name))
    assert math.isnan(result.estimate)
    assert result.undefined_because == reason
    interval = result.confidence_interval()
    assert math.isnan(interval.low)
    assert interval.undefined_because == reason


@pytest.mark.parametrize("name", [n for n, c in ref.cases().items() if c["degenerate"] and n not in REASONS])
def test_other_degenerate_data_has_an_alpha(name):
    assert not math.isnan(lq.agreement(ref.annotations(name)).estimate)


def test_one_usable_item_keeps_the_estimate_and_explains_the_missing_interval():
    result = lq.agreement(ref.annotations("degenerate_one_item_disagree"))
    assert result.estimate == 0.0
    assert result.undefined_because is None
    assert result.interval_undefined_because == names.ONE_ITEM
    assert math.isnan(result.standard_error)
    for method in ("analytic", "jackknife", "bootstrap"):
        assert result.confidence_interval(method=method).undefined_because == names.ONE_ITEM


@pytest.mark.parametrize("coefficient", ["brennan_prediger", "gwet_ac"])
def test_a_declared_unused_class_makes_full_agreement_one(coefficient):
    declared = ref.annotations("degenerate_declared_unused_class", classes=("a", "b"))
    assert lq.agreement(declared, coefficient).estimate == 1.0


def test_percent_agreement_is_shown_where_only_one_class_was_used():
    assert lq.agreement(ref.annotations("degenerate_all_one_label"), "percent_agreement").estimate == 1.0


def test_rank_weights_are_krippendorffs_ordinal_metric_and_not_gwets():
    four = ref.annotations("krippendorff2011_C")
    assert lq.agreement(four, weights="rank").estimate == pytest.approx(0.8154, abs=5e-5)
    assert lq.agreement(four, weights="ordinal").estimate == pytest.approx(0.8336, abs=5e-5)
    hayes = ref.annotations("hayes_krippendorff2007")
    assert lq.agreement(hayes, weights="rank").estimate == pytest.approx(0.7598, abs=5e-5)
    assert lq.agreement(hayes, weights="ordinal").estimate == pytest.approx(0.7073, abs=5e-5)


def test_benchmark_probabilities_are_gwets():
    """Gwet (2014), benchmarking of AC1 on Krippendorff's 12 items: .39674, .88336, .99542."""
    result = lq.agreement(ref.annotations("krippendorff2011_C"), "gwet_ac")
    for scale in ("altman", "landis_koch"):
        found = result.benchmark(scale)
        assert found.to_frame()["cumulative"].head(3).tolist() == pytest.approx([0.39674, 0.88336, 0.99542], abs=2e-5)
        assert found.band == "Moderate"
        assert found.probability == pytest.approx(0.99542, abs=2e-5)


def test_fleiss_1971_class_values_are_exact():
    frame = lq.class_agreement(ref.annotations("fleiss1971_diagnoses"), coefficient="fleiss_kappa").to_frame()
    by_class = frame.sort_values("class")["estimate"].round(3).tolist()
    assert by_class == [0.245, 0.245, 0.520, 0.471, 0.566]
