"""Honest stopping, simulated: how often it claims what is not true, and how soon it claims what is.

Data: items whose population agreement (alpha and every weighted kappa alike) is exactly the chosen number. In the
population `clear` an item is clear with that probability, and then all annotators give the class drawn from the class
shares; otherwise each label is drawn from the shares. In the population `spread` (Dirichlet-multinomial) every item has
class probabilities of its own around the shares. Both hold for any distance between classes.

Part `claims`: agreement equals the target, a look after every item, the share of runs that ever claim "above"; beside
it the usual 90 % interval (one-sided 5 %) looked at after every 10 items. Part `power`: agreement above the target,
median stop against the fixed study of `plan_agreement_study` (one-sided 5 %, power 80 %).

Run: python -m tests.bench.sequential --runs 2000
"""

from __future__ import annotations

import argparse
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


def print_claims(runs, n, target):
    """Print the table of false claims."""
    print(f"False claims, agreement = target = {target}, {runs:,} runs of {n:,} items, nominal 5 % (Monte-Carlo +-1 %)")
    print(f"{'population':<11}{'classes':<8}{'m':>2}  {'scale':<9}{'every item':>11}{'naive, every 10':>17}")
    worst = 0.0
    for population in ("clear", "spread"):
        for prevalence in PREVALENCES:
            for m in (2, 3, 4, 5):
                for scale in SCALES:
                    setting = Setting(
                        prevalence=prevalence,
                        m=m,
                        scale=scale,
                        target=target,
                        agreement=target,
                        population=population,
                    )
                    ours, naive = false_claims(setting, runs=runs, n=n, seed=7)
                    worst = max(worst, ours)
                    line = f"{population:<11}{prevalence:<8}{m:>2}  {scale:<9}{ours:>11.1%}{naive:>17.1%}"
                    print(line, flush=True)
    print(f"worst: {worst:.1%}")


def print_power(runs):
    """Print the table of median stops."""
    print(f"Median stop against the fixed study (one-sided 5 %, power 80 %), {runs:,} runs")
    print(f"{'classes':<8}{'m':>2}  {'scale':<9}{'target':>7}{'true':>6}{'fixed':>7}{'stop':>7}{'ratio':>7}")
    ratios = []
    for prevalence in PREVALENCES:
        for m in (2, 3, 5):
            for scale in SCALES:
                for target, agreement in ((0.4, 0.5), (0.6, 0.7), (0.7, 0.75), (0.8, 0.85), (0.8, 0.9)):
                    setting = Setting(prevalence=prevalence, m=m, scale=scale, target=target, agreement=agreement)
                    fixed = fixed_size(setting)
                    stop = median_stop(setting, runs=runs, longest=4 * fixed // BLOCK * BLOCK + 40, seed=11)
                    ratios += [stop / fixed] if fixed >= 300 else []
                    mark = "" if fixed >= 300 else "   (fixed study below 300 items)"
                    line = f"{prevalence:<8}{m:>2}  {scale:<9}{target:>7}{agreement:>6}{fixed:>7,}{stop:>7,}"
                    print(f"{line}{stop / fixed:>7.2f}{mark}", flush=True)
    print(f"where the fixed study needs 300 items or more: ratio {min(ratios):.2f} to {max(ratios):.2f}")


def main():
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--items", type=int, default=600)
    parser.add_argument("--target", type=float, default=0.7)
    parser.add_argument("--part", choices=("claims", "power", "all"), default="all")
    given = parser.parse_args()
    if given.part != "power":
        print_claims(given.runs, given.items, given.target)
    if given.part != "claims":
        print_power(max(200, given.runs // 5))


if __name__ == "__main__":
    main()
