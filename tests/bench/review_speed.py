"""Milliseconds of every call that a page of the app makes: 100,000 items, 300,000 labels, 5,000 decisions on SQLite.

Run: OMP_NUM_THREADS=1 python -m tests.bench.review_speed [--runs 9] [--items 100000]
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import labelqa as lq
from labelqa import review
from labelqa.guidelines.rule import Rule
from labelqa.review.measured import measured
from labelqa.review.project import Project
from labelqa.review.rounds import close_round, design_round
from labelqa.store.records import DecisionRecord, LabelRecord

CLASSES = ("bug", "question", "praise", "complaint", "refund", "billing")
PEOPLE = ("ana", "bo", "cy")
LIMIT = 200
ROUND = 0.03  # share of the items that a later round asks for, as often fresh as labeled before
RULES, VERSIONS = 60, 20


def timed(name: str, run: Callable[[], object]) -> object:
    start = time.perf_counter()
    found = run()
    print(f"  {name:<62}{time.perf_counter() - start:8.1f} s", flush=True)
    return found


def labels(n: int, rng: np.random.Generator) -> lq.Annotations:
    truth = rng.integers(len(CLASSES), size=n)
    said = np.where(rng.random((n, 3)) < 0.1, rng.integers(len(CLASSES), size=(n, 3)), truth[:, None])
    names = np.array(CLASSES, dtype=object)
    item = np.array([f"t{k:06}" for k in range(n)], dtype=object)
    frame = pd.DataFrame(
        {
            "item": np.repeat(item, 3),
            "annotator": np.tile(PEOPLE, n),
            "label": names[said.ravel()],
            "text": np.repeat([f"Ticket {k}: it does not start. " * 5 for k in range(n)], 3),
            "channel": np.repeat(np.array(["mail", "chat"])[rng.integers(2, size=n)], 3),
        }
    )
    return lq.Annotations.from_frame(frame, item="item", annotator="annotator", label="label")


def make(url: Path, n: int) -> Project:
    rng = np.random.default_rng(0)
    known = int(n * 0.95)
    data = timed(f"labels of {known:,} items in memory", lambda: labels(known, rng))
    more = pd.DataFrame({"item": [f"t{k:06}" for k in range(known, n)], "text": f"New ticket. {'It is late. ' * 9}"})
    more["text"] += more["item"]
    start = timed(
        "create_project", lambda: review.create_project(url, "tickets", actor="lea", annotations=data, items=more)
    )
    assert isinstance(start, Project)
    timed(f"{VERSIONS} versions of the guideline with {RULES} rules", lambda: versions(start))
    size = int(n * ROUND / 3)
    counts = {"paired": size, "fresh": size, "held_out": size}
    timed("design_round", lambda: design_round(start, PEOPLE, counts, actor="lea"))
    timed("its labels, and close_round", lambda: (fill(start, 2, 1.0), close_round(start, 2, actor="lea")))
    timed("design_round", lambda: design_round(start, PEOPLE, counts, actor="lea"))
    timed("half of its labels", lambda: fill(start, 3, 0.5))
    timed(f"{n // 20:,} decisions", lambda: decisions(start, n // 20))
    return start


def versions(project: Project) -> None:
    guideline = review.guideline_version(project).guideline
    for k in range(VERSIONS):
        for at in range(RULES // VERSIONS):
            pair = CLASSES[at], CLASSES[at + 1]
            rule = Rule(
                id=guideline.next_id(), class_name=pair[0], kind="boundary", other=pair[1], text="A rule. " * 20
            )
            guideline = guideline.with_rule(rule)
        review.publish_guideline(project, guideline, base=k + 1, actor="lea", reason="unclear")


def fill(project: Project, round: int, share: float) -> None:
    with project.store.write() as writer:
        for name in PEOPLE:
            asked = writer.assignments(project.id, round, name)
            writer.add_labels(
                LabelRecord(
                    project_id=project.id,
                    uuid=writer.new_id(),
                    item=a.item,
                    annotator=name,
                    label=CLASSES[(hash(a.item) + (hash(a.id) % 6 == 0)) % len(CLASSES)],
                    round=round,
                    assignment=a.id,
                    guideline_version=VERSIONS + 1,
                )
                for a in asked[: int(len(asked) * share)]
            )


def decisions(project: Project, n: int) -> None:
    contested = list(measured(project, 1, actor="lea").contested)
    with project.store.write() as writer:
        writer.add_decisions(
            DecisionRecord(project_id=project.id, uuid=f"d{k}", item=item, labels=("bug",), cause="slip", actor="lea")
            for k, item in enumerate(contested[-n:])
        )
        for k in range(min(n, 3000)):
            project.tell(writer, "decided", "lea", {"decision": f"d{k}", "item": contested[-k - 1]})


def reads(url: Path, p: Project) -> dict[str, Callable[[], object]]:
    queue = review.review_queue(p, 1, actor="lea")
    item, pair = queue.entries[0].item, ("bug", "question")
    decided = next(iter(review.decisions_in_force(p, actor="lea")))
    task = review.next_task(p, 3, actor="ana")
    assert task is not None

    def last_events() -> object:
        with p.store.read() as reader:
            return reader.last_events(p.id)

    return {
        "open_project, close": lambda: review.open_project(url).close(),
        "progress": lambda: review.progress(p, actor="lea"),
        "people_of": lambda: review.people_of(p),
        "guideline_version": lambda: review.guideline_version(p),
        "guideline_history": lambda: review.guideline_history(p),
        "draft_of": lambda: review.draft_of(p, actor="lea"),
        "open_rounds": lambda: review.open_rounds(p, actor="ana"),
        "next_task": lambda: review.next_task(p, 3, actor="ana"),
        "task_of": lambda: review.task_of(p, 3, task.assignment, actor="ana"),
        "own_labels": lambda: review.own_labels(p, 3, actor="ana"),
        "decision_of": lambda: review.decision_of(p, decided, actor="lea"),
        "decision_history": lambda: review.decision_history(p, decided, actor="lea"),
        "decisions_in_force": lambda: review.decisions_in_force(p, actor="lea"),
        "measured, round 1": lambda: measured(p, 1, actor="lea"),
        "measured, round 2": lambda: measured(p, 2, actor="lea"),
        "review_queue, last round": lambda: review.review_queue(p, actor="lea"),
        "review_queue, round 1": lambda: review.review_queue(p, 1, actor="lea"),
        "review_queue, round 1, a pair, decided too": lambda: review.review_queue(
            p, 1, actor="lea", pair=pair, undecided=False, after=100
        ),
        "decision_of an item without one": lambda: review.decision_of(p, item, actor="lea"),
        "self_consistency": lambda: review.self_consistency(p, 2, actor="lea"),
        "visible_annotations, rules, all rounds": lambda: review.visible_annotations(p, "rules", actor="lea"),
        "visible_annotations, rules, round 2": lambda: review.visible_annotations(p, "rules", actor="lea", round=2),
        "last events": last_events,
    }


def writes(p: Project) -> dict[str, Callable[[], object]]:
    free = iter(list(measured(p, 1, actor="lea").contested))
    last: list[str] = []

    def save() -> object:
        task = review.next_task(p, 3, actor="bo")
        assert task is not None
        return review.save_label(p, 3, task.assignment, "bug", actor="bo", seconds=2.0)

    def decide() -> object:
        made = review.decide(p, next(free), ["bug"], "slip", actor="lea")
        last.append(made.uuid)
        return made

    guideline = review.guideline_version(p)
    return {
        "next_task and save_label": save,
        "decide": decide,
        "undo_decision": lambda: review.undo_decision(p, last.pop(), actor="lea"),
        "save_draft": lambda: review.save_draft(p, guideline.guideline, base=guideline.number, actor="lea"),
    }


def milliseconds(run: Callable[[], object], runs: int) -> tuple[float, float, float, float]:
    """Return the first call, the median and 95th percentile of those after it, and the median of their CPU time."""
    times, work = [], []
    for _ in range(runs + 1):
        start, begun = time.perf_counter(), time.process_time()
        run()
        times.append((time.perf_counter() - start) * 1000)
        work.append((time.process_time() - begun) * 1000)
    middle = statistics.median(times[1:]), float(np.quantile(times[1:], 0.95))
    return times[0], *middle, statistics.median(work[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="a folder to keep the database in, or to find it in")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = (args.keep or Path(folder)) / "bench.db"
        if not url.exists():
            make(url, args.items).close()
        with review.open_project(url) as project:
            print(f"{'milliseconds':<64}{'first':>10}{'median':>10}{'p95':>10}{'CPU':>10}")
            worst = ("", 0.0, 0.0)
            for name, run in itertools.chain(reads(url, project).items(), writes(project).items()):
                first, median, p95, work = milliseconds(run, args.runs)
                worst = max(worst, (name, median, work), key=lambda w: w[2])
                print(f"  {name:<62}{first:10.1f}{median:10.1f}{p95:10.1f}{work:10.1f}", flush=True)
        name, median, work = worst  # CPU time: what it takes on a machine that does nothing else
        verdict = "within" if work <= LIMIT else "ABOVE"
        print(f"slowest warm call: {name}, {median:.0f} ms ({work:.0f} of work): {verdict} {LIMIT} ms")


if __name__ == "__main__":
    main()
