"""From class probabilities to a quality of each label, and how many labels are wrong by the model.

The evidence for a label is the log odds of its own class against the others, each of which weighs as much as it is
usually labeled so (:mod:`labelqa.label_issues.confusing`). To make a calibrated quality of it, the probabilities are
read as those of the *true* class, sharpened by a temperature, and every label as right with probability 1 - r:
temperature and r are those under which the given labels are most probable. The number of errors is r n; for
probabilities that were given, whose temperature is their own affair, that of confident learning where it is more.
Qualities sum up to it. Errors that models repeat escape both, and classes that overlap look like errors: until somebody
has checked labels, call the figures model-based.

References
----------
Northcutt, C., Jiang, L. & Chuang, I. (2021). Confident learning. JAIR 70, 1373-1411. Kuan, J. & Mueller, J. (2022).
Model-agnostic label quality scoring to detect real-world label errors. ICML DataPerf workshop.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from labelqa.label_issues.confident import confident_joint
from labelqa.label_issues.confusing import confusion_ratios

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]
TEMPERATURES = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
FITTED = 20_000  # rows that temperature and noise are fitted to, at most
LEAST = 1e-12
FLOOR = 1e-3  # of a probability while temperature and noise are fitted: no model knows more
STEPS = 60
BLOCK = 1 << 16
NORMAL = 1.959964  # quantile of 95 % intervals
LEAST_ERRORS = 0.5  # as many errors are always taken to be there


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """How many labels are wrong, by models alone."""

    estimate: float
    low: float
    high: float

    @classmethod
    def of_counts(cls, estimates: tuple[float, ...], highest: float, n: int) -> Range:
        """Span several estimates of one number in `n`, with a margin for chance; the largest is the estimate."""
        least, most = min(estimates), max(*estimates, highest)
        low = max(least - NORMAL * np.sqrt(least), 0.0)
        high = min(most + NORMAL * np.sqrt(max(most, 1.0)), float(n))
        return cls(estimate=max(estimates), low=float(low), high=float(high))

    @classmethod
    def of_qualities(cls, quality: Floats) -> Range:
        """Sum up calibrated qualities (n,)."""
        total = float((1 - quality).sum())
        margin = NORMAL * float(np.sqrt((quality * (1 - quality)).sum()))
        return cls(estimate=total, low=max(total - margin, 0.0), high=min(total + margin, float(quality.size)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What explains the given labels best: probabilities to the power of `temperature`, a share `rate` of errors."""

    temperature: float
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighing:
    """How class probabilities speak for and against a label.

    Attributes
    ----------
    against : float64 (k, k)
        Weight of true class c (rows) against label y (columns): 0 where they are the same.
    closeness : float64 (k, k) or None
        How nearly right label y is where class c is true, in [0, 1], for ordered classes; None: right or wrong.
    """

    against: Floats
    closeness: Floats | None = None

    @classmethod
    def of(cls, joint: Floats, distance: Floats | None) -> Weighing:
        """Take the joint of true and given classes (k, k) and, for ordered classes, their distance in [0, 1]."""
        ratios = confusion_ratios(joint)
        if distance is None:
            return cls(against=ratios)
        return cls(against=ratios * distance, closeness=1.0 - distance)

    def weigh(self, probabilities: Floats, codes: Codes) -> tuple[Floats, Floats]:
        """Return what speaks for and against each label, (n,) each."""
        against = _weighted(probabilities, codes, self.against)
        if self.closeness is None:
            return np.asarray(probabilities[np.arange(codes.size), codes], dtype=np.float64), against
        return _weighted(probabilities, codes, self.closeness), against


def _weighted(probabilities: Floats, codes: Codes, weights: Floats) -> Floats:
    """Return the sum over classes c of probability times ``weights[c, code]``, (n,), in blocks of rows."""
    by_label = np.ascontiguousarray(weights.T)
    out = np.empty(codes.size)
    for start in range(0, codes.size, BLOCK):
        part = slice(start, start + BLOCK)
        out[part] = np.einsum("nc,nc->n", probabilities[part], by_label[codes[part]])
    return out


def log_odds(speaks_for: Floats, against: Floats) -> Floats:
    """Return the log of the odds, where either may be exactly 0."""
    return np.asarray(np.log(speaks_for + LEAST) - np.log(against + LEAST))


def logit(share: Floats) -> Floats:
    """Return the log odds of shares that may be exactly 0 or 1."""
    return log_odds(share, 1.0 - share)


def sharpened(probabilities: Floats, temperature: float) -> Floats:
    """Return probabilities to the power of `temperature`, rows summing to one."""
    logs = temperature * np.log(np.maximum(probabilities, LEAST))
    out = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(out / out.sum(axis=1, keepdims=True))


def fit_noise(probabilities: Floats, codes: Codes, weighing: Weighing) -> Noise:
    """Return temperature and share of errors under which the given labels are most probable."""
    n, k = probabilities.shape
    if n == 0 or k < 2:
        return Noise(temperature=1.0, rate=0.0)
    some = np.maximum(probabilities, FLOOR / k)
    fits = [_fit_rate(*weighing.weigh(sharpened(some, t), codes), k) for t in TEMPERATURES]
    best = int(np.argmax([value for value, _ in fits]))
    return Noise(temperature=TEMPERATURES[best], rate=fits[best][1])


def _fit_rate(own: Floats, against: Floats, k: int) -> tuple[float, float]:
    """Return the log-likelihood of the labels and the share of errors that maximises it."""
    rate = 0.05
    other = against / (k - 1)
    for _ in range(STEPS):  # EM in one number, its step doubled
        wrong = other * rate
        new = float((wrong / np.maximum(own * (1 - rate) + wrong, 1e-300)).mean())
        rate = float(np.clip(rate + 2 * (new - rate), 1e-6, 0.9))
    return float(np.log(np.maximum(own * (1 - rate) + other * rate, 1e-300)).sum()), rate


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x))."""
    from scipy.special import expit

    return np.asarray(expit(x))


def shift_to(odds: Floats, share: float) -> float:
    """Return what must be added to log odds (n,) so that the mean of 1 - quality is `share`."""
    low, high = -60.0, 60.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if float(sigmoid(-(odds + middle)).mean()) > share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """Quality (n,) in [0, 1] and what it was calibrated with.

    Attributes
    ----------
    quality : float64 (n,)
        Probability, by the model, that the label is right.
    noise : Noise
        The model of noise.
    range : Range
        How many labels are wrong.
    """

    quality: Floats
    noise: Noise
    range: Range


def score(
    probabilities: Floats, codes: Codes, *, sharpen: bool, distance: Floats | None = None, seed: int = 0
) -> Scored:
    """Return the quality of given labels.

    Parameters
    ----------
    probabilities : float64 (n, k)
        Of models that did not see the row.
    codes : int32 (n,)
        Given classes.
    sharpen : bool
        Whether the fitted temperature may change the order, too: for means of several models, which are too unsure.
    distance : float64 (k, k), optional
        Between classes, in [0, 1], where they are ordered.
    seed : int
        Of the rows that the model of noise is fitted to where there are more than 20,000.
    """
    n = codes.size
    rows = np.random.default_rng(seed).choice(n, FITTED, replace=False) if n > FITTED else np.arange(n)
    some, some_codes = probabilities[rows], codes[rows]
    joint = confident_joint(some, some_codes)
    weighing = Weighing.of(joint, distance)
    noise = fit_noise(some, some_codes, Weighing.of(joint, None))
    scale = n / max(rows.size, 1)
    counts = (noise.rate * n, float(joint.sum() - np.trace(joint)) * scale)
    others = float((some.argmax(axis=1) != some_codes).sum()) * scale
    taken = sharpened(probabilities, noise.temperature) if sharpen else probabilities
    odds = log_odds(*weighing.weigh(taken, codes)) * (1.0 if sharpen else noise.temperature)
    estimate = counts[0] if sharpen else max(counts)
    shift = shift_to(odds[rows], max(estimate, LEAST_ERRORS) / max(n, 1))
    spread = Range.of_counts(counts, others, n)
    return Scored(quality=sigmoid(odds + shift), noise=noise, range=replace(spread, estimate=estimate))
