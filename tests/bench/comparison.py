"""Level, power and coverage of the comparison of two rounds, and what selection does.

Run: python -m tests.bench.comparison

Items have a true class from the class shares; each of m annotators gives it with probability `accuracy` and else draws
from the class shares, in both rounds. paired: the same n items; independent: n other items; mixed: n in both rounds,
n/2 more in either. Level: share of samples with p <= .05 where nothing changed (its standard error is .005 at 2,000
samples). Coverage: share of 95 % intervals that hold the true difference (from 1,000,000 items). Selection: items
enter the second round with probability .8 where annotators disagreed in the first and .2 where not; nothing changed.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

import labelqa as lq
from labelqa.reliability.comparison.compare import compare_agreement
from labelqa.reliability.comparison.result import AgreementComparison
from tests.comparison_model import RARE, UNEQUAL, Setting, drawn, relabeled


def simulate(setting: Setting, samples: int, permutations: int, seed: int = 0) -> list[AgreementComparison]:
    rng = np.random.default_rng(seed)
    return [
        compare_agreement(*drawn(rng, setting), setting.coefficient, n_permutations=permutations, rng=rng)
        for _ in range(samples)
    ]


def rejected(found: list[AgreementComparison], name: str) -> float:
    values = np.array([getattr(f, name) for f in found])
    return float((values[~np.isnan(values)] <= 0.05).mean())


def true_difference(setting: Setting) -> float:
    parts = drawn(np.random.default_rng(99), replace(setting, n=1_000_000))
    first, second = (lq.agreement(part, setting.coefficient).estimate for part in parts)
    return second - first


def level(samples: int, permutations: int) -> None:
    print(f"Nothing changed: share of p <= .05\n{'':<49}{'permutation':>12}{'t':>8}{'undefined':>11}")
    sizes = [Setting(n, design) for design in ("paired", "independent", "mixed") for n in (15, 30, 100)]
    skewed = [
        Setting(50, design, shares) for design in ("paired", "independent", "mixed") for shares in (UNEQUAL, RARE)
    ]
    others = [Setting(30, "paired", coefficient=c) for c in ("gwet_ac", "fleiss_kappa", "conger_kappa")]
    for setting in [*sizes, *skewed, *others]:
        found = simulate(setting, samples, permutations)
        undefined = sum(f.undefined_because is not None for f in found)
        rates = [rejected(found, name) for name in ("p_permutation", "p_value")]
        print(f"{setting}{rates[0]:>12.3f}{rates[1]:>8.3f}{undefined:>11}", flush=True)


def power(samples: int, permutations: int) -> None:
    print(f"\nAccuracy .70 -> .80\n{'':<49}{'difference':>11}{'power':>8}{'power t':>9}{'coverage':>10}")
    for design in ("paired", "independent", "mixed"):
        for n in (30, 100, 300):
            setting = Setting(n, design, accuracy=(0.7, 0.8))
            truth = true_difference(setting)
            found = simulate(setting, samples, permutations)
            rates = [rejected(found, name) for name in ("p_permutation", "p_value")]
            covered = np.mean([f.low <= truth <= f.high for f in found if f.undefined_because is None])
            print(f"{setting}{truth:>11.3f}{rates[0]:>8.3f}{rates[1]:>9.3f}{covered:>10.3f}", flush=True)


def selection(samples: int, permutations: int) -> None:
    print("\nNothing changed, items chosen for disagreement (.8 / .2)")
    print(f"{'items before':<14}{'comparison':<34}{'mean difference':>16}{'p <= .05':>10}{'t <= .05':>10}{'warned':>8}")
    for n in (100, 300):
        rng = np.random.default_rng(0)
        kinds = ("chosen items alone", "all before, chosen after", "chosen items, selection=")
        rows: dict[str, list[AgreementComparison]] = {kind: [] for kind in kinds}
        for _ in range(samples):
            before, after, chance = relabeled(rng, Setting(n), disputed=0.8, agreed=0.2)
            shared = before.where(item=list(after.items))
            for kind, first, known in ((kinds[0], shared, None), (kinds[1], before, None), (kinds[2], before, chance)):
                rows[kind].append(
                    compare_agreement(first, after, selection=known, n_permutations=permutations, rng=rng)
                )
        for kind, found in rows.items():
            mean = np.mean([f.difference for f in found])
            warned = np.mean([any("regression" in w for w in f.warnings) for f in found])
            rates = [rejected(found, name) for name in ("p_permutation", "p_value")]
            print(f"{n:<14}{kind:<34}{mean:>16.3f}{rates[0]:>10.3f}{rates[1]:>10.3f}{warned:>8.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--permutations", type=int, default=199)
    chosen = parser.parse_args()
    level(chosen.samples, chosen.permutations)
    power(chosen.samples // 4, chosen.permutations)
    selection(chosen.samples // 4, chosen.permutations)


if __name__ == "__main__":
    main()
