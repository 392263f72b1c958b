"""What to do with each disputed item: relabel it, change the instruction, keep the shares, or ask more people."""

from __future__ import annotations

import pandas as pd

from labelqa.annotations.itemtexts import text_column
from labelqa.annotations.table import Annotations
from labelqa.diagnosis.triage_result import Triage
from labelqa.report.blocks import Block, Column, Details, Points, Section, Table
from labelqa.text import counted

TITLE = "What to do with each disputed item?"
TOP = 20
TEXT_LIMIT = 160
CAUSES = {"slip": "slip", "definition": "unclear definition", "variation": "genuine variation", "hard": "hard item"}
ACTIONS = {
    "relabel": "look at the odd label again",
    "instruction": "write the rule",
    "soft_label": "keep the shares",
    "more_labels": "collect more labels",
}
HOW_TO_READ = (
    "A model of all items weighs four causes for each disputed one: somebody slipped; the definition of two classes "
    "does not say which it is; the item really has more than one reading; or it is too hard to tell. With two or three "
    "labels an item these can hardly be told apart: read the probability, and start with the surest items."
)


def section(found: Triage, data: Annotations) -> Section | None:
    """Return the section; None where nothing is disputed.

    Parameters
    ----------
    found : Triage
        The sorted items.
    data : Annotations
        Their labels, for the texts of the items.
    """
    if found.undefined_because or not len(found):
        return None
    return Section(
        key="triage",
        title=TITLE,
        lead=_lead(found),
        how_to_read=HOW_TO_READ,
        blocks=(Points(items=found.meaning), *_tables(found, data)),
    )


def _lead(found: Triage) -> str:
    told = [f"{counted(n, CAUSES[cause], _plural(cause))}" for cause, n in found.counts.items() if n]
    return f"Of {counted(len(found), 'item')}: {', '.join(told)}."


def _plural(cause: str) -> str:
    return "items that really vary" if cause == "variation" else f"{CAUSES[cause]}s"


def _tables(found: Triage, data: Annotations) -> tuple[Block, ...]:
    items = _with_text(found.items, data).assign(
        because=[CAUSES[c] for c in found.items["cause"]],
        do=[ACTIONS[a] for a in found.items["action"]],
    )
    text = [Column(key="text", title="Text", limit=TEXT_LIMIT)] if "text" in items else []
    table = Table(
        key="triage",
        title="Disputed items, surest cause first",
        columns=(
            Column(key="item", title="Item", limit=40),
            *text,
            Column(key="labels", title="Labels"),
            Column(key="because", title="Probably"),
            Column(key="probability", title="Sure", kind="percent"),
            Column(key="do", title="Next"),
        ),
        rows=items,
        shown=TOP,
    )
    labels = Table(
        key="triage_labels",
        title="Labels that are probably slips, worst first",
        columns=(
            Column(key="item", title="Item", limit=40),
            Column(key="label", title="Label"),
            Column(key="annotators", title="Given by"),
            Column(key="share", title="Share of labels", kind="percent"),
            Column(key="slip_probability", title="Sure it is wrong", kind="percent"),
        ),
        rows=found.labels,
        shown=TOP,
    )
    why = Table(
        key="triage_reasons",
        title="Why each item is sorted so",
        columns=(Column(key="item", title="Item", limit=40), Column(key="reason", title="Why", limit=400)),
        rows=found.items,
        shown=TOP,
    )
    return (table, Details(title="Why, and which labels are probably slips", blocks=(why, labels)))


def _with_text(items: pd.DataFrame, data: Annotations) -> pd.DataFrame:
    column = text_column(data.item_data)
    if column is None:
        return items
    place = data.items.get_indexer(pd.Index(items["item"], tupleize_cols=False))
    texts = data.item_data[column].astype(object).take(place.clip(0)).to_numpy()
    shown = [t if at >= 0 else None for t, at in zip(texts, place, strict=True)]
    return items.assign(text=pd.Series(shown, dtype=object))
