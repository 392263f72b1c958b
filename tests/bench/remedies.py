"""diagnose_slices: is the remedy right? Five pure causes and three mixtures (70/30) with a known answer.

Data: 2,000 rows, a slice of 600 (300 where there is too little data, 30 where there is too little of everything), 80 %
of all items labeled by two (even seeds) or three (odd seeds) people who slip on 4 %; see
:mod:`tests.unit.diagnosis.slice_cases`. `right` is of all runs, `abstained` those with audit_more (which is the right
answer of "few"), `right of decided` leaves them out. Target: 90 % right each, abstentions apart. The second table says
what is answered with less: without annotators, without a model, with predictions alone.

Run: python -m tests.bench.remedies [--seeds 50] [--first 0] (about an hour; --full-only: 15 minutes)
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd

from tests.unit.diagnosis.slice_cases import CASES, MIXED, PURE, RIGHT, planted

PARTS = ["definition", "noise", "data", "rest"]
LESS = {
    "no model": {"features": None, "model": None},
    "no annotators": {"annotations": None},
    "predictions alone": {"annotations": None, "features": None, "model": None},
}


def run(case, seeds, options):
    """Return one row a seed."""
    rows = []
    for seed in seeds:
        begin = time.perf_counter()
        row = planted(case, seed).diagnose(rng=seed, **options).frame.iloc[0].to_dict()
        rows.append(row | {"seconds": time.perf_counter() - begin, "seed": seed})
    return pd.DataFrame(rows)


def line(case, frame):
    """Return the figures of a case as text."""
    right = frame["remedy"] == RIGHT[case]
    abstained = frame["remedy"] == "audit_more"
    decided = right[~abstained]
    of_decided = f"{decided.mean():>8.0%} of {len(decided):<4}" if len(decided) else f"{'-':>8}        "
    parts = " ".join(f"{v:>6.3f}" for v in frame[["excess", *PARTS]].mean())
    wrong = frame["remedy"][~right & ~abstained].value_counts().to_dict()
    more = frame["n_more"][abstained].median() if abstained.any() else np.nan
    head = f"{case:<26}{right.mean():>7.0%}{abstained.mean():>11.0%}{of_decided:>20}"
    return f"{head}  {more:>8.0f}   {parts}   {frame['seconds'].mean():>5.2f} s  {wrong or ''}"


def table(title, seeds, options, cases=CASES):
    """Print one line a case."""
    names = " ".join(f"{p[:6]:>6}" for p in ["excess", *PARTS])
    print(f"\n{title}, seeds {seeds[0]} to {seeds[-1]}")
    print(f"{'':<26}{'right':>7}{'abstained':>11}{'right of decided':>20}  {'n_more':>8}   {names}")
    for case in cases:
        print(line(case, run(case, seeds, options)), flush=True)


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--full-only", action="store_true")
    parser.add_argument("--cases", nargs="+", choices=tuple(CASES))
    args = parser.parse_args()
    seeds = range(args.first, args.first + args.seeds)
    if args.cases:
        table("everything known", seeds, {}, args.cases)
        return
    table("everything known, pure causes", seeds, {}, PURE)
    table("everything known, mixed causes", seeds, {}, MIXED)
    if args.full_only:
        return
    for title, options in LESS.items():
        table(title, seeds, options)


if __name__ == "__main__":
    main()
