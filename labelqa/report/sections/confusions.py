"""Which pairs of classes have an unclear border, how sure that is, and what to do about each."""

from __future__ import annotations

from functools import partial

import pandas as pd

from labelqa.ambiguity.confusions import GUESSING
from labelqa.ambiguity.confusions_result import ClassConfusions
from labelqa.charts.heatmap import MAX_CLASSES, heatmap_chart
from labelqa.report.blocks import Block, Column, Details, Figure, Points, Section, Table
from labelqa.report.evidence import has_single_classes
from labelqa.report.findings import Findings
from labelqa.report.verdict import share_text
from labelqa.report.wording import name_of, unweighted_remark
from labelqa.results import as_percent
from labelqa.text import counted

TITLE = "Which classes get confused?"
NAMED = 5  # flagged pairs that are spelled out
ADVICE = {
    "merge": "Merge",
    "retrain": "Talk to one annotator",
    "clarify": "Clarify the border",
    "split": "Name a group of its own",
    "cannot_tell": "Add a class for items that cannot be told",
    "none": "",
}
HOW_TO_READ = (
    "Split: of all pairs of labels that two people gave to an item within these two classes, how many differ; an item "
    "counts by its number of labels, so that every label weighs the same. A border is called unclear where more than "
    "{tolerance} of label pairs split even at the lower end of the interval{chance}."
)
CHANCE = (
    ", or where a pair is confused well beyond (more than 1.25 times) what the confusion of its two classes with all "
    "others explains; at most 5% of such findings are expected to be false"
)
ALIKE = "Alike: 0 if the two names are never confused, about 1 if they are used as if they meant the same."
ON_A_SCALE = " The labels are measurements: each value is taken for a class here."


def section(found: Findings) -> Section:
    """Return the section of confused pairs."""
    told = of_confusions(found.confusions, spelled_out=has_single_classes(found))
    if found.pairs.empty:
        return told
    scale = "" if has_single_classes(found) else ON_A_SCALE
    return Section(
        key=told.key,
        title=told.title,
        lead=told.lead,
        how_to_read=told.how_to_read + scale + unweighted_remark(found.options.main_weights),
        blocks=told.blocks,
    )


def of_confusions(found: ClassConfusions, *, spelled_out: bool = True) -> Section:
    """Return the section of a result of :func:`labelqa.class_confusions`.

    Parameters
    ----------
    found : ClassConfusions
        The pairs.
    spelled_out : bool
        Whether to say in words what to do about each unclear border.
    """
    if found.frame.empty:
        return Section(key="confusions", title=TITLE, lead=_nothing(found))
    blocks: list[Block] = []
    if spelled_out and len(found.flagged):
        blocks.append(Points(items=tuple(_told(row) for _, row in found.flagged.head(NAMED).iterrows()), ordered=True))
    return Section(
        key="confusions",
        title=TITLE,
        lead=f"{lead(found)} {GUESSING}" if GUESSING in found.notes else lead(found),
        how_to_read=HOW_TO_READ.format(
            tolerance=as_percent(found.tolerance), chance="" if found.no_chance_because else CHANCE
        ),
        blocks=(*blocks, *_evidence(found)),
    )


def _nothing(found: ClassConfusions) -> str:
    if found.undefined_because:
        return f"Nothing can be compared: {found.undefined_because}."
    return "No item got two different labels."


def lead(found: ClassConfusions) -> str:
    """Return the answer in a sentence or two."""
    if found.frame.empty:
        return _nothing(found)
    flagged = found.flagged
    if flagged.empty:
        first = found.frame.iloc[0]
        share = share_text(float(first["share_of_disagreement"]))
        closest = f"{name_of(first['class_a'])} and {name_of(first['class_b'])} come closest"
        return f"No border stands out as unclear. {closest} ({share} of all disagreement)."
    names = [f"{name_of(row['class_a'])} / {name_of(row['class_b'])}" for _, row in flagged.head(3).iterrows()]
    more = f" and {len(flagged) - 3:,} more" if len(flagged) > 3 else ""
    return f"{counted(len(flagged), 'border')} unclear: {', '.join(names)}{more}."


def _told(row: pd.Series) -> str:
    spread = f"{as_percent(row['disagreement_low'])} to {as_percent(row['disagreement_high'])}"
    text = (
        f"{name_of(row['class_a'])} / {name_of(row['class_b'])}: {as_percent(row['disagreement'])} of label pairs "
        f"split ({spread}); {row['reason']}. {ADVICE[str(row['advice'])]}: {row['advice_reason']}."
    )
    return f"{text} Mind: {row['caution']}." if row["caution"] else text


def _evidence(found: ClassConfusions) -> tuple[Block, ...]:
    rows = found.frame.assign(
        low=found.frame["disagreement_low"],
        high=found.frame["disagreement_high"],
        unclear=["unclear" if f else "" for f in found.frame["flagged"]],
        action=[ADVICE[str(a)] for a in found.frame["advice"]],
        excess=found.frame["coincidences"] / found.frame["expected"],
    )
    level = as_percent(found.confidence)
    table = Table(
        key="class_pairs",
        title="Pairs of classes given to the same item",
        columns=(
            Column(key="class_a", title="Class"),
            Column(key="class_b", title="Confused with"),
            Column(key="n_items", title="Items", kind="count"),
            Column(key="disagreement", title=f"Split ({level} interval)", kind="share"),
            Column(key="unclear", title="Border"),
            Column(key="action", title="What to do"),
        ),
        rows=rows,
    )
    return (*_figures(found), table, *_numbers(found, rows))


def _numbers(found: ClassConfusions, rows: pd.DataFrame) -> tuple[Block, ...]:
    """Return what the flags stand on, one click away."""
    columns = [
        Column(key="class_a", title="Class"),
        Column(key="class_b", title="Confused with"),
        Column(key="indistinguishability", title="Alike", kind="number"),
        Column(key="share_of_disagreement", title="Share of all disagreement", kind="percent"),
        Column(key="excess", title="Times as often as by chance", kind="decimal"),
        Column(key="p_adjusted", title="p (adjusted)", kind="number"),
        Column(key="direction_p", title="p, if nobody leans", kind="number"),
        Column(key="merge_gain", title="Alpha gained if merged", kind="number"),
        Column(key="information_lost", title="Information lost", kind="percent"),
    ]
    shown = tuple(c for c in columns if rows[c.key].notna().any())
    numbers = Table(key="class_pair_numbers", title="The numbers behind each pair", columns=shown, rows=rows)
    notes: tuple[Block, ...] = (Points(items=(ALIKE, *found.notes)),)
    return (Details(title="The numbers behind each pair", blocks=(numbers, *notes)),)


def _figures(found: ClassConfusions) -> tuple[Block, ...]:
    pairs = found.frame
    n_classes = pd.concat([pairs["class_a"], pairs["class_b"]]).astype(str).nunique()
    if n_classes < 3:
        return ()
    named = pairs.assign(class_a=pairs["class_a"].astype(str), class_b=pairs["class_b"].astype(str))
    some = f"The {MAX_CLASSES} classes with the most confusions. " if n_classes > MAX_CLASSES else ""
    often = pairs.iloc[int(pairs["n_items"].to_numpy().argmax())]
    first = pairs.iloc[0]
    heat = Figure(
        key="class-pairs",
        title="Items that got both labels, class by class",
        alt=f"Heat map of {min(n_classes, MAX_CLASSES)} by {min(n_classes, MAX_CLASSES)} classes; strongest: "
        f"{name_of(often['class_a'])} and {name_of(often['class_b'])}.",
        draw=partial(heatmap_chart, named),
        caption=f"{some}The stronger the colour, the more items got both labels. Each pair appears on both sides of "
        "the diagonal.",
    )
    ranked = Figure(
        key="class-pair-ranks",
        title="Share of label pairs that split, pair by pair",
        alt=f"Split rates of pairs of classes with intervals; first: {name_of(first['class_a'])} and "
        f"{name_of(first['class_b'])}. The numbers are in the table.",
        draw=found.plot,
        caption="Unclear borders first, then the pairs that are hardest to tell apart. Dashed: the "
        f"{as_percent(found.tolerance)} that is tolerated.",
    )
    return (heat, ranked)
