"""Plans of agreement studies, checked: do studies of the planned size have the planned width and power?

Data: items whose agreement is exactly the assumed one (`plan_agreement_study` with `AssumedRates`), drawn anew for each
run and measured with `labelqa.agreement`. `false claims` is the share of studies that succeed where agreement is only
the threshold (nominal 5 %), or where nothing changed (nominal 2.5 %: a two-sided test claims a rise).

Run: python -m tests.bench.planning --runs 2000
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from labelqa.reliability.estimate import agreement
from labelqa.reliability.planning.plan import plan_agreement_study
from labelqa.reliability.planning.rates import AssumedRates
from labelqa.reliability.planning.simulate import simulate_plan

EVEN, UNEVEN, RARE = (0.34, 0.33, 0.33), (0.7, 0.2, 0.1), (0.9, 0.05, 0.05)
SETTINGS = [
    *((s, 2, "krippendorff_alpha", "identity", 0.8, {"width": 0.2}) for s in (EVEN, UNEVEN, RARE)),
    *((s, 4, "krippendorff_alpha", "identity", 0.8, {"width": 0.1}) for s in (EVEN, UNEVEN, RARE)),
    (UNEVEN, 3, "krippendorff_alpha", "rank", 0.7, {"width": 0.2}),
    (UNEVEN, 3, "gwet_ac", "ordinal", 0.8, {"width": 0.1}),
    *((s, m, "krippendorff_alpha", "identity", 0.8, {"threshold": 0.7}) for s in (EVEN, UNEVEN, RARE) for m in (2, 4)),
    (UNEVEN, 3, "fleiss_kappa", "ordinal", 0.75, {"threshold": 0.667}),
    (EVEN, 2, "krippendorff_alpha", "identity", 0.6, {"threshold": 0.4}),
    ((0.5, 0.5), 2, "cohen_kappa", "identity", 0.85, {"threshold": 0.7}),
    ((0.5, 0.5), 2, "cohen_kappa", "identity", 0.7, {"threshold": 0.85}),
    ((0.8, 0.2), 2, "cohen_kappa", "identity", 0.6, {"threshold": 0.4}),
    (((0.5, 0.5), (0.4, 0.6)), 2, "cohen_kappa", "identity", 0.6, {"threshold": 0.4}),
    ((0.2, 0.25, 0.55), 2, "cohen_kappa", "identity", 0.6, {"threshold": 0.4}),
    *((s, 3, "krippendorff_alpha", "identity", 0.7, {"change": 0.1}) for s in (EVEN, UNEVEN, RARE)),
    (UNEVEN, 2, "krippendorff_alpha", "identity", 0.7, {"change": -0.15}),
]  # fmt: skip


def null_share(plan, *, n_runs, rng):
    """Return the share of studies of the planned size that succeed where there is nothing to show; nan for a width."""
    population, measure = plan._population, (plan.coefficient, plan.weights)
    if plan.goal == "width":
        return math.nan
    if plan.goal == "threshold":
        null = population.at(plan.asked + math.copysign(1e-9, plan.value - plan.asked))
        return simulate_plan(null, plan._sizing, measure, n=plan.n_items, n_runs=n_runs, rng=rng).power
    z, rises = 1.959963984540054, 0
    for _ in range(n_runs):
        one, two = (agreement(population.draw(plan.n_items, rng), measure[0], weights=measure[1]) for _ in range(2))
        rises += two.estimate - one.estimate > z * math.hypot(one.standard_error, two.standard_error)
    return rises / n_runs


def row(setting, *, n_runs, seed):
    """Return one line of the table."""
    shares, m, coefficient, weights, value, goal = setting
    rates = AssumedRates(agreement=value, class_shares=shares, n_annotators=m)
    plan = plan_agreement_study(rates, coefficient=coefficient, weights=weights, **goal)
    check = plan.simulate(n_runs, rng=seed)
    false = null_share(plan, n_runs=n_runs, rng=np.random.default_rng(seed + 1))
    found = check.realised
    ((name, asked),) = goal.items()
    planned = "     -" if math.isnan(check.planned_power) else f"{check.planned_power:6.1%}"
    text = "/".join(f"{s:g}" for s in shares) if not isinstance(shares[0], tuple) else "differ"
    return (
        f"{text:<15}{m:>2} {coefficient:<19}{weights:<9}{value:>5}  {name:<9}{asked:>6} {plan.n_items:>6,}"
        f"{check.planned_width:>8.3f}{found.width:>8.3f} {planned} {found.power:>7.1%}{found.coverage:>8.1%}"
        + ("       -" if math.isnan(false) else f"{false:>8.1%}")
    )


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    given = parser.parse_args()
    error = 0.5 / math.sqrt(given.runs)
    print(f"{given.runs:,} studies a row; Monte-Carlo error of a share at most {error:.1%}")
    print(
        f"{'class shares':<15}{'m':>2} {'coefficient':<19}{'weights':<9}{'value':>5}  {'goal':<9}{'':>6} {'items':>6}"
        f"{'width':>8}{'seen':>8} {'power':>6} {'seen':>7}{'covers':>8}{'false':>8}"
    )
    for i, setting in enumerate(SETTINGS):
        print(row(setting, n_runs=given.runs, seed=100 * i), flush=True)


if __name__ == "__main__":
    main()
