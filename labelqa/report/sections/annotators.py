"""Annotators: each against the rest, and every pair."""

from __future__ import annotations

from functools import partial

import pandas as pd

from labelqa.charts.intervals import interval_chart
from labelqa.report.blocks import Block, Column, Details, Figure, Section, Table
from labelqa.report.findings import Findings
from labelqa.report.wording import name_of
from labelqa.results import as_number, as_percent

MAX_DRAWN = 25
HOW_TO_READ = (
    "Each annotator is compared with all others on the items they share. A low number is a reason to talk, not a "
    "verdict: the annotator may be careless, may read the instruction another way, or may be the only one who reads "
    "it right."
)


def section(found: Findings) -> Section:
    """Return the section of annotators, lowest agreement first."""
    rest = found.annotators.against_rest
    pairs = found.annotators.pairs
    level = as_percent(found.options.confidence)
    blocks: list[Block] = []
    if len(rest) > 1:
        blocks.append(_figure(rest))
    blocks.append(_table("annotators", "Each annotator against the rest", rest, level, others=False))
    if len(rest) > 2:
        table = _table("annotator_pairs", "Every pair of annotators that shares items", pairs, level, others=True)
        blocks.append(Details(title=f"Pairs of annotators ({len(pairs):,})", blocks=(table,)))
    return Section(
        key="annotators",
        title="Who agrees with the others?",
        lead=_lead(rest),
        how_to_read=HOW_TO_READ,
        blocks=tuple(blocks),
    )


def _lead(rest: pd.DataFrame) -> str:
    known = rest.dropna(subset=["estimate"])
    if known.empty:
        return "No annotator can be compared with another one."
    if len(known) < 2:
        return "Only one annotator can be compared with the rest."
    low, high = known.iloc[0], known.iloc[-1]
    return (
        f"Agreement with the rest runs from {as_number(low['estimate'], 2)} ({name_of(low['annotator'])}) to "
        f"{as_number(high['estimate'], 2)} ({name_of(high['annotator'])})."
    )


def _table(key: str, title: str, frame: pd.DataFrame, level: str, *, others: bool) -> Table:
    names = [Column(key="annotator", title="Annotator")]
    if others:
        names.append(Column(key="other", title="With"))
    columns = (
        *names,
        Column(key="estimate", title=f"Agreement ({level} interval)", kind="estimate", reason="reason"),
        Column(key="observed", title="Same label", kind="percent"),
        Column(key="n_items", title="Shared items", kind="count"),
    )
    return Table(key=key, title=title, columns=columns, rows=frame)


def _figure(rest: pd.DataFrame) -> Figure:
    drawn = rest.head(MAX_DRAWN)
    return Figure(
        key="annotator-agreement",
        title="Agreement of each annotator with the rest",
        alt=f"Estimate and interval for {len(drawn)} of {len(rest)} annotators, lowest first; the numbers are in the "
        "table.",
        draw=partial(interval_chart, drawn, label="annotator", title="Agreement with the rest"),
        caption=f"The {len(drawn)} annotators with the lowest agreement." if len(drawn) < len(rest) else "",
    )
