"""Does the proof of a round keep its promises? Simulated campaigns with a known truth.

Six classes in three look-alike pairs; the rule about the first pair (R3) is revised (`tests/unit/review/campaigns.py`).
Printed: how often each claim is made, against what it should be; how often intervals cover the truth, which is measured
on 60,000 items a round.

Run: python -m tests.bench.campaigns --runs 300 --seed 1
"""

from __future__ import annotations

import argparse
import math
import time
from collections import defaultdict
from dataclasses import replace

import numpy as np

from labelqa.reliability.comparison.compare import compare_agreement
from labelqa.reliability.planning.plan import plan_agreement_study
from labelqa.review.proving.measuring import measure_change
from tests.unit.review.campaigns import IMPROVED, LEARNED, REGRESSED, RULE, UNCHANGED, simulate, truths

PERMUTATIONS = 199
LARGE = {"n_before": 400, "n_held_out": 200, "n_fresh": 200}
AGAIN_ONLY = {"n_held_out": 0, "n_fresh": 0}


def proof_of(found, *, n_permutations=PERMUTATIONS, rng=0):
    return measure_change(
        found.before, found.after, strata=found.strata, changed_rules=[RULE], n_permutations=n_permutations, rng=rng
    )


def naive(found):
    """Return whether items labeled again, taken as they are, say "improved"."""
    again = [name for name, (stratum, _) in found.strata.items() if stratum == "paired"]
    if not again:
        return math.nan
    parts = [data.where(item=[i for i in again if i in set(data.items)]) for data in (found.before, found.after)]
    return compare_agreement(*parts, n_permutations=PERMUTATIONS).verdict == "improved"


def campaign_rows(campaign, *, n_runs, seed, truth):
    """Return the claims of `n_runs` campaigns, by name."""
    rows = defaultdict(list)
    for run in range(n_runs):
        found = simulate(campaign, np.random.default_rng([seed, run]))
        proof = proof_of(found, rng=run)
        rule = proof.rules.iloc[0]
        rows["improved"].append(proof.verdict == "improved")
        rows["worse"].append(proof.verdict == "worse")
        rows["R3 improved"].append(rule["verdict"] == "improved")
        rows["R3 credited"].append(rule["credit"] == "rules")
        rows["credit rules"].append(proof.credit == "rules")
        rows["credit learning"].append(proof.credit == "learning")
        rows["excess claimed"].append(bool(proof.learning.beyond_learning))
        rows["learning seen"].append(proof.learning.verdict == "improved")
        rows["rust or stain worse"].append(bool({"rust", "stain"} & set(proof.regressions)))
        rows["other class worse"].append(bool(set(proof.regressions) - {"rust", "stain"}))
        clear = proof.new_pairs[proof.new_pairs["is_clear"].astype(bool)]
        pairs = {frozenset(pair) for pair in zip(clear["class_a"], clear["class_b"], strict=True)}
        rows["rust/stain newly confused"].append(frozenset(("rust", "stain")) in pairs)
        rows["other pair newly confused"].append(bool(pairs - {frozenset(("rust", "stain"))}))
        rows["naive improved"].append(naive(found))
        strata = proof.strata.set_index("stratum")
        if "paired" in strata.index:
            rows["again, weighted: improved"].append(strata.loc["paired", "verdict"] == "improved")
            rows["again, weighted: covers"].append(covers(strata.loc["paired"], truth["answer"]))
        if proof.answer is not None:
            rows["answer covers"].append(covers(strata.loc["answer"], truth["answer"]))
        rows["R3 covers"].append(covers(rule, truth["rule"]))
        excess = {"low": rule["excess_low"], "high": rule["excess_high"]}
        rows["excess covers"].append(covers(excess, truth["excess"]))
    return rows


def covers(row, value):
    return math.nan if math.isnan(row["low"]) else row["low"] <= value <= row["high"]


def truth_of(campaign):
    proof = proof_of(truths(campaign), n_permutations=99)
    rule = proof.rules.iloc[0]
    return {"answer": proof.answer.difference, "rule": rule["difference"], "excess": rule["excess"]}


def show(title, rows, n_runs):
    print(f"\n{title}")
    for name, values in rows.items():
        known = np.array([v for v in values if not (isinstance(v, float) and math.isnan(v))], dtype=float)
        if known.size and (known.any() or name in ("improved", "worse")):
            share = known.mean()
            lost = f" (undefined in {n_runs - known.size})" if known.size < n_runs else ""
            print(f"  {name:28s} {share:6.1%} +- {math.sqrt(share * (1 - share) / known.size):.1%}{lost}")


def planned(n_runs, seed):
    """Print the power that was planned from a pilot, and the power seen."""
    for change in (IMPROVED, replace(LEARNED, after=LEARNED.before.scaled(0.7))):
        truth = truth_of(change)["answer"]
        pilot = truths(change, n=4_000, seed=seed).before
        plan = plan_agreement_study(pilot, change=truth)
        for name, sizes in (
            ("fresh", {"n_before": plan.n_items, "n_fresh": plan.n_items, "n_held_out": 0}),
            ("held_out", {"n_before": plan.n_items_paired, "n_held_out": plan.n_items_paired, "n_fresh": 0}),
        ):
            campaign = replace(change, n_paired=0, n_control=0, **sizes)
            seen = [
                proof_of(simulate(campaign, np.random.default_rng([seed, 7, run])), rng=run).verdict == "improved"
                for run in range(n_runs)
            ]
            n = plan.n_items if name == "fresh" else plan.n_items_paired
            share = np.mean(seen)
            told = f"seen {share:.1%} +- {math.sqrt(share * (1 - share) / n_runs):.1%}"
            print(f"  true change {truth:+.3f}, {n:4d} {name:8s} items: planned 80 %, {told}", flush=True)


CAMPAIGNS = (
    ("Better reading of scratch/dent (full design: held-out, fresh, targeted paired, control)", IMPROVED),
    ("Nothing changed, full design", UNCHANGED),
    (
        "Nothing changed, only items labeled again: chosen for disagreement among all items, n 100 of 300",
        replace(UNCHANGED, **AGAIN_ONLY, n_paired=100, n_control=0, restricted=False),
    ),
    (
        "Nothing changed, only items labeled again: chosen for disagreement, n 300 of 900",
        replace(UNCHANGED, **AGAIN_ONLY, n_before=900, n_paired=300, n_control=0, restricted=False),
    ),
    (
        "Nothing changed, only items labeled again: disputed items of the rule's classes, and control items",
        replace(UNCHANGED, **AGAIN_ONLY, n_paired=80, n_control=60),
    ),
    ("Learning alone: all confusions and slips x .45", LEARNED),
    ("Better reading of scratch/dent, worse of rust/stain", REGRESSED),
    ("The same, with 400 items before, 200 held-out and 200 fresh", replace(REGRESSED, **LARGE)),
    ("Better reading, with 400 items before, 200 held-out and 200 fresh", replace(IMPROVED, **LARGE)),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, nargs="*", help="numbers of campaigns; -1 is the plan")
    given = parser.parse_args()
    wanted = range(-1, len(CAMPAIGNS)) if given.only is None else given.only
    print(f"seed {given.seed}, {given.runs} campaigns each, {PERMUTATIONS} arrangements")
    start = time.perf_counter()
    for at in wanted:
        if at < 0:
            print("\nPower of the plan (pilot of 4,000 items)")
            planned(given.runs, given.seed)
            continue
        title, campaign = CAMPAIGNS[at]
        truth = truth_of(campaign)
        rows = campaign_rows(campaign, n_runs=given.runs, seed=given.seed + at, truth=truth)
        told = ", ".join(f"{name} {value:+.3f}" for name, value in truth.items())
        show(f"{at}. {title}\n  true change: {told}", rows, given.runs)
        print(f"  {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
