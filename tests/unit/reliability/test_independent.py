"""Against implementations that are not ours."""

import numpy as np
import pytest

import labelqa as lq
from labelqa.annotations.table import Annotations
from tests.unit.reliability.data import ratings, table

krippendorff = pytest.importorskip("krippendorff", reason="the peer package is not installed")


@pytest.mark.parametrize(("weights", "level"), [("identity", "nominal"), ("rank", "ordinal"), ("interval", "interval")])
@pytest.mark.parametrize("seed", range(4))
def test_alpha_equals_the_krippendorff_package(weights, level, seed):
    wide = ratings(n=40, m=5, k=5, seed=seed, values=(0, 1, 2, 5, 9))
    matrix = wide.astype(float).to_numpy().T
    peer = krippendorff.alpha(reliability_data=matrix, level_of_measurement=level)
    assert lq.agreement(Annotations.from_wide(wide), weights=weights).estimate == pytest.approx(peer, abs=1e-12)


@pytest.mark.parametrize(("weights", "name"), [("identity", None), ("linear", "linear"), ("quadratic", "quadratic")])
def test_cohen_equals_scikit_learn(weights, name):
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    wide = ratings(n=200, m=2, k=4, missing=0.0, values=(0, 1, 2, 3), seed=1)
    peer = metrics.cohen_kappa_score(wide["r0"].astype(int), wide["r1"].astype(int), weights=name)
    assert lq.agreement(Annotations.from_wide(wide), "cohen_kappa", weights=weights).estimate == pytest.approx(peer)


def test_fleiss_and_brennan_prediger_equal_statsmodels():
    rater = pytest.importorskip("statsmodels.stats.inter_rater", reason="statsmodels is not installed")
    annotations = table(n=90, m=4, k=3, missing=0.0, seed=6)
    counts = annotations.counts
    assert lq.agreement(annotations, "fleiss_kappa").estimate == pytest.approx(rater.fleiss_kappa(counts))
    peer = rater.fleiss_kappa(counts, method="randolph")
    assert lq.agreement(annotations, "brennan_prediger").estimate == pytest.approx(peer)


def test_cohens_standard_error_equals_statsmodels():
    rater = pytest.importorskip("statsmodels.stats.inter_rater", reason="statsmodels is not installed")
    wide = ratings(n=150, m=2, k=3, missing=0.0, seed=8)
    codes = wide.apply(lambda c: c.str[1:].astype(int))
    square = np.zeros((3, 3))
    np.add.at(square, (codes["r0"], codes["r1"]), 1)
    peer = rater.cohens_kappa(square)
    result = lq.agreement(Annotations.from_wide(wide), "cohen_kappa")
    assert result.estimate == pytest.approx(peer.kappa)
    assert result.standard_error == pytest.approx(peer.std_kappa)
