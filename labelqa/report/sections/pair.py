"""The evidence on one pair of classes: what the author of a labeling instruction works from."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from labelqa.ambiguity.advice import BIASED
from labelqa.ambiguity.evidence.result import ConfusionEvidence, sentence_of
from labelqa.report.blocks import Block, Column, Details, Points, Prose, Section, Table
from labelqa.report.sections.confusions import ADVICE
from labelqa.report.wording import name_of
from labelqa.results import as_percent
from labelqa.text import counted, shortened

TEXT_LIMIT = 240
BESIDE = 120  # characters of texts that stand side by side
SHOWN = 20
CUES = 6
HOW_TO_READ = (
    "A cue is shown only where chance would hardly produce it (exact tests, 5% over all words and rules). Rules were "
    "found on one half of the items and confirmed on the other, which was kept apart ('held out'). Write the "
    "rule for the cue, use typical items as examples and the similar items on either side as border cases, then have "
    "such items labeled again by people who have not seen them."
)


def section(found: ConfusionEvidence, *, key: str = "pair", with_advice: bool = True) -> Section:
    """Return the section.

    Parameters
    ----------
    found : ConfusionEvidence
        The evidence.
    key : str
        Name in the JSON, and prefix of its tables.
    with_advice : bool
        Whether the figures come first; a page of its own has them in its headline, and begins with what to do.
    """
    pair = f"{name_of(found.class_a)} or {name_of(found.class_b)}"
    return Section(
        key=key,
        title=f"{pair}: what makes it hard?",
        lead=lead(found) if with_advice else advice(found),
        how_to_read=HOW_TO_READ,
        blocks=tuple(_blocks(found, key, with_advice)),
    )


def lead(found: ConfusionEvidence) -> str:
    """Return how far the two are confused and what to do, in two sentences."""
    spread = f"{as_percent(found.low)} to {as_percent(found.high)}"
    split = (
        f"{as_percent(found.disagreement)} of label pairs split ({spread}): {counted(found.n_split, 'item')} got both"
    )
    agreed = f"{found.n_only_a:,} got only {name_of(found.class_a)}, {found.n_only_b:,} only {name_of(found.class_b)}"
    return f"{split} labels, {agreed}."


def advice(found: ConfusionEvidence) -> str:
    """Return what to do and why, in a sentence."""
    if found.advice == "none":
        return f"Nothing needs to be done: the two {found.advice_reason}."
    return f"{ADVICE[found.advice]}: {found.advice_reason}."


def _blocks(found: ConfusionEvidence, key: str, with_advice: bool) -> Iterator[Block]:
    if with_advice:
        yield Prose(text=advice(found))
    cues = [sentence_of(c) for c in found.cues.head(CUES).to_dict("records")]
    if cues:
        yield Points(items=tuple(cues), title="What disputed items have in common")
    words = _typical_words(found)
    if words:
        yield Points(items=words, title="Words that go with a class where all agree")
    if found.notes:
        yield Points(items=found.notes)
    yield from (table for table in (_who(found, key), _disputed(found, key)) if table is not None)
    more = tuple(t for t in (_boundary(found, key), _prototypes(found, key)) if t is not None)
    if more:
        yield Details(title=f"Border cases and typical items, by {found.compared_by}", blocks=more, in_terminal=True)
    if len(found.cues) or len(found.typical):
        yield Details(title="The numbers behind the cues", blocks=tuple(_numbers(found, key)))


def _typical_words(found: ConfusionEvidence) -> tuple[str, ...]:
    told = []
    for name in (found.class_a, found.class_b):
        words = found.typical.loc[found.typical["class"] == name, "word"].head(8)
        if len(words):
            told.append(f"{name_of(name)}: {', '.join(shortened(w, 30) for w in words)}")
    return tuple(told)


def _who(found: ConfusionEvidence, key: str) -> Table | None:
    if found.who.empty:
        return None
    cases = 1000 * found.direction_p
    often = "less than one" if cases < 1 else f"{cases:,.0f}"
    reading = f"If all read the border alike, so large a difference would come up in {often} of 1,000 cases"
    note = "" if found.direction_p != found.direction_p else f"{reading}. " + (
        "People read it differently: settle which reading holds."
        if found.direction_p <= BIASED
        else "Nobody leans to one side more than chance explains."
    )  # fmt: skip
    return Table(
        key=f"{key}_who",
        title="Who says what on the disputed items",
        columns=(
            Column(key="annotator", title="Annotator"),
            Column(key="says_a", title=shortened(found.class_a, 30), kind="count"),
            Column(key="says_b", title=shortened(found.class_b, 30), kind="count"),
            Column(key="share_a", title=f"Share of {shortened(found.class_a, 20)}", kind="percent"),
            Column(key="expected_a", title="Share if nobody leans", kind="percent"),
        ),
        rows=found.who,
        note=note,
    )


def _with_text(frame: pd.DataFrame, name: str, limit: int = TEXT_LIMIT) -> tuple[Column, ...]:
    return (Column(key=name, title="Text", limit=limit),) if frame[name].notna().any() else ()


def _disputed(found: ConfusionEvidence, key: str) -> Table | None:
    if found.disputed.empty:
        return None
    return Table(
        key=f"{key}_disputed",
        title="Disputed items, from nearly agreed to hopeless",
        columns=(
            Column(key="item", title="Item", limit=40),
            Column(key="says_a", title=shortened(found.class_a, 30), kind="count"),
            Column(key="says_b", title=shortened(found.class_b, 30), kind="count"),
            Column(key="says_other", title="Other", kind="count"),
            Column(key="leans_to", title="Leans to"),
            *_with_text(found.disputed, "text"),
        ),
        rows=found.disputed,
        shown=SHOWN,
    )


def _boundary(found: ConfusionEvidence, key: str) -> Table | None:
    if found.boundary.empty:
        return None
    return Table(
        key=f"{key}_boundary",
        title="Similar items on different sides, each side agreed",
        columns=(
            Column(key="item_a", title=shortened(found.class_a, 30), limit=40),
            *_with_text(found.boundary, "text_a", BESIDE),
            Column(key="item_b", title=shortened(found.class_b, 30), limit=40),
            *_with_text(found.boundary, "text_b", BESIDE),
            Column(key="similarity", title="Similarity", kind="number"),
        ),
        rows=found.boundary,
    )


def _prototypes(found: ConfusionEvidence, key: str) -> Table | None:
    if found.prototypes.empty:
        return None
    return Table(
        key=f"{key}_prototypes",
        title="Typical items of each class",
        columns=(
            Column(key="class", title="Class"),
            Column(key="item", title="Item", limit=40),
            *_with_text(found.prototypes, "text"),
        ),
        rows=found.prototypes,
    )


def _numbers(found: ConfusionEvidence, key: str) -> Iterator[Block]:
    if len(found.cues):
        columns: tuple[Column, ...] = (
            Column(key="cue", title="Cue", limit=160),
            Column(key="n_items", title="Items", kind="count"),
            Column(key="split_rate", title=f"Split ({as_percent(found.confidence)} interval)", kind="share"),
            Column(key="rest_rate", title="Others split", kind="percent"),
            Column(key="lift", title="Times", kind="decimal"),
            Column(key="held_out_lift", title="Held out: times", kind="decimal"),
            Column(key="held_out_n", title="Held out: items", kind="count"),
            Column(key="p_adjusted", title="p (adjusted)", kind="number"),
        )
        yield Table(key=f"{key}_cues", title="Cues", columns=columns, rows=found.cues)
    if len(found.typical):
        columns = (
            Column(key="word", title="Word"),
            Column(key="class", title="Typical of"),
            Column(key="share_a", title=f"In {shortened(found.class_a, 20)}", kind="percent"),
            Column(key="share_b", title=f"In {shortened(found.class_b, 20)}", kind="percent"),
            Column(key="z", title="z", kind="decimal"),
        )
        yield Table(key=f"{key}_words", title="Typical words", columns=columns, rows=found.typical)
