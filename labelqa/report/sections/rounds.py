"""Rounds: each measured for itself, the latest one is the headline."""

from __future__ import annotations

from functools import partial

from labelqa.charts.intervals import interval_chart
from labelqa.reliability.names import TITLES
from labelqa.report.blocks import Column, Figure, Section, Table
from labelqa.report.findings import Findings
from labelqa.report.wording import estimate_title, name_of, weights_text

MAX_DRAWN = 20
HOW_TO_READ = (
    "Each round was measured for itself. Where the intervals of two rounds overlap widely, the difference may be "
    "luck. Rounds are comparable only if their items are of the same kind: items chosen because people disagreed look "
    "better in the next round by themselves."
)


def section(found: Findings) -> Section | None:
    """Return the section of rounds, or None where there is only one."""
    frame = found.by_round
    if len(frame) < 2:
        return None
    coefficient = TITLES[found.main.coefficient]
    estimate = estimate_title(coefficient, found.main.weights, found.options.confidence)
    drawn = frame.tail(MAX_DRAWN)
    columns = (
        Column(key="round", title="Round"),
        Column(key="estimate", title=estimate, kind="estimate", reason="reason"),
        Column(key="n_items", title="Items", kind="count"),
        Column(key="n_annotations", title="Labels", kind="count"),
    )
    figure = Figure(
        key="round-agreement",
        title="Agreement in each round",
        alt=f"Estimate and interval for {len(drawn)} rounds in order; the numbers are in the table.",
        draw=partial(interval_chart, drawn, label="round", title=coefficient),
        caption=f"{coefficient}{weights_text(found.main.weights)}. Rounds in order, the latest last.",
    )
    return Section(
        key="rounds",
        title="How did the rounds differ?",
        lead=f"The data holds {len(frame)} rounds. Everything else in this report is about the latest, "
        f"{name_of(frame['round'].iloc[-1])}.",
        how_to_read=HOW_TO_READ,
        blocks=(figure, Table(key="rounds", title="Agreement in each round", columns=columns, rows=frame)),
    )
