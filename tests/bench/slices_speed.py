"""Time and memory of the search for slices, beside sliceline and divexplorer on the same data in the same run.

Run: python -m tests.bench.slices_speed [--no-peers] [--large]

Printed: a table of 48,842 rows and 14 columns with cardinalities like those of the census data Adult (3 conditions, 1 %
support): exact search, search with inference, peers; the growth of time with rows; with --large, one million rows,
15 columns of 10 levels: search, search with inference, peak memory; 30 columns.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from labelqa.slices.features import FeatureTable
from labelqa.slices.find import find_slices
from labelqa.slices.lattice import search
from tests.bench.slices_bed import by_rank

ADULT_ROWS = 48_842
CARDINALITIES = (10, 9, 10, 16, 16, 7, 15, 6, 5, 2, 3, 3, 8, 42)  # numbers in tenths, capital gain and loss in thirds


def table_of(codes: np.ndarray) -> FeatureTable:
    names = tuple(f"f{j}" for j in range(codes.shape[1]))
    levels = tuple(tuple(f"{n} = {v}" for v in range(int(codes[:, j].max()) + 1)) for j, n in enumerate(names))
    return FeatureTable(codes=codes.astype(np.int32), names=names, levels=levels)


def adult_like(rng: np.random.Generator) -> tuple[FeatureTable, np.ndarray]:
    codes = np.stack([rng.choice(c, ADULT_ROWS, p=by_rank(c)) for c in CARDINALITIES], axis=1)
    raised = ((codes[:, 6] == 1) & (codes[:, 2] == 2)) | (codes[:, 13] == 2)
    return table_of(codes), (rng.random(ADULT_ROWS) < 0.24 + 0.1 * raised).astype(float)


def timed(call: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    made = call()
    return time.perf_counter() - start, made


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def sliceline_seconds(table: FeatureTable, error: np.ndarray) -> float:
    from sliceline.slicefinder import Slicefinder

    model = Slicefinder(alpha=0.95, k=10, max_l=3, min_sup=len(error) // 100, verbose=False)
    return timed(lambda: model.fit(table.codes, error))[0]


def divexplorer_seconds(table: FeatureTable, error: np.ndarray) -> float:
    from divexplorer import DivergenceExplorer

    frame = pd.DataFrame({n: table.codes[:, j].astype(str) for j, n in enumerate(table.names)})
    explorer = DivergenceExplorer(frame.assign(e=error.astype(int)))
    return timed(lambda: explorer.get_pattern_divergence(min_support=0.01, boolean_outcomes=["e"]))[0]


def adult(with_peers: bool) -> None:
    table, error = adult_like(np.random.default_rng(0))
    least = int(np.ceil(0.01 * len(error)))
    searches = [timed(lambda: search(table, error, min_size=least)) for _ in range(5)]
    ours = min(seconds for seconds, _ in searches)
    print(f"adult-like, {len(searches[0][1]):,} slices: search {ours:.3f} s (best of 5)", flush=True)  # type: ignore[arg-type]
    seconds, found = timed(lambda: find_slices(table, error))
    print(f"adult-like with inference {seconds:.1f} s: {len(found)} slices; {megabytes():,.0f} MB", flush=True)  # type: ignore[arg-type]
    for name, peer in (("sliceline", sliceline_seconds), ("divexplorer", divexplorer_seconds)):
        try:
            theirs = peer(table, error) if with_peers else float("nan")
            print(f"adult-like {name}: {theirs:.1f} s, {theirs / ours:,.0f} times the search", flush=True)
        except Exception as reason:  # whatever a peer raises is its result
            print(f"adult-like {name} failed: {type(reason).__name__}: {str(reason)[:200]}", flush=True)


def growth() -> None:
    """Print how time grows with rows."""
    times = {}
    for n in (125_000, 250_000, 500_000):
        rng = np.random.default_rng(1)
        table = table_of(rng.choice(10, (n, 15), p=by_rank(10)))
        error = (rng.random(n) < 0.1).astype(float)
        times[n] = min(timed(lambda t=table, e=error: search(t, e, min_size=len(e) // 100))[0] for _ in range(3))
    steps = ", ".join(f"{n:,} rows {s:.2f} s" for n, s in times.items())
    print(f"growth: {steps}: 4 times the rows take {times[500_000] / times[125_000]:.1f} times as long", flush=True)


def million() -> None:
    for title, shares in (("even levels", None), ("uneven levels", by_rank(10))):
        rng = np.random.default_rng(2)
        table = table_of(rng.choice(10, (1_000_000, 15), p=shares).astype(np.int32))
        raised = (table.codes[:, 13] == 2) | ((table.codes[:, 6] == 1) & (table.codes[:, 2] == 1))
        wrong = (rng.random(1_000_000) < 0.1 + 0.1 * raised).astype(float)
        for kind, error in (("0/1", wrong), ("real", rng.gamma(1 + wrong))):
            seconds, lattice = timed(lambda t=table, e=error: search(t, e, min_size=10_000))
            print(f"1M x 15 x 10, {title}, {kind}: search {seconds:.1f} s, {len(lattice):,} slices", flush=True)  # type: ignore[arg-type]
            seconds, found = timed(lambda t=table, e=error: find_slices(t, e))
            texts = found.frame["predicates"].tolist()  # type: ignore[attr-defined]
            print(f"   with inference {seconds:.1f} s: {texts}; peak {megabytes():,.0f} MB", flush=True)


def thirty() -> None:
    for n in (10_000, 100_000):
        rng = np.random.default_rng(3)
        table = table_of(rng.choice(5, (n, 30), p=by_rank(5)))
        error = (rng.random(n) < 0.1 + 0.1 * (table.codes[:, 1] == 1) * (table.codes[:, 2] == 1)).astype(float)
        seconds, lattice = timed(lambda t=table, e=error: search(t, e, min_size=len(e) // 100))
        print(f"30 columns, {n:,} rows: search {seconds:.1f} s, {len(lattice):,} slices", flush=True)  # type: ignore[arg-type]
        seconds, found = timed(lambda t=table, e=error: find_slices(t, e))
        print(f"   with inference {seconds:.1f} s: {found.frame['predicates'].tolist()}; peak {megabytes():,.0f} MB")  # type: ignore[attr-defined]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--large", action="store_true")
    asked = parser.parse_args()
    adult(not asked.no_peers)
    growth()
    if asked.large:
        million()
        thirty()


if __name__ == "__main__":
    main()
