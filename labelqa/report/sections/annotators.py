"""Annotators: each against the rest, and every pair."""

from __future__ import annotations

from functools import partial

import pandas as pd

from labelqa.charts.intervals import interval_chart
from labelqa.report.blocks import Block, Column, Details, Figure, Prose, Section, Table
from labelqa.report.findings import Findings
from labelqa.report.wording import WEIGHT_WORDS, estimate_title, name_of
from labelqa.results import as_number

MAX_DRAWN = 25
HOW_TO_READ = (
    "Each annotator is compared with all others on the items they share. Kappa: agreement beyond guessing, where "
    "guessing means that both sides keep the shares of their classes but choose blindly (Cohen's kappa; against the "
    "rest, the rest is the mean of the others). It is kappa whatever the headline is: it compares two sides. "
    "A low number is a reason to talk, not a "
    "verdict: the annotator may be careless, may read the instruction another way, or may be the only one who reads "
    "it right."
)


def section(found: Findings) -> Section:
    """Return the section of annotators, lowest kappa first."""
    rest = found.annotators.against_rest
    blocks: list[Block] = [_figure(rest)] if len(rest) > 1 else []
    blocks.append(_table("annotators", "Each annotator against the rest", rest, found, others=False))
    return Section(
        key="annotators",
        title="Who agrees with the others?",
        lead=_lead(rest),
        how_to_read=HOW_TO_READ + _weights_remark(found),
        blocks=(*blocks, *_pairs(found)),
    )


def _pairs(found: Findings) -> tuple[Block, ...]:
    if len(found.annotators.against_rest) < 3:
        return ()
    if found.annotators.pairs_undefined_because:
        return (Prose(text=f"Pairs of annotators are not shown: {found.annotators.pairs_undefined_because}."),)
    pairs = found.annotators.pairs
    table = _table("annotator_pairs", "Every pair of annotators that shares items", pairs, found, others=True)
    return (Details(title=f"Pairs of annotators ({len(pairs):,})", blocks=(table,)),)


def _weights_remark(found: Findings) -> str:
    weights = found.options.pair_weights
    if weights == "identity":
        return ""
    words = WEIGHT_WORDS.get(weights, "they give credit for near misses")
    other = "" if weights == found.main.weights else f", because {found.main.weights} weights differ from pair to pair"
    return f" With {weights} weights{other}: {words}."


def _lead(rest: pd.DataFrame) -> str:
    known = rest.dropna(subset=["estimate"])
    if known.empty:
        return "No annotator can be compared with another one."
    if len(known) < 2:
        return "Only one annotator can be compared with the rest."
    low, high = known.iloc[0], known.iloc[-1]
    return (
        f"Kappa with the rest runs from {as_number(low['estimate'], 2)} ({name_of(low['annotator'])}) to "
        f"{as_number(high['estimate'], 2)} ({name_of(high['annotator'])})."
    )


def _table(key: str, title: str, frame: pd.DataFrame, found: Findings, *, others: bool) -> Table:
    weights = found.options.pair_weights
    names = [Column(key="annotator", title="Annotator")]
    if others:
        names.append(Column(key="other", title="With"))
    kappa = estimate_title("Cohen's kappa" if others else "Kappa", weights, found.options.confidence)
    columns = (
        *names,
        Column(key="estimate", title=kappa, kind="estimate", reason="reason"),
        Column(key="observed", title="Same label" if weights == "identity" else "Observed agreement", kind="percent"),
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
        draw=partial(interval_chart, drawn, label="annotator", title="Kappa with the rest"),
        caption="Kappa." + (f" The {len(drawn)} annotators with the lowest." if len(drawn) < len(rest) else ""),
    )
