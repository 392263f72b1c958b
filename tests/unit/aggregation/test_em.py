"""The kernels: E-step, M-step, acceleration."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from labelqa.aggregation.confusions import MODELS, dawid_skene
from labelqa.aggregation.em import Setting, expected, run_em, sums
from tests.unit.aggregation.crowds import crowd, table

PLAIN = Setting(prior_count=0.0, accelerate=False, max_iterations=10, tolerance=0.0)


def slow_dawid_skene(labels, k, steps):
    """Dawid & Skene label by label, without matrices."""
    n, m = labels.shape
    posterior = np.array([[(row == c).sum() / max((row >= 0).sum(), 1) for c in range(k)] for row in labels])
    for _ in range(steps):
        prior = posterior.mean(axis=0)
        confusion = np.full((m, k, k), 1e-10)
        for i, g in zip(*np.nonzero(labels >= 0), strict=True):
            confusion[g, :, labels[i, g]] += posterior[i]
        confusion /= confusion.sum(axis=2, keepdims=True)
        posterior = np.tile(np.log(prior), (n, 1))
        for i, g in zip(*np.nonzero(labels >= 0), strict=True):
            posterior[i] += np.log(confusion[g, :, labels[i, g]])
        posterior = np.exp(posterior - posterior.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
    return posterior


def test_dawid_skene_is_the_algorithm_written_out_label_by_label():
    _, labels = crowd(40, [0.8, 0.7, 0.6, 0.9], k=3, share=0.8)
    fit = run_em(table(labels, 3), dawid_skene, PLAIN)
    assert fit.iterations == 10
    assert fit.posterior == pytest.approx(slow_dawid_skene(labels, 3, 10), abs=1e-8)


def test_dawid_skene_equals_crowd_kits_at_equal_iteration_counts():
    crowdkit = pytest.importorskip("crowdkit.aggregation", reason="crowd-kit is not installed")
    _, labels = crowd(60, [0.85, 0.7, 0.6, 0.9, 0.55], k=3, share=0.9, seed=3)
    rows = [(i, g, labels[i, g]) for i, g in zip(*np.nonzero(labels >= 0), strict=True)]
    frame = pd.DataFrame(rows, columns=["task", "worker", "label"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of crowd-kit, which does not keep up with pandas
        theirs = crowdkit.DawidSkene(n_iter=10, tol=-1e9).fit_predict_proba(frame).sort_index()
    ours = run_em(table(labels, 3), dawid_skene, PLAIN).posterior
    assert ours[theirs.index] == pytest.approx(theirs[[0, 1, 2]].to_numpy(), abs=1e-6)


@pytest.mark.parametrize("method", MODELS)
def test_acceleration_ends_at_least_as_high_with_fewer_steps(method):
    _, labels = crowd(300, np.linspace(0.55, 0.9, 12), k=3, share=0.4)
    slow = run_em(table(labels, 3), MODELS[method], Setting(accelerate=False, max_iterations=2000, tolerance=1e-9))
    fast = run_em(table(labels, 3), MODELS[method], Setting(max_iterations=2000, tolerance=1e-9))
    assert fast.converged
    assert fast.iterations <= slow.iterations + 3
    assert fast.posterior == pytest.approx(slow.posterior, abs=0.02)


def test_plain_dawid_skene_never_lowers_the_likelihood():
    _, labels = crowd(100, [0.8, 0.7, 0.6, 0.9, 0.5], k=3)
    values = [
        run_em(
            table(labels, 3), dawid_skene, Setting(prior_count=0.0, accelerate=False, max_iterations=s)
        ).log_likelihood
        for s in range(1, 15)
    ]
    assert np.diff(values).min() > -1e-6


def test_a_hundred_thousand_labels_on_one_item_do_not_underflow():
    rng = np.random.default_rng(0)
    labels = np.where(rng.random((2, 50_000)) < 0.6, [[0], [1]], [[1], [0]])
    for method in MODELS.values():
        posterior = run_em(table(labels, 2), method).posterior
        assert np.isfinite(posterior).all()
        assert posterior.sum(axis=1) == pytest.approx(1.0)
        assert posterior.argmax(axis=1).tolist() == [0, 1]


def test_soft_counts_and_evidence_are_sums_over_labels():
    _, labels = crowd(20, [0.8, 0.6, 0.7], k=3, share=0.7)
    labels_table = table(labels, 3)
    rng = np.random.default_rng(1)
    posterior, logs = rng.dirichlet(np.ones(3), 20), rng.normal(size=(3, 3, 3))
    counts, evidence = np.zeros((3, 3, 3)), np.zeros((20, 3))
    for i, g in zip(*np.nonzero(labels >= 0), strict=True):
        counts[g, :, labels[i, g]] += posterior[i]
        evidence[i] += logs[g, :, labels[i, g]]
    assert labels_table.soft_counts(posterior) == pytest.approx(counts)
    assert labels_table.evidence(logs) == pytest.approx(evidence)


def test_known_classes_stay_and_unlabeled_items_get_the_class_shares():
    _, labels = crowd(30, [0.9, 0.9, 0.9], k=2)
    labels[0] = -1
    known = np.full(30, -1)
    known[1] = 1 - labels[1, 0]
    fit = run_em(table(labels, 2), dawid_skene, Setting(known=known))
    assert fit.posterior[1, known[1]] == 1.0
    assert fit.posterior[0] == pytest.approx(np.exp(fit.parameters.log_prior))


def test_an_offset_is_one_more_voter():
    _, labels = crowd(30, [0.9, 0.9, 0.9], k=2)
    offset = np.zeros((30, 2))
    offset[3] = [50.0, -50.0]
    how = Setting(offset=offset)
    fit = run_em(table(labels, 2), dawid_skene, how)
    assert fit.posterior[3, 0] == pytest.approx(1.0)
    assert expected(table(labels, 2), fit.parameters, how)[0] == pytest.approx(fit.posterior)


def test_sums_of_two_sets_of_items_add_up():
    _, labels = crowd(30, [0.9, 0.7, 0.6], k=2)
    whole = run_em(table(labels, 2), dawid_skene)
    parts = [sums(table(part, 2), whole.parameters, Setting()) for part in (labels[:10], labels[10:])]
    together = sums(table(labels, 2), whole.parameters, Setting())
    assert (parts[0] + parts[1]).counts == pytest.approx(together.counts)
    assert (parts[0] + parts[1]).value == pytest.approx(together.value)
