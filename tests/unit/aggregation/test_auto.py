"""The default: left-out fits, temperature, weights."""

from __future__ import annotations

import numpy as np
import pytest

from labelqa.aggregation.auto import MEMBERS, blend
from labelqa.aggregation.confusions import three_way_prior
from labelqa.aggregation.em import Setting, normalised
from labelqa.aggregation.leftout import fit_left_out, full_confusion, one_accuracy
from labelqa.aggregation.solve import solve
from tests.bench.consensus_shapes import SHAPES, simulated
from tests.unit.aggregation.crowds import crowd, table


def accuracy(posterior, truth):
    return (posterior.argmax(axis=1) == truth).mean()


def test_no_label_is_judged_by_its_own_item():
    """One update by the kernel is the update with the item taken out of the table."""
    _, labels = crowd(25, [0.9, 0.7, 0.6, 0.8], k=3, share=0.8)
    whole = table(labels, 3)
    posterior = np.random.default_rng(0).dirichlet(np.ones(3), 25)
    model = full_confusion(lambda counts: np.full(counts.shape, 0.5))
    judged = model(whole.soft_counts(posterior))(posterior[whole.item], whole.annotator, whole.label)
    for place in (0, 17, 40):
        item, g, label = whole.item[place], whole.annotator[place], whole.label[place]
        without = posterior.copy()
        without[item] = 0.0
        counts = whole.soft_counts(without)[g] + 0.5
        assert judged[place] == pytest.approx(np.log(counts[:, label] / counts.sum(axis=1)))


@pytest.mark.parametrize("name", MEMBERS)
def test_left_out_fits_find_the_truth_and_stop(name):
    truth, labels = crowd(400, np.linspace(0.6, 0.9, 20), k=4, share=0.3)
    fit = fit_left_out(table(labels, 4), MEMBERS[name])
    assert fit.converged
    assert accuracy(fit.posterior, truth) > 0.9


def test_probabilities_keep_their_sureness_where_errors_are_independent():
    _, labels = crowd(2000, np.linspace(0.6, 0.8, 30), k=2, share=0.2)
    assert fit_left_out(table(labels, 2), one_accuracy(2.0)).temperature >= 0.8


def test_probabilities_are_softened_where_labels_of_an_item_depend_on_each_other():
    labels, _ = simulated("hard2", 0)
    assert fit_left_out(labels, full_confusion(three_way_prior)).temperature <= 0.6


def test_weights_follow_left_out_prediction():
    """Where people confuse two classes one way, one accuracy cannot predict labels."""
    labels, truth = simulated("noisy2", 1)
    mixed = blend(labels, Setting())
    assert mixed.weights["hierarchical"] > 0.8
    assert sum(mixed.weights.values()) == pytest.approx(1.0)
    assert mixed.posterior.sum(axis=1) == pytest.approx(1.0)
    assert accuracy(mixed.posterior, truth) > 0.9


# mislead2: a third of the items mislead half of the annotators towards one class; every model of annotators loses there
@pytest.mark.parametrize("shape", sorted(set(SHAPES) - {"mislead2"}))
def test_auto_keeps_up_with_the_vote_on_every_shape(shape):
    labels, truth = zip(*(simulated(shape, seed) for seed in range(2)), strict=True)
    gain = [
        accuracy(solve(t, "auto", Setting()).posterior, y) - accuracy(solve(t, "majority", Setting()).posterior, y)
        for t, y in zip(labels, truth, strict=True)
    ]
    assert np.mean(gain) > -0.025


def test_nothing_is_random():
    labels, _ = simulated("coin2", 0)
    first, second = (blend(labels, Setting()).posterior for _ in range(2))
    assert (first == second).all()


def test_evidence_is_summed_at_items_in_any_order_of_labels(monkeypatch):
    _, labels = crowd(60, [0.9, 0.7, 0.6, 0.8], k=3, share=0.7)
    whole = table(labels, 3)
    order = np.random.default_rng(0).permutation(whole.r)
    shuffled = type(whole).from_codes(whole.item[order], whole.annotator[order], whole.label[order], (60, 4, 3))
    monkeypatch.setattr("labelqa.aggregation.labeltable.BLOCK", 7)
    fits = [fit_left_out(t, full_confusion(three_way_prior)) for t in (whole, shuffled)]
    assert fits[0].posterior == pytest.approx(fits[1].posterior, abs=1e-9)
    assert normalised(fits[0].scores * fits[0].temperature) == pytest.approx(fits[0].posterior)
