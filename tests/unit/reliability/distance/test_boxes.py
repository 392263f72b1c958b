"""box_agreement: one-to-one matches, and boxes without one."""

import json
import math

import numpy as np
import pytest

from labelqa.annotations.structured import StructuredAnnotations
from labelqa.errors import ParameterError
from labelqa.reliability.distance import words
from labelqa.reliability.distance.boxes import box_agreement, matches
from labelqa.reliability.distance.estimate import distance_agreement
from labelqa.reliability.distance.geometry import best_pairs, box_distance, box_overlaps
from tests.unit.reliability.distance import data as draw


def measure(rows, **kwargs):
    return box_agreement(StructuredAnnotations.from_records(rows, kind="boxes"), **kwargs)


def two(left, right, item="im1"):
    return [(item, "ann", left), (item, "ben", right)]


CAT, CAT_LOWER, FAR_DOG = (0, 0, 10, 10, "cat"), (0, 2, 10, 12, "cat"), (50, 50, 60, 60, "dog")


def test_overlap_is_intersection_over_union():
    assert box_overlaps([CAT], [CAT_LOWER, FAR_DOG]).tolist() == [[pytest.approx(8 / 12), 0.0]]


def test_unmatched_boxes_count_as_disagreement():
    result = measure(two([CAT, FAR_DOG], [CAT_LOWER]))
    assert result.f1 == pytest.approx(2 * 1 / 3)
    assert result.n_matched == 1
    assert result.n_unmatched == 1
    assert result.mean_overlap == pytest.approx(8 / 12)


def test_matching_is_one_to_one():
    result = measure(two([CAT, CAT_LOWER], [CAT]))
    assert result.n_matched == 1
    assert result.n_unmatched == 1


def test_matching_is_the_best_for_the_whole_image_and_not_greedy():
    overlaps = np.array([[0.9, 0.8], [0.8, 0.0]])
    assert best_pairs(overlaps) == [(0, 1), (1, 0)]


def test_the_threshold_decides_what_matches():
    rows = two([CAT], [CAT_LOWER])
    assert measure(rows, iou=0.6).f1 == 1.0
    assert measure(rows, iou=0.7).f1 == 0.0
    assert math.isnan(measure(rows, iou=0.7).mean_overlap)
    reasons = measure(rows, iou=0.7).to_frame().set_index("measure")["reason"]
    assert reasons["mean_overlap"] == words.NO_MATCHES


def test_labels_are_compared_on_matched_boxes():
    dog = (*CAT[:4], "dog")
    result = measure(two([CAT, FAR_DOG], [dog, FAR_DOG]))
    assert result.label_agreement == 0.5
    assert result.f1 == 1.0
    assert result.f1_label == 0.5


def test_of_equal_places_those_with_equal_labels_match():
    dog = (*CAT[:4], "dog")
    assert {(i, j) for i, j, _ in matches([CAT, dog], [dog, CAT], 0.5)} == {(0, 1), (1, 0)}


def test_alpha_of_two_annotators_takes_unmatched_as_a_label():
    """Matches cat-cat, cat-dog, and one dog without a partner: nominal alpha on three units."""
    boxes = [(0, 0, 5, 5), (20, 0, 25, 5), (40, 0, 45, 5)]
    left = [(*boxes[0], "cat"), (*boxes[1], "cat"), (*boxes[2], "dog")]
    right = [(*boxes[0], "cat"), (*boxes[1], "dog")]
    units = ([0, 0, 1, 1, 2, 2], "abababa"[:6], ["cat", "cat", "cat", "dog", "dog", "none"])
    assert measure(two(left, right)).alpha == pytest.approx(distance_agreement(units, "nominal").estimate, abs=1e-12)


def test_alpha_of_three_annotators_who_draw_the_same_is_alpha_of_their_labels():
    places = [(i * 20, 0, i * 20 + 9, 9) for i in range(4)]
    labels = {"ann": "ccdd", "ben": "ccdc", "cem": "cddd"}
    rows = [("im1", who, [(*p, text) for p, text in zip(places, word, strict=True)]) for who, word in labels.items()]
    items = [i for word in labels.values() for i in range(len(word))]
    people = [who for who, word in labels.items() for _ in word]
    flat = (items, people, [c for word in labels.values() for c in word])
    assert measure(rows).alpha == pytest.approx(distance_agreement(flat, "nominal").estimate, abs=1e-12)


def test_images_without_boxes_agree_on_nothing_and_are_pooled():
    rows = two([], [], "im0") + two([CAT], [CAT], "im1") + two([FAR_DOG], [], "im2")
    result = measure(rows)
    assert result.f1 == pytest.approx(2 / 3)
    assert result.n_items == 3


def test_leaving_out_an_image_is_exact():
    data = draw.answers(draw.boxes, "boxes", n=10, seed=1, missing=0)
    result = box_agreement(data)
    without = [box_agreement(data.where(item=[i for i in range(10) if i != j])) for j in range(10)]
    for name in ("f1", "f1_label", "mean_overlap", "label_agreement", "alpha", "alpha_overlap"):
        values = np.array([getattr(w, name) for w in without])
        error = math.sqrt(0.9 * np.square(values - values.mean()).sum())
        interval = result.confidence_interval(method="jackknife", measure=name)
        assert interval.standard_error == pytest.approx(error, abs=1e-9), name


@pytest.mark.parametrize("seed", range(10))
def test_box_distance_is_the_best_assignment_over_all_boxes(seed):
    from scipy.optimize import linear_sum_assignment

    rng = np.random.default_rng(seed)
    a, b = draw.boxes(rng), draw.boxes(rng)
    overlaps = box_overlaps(a, b) * np.array([[x[4] == y[4] for y in b] for x in a]).reshape(len(a), len(b))
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    expected = 1 - 2 * overlaps[rows, columns].sum() / (len(a) + len(b)) if a or b else 0.0
    assert box_distance(a, b) == pytest.approx(expected, abs=1e-12)


REASONS = [
    (words.NO_ANSWERS, []),
    (words.ONE_ANNOTATOR, [("im1", "ann", [CAT])]),
    (words.NO_OVERLAP, [("im1", "ann", [CAT]), ("im2", "ben", [CAT])]),
    (words.NO_BOXES, two([], [])),
]


@pytest.mark.parametrize(("reason", "rows"), REASONS)
def test_undefined_is_nan_with_its_reason(reason, rows):
    result = measure(rows)
    assert math.isnan(result.f1)
    assert result.undefined_because == reason
    json.dumps(result.to_dict(), allow_nan=False)


@pytest.mark.parametrize("iou", [0, -0.1, 1.5, float("nan"), "half", None])
def test_a_threshold_that_is_no_share_is_refused(iou):
    with pytest.raises(ParameterError, match="is not a threshold of overlap"):
        measure(two([CAT], [CAT]), iou=iou)


def test_results_show_themselves_in_every_form():
    result = box_agreement(draw.answers(draw.boxes, "boxes"))
    assert repr(result).splitlines()[-1].startswith("  next:")
    assert result.to_frame()["measure"].tolist()[:2] == ["f1", "f1_label"]
    assert "layer" in result.plot().to_dict()
    assert "<div>" in result._repr_html_()


def test_an_interval_needs_two_images_with_boxes():
    rows = two([CAT], [CAT_LOWER, FAR_DOG]) + two([], [], "im2") + two([], [], "im3")
    frame = measure(rows).to_frame().set_index("measure")
    for name in ("f1", "f1_label", "mean_overlap"):
        assert (math.isnan(frame.loc[name, "low"]), frame.loc[name, "reason"]) == (True, words.ONE_ITEM_COUNTS)
