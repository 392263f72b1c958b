"""What a user should know of a consensus before trusting it, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from labelqa.aggregation.accuracy import BELOW_CHANCE
from labelqa.aggregation.auto import overlap
from labelqa.aggregation.confusions import group
from labelqa.aggregation.em import Setting
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.names import quoted
from labelqa.aggregation.solve import Found
from labelqa.annotations.schema import LabelSchema
from labelqa.text import counted

LEAST = 5  # labels shared with others under which nobody is called an adversary
LITTLE = 100  # labels to compare under which single labels are hardly told of


def notes_on(
    table: LabelTable, found: Found, setting: Setting, people: pd.DataFrame, schema: LabelSchema
) -> tuple[str, ...]:
    """Return the notes; `people` are the annotators who may be worse than chance: name, n, reason."""
    return (
        *_few_labels(table, found, setting),
        *_adversaries(people, table.k),
        *_dominant(table, found, schema),
        *_stop(found),
    )


def _few_labels(table: LabelTable, found: Found, setting: Setting) -> Iterator[str]:
    labels = table.labels_per_item
    if not table.r:
        return
    if labels.max(initial=0) < 2:
        yield _one_each(found, setting)
    elif setting.offset is None and table.k > 1:
        yield from _little_overlap(table, setting)
    if without := int((labels == 0).sum()):
        have, they = ("has", "it gets") if without == 1 else ("have", "they get")
        yield f"{counted(without, 'item')} {have} no label: {they} no consensus."


def _one_each(found: Found, setting: Setting) -> str:
    """Return what one label an item means for the consensus."""
    if not found.tells:
        return "Every item has one label: the consensus is that label, and nothing tells how often it is right."
    sources = {"the classifier": setting.offset is not None, "the known classes": setting.has_known}
    names = " and ".join(source for source, there in sources.items() if there)
    verb = "tell" if "classes" in names else "tells"
    return f"Every item has one label: how often labels are right, only {names} {verb}."


def _little_overlap(table: LabelTable, setting: Setting) -> Iterator[str]:
    """Say so where most items have one label and few others tell how often such a label is right."""
    labels = table.labels_per_item
    several, labeled = int((labels > 1).sum()), int((labels > 0).sum())
    if 2 * several < labeled and overlap(table, setting) < LITTLE:
        verb = "has" if several == 1 else "have"
        yield (
            f"Only {several:,} of {counted(labeled, 'item')} {verb} two labels or more: that hardly tells how often a "
            "single label is right, so the probabilities of the others are a guess."
        )


def _adversaries(people: pd.DataFrame, k: int) -> Iterator[str]:
    if k < 2:
        return
    worse = people[(people["reason"] == BELOW_CHANCE) & (people["n"] >= LEAST)]
    if worse.empty:
        return
    who, verb = ("Annotator", "is") if len(worse) == 1 else ("Annotators", "are")
    yield (
        f"{who} {quoted(worse['annotator'])} {verb} right less often than chance ({1 / k:.0%}): look whether they read "
        "the classes the other way round. Methods that fit accuracies or confusions count their labels against what "
        "they say; the majority and the spammer model cannot."
    )


def _dominant(table: LabelTable, found: Found, schema: LabelSchema) -> Iterator[str]:
    """Warn where most labels on items of a class name another class: classes may have been exchanged."""
    if found.confusion is None or not table.r:
        return
    counts = table.soft_counts(found.posterior)
    mass = counts.sum(axis=(0, 2))
    pooled = group(counts)
    for c in np.flatnonzero((pooled.argmax(axis=1) != np.arange(table.k)) & (mass >= LEAST)):
        other = schema.names[int(pooled[c].argmax())]
        yield (
            f"Where the consensus is {schema.names[c]!r}, most labels say {other!r}: compare with a majority vote "
            "before you use it."
        )


def _stop(found: Found) -> Iterator[str]:
    if not found.converged:
        yield f"The fit was stopped after {found.iterations} rounds, before probabilities stopped changing."
