"""Per class: which classes cause the disagreement."""

from __future__ import annotations

from functools import partial

import pandas as pd

from labelqa.charts.bars import share_chart
from labelqa.charts.intervals import interval_chart
from labelqa.reliability.names import TITLES
from labelqa.report.blocks import Block, Column, Details, Figure, Section, Table
from labelqa.report.evidence import has_single_classes
from labelqa.report.findings import Findings
from labelqa.report.verdict import about
from labelqa.report.wording import estimate_title, name_of, unweighted_remark
from labelqa.results import as_percent

MAX_DRAWN = 20  # rows of a chart
NAMED_SHARE = 0.05  # of all disagreement, under which no class is said to carry it
MEASURED = (
    "The labels are measurements, not names: look at the annotators and the disputed items rather than at values."
)
HOW_TO_READ = (
    "Share of all disagreement: whenever two people chose different classes for an item, each of the two classes gets "
    "half of that disagreement, so the shares add up to 100%. Split rate: when at least one of two people chose this "
    "class, how often the other did not. {title}: the coefficient for the question 'this class, or any other?'."
)
ON_A_SCALE = (
    " The labels are measurements: here each value is taken for a class of its own, so use this table to find odd "
    "values only."
)
RARE = " Percent agreement is high for every rare class, whose absence people agree on: judge those by the split rate."


def section(found: Findings) -> Section:
    """Return the section of classes."""
    frame = found.classes
    coefficient = TITLES[found.class_coefficient]
    blocks: list[Block] = []
    if _is_split(frame):
        blocks.append(_bars(frame))
    blocks.append(_table(frame, estimate_title(coefficient, "identity", found.options.confidence)))
    blocks.append(Details(title="Agreement on each class as a chart", blocks=(_intervals(frame, coefficient),)))
    return Section(
        key="classes",
        title="Which classes cause the disagreement?",
        lead=_lead(frame) if has_single_classes(found) or not _is_split(frame) else MEASURED,
        how_to_read=_how_to_read(found),
        blocks=tuple(blocks),
    )


def _is_split(frame: pd.DataFrame) -> bool:
    return bool((frame["share_of_disagreement"] > 0).any())


def _how_to_read(found: Findings) -> str:
    text = HOW_TO_READ.format(title=TITLES[found.class_coefficient])
    rare = RARE if found.class_coefficient == "percent_agreement" else ""
    scale = "" if has_single_classes(found) else ON_A_SCALE
    return text + rare + scale + unweighted_remark(found.options.main_weights)


def _lead(frame: pd.DataFrame) -> str:
    split = frame[frame["share_of_disagreement"] > 0]
    if split.empty:
        return "No two labels of the same item differ, so no class causes disagreement."
    first = split.iloc[0]
    if first["share_of_disagreement"] < NAMED_SHARE:
        most = about(first["share_of_disagreement"])
        return f"Disagreement is spread over {len(split):,} classes; the largest share of one is {most}."
    text = f"{name_of(first['class'])} carries {as_percent(first['share_of_disagreement'])} of all disagreement"
    if len(split) == 1:
        return f"{text}."
    second = split.iloc[1]
    return f"{text}, {name_of(second['class'])} {as_percent(second['share_of_disagreement'])}."


def _table(frame: pd.DataFrame, estimate: str) -> Table:
    columns = (
        Column(key="class", title="Class"),
        Column(key="share_of_disagreement", title="Share of all disagreement", kind="percent"),
        Column(key="disagreement", title="Split rate", kind="percent"),
        Column(key="estimate", title=estimate, kind="estimate", reason="reason"),
        Column(key="n_items", title="Items", kind="count"),
        Column(key="n_annotations", title="Labels", kind="count"),
    )
    return Table(key="classes", title="Classes, by share of all disagreement", columns=columns, rows=frame)


def _bars(frame: pd.DataFrame) -> Figure:
    drawn = frame.head(MAX_DRAWN)
    return Figure(
        key="class-shares",
        title="Share of all disagreement by class",
        alt=_alt(frame, drawn),
        draw=partial(share_chart, drawn, label="class", value="share_of_disagreement"),
        caption=f"The {len(drawn)} classes with the largest share." if len(drawn) < len(frame) else "",
    )


def _alt(frame: pd.DataFrame, drawn: pd.DataFrame) -> str:
    first, last = drawn.iloc[0], drawn.iloc[-1]
    return (
        f"Bars for {len(drawn)} of {len(frame)} classes, from {name_of(first['class'])} with "
        f"{as_percent(first['share_of_disagreement'])} down to {name_of(last['class'])} with "
        f"{as_percent(last['share_of_disagreement'])}."
    )


def _intervals(frame: pd.DataFrame, coefficient: str) -> Figure:
    drawn = frame.head(MAX_DRAWN)
    return Figure(
        key="class-agreement",
        title="Agreement on each class",
        alt=f"Estimate and interval for {len(drawn)} classes; the numbers are in the table.",
        draw=partial(interval_chart, drawn, label="class", title=coefficient),
        caption=f"{coefficient}, each class against all others. Dot: estimate. Line: interval. The wider the line, the "
        "fewer items stand behind it.",
    )
