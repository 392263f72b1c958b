"""Did agreement change: designs, tests, verdicts, words."""

import itertools
import json
import math
import tracemalloc

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, RoundsError
from labelqa.inference.adjustment import holm
from labelqa.reliability import names
from labelqa.reliability.comparison import classes as compare_classes
from labelqa.reliability.comparison import permutation as compare_permutation
from labelqa.reliability.comparison import scores as compare_scores
from labelqa.reliability.comparison.compare import compare_agreement, split_rounds
from tests.comparison_model import RARE, Setting, drawn
from tests.unit.reliability.data import ratings, table

FIELDS = {
    "schema_version",
    "before",
    "after",
    "difference",
    "low",
    "high",
    "p_value",
    "p_permutation",
    "design",
    "verdict",
    "classes",
    "statement",
    "meaning",
}


def rounds(n=40, *, noise=(0.4, 0.4), missing=0.0, m=3, seed=0, ids=None):
    """Two rounds on items of the same true classes."""
    parts = []
    for i, part_noise in enumerate(noise):
        rng = np.random.default_rng([seed, i])
        truth = np.random.default_rng(seed).integers(0, 3, n)
        labels = np.where(rng.random((n, m)) < part_noise, rng.integers(0, 3, (n, m)), truth[:, None])
        wide = pd.DataFrame(np.array(list("abc"), dtype=object)[labels], columns=[f"r{g}" for g in range(m)])
        wide = wide.mask(rng.random((n, m)) < missing, None)
        wide["id"] = [f"i{j}" for j in range(n)] if ids is None else ids[i]
        parts.append(Annotations.from_wide(wide, item="id", classes=list("abc")))
    return parts


@pytest.mark.parametrize("coefficient", names.COEFFICIENTS)
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_before_and_after_are_what_agreement_gives(coefficient, missing):
    before, after = rounds(missing=missing, m=2, noise=(0.5, 0.2))
    found = compare_agreement(before, after, coefficient, n_permutations=99)
    for mine, part in ((found.before, before), (found.after, after)):
        assert mine.estimate == pytest.approx(lq.agreement(part, coefficient).estimate, abs=1e-12)
    assert found.difference == pytest.approx(found.after.estimate - found.before.estimate, abs=1e-12)


@pytest.mark.parametrize("coefficient", [c for c in names.COEFFICIENTS if c not in ("scott_pi", "cohen_kappa")])
def test_different_items_have_the_two_single_standard_errors(coefficient):
    before, after = rounds(ids=[[f"a{i}" for i in range(40)], [f"b{i}" for i in range(40)]], missing=0.2)
    found = compare_agreement(before, after, coefficient, n_permutations=99)
    errors = [lq.agreement(part, coefficient).standard_error for part in (before, after)]
    assert found.design == "independent"
    assert found.standard_error == pytest.approx(math.hypot(*errors), abs=1e-12)


def test_count_patterns_are_compared_as_different_items_and_say_so():
    before, after = rounds()
    apart = compare_agreement(*(lq.CountPatterns.from_annotations(p) for p in (before, after)))
    named = rounds(ids=[[f"a{i}" for i in range(40)], [f"b{i}" for i in range(40)]])
    assert apart.standard_error == pytest.approx(compare_agreement(*named).standard_error, abs=1e-12)
    assert "hold no item names" in apart.warnings[0]
    assert compare_agreement(lq.CountPatterns.from_annotations(before), after).design == "independent"


def test_who_coefficients_of_patterns_without_annotators_are_undefined_with_the_reason():
    found = compare_agreement(*(lq.CountPatterns.from_annotations(p) for p in rounds()), "conger_kappa")
    assert math.isnan(found.difference)
    assert "who labeled" in found.undefined_because
    assert found.to_frame()["reason"].notna().all()


def test_pairing_by_name_ignores_the_order_of_items_and_rows():
    before, after = rounds(noise=(0.5, 0.2))
    rng = np.random.default_rng(3)
    mixed = after.take(rng.permutation(len(after)))
    for coefficient in ("krippendorff_alpha", "conger_kappa"):
        one, two = (compare_agreement(before, part, coefficient) for part in (after, mixed))
        for name in ("difference", "standard_error", "low", "high", "p_value", "p_permutation"):
            assert getattr(one, name) == pytest.approx(getattr(two, name), abs=1e-12), name
    backwards = compare_agreement(after, before)
    assert backwards.difference == pytest.approx(-compare_agreement(before, after).difference)
    assert backwards.p_value == pytest.approx(compare_agreement(before, after).p_value)


def test_numbered_items_of_one_round_meet_their_spelling_in_the_other():
    before, after = rounds(n=20, ids=[list(range(20)), [str(i) for i in range(20)]])
    assert compare_agreement(before, after, n_permutations=99).n_shared == 20


def test_ids_like_007_stay_apart_from_7():
    before, after = rounds(n=3, ids=[["007", "8", "9"], ["7", "8", "9"]])
    found = compare_agreement(before, after, n_permutations=99)
    assert (found.n_shared, found.n_before_only, found.n_after_only) == (2, 1, 1)


def test_all_arrangements_are_listed_where_they_are_few():
    """Against brute force: the public coefficient on every way of swapping 6 items."""
    before, after = rounds(n=6, noise=(0.8, 0.2), seed=4)
    found = compare_agreement(before, after, "percent_agreement")
    first, second = (p.to_frame().pivot(index="item", columns="annotator", values="label") for p in (before, after))
    statistics = []
    for swap in itertools.product([False, True], repeat=6):
        keep = np.repeat(~np.array(swap)[:, None], 3, axis=1)
        sides = first.where(keep, second), second.where(keep, first)
        d = _item_change(*sides)
        error = d.std(ddof=1) / math.sqrt(6)
        statistics.append(abs(d.mean()) / error if error > 0 else (math.inf if abs(d.mean()) > 1e-12 else 0.0))
    expected = np.mean(np.array(statistics) >= statistics[0] * (1 - 1e-9))
    assert found.permutation_is_exact
    assert found.p_permutation == pytest.approx(expected)


def _item_change(first, second):
    def agreement_of_items(wide):
        values = wide.to_numpy()
        return np.array([np.mean([a == b for a, b in itertools.combinations(row, 2)]) for row in values])

    return agreement_of_items(second) - agreement_of_items(first)


def test_random_arrangements_come_close_to_all_of_them(monkeypatch):
    before, after = rounds(n=12, noise=(0.6, 0.3), seed=2)
    exact = compare_agreement(before, after)
    assert exact.permutation_is_exact
    monkeypatch.setattr(compare_permutation, "ENUMERATE_UP_TO", 1)
    drawn = compare_agreement(before, after, n_permutations=20_000)
    assert not drawn.permutation_is_exact
    assert drawn.p_permutation == pytest.approx(exact.p_permutation, abs=0.015)


def test_partly_shared_items_are_bootstrapped_jointly():
    before, after = rounds(n=80, noise=(0.6, 0.3))
    part = after.where(item=[f"i{j}" for j in range(50)])
    found = compare_agreement(before, part)
    assert (found.design, found.method) == ("mixed", "bootstrap")
    assert (found.n_shared, found.n_before_only, found.n_after_only) == (50, 30, 0)
    assert found.low < found.difference < found.high
    whole = compare_agreement(before, after)
    assert whole.standard_error < found.standard_error < 2 * whole.standard_error


def test_same_seed_same_result_and_rng_may_be_a_generator():
    before, after = rounds(n=60)
    one = compare_agreement(before, after.where(item=[f"i{j}" for j in range(30)]), rng=5)
    two = compare_agreement(before, after.where(item=[f"i{j}" for j in range(30)]), rng=np.random.default_rng(5))
    assert json.dumps(one.to_dict()) == json.dumps(two.to_dict())


def test_a_clear_gain_is_an_improvement_and_its_mirror_is_worse():
    before, after = rounds(n=150, noise=(0.7, 0.2))
    assert compare_agreement(before, after).verdict == "improved"
    assert compare_agreement(after, before).verdict == "worse"


def test_no_change_on_many_items_is_no_evidence_and_on_few_items_too_few():
    assert compare_agreement(*rounds(n=1500, noise=(0.3, 0.3))).verdict == "no_evidence"
    few = compare_agreement(*rounds(n=20, noise=(0.4, 0.4)))
    assert few.verdict == "too_few_items"
    assert few.n_more_items == few.n_items_needed - 20 > 0
    assert any("items in both rounds" in text for text in few.meaning)


def test_the_needed_items_have_the_power_promised():
    """With n_items_needed items and the same variance per item, z = 1.96 + 0.84."""
    found = compare_agreement(*rounds(n=40, noise=(0.5, 0.4)))
    assert found.verdict == "too_few_items"
    error = found.standard_error * math.sqrt(40 / found.n_items_needed)
    assert abs(found.difference) / error == pytest.approx(1.959964 + 0.841621, rel=0.02)


def test_identical_rounds_differ_by_nothing_and_ask_whether_that_was_meant():
    before, _ = rounds()
    found = compare_agreement(before, before)
    assert (found.difference, found.p_permutation, found.verdict) == (0.0, 1.0, "no_evidence")
    assert "same data given twice" in found.warnings[0]


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"x": ["a", "a"], "y": ["a", "a"]}, {"x": ["a", "b"], "y": ["a", "b"]}, f"before: {names.ONE_CLASS}"),
        ({"x": ["a", "b"], "y": ["a", "b"]}, {"x": ["a", "b"]}, f"after: {names.ONE_ANNOTATOR}"),
    ],
)
def test_an_undefined_round_leaves_the_difference_undefined_with_its_reason(first, second, reason):
    found = compare_agreement(*(Annotations.from_wide(pd.DataFrame(w)) for w in (first, second)))
    assert math.isnan(found.difference)
    assert reason in found.undefined_because
    assert found.verdict == "undefined"
    assert math.isnan(found.confidence_interval(0.9).low)
    assert found.confidence_interval().undefined_because == found.undefined_because
    assert found.classes.empty
    assert found.to_dict()["difference"] is None
    assert "undefined" in repr(found)


def test_a_single_item_gives_a_difference_without_an_interval():
    found = compare_agreement(
        *(Annotations.from_wide(pd.DataFrame(w)) for w in ({"x": ["a"], "y": ["b"]}, {"x": ["a"], "y": ["a"]})),
        "percent_agreement",
    )
    assert found.difference == 1
    assert math.isnan(found.low)
    assert found.interval_undefined_because is not None
    assert found.verdict == "too_few_items"


def test_rounds_with_different_classes_are_measured_with_all_of_them():
    before = Annotations.from_wide(pd.DataFrame({"x": list("aabb"), "y": list("aaba")}))
    after = Annotations.from_wide(pd.DataFrame({"x": list("aabc"), "y": list("aabc")}))
    found = compare_agreement(before, after, "brennan_prediger")
    assert found.before.expected == found.after.expected == pytest.approx(1 / 3)
    assert any("only after: c" in text for text in found.warnings)
    assert set(found.classes["class"]) == {"a", "b", "c"}


def test_other_annotators_are_pointed_out():
    before, after = rounds()
    other = Annotations.from_frame(
        after.to_frame().replace({"annotator": {"r0": "new"}}), item="item", annotator="annotator", label="label"
    )
    assert any("Other people labeled" in text for text in compare_agreement(before, other).warnings)


def test_classes_are_those_of_class_agreement_adjusted_by_holm():
    before, after = rounds(n=60, noise=(0.5, 0.2))
    found = compare_agreement(before, after)
    for part, column in ((before, "before"), (after, "after")):
        alone = lq.class_agreement(part).to_frame().set_index("class")["estimate"]
        for name, value in found.classes.set_index("class")[column].items():
            assert value == pytest.approx(alone[name], abs=1e-12)
    p_values = found.classes["p_value"].to_numpy()
    assert found.classes["p_adjusted"].to_numpy() == pytest.approx(holm(p_values))
    assert (np.diff(p_values) >= 0).all()


def test_class_values_of_annotator_coefficients_are_those_of_merged_classes():
    before, after = rounds(n=40, noise=(0.5, 0.2))
    for coefficient in ("conger_kappa", "cohen_kappa"):
        found = compare_agreement(before, after, coefficient).classes.set_index("class")
        alone = lq.class_agreement(before, coefficient=coefficient).to_frame().set_index("class")["estimate"]
        assert found["before"].to_dict() == pytest.approx(alone.to_dict())


@pytest.mark.parametrize("weights", ["linear", "quadratic", "rank", "interval"])
@pytest.mark.parametrize("coefficient", ["krippendorff_alpha", "gwet_ac", "conger_kappa", "cohen_kappa"])
def test_weighted_differences_are_differences_of_the_weighted_coefficients(coefficient, weights):
    before, after = (Annotations.from_wide(ratings(n=25, m=3, k=5, seed=s, values=[1, 2, 3, 4, 5])) for s in (1, 2))
    found = compare_agreement(before, after, coefficient, weights=weights, n_permutations=99)
    values = [lq.agreement(part, coefficient, weights=weights).estimate for part in (before, after)]
    assert found.difference == pytest.approx(values[1] - values[0], abs=1e-12)
    assert found.standard_error > 0
    assert 0 < found.p_permutation <= 1


def test_many_distinct_numbers_are_compared_without_a_table_of_all_pairs():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=400)
    parts = [
        Annotations.from_wide(pd.DataFrame({g: truth + rng.normal(scale=s, size=400) for g in "ab"}), level="interval")
        for s in (1.0, 0.4)
    ]
    found = compare_agreement(*parts, weights="interval", n_permutations=99)
    assert found.verdict == "improved"
    assert len(found.classes) == 500  # the most used ones


def test_two_rounds_of_one_table_are_compared():
    before, after = rounds(n=30, noise=(0.6, 0.3))
    long = pd.concat([p.to_frame().assign(phase=i) for i, p in enumerate((before, after))])
    both = Annotations.from_frame(long, item="item", annotator="annotator", label="label", round="phase")
    found = compare_agreement(*split_rounds(both, 0, 1))
    assert found.difference == compare_agreement(both.where(round=0), both.where(round=1)).difference
    assert found.difference == pytest.approx(compare_agreement(before, after).difference)
    with pytest.raises(ParameterError, match="cannot be compared with itself"):
        split_rounds(both, 1, 1)
    with pytest.raises(ParameterError, match="round=3 does not occur"):
        split_rounds(both, 1, 3)
    with pytest.raises(RoundsError):
        compare_agreement(both, after)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"coefficient": "kappa"}, "coefficient='kappa' is not known"),
        ({"weights": "lienar"}, "did you mean 'linear'"),
        ({"confidence": 95}, "confidence level 95 is not a share"),
        ({"n_permutations": 10}, "n_permutations=10 arrangements"),
        ({"selection": {}}, "selection holds nothing"),
    ],
)
def test_wrong_parameters_get_one_clear_message(kwargs, message):
    with pytest.raises(ParameterError, match=message):
        compare_agreement(*rounds(), **kwargs)


def test_a_data_frame_is_refused_with_the_way_to_read_it():
    with pytest.raises(ParameterError, match="read_annotations"):
        compare_agreement(ratings(), ratings())


def test_levels_that_differ_are_refused():
    nominal, ordinal = table(), Annotations.from_wide(ratings(), level="ordinal")
    with pytest.raises(ParameterError, match="different levels"):
        compare_agreement(nominal, ordinal)


def test_the_result_is_json_safe_tidy_drawn_and_names_the_next_step():
    found = compare_agreement(*rounds(noise=(0.6, 0.2)))
    content = found.to_dict()
    assert content.keys() >= FIELDS
    json.dumps(content, allow_nan=False)
    frame = found.to_frame()
    assert frame["quantity"].tolist() == ["before", "after", "difference"]
    assert frame.loc[2, ["estimate", "low", "high"]].tolist() == [found.difference, found.low, found.high]
    assert repr(found).splitlines()[-1].strip().startswith("next:")
    assert 3 <= len(repr(found).splitlines()) <= 6
    assert "<table" in found._repr_html_()
    assert len(found.plot().to_dict()["layer"]) == 5


def test_confidence_reaches_every_interval():
    narrow, wide = (compare_agreement(*rounds(), confidence=c) for c in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high
    assert wide.to_dict()["before"]["low"] < narrow.to_dict()["before"]["low"]
    assert wide.classes["low"].min() < narrow.classes["low"].min()


def test_with_very_few_items_only_a_huge_change_would_be_found():
    found = compare_agreement(*rounds(n=3, seed=4))
    assert found.detectable_difference > (found.high - found.low) / 2


def test_nothing_to_compare_is_no_verdict():
    before, after = rounds()
    found = compare_agreement(before, after, "scott_pi")
    assert "No verdict: there are no two numbers to compare." in repr(found)
    assert "No evidence" not in repr(found)


def test_many_classes_are_scored_as_few_are(monkeypatch):
    before, after = rounds(n=30)
    expected = compare_agreement(before, after, n_permutations=99)
    monkeypatch.setattr("labelqa.reliability.moments.MOSTLY_EMPTY", 0)
    found = compare_agreement(before, after, n_permutations=99)
    assert found.standard_error == pytest.approx(expected.standard_error, abs=1e-12)
    assert found.p_permutation == expected.p_permutation


def test_an_undefined_round_is_told_before_anything_is_prepared():
    """10,500 annotators on one item: 55 million pairs, which no scorer may list."""
    labels = np.arange(10_500) % 2
    long = pd.DataFrame({"item": "i", "annotator": [f"r{g}" for g in range(10_500)], "label": labels})
    crowd = Annotations.from_frame(long, item="item", annotator="annotator", label="label")
    tracemalloc.start()
    found = compare_agreement(crowd, crowd, "cohen_kappa")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.verdict, found.undefined_because is None) == ("undefined", False)
    assert most < 100e6


def test_counts_without_a_class_against_filled_ones_are_undefined():
    filled = lq.CountPatterns.from_annotations(rounds()[0])
    empty = lq.CountPatterns(
        patterns=np.zeros((3, 0), dtype=int), multiplicity=np.ones(3, dtype=int), schema=LabelSchema(classes=())
    )
    for pair in ((empty, filled), (filled, empty)):
        assert compare_agreement(*pair).verdict == "undefined"


@pytest.mark.parametrize("kept", [80, 50])
def test_the_interval_of_any_level_meets_the_one_shown(kept):
    before, after = rounds(n=80, noise=(0.6, 0.3))
    found = compare_agreement(before, after.where(item=[f"i{j}" for j in range(kept)]), n_permutations=99)
    assert tuple(found.confidence_interval(0.95)) == (found.low, found.high)
    wide = found.confidence_interval(0.99)
    assert wide.low < found.low < found.high < wide.high
    assert found.confidence_interval().method == ("analytic" if kept == 80 else "bootstrap")


def test_classes_are_tested_by_all_arrangements_where_these_are_few():
    """The p value of a class is that of the two-class data it stands for."""
    before, after = rounds(n=9, noise=(0.8, 0.2), seed=4)
    found = compare_agreement(before, after)
    assert (found.class_test, found.permutation_is_exact) == ("permutation", True)
    for name, p_value in found.classes.set_index("class")["p_value"].items():
        two = {"this": [name], "other": [c for c in "abc" if c != name]}
        alone = compare_agreement(before.merge_classes(two), after.merge_classes(two))
        if not math.isnan(p_value):
            assert p_value <= alone.p_permutation + 1e-12  # which counts undefined arrangements as extreme


def test_rare_classes_are_not_called_changed_when_nothing_changed():
    rng = np.random.default_rng(11)
    setting = Setting(n=30, shares=RARE)
    least = [compare_agreement(*drawn(rng, setting), n_permutations=99).classes["p_adjusted"].min() for _ in range(80)]
    assert np.mean(np.array(least) <= 0.05) < 0.12  # the t test: more than 0.2


def test_too_much_work_falls_back_to_the_t_test_and_says_so(monkeypatch):
    monkeypatch.setattr(compare_classes, "PERMUTED_UP_TO", 0)
    found = compare_agreement(*drawn(np.random.default_rng(3), Setting(n=30, shares=RARE)), n_permutations=99)
    assert found.class_test == "linearised t"
    assert any("p values of single classes are too small" in text for text in found.warnings)


def test_listed_arrangements_are_made_block_by_block(monkeypatch):
    before, after = rounds(n=12, noise=(0.6, 0.3), seed=2)
    whole = compare_agreement(before, after)
    monkeypatch.setattr(compare_scores, "CELLS_AT_ONCE", 5_000)
    parts = compare_agreement(before, after)
    assert whole.permutation_is_exact
    assert parts.p_permutation == whole.p_permutation
    assert (parts.classes["p_value"].dropna() == whole.classes["p_value"].dropna()).all()


def test_a_round_without_disagreement_has_no_interval_of_its_own_and_gives_none_to_the_change():
    def rows(first: int, wrong: int, n: int) -> pd.DataFrame:
        pairs = [("a", "b") if i < wrong else ("ab"[i % 2],) * 2 for i in range(n)]
        return pd.DataFrame(pairs, columns=["ana", "bo"], index=[f"t{first + i}" for i in range(n)])

    before, after = (lq.Annotations.from_wide(rows(*what)) for what in ((0, 20, 60), (100, 0, 12)))
    found = lq.compare_agreement(before, after)
    assert found.after.estimate == 1
    assert np.isnan([found.low, found.high]).all()
    assert "cannot be seen" in found.interval_undefined_because
    assert "in 4 of 5 cases" not in " ".join(found.meaning)
