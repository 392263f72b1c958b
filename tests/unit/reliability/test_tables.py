"""Per class, per pair of classes, per annotator, per item, per group."""

import math

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import WHO_UNKNOWN
from labelqa.errors import ColumnError, ParameterError, RoundsError
from labelqa.reliability import names
from tests.unit.reliability.data import table

WIDE = pd.DataFrame(
    {
        "ann": ["a", "a", "b", "b", "c", None],
        "ben": ["a", "b", "b", "c", "c", "a"],
        "cat": ["a", "a", "b", None, "c", None],
    }
)


@pytest.fixture
def small():
    return Annotations.from_wide(WIDE)


def test_class_shares_of_disagreement_add_up_and_lead_with_the_worst(small):
    frame = lq.class_agreement(small).to_frame()
    assert frame["share_of_disagreement"].sum() == pytest.approx(1)
    assert frame["share_of_disagreement"].is_monotonic_decreasing
    assert frame["class"].tolist()[0] == "b"  # b splits with a (weight 2/2) and with c (1/1)
    assert frame.set_index("class").loc["b", "n_annotations"] == 5


@pytest.mark.parametrize("coefficient", ["krippendorff_alpha", "gwet_ac", "conger_kappa"])
def test_a_class_value_is_that_of_the_table_with_other_classes_merged(coefficient):
    annotations = table(n=40, m=4, k=4, seed=3)
    frame = lq.class_agreement(annotations, coefficient=coefficient).to_frame().set_index("class")
    for name in annotations.schema.classes:
        others = [c for c in annotations.schema.classes if c != name]
        merged = lq.agreement(annotations.merge_classes({"other": others}), coefficient)
        assert frame.loc[name, "estimate"] == pytest.approx(merged.estimate, abs=1e-12)
        assert frame.loc[name, "standard_error"] == pytest.approx(merged.standard_error, abs=1e-12)


def test_a_declared_class_without_labels_is_listed_with_its_reason():
    annotations = Annotations.from_wide(WIDE, classes=["a", "b", "c", "d"])
    row = lq.class_agreement(annotations).to_frame().set_index("class").loc["d"]
    assert row["n_annotations"] == 0
    assert row["reason"] == "the class was not used"


def test_pairs_of_annotators_are_cohens_kappa_on_their_shared_items(small):
    pairs = lq.annotator_agreement(small).pairs.set_index(["annotator", "other"])
    for a, b in (("ann", "ben"), ("ann", "cat"), ("ben", "cat")):
        alone = lq.agreement(small.where(annotator=[a, b]), "cohen_kappa")
        assert pairs.loc[(a, b), "estimate"] == pytest.approx(alone.estimate)
        assert pairs.loc[(a, b), "standard_error"] == pytest.approx(alone.standard_error)


def test_against_the_rest_is_cohens_kappa_for_two_annotators():
    two = table(n=50, m=2, k=3, missing=0.2, seed=2)
    kappa = lq.agreement(two, "cohen_kappa", weights="linear")
    rest = lq.annotator_agreement(two, weights="linear").against_rest
    assert rest["estimate"].tolist() == pytest.approx([kappa.estimate] * 2)
    assert rest["standard_error"].tolist() == pytest.approx([kappa.standard_error] * 2)


def test_the_careless_annotator_is_listed_first():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 200)
    wide = pd.DataFrame({g: np.where(rng.random(200) < 0.1, rng.integers(0, 3, 200), truth) for g in ("x", "y", "z")})
    wide["careless"] = rng.integers(0, 3, 200)
    frame = lq.annotator_agreement(Annotations.from_wide(wide)).against_rest
    assert frame.loc[0, "annotator"] == "careless"
    assert frame.loc[0, "low"] < 0 < frame.loc[0, "high"]


def test_an_annotator_without_shared_items_has_a_reason():
    wide = pd.DataFrame({"a": ["x", "y", None], "b": ["x", "y", None], "c": [None, None, "x"]})
    row = lq.annotator_agreement(Annotations.from_wide(wide)).against_rest.set_index("annotator").loc["c"]
    assert row["reason"] == names.NO_OVERLAP
    assert math.isnan(row["estimate"])


def test_items_are_listed_from_most_to_least_disputed(small):
    frame = lq.item_disagreement(small).to_frame()
    assert frame["item"].tolist() == [3, 1, 0, 2, 4, 5]
    assert frame.loc[0, ["disagreement", "labels", "tied"]].tolist() == [1.0, "b x1, c x1", True]
    assert frame.loc[1, "disagreement"] == pytest.approx(2 / 3)
    assert frame.loc[1, ["top_class", "labels"]].tolist() == ["a", "a x2, b x1"]
    assert math.isnan(frame.loc[5, "disagreement"])


def test_weighted_item_disagreement_counts_near_misses_less():
    annotations = Annotations.from_wide(pd.DataFrame({"a": [1, 1], "b": [2, 5]}), classes=[1, 2, 3, 4, 5])
    frame = lq.item_disagreement(annotations, weights="linear").to_frame()
    assert frame["disagreement"].tolist() == [1.0, 0.25]


def test_groups_are_measured_apart():
    annotations = table(n=60, m=3, k=3, seed=5)
    half = np.where(np.arange(60) < 30, "early", "late")
    frame = lq.agreement_by(annotations, half).to_frame().set_index("group")
    for name, keep in (("early", annotations.item < 30), ("late", annotations.item >= 30)):
        assert frame.loc[name, "estimate"] == pytest.approx(lq.agreement(annotations.where(mask=keep)).estimate)


def test_missing_values_of_a_group_column_are_a_group():
    annotations = table(n=30, m=3, k=2, seed=5)
    values = pd.Series([None, "x", "y"] * 10)
    assert set(lq.agreement_by(annotations, values).to_frame()["group"]) == {"(missing)", "x", "y"}


def test_many_numbers_are_cut_into_quarters():
    annotations = table(n=100, m=3, k=2, seed=5)
    assert len(lq.agreement_by(annotations, np.arange(100) * 1.5).to_frame()) == 4


def test_wrong_group_columns_are_refused(small):
    with pytest.raises(ColumnError, match="there is no item column 'channel'"):
        lq.agreement_by(small, "channel")
    with pytest.raises(ParameterError, match="2 values for 6 items"):
        lq.agreement_by(small, [1, 2])


@pytest.mark.parametrize(
    "measure",
    [lq.agreement, lq.agreement_table, lq.class_agreement, lq.annotator_agreement, lq.item_disagreement],
)
def test_measures_refuse_several_rounds_and_say_how_to_choose(measure):
    long = pd.DataFrame({"i": [1, 1, 1, 1], "g": list("abab"), "l": list("xxxy"), "r": [1, 1, 2, 2]})
    annotations = Annotations.from_frame(long, item="i", annotator="g", label="l", round="r")
    with pytest.raises(RoundsError, match=r"where\(round='2'\)"):
        measure(annotations)
    assert measure(annotations.where(round=2)) is not None
    assert lq.agreement_by(annotations, "round").to_frame()["group"].tolist() == ["1", "2"]


def test_count_patterns_give_what_annotations_give_except_for_who_labeled():
    annotations = table(n=50, seed=7)
    patterns = lq.CountPatterns.from_annotations(annotations)
    for coefficient in names.PATTERN_COEFFICIENTS:
        one, two = lq.agreement(annotations, coefficient), lq.agreement(patterns, coefficient)
        assert (one.estimate, one.standard_error) == pytest.approx((two.estimate, two.standard_error), nan_ok=True)
    for coefficient in names.WHO_COEFFICIENTS:
        assert lq.agreement(patterns, coefficient).undefined_because == WHO_UNKNOWN


def test_results_are_json_safe_and_name_the_next_step():
    result = lq.agreement(table(seed=1), "scott_pi")
    assert result.to_dict()["estimate"] is None
    assert result.to_dict()["schema_version"] == 1
    assert "_sample" not in result.to_dict()
    assert repr(result).splitlines()[-1].strip().startswith("next:")
    assert "<table" in result._repr_html_()


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"coefficient": "kappa"}, "coefficient='kappa' is not known"),
        ({"weights": "lienar"}, "did you mean 'linear'"),
        ({"weights": [[1, 0], [0, 1]]}, r"has shape \(2, 2\)"),
        ({"weights": [[1, 0, 2], [0, 1, 0], [0, 0, 1]]}, "outside 0 to 1"),
        ({"weights": [[1, 0, 0], [0, 0.5, 0], [0, 0, 1]]}, "diagonal"),
    ],
)
def test_wrong_parameters_get_one_clear_message(small, kwargs, message):
    with pytest.raises(ParameterError, match=message):
        lq.agreement(small, **kwargs)


def test_a_data_frame_is_refused_with_the_way_to_read_it():
    with pytest.raises(ParameterError, match="read_annotations"):
        lq.agreement(WIDE)


def test_continuous_ratings_are_measured_in_linear_memory():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=3000)
    wide = pd.DataFrame({g: truth + rng.normal(scale=0.5, size=3000) for g in ("a", "b", "c")})
    annotations = Annotations.from_wide(wide, level="interval")
    assert annotations.schema.k == 9000
    result = lq.agreement(annotations, weights="interval")
    assert result.estimate == pytest.approx(0.8, abs=0.02)  # 1 / (1 + 0.25): the intraclass correlation
    assert 0 < result.standard_error < 0.02


def test_weights_that_need_numbers_refuse_texts(small):
    with pytest.raises(ValueError, match="interval weights need numeric labels"):
        lq.agreement(small, weights="interval")


def test_one_item_with_very_many_labels_is_measured():
    """100,000 labels on one item are 5 billion label pairs: what needs those pairs says so, the rest is computed."""
    rng = np.random.default_rng(0)
    crowd = pd.DataFrame(
        {"item": 0, "annotator": np.arange(100_000), "label": rng.choice(["a", "b"], 100_000, p=[0.7, 0.3])}
    )
    more = pd.DataFrame({"item": np.repeat(np.arange(1, 50), 2), "annotator": np.tile([0, 1], 49), "label": "b"})
    long = pd.concat([crowd, more], ignore_index=True)
    annotations = Annotations.from_frame(long, item="item", annotator="annotator", label="label")
    table = lq.agreement_table(annotations).to_frame().set_index("coefficient")
    assert table.loc["cohen_kappa", "reason"] == names.TOO_MANY_PAIRS
    assert table.drop(["cohen_kappa", "scott_pi"])["estimate"].notna().all()
    found = lq.annotator_agreement(annotations)
    assert found.pairs_undefined_because == names.TOO_MANY_PAIRS
    assert len(found.against_rest) == 100_000


@pytest.mark.parametrize("far", [1e3, 1e7, 1e12])
@pytest.mark.parametrize("coefficient", ["krippendorff_alpha", "cohen_kappa"])
def test_a_far_value_that_does_not_enter_changes_nothing(far, coefficient):
    wide = pd.DataFrame({"a": [0, 1, 2, 3, 4, 5] * 5, "b": [0, 1, 2, 3, 5, 4] * 5}, dtype=object)
    alone = lq.agreement(Annotations.from_wide(wide), coefficient, weights="interval").estimate
    more = pd.concat([wide, pd.DataFrame({"a": [far], "b": [None]})], ignore_index=True)
    found = lq.agreement(Annotations.from_wide(more), coefficient, weights="interval")
    assert found.estimate == pytest.approx(alone, abs=1e-12)


def test_group_columns_with_gaps_and_large_numbers_are_cut_into_quarters():
    annotations = table(n=40, m=3, k=2, seed=5)
    gaps = pd.Series([float(i) if i % 5 else np.nan for i in range(40)])
    assert set(lq.agreement_by(annotations, gaps).to_frame()["group"]) >= {"(missing)"}
    assert len(lq.agreement_by(annotations, gaps).to_frame()) == 5
    large = [1_700_000_000 + i for i in range(40)]
    assert len(lq.agreement_by(annotations, large).to_frame()) == 4
    assert "inf" in set(lq.agreement_by(annotations, [*map(float, range(39)), np.inf]).to_frame()["group"])


def test_patterns_that_no_item_has_do_not_count():
    schema = lq.LabelSchema(classes=("a", "b"))
    parts = [([[2, 0], [1, 1], [0, 3]], [3, 2, 0]), ([[2, 0], [1, 1]], [3, 2])]
    results = [
        lq.agreement(lq.CountPatterns(patterns=np.array(p), multiplicity=np.array(t), schema=schema), "scott_pi")
        for p, t in parts
    ]
    assert results[0].estimate == results[1].estimate
    assert results[0].confidence_interval(method="jackknife") == results[1].confidence_interval(method="jackknife")


def test_a_class_table_says_undefined_where_the_coefficient_is():
    wide = pd.DataFrame({"a": ["x", "y", None, "x"], "b": ["x", None, "y", "y"], "c": [None, "x", "y", None]})
    frame = lq.class_agreement(Annotations.from_wide(wide), coefficient="scott_pi").to_frame()
    assert set(frame["reason"]) == {names.TWO_ANNOTATORS_ONLY}
    unused = Annotations.from_wide(wide, classes=["x", "y", "z"])
    row = lq.class_agreement(unused, coefficient="brennan_prediger").to_frame().set_index("class").loc["z"]
    assert math.isnan(row["estimate"])


def test_two_items_under_rank_weights_get_the_true_reason():
    two = Annotations.from_wide(pd.DataFrame({"a": [1, 1], "b": [2, 1]}))
    result = lq.agreement(two, weights="rank")
    assert result.interval_undefined_because == names.LEAVE_ONE_OUT_UNDEFINED


def test_results_cannot_be_changed_through_their_tables():
    found = lq.class_agreement(table(seed=1))
    before = found.to_frame()["estimate"].tolist()
    changed = found.to_frame()
    changed.loc[0, "estimate"] = 99
    assert found.to_frame()["estimate"].tolist() == before


def test_results_can_be_compared_and_hashed_without_an_error():
    for make in (lq.class_agreement, lq.annotator_agreement, lq.item_disagreement, lq.agreement_table):
        one = make(table(seed=1))
        assert one == one
        assert isinstance(hash(one), int)


@pytest.mark.parametrize("measure", [lq.annotator_agreement, lq.item_disagreement, lq.class_agreement])
def test_measures_of_people_refuse_what_is_not_annotations(measure):
    with pytest.raises(ParameterError, match="cannot be measured on a DataFrame"):
        measure(WIDE)


def test_item_disagreement_takes_rank_weights():
    annotations = Annotations.from_wide(pd.DataFrame({"a": [1, 1, 2, 3], "b": [2, 3, 2, 3]}))
    frame = lq.item_disagreement(annotations, weights="rank").to_frame()
    assert frame["disagreement"].between(0, 1).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: r.confidence_interval(method="bootstrap", n_resamples=0), "n_resamples=0 resamples"),
        (lambda r: r.confidence_interval("95"), "confidence level '95' is not a share"),
        (lambda r: r.benchmark(probability=95), "probability 95 is not a share"),
    ],
)
def test_inference_refuses_parameters_that_make_no_sense(small, call, message):
    with pytest.raises(ParameterError, match=message):
        call(lq.agreement(small))


def test_a_coefficient_below_the_scale_is_in_the_lowest_band():
    wide = pd.DataFrame({"a": [1, 1, 1, 5], "b": [5, 5, 5, 1]})
    result = lq.agreement(Annotations.from_wide(wide, classes=[1, 2, 3, 4, 5]), "brennan_prediger", weights="quadratic")
    assert result.estimate < -1
    assert result.benchmark().band == "Poor"


def test_items_without_a_label_are_counted():
    wide = pd.concat([WIDE, pd.DataFrame({"ann": [None], "ben": [None], "cat": [None]})], ignore_index=True)
    result = lq.agreement(Annotations.from_wide(wide))
    assert (result.n_items, result.n_unlabeled) == (6, 1)


def test_every_summary_has_three_to_six_lines_and_ends_with_the_next_step(small):
    empty = small.where(mask=np.zeros(len(small), dtype=bool))
    for data in (small, empty):
        for name in ("agreement", "agreement_table", "class_agreement", "annotator_agreement", "item_disagreement"):
            make = getattr(lq, name)
            lines = repr(make(data)).splitlines()
            assert 2 <= len(lines) <= 6
            assert lines[-1].strip().startswith("next:")
    result = lq.agreement(small)
    for shown in (result.confidence_interval(), result.benchmark()):
        assert repr(shown).splitlines()[-1].strip().startswith("next:")


def test_the_table_as_json_has_the_shape_of_the_command_line(small):
    found = lq.agreement_table(small).to_dict()
    assert found["schema_version"] == 1
    assert {"coefficient", "weights", "estimate", "low", "high", "reason"} <= set(found["coefficients"][0])
