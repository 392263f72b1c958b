"""Counting labels in Parquet of up to 100 million rows: time and memory beside the engine's own plain group-by.

Data: N labels, three to an item, five classes, five annotators of whom three label each item; 75 % of labels agree with
the item's truth; an item's labels lie scattered over the whole file. Integer ids and labels, or texts for both. Every
job runs in a process of its own, in the same run, on the same file:

scan    DuckDB reads both columns (item and label) and does next to nothing with them
plain   DuckDB: select item, sum(x) group by item, under the memory limit that count_patterns sets itself
count   labelqa.count_patterns without annotators
who     labelqa.count_patterns with annotator=, which also finds repeated labels
polars  polars' streaming engine on the packed query of `count`, for the record of the choice of the engine
limit   `count` in a scope of systemd with MemoryMax=2G; where there is no systemd, a process that is refused more than
        3 GB of private addresses (RLIMIT_DATA: allocators reserve more than they use), whose peak is to stay below 2 GB

Run: python -m tests.bench.engine_scale [--rows 1e6 1e7 1e8] [--kinds int str] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

CLASSES = ["sport", "politics", "culture", "science", "other"]
JOBS = ("scan", "plain", "count", "who", "polars", "limit")
HARD_LIMIT = 2 * 1024**3
ADDRESS_LIMIT = 3 * 1024**3
CHUNK = 2_000_000


def generate(rows: int, kind: str, path: Path) -> None:
    """Write `rows` labels; position i of the file holds label i * step modulo the rows, so items lie scattered."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    rows -= rows % 3
    step = 2_654_435_761
    while math.gcd(step, rows) != 1:
        step += 2
    writer = None
    for first in range(0, rows, CHUNK):
        place = np.arange(first, min(first + CHUNK, rows), dtype=np.uint64)
        item, slot = np.divmod((place * np.uint64(step % rows)) % np.uint64(rows), np.uint64(3))
        mixed = (item * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(33)
        truth = (mixed % np.uint64(5)).astype(np.int64)
        label = np.where(rng.random(item.size) < 0.75, truth, rng.integers(0, 5, item.size))
        who = (slot + mixed % np.uint64(3)).astype(np.int64)
        table = pa.table(_columns(item.astype(np.int64), who, label, kind))
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _columns(item: np.ndarray, who: np.ndarray, label: np.ndarray, kind: str) -> dict[str, object]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind == "int":
        return {"item": item, "annotator": who, "label": label}
    people = pa.array([f"ann{i}" for i in range(5)])
    return {
        "item": pc.binary_join_element_wise("doc-", pc.cast(pa.array(item), pa.string()), ""),
        "annotator": people.take(pa.array(who)),
        "label": pa.array(CLASSES).take(pa.array(label)),
    }


def by_duckdb(path: Path, kind: str, job: str) -> int:
    import duckdb

    from labelqa.counts.engine.files import MEMORY_LIMIT

    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": folder})
        connection.execute("set preserve_insertion_order = false")
        size = str if kind == "int" else "strlen({})".format  # statistics of the file cannot answer these
        query = {
            "scan": f"select sum({size('item')}), sum({size('label')}), count(*) from '{path}'",
            "plain": f"select max(s), count(*) from (select sum({size('label')}) s from '{path}' group by item)",
        }[job]
        return int(connection.execute(query).fetchall()[0][-1])


def by_polars(path: Path, kind: str) -> int:
    import polars as pl

    names = range(5) if kind == "int" else CLASSES
    weight = pl.col("label").replace_strict({c: 2.0 ** (4 * i) for i, c in enumerate(names)}, return_dtype=pl.Float64)
    items = pl.scan_parquet(path).with_columns(s=weight).group_by("item").agg(pl.col("s").sum(), n=pl.len())
    return items.group_by("s", "n").agg(m=pl.len()).collect(engine="streaming").height


def by_labelqa(path: Path, job: str) -> int:
    import labelqa as lq

    counts = lq.count_patterns(path, item="item", label="label", annotator="annotator" if job == "who" else None)
    return len(counts)


def run_job(job: str, kind: str, path: Path) -> None:
    """Do one job and print its seconds and peak memory: what a fresh process is started for."""
    import duckdb
    import pandas
    import polars
    import pyarrow.parquet  # imports of either side are not what is measured

    import labelqa.counts.count

    del duckdb, pandas, polars, pyarrow, labelqa
    start = time.perf_counter()
    if job in ("scan", "plain"):
        found = by_duckdb(path, kind, job)
    else:
        found = by_polars(path, kind) if job == "polars" else by_labelqa(path, job)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "found": found}))


def measured(job: str, kind: str, path: Path) -> dict[str, float] | str:
    """Run a job in a process of its own; a failure is a result too."""
    command = [sys.executable, "-m", "tests.bench.engine_scale", "--job", job, "--kinds", kind, "--file", str(path)]
    before = None
    if job == "limit" and Path("/run/systemd/system").exists():
        command = ["systemd-run", "--scope", "--quiet", "-p", f"MemoryMax={HARD_LIMIT}", *command]
    elif job == "limit":
        before = _limit_this_process
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=before)
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1][:90]
    return json.loads(done.stdout)


def _limit_this_process() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (ADDRESS_LIMIT, ADDRESS_LIMIT))


def compare(kind: str, rows: int, path: Path, jobs: list[str]) -> dict[str, float]:
    """Print one table; return the seconds of each job."""
    print(f"\n{rows:,} labels, {kind} ids and labels, {path.stat().st_size / 1e6:,.0f} MB of Parquet")
    print("  job      seconds  to plain   to scan  peak MB  us a row")
    seconds: dict[str, float] = {}
    for job in jobs:
        found = measured(job, kind, path)
        if isinstance(found, str):
            print(f"  {job:7} failed: {found}")
            continue
        seconds[job] = found["seconds"]
        ratios = [f"{found['seconds'] / seconds[base]:8.2f}x" if base in seconds else "" for base in ("plain", "scan")]
        print(
            f"  {job:7}{found['seconds']:9.2f} {ratios[0]} {ratios[1]}{found['peak']:9,.0f}"
            f"{found['seconds'] / rows * 1e6:10.3f}",
            flush=True,
        )
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", type=lambda v: int(float(v)), default=[10**6, 10**7, 10**8])
    parser.add_argument("--kinds", nargs="+", choices=("int", "str"), default=["int", "str"])
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS))
    parser.add_argument("--folder", type=Path, help="where files are kept, and found again by the next run")
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.job:
        run_job(args.job, args.kinds[0], args.file)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.folder or Path(scratch)
        for kind in args.kinds:
            times = {}
            for rows in args.rows:
                path = folder / f"{kind}_{rows}.parquet"
                if not path.exists():
                    generate(rows, kind, path)
                times[rows] = compare(kind, rows, path, args.jobs)
            print_growth(kind, times)


def print_growth(kind: str, times: dict[int, dict[str, float]]) -> None:
    """Print how much more time a row takes than it does in the next smaller file."""
    sizes = sorted(times)
    for less, more in itertools.pairwise(sizes):
        for job in ("plain", "count", "who"):
            if job in times[less] and job in times[more]:
                ratio = times[more][job] / times[less][job]
                print(f"  {kind} {job}: {ratio:.1f}x the time for {more / less:.0f}x the rows ({less:,} -> {more:,})")


if __name__ == "__main__":
    main()
