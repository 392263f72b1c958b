"""The entry point: what users meet."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from labelqa.aggregation.consensus import consensus
from labelqa.aggregation.names import EM_METHODS, METHODS
from labelqa.aggregation.next_choice import next_labels
from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, RoundsError
from tests.unit.aggregation.crowds import annotations, crowd

NONE_GIVEN = np.empty(0, np.int32)


def empty(k):
    return Annotations(
        item=NONE_GIVEN,
        annotator=NONE_GIVEN,
        label=NONE_GIVEN,
        items=pd.Index([]),
        annotators=pd.Index([]),
        schema=LabelSchema(classes=tuple("abc"[:k])),
    )


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_easy_truth(method):
    truth, labels = crowd(200, [0.9, 0.85, 0.8, 0.95, 0.9], k=3)
    found = consensus(annotations(labels, 3), method)
    assert (found.codes == truth).mean() > 0.95
    assert found.probabilities.sum(axis=1) == pytest.approx(1.0)
    assert found.converged


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("k", [0, 1, 3])
def test_empty_data_give_an_empty_consensus(method, k):
    found = consensus(empty(k), method)
    assert len(found) == 0
    assert found.probabilities.shape == (0, k)
    assert len(found.annotators) == 0
    assert "0 items" in repr(found)


@pytest.mark.parametrize("method", METHODS)
def test_one_label_an_item_is_that_label_and_a_note_says_so(method):
    labels = np.full((12, 3), -1)
    labels[np.arange(12), np.arange(12) % 3] = np.arange(12) % 2
    found = consensus(annotations(labels, 2), method)
    assert found.codes.tolist() == (np.arange(12) % 2).tolist()
    assert "one label" in found.notes[0]
    assert found.annotators["accuracy"].isna().all()


@pytest.mark.parametrize("method", METHODS)
def test_items_without_labels_have_no_consensus_and_undefined_quality(method):
    _, labels = crowd(30, [0.9, 0.9, 0.8])
    labels[4] = -1
    found = consensus(annotations(labels, 2), method)
    assert found.labels[4] is None
    assert found.codes[4] == -1
    assert np.isnan(found.quality[4])
    assert not found.tied[4]
    assert any("1 item has no label: it gets no consensus" in note for note in found.notes)


@pytest.mark.parametrize("method", METHODS)
def test_all_identical_labels_are_sure(method):
    found = consensus(annotations(np.ones((20, 3), int), 3), method)
    assert set(found.labels) == {"c1"}
    assert found.quality.min() > 0.9


@pytest.mark.parametrize("method", METHODS)
def test_a_class_that_nobody_uses_changes_no_label(method):
    _, labels = crowd(80, [0.9, 0.8, 0.85, 0.7])
    two, three = consensus(annotations(labels, 2), method), consensus(annotations(labels, 3), method)
    assert three.probabilities[:, 2].max() < 0.05
    assert (two.codes == three.codes).mean() > 0.95


@pytest.mark.parametrize("method", METHODS)
def test_one_annotator_is_believed(method):
    _, labels = crowd(20, [1.0], k=3)
    assert consensus(annotations(labels, 3), method).codes.tolist() == labels[:, 0].tolist()


@pytest.mark.parametrize("method", METHODS)
def test_an_annotator_with_one_label_does_no_harm(method):
    _, labels = crowd(60, [0.9, 0.9, 0.85, 0.8, 0.95, 0.5])
    labels[1:, 5] = -1
    found, without = (consensus(annotations(part, 2), method) for part in (labels, labels[:, :5]))
    assert (found.codes == without.codes).mean() > 0.95
    assert len(found.annotators) == 6


@pytest.mark.parametrize("method", METHODS)
def test_many_labels_on_one_item_do_not_underflow(method):
    rng = np.random.default_rng(0)
    labels = np.where(rng.random((2, 10_000)) < 0.6, [[0], [1]], [[1], [0]])
    assert 0.6 ** labels.shape[1] == 0, "as a product the share of votes is zero"
    found = consensus(annotations(labels, 2), method)
    assert np.isfinite(found.probabilities).all()
    assert found.codes.tolist() == [0, 1]


def test_ties_are_reported():
    found = consensus(annotations([[0, 1], [1, 1], [1, 0]], 2), "majority")
    assert found.tied.tolist() == [True, False, True]
    assert found.probabilities[0].tolist() == [0.5, 0.5]
    assert "2 tied" in repr(found)


def test_of_tied_classes_the_one_with_more_votes_is_shown():
    """Two annotators who always contradict each other, and items where one of them is alone."""
    found = consensus(annotations([[0, 1, -1], [0, 1, 1], [2, -1, -1]], 3), "majority")
    assert found.labels.tolist() == ["c0", "c1", "c2"]


def with_adversaries():
    """Three of ten annotators are right with probability .2 (two classes)."""
    truth, labels = crowd(500, np.array([0.2, 0.2, 0.2, *[0.75] * 7]), share=0.6, seed=1)
    return truth, annotations(labels, 2)


@pytest.mark.parametrize("method", ["majority", "auto", *EM_METHODS])
def test_adversaries_are_named(method):
    note = next(n for n in consensus(with_adversaries()[1], method).notes if "less often than chance" in n)
    assert all(name in note for name in ("g0", "g1", "g2"))
    assert "g5" not in note


@pytest.mark.parametrize("method", [m for m in ("auto", *EM_METHODS) if m != "spammer"])
def test_adversaries_are_used_the_other_way_round(method):
    """Not by the spammer model: truth or habit has no place for people who know the truth and say the opposite."""
    truth, data = with_adversaries()
    votes = (consensus(data, "majority").codes == truth).mean()
    assert (consensus(data, method).codes == truth).mean() > votes + 0.05


def test_notes_name_nobody_in_anonymised_data():
    _, labels = crowd(300, [0.15, 0.8, 0.8, 0.8, 0.8], seed=1)
    found = consensus(annotations(labels, 2).anonymise())
    note = next(n for n in found.notes if "less often than chance" in n)
    assert "g0" not in note


@pytest.mark.parametrize("method", METHODS)
def test_classes_keep_their_names_where_most_are_adversaries_in_part_of_the_data(method):
    """On a fifth of the items two of three labels are turned round; elsewhere people are good."""
    truth, labels = crowd(500, [0.85] * 9, seed=2)
    labels[:100, :6] = 1 - labels[:100, :6]
    found = consensus(annotations(labels, 2), method)
    assert (found.codes[100:] == truth[100:]).mean() > 0.9
    assert not any("most labels say" in note for note in found.notes)


def test_a_consensus_against_most_labels_of_a_class_is_noted():
    """Everybody says c0 of a class that gold calls c1: confusion of the whole group."""
    labels = np.zeros((60, 4), int)
    labels[40:] = 1
    gold = {f"i{i}": "c1" for i in range(40)} | {f"i{i}": "c0" for i in range(40, 60)}
    found = consensus(annotations(labels, 2), "dawid_skene", gold=gold)
    assert any("most labels say 'c0'" in note for note in found.notes)


def test_quality_ranks_wrong_labels_first():
    truth, labels = crowd(600, np.linspace(0.5, 0.85, 12), k=3, share=0.3, seed=4)
    found = consensus(annotations(labels, 3))
    labeled = found.codes >= 0
    wrong = (found.codes != truth)[labeled]
    rank = pd.Series(found.quality[labeled]).rank().to_numpy()
    area = 1 - (rank[wrong].sum() - wrong.sum() * (wrong.sum() + 1) / 2) / (wrong.sum() * (~wrong).sum())
    assert area > 0.75


def test_the_result_is_a_frozen_table_and_json():
    _, labels = crowd(40, [0.9, 0.7, 0.6])
    found = consensus(annotations(labels, 2))
    assert list(found.to_frame()) == ["item", "label", "probability", "quality", "tied", "n_labels", "agreeing"]
    assert len(found.worst(5)) == 5
    content = json.loads(json.dumps(found.to_dict()))
    assert content["schema_version"] == 1
    assert len(content["annotators"]) == 3
    assert np.shape(content["confusion"]) == (3, 2, 2)
    assert "next:" in repr(found).splitlines()[-1]
    assert 3 <= len(repr(found).splitlines()) <= 6
    assert "annotators" not in found.__dataclass_fields__
    with pytest.raises(AttributeError):
        found.method = "majority"


def test_an_unknown_method_is_an_error_that_lists_methods():
    with pytest.raises(ParameterError, match="dawid_skene"):
        consensus(annotations([[0, 1]], 2), "dawid-skene")


def test_several_rounds_are_refused():
    frame = pd.DataFrame({"i": [1, 1], "a": ["x", "x"], "l": ["u", "v"], "r": [1, 2]})
    with pytest.raises(RoundsError):
        consensus(Annotations.from_frame(frame, item="i", annotator="a", label="l", round="r"))


def test_the_picture_shows_every_annotator_with_an_interval() -> None:
    wide = pd.DataFrame({"ann": list("xxyyx"), "ben": list("xxyxx"), "cem": list("xyyyx")})
    drawn = consensus(Annotations.from_wide(wide)).plot().to_dict()
    rows = max(drawn["datasets"].values(), key=len)
    assert sorted(row["key"].partition("|")[2] for row in rows) == ["ann", "ben", "cem"]
    assert all(row["low"] < row["estimate"] <= row["high"] for row in rows)


@pytest.mark.parametrize("method", METHODS)
def test_items_with_a_single_label_each_keep_it_whatever_the_method(method: str) -> None:
    rng = np.random.default_rng(0)
    long = pd.DataFrame({"item": range(300), "who": rng.integers(0, 8, 300), "label": rng.integers(0, 10, 300)})
    found = consensus(Annotations.from_frame(long, item="item", annotator="who", label="label"), method)
    assert found.labels.tolist() == long["label"].tolist()


@pytest.mark.parametrize("method", METHODS)
def test_one_label_an_item_has_no_probability_in_any_table(method: str) -> None:
    found = consensus(annotations([[0, -1], [-1, 1], [1, -1]], 2), method)
    assert np.isnan(found.quality).all()
    assert found.to_frame()[["probability", "quality"]].isna().all(axis=None)
    assert found.to_dict()["quality"] == [None] * 3
    assert "how sure: undefined" in repr(found)
    asked = next_labels(annotations([[0, -1], [-1, 1], [1, -1]], 2), 1)
    assert np.isnan(asked.expected_errors_before)
    assert "nothing tells which one to ask for again" in asked.notes[0]


def few_overlaps(seed: int, n: int = 200, m: int = 5, doubled: int = 10, k: int = 3, right: float = 0.7):
    """Return truth (n,) and labels (n, m): one an item, two for the first `doubled`."""
    rng = np.random.default_rng(seed)
    truth, labels = rng.integers(0, k, n), np.full((n, m), -1)
    for i in range(n):
        who = rng.choice(m, 2 if i < doubled else 1, replace=False)
        wrong = (truth[i] + rng.integers(1, k, who.size)) % k
        labels[i, who] = np.where(rng.random(who.size) < right, truth[i], wrong)
    return truth, labels


@pytest.mark.parametrize("seed", range(6))
def test_single_labels_are_not_overruled_on_almost_no_evidence(seed: int) -> None:
    _, labels = few_overlaps(seed)
    found = consensus(annotations(labels, 3))
    single = found.n_labels == 1
    assert (found.agreeing[single] == 1).all()
    assert found.quality[single].max() < 0.9
    assert any(note.startswith("Only 10 of 200 items have two labels or more") for note in found.notes)


def test_one_agreed_pair_makes_no_single_label_sure() -> None:
    labels = np.full((50, 2), -1)
    labels[np.arange(50), np.arange(50) % 2] = np.arange(50) % 3
    labels[0] = 0
    found = consensus(annotations(labels, 3))
    assert found.quality[1:].max() < 0.88
    assert found.notes[0].startswith("Only 1 of 50 items has two labels or more: that hardly tells")


def test_a_single_label_of_a_known_adversary_is_still_overruled() -> None:
    truth, labels = crowd(300, [0.9, 0.9, 0.9, 0.9, 0.1], seed=3)
    labels[:40, :4] = -1
    found = consensus(annotations(labels, 2))
    assert (found.codes[:40] == truth[:40]).mean() > 0.8
    assert not any(note.startswith("Only") for note in found.notes)


def test_rounds_are_refused_in_words_of_a_consensus() -> None:
    frame = pd.DataFrame({"i": [1, 1], "a": ["x", "x"], "l": ["u", "v"], "r": [1, 2]})
    data = Annotations.from_frame(frame, item="i", annotator="a", label="l", round="r")
    for call in (consensus, lambda d: next_labels(d, 1)):
        with pytest.raises(RoundsError, match="labels are combined within one"):
            call(data)
