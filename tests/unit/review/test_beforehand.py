"""What is asked of labels before there is a project."""

from __future__ import annotations

import pandas as pd
import pytest

import labelqa as lq
from labelqa.errors import ColumnError, ParameterError
from labelqa.review.beforehand import first_labels, is_of_a_table, plan_from_labels, text_of_items, with_text

CONLL = "EU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\nPeter NNP B-NP B-PER\nBlackburn NNP I-NP I-PER\n"


@pytest.fixture
def labels() -> lq.Annotations:
    rows = [
        (f"i{i}", who, 1 + (i + (who == "bo" and i % 3 == 0)) % 4, f"what was said of {i}", "mail", number)
        for number in (1, 2) for i in range(30 * number) for who in ("ana", "bo")
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "words", "text", "round"])
    return lq.read_annotations(frame, level="interval")


def test_the_column_that_is_chosen_becomes_the_text_and_nothing_is_lost(labels):
    assert text_of_items(labels) == "text"
    chosen = with_text(labels, "words")
    assert text_of_items(chosen) == "text"
    assert chosen.item_data["text"].tolist() == labels.item_data["words"].tolist()
    assert chosen.item_data["text (data)"].tolist() == labels.item_data["text"].tolist()
    assert "words" in labels.item_data.columns


def test_a_column_that_is_none_of_the_items_is_refused_with_those_that_are(labels):
    with pytest.raises(ColumnError, match="one text an item") as caught:
        with_text(labels, "annotator")
    assert "words" in caught.value.problem.allowed


@pytest.mark.parametrize(("goal", "value"), [("width", 0.1), ("threshold", 0.3), ("change", 0.2)])
def test_a_study_is_planned_from_the_last_round_with_the_weights_of_the_level(labels, goal, value):
    last = labels.where(round=labels.rounds[-1])
    wanted = lq.plan_agreement_study(last, **{goal: value}, weights="interval")
    assert plan_from_labels(labels, goal, value).n_items == wanted.n_items


def test_a_goal_that_there_is_not_is_refused(labels):
    with pytest.raises(ParameterError, match="goal='luck' is not known"):
        plan_from_labels(labels, "luck", 0.1)


def test_labels_of_a_text_are_shown_as_they_were_read(labels, tmp_path):
    (tmp_path / "ana.conll").write_text(CONLL, encoding="utf-8")
    tokens = lq.read_annotations(tmp_path / "ana.conll")
    assert is_of_a_table(labels)
    assert not is_of_a_table(tokens)
    head = first_labels(tokens, 2)
    assert head.rows["label"].tolist() == ["ORG", "O"]
    assert head.n_rows == len(tokens)
    assert set(head.columns) == set(tokens.item_data.columns)
