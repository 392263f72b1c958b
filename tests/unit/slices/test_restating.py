"""Columns made of the labels are kept out of the search for disagreement, those that describe items are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import labelqa as lq
from labelqa.slices.disagreement import disagreement_of_items
from labelqa.slices.restating import restating_columns

N = 300
CLASSES = np.array(["a", "b", "c"])


def labeled(seed: int, people: int, columns) -> lq.Annotations:
    """Return labels that are more often wrong where it is loud; `columns` makes item columns from all there is."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(CLASSES, N)
    loud = rng.random(N) < 0.5
    slip = rng.random((N, people)) < np.where(loud, 0.35, 0.08)[:, None]
    said = np.where(slip, rng.choice(CLASSES, (N, people)), truth[:, None])
    counts = np.stack([(said == c).sum(axis=1) for c in CLASSES], axis=1)
    items = pd.DataFrame({"noise": np.where(loud, "cafe", "car"), **columns(rng, truth, said, counts)})
    long = pd.concat(
        [items.assign(item=range(N), who=f"w{j}", label=said[:, j]) for j in range(people)], ignore_index=True
    )
    return lq.Annotations.from_frame(long, item="item", annotator="who", label="label")


def made_of_votes(rng, truth, said, counts):
    top = counts.max(axis=1)
    return {
        "consensus": CLASSES[counts.argmax(axis=1)],
        "vote_share": top / said.shape[1],
        "n_agree": top,
        "score": top / said.shape[1] + 0.01 * rng.random(N),
        "adjudicated": np.where(top == said.shape[1], None, truth),
        "votes": ["|".join(row) for row in said],
    }


def of_items(rng, truth, said, counts):
    del truth, said, counts
    return {
        "length": rng.integers(1, 500, N),
        "flag": rng.random(N) < 0.05,
        "topic": rng.choice(CLASSES, N),  # spelled like the classes, but not the answer
        "rare": np.where(rng.random(N) < 0.97, "a", "b"),
        "id": [f"r{i}" for i in range(N)],
        "when": pd.date_range("2024-01-01", periods=N, freq="3h"),
    }


@pytest.mark.parametrize("people", [2, 3, 5])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_is_made_of_the_votes_is_found_and_nothing_else(seed, people):
    both = labeled(seed, people, lambda *a: {**made_of_votes(*a), **of_items(*a)})
    found = restating_columns(both, disagreement_of_items(both))
    assert set(found) == {"consensus", "vote_share", "n_agree", "score", "adjudicated", "votes"}


def test_they_are_left_out_and_what_describes_items_is_found():
    found = lq.disagreement_slices(labeled(0, 3, made_of_votes))
    assert found.to_frame()["predicates"].tolist() == ["noise = cafe"]
    reasons = dict(found.left_out)
    assert reasons["consensus"] == "restates the labels: it is the majority label (kappa 1.00)"
    assert reasons["n_agree"] == "restates the labels: its values tell 100% of the disagreement"


def test_where_no_other_column_is_left_that_is_said():
    both = labeled(0, 3, made_of_votes)
    only = both.item_data.drop(columns="noise")
    found = lq.disagreement_slices(replace(both, item_data=only))
    assert found.undefined_because is not None
    assert "restates the labels" in found.undefined_because


def test_lists_and_half_characters_stop_nothing():
    odd = pd.Series(["\ud83d", "b"] * (N // 2), dtype=object)
    both = labeled(0, 3, lambda *_: {"tags": [["x"], ["y"]] * (N // 2), "odd": odd})
    assert restating_columns(both, disagreement_of_items(both)) == {}


def test_the_report_says_what_was_not_searched():
    report = lq.build_report(labeled(0, 3, made_of_votes))
    text = " ".join(report.to_text().split())
    assert "Not searched, as they restate what people said and describe no item: 'consensus', 'vote_share'" in text
    assert "noise = cafe" in text
