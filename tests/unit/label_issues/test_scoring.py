"""Quality from probabilities: order, extremes, counts."""

import numpy as np
import pytest

from labelqa.label_issues.confident import confident_joint
from labelqa.label_issues.confusing import confusion_ratios
from labelqa.label_issues.scoring import Range, Weighing, fit_noise, score, sharpened, shift_to, sigmoid


def noisy(n=2000, k=4, *, share=0.1, sure=3.0, seed=0, wrong_as=None):
    """Return probabilities of a good model, given labels and which of them are wrong."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    scores = rng.standard_normal((n, k))
    scores[np.arange(n), truth] += sure
    values = np.exp(scores)
    flip = rng.random(n) < share
    other = (truth + rng.integers(1, k, n)) % k if wrong_as is None else wrong_as[truth]
    return values / values.sum(axis=1, keepdims=True), np.where(flip, other, truth).astype(np.int32), flip


def test_a_row_predicted_certain_of_its_own_label_is_never_suspicious():
    values = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.6, 0.4, 0.0], [0.0, 1.0, 0.0]])
    quality = score(values, np.array([0, 1, 2, 0, 0], dtype=np.int32), sharpen=False).quality
    assert quality.argsort()[:2].tolist() == [4, 3]
    assert (quality[:3] > 0.99).all()
    assert np.isfinite(quality).all()


def test_wrong_labels_come_first_and_their_number_is_about_right():
    values, codes, wrong = noisy()
    found = score(values, codes, sharpen=False)
    assert wrong[found.quality.argsort()[: wrong.sum()]].mean() > 0.75
    assert found.range.low < wrong.sum() < found.range.high
    assert (1 - found.quality).sum() == pytest.approx(found.range.estimate, abs=2)


def test_without_errors_the_range_reaches_down_to_none():
    values, codes, _ = noisy(share=0.0, sure=6.0)
    assert score(values, codes, sharpen=False).range.low == 0.0


def test_classes_that_are_taken_for_each_other_are_learned():
    next_one = np.array([1, 2, 3, 0])
    values, codes, wrong = noisy(n=4000, wrong_as=next_one, sure=2.0, share=0.15)
    ratios = confusion_ratios(confident_joint(values, codes))
    assert (ratios.argmax(axis=1) == next_one).all()
    learned = score(values, codes, sharpen=False).quality
    own = values[np.arange(codes.size), codes]
    n = int(wrong.sum())
    assert wrong[learned.argsort()[:n]].mean() > wrong[own.argsort()[:n]].mean() + 0.03


@pytest.mark.parametrize("k", [2, 3, 10])
def test_confusion_ratios_have_a_mean_of_one_over_the_other_classes(k):
    counts = np.random.default_rng(k).poisson(3.0, (k, k)).astype(float)
    ratios = confusion_ratios(counts)
    assert ratios.sum(axis=1) == pytest.approx(k - 1)
    assert np.diag(ratios).tolist() == [0.0] * k


def test_without_counts_no_class_is_taken_for_another_more_than_for_the_rest():
    assert confusion_ratios(np.zeros((4, 4))) == pytest.approx(1 - np.eye(4))


def test_quality_keeps_its_order_whatever_the_number_of_errors():
    odds = np.linspace(-8, 8, 50)
    for share in (0.001, 0.1, 0.6):
        assert sigmoid(-(odds + shift_to(odds, share))).mean() == pytest.approx(share, abs=1e-6)


def test_a_larger_error_on_an_ordered_scale_is_more_suspicious():
    near, far = [0.1, 0.8, 0.1, 0.0, 0.0], [0.0, 0.0, 0.1, 0.1, 0.8]
    values = np.array([*[[0.9, 0.1, 0.0, 0.0, 0.0]] * 20, near, far])
    codes = np.zeros(22, dtype=np.int32)
    steps = np.abs(np.arange(5)[:, None] - np.arange(5)) / 4
    quality = score(values, codes, sharpen=False, distance=steps).quality
    assert quality[21] < quality[20] < quality[0]


def test_a_mean_of_models_that_is_too_unsure_is_sharpened():
    values, codes, _ = noisy(share=0.1)
    weighing = Weighing.of(confident_joint(values, codes), None)
    unsure, sure = (fit_noise(sharpened(values, t), codes, weighing).temperature for t in (0.5, 2.0))
    assert unsure > sure


def test_ranges_span_all_ways_to_count():
    found = Range.of_counts((10.0, 40.0), 60.0, 500)
    assert found.low < 10 < found.estimate == 40 < 60 < found.high
    assert Range.of_counts((10.0, 40.0), 60.0, 62).high == 62


def test_many_classes_and_one_class_are_no_trouble():
    rng = np.random.default_rng(0)
    many = rng.dirichlet(np.ones(1000), 3000)
    assert np.isfinite(score(many, many.argmax(axis=1).astype(np.int32), sharpen=False).quality).all()
    alone = score(np.ones((5, 1)), np.zeros(5, dtype=np.int32), sharpen=True)
    assert (alone.quality > 0.5).all()
