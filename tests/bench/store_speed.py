"""Milliseconds of what a page of the app reads and writes, on 100,000 items. Run: python -m tests.bench.store_speed"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from labelqa.store.database import Store, open_store
from labelqa.store.reader import Reader
from labelqa.store.records import (
    AssignmentRecord,
    DecisionRecord,
    EventRecord,
    ItemRecord,
    LabelRecord,
    PersonRecord,
    ProjectRecord,
    RoundRecord,
    VersionRecord,
)

P = "p"
N_ITEMS, N_DECISIONS, N_VERSIONS, N_EVENTS = 100_000, 5_000, 30, 3_000
FIRST = 2  # annotators that labeled every item, in the first round
ROUNDS, IN_ROUND, ANNOTATORS = 10, 5_000, 2  # later rounds: their items, each labeled by two
CLASSES = ("bug", "question", "praise", "complaint")
LIMIT = 200


def timed(name: str, run: Callable[[], object]) -> None:
    start = time.perf_counter()
    run()
    print(f"  {name:<58}{time.perf_counter() - start:8.1f} s", flush=True)


def item(k: int) -> ItemRecord:
    return ItemRecord(project_id=P, item=f"t{k:06}", payload={"text": f"Ticket {k}: it does not start. " * 5, "n": k})


def label(k: int, round: int, annotator: int, at: bool) -> LabelRecord:
    return LabelRecord(
        project_id=P,
        uuid=f"{round}-{annotator}-{k:06}",
        item=f"t{k:06}",
        annotator=f"annotator {annotator}",
        label=CLASSES[(k * 7 + annotator) % 4],
        round=round,
        assignment=f"{annotator}-{k}" if at else None,
        guideline_version=round,
        seconds=float(k % 60),
    )


def fill(store: Store) -> None:
    with store.write() as w:
        w.add_project(ProjectRecord(id=P, name="tickets", classes=CLASSES))
        for k in range(4):
            w.put_person(PersonRecord(project_id=P, name=f"annotator {k}", role="annotator"))
        for k in range(1, N_VERSIONS + 1):
            rules = [{"id": f"R{j}", "text": "A rule of some length. " * 8} for j in range(60)]
            w.add_version(VersionRecord(project_id=P, number=k, content_hash="h", content={"rules": rules}, author="L"))
        timed(f"add_items, {N_ITEMS:,}", lambda: w.add_items(item(k) for k in range(N_ITEMS)))
        w.add_round(RoundRecord(project_id=P, number=1))
        first = [label(k, 1, a, False) for a in range(FIRST) for k in range(N_ITEMS)]
        timed(f"add_labels, {len(first):,} in one round", lambda: w.add_labels(first))
    later = range(2, 2 + ROUNDS)
    timed(f"{ROUNDS} rounds of {2 * IN_ROUND:,} assignments and labels", lambda: [fill_round(store, n) for n in later])
    timed(f"add_decisions, {N_DECISIONS:,}", lambda: decide(store))
    with store.write() as w:
        for k in range(N_EVENTS):
            w.add_event(EventRecord(project_id=P, kind="label", actor="annotator 1", detail={"n": k}))


def fill_round(store: Store, number: int) -> None:
    chosen = [(k * 17 + number) % N_ITEMS for k in range(IN_ROUND)]
    tasks = [
        AssignmentRecord(
            project_id=P,
            round=number,
            id=f"{a}-{k}",
            annotator=f"annotator {a}",
            position=at,
            item=f"t{k:06}",
            probability=0.1,
        )
        for a in range(ANNOTATORS)
        for at, k in enumerate(chosen)
    ]
    is_last = number == ROUNDS + 1  # the last round is being worked on: half is done
    done = [label(k, number, a, True) for a in range(ANNOTATORS) for k in chosen[: IN_ROUND // 2 if is_last else None]]
    with store.write() as w:
        w.add_round(RoundRecord(project_id=P, number=number, guideline_version=number))
        w.add_assignments(tasks)
        w.add_labels(done)


def decide(store: Store) -> None:
    with store.write() as w:
        w.add_decisions(
            DecisionRecord(project_id=P, uuid=f"d{k}", item=f"t{k:06}", labels=("bug",), actor="L", cause="slip")
            for k in range(N_DECISIONS)
        )


def reads() -> dict[str, Callable[[Reader], object]]:
    last, middle = ROUNDS + 1, N_ITEMS // 2
    return {
        "project, people, rounds": lambda r: (r.project("tickets"), r.people(P), r.rounds(P)),
        "count_items, count_decisions": lambda r: (r.count_items(P), r.count_decisions(P)),
        "count_items(held_out=False)": lambda r: r.count_items(P, held_out=False),
        "count_labels of every round": lambda r: r.count_labels(P),
        "items: a page of 50 in the middle": lambda r: r.items(P, after=middle, limit=50),
        "item, labels_of_item, decisions_of_item": lambda r: (
            r.item(P, "t000100"),
            r.labels_of_item(P, "t000100"),
            r.decisions_of_item(P, "t000100"),
        ),
        "next_assignment behind 2,500 that are done": lambda r: r.next_assignment(P, last, "annotator 1"),
        "workload of a round": lambda r: r.workload(P, last),
        "assignments of one annotator (5,000)": lambda r: r.assignments(P, 3, "annotator 1"),
        "labels_frame of a round (10,000)": lambda r: r.labels_frame(P, round=3),
        "labels of a round as records (10,000)": lambda r: r.labels(P, round=3),
        "decisions, the newest 50": lambda r: r.decisions(P, after=N_DECISIONS - 50),
        "decisions, all 5,000": lambda r: r.decisions(P),
        "latest_version": lambda r: r.latest_version(P),
        "versions, all 30 of 60 rules": lambda r: r.versions(P),
        "last_events (20)": lambda r: r.last_events(P),
        "item_ids, all 100,000 *": lambda r: r.item_ids(P),
        "labels_frame of the first round (200,000) *": lambda r: r.labels_frame(P, round=1),
        "labels_frame of all rounds (295,000) *": lambda r: r.labels_frame(P),
        "items, all 100,000 with their data *": lambda r: r.items(P),
    }


def milliseconds(run: Callable[[], object], runs: int) -> tuple[float, float]:
    """Return the median and the least: on a busy machine the least says what the work itself takes."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), min(times)


def one_read(store: Store, query: Callable[[Reader], object]) -> None:
    with store.read() as reader:
        query(reader)


def one_label(store: Store, numbers: list[int]) -> None:
    numbers.append(len(numbers))
    with store.write() as w:
        task = w.next_assignment(P, ROUNDS + 1, "annotator 1")
        assert task is not None
        w.add_labels(
            [
                LabelRecord(
                    project_id=P,
                    uuid=f"new-{len(numbers)}",
                    item=task.item,
                    annotator=task.annotator,
                    label="bug",
                    round=task.round,
                    assignment=task.id,
                )
            ]
        )
        w.add_event(EventRecord(project_id=P, kind="label", actor=task.annotator))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--url", help="another database, for example PostgreSQL; it has to be empty")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, open_store(args.url or Path(folder) / "bench.db") as store:
        print(f"filling {store.kind}")
        fill(store)
        print(f"one read, milliseconds (median and least of {args.runs}; * = not for a page)")
        worst = 0.0
        for name, query in reads().items():
            ms, least = milliseconds(lambda query=query: one_read(store, query), args.runs)
            worst = worst if name.endswith("*") else max(worst, ms)
            print(f"  {name:<58}{ms:8.1f}{least:8.1f}", flush=True)
        numbers: list[int] = []
        ms, least = milliseconds(lambda: one_label(store, numbers), 30)
        print(f"  {'write: next assignment, its label, an event, committed':<58}{ms:8.1f}{least:8.1f}")
        print(f"slowest read of a page: {worst:.0f} ms ({'within' if worst < LIMIT else 'ABOVE'} {LIMIT} ms)")
        timed("export to JSONL", lambda: store.export(Path(folder) / "jsonl"))
        timed("export to Parquet", lambda: store.export(Path(folder) / "parquet", format="parquet"))


if __name__ == "__main__":
    main()
