"""The most disputed items, with their text and who said what."""

from __future__ import annotations

import numpy as np
import pandas as pd

from labelqa.annotations.itemtexts import text_column
from labelqa.annotations.table import Annotations
from labelqa.report.blocks import Block, Column, Details, Section, Table
from labelqa.report.findings import Findings
from labelqa.report.wording import WEIGHT_WORDS

TOP = 20
TEXT_LIMIT = 240
SPLIT = "Disagreement: the share of label pairs of the item that split (100%: everybody chose something else). "
HOW_TO_READ = (
    "These items are the best material for a discussion of the instruction. Items with the same disagreement are in "
    "the order of the data."
)


def section(found: Findings) -> Section:
    """Return the section of disputed items."""
    data = found.latest
    everything = found.items
    top = _with_text(everything.top(TOP).pipe(_disputed), data)
    if top.empty:
        return Section(key="items", title="Which items are disputed?", lead="No item got two different labels.")
    return Section(
        key="items",
        title="Which items are disputed?",
        lead=_lead(found, top),
        how_to_read=_how_to_read(found.options.pair_weights),
        blocks=_blocks(found, top),
    )


def _how_to_read(weights: str) -> str:
    if weights == "identity":
        return SPLIT + HOW_TO_READ
    words = WEIGHT_WORDS.get(weights, "near misses count less")
    return f"Disagreement: the mean distance of the item's labels with {weights} weights ({words}). " + HOW_TO_READ


def _disputed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["disagreement"] > 0].reset_index(drop=True)


def _with_text(top: pd.DataFrame, data: Annotations) -> pd.DataFrame:
    column = text_column(data.item_data)
    if column is None:
        return top
    positions = data.items.get_indexer(pd.Index(top["item"], tupleize_cols=False))
    texts = data.item_data[column].take(positions).reset_index(drop=True)
    return top.assign(text=texts.astype(object).where(texts.notna(), None))


def _lead(found: Findings, top: pd.DataFrame) -> str:
    shown = f"The {len(top)} most disputed items" if len(top) > 1 else "The one disputed item"
    return f"{shown} of {found.n_pairable:,} with at least two labels."


def _blocks(found: Findings, top: pd.DataFrame) -> tuple[Block, ...]:
    everything = found.items.to_frame()
    columns = [Column(key="item", title="Item", limit=40)]
    if "text" in top:
        columns.append(Column(key="text", title="Text", limit=TEXT_LIMIT))
    columns += [
        Column(key="labels", title="Labels", limit=160),
        Column(key="disagreement", title="Disagreement", kind="percent"),
    ]
    table = Table(
        key="items",
        title="Most disputed items",
        columns=tuple(columns),
        rows=top,
        shown=TOP,
        n_rows=len(everything),
        n_countable=int((everything["disagreement"] > 0).sum()),
        counted="disputed items",
        all_rows=found.items.to_frame,
    )
    who = Table(
        key="item_labels",
        title="Labels of the most disputed items",
        columns=(
            Column(key="item", title="Item", limit=40),
            Column(key="annotator", title="Annotator"),
            Column(key="label", title="Label"),
        ),
        rows=_who(found.latest, top),
        shown=200,
    )
    return (table, Details(title="Who said what", blocks=(who,)))


def _who(data: Annotations, top: pd.DataFrame) -> pd.DataFrame:
    wanted = data.items.get_indexer(pd.Index(top["item"], tupleize_cols=False))
    rank = np.full(data.n_items, -1)
    rank[wanted] = np.arange(wanted.size)
    rows = np.flatnonzero(rank[data.item] >= 0)
    rows = rows[np.lexsort((data.annotator[rows], rank[data.item[rows]]))]
    classes = pd.Index(data.schema.classes, tupleize_cols=False)
    return pd.DataFrame(
        {
            "item": data.items.take(data.item[rows]).to_numpy(),
            "annotator": data.annotators.take(data.annotator[rows]).to_numpy(),
            "label": classes.take(data.label[rows]).to_numpy(),
        }
    )
