"""Honest stopping: what the object promises."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest

from labelqa.annotations.table import Annotations
from labelqa.charts.svg import chart_svg
from labelqa.errors import LabelError, ParameterError, RoundsError
from labelqa.reliability.sequential.target import SequentialTarget
from tests.sequential_model import Setting, draw_counts, stops

AGREED = [["x", "x"], ["y", "y", "y"], ["x", None, "x"], ["y", "y"]]


def labels_of(counts):
    """Return the labels of items given as counts (n, k), classes numbered from 1."""
    return [np.repeat(np.arange(1, counts.shape[1] + 1), row.astype(int)).tolist() for row in counts]


def fed(items, target=0.6, **options):
    stop = SequentialTarget(target, **options)
    for labels in items:
        stop.update(labels)
    return stop


@pytest.mark.parametrize("scale", ["nominal", "ordinal"])
def test_it_stops_at_the_item_at_which_the_simulated_runs_stop(scale):
    setting = Setting(m=3, scale=scale, target=0.5, agreement=0.8)
    counts = draw_counts(setting, (3, 160), np.random.default_rng(3))
    expected = stops(counts, setting)
    weights = "ordinal" if scale == "ordinal" else "identity"
    for run, at in zip(counts, expected, strict=True):
        stop = fed(labels_of(run), 0.5, weights=weights, classes=[1, 2, 3])
        assert stop.state().reached_at == at


def test_the_bound_never_falls_and_passes_the_target_exactly_when_it_is_reached():
    setting = Setting(m=2, target=0.4, agreement=0.7)
    counts = draw_counts(setting, (240,), np.random.default_rng(1))
    frame = fed(labels_of(counts), 0.4037).to_frame()  # a target between two steps of the bound
    assert frame["lower_bound"].is_monotonic_increasing
    assert (frame["reached"] == (frame["lower_bound"] >= 0.4037)).all()
    assert frame["reached"].iloc[-1]
    assert (frame["evidence"].iloc[:-1] <= 20 + 1e-9)[~frame["reached"].iloc[1:].to_numpy()].all()


def test_the_bound_is_the_same_whatever_target_is_asked_for():
    items = labels_of(draw_counts(Setting(m=3, agreement=0.8), (120,), np.random.default_rng(8)))
    bounds = {fed(items, target).lower_bound for target in (0.2, 0.5, 0.9)}
    assert len(bounds) == 1


def test_stopping_is_deterministic():
    items = labels_of(draw_counts(Setting(m=3, agreement=0.8), (80,), np.random.default_rng(2)))
    assert fed(items).to_dict() == fed(items).to_dict()


def test_missing_labels_are_dropped_and_items_with_fewer_than_two_are_counted_not_used():
    stop = fed([*AGREED, ["x"], [], [None, "y"], [math.nan, "  "], {"ann": "x", "ben": pd.NA}])
    state = stop.state()
    assert (state.n_items, state.n_used, state.n_too_few, state.n_waiting) == (9, 4, 5, 0)
    assert stop.evidence == fed(AGREED).evidence
    assert "5 with fewer than two labels left out" in repr(stop)


def test_a_list_a_mapping_and_a_series_are_the_same_item():
    several = [SequentialTarget(0.5) for _ in range(3)]
    for labels in AGREED:
        several[0].update(labels)
        several[1].update(dict(enumerate(labels)))
        several[2].update(pd.Series(labels, dtype=object))
    assert len({stop.evidence for stop in several}) == 1


def test_numbers_and_texts_that_spell_them_are_one_class():
    assert (
        fed([[1, 1.0], ["1", np.int64(1)], [2, "2"], [2.0, 2]]).evidence
        == fed([["a", "a"]] * 2 + [["b"] * 2] * 2).evidence
    )


def test_annotations_are_taken_item_by_item_in_their_order():
    counts = draw_counts(Setting(m=3, agreement=0.8), (40,), np.random.default_rng(5))
    rows = [(i, a, x) for i, labels in enumerate(labels_of(counts)) for a, x in enumerate(labels)]
    rows += [(40, 0, 1)]
    long = pd.DataFrame(rows, columns=["item", "annotator", "label"]).sample(frac=1, random_state=1)
    annotations = Annotations.from_frame(long, item="item", annotator="annotator", label="label")
    order = [labels_of(counts)[i] if i < 40 else [1] for i in annotations.items]
    for options in ({}, {"weights": "linear", "classes": [1, 2, 3]}):
        one = SequentialTarget(0.5, **options).update_many(annotations)
        pd.testing.assert_frame_equal(one.to_frame(), fed(order, 0.5, **options).to_frame())


def test_a_label_outside_the_classes_is_an_error_that_changes_nothing():
    stop = fed(AGREED, weights="ordinal", classes=["x", "y", "sport"])
    before = stop.to_dict()
    with pytest.raises(LabelError, match=r"'sprot'.*did you mean 'sport'"):
        stop.update(["x", "sprot"])
    wide = pd.DataFrame({"ann": ["x", "y"], "ben": ["x", "z"]})
    with pytest.raises(LabelError, match="'z'"):
        stop.update_many(Annotations.from_wide(wide))
    assert stop.to_dict() == before


def test_rounds_are_refused():
    long = pd.DataFrame({"i": [1, 1], "a": [1, 2], "l": ["x", "y"], "r": [1, 2]})
    annotations = Annotations.from_frame(long, item="i", annotator="a", label="l", round="r")
    with pytest.raises(RoundsError):
        SequentialTarget(0.5).update_many(annotations)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"target": 1.0}, "number between -1 and 1"),
        ({"target": "0.6"}, "number between -1 and 1"),
        ({"target": math.nan}, "number between -1 and 1"),
        ({"target": True}, "number between -1 and 1"),
        ({"alpha": 0.0}, "number between 0 and 1"),
        ({"coefficient": "gwet_ac"}, "krippendorff_alpha, fleiss_kappa"),
        ({"weights": "rank", "classes": ["a", "b"]}, "change from look to look"),
        ({"weights": "oridnal"}, "did you mean 'ordinal'"),
        ({"weights": "ordinal"}, "need the classes"),
        ({"weights": [[1.0, 0.0], [0.0, 1.0]]}, "need the classes"),
        ({"classes": "ab"}, "one text, not a list"),
    ],
)
def test_a_wrong_parameter_says_what_is_allowed(options, says):
    with pytest.raises(ParameterError, match=says):
        SequentialTarget(**({"target": 0.6} | options))


@pytest.mark.parametrize("labels", ["spam", 3, None])
def test_one_value_is_not_an_item(labels):
    with pytest.raises(ParameterError, match="not the labels of an item"):
        SequentialTarget(0.6).update(labels)


def test_one_class_only_says_nothing_and_says_so():
    stop = fed([["x", "x"]] * 40)
    assert (stop.evidence, stop.lower_bound, stop.reached) == (1.0, -1.0, False)
    assert "only one class was used" in repr(stop)
    assert "nothing can be said yet" in repr(SequentialTarget(0.6))


def test_full_disagreement_only_lowers_the_evidence():
    stop = fed([["x", "y"], ["y", "x"]] * 20)
    assert stop.evidence < 1e-3
    assert not stop.reached


@pytest.mark.parametrize(
    ("weights", "classes"),
    [
        ("identity", ["b", "a"]),
        ("quadratic", [1, 2, 3]),
        ("interval", [1, 2, 3]),
        ("ratio", [1, 2, 3]),
        ("bipolar", "123"),
    ],
)
def test_every_fixed_weighting_serves(weights, classes):
    classes = list(classes)
    stop = fed([[c, c] for c in classes] * 30, weights=weights, classes=classes)
    assert stop.reached
    assert stop.lower_bound <= 1


def test_fleiss_and_alpha_are_one_target_and_the_repr_names_it():
    items = AGREED * 10
    one, other = fed(items), fed(items, coefficient="fleiss_kappa")
    assert one.lower_bound == other.lower_bound
    assert repr(one).startswith("Krippendorff's alpha, target 0.600: reached after")
    assert repr(other).startswith("Fleiss' kappa")
    assert 3 <= len(repr(one).splitlines()) <= 6
    assert "next:" in repr(one).splitlines()[-1]


def test_once_reached_stays_reached():
    stop = fed(AGREED * 10)
    at = stop.state().reached_at
    for _ in range(40):
        stop.update(["x", "y"])
    assert stop.reached
    assert stop.state().reached_at == at


def test_the_state_is_json_safe_and_drawn():
    stop = fed(AGREED * 10)
    content = json.loads(json.dumps(stop.to_dict(), allow_nan=False))
    assert content["schema_version"] == 1
    assert content["reached"] is True
    assert len(content["history"]) == 40
    assert "Agreement is above" in chart_svg(stop.plot(), title="t")
    assert "<table" in stop._repr_html_()
    assert "<svg" in chart_svg(SequentialTarget(0.6).plot(), title="t")


def test_a_long_history_keeps_its_columns_and_its_pace():
    items = itertools.islice(itertools.cycle(AGREED), 2000)
    frame = fed(items).to_frame()
    assert frame.columns.tolist() == ["n_items", "n_used", "evidence", "lower_bound", "reached"]
    assert frame["n_used"].iloc[-1] == 2000
    assert np.isfinite(frame["evidence"]).all()


@pytest.mark.parametrize("labels", [{"spam", "ham"}, frozenset({"spam"}), pd.DataFrame({"ann": ["spam"]})], ids=type)
def test_sets_and_tables_are_no_item(labels):
    stop = SequentialTarget(0.6)
    with pytest.raises(ParameterError, match="labels_of_item is a "):
        stop.update(labels)
    assert stop.n_items == 0
