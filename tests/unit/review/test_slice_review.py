"""What is behind the disagreement on a slice, told from decisions."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa import review
from labelqa.errors import NotAllowedError, ParameterError

ITEMS = 240


def labels():
    """Return labels of two people who differ on every second chat item that is a refund, and nowhere else."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"item": [f"t{k}" for k in range(ITEMS)]})
    frame["channel"] = rng.choice(["chat", "mail", "phone"], ITEMS)
    frame["ana"] = rng.choice(["billing", "refund"], ITEMS)
    split = (frame["channel"] == "chat") & (rng.random(ITEMS) < 0.6)
    frame["ben"] = frame["ana"].where(~split, np.where(frame["ana"] == "refund", "billing", "refund"))
    return lq.Annotations.from_wide(frame, item="item", annotators=["ana", "ben"])


def started():
    return review.create_project(
        "memory:", "tickets", actor="lea", annotations=labels(), settings=review.ProjectSettings(seed=3)
    )


@pytest.fixture(scope="module")
def table():
    with started() as project:
        return lq.disagreement_slices(review.visible_annotations(project, "rules", actor="lea", round=1))


@pytest.fixture
def made(table):
    with started() as project:
        yield project, table


def of(made):
    project, table = made
    return review.review_slice(project, table, 0, round=1, actor="lea")


def test_a_slice_names_its_contested_items_and_the_pair_that_meets_on_them(made):
    _, table = made
    found = of(made)
    assert table.frame["predicates"].tolist() == ["channel = chat"]
    assert set(found.contested) <= set(found.items)
    assert set(found.pair) == {"billing", "refund"}
    assert found.undecided == found.contested
    assert math.isnan(found.unclear)
    assert found.remedy is None


def test_the_contested_items_come_by_lot_and_not_in_the_order_of_the_file(made):
    numbers = [int(item[1:]) for item in of(made).contested]
    assert numbers != sorted(numbers)
    assert of(made).contested == of(made).contested


def test_each_verdict_moves_the_estimate_and_all_of_them_leave_no_doubt(made):
    project, _ = made
    contested = of(made).contested
    widths = []
    for k, item in enumerate(contested):
        cause = "slip" if k % 4 == 3 else "guideline_gap"
        review.decide(project, item, ["refund"], cause, actor="lea")
        found = of(made)
        assert sum(found.causes.values()) == k + 1
        assert found.low <= found.unclear <= found.high
        widths.append(found.high - found.low)
    assert widths[-1] == 0
    assert widths[len(widths) // 2] < widths[3]
    assert found.unclear == found.causes["guideline_gap"] / len(contested)
    assert not found.undecided
    assert found.remedy == "clarify"


def test_the_interval_holds_the_share_of_all_contested_items_as_often_as_it_says():
    from labelqa.review.slice_review import _unclear

    rng = np.random.default_rng(0)
    n, hits, runs = 60, 21, 4000
    for judged in (10, 25, 50):
        held = 0
        for _ in range(runs):
            drawn = int(rng.hypergeometric(hits, n - hits, judged))
            _, low, high = _unclear({"guideline_gap": drawn, "slip": judged - drawn}, n)
            held += low <= hits / n <= high
        assert 0.93 <= held / runs <= 0.99  # Wilson's own level moves with what can be drawn


def test_slices_of_other_labels_are_refused(made):
    project, _ = made
    frame = pd.DataFrame({"channel": ["a", "b"] * 20})
    other = lq.find_slices(frame, np.tile([0.0, 1.0], 20))
    with pytest.raises(ParameterError, match="other labels"):
        review.review_slice(project, other, 0, round=1, actor="lea")


def test_an_annotator_may_not_ask(made):
    project, table = made
    with pytest.raises(NotAllowedError):
        review.review_slice(project, table, 0, round=1, actor="ana")
