"""Consensus: how sure one label an item is, and how often each annotator is right."""

from __future__ import annotations

from labelqa.aggregation.result import ConsensusResult
from labelqa.report.blocks import Block, Column, Figure, Points, Prose, Section, Table
from labelqa.report.sections.trust import trust
from labelqa.report.wording import name_of
from labelqa.results import as_percent

SURE = 0.7  # probability under which a consensus label is worth a second look
CERTAIN = 0.99  # probability from which an item is not shown: it would read as 100%
SHOWN = 10
HOW_TO_READ = (
    "One label an item is estimated from all labels it got: labels of annotators who are usually right count more, and "
    "mistakes that somebody makes again and again are taken for what they are. The probability says how sure the "
    "label is. How often an annotator is right is estimated from how well their labels fit those of the others, "
    "whose own mistakes are allowed for; it is not the share of labels that equal the label shown here. No truth is "
    "known: where most people misread the instruction, the one who reads it right looks wrong."
)


def section(found: ConsensusResult) -> Section | None:
    """Return the section; None where nothing tells how sure any label is."""
    if not can_be_sure(found):
        return None
    blocks: list[Block] = [Points(items=tuple(found.notes))] if found.notes else []
    blocks += [*trust(found.calibration), *_least_sure(found), *_accuracy(found)]
    return Section(
        key="consensus",
        title="Which label should each item get?",
        lead=_lead(found),
        how_to_read=HOW_TO_READ,
        blocks=tuple(blocks),
    )


def _lead(found: ConsensusResult) -> str:
    tied = int(found.tied.sum())
    text = f"{sure_share(*sure_items(found))} of items get a label that is at least {as_percent(SURE)} sure"
    return text + (f"; {tied:,} remain tied." if tied else ".")


def can_be_sure(found: ConsensusResult) -> bool:
    """Tell whether anything says how sure labels are: a second label, a known class or a classifier."""
    return bool(found.quality.size and (found.quality == found.quality).any())


def sure_items(found: ConsensusResult) -> tuple[int, int]:
    """Return how many items have a label that is at least 70 % sure, and how many have a label."""
    labeled = found.n_labels > 0
    return int((found.quality[labeled] >= SURE).sum()), int(labeled.sum())


def sure_share(sure: int, n: int) -> str:
    """Return the share of items with a sure label as a percentage: 100% only where all are, 0% where none is.

    Examples
    --------
    >>> sure_share(999, 1000), sure_share(50, 50), sure_share(4, 1000), sure_share(0, 9)
    ('over 99%', '100%', 'under 1%', '0%')
    """
    share = as_percent(sure / n) if n else "0%"
    if share == "100%" and sure < n:
        return "over 99%"
    return "under 1%" if share == "0%" and sure else share


def _least_sure(found: ConsensusResult) -> tuple[Block, ...]:
    rows = found.worst(SHOWN)
    rows = rows[rows["quality"] < CERTAIN].reset_index(drop=True)
    if rows.empty:
        return (Prose(text="No item is in doubt."),)
    columns = (
        Column(key="item", title="Item"),
        Column(key="label", title="Most probable label"),
        Column(key="quality", title="How sure", kind="percent"),
        Column(key="n_labels", title="Labels", kind="count"),
        Column(key="agreeing", title="Of these the same", kind="count"),
    )
    title = "The least sure items: ask one more annotator"
    return (Table(key="least_sure", title=title, columns=columns, rows=rows),)


def _accuracy(found: ConsensusResult) -> tuple[Block, ...]:
    rows = found.annotators
    known = rows.dropna(subset=["accuracy"])
    if known.empty:
        return ()
    lowest = known.iloc[0]
    columns = (
        Column(key="annotator", title="Annotator"),
        Column(key="estimate", title="Right (95% interval)", kind="estimate", reason="reason"),
        Column(key="confuses", title="Most frequent mistake"),
        Column(key="n", title="Labels", kind="count"),
    )
    table = Table(
        key="annotator_accuracy",
        title="How often each annotator is right (estimated)",
        columns=columns,
        rows=rows.rename(columns={"accuracy": "estimate"}),
        note=f"Lowest: {name_of(lowest['annotator'])}, {as_percent(lowest['accuracy'])}.",
    )
    figure = Figure(
        key="annotator-accuracy",
        title="Estimated share of right labels of each annotator",
        alt="Estimate and interval for each annotator, lowest first; the numbers are in the table.",
        draw=found.plot,
    )
    return (figure, table) if len(known) > 1 else (table,)
