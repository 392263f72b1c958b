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

from tests.sequential_model import BLOCK, PREVALENCES, SCALES, Setting, false_claims, fixed_size, median_stop


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
