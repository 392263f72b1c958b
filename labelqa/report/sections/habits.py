"""How annotators work: speed, change over time, dissent, repeated items, and groups that read the definition apart."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pandas as pd

from labelqa.aggregation.annotators import wording
from labelqa.aggregation.annotators.quality import NO_TIMES
from labelqa.aggregation.annotators.quality_result import AnnotatorQuality
from labelqa.aggregation.annotators.schools_result import AnnotatorSchools
from labelqa.report.blocks import Block, Column, Details, Figure, Points, Prose, Section, Table
from labelqa.report.people import People
from labelqa.report.wording import name_of

TITLE = "How does each annotator work?"
APART = 1.5  # times the fastest, from which the slowest is named
HURRIED = 1 / 3  # of the middle annotator's time, under which somebody may not have read the items
DRAWN = 3  # annotators who changed, each with a chart
DRIFT_CAPTION = (
    "Rising: labels fit the others better than on average; falling: worse. Dashed: how far it strays by chance (5%). "
    "Upright line: where it changed."
)
MANY_GROUPED = "Groups of annotators were not looked for: with so many annotators that would take long."
UNTIMED = f"Changes over time were not looked for: {NO_TIMES}."
HOW_TO_READ = (
    "Each label is compared with what the others say about the item. Changes over time and groups are named only where "
    "chance would hardly produce them (permutation tests, 5%; for changes adjusted for the number of annotators). "
    "Whoever changes, dissents or hurries may still be right: these are reasons to talk."
)
NUMBERS = (
    Column(key="n", title="Labels", kind="count"),
    Column(key="seconds", title="Seconds a label (median)", kind="decimal"),
    Column(key="lone_dissent", title="Alone against all others", kind="percent"),
    Column(key="self_consistency", title="Same label again", kind="percent"),
    Column(key="n_repeated", title="Items labeled again", kind="count"),
    Column(key="drift_p", title="Change over time (p)", kind="number"),
    Column(key="school", title="Group", kind="count"),
)


def section(people: People) -> Section | None:
    """Return the section; None where the data tells nothing of how anybody works."""
    quality = people.quality
    if quality is None:
        return Section(key="habits", title=TITLE, lead=people.skipped_because)
    checks, told, speed = list(_checks(quality)), list(_told(quality)), _speed(quality.frame)
    if not (checks or speed):
        return None
    blocks: list[Block] = [Points(items=tuple(told))] if told else []
    blocks += [Prose(text=text) for text in (speed, _untimed(quality), _ungrouped(quality)) if text]
    return Section(
        key="habits",
        title=TITLE,
        lead=_lead(len(told), checks),
        how_to_read=HOW_TO_READ,
        blocks=(*blocks, *_changes(quality), *_groups(quality.schools), _numbers(quality.frame)),
    )


def _changes(quality: AnnotatorQuality) -> Iterator[Figure]:
    """Yield a chart for each annotator who changed, the first three."""
    changed = quality.frame.loc[quality.frame["drift_since"].notna(), "annotator"]
    for position, name in enumerate(changed.head(DRAWN), start=1):
        yield Figure(
            key=f"drift-{position}",
            title=f"{name_of(name)} over time",
            alt=f"Cumulated fit of the labels of {name_of(name)}: it leaves the limits of chance.",
            caption=DRIFT_CAPTION,
            draw=partial(quality.plot_drift, name),
        )


def _lead(n: int, checks: list[str]) -> str:
    if n:
        return f"{n} things stand out." if n > 1 else "One thing stands out."
    if not checks:
        return "Nothing but the time a label takes is known."
    *first, last = checks
    return f"Nothing stands out: {', '.join(first)} and {last}." if first else f"Nothing stands out: {last}."


def _checks(quality: AnnotatorQuality) -> Iterator[str]:
    """Yield what was looked at, as it reads where nothing was found."""
    frame, schools = quality.frame, quality.schools
    if frame["drift_p"].notna().any():
        yield "nobody changed over time"
    if (frame["n_with_others"] >= wording.LOOK).sum() > 1:
        yield "nobody stands alone much more often than the others"
    if (frame["n_repeated"] >= wording.FEW_REPEATED).any():
        yield "items labeled again mostly got the same label"
    if schools is not None and schools.undefined_because is None:
        yield "there are no groups that read the definition differently"


def _told(quality: AnnotatorQuality) -> Iterator[str]:
    schools = quality.schools
    if schools is not None and schools.found:
        yield " ".join(schools.meaning)
    yield from wording.habits(quality.frame)  # how often people are right is told with the consensus


def _untimed(quality: AnnotatorQuality) -> str:
    return UNTIMED if (quality.frame["drift_reason"] == NO_TIMES).all() else ""


def _ungrouped(quality: AnnotatorQuality) -> str:
    return MANY_GROUPED if quality.schools is None else ""


def _speed(frame: pd.DataFrame) -> str:
    known = frame.dropna(subset=["seconds"]).sort_values("seconds", kind="stable")
    if known.empty:
        return ""
    fast, slow, middle = known.iloc[0], known.iloc[-1], float(known["seconds"].median())
    if len(known) == 1:
        return f"{name_of(fast['annotator'])} takes {_seconds(fast['seconds'])} for a label (median)."
    text = f"A label takes the middle annotator {_seconds(middle)} (median)"
    if slow["seconds"] < APART * fast["seconds"]:
        return f"{text}, and the others about as long."
    text += (
        f"; the fastest is {name_of(fast['annotator'])} ({_seconds(fast['seconds'])}), the slowest "
        f"{name_of(slow['annotator'])} ({_seconds(slow['seconds'])})."
    )
    if fast["seconds"] < HURRIED * middle:
        text += f" Ask whether {name_of(fast['annotator'])} has time to read the items."
    return text


def _seconds(value: float) -> str:
    number = f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
    return f"{number} second" if number == "1" else f"{number} seconds"


def _numbers(frame: pd.DataFrame) -> Details:
    filled = [c for c in NUMBERS if frame[c.key].notna().any() and (c.key != "n_repeated" or frame[c.key].any())]
    table = Table(
        key="annotator_habits",
        title="How each annotator works",
        columns=(Column(key="annotator", title="Annotator"), *filled),
        rows=frame[
            ["annotator", *(c.key for c in NUMBERS), "drift_since", "drift_before", "drift_after", "drift_reason"]
        ],
    )
    return Details(title="The numbers of each annotator", blocks=(table,))


def _groups(schools: AnnotatorSchools | None) -> tuple[Block, ...]:
    if schools is None or not schools.found:
        return ()
    classes = Table(
        key="group_classes",
        title="Which classes divide the groups",
        columns=(
            Column(key="school_1_says", title="The larger group says"),
            Column(key="school_2_says", title="The smaller says"),
            Column(key="items", title="Items", kind="count"),
            Column(key="expected", title="By chance", kind="count"),
        ),
        rows=schools.classes,
    )
    items = Table(
        key="group_items",
        title="Items that divide them most",
        columns=(
            Column(key="item", title="Item"),
            Column(key="school_1", title="Larger group"),
            Column(key="school_2", title="Smaller group"),
        ),
        rows=schools.items,
    )
    return (Details(title="What divides the two groups", blocks=(classes, items)),)
