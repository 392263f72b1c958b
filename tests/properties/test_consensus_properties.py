"""What holds of every consensus, whatever the labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labelqa.aggregation.calibration import calibration
from labelqa.aggregation.consensus import consensus
from labelqa.aggregation.names import METHODS
from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations

K = 3
matrices = st.tuples(st.integers(1, 12), st.integers(1, 5)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(-1, K - 1))
)
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def annotations(labels):
    n, m = labels.shape
    item, annotator = np.nonzero(labels >= 0)
    return Annotations(
        item=item.astype(np.int32),
        annotator=annotator.astype(np.int32),
        label=labels[item, annotator].astype(np.int32),
        items=pd.RangeIndex(n),
        annotators=pd.RangeIndex(m),
        schema=LabelSchema(classes=tuple("abc")),
        item_data=pd.DataFrame(index=range(n)),
    )


@pytest.mark.parametrize("method", METHODS)
@many
@given(labels=matrices)
def test_probabilities_are_probabilities_and_results_are_whole(method, labels):
    found = consensus(annotations(labels), method)
    labeled = (labels >= 0).any(axis=1)
    assert found.probabilities.sum(axis=1) == pytest.approx(1.0)
    assert (found.probabilities >= 0).all()
    assert ((found.codes >= 0) == labeled).all()
    top = found.probabilities.max(axis=1)
    known = labeled & (
        (labels >= 0).sum(axis=1).max() > 1
    )  # without a second label anywhere nothing says how sure one is
    assert (np.isnan(found.quality) == ~known).all()
    assert found.quality[known] == pytest.approx(top[known])
    chosen = found.probabilities[np.arange(len(found)), found.codes]
    assert chosen[labeled] == pytest.approx(top[labeled], abs=1e-8)
    assert found.n_labels.tolist() == (labels >= 0).sum(axis=1).tolist()
    assert found.agreeing.tolist() == ((labels == found.codes[:, None]) & (labels >= 0)).sum(axis=1).tolist()
    assert found.confusion.sum(axis=2) == pytest.approx(1.0)
    assert len(found.annotators) == labels.shape[1]


@pytest.mark.parametrize("method", METHODS)
@many
@given(labels=matrices, seed=st.integers(0, 100))
def test_names_of_annotators_do_not_matter(method, labels, seed):
    order = np.random.default_rng(seed).permutation(labels.shape[1])
    first, second = consensus(annotations(labels), method), consensus(annotations(labels[:, order]), method)
    assert first.probabilities == pytest.approx(second.probabilities, abs=1e-3)


@many
@given(labels=matrices)
def test_majority_is_the_share_of_votes_and_credits_ties(labels):
    found = consensus(annotations(labels), "majority")
    votes = (labels[:, :, None] == np.arange(K)).sum(axis=1)
    labeled = votes.sum(axis=1) > 0
    assert found.probabilities[labeled] == pytest.approx(votes[labeled] / votes[labeled].sum(axis=1, keepdims=True))
    assert (
        found.tied[labeled].tolist() == ((votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1)[labeled].tolist()
    )


@many
@given(seed=st.integers(0, 1000), n=st.integers(10, 60))
def test_calibration_error_lies_between_the_overall_gap_and_one(seed, n):
    rng = np.random.default_rng(seed)
    found = calibration(rng.dirichlet(np.ones(K), n), rng.integers(0, K, n))
    assert abs(found.confidence - found.accuracy) - 1e-9 <= found.expected_calibration_error <= 1.0
