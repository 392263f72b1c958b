"""Expectation maximisation over confusions of annotators, in the log domain, accelerated and deterministic.

A model says how soft counts become confusions (:mod:`labelqa.aggregation.confusions`); everything else is the same for
all: the start is the share of votes, so classes keep their names, and an item's log posterior is the log prior plus the
sum of log confusions of its labels, which cannot underflow. :func:`climb` sees the labels only through sums over items
(:class:`Sums`), so they may as well lie in several places (:mod:`labelqa.aggregation.partitions`).

References
----------
Dawid, A. P. & Skene, A. M. (1979). Maximum likelihood estimation of observer error-rates using the EM algorithm.
Appl. Stat. 28, 20-28. Varadhan, R. & Roland, C. (2008). Simple and globally convergent methods for accelerating the
convergence of any EM algorithm. Scand. J. Stat. 35, 335-353 (SQUAREM, scheme S3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.aggregation.labeltable import LabelTable

Floats = npt.NDArray[np.float64]
Known = npt.NDArray[np.integer] | None  # true class of items (n,), -1 where not known
MStep = Callable[[Floats], Floats]  # soft counts (m, k, k) to confusions (m, k, k), rows summing to one
MAX_ITERATIONS = 200
TOLERANCE = 1e-7  # change of the log-likelihood per label
FLOOR = 1e-12
LIGHT = 0.05  # weight at the start of items whose class is not known, where it is known of others


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parameters:
    """Class shares (k,) and confusions (m, k, k), as logarithms."""

    log_prior: Floats
    log_confusion: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """What the M-step needs to know of items: soft counts (m, k, k), class mass (k,), log-likelihood."""

    counts: Floats
    mass: Floats
    value: float

    def __add__(self, other: Sums) -> Sums:
        """Join the sums of two sets of items."""
        return Sums(counts=self.counts + other.counts, mass=self.mass + other.mass, value=self.value + other.value)


Expect = Callable[[Parameters | None], Sums]  # the E-step; from the share of votes where there are no parameters yet


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Climb:
    """Where :func:`climb` ended: parameters, their log-likelihood, E-steps done, whether it stopped changing."""

    parameters: Parameters
    log_likelihood: float
    iterations: int
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """A fitted model.

    Attributes
    ----------
    posterior : float64 (n, k)
        Probability of each class of each item.
    parameters : Parameters
        Class shares and confusions behind it.
    log_likelihood : float
        Of the labels.
    iterations : int
        E-steps done.
    converged : bool
        Whether the log-likelihood stopped changing.
    """

    posterior: Floats
    parameters: Parameters
    log_likelihood: float
    iterations: int
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Setting:
    """How to run the algorithm.

    Attributes
    ----------
    prior_count : float
        Pseudo-items added to each class when shares are estimated.
    offset : float64 (n, k) or None
        What is added to the log posterior of each item: what is known of it besides its labels.
    known : int (n,) or None
        True class of items, -1 where not known.
    accelerate : bool
        Whether to extrapolate (SQUAREM); the fixed points are the same.
    max_iterations : int
        Most E-steps.
    tolerance : float
        Change of the log-likelihood per label under which it has converged.
    """

    prior_count: float = 0.5
    offset: Floats | None = None
    known: Known = None
    accelerate: bool = True
    max_iterations: int = MAX_ITERATIONS
    tolerance: float = TOLERANCE

    @property
    def has_known(self) -> bool:
        """Whether the true class of any item is known."""
        return self.known is not None and bool((self.known >= 0).any())


def run_em(table: LabelTable, m_step: MStep, setting: Setting | None = None) -> Fit:
    """Fit a model of annotators to the labels.

    Parameters
    ----------
    table : LabelTable
        The labels.
    m_step : callable
        Soft counts (m, k, k) to confusions (m, k, k).
    setting : Setting, optional
        How to run.

    Returns
    -------
    Fit
        Posterior (n, k), parameters, log-likelihood, iterations.
    """
    how = setting or Setting()
    end = climb(lambda parameters: sums(table, parameters, how), m_step, how, table.r)
    posterior, _ = expected(table, end.parameters, how)
    return Fit(
        posterior=posterior,
        parameters=end.parameters,
        log_likelihood=end.log_likelihood,
        iterations=end.iterations,
        converged=end.converged,
    )


def climb(expect: Expect, m_step: MStep, how: Setting, r: int) -> Climb:
    """Repeat E-step and M-step until the log-likelihood of `r` labels stops changing.

    Two plain steps give a direction; the leap along it is taken where it does not lower the log-likelihood.
    """
    current = maximised(expect(None), m_step, how)
    found = expect(current)
    done, before = 1, -np.inf
    while done < how.max_iterations:
        if abs(found.value - before) <= how.tolerance * max(r, 1):
            return Climb(parameters=current, log_likelihood=found.value, iterations=done, converged=True)
        before = found.value
        first = maximised(found, m_step, how)
        found = expect(first)
        done += 1
        if not how.accelerate or done + 2 > how.max_iterations:
            current = first
            continue
        second = maximised(found, m_step, how)
        leap = _extrapolated(current, first, second)
        after_leap = expect(leap)
        done += 1
        if after_leap.value >= found.value:
            current, found = leap, after_leap
        else:  # a leap too far: take the plain step
            current, found = second, expect(second)
            done += 1
    return Climb(parameters=current, log_likelihood=found.value, iterations=done, converged=False)


def sums(table: LabelTable, parameters: Parameters | None, how: Setting) -> Sums:
    """Return what the items of a table add to the M-step."""
    if parameters is None:
        posterior, value = start(table, how), -np.inf
    else:
        posterior, value = expected(table, parameters, how)
    return Sums(counts=table.soft_counts(posterior), mass=posterior.sum(axis=0), value=value)


def start(table: LabelTable, how: Setting) -> Floats:
    """Return what to start from, float64 (n, k): shares of votes, certainty where the class is known.

    Beside items of known class the others weigh little at first: who is right is learned from what is known.
    """
    shares = table.vote_shares()
    if how.has_known:
        shares *= LIGHT
    return with_known(shares, how.known)


def with_known(posterior: Floats, known: Known) -> Floats:
    """Return `posterior` (n, k), in which known classes have become certain: it is changed in place."""
    if known is not None:
        rows = np.flatnonzero(known >= 0)
        posterior[rows] = 0.0
        posterior[rows, known[rows]] = 1.0
    return posterior


def expected(table: LabelTable, parameters: Parameters, how: Setting) -> tuple[Floats, float]:
    """Return the posterior (n, k) and the log-likelihood: the E-step."""
    score = table.evidence(parameters.log_confusion)
    score += parameters.log_prior
    add_outside(score, how)
    top = score.max(axis=1, keepdims=True, initial=-np.inf)
    score -= top
    np.exp(score, out=score)
    total = (score @ np.ones(table.k))[:, None]
    score /= total
    return score, float(np.log(total).sum() + top.sum())


def add_outside(score: Floats, how: Setting) -> None:
    """Add to log posteriors (n, k), in place, what is known of items besides their labels."""
    if how.offset is not None:
        score += how.offset
    if how.known is not None:
        rows = np.flatnonzero(how.known >= 0)
        own = score[rows, how.known[rows]]
        score[rows] = -np.inf
        score[rows, how.known[rows]] = own


def maximised(found: Sums, m_step: MStep, how: Setting) -> Parameters:
    """Return the parameters that fit sums over items: the M-step."""
    mass = found.mass + how.prior_count
    return Parameters(
        log_prior=np.log(np.maximum(mass / max(float(mass.sum()), FLOOR), FLOOR)),
        log_confusion=np.log(np.maximum(m_step(found.counts), FLOOR)),
    )


def normalised(scores: Floats) -> Floats:
    """Return probabilities (n, k) from logarithms up to a constant a row."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(shifted / (shifted @ np.ones(shifted.shape[1]))[:, None])


def _extrapolated(zero: Parameters, one: Parameters, two: Parameters) -> Parameters:
    """Return the SQUAREM leap from three successive parameters, brought back to probabilities."""
    begin, first, second = (np.concatenate([p.log_prior, p.log_confusion.ravel()]) for p in (zero, one, two))
    step, bend = first - begin, second - 2 * first + begin
    curvature = float(np.sqrt(bend @ bend))
    length = -max(1.0, float(np.sqrt(step @ step)) / curvature) if curvature > 0 else -1.0
    leap = begin - 2 * length * step + length**2 * bend
    k = zero.log_prior.size
    confusion = leap[k:].reshape(zero.log_confusion.shape)
    return Parameters(log_prior=_log_normalised(leap[:k]), log_confusion=_log_normalised(confusion))


def _log_normalised(values: Floats) -> Floats:
    """Shift logarithms so that their exponentials sum to one over the last axis."""
    if not values.size:
        return values
    kept = np.clip(values - values.max(axis=-1, keepdims=True), np.log(FLOOR), 0.0)
    return np.asarray(kept - np.log(np.exp(kept).sum(axis=-1, keepdims=True)))
