"""Can the file be trusted? What cannot be right in it, or was not expected, before anything is measured."""

from __future__ import annotations

import pandas as pd

from labelqa.report.blocks import Block, Column, Details, Notice, Points, Section, Table
from labelqa.text import counted, visible
from labelqa.validation.result import Finding, Validation

NAMED = 3  # errors that the notice at the top spells out
SEVERITY = Column(key="severity", title="How grave")
WHAT = Column(key="what", title="What was found", limit=500)
NEXT = Column(key="next_step", title="What to do", limit=300)
FIRST = Column(key="where", title="First place", limit=120)
HOW_TO_READ = (
    "An error contradicts what was expected, or cannot be right. A warning is probably wrong and changes the numbers "
    "below. A note is worth knowing. Nothing was changed in the data."
)


def section(found: Validation) -> Section:
    """Return the section of what a look at the file itself found, and of what could not be looked at."""
    if not found.findings:
        lead = f"Nothing stood out in {counted(found.n_annotations, 'label')} on {counted(found.n_items, 'item')}."
        return Section(key="validation", title="Can the file be trusted?", lead=lead, blocks=tuple(_not_checked(found)))
    grave = [f for f in found.findings if f.severity != "note"]
    blocks: list[Block] = [_table("validation", "What is wrong, or may be", grave)] if grave else []
    blocks += _not_checked(found)
    if found.notes:
        blocks.append(Details(title="Worth knowing", blocks=(_table("validation_notes", "Notes", found.notes),)))
    places = _places(found)
    if not places.rows.empty:
        blocks.append(Details(title="Where", blocks=(places,)))
    return Section(
        key="validation",
        title="Can the file be trusted?",
        lead=_lead(found),
        how_to_read=HOW_TO_READ,
        blocks=tuple(blocks),
    )


def notice(found: Validation) -> Notice | None:
    """Return what the reader must know before anything else: that there are errors."""
    if found.ok:
        return None
    text = " ".join(visible(f.what) for f in found.errors[:NAMED])
    more = len(found.errors) - NAMED
    text += f" And {counted(more, 'more error')}." if more > 0 else ""
    return Notice(level="problem", key="invalid", title="The file is not what was expected", text=text)


def _not_checked(found: Validation) -> list[Block]:
    """Return what the answer does not cover."""
    reasons = tuple(visible(f"{reason[:1].upper()}{reason[1:]}.") for reason in found.not_checked)
    return [Points(items=reasons, title="Not looked at")] if reasons else []


def _lead(found: Validation) -> str:
    counts = found.counts_in_words()
    if not found.ok:
        return f"Not as it is: {counts}. Settle the errors first."
    return f"With care: {counts}." if found.warnings else f"Yes, as far as can be seen: {counts}."


def _table(key: str, title: str, findings: tuple[Finding, ...] | list[Finding]) -> Table:
    rows = [
        {
            "severity": f.severity,
            "code": f.code,
            "what": visible(f.what),
            "count": f.count,
            "where": f.examples[0].place if f.examples else "",
            "next_step": f.next_step,
        }
        for f in findings
    ]
    columns = (SEVERITY, WHAT, FIRST, NEXT) if key == "validation" else (WHAT, FIRST, NEXT)
    return Table(key=key, title=title, columns=columns, rows=pd.DataFrame(rows, dtype=object))


def _places(found: Validation) -> Table:
    rows = [
        {
            "code": f.code,
            "value": visible(e.value),
            "item": None if e.item is None else visible(e.item),
            "annotator": None if e.annotator is None else visible(e.annotator),
            "file": e.file,
            "row": e.row,
            "where": e.place,
        }
        for f in found.findings
        for e in f.examples
    ]
    keys = ("code", "value", "item", "annotator", "file", "row", "where")
    columns = (
        Column(key="code", title="Finding"), Column(key="value", title="What stands there", limit=120),
        Column(key="where", title="Place", limit=200),
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(keys), dtype=object)
    return Table(key="validation_places", title="Places (the first of each finding)", columns=columns, rows=frame)
