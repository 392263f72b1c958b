"""Eight processes that write at once, and what is left when all are killed. Run: python -m tests.bench.store_crash

Lossless: 8 processes x 500 decisions, each a read-modify-write. Killed: 20 rounds in which 8 processes write until all
get kill -9 at a random moment; every acknowledged write has to be there, the file sound, and a retry stores nothing
twice.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from labelqa.store.database import open_store
from tests.contracts.stores import (
    Server,
    acknowledged,
    check_campaign,
    prepare_campaign,
    retry_all,
    start_server,
    workers,
)

ENDLESS = 10_000_000


def lossless(url: str, folder: Path, n_processes: int, n_decisions: int) -> None:
    prepare_campaign(url)
    names = [f"w{k}" for k in range(n_processes)]
    start = time.perf_counter()
    with workers(url, names, n_decisions, folder) as processes:
        failed = sum(p.wait() != 0 for p in processes)
    seconds = time.perf_counter() - start
    acks = acknowledged(folder, names)
    with open_store(url) as store:
        stored = check_campaign(store, acks)
    wanted = n_processes * n_decisions
    print(
        f"  {n_processes} processes x {n_decisions}: {wanted - stored} lost, {failed} failed, "
        f"{stored / seconds:.0f} decisions a second",
        flush=True,
    )
    assert (stored, len(acks), failed) == (wanted, wanted, 0)


def killed(url: str, folder: Path, n_processes: int, n_rounds: int) -> None:
    prepare_campaign(url)
    rng = np.random.default_rng(0)
    every: list[str] = []
    for number in range(n_rounds):
        names = [f"r{number}w{k}" for k in range(n_processes)]
        with workers(url, names, ENDLESS, folder) as processes:
            while not acknowledged(folder, names):
                time.sleep(0.01)
            time.sleep(float(rng.uniform(0.05, 1.0)))
            for process in processes:
                process.kill()
        every += acknowledged(folder, names)
        with open_store(url) as store:
            stored = check_campaign(store, every)
            again = retry_all(store, every[-200:])
            assert again == 0, f"{again} stored twice"
            assert check_campaign(store, every) == stored
        if not url.startswith("postgresql"):
            with closing(sqlite3.connect(url)) as plain, closing(plain.execute("PRAGMA integrity_check")) as rows:
                assert rows.fetchall() == [("ok",)]
    print(
        f"  {n_rounds} rounds of kill -9 of {n_processes}: {len(every)} acknowledged, 0 lost, "
        f"{stored - len(every)} committed just before their acknowledgement, 0 stored twice, sound after each",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--decisions", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.only != "postgresql":
            print("SQLite")
            lossless(str(folder / "a.db"), folder, args.processes, args.decisions)
            killed(str(folder / "b.db"), folder, args.processes, args.rounds)
        if args.only != "sqlite":
            print("PostgreSQL")
            server: Server = start_server()
            try:
                lossless(server.new_database(), folder, args.processes, args.decisions)
                killed(server.new_database(), folder, args.processes, args.rounds)
            finally:
                server.stop()


if __name__ == "__main__":
    main()
