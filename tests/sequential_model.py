"""Items whose population agreement is known exactly, and when a sequential test of many runs at once stops."""

import math
from dataclasses import dataclass

import numpy as np

from labelqa.annotations.schema import LabelSchema
from labelqa.reliability.planning.plan import plan_agreement_study
from labelqa.reliability.planning.rates import AssumedRates
from labelqa.reliability.sequential.bets import (
    BLOCK,
    FRACTIONS,
    block_distances,
    block_growth,
    is_negative_type,
    largest_stake,
    log_wealth,
)
from labelqa.reliability.weights import make_weights

PREVALENCES = {"even": (0.34, 0.33, 0.33), "uneven": (0.7, 0.2, 0.1), "rare": (0.9, 0.05, 0.05)}
SCALES = {"nominal": "identity", "ordinal": "ordinal"}
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One population and the target that is tested on it."""

    prevalence: str = "even"
    m: int = 2
    scale: str = "nominal"
    target: float = 0.7
    agreement: float = 0.7
    population: str = "clear"

    @property
    def shares(self):
        return np.array(PREVALENCES[self.prevalence])

    @property
    def weights(self):
        k = self.shares.size
        return make_weights(SCALES[self.scale], LabelSchema(classes=tuple(range(1, k + 1))))


def draw_counts(setting, size, rng):
    """Return labels per class of `size` items drawn from the population, float64 (*size, k)."""
    shares, kappa = setting.shares, setting.agreement
    if setting.population == "spread":
        gamma = rng.standard_gamma(np.broadcast_to(shares * (1 - kappa) / kappa, (*size, shares.size)))
        total = gamma.sum(axis=-1, keepdims=True)
        own = np.where(total > 0, gamma / np.where(total > 0, total, 1), shares)
        return rng.multinomial(setting.m, own / own.sum(axis=-1, keepdims=True)).astype(np.float64)
    agreed = setting.m * rng.multinomial(1, shares, size=size)
    drawn = rng.multinomial(setting.m, shares, size=size)
    return np.where(rng.random(size)[..., None] < kappa, agreed, drawn).astype(np.float64)


def stops(counts, setting, alpha=0.05):
    """Return after how many items each run (first axis of `counts` (R, n, k)) claims "above"; NEVER if it does not."""
    runs, n, k = counts.shape
    blocks = counts[:, : n // BLOCK * BLOCK].reshape(runs, n // BLOCK, BLOCK, k)
    observed, between = block_distances(blocks, setting.weights)
    claim = np.array([setting.target])
    largest = largest_stake(claim, negative_type=is_negative_type(setting.weights, k))
    growth = np.empty((FRACTIONS.size, runs, blocks.shape[1]))
    for rows in np.array_split(np.arange(runs), max(1, runs // 50)):
        growth[:, rows] = block_growth(observed[rows], between[rows], claim, largest)[..., 0]
    reached = log_wealth(growth.cumsum(axis=2)) >= -math.log(alpha)
    return np.where(reached.any(axis=1), (reached.argmax(axis=1) + 1) * BLOCK, NEVER)


def naive_claims(counts, setting, every=10, first=20, z=1.6448536269514722):
    """Whether each run's one-sided 95 % interval of Fleiss' kappa lies above the target at a look every 10 items."""
    m, w = setting.m, setting.weights
    own = 1 - ((counts * w.apply(counts)).sum(-1) - m) / (m * (m - 1))
    shares = counts / m
    claimed = np.zeros(len(counts), dtype=bool)
    for n in range(first, counts.shape[1] + 1, every):
        o, s = own[:, :n], shares[:, :n]
        mean = s.mean(axis=1)
        far = mean.sum(-1, keepdims=True) - w.apply(mean)  # mean distance of each class to all labels
        expected = (mean * far).sum(-1)
        slope = np.where(expected > 0, expected, np.inf)[:, None]
        linear = -o / slope + 2 * o.mean(axis=1, keepdims=True) / slope**2 * np.einsum("rnk,rk->rn", s, far)
        error = linear.std(axis=1, ddof=1) / math.sqrt(n)
        value = 1 - o.mean(axis=1) / slope[:, 0]
        claimed |= (expected > 0) & (error > 0) & (value - z * error > setting.target)
    return claimed


def false_claims(setting, *, runs, n, seed):
    """Return the share of runs that claim "above" where agreement equals the target: ours, naive."""
    rng = np.random.default_rng(seed)
    ours, naive = [], []
    for part in np.array_split(np.arange(runs), max(1, runs // 250)):
        counts = draw_counts(setting, (part.size, n), rng)
        ours.append(stops(counts, setting) < NEVER)
        naive.append(naive_claims(counts, setting))
    return float(np.concatenate(ours).mean()), float(np.concatenate(naive).mean())


def median_stop(setting, *, runs, longest, seed):
    """Return the median number of items after which runs claim "above"; NEVER if most do not within `longest`."""
    rng = np.random.default_rng(seed)
    found = [
        stops(draw_counts(setting, (part.size, longest), rng), setting)
        for part in np.array_split(np.arange(runs), max(1, runs * longest // 500_000))
    ]
    return int(np.median(np.concatenate(found)))


def fixed_size(setting):
    """Return the items of the fixed study, one-sided 5 %, power 80 %."""
    rates = AssumedRates(
        agreement=setting.agreement, class_shares=tuple(setting.shares.tolist()), n_annotators=setting.m
    )
    return plan_agreement_study(
        rates, threshold=setting.target, coefficient="fleiss_kappa", weights=SCALES[setting.scale]
    ).n_items
