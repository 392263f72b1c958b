"""Which pairs of classes are used for the same items."""

from __future__ import annotations

from functools import partial

import pandas as pd

from labelqa.charts.heatmap import MAX_CLASSES, heatmap_chart
from labelqa.report.blocks import Block, Column, Figure, Section, Table
from labelqa.report.evidence import has_single_classes
from labelqa.report.findings import Findings
from labelqa.report.verdict import share_text
from labelqa.report.wording import name_of, unweighted_remark

HOW_TO_READ = (
    "Items: how many items got both labels, from different people. These are counts: two frequent classes meet often "
    "even if they are seldom confused. The share is of all label pairs that split."
)


def section(found: Findings) -> Section:
    """Return the section of confused pairs."""
    pairs = found.pairs
    blocks: tuple[Block, ...] = () if pairs.empty else _evidence(pairs)
    return Section(
        key="confusions",
        title="Which classes get confused?",
        lead=_lead(pairs),
        how_to_read=""
        if pairs.empty
        else HOW_TO_READ + _on_a_scale(found) + unweighted_remark(found.options.main_weights),
        blocks=blocks,
    )


def _on_a_scale(found: Findings) -> str:
    return "" if has_single_classes(found) else " The labels are measurements: each value is taken for a class here."


def _lead(pairs: pd.DataFrame) -> str:
    if pairs.empty:
        return "No item got two different labels."
    first = pairs.iloc[0]
    return (
        f"Most often {name_of(first['class_a'])} and {name_of(first['class_b'])}: {_items(int(first['n_items']))} got "
        f"both labels, {share_text(float(first['share_of_disagreement']))} of all disagreement."
    )


def _items(n: int) -> str:
    return "1 item" if n == 1 else f"{n:,} items"


def _evidence(pairs: pd.DataFrame) -> tuple[Block, ...]:
    columns = (
        Column(key="class_a", title="Class"),
        Column(key="class_b", title="Confused with"),
        Column(key="n_items", title="Items", kind="count"),
        Column(key="share_of_disagreement", title="Share of all disagreement", kind="percent"),
    )
    table = Table(key="class_pairs", title="Pairs of classes given to the same item", columns=columns, rows=pairs)
    n_classes = pd.concat([pairs["class_a"], pairs["class_b"]]).astype(str).nunique()
    if n_classes < 3:
        return (table,)
    named = pairs.assign(class_a=pairs["class_a"].astype(str), class_b=pairs["class_b"].astype(str))
    some = f"The {MAX_CLASSES} classes with the most confusions. " if n_classes > MAX_CLASSES else ""
    figure = Figure(
        key="class-pairs",
        title="Items that got both labels, class by class",
        alt=f"Heat map of {min(n_classes, MAX_CLASSES)} by {min(n_classes, MAX_CLASSES)} classes; strongest: "
        f"{name_of(pairs.iloc[0]['class_a'])} and {name_of(pairs.iloc[0]['class_b'])}.",
        draw=partial(heatmap_chart, named),
        caption=f"{some}The stronger the colour, the more items got both labels. Each pair appears on both sides of "
        "the diagonal.",
    )
    return (figure, table)
