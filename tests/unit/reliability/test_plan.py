"""Plans of agreement studies."""

import json
import math

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.annotations.table import Annotations
from labelqa.charts.svg import chart_svg
from labelqa.counts.patterns import CountPatterns
from labelqa.errors import ParameterError, RoundsError
from labelqa.reliability import names
from labelqa.reliability.estimate import agreement
from labelqa.reliability.planning.plan import plan_agreement_study
from labelqa.reliability.planning.population import assumed_population, pilot_population
from labelqa.reliability.planning.rates import AssumedRates
from labelqa.reliability.planning.result import COLUMNS

RATES = AssumedRates(agreement=0.8, class_shares=(0.7, 0.2, 0.1), n_annotators=3)
GOALS = [{"width": 0.2}, {"threshold": 0.667}, {"change": 0.1}]


def pilot(n=120, seed=0, missing=0.1):
    rng = np.random.default_rng(seed)
    truth = rng.choice(list("abc"), size=n, p=[0.5, 0.3, 0.2])
    columns = {}
    for name in ("ann", "ben", "cat"):
        labels = np.where(rng.random(n) < 0.85, truth, rng.choice(list("abc"), size=n)).astype(object)
        labels[rng.random(n) < missing] = None
        columns[name] = labels
    return Annotations.from_wide(pd.DataFrame(columns))


@pytest.mark.parametrize("coefficient", names.COEFFICIENTS)
def test_a_study_as_large_as_the_pilot_is_planned_to_be_as_wide_as_the_pilot_is(coefficient):
    data = pilot(missing=0.0).where(annotator=["ann", "ben"])
    found = agreement(data, coefficient)
    width = 2 * (found.estimate - found.confidence_interval().low)
    plan = plan_agreement_study(data, width=width + 1e-9, coefficient=coefficient)
    assert plan.n_items == found.n_items
    assert plan.value == found.estimate


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: next(iter(goal)))
@pytest.mark.parametrize("data", [pilot(), RATES], ids=["pilot", "assumed"])
def test_the_planned_number_is_the_smallest_that_suffices(goal, data):
    plan = plan_agreement_study(data, **goal)
    frame = plan.to_frame()
    enough = frame["width"] <= 0.2 if "width" in goal else frame["power"] >= 0.8
    assert (enough == (frame["n_items"] >= plan.n_items)).all()
    rounds = 2 if "change" in goal else 1
    assert plan.n_labels == math.ceil(rounds * plan.n_items * plan.labels_per_item)


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: next(iter(goal)))
def test_the_simulated_studies_keep_the_plans_promise(goal):
    plan = plan_agreement_study(RATES, **goal)
    found = plan.simulate(400, rng=1).realised
    error = 0.5 / math.sqrt(400)
    frame = plan.to_frame()
    assert found.width == pytest.approx(frame.loc[frame["planned"], "width"].item(), rel=0.03)
    assert found.coverage >= 0.95 - 2 * error
    assert found.power == pytest.approx(0.5 if "width" in goal else 0.8, abs=3 * error)
    assert found.n_undefined == 0


@pytest.mark.parametrize("coefficient", ["krippendorff_alpha", "cohen_kappa", "conger_kappa"])
@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: next(iter(goal)))
def test_a_pilot_is_checked_by_drawing_its_items_again(goal, coefficient):
    check = plan_agreement_study(pilot(), coefficient=coefficient, **goal).simulate(60)
    planned, realised = check.to_frame().loc[0, ["planned", "realised"]]
    assert realised == pytest.approx(planned, rel=0.1)
    assert 0.3 <= check.realised.power <= 1
    assert "simulated studies" in repr(check)


def test_the_same_seed_gives_the_same_check():
    plan = plan_agreement_study(RATES, width=0.3)
    assert plan.simulate(20).to_dict() == plan.simulate(20).to_dict()
    assert plan.simulate(20).to_dict() != plan.simulate(20, rng=1).to_dict()


def test_annotations_and_their_counts_give_the_same_plan():
    data = pilot()
    one, other = (plan_agreement_study(d, threshold=0.5) for d in (data, CountPatterns.from_annotations(data)))
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())
    assert one.warnings == other.warnings


@pytest.mark.parametrize(
    ("coefficient", "weights"),
    [
        ("percent_agreement", "identity"),
        ("brennan_prediger", "linear"),
        ("scott_pi", "identity"),
        ("fleiss_kappa", "ordinal"),
        ("gwet_ac", "ordinal"),
        ("krippendorff_alpha", "rank"),
        ("krippendorff_alpha", "interval"),
        ("cohen_kappa", "quadratic"),
    ],
)
@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.6, 0.3, 0.1)])
def test_the_assumed_population_has_the_assumed_agreement(coefficient, weights, shares):
    rates = AssumedRates(agreement=0.9, class_shares=shares)
    plan = plan_agreement_study(rates, width=0.1, coefficient=coefficient, weights=weights)
    study = plan._population.draw(400_000, np.random.default_rng(0))
    found = agreement(study, coefficient, weights=weights)
    assert found.estimate == pytest.approx(0.9, abs=5 * found.standard_error)
    assert found.standard_error**2 * 400_000 == pytest.approx(plan.item_variance, rel=0.05)


def test_many_classes_are_simulated_instead_of_enumerated_and_say_so():
    rates = AssumedRates(agreement=0.7, class_shares=(0.02,) * 50, n_annotators=5)
    plan = plan_agreement_study(rates, width=0.1)
    assert "simulated items" in plan.basis
    assert plan.n_items == plan_agreement_study(rates, width=0.1).n_items


def test_correlated_rounds_on_the_same_items_need_fewer_items():
    assumed = {"agreement": 0.7, "class_shares": (0.6, 0.4)}
    alone = plan_agreement_study(AssumedRates(**assumed), change=0.1)
    alike = plan_agreement_study(AssumedRates(**assumed, correlation=0.5), change=0.1)
    assert alone.n_items == alone.n_items_paired == alike.n_items
    assert alike.n_items_paired < 0.6 * alike.n_items
    assert "if both rounds label the same items" in repr(alike)
    frame = alike.to_frame()
    assert (frame["power_paired"] >= frame["power"]).all()


def test_a_fall_and_a_rise_are_both_planned():
    rise, fall = (plan_agreement_study(RATES, change=c) for c in (0.1, -0.1))
    assert fall.n_items > rise.n_items  # lower agreement varies more
    assert "-0.100" in repr(fall)


def test_a_value_below_the_threshold_plans_to_show_that_agreement_falls_short():
    plan = plan_agreement_study(RATES, threshold=0.9)
    assert "is below 0.900 if it is 0.800" in repr(plan)
    assert "falls short" in plan.warnings[0]
    assert plan.simulate(300).realised.power == pytest.approx(0.8, abs=0.09)


def test_more_power_and_more_confidence_need_more_items():
    sizes = [
        plan_agreement_study(RATES, threshold=0.7, confidence=c, power=p).n_items
        for c, p in ((0.9, 0.8), (0.95, 0.8), (0.95, 0.9), (0.99, 0.9))
    ]
    assert sizes == sorted(set(sizes))


def test_other_sizes_are_a_tidy_table_around_the_plan():
    plan = plan_agreement_study(RATES, threshold=0.7)
    frame = plan.to_frame()
    assert tuple(frame.columns) == COLUMNS
    assert frame.loc[frame["planned"], "n_items"].tolist() == [plan.n_items]
    assert frame["n_items"].is_monotonic_increasing
    assert frame["power"].is_monotonic_increasing
    assert frame["width"].is_monotonic_decreasing
    assert frame["n_items"].iloc[0] < plan.n_items / 3 < 3 * plan.n_items < frame["n_items"].iloc[-1]


def all_alike():
    return Annotations.from_wide(pd.DataFrame({"ann": list("aabb"), "ben": list("aabb")}))


UNDEFINED = [
    (Annotations.from_wide(pd.DataFrame({"ann": ["a"] * 4, "ben": ["a"] * 4})), {"width": 0.1}, names.ONE_CLASS),
    (Annotations.from_wide(pd.DataFrame({"ann": ["a", "b"]})), {"width": 0.1}, names.ONE_ANNOTATOR),
    (all_alike(), {"width": 0.1}, "do not vary"),
    (AssumedRates(agreement=1.0, class_shares=(0.5, 0.5)), {"width": 0.1}, "every study gives the same value"),
    (AssumedRates(agreement=0.8, class_shares=(0.5, 0.5)), {"threshold": 0.8}, "nothing to show"),
    (AssumedRates(agreement=0.8, class_shares=(0.5, 0.5)), {"width": 1e-6}, "more than a billion items"),
]


@pytest.mark.parametrize(("data", "goal", "reason"), UNDEFINED, ids=[u[2] for u in UNDEFINED])
def test_where_there_is_no_number_there_is_a_reason(data, goal, reason):
    plan = plan_agreement_study(data, **goal)
    assert plan.n_items is None
    assert reason in plan.undefined_because
    assert reason in repr(plan)
    assert plan.to_frame().columns.tolist() == list(COLUMNS)
    assert json.dumps(plan.to_dict(), allow_nan=False)
    with pytest.raises(ParameterError, match="no number of items"):
        plan.simulate()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "none was given"),
        ({"width": 0.1, "change": 0.1}, "width, change was given"),
        ({"width": 0.0}, "between 0 and 2"),
        ({"width": "0.1"}, "between 0 and 2"),
        ({"threshold": 1.0}, "between -1 and 1"),
        ({"change": 0.0}, "other than 0"),
        ({"change": 0.3}, "would end outside"),
        ({"width": 0.1, "power": 80}, "power 80"),
        ({"width": 0.1, "confidence": 0}, "confidence 0"),
        ({"threshold": 0.6, "confidence": 0.5}, "not a level of a one-sided test"),
        ({"width": 0.1, "coefficient": "alpha"}, "krippendorff_alpha"),
        ({"width": 0.1, "coefficient": "conger_kappa"}, "needs a pilot"),
        ({"width": 0.1, "coefficient": "cohen_kappa"}, "two annotators, not 3"),
        ({"width": 0.1, "coefficient": "gwet_ac", "weights": "rank"}, "needs a pilot"),
        ({"width": 0.1, "weights": "rnk"}, "allowed: identity"),
    ],
)
def test_a_wrong_goal_says_what_is_allowed(options, says):
    with pytest.raises(ParameterError, match=says):
        plan_agreement_study(RATES, **options)


@pytest.mark.parametrize(
    "assumed",
    [
        {"agreement": 1.2},
        {"agreement": "0.8"},
        {"class_shares": (0.5, 0.6)},
        {"class_shares": (1.0, 0.0)},
        {"class_shares": "0.5"},
        {"class_shares": ("a", "b")},
        {"class_shares": ((0.5, 0.5), (0.4, 0.3, 0.3))},
        {"n_annotators": 1},
        {"n_annotators": 2.5},
        {"correlation": -0.1},
        {"correlation": -1e-300},
        {"correlation": 1.0},
    ],
    ids=str,
)
def test_assumptions_out_of_range_are_refused(assumed):
    with pytest.raises(ParameterError, match="cannot be assumed"):
        AssumedRates(**({"agreement": 0.8, "class_shares": (0.5, 0.5)} | assumed))


def test_assumptions_that_contradict_each_other_are_refused():
    apart = AssumedRates(agreement=0.9, class_shares=((0.9, 0.1), (0.1, 0.9)))
    with pytest.raises(ParameterError, match="no two annotators"):
        plan_agreement_study(apart, width=0.1, coefficient="cohen_kappa")
    with pytest.raises(ParameterError, match="one set of class shares"):
        plan_agreement_study(apart, width=0.1)
    with pytest.raises(ParameterError, match="unrelated labels"):
        plan_agreement_study(AssumedRates(agreement=0.3, class_shares=(0.95, 0.05)), width=0.1, coefficient="gwet_ac")
    three = AssumedRates(agreement=0.9, class_shares=((0.8, 0.1, 0.1), (0.1, 0.1, 0.8)))
    with pytest.raises(ParameterError, match="no two annotators"):
        plan_agreement_study(three, width=0.1, coefficient="cohen_kappa")


def test_rounds_of_a_pilot_are_refused():
    long = pd.DataFrame({"i": [1, 1], "a": [1, 2], "l": ["x", "y"], "r": [1, 2]})
    with pytest.raises(RoundsError):
        plan_agreement_study(Annotations.from_frame(long, item="i", annotator="a", label="l", round="r"), width=0.1)


def test_cautions_name_the_rare_class_the_small_pilot_and_the_ceiling():
    rare = plan_agreement_study(AssumedRates(agreement=0.6, class_shares=(0.9, 0.05, 0.05)), threshold=0.2)
    assert any("class '2' gets about" in w for w in rare.warnings)
    small = plan_agreement_study(pilot(n=20), width=0.2)
    assert any("pilot items have two labels" in w for w in small.warnings)
    top = plan_agreement_study(AssumedRates(agreement=0.95, class_shares=(0.5, 0.5)), width=0.3)
    assert any("beyond 1" in w for w in top.warnings)
    single = plan_agreement_study(pilot(missing=0.4), width=0.2)
    assert any("a single label" in w for w in single.warnings)
    assert "caution:" in repr(single)
    assert plan_agreement_study(RATES, threshold=0.667).warnings == ()


def test_items_without_labels_are_not_drawn():
    data = pilot()
    padded = CountPatterns.from_annotations(data) + CountPatterns(
        patterns=np.zeros((1, 3), dtype=int), multiplicity=np.array([50]), schema=data.schema
    )
    population = pilot_population(padded, "krippendorff_alpha", "identity")
    assert population.draw(200, np.random.default_rng(0)).rows.sums().min() >= 1
    assert population.variance == pytest.approx(pilot_population(data, "krippendorff_alpha", "identity").variance)


def test_drawn_annotations_keep_who_labeled():
    population = pilot_population(pilot(), "conger_kappa", "identity")
    study = population.draw(5000, np.random.default_rng(0))
    assert study.n_items == 5000
    assert agreement(study, "conger_kappa").estimate == pytest.approx(population.value, abs=0.03)


def test_the_planned_population_is_the_cautious_one():
    """Items that lean more or less towards a class (Dirichlet-multinomial) agree as much with less variance."""
    rates = AssumedRates(agreement=0.5, class_shares=(0.6, 0.4), n_annotators=4)
    rng = np.random.default_rng(0)
    leaning = rng.multinomial(4, rng.dirichlet(np.array([0.6, 0.4]), size=200_000))
    times = np.ones(len(leaning), dtype=int)
    cautious = assumed_population(rates, "fleiss_kappa", "identity")
    found = agreement(
        CountPatterns(patterns=leaning, multiplicity=times, schema=cautious.patterns.schema), "fleiss_kappa"
    )
    assert found.estimate == pytest.approx(0.5, abs=0.01)
    assert found.standard_error**2 * 200_000 < cautious.variance


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: next(iter(goal)))
def test_a_plan_speaks_is_json_safe_and_is_drawn(goal):
    plan = plan_agreement_study(RATES, **goal)
    assert 3 <= len(repr(plan).splitlines()) <= 6
    assert "next:" in repr(plan).splitlines()[-1]
    content = json.loads(json.dumps(plan.to_dict(), allow_nan=False))
    assert content["schema_version"] == 1
    assert content["n_items"] == plan.n_items
    assert "Items" in chart_svg(plan.plot(), title="t")
    assert "<table" in plan._repr_html_()


def test_class_shares_may_be_an_array_or_a_series():
    expected = plan_agreement_study(AssumedRates(agreement=0.8, class_shares=(0.7, 0.3)), width=0.2).n_items
    for shares in (np.array([0.7, 0.3]), pd.Series([0.7, 0.3])):
        rates = AssumedRates(agreement=0.8, class_shares=shares)
        assert plan_agreement_study(rates, width=0.2).n_items == expected


@pytest.mark.parametrize("n_runs", [1, "many", 2.5])
def test_a_wrong_number_of_runs_is_named_as_such(n_runs):
    with pytest.raises(ParameterError, match="n_runs="):
        plan_agreement_study(RATES, width=0.2).simulate(n_runs)


@pytest.mark.parametrize("coefficient", ["cohen_kappa", "conger_kappa"])
def test_a_pilot_of_counts_that_know_who_labeled_is_simulated_like_its_annotations(coefficient):
    data = pilot()
    counts = lq.count_patterns(data.to_frame(), item="item", label="label", annotator="annotator")
    one, other = (plan_agreement_study(d, width=0.3, coefficient=coefficient) for d in (data, counts))
    assert one.n_items == other.n_items
    found = [plan.simulate(150).realised for plan in (one, other)]
    assert [f.n_undefined for f in found] == [0, 0]
    assert found[1].width == pytest.approx(found[0].width, rel=0.05)
    assert found[1].value == pytest.approx(one.value, abs=0.03)
