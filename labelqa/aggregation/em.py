"""Expectation maximisation over confusions of annotators, in the log domain, accelerated and deterministic.

A model says how soft counts become confusions (:mod:`labelqa.aggregation.confusions`); everything else is the same for
all: the start is the share of votes, so classes keep their names (label switching cannot happen), and an item's log
posterior is the log prior plus the sum of log confusions of its labels, which cannot underflow.

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
MStep = Callable[[Floats], Floats]  # soft counts (m, k, k) to confusions (m, k, k), rows summing to one
MAX_ITERATIONS = 200
TOLERANCE = 1e-7  # change of the log-likelihood per label
FLOOR = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parameters:
    """Class shares (k,) and confusions (m, k, k), as logarithms."""

    log_prior: Floats
    log_confusion: Floats


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
    known: npt.NDArray[np.integer] | None = None
    accelerate: bool = True
    max_iterations: int = MAX_ITERATIONS
    tolerance: float = TOLERANCE


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
    """
    how = setting or Setting()
    current = maximised(table, m_step, _clamped(table.vote_shares(), how), how)
    posterior, value = expected(table, current, how)
    done, before = 1, -np.inf
    tolerance = how.tolerance * max(table.r, 1)
    while done < how.max_iterations:
        if abs(value - before) <= tolerance:
            return _fit(posterior, current, value, done, converged=True)
        before = value
        first = maximised(table, m_step, posterior, how)
        posterior, value = expected(table, first, how)
        done += 1
        if not how.accelerate or done + 2 > how.max_iterations:
            current = first
            continue
        second = maximised(table, m_step, posterior, how)
        leap = _extrapolated(current, first, second)
        leap_posterior, leap_value = expected(table, leap, how)
        done += 1
        if leap_value >= value:
            current, posterior, value = leap, leap_posterior, leap_value
        else:  # a leap too far: take the plain step
            posterior, value = expected(table, second, how)
            current, done = second, done + 1
    return _fit(posterior, current, value, done, converged=False)


def expected(table: LabelTable, parameters: Parameters, how: Setting) -> tuple[Floats, float]:
    """Return the posterior (n, k) and the log-likelihood: the E-step."""
    score = table.evidence(parameters.log_confusion) + parameters.log_prior
    if how.offset is not None:
        score += how.offset
    top = score.max(axis=1, keepdims=True)
    score -= top
    np.exp(score, out=score)
    total = score.sum(axis=1, keepdims=True)
    score /= total
    value = float(np.log(total).sum() + top.sum())
    return _clamped(score, how), value


def maximised(table: LabelTable, m_step: MStep, posterior: Floats, how: Setting) -> Parameters:
    """Return the parameters that fit `posterior` (n, k): the M-step."""
    shares = posterior.sum(axis=0) + how.prior_count
    return Parameters(
        log_prior=np.log(np.maximum(shares / shares.sum(), FLOOR)),
        log_confusion=np.log(np.maximum(m_step(table.soft_counts(posterior)), FLOOR)),
    )


def normalised(scores: Floats) -> Floats:
    """Return probabilities (n, k) from logarithms up to a constant a row."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def _clamped(posterior: Floats, how: Setting) -> Floats:
    if how.known is None:
        return posterior
    rows = np.flatnonzero(how.known >= 0)
    posterior[rows] = 0.0
    posterior[rows, how.known[rows]] = 1.0
    return posterior


def _extrapolated(zero: Parameters, one: Parameters, two: Parameters) -> Parameters:
    """Return the SQUAREM leap from three successive parameters, brought back to probabilities."""
    start, first, second = (np.concatenate([p.log_prior, p.log_confusion.ravel()]) for p in (zero, one, two))
    step, bend = first - start, second - 2 * first + start
    curvature = float(np.sqrt(bend @ bend))
    length = -max(1.0, float(np.sqrt(step @ step)) / curvature) if curvature > 0 else -1.0
    leap = start - 2 * length * step + length**2 * bend
    k = zero.log_prior.size
    confusion = leap[k:].reshape(zero.log_confusion.shape)
    return Parameters(log_prior=_log_normalised(leap[:k]), log_confusion=_log_normalised(confusion))


def _log_normalised(values: Floats) -> Floats:
    """Shift logarithms so that their exponentials sum to one over the last axis."""
    kept = np.clip(values - values.max(axis=-1, keepdims=True), np.log(FLOOR), 0.0)
    return np.asarray(kept - np.log(np.exp(kept).sum(axis=-1, keepdims=True)))


def _fit(posterior: Floats, parameters: Parameters, value: float, iterations: int, *, converged: bool) -> Fit:
    return Fit(
        posterior=posterior,
        parameters=parameters,
        log_likelihood=value,
        iterations=iterations,
        converged=converged,
    )
