"""The classifier as a voter: helps where it is right, is left out where it is useless, refuses what does not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from labelqa.aggregation.classifier_fit import calibrate
from labelqa.aggregation.classifier_input import class_probabilities
from labelqa.aggregation.consensus import consensus
from labelqa.aggregation.labeltable import LabelTable
from labelqa.annotations.table import Annotations
from labelqa.errors import LabelqaError, ParameterError

N, M, CLASSES = 300, 12, ("x", "y", "z")
METHODS = ("auto", "majority", "hierarchical", "dawid_skene")


def labeled(labels_per_item=3, skill=0.6, seed=1, n=N):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    item = np.repeat(np.arange(n), labels_per_item)
    annotator = np.concatenate([rng.choice(M, labels_per_item, replace=False) for _ in range(n)])
    right = rng.random(item.size) < skill
    label = np.where(right, truth[item], rng.integers(0, 3, item.size))
    frame = pd.DataFrame(
        {"item": item, "annotator": [f"a{g:02}" for g in annotator], "label": np.array(CLASSES)[label]}
    )
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label", classes=CLASSES), truth


def classifier(truth, scale=2.0, factor=1.0, seed=2):
    rng = np.random.default_rng(seed)
    odds = np.exp(factor * (scale * np.eye(3)[truth] + rng.standard_normal((truth.size, 3))))
    return odds / odds.sum(axis=1, keepdims=True)


def accuracy(found, truth):
    return float((found.codes == truth).mean())


@pytest.mark.parametrize("method", METHODS)
def test_a_good_classifier_beats_the_annotators_alone(method):
    annotations, truth = labeled()
    with_it = consensus(annotations, method, pred_probs=classifier(truth))
    assert accuracy(with_it, truth) > accuracy(consensus(annotations, method), truth) + 0.02


@pytest.mark.parametrize("factor", [0.25, 1.0, 6.0])
def test_confidence_of_the_classifier_is_recalibrated(factor):
    annotations, truth = labeled()
    probabilities = classifier(truth, factor=factor)
    best = max(accuracy(consensus(annotations), truth), float((probabilities.argmax(axis=1) == truth).mean()))
    assert accuracy(consensus(annotations, pred_probs=probabilities), truth) >= best - 0.005
    assert calibrate(LabelTable.of(annotations), probabilities).temperature * factor == pytest.approx(2.0, abs=0.9)


@pytest.mark.parametrize("method", METHODS)
def test_a_useless_classifier_is_left_out(method):
    annotations, truth = labeled()
    noise = classifier(np.random.default_rng(9).integers(0, 3, N))
    found = consensus(annotations, method, pred_probs=noise)
    alone = consensus(annotations, method)
    assert found.weights["classifier"] < 0.02
    assert accuracy(found, truth) >= accuracy(alone, truth) - 0.005


def test_a_classifier_that_names_other_classes_does_not_turn_the_annotators_round():
    annotations, truth = labeled(skill=0.7)
    found = consensus(annotations, pred_probs=classifier((truth + 1) % 3, scale=4.0))
    assert accuracy(found, truth) >= accuracy(consensus(annotations), truth) - 0.005


def test_with_one_label_an_item_labels_and_classifier_together_beat_both():
    annotations, truth = labeled(labels_per_item=1, skill=0.7, n=900)
    probabilities = classifier(truth, scale=1.5)
    parts = [accuracy(consensus(annotations), truth), float((probabilities.argmax(axis=1) == truth).mean())]
    assert accuracy(consensus(annotations, pred_probs=probabilities), truth) > max(parts)


@pytest.mark.parametrize("method", METHODS)
def test_notes_say_how_much_the_classifier_counts_and_shares_sum_to_one(method):
    annotations, truth = labeled()
    found = consensus(annotations, method, pred_probs=classifier(truth))
    assert "labels of an average annotator" in found.notes[0]
    assert sum(found.weights.values()) == pytest.approx(1.0)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0)


def test_same_input_same_answer():
    annotations, truth = labeled()
    first, second = (consensus(annotations, pred_probs=classifier(truth), rng=3) for _ in range(2))
    np.testing.assert_array_equal(first.probabilities, second.probabilities)


def test_certain_and_impossible_classes_do_not_break_the_fit():
    annotations, truth = labeled()
    found = consensus(annotations, pred_probs=np.eye(3)[truth])
    assert np.isfinite(found.probabilities).all()
    assert accuracy(found, truth) > 0.9


def test_gold_items_keep_their_class_beside_a_classifier():
    annotations, truth = labeled()
    gold = {i: CLASSES[(truth[i] + 1) % 3] for i in range(5)}
    found = consensus(annotations, pred_probs=classifier(truth), gold=gold)
    assert found.labels[:5].tolist() == list(gold.values())


def test_items_without_a_label_have_the_classifiers_probability_but_no_consensus():
    annotations, truth = labeled(n=60)
    some = annotations.item != 0
    less = replace(
        annotations, item=annotations.item[some], annotator=annotations.annotator[some], label=annotations.label[some]
    )
    found = consensus(less, pred_probs=classifier(truth))
    assert found.codes[0] == -1
    assert np.isfinite(found.probabilities[0]).all()


@pytest.mark.parametrize("classes", [["x"], ["x", "y"]])
def test_tiny_data_is_legitimate(classes):
    frame = pd.DataFrame({"item": [1, 1], "annotator": ["a", "b"], "label": ["x", "x"]})
    annotations = Annotations.from_frame(frame, item="item", annotator="annotator", label="label", classes=classes)
    found = consensus(annotations, pred_probs=np.full((1, len(classes)), 1 / len(classes)))
    assert found.labels.tolist() == ["x"]


def test_a_frame_is_reordered_by_its_names():
    annotations, truth = labeled()
    probabilities = classifier(truth)
    frame = pd.DataFrame(probabilities, columns=list(CLASSES)).sample(frac=1, random_state=0)[["z", "x", "y"]]
    found, notes = class_probabilities(annotations, frame)
    np.testing.assert_allclose(found, probabilities)
    assert notes == ()


def test_sums_within_a_thousandth_are_renormalised_and_noted():
    annotations, truth = labeled()
    probabilities = classifier(truth)
    probabilities[0] *= 1.0005
    found = consensus(annotations, pred_probs=probabilities)
    assert any("1 row summed to one only within" in note for note in found.notes)


def spoiled(probabilities, kind):
    frame = pd.DataFrame(probabilities.copy(), columns=list(CLASSES))
    if kind == "nan":
        frame.iloc[4, 1] = np.nan
    elif kind == "negative":
        frame.iloc[4] = [1.2, -0.2, 0.0]
    elif kind == "sum":
        frame.iloc[4] = [0.5, 0.2, 0.1]
    elif kind == "columns":
        frame.columns = ["x", "y", "other"]
    elif kind == "items":
        frame = frame.iloc[1:]
    elif kind == "twice":
        frame = pd.concat([frame, frame.iloc[[3]]])
    return {"shape": probabilities[:, :2], "text": "a", "ragged": [[0.1], [0.2, 0.8]]}.get(kind, frame)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("shape", r"shape \(300, 2\), but the labels have \(items, classes\) = \(300, 3\)"),
        ("text", "not a table of numbers"),
        ("ragged", "not a table of numbers"),
        ("nan", "missing or infinite values for 1 item: 4"),
        ("negative", "negative values for 1 item: 4"),
        ("sum", r"does not sum to one \(but to 0.8\) for 1 item: 4"),
        ("columns", "x, y, other, but the classes are x, y, z"),
        ("items", "no row for 1 of 300 items: 0"),
        ("twice", "1 item more than once: 3"),
    ],
)
def test_probabilities_that_do_not_fit_are_one_clear_error(kind, said):
    annotations, truth = labeled()
    with pytest.raises(ParameterError, match=said) as caught:
        consensus(annotations, pred_probs=spoiled(classifier(truth), kind))
    assert isinstance(caught.value, LabelqaError)
    assert caught.value.problem.parameter == "pred_probs"
    assert "Pass one row an item" in str(caught.value)


def test_one_label_an_item_beside_a_classifier_is_not_called_the_consensus():
    annotations, truth = labeled(labels_per_item=1, skill=0.7, n=900)
    found = consensus(annotations, pred_probs=classifier(truth, scale=3.0))
    assert (found.agreeing == 0).any()
    assert "Every item has one label: how often labels are right, only the classifier tells." in found.notes
    assert not np.isnan(found.quality).any()


def test_too_few_labels_to_tell_are_not_called_no_help():
    annotations, truth = labeled(labels_per_item=1, skill=0.7, n=25)
    notes = consensus(annotations, pred_probs=classifier(truth, scale=3.0)).notes
    assert notes[0].startswith("Too few labels to tell whether the classifier helps")
    assert "nothing tells how often it is right" in notes[1]


def test_notes_begin_with_plain_words():
    annotations, truth = labeled()
    for factor, word in ((6.0, "less sure of itself"), (0.25, "bolder")):
        note = consensus(annotations, pred_probs=classifier(truth, factor=factor)).notes[0]
        assert note.startswith("The classifier counts like")
        assert word in note
