"""distance_agreement: alpha under any distance."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.annotations.table import Annotations
from labelqa.errors import LabelError, ParameterError, RoundsError
from labelqa.reliability.distance import words
from labelqa.reliability.distance.estimate import distance_agreement
from labelqa.reliability.distance.orders import ranking_distance
from labelqa.reliability.distance.text import edit_distance
from labelqa.reliability.estimate import agreement
from tests.unit.reliability.data import ratings
from tests.unit.reliability.distance import data as draw


def plain_alpha(rows, distance):
    """Krippendorff's alpha by its definition, pair by pair."""
    by_item = {}
    for item, _, value in rows:
        by_item.setdefault(item, []).append(value)
    groups = [g for g in by_item.values() if len(g) >= 2]
    pool = [v for g in groups for v in g]
    n = len(pool)
    observed = sum(distance(a, b) / (len(g) - 1) for g in groups for a, b in itertools.permutations(g, 2)) / n
    expected = sum(distance(a, b) for a, b in itertools.permutations(pool, 2)) / (n * (n - 1))
    return 1 - observed / expected


def records(data):
    return [tuple(row) for row in data.to_frame().itertuples(index=False)]


def jaccard(a, b):
    return 1 - len(a & b) / len(a | b) if a | b else 0.0


def masi(a, b):
    kind = 1 if a == b else 2 / 3 if a <= b or b <= a else 1 / 3 if a & b else 0
    return 1 - (1 - jaccard(a, b)) * kind


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("weights", ["identity", "interval", "ratio"])
def test_named_distances_on_classes_reproduce_alpha(seed, weights):
    wide = ratings(n=40, m=4, k=4, seed=seed, values=(0, 1, 2, 7))
    data = Annotations.from_wide(wide, level="ratio")
    distance = {"identity": "nominal"}.get(weights, weights)
    found, expected = distance_agreement(data, distance), agreement(data, weights=weights)
    assert found.estimate == pytest.approx(expected.estimate, abs=1e-12)
    jackknife = expected.confidence_interval(method="jackknife").standard_error
    assert found.standard_error == pytest.approx(jackknife, abs=1e-12)


def test_a_function_and_a_name_give_the_same():
    data = Annotations.from_wide(ratings(seed=3))
    named, called = distance_agreement(data, "nominal"), distance_agreement(data, lambda a, b: float(a != b))
    assert called.estimate == pytest.approx(named.estimate, abs=1e-12)
    assert called.standard_error == pytest.approx(named.standard_error, abs=1e-12)
    assert called.observed == pytest.approx(named.observed)


@pytest.mark.parametrize(("name", "function"), [("jaccard", jaccard), ("masi", masi)])
def test_set_distances_follow_their_definition(name, function):
    data = draw.answers(draw.label_set, "sets", n=40)
    assert distance_agreement(data, name).estimate == pytest.approx(plain_alpha(records(data), function), abs=1e-12)


def test_two_empty_sets_agree_and_an_empty_one_differs_from_all_others():
    rows = [(1, "a", set()), (1, "b", set()), (2, "a", {"x"}), (2, "b", set())]
    result = distance_agreement(StructuredAnnotations.from_records(rows, kind="sets"), "masi")
    assert result.observed == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("kind", "make"),
    [("sets", draw.label_set), ("spans", draw.spans), ("boxes", draw.boxes), ("rankings", draw.ranking)],
)
def test_the_standard_error_is_the_jackknife_over_items(kind, make):
    distance = {"sets": "jaccard"}.get(kind, kind)
    data = draw.answers(make, kind, n=12, seed=5)
    result = distance_agreement(data, distance)
    pairable = data.to_frame().groupby("item").size().loc[lambda n: n >= 2].index
    without = [
        distance_agreement(data.where(item=[i for i in pairable if i != j]), distance).estimate for j in pairable
    ]
    n = len(without)
    assert result.standard_error == pytest.approx(math.sqrt((n - 1) / n * np.square(without - np.mean(without)).sum()))


def test_bootstrap_and_jackknife_agree_roughly_and_are_reproducible():
    result = distance_agreement(draw.answers(draw.label_set, "sets", n=200), "masi")
    one, two = (result.confidence_interval(method="bootstrap", rng=1) for _ in range(2))
    assert (one.low, one.high) == (two.low, two.high)
    assert one.standard_error == pytest.approx(result.standard_error, rel=0.15)


def test_sampled_answers_come_close_and_say_so():
    data = draw.answers(lambda rng: set(rng.choice(40, 3, replace=False).tolist()), "sets", n=300, seed=2)
    whole = distance_agreement(data, "masi")
    assert whole.n_references == 0
    assert whole.sampling_error == 0
    parts = [distance_agreement(data, "masi", max_pairs=50_000, rng=seed) for seed in range(20)]
    estimates = np.array([p.estimate for p in parts])
    assert parts[0].n_references > 0
    assert "sampled answers" in repr(parts[0])
    assert parts[0].observed == pytest.approx(whole.observed, abs=1e-12)
    assert abs(estimates.mean() - whole.estimate) < 3 * parts[0].sampling_error
    assert 0.4 < estimates.std(ddof=1) / np.mean([p.sampling_error for p in parts]) < 1.6
    assert distance_agreement(data, "masi", max_pairs=50_000, rng=3).estimate == estimates[3]
    boot = parts[0].confidence_interval(method="bootstrap")
    assert boot.standard_error == pytest.approx(whole.standard_error, rel=0.25)


def test_every_answer_as_reference_is_exact():
    data = draw.answers(draw.label_set, "sets", n=12)
    sampled = distance_agreement(data, "masi", max_pairs=1)  # at least 50 references: all of them
    assert sampled.n_references > 0
    assert sampled.estimate == pytest.approx(distance_agreement(data, "masi").estimate, abs=1e-12)
    assert sampled.sampling_error == pytest.approx(0, abs=1e-12)


def test_frames_and_triples_are_taken_as_they_are():
    rows = [("t1", "a", "cat"), ("t1", "b", "cats"), ("t2", "a", "dog"), ("t2", "b", "dog")]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    columns = tuple(list(part) for part in zip(*rows, strict=True))
    structured = StructuredAnnotations.from_records(rows, kind="text")
    values = {distance_agreement(v, "edit").estimate for v in (frame, columns, structured)}
    assert len(values) == 1
    assert values.pop() == pytest.approx(plain_alpha(rows, edit_distance), abs=1e-12)


def levenshtein(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def test_edit_distance_is_levenshteins_over_the_longer_length():
    rng = np.random.default_rng(0)
    for _ in range(300):
        a, b = ("".join(rng.choice(list("abc"), rng.integers(0, 90))) for _ in range(2))
        expected = levenshtein(a, b) / max(len(a), len(b), 1)
        assert edit_distance(a, b) == pytest.approx(expected, abs=1e-12)


def test_ranking_distance_counts_ties_half_and_puts_unranked_objects_last():
    assert ranking_distance(("a", "b"), ("b", "a")) == 1.0
    assert ranking_distance(("a", "b"), (("a", "b"),)) == 0.5
    assert ranking_distance(("a", "b", "c"), ("a",)) == pytest.approx(0.5 / 3)  # only b and c are tied there
    assert ranking_distance(("a",), ("b",)) == 1.0
    assert ranking_distance(("a",), ("a",)) == 0.0


REASONS = {
    words.NO_ANSWERS: [(1, "a", None)],
    words.ONE_ANNOTATOR: [(1, "a", {"x"}), (2, "a", {"y"})],
    words.NO_OVERLAP: [(1, "a", {"x"}), (2, "b", {"y"})],
    words.ONE_VALUE: [(1, "a", {"x"}), (1, "b", {"x"}), (2, "a", {"y"})],
}


@pytest.mark.parametrize(("reason", "rows"), REASONS.items())
@pytest.mark.parametrize("distance", ["masi", lambda a, b: float(a != b)])
def test_undefined_is_nan_with_its_reason(reason, rows, distance):
    result = distance_agreement(StructuredAnnotations.from_records(rows, kind="sets"), distance)
    assert math.isnan(result.estimate)
    assert result.undefined_because == reason
    assert result.confidence_interval(method="bootstrap").undefined_because == reason
    assert reason in repr(result)


def test_one_item_keeps_the_estimate_and_explains_the_missing_interval():
    rows = [(1, "a", {"x"}), (1, "b", {"y"})]
    result = distance_agreement(StructuredAnnotations.from_records(rows, kind="sets"), "jaccard")
    assert result.estimate == 0.0
    assert result.interval_undefined_because == words.ONE_ITEM
    assert result.confidence_interval().undefined_because == words.ONE_ITEM


BROKEN = {
    "which is not between 0 and 1": lambda a, b: 2.0 if a != b else 0.0,
    "but 0.1 the other way round": lambda a, b: 0.9 if str(a) < str(b) else 0.1 if a != b else 0.0,
    "but the values are equal": lambda a, b: 0.5,
    "which is not a number": lambda a, b: "far" if a != b else 0.0,
}


@pytest.mark.parametrize(("fault", "distance"), BROKEN.items())
def test_a_function_that_is_no_distance_is_refused_with_the_pair(fault, distance):
    with pytest.raises(ParameterError, match=fault) as caught:
        distance_agreement(Annotations.from_wide(ratings()), distance)
    assert "'c" in str(caught.value)


def test_nan_from_a_function_is_refused():
    with pytest.raises(ParameterError, match="not between 0 and 1"):
        distance_agreement(Annotations.from_wide(ratings()), lambda a, b: math.nan if a != b else 0.0)


def test_a_distance_for_another_kind_is_refused():
    data = draw.answers(draw.label_set, "sets")
    with pytest.raises(ParameterError, match="these annotations are sets, not numbers"):
        distance_agreement(data, "interval")
    with pytest.raises(ParameterError, match="did you mean 'jaccard'"):
        distance_agreement(data, "jacard")
    with pytest.raises(ParameterError, match="neither a name nor a function"):
        distance_agreement(data, 3)
    with pytest.raises(LabelError, match="is of type str, not a list"):
        distance_agreement(Annotations.from_wide(ratings()), "masi")
    with pytest.raises(LabelError, match="is not a finite number"):
        distance_agreement(Annotations.from_wide(ratings()), "interval")
    with pytest.raises(ParameterError, match="cannot be measured on a list"):
        distance_agreement([1, 2], "nominal")
    with pytest.raises(ParameterError, match="not three equally long lists"):
        distance_agreement(([1], [2], [3, 4]), "nominal")
    with pytest.raises(ParameterError, match="needs numbers of 0 or more"):
        distance_agreement(([1, 1], "ab", [-1, 2]), "ratio")


def test_two_rounds_are_refused():
    frame = pd.DataFrame({"i": [1, 1, 1], "a": ["x", "y", "x"], "l": ["p", "q", "p"], "r": [1, 1, 2]})
    data = Annotations.from_frame(frame, item="i", annotator="a", label="l", round="r")
    with pytest.raises(RoundsError):
        distance_agreement(data)


def test_results_are_json_safe_and_always_have_the_same_columns():
    good = distance_agreement(draw.answers(draw.label_set, "sets"), "masi")
    bad = distance_agreement(draw.answers(draw.label_set, "sets", missing=1.0), "masi")
    assert list(good.to_frame()) == list(bad.to_frame())
    for result in (good, bad):
        assert json.loads(json.dumps(result.to_dict(), allow_nan=False))["schema_version"] == 1
        assert 3 <= len(repr(result).splitlines()) <= 6
        assert "<div>" in result._repr_html_()


def test_true_and_one_are_two_values():
    result = distance_agreement(([1, 1, 2, 2], "abab", [True, 1, 0, False]), "nominal")
    assert result.observed == 1.0


@pytest.mark.parametrize("engine", ["polars", "pyarrow"])
def test_frames_of_other_engines_are_measured(engine):
    library = pytest.importorskip(engine, reason=f"{engine} is not installed")
    make = library.DataFrame if engine == "polars" else library.table
    columns = {"item": [1, 1, 2, 2, 3, 3], "annotator": ["a", "b"] * 3, "value": [1.0, 2, 3, 3, 5, 6]}
    expected = distance_agreement(pd.DataFrame(columns), "interval").estimate
    assert distance_agreement(make(columns), "interval").estimate == expected


@pytest.mark.parametrize("max_pairs", [-1, 0.5, "many", None])
def test_a_wrong_number_of_pairs_is_refused(max_pairs):
    with pytest.raises(ParameterError, match="is no number of pairs"):
        distance_agreement(draw.answers(draw.label_set, "sets"), "masi", max_pairs=max_pairs)


def test_true_and_1_are_two_distinct_answers():
    rows = [("t", "ann", True), ("t", "ben", 1), ("u", "ann", 1), ("u", "ben", 1)]
    data = StructuredAnnotations.from_records(rows, kind="values")
    assert distance_agreement(data, "nominal").n_distinct == 2
    assert "distinct answers: 2" in repr(data)
