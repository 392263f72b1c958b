"""Which labels to ask for next: the least sure first, never the same pair twice, better than chance when replayed."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from labelqa.aggregation.consensus import consensus
from labelqa.aggregation.next_choice import next_labels
from labelqa.aggregation.next_gains import gains_ahead, information
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError

COIN = np.array([[0.8, 0.2], [0.2, 0.8]])


def labeled(n=120, m=8, r=3, seed=0, skills=None):
    rng = np.random.default_rng(seed)
    skills = np.full(m, 0.6) if skills is None else np.asarray(skills)
    truth = rng.integers(0, 3, n)
    rows = [
        (i, f"a{g}", int(truth[i] if rng.random() < skills[g] else rng.integers(0, 3)))
        for i in range(n)
        for g in rng.choice(m, r, replace=False)
    ]
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label"])
    return Annotations.from_frame(frame, item="item", annotator="annotator", label="label"), truth


def test_the_gain_of_one_label_is_the_rise_of_the_expected_top_probability():
    # an even item becomes right with .8; at .9 one label of accuracy .8 cannot overturn
    even = gains_ahead(np.array([[0.5, 0.5]]), COIN)
    assert even[0, 0] == pytest.approx(0.3)


def test_gains_never_rise_with_further_labels_and_look_beyond_one():
    gains = gains_ahead(np.array([[0.5, 0.5], [0.85, 0.15], [1.0, 0.0]]), COIN)
    assert (np.diff(gains, axis=1) <= 1e-12).all()
    assert gains[1, 0] > 0  # one label alone could not change .85
    np.testing.assert_allclose(gains[2], 0.0, atol=1e-12)


def test_two_labels_together_gain_what_direct_enumeration_says():
    p = np.array([0.7, 0.3])
    after = sum(max(p[c] * COIN[c, a] * COIN[c, b] for c in (0, 1)) for a in (0, 1) for b in (0, 1))
    total = np.cumsum(gains_ahead(p[None], COIN)[0])
    assert total[1] >= after - 0.7 - 1e-12


def test_a_sharper_annotator_tells_more():
    blunt = np.array([[0.6, 0.4], [0.4, 0.6]])
    told = information(np.array([[0.5, 0.5]]), np.stack([blunt, COIN, np.full((2, 2), 0.5)]))[0]
    assert told[1] > told[0] > told[2]
    assert told[2] == pytest.approx(0.0, abs=1e-12)


def test_the_most_useful_label_comes_first_and_errors_fall_by_the_gains():
    annotations, _ = labeled()
    asked = next_labels(annotations, 25)
    frame = asked.to_frame()
    assert list(frame.columns) == ["item", "annotator", "expected_gain", "probability_now", "reason"]
    assert len(frame) == 25
    assert frame["expected_gain"].is_monotonic_decreasing
    fall = asked.expected_errors_before - asked.expected_errors_after
    assert fall == pytest.approx(frame["expected_gain"].sum())
    assert "of 3 labels say" in frame["reason"][0]


def test_nobody_is_asked_twice_for_one_item():
    annotations, _ = labeled()
    names = [f"a{g}" for g in range(8)]
    frame = next_labels(annotations, 400, annotators=names).to_frame()
    asked = set(zip(frame["item"], frame["annotator"], strict=True))
    given = annotations.to_frame()
    assert len(asked) == len(frame)
    assert not asked & set(zip(given["item"], given["annotator"], strict=True))
    assert frame["annotator"].notna().all()


def test_only_the_annotators_named_are_asked_and_only_where_they_are_free():
    annotations, _ = labeled(n=30)
    frame = next_labels(annotations, 500, annotators=["a1"]).to_frame()
    labeled_by = annotations.where(annotator="a1").items
    assert set(frame["annotator"]) == {"a1"}
    assert sorted(frame["item"]) == sorted(set(annotations.items) - set(labeled_by))


def test_equal_annotators_are_not_told_apart():
    annotations, _ = labeled(skills=[0.6] * 8, n=60)
    assert next_labels(annotations, 10).to_frame()["annotator"].isna().all()


def test_clearly_better_annotators_are_asked_by_name_and_share_the_work():
    annotations, _ = labeled(n=400, skills=[0.95, 0.95, 0.35, 0.35, 0.35, 0.35, 0.35, 0.35])
    frame = next_labels(annotations, 40).to_frame()
    assert {"a0", "a1"} <= set(frame["annotator"].dropna())
    assert frame["annotator"].value_counts().max() < 36
    assert set(frame["annotator"].dropna()) <= {"a0", "a1"}


def test_replayed_it_finds_wrong_labels_sooner_than_chance():
    annotations, truth = labeled(n=300, r=6, seed=5)
    turn = annotations.to_frame().groupby("item").cumcount().to_numpy()
    start = annotations.take(np.flatnonzero(turn < 3))
    order = annotations.items.get_indexer(pd.Index(next_labels(start, 100).to_frame()["item"]))

    def after(chosen):
        shown = 3 + np.minimum(np.bincount(chosen, minlength=300), 3)
        found = consensus(annotations.take(np.flatnonzero(turn < shown[annotations.item])))
        return (found.codes == truth).mean()

    by_chance = [after(np.random.default_rng(s).permutation(300)[:100]) for s in range(5)]
    assert after(order) > np.mean(by_chance)


def test_a_classifier_changes_what_is_asked():
    annotations, truth = labeled()
    sure = np.eye(3)[truth] * 0.9 + 0.1 / 3
    asked = next_labels(annotations, 10, pred_probs=sure)
    assert asked.expected_errors_before < next_labels(annotations, 10).expected_errors_before


def test_a_budget_beyond_what_can_be_placed_is_said():
    annotations, _ = labeled(n=5, m=4, r=3)
    asked = next_labels(annotations, 100)
    assert len(asked) == 5
    assert "only 5 of 100 labels" in asked.notes[0]


def test_nobody_free_gives_an_empty_table_with_a_note():
    wide = pd.DataFrame({"ann": list("xy"), "ben": list("xx")})
    asked = next_labels(Annotations.from_wide(wide), 3)
    assert len(asked) == 0
    assert asked.expected_errors_after == asked.expected_errors_before
    assert asked.notes == ("nobody is left to ask: every annotator who may be asked has labeled every item",)
    assert "0 labels to ask for on 0 items" in repr(asked)


def test_many_classes_are_looked_at_one_label_ahead():
    p = np.full((4, 80), 1 / 80)
    confusion = np.full((80, 80), 0.2 / 79)
    np.fill_diagonal(confusion, 0.8)
    assert gains_ahead(p, confusion).shape == (4, 1)


def test_the_result_explains_itself_and_is_json_safe():
    annotations, _ = labeled()
    asked = next_labels(annotations, 5)
    assert 3 <= len(repr(asked).splitlines()) <= 6
    assert "next:" in repr(asked)
    assert "<table" in asked._repr_html_()
    assert json.loads(json.dumps(asked.to_dict()))["schema_version"] == 1
    assert asked.plot().to_dict()["layer"]


def test_same_input_same_answer():
    annotations, _ = labeled()
    first, second = (next_labels(annotations, 20).to_frame() for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("budget", [0, -1, 2.5, True, "3"])
def test_a_budget_that_is_no_number_of_labels_is_refused(budget):
    annotations, _ = labeled(n=10)
    with pytest.raises(ParameterError, match="whole number from 1 on"):
        next_labels(annotations, budget)


def test_an_unknown_annotator_is_refused_with_a_suggestion():
    annotations, _ = labeled(n=40)
    with pytest.raises(ParameterError, match="no annotator 'b1'"):
        next_labels(annotations, 1, annotators=["b1"])


def test_a_consensus_of_other_items_is_refused():
    annotations, _ = labeled(n=40)
    other = consensus(labeled(n=41)[0])
    with pytest.raises(ParameterError, match="the consensus is of other items"):
        next_labels(annotations, 1, consensus=other)


def test_a_consensus_of_other_labels_of_the_same_items_is_refused():
    annotations, _ = labeled(n=40)
    other = consensus(annotations.take(np.arange(len(annotations) - 1)))
    moved, _ = labeled(n=40, seed=1)
    for wrong in (other, consensus(moved)):
        with pytest.raises(ParameterError, match=r"other items, annotators, classes or labels"):
            next_labels(annotations, 1, consensus=wrong)


def test_a_consensus_of_the_same_labels_is_taken():
    annotations, _ = labeled(n=40)
    given = next_labels(annotations, 5, consensus=consensus(annotations)).to_frame()
    pd.testing.assert_frame_equal(given, next_labels(annotations, 5).to_frame())


def test_a_consensus_and_a_classifier_together_are_refused():
    annotations, truth = labeled(n=40)
    with pytest.raises(ParameterError, match="consensus and pred_probs are both given"):
        next_labels(annotations, 1, consensus=consensus(annotations), pred_probs=np.eye(3)[truth])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"consensus": "x"}, "consensus is a str, not a result of labelqa.consensus"),
        ({"annotators": 3}, "annotators is a int, not a sequence of names"),
        ({"rng": "a"}, "rng='a' is not a seed"),
        ({"rng": -1}, "rng=-1 is not a seed"),
    ],
)
def test_wrong_parameters_are_one_clear_error(options, says):
    annotations, _ = labeled(n=10)
    with pytest.raises(ParameterError, match=says):
        next_labels(annotations, 1, **options)


def test_one_label_is_not_called_labels():
    wide = pd.DataFrame({"ann": ["x", "y"], "ben": ["x", None]})
    asked = next_labels(Annotations.from_wide(wide), 9)
    assert repr(asked).startswith("1 label to ask for on 1 item\n")
    assert "only 1 of 9 labels can be placed in one batch: ask again when it is in" in asked.notes


def test_a_frame_that_was_given_out_is_a_copy():
    asked = next_labels(labeled(n=20)[0], 3)
    given = asked.to_frame()
    given["expected_gain"] = 0.0
    assert asked.to_frame()["expected_gain"].max() > 0


def test_a_text_is_no_sequence_of_annotators():
    with pytest.raises(ParameterError, match=r"annotators='a1' is one text.*annotators=\['a1'\]"):
        next_labels(labeled(n=20)[0], 1, annotators="a1")


def test_nobody_named_is_told_as_such():
    asked = next_labels(labeled(n=20)[0], 1, annotators=[])
    assert asked.notes == ("nobody can be asked: annotators is empty. Name some, or leave it out to ask anyone",)


def test_reasons_are_sentences_about_numbers_of_labels():
    wide = pd.DataFrame({"a": list("xxy"), "b": list("xyy"), "c": ["y", None, None]})
    reasons = next_labels(Annotations.from_wide(wide), 9).to_frame().set_index("item")["reason"]
    said = " ".join(reasons)
    assert "2 of 3 labels say x" in said or 0 not in reasons.index
    assert "1 of 2 labels says" in said
    assert "all of 2 labels say y" in said
