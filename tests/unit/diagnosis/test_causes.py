"""The components are probabilities: they sum to one over everything that people could have said."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from labelqa.diagnosis.causes import (
    CLEAR,
    FIRST_PAIR,
    HARD,
    KEEPING,
    THREE,
    TWO,
    Evidence,
    Opinion,
    World,
    between,
    likelihoods,
    log_sums,
    parts,
    shares,
)
from labelqa.diagnosis.votes import Votes

K, ERROR = 3, 0.05
WORLD = World(
    classes=np.array([0.5, 0.3, 0.2]),
    slips=np.array([0.2, 0.3, 0.5]),
    spread=np.array([0.4, 0.3, 0.3]),
    pairs=((0, 1),),
)


def everything(labels, people=None):
    """Return the evidence of items that were given every possible sequence of labels."""
    said = np.array(list(itertools.product(range(K), repeat=labels)))
    who = np.tile(np.arange(labels) if people is None else people, len(said))
    votes, _ = Votes.of(np.repeat(np.arange(len(said)), labels), who, said.ravel(), K)
    return Evidence(votes=votes, error=np.full(votes.item.size, ERROR))


@pytest.mark.parametrize("people", [None, [0, 0, 1, 1], [0, 0, 0, 1]])
@pytest.mark.parametrize(
    ("component", "left_out"), [(CLEAR, 0.001), (HARD, 0), (TWO, 0.08), (THREE, 0.06), (FIRST_PAIR, 1e-4)]
)
def test_a_component_sums_to_one_over_all_labels_but_for_the_ways_left_out(component, left_out, people) -> None:
    evidence = everything(4, people)
    log = likelihoods(parts(evidence, WORLD), evidence.votes.n, WORLD.n_components)
    total = float(np.exp(log[:, component]).sum())
    assert 1 - left_out - 1e-9 <= total <= 1 + 1e-9


def test_a_split_agrees_with_adding_up_every_share_by_hand() -> None:
    said = [(0, 0), (0, 1), (1, 1), (2, 0)]  # person, label: the first changed sides
    votes, _ = Votes.of(np.zeros(4, int), np.array([p for p, _ in said]), np.array([c for _, c in said]), K)
    found = between(Evidence(votes=votes, error=np.full(4, ERROR)), WORLD, FIRST_PAIR)
    grid, weight = shares(2)
    right, slip = 1 - ERROR, ERROR / (K - 1)
    by_hand = 0.0
    for (a, b), w in zip(grid, weight, strict=True):
        kept = a * right * slip + b * slip * right
        anew = (a * right + b * slip) * (a * slip + b * right)
        first = KEEPING * kept + (1 - KEEPING) * anew
        by_hand += w * first * (a * slip + b * right) * (a * right + b * slip)
    assert math.exp(found.log[0]) == pytest.approx(by_hand, rel=1e-12)


def test_keeping_ones_dissent_speaks_for_a_reading_and_changing_it_for_a_slip() -> None:
    def odds(labels_of_dissenter):
        said = [(0, 0), (0, 0), (1, 0), (1, 0), *((2, c) for c in labels_of_dissenter)]
        votes, _ = Votes.of(np.zeros(6, int), np.array([p for p, _ in said]), np.array([c for _, c in said]), K)
        evidence = Evidence(votes=votes, error=np.full(6, ERROR))
        log = likelihoods(parts(evidence, WORLD), 1, WORLD.n_components)[0]
        return log[FIRST_PAIR] - log[CLEAR]

    assert odds((1, 1)) - odds((0, 1)) > math.log(10)


def test_an_opinion_of_no_consequence_changes_nothing() -> None:
    evidence = everything(3)
    n = evidence.votes.n
    flat = Opinion(ratio=np.zeros((n, K)), known=np.ones(n, bool), sharpness=0.0)
    with_it = Evidence(votes=evidence.votes, error=evidence.error, opinion=flat)
    plain, told = (
        likelihoods(parts(e, WORLD), n, WORLD.n_components)[:, [HARD, TWO, THREE, FIRST_PAIR]]
        for e in (evidence, with_it)
    )
    np.testing.assert_allclose(told, plain, atol=1e-12)


def test_sums_of_logs_do_not_underflow() -> None:
    found = log_sums(np.array([0, 0, 1]), np.array([-2000.0, -2000.0, -5000.0]), 3)
    assert found.tolist() == pytest.approx([-2000 + math.log(2), -5000, -math.inf])
