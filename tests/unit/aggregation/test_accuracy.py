"""Accuracy of annotators: sensible where labels hardly tell, the same wherever it is shown, adversaries by name."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from labelqa.aggregation.accuracy import BELOW_CHANCE, CONTRADICT, FEW_LABELS, HARDLY, ONE_CLASS, TWO_ONLY, Likelihood
from labelqa.aggregation.annotators.quality import annotator_quality
from labelqa.aggregation.annotators.schools import annotator_schools
from labelqa.aggregation.consensus import consensus
from labelqa.aggregation.names import METHODS
from labelqa.aggregation.next_choice import next_labels
from labelqa.aggregation.notes import notes_on
from labelqa.annotations.table import Annotations
from tests.unit.aggregation.crowds import annotations, crowd


def by_name(frame):
    return frame.set_index("annotator")


def likelihood(*people):
    """Take (probability that a label is right by the others, labels) for each annotator, two classes."""
    n = [n for _, n in people]
    right = np.repeat([q for q, _ in people], n)
    return Likelihood.of(np.repeat(np.arange(len(people)), n).astype(np.int32), right, 1 - right, len(people))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 8, 9])
@pytest.mark.parametrize("method", ["auto", "majority", "dawid_skene"])
def test_no_accuracy_is_at_the_edge_because_nearly_nothing_is_known(method, n, seed):
    _, labels = crowd(n, [0.9, 0.8, 0.7], seed=seed)
    frame = consensus(annotations(labels, 2), method).annotators.dropna(subset=["accuracy"])
    assert (frame["low"] <= frame["accuracy"]).all()
    assert (frame["accuracy"] <= frame["high"]).all()
    hardly = frame["high"] - frame["low"] > 0.75
    assert (frame["reason"][hardly] == HARDLY).all()
    assert (frame["accuracy"][hardly] > 0.15).all()
    assert frame["reason"].notna().all()


def test_a_flat_likelihood_gives_the_accuracy_of_the_group():
    """Labels that the others hardly judge have their maximum at 0; forty others are right in nine of ten."""
    flat = likelihood((0.49, 5), *[(1.0, 36), (0.0, 4)])
    assert flat.limits(0.95)[0][0] == 0.0
    pooled = Likelihood(log=np.stack([flat.log[0], flat.log[1] + flat.log[2]]), n=np.array([5.0, 40.0]))
    accuracy = pooled.pulled(2)
    assert accuracy[0] == pytest.approx(0.9, abs=0.04)
    assert accuracy[1] == pytest.approx(0.9, abs=0.01)


def test_pulling_is_two_labels_of_the_group():
    """30 of 40 right in the group with the anchor's (4 * .875); then two labels more for each."""
    wrong = np.r_[np.zeros(20), np.zeros(10), np.ones(10)]
    certain = Likelihood.of(np.repeat([0, 1], 20).astype(np.int32), 1 - wrong, wrong, 2)
    group = (30 + 4 * 0.875) / 44
    assert certain.pulled(2) == pytest.approx([(20 + 2 * group) / 22, (10 + 2 * group) / 22], abs=0.003)


def test_intervals_do_not_depend_on_the_group():
    alone, among = likelihood((0.8, 9)), likelihood((0.8, 9), (0.1, 50))
    for own, other in zip(alone.limits(0.95), among.limits(0.95), strict=True):
        assert own[0] == other[0]


@pytest.mark.parametrize("k", [2, 4])
def test_one_person_has_one_accuracy_wherever_it_is_shown(k):
    _, labels = crowd(120, [0.9, 0.85, 0.8, 0.6, 0.75, 0.2], k=k, share=0.7, seed=3)
    data = annotations(labels, k)
    found = consensus(data)
    simple = by_name(found.annotators)
    for quality in (annotator_quality(data), annotator_quality(data, found)):
        full = by_name(quality.frame).loc[simple.index]
        assert np.abs(simple["accuracy"] - full["accuracy"]).max() < 0.03
        assert np.abs(simple["accuracy"] - full["accuracy"]).mean() < 0.012
        assert simple["reason"].tolist() == full["reason"].tolist()


@pytest.mark.parametrize("method", METHODS)
def test_true_classes_judge_annotators_in_both_tables_whatever_the_method(method):
    truth, labels = crowd(60, [0.95, 0.2, 0.2], seed=3)
    data, gold = annotations(labels, 2), {f"i{i}": f"c{c}" for i, c in enumerate(truth)}
    real = (labels == truth[:, None]).mean(axis=0)
    found = consensus(data, method, gold=gold)
    for frame in (found.annotators, annotator_quality(data, gold=gold).frame):
        assert by_name(frame)["accuracy"].loc[["g0", "g1", "g2"]].to_numpy() == pytest.approx(real, abs=0.03)
        assert by_name(frame)["reason"]["g1"] == BELOW_CHANCE
    assert found.notes[0].startswith("Annotators 'g1', 'g2' are right less often than chance")


@pytest.mark.parametrize("method", METHODS)
def test_true_classes_judge_an_annotator_who_is_alone_whatever_the_method(method):
    truth, labels = crowd(40, [0.9])
    gold = {f"i{i}": f"c{c}" for i, c in enumerate(truth)}
    frame = consensus(annotations(labels, 2), method, gold=gold).annotators
    assert frame["accuracy"][0] == pytest.approx((labels[:, 0] == truth).mean(), abs=0.01)


@pytest.mark.parametrize("method", METHODS)
def test_where_everybody_says_one_class_true_classes_still_tell_how_often_it_is_wrong(method):
    labels = np.zeros((60, 3), int)
    gold = {f"i{i}": f"c{int(i < 15)}" for i in range(60)}
    for frame in (
        consensus(annotations(labels, 2), method, gold=gold).annotators,
        annotator_quality(annotations(labels, 2), gold=gold).frame,
    ):
        assert frame["accuracy"].tolist() == pytest.approx([0.75] * 3, abs=0.02)
        assert frame["reason"].isna().all()


@pytest.mark.parametrize("n_known", [0, 1, 10])
@pytest.mark.parametrize("method", METHODS)
def test_a_few_true_classes_do_not_lift_the_caution_about_two_annotators(method, n_known):
    truth, labels = crowd(200, [0.9, 0.1])
    data, gold = annotations(labels, 2), {f"i{i}": f"c{truth[i]}" for i in range(n_known)}
    found, quality = consensus(data, method, gold=gold), annotator_quality(data, gold=gold).frame
    for frame in (found.annotators, quality):
        assert set(frame["reason"]) == {TWO_ONLY}
    assert not quality["below_chance"].any()
    assert not any("less often than chance" in note for note in found.notes)


def test_true_classes_of_all_items_lift_the_caution_about_two_annotators():
    truth, labels = crowd(12, [1.0, 0.0])
    gold = {f"i{i}": f"c{c}" for i, c in enumerate(truth)}
    reasons = by_name(consensus(annotations(labels, 2), gold=gold).annotators)["reason"]
    assert reasons.to_dict() == {"g0": FEW_LABELS, "g1": BELOW_CHANCE}


@pytest.mark.parametrize("method", METHODS)
def test_one_class_only_has_no_accuracy_but_a_reason(method):
    frame = consensus(annotations(np.ones((30, 3), int), 3), method).annotators
    assert frame["accuracy"].isna().all()
    assert set(frame["reason"]) == {ONE_CLASS}


@pytest.mark.parametrize("method", METHODS)
def test_of_two_who_contradict_each_other_nobody_is_called_worse_than_chance(method):
    _, labels = crowd(200, [0.9, 0.1])
    found = consensus(annotations(labels, 2), method)
    assert set(found.annotators["reason"]) == {TWO_ONLY}
    assert not any("less often than chance" in note for note in found.notes)
    quality = annotator_quality(annotations(labels, 2))
    assert not quality.frame["below_chance"].any()


def test_where_all_items_are_disputed_a_vote_calls_nobody_worse_than_chance():
    """Two against one on every item, in turn: any two annotators agree on a third of the items."""
    labels = np.tile(np.eye(3, dtype=int), (40, 1))
    found = consensus(annotations(labels, 2), "majority")
    assert set(found.annotators["reason"]) == {CONTRADICT}
    assert not len(found._people.suspects)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("k", [2, 4])
def test_who_is_worse_than_chance_is_among_the_suspects_of_every_method(method, k):
    _, labels = crowd(300, [0.08, 0.85, 0.85, 0.8, 0.85], k=k, seed=2)
    found = consensus(annotations(labels, k), method)
    assert by_name(found.annotators)["reason"]["g0"] == BELOW_CHANCE
    suspects = found._people.suspects
    assert suspects.loc[suspects["reason"] == BELOW_CHANCE, "annotator"].tolist() == ["g0"]
    people = found._people
    notes = notes_on(people.table, people.found, people.setting, suspects, people.schema)
    assert any(note.startswith("Annotator 'g0' is right less often than chance") for note in notes)


@pytest.mark.parametrize("seed", range(5))
def test_a_vote_suspects_whom_its_table_calls_worse_than_chance(seed):
    """The short cut of a vote finds the same people as judging everybody."""
    _, labels = crowd(80, [0.1, 0.3, 0.55, 0.7, 0.8, 0.85, 0.9], share=0.6, seed=seed)
    found = consensus(annotations(labels, 2), "majority")
    full, suspects = found.annotators, found._people.suspects
    below = set(full.loc[full["reason"] == BELOW_CHANCE, "annotator"])
    assert below == set(suspects.loc[suspects["reason"] == BELOW_CHANCE, "annotator"])
    assert len(suspects) < len(full)


def test_few_labels_that_tell_something_are_a_rough_guide():
    _, labels = crowd(8, [0.95] * 3, seed=1)
    assert set(consensus(annotations(labels, 2)).annotators["reason"]) <= {FEW_LABELS, HARDLY}


def test_changing_a_table_that_was_given_out_changes_nothing():
    found = consensus(annotations(crowd(30, [0.9, 0.8, 0.7])[1], 2))
    before = found.annotators
    given = found.annotators
    given["accuracy"] = 0.0
    assert found.annotators.equals(before)
    with pytest.raises(ValueError, match="read-only"):
        found.confusion[0, 0, 0] = 1.0


def test_a_consensus_knows_its_labels_in_any_order():
    data = annotations(crowd(40, [0.9, 0.8, 0.7], k=3)[1], 3)
    found = consensus(data)
    order = np.random.default_rng(0).permutation(len(data))
    columns = {"items": data.items, "annotators": data.annotators, "schema": data.schema, "item_data": data.item_data}
    codes = {"item": data.item[order], "annotator": data.annotator[order]}
    assert found.is_of(data)
    assert found.is_of(Annotations(**codes, label=data.label[order], **columns))
    assert not found.is_of(Annotations(**codes, label=(data.label[order] + 1) % 3, **columns))
    assert not found.is_of(data.take(np.arange(len(data) - 1)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("labels", [[[0, 1]] * 6, [[0, 1], [1, 0]] * 4])
def test_of_two_who_never_agree_no_accuracy_is_known(method, labels):
    data = annotations(labels, 2)
    result = annotator_quality(data)
    for frame in (consensus(data, method).annotators, result.frame):
        assert frame[["accuracy", "low", "high"]].isna().all(axis=None)
        assert set(frame["reason"]) == {TWO_ONLY}
    assert result.meaning[0] == f"How often annotators are right cannot be said: {TWO_ONLY}."


def test_of_two_annotators_nobody_is_called_the_worse_one():
    text = annotator_quality(annotations(crowd(200, [0.95, 0.7], seed=1)[1], 2)).meaning[0]
    assert text.startswith("The two annotators are right in about")
    assert "least often" not in text


def test_mistakes_are_named_alike_wherever_they_are_shown():
    _, labels = crowd(200, [0.9, 0.7, 0.6, 0.8], k=3, share=0.8, seed=2)
    data = annotations(labels, 3)
    for method in ("auto", "majority", "dawid_skene"):
        found = consensus(data, method)
        named = by_name(found.annotators)["confuses"]
        assert named.notna().any()
        assert by_name(annotator_quality(data, found).frame)["confuses"].to_dict() == named.to_dict()
    alone = by_name(annotator_quality(data).frame)["confuses"]
    assert alone.to_dict() == by_name(consensus(data).annotators)["confuses"].to_dict()


@pytest.mark.parametrize("method", METHODS)
def test_nobody_without_a_mistake_confuses_anything(method):
    """A class that nobody uses, doubt about items, and identical labels are no mistakes of anybody."""
    _, labels = crowd(90, [1.0, 1.0, 1.0, 0.6], k=2, seed=3)
    frame = by_name(consensus(annotations(labels, 3), method).annotators)
    assert frame["confuses"][["g0", "g1", "g2"]].isna().all()
    assert set(frame["confuses"][["g3"]]) <= {"c0 as c1", "c1 as c0"}
    same = consensus(annotations(np.ones((30, 3), int), 2), method).annotators
    assert same["confuses"].isna().all()


def test_names_that_are_numbers_stay_numbers_in_tables_and_are_quoted_in_sentences():
    _, labels = crowd(120, [0.1, 0.9, 0.9, 0.85], seed=1)
    named = replace(annotations(labels, 2), annotators=pd.Index([5, 6, 7, 8]))
    found, quality = consensus(named), annotator_quality(named)
    asked = next_labels(annotations=replace(named, items=named.items), budget=3, annotators=[6, "7"])
    assert set(found.annotators["annotator"]) == set(quality.frame["annotator"]) == {5, 6, 7, 8}
    assert len(asked) == 0
    assert found.notes[0].startswith("Annotator '5' is right less often than chance")
    assert any("Annotator '5' is right least often" in text for text in quality.meaning)
    assert set(annotator_schools(named).members["annotator"]) == {5, 6, 7, 8}
    assert quality.confusion(5).shape == quality.confusion("5").shape == (2, 3)
    for result in (found, quality):
        assert result.plot().to_dict()
        assert '"annotator": 5' in json.dumps(result.to_dict())


def test_percentages_are_written_alike_in_one_line():
    text = repr(consensus(annotations(crowd(50, [0.9, 0.8, 0.6])[1], 2)))
    line = next(line for line in text.splitlines() if "least accurate" in line)
    assert re.search(r"'g2' \d+% \(\d+% to \d+%\) on 50 labels", line)
