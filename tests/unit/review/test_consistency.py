"""Self-consistency, from hidden repeats."""

from __future__ import annotations

import numpy as np
import pytest

from labelqa import review
from labelqa.errors import ParameterError
from labelqa.inference.proportions import wilson
from labelqa.review.layout import RoundSettings
from labelqa.review.rounds import close_round
from tests.unit.review import flow


def repeated(project, changing=()):
    """Hold a round in which some change their mind on every repeat."""
    manifest = flow.designed(project, settings=RoundSettings(repeat_share=0.25))
    for a in manifest.plan.assignments:
        other = a.repeat_of is not None and a.annotator in changing
        review.save_label(project, 2, a.id, "bug" if other else "refund", actor=a.annotator)
    close_round(project, 2, actor="lea")
    return manifest


def test_each_annotator_is_measured_against_the_first_answer(project):
    manifest = repeated(project, changing=("bo",))
    n = sum(a.repeat_of is not None for a in manifest.plan.of_annotator("ana"))
    found = review.self_consistency(project, 2, actor="rae").to_frame().set_index("annotator")
    assert found["n_repeats"].tolist() == [n, n]
    assert found["n_agreed"].tolist() == [n, 0]
    share, low, high = wilson(np.array([n, 0.0]), np.array([n, n], dtype=float), 0.95)
    np.testing.assert_allclose(found[["share", "low", "high"]].to_numpy().T, [share, low, high])
    assert found["reason"].tolist() == [None, None]


def test_it_says_who_agrees_least(project):
    repeated(project, changing=("bo",))
    told = repr(review.self_consistency(project, 2, actor="rae"))
    assert "50%" in told
    assert "least: bo 0%" in told


def test_rounds_without_repeats_are_undefined_with_a_reason(project):
    found = review.self_consistency(project, 1, actor="rae")
    table = found.to_frame()
    assert table["annotator"].tolist() == ["ana", "bo"]
    assert table["share"].isna().all()
    assert set(table["reason"]) == {"no item was labeled twice"}
    assert "no item was labeled twice" in repr(found)
    assert found.to_dict()["annotators"][0]["share"] is None


def test_open_rounds_are_not_measured(project):
    flow.designed(project)
    with pytest.raises(ParameterError, match="when it is closed"):
        review.self_consistency(project, 2, actor="rae")
    with pytest.raises(ParameterError, match="confidence"):
        review.self_consistency(project, 1, actor="rae", confidence=1)
