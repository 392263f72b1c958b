"""Rounds that came with their labels: compared, although nobody here chose their items."""

from __future__ import annotations

import numpy as np
import pandas as pd

import labelqa as lq
from labelqa import review
from tests.contracts.stores import open_fixed


def _labels(first: int, last: int, wrong: float, round_name: str, seed: int) -> list[tuple[str, str, str, str]]:
    rng = np.random.default_rng(seed)
    rows = []
    for item in range(first, last):
        truth = "ab"[item % 2]
        for who in ("ana", "bo"):
            label = "ab"[1 - item % 2] if rng.random() < wrong else truth
            rows.append((f"t{item}", who, label, round_name))
    return rows


def _proof(rows: list[tuple[str, str, str, str]]) -> review.RoundProof:
    frame = pd.DataFrame(rows, columns=["item", "annotator", "label", "round"])
    annotations = lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label", round="round")
    with open_fixed("memory:") as store:
        project = review.create_project("memory:", "t", actor="lea", annotations=annotations, store=store)
        return review.prove(project, 1, 2, actor="lea")


def test_new_items_of_a_brought_round_are_compared_with_those_before():
    proof = _proof(_labels(0, 200, 0.25, "1", 1) + _labels(200, 400, 0.02, "2", 2))
    assert proof.verdict == "improved"
    assert proof.rests_on == ("fresh",)
    assert proof.strata.set_index("stratum").at["fresh", "n_after_only"] == 200


def test_it_is_said_that_nobody_knows_how_the_items_of_a_brought_round_were_chosen():
    proof = _proof(_labels(0, 100, 0.2, "1", 1) + _labels(100, 200, 0.2, "2", 2))
    assert proof.verdict != "improved"
    assert "was brought with its labels" in proof.cautions[0]


def test_items_that_were_labeled_again_in_a_brought_round_are_paired():
    proof = _proof(_labels(0, 200, 0.25, "1", 1) + _labels(0, 200, 0.02, "2", 2))
    assert proof.rests_on == ("paired",)
    assert proof.verdict == "improved"
