"""What was read: files, layout, columns, rows used and set aside."""

from __future__ import annotations

import pandas as pd

from labelqa.annotations.readlog import COLUMNS_NOT_KEPT, ReadLog, SetAside
from labelqa.report.blocks import Block, Column, Details, Points, Prose, Section, Table
from labelqa.report.findings import Findings
from labelqa.text import shortened

ROWS_NAMED = 12  # row numbers spelled out per reason
COLUMNS_NAMED = 12
ROLE_WORDS = {"long": "one row per label", "wide": "one column per annotator"}
HOW_TO_READ = (
    "If a column was taken for the wrong thing, everything below is wrong too: check the columns first. Rows are "
    "counted as a spreadsheet does (the header is row 1); rows of data handed over by a program start at 0."
)


def section(found: Findings) -> Section:
    """Return the section of what was read."""
    log = found.everything.read_log
    blocks: list[Block] = [_notes(log)] if log.notes else []
    blocks += [_columns(log), *_kept(found), *_set_aside(log)]
    if log.sources:
        blocks.append(_sources(log))
    return Section(
        key="reading",
        title="What was read",
        lead=_lead(log) + _measured(found),
        how_to_read=HOW_TO_READ,
        blocks=tuple(blocks),
    )


def _lead(log: ReadLog) -> str:
    names = [shortened(s.name, 60) for s in log.sources]
    where = ", ".join(names[:3]) + (f" and {len(names) - 3:,} more files" if len(names) > 3 else "")
    layout = f"{log.layout} layout: {ROLE_WORDS.get(log.layout, log.layout)}"
    unused = f"; {log.n_set_aside:,} set aside" if log.n_set_aside else ", none set aside"
    source = where or "a table in memory"
    return f"{log.n_rows_read:,} rows from {source} ({layout}). {log.n_labels_used:,} labels used{unused}."


def _measured(found: Findings) -> str:
    """Say how much of what was read the report is about, where it is not all."""
    n = len(found.latest)
    if n >= found.everything.read_log.n_labels_used:
        return ""
    why = " (the latest round)" if len(found.rounds) > 1 else ""
    return f" This report is about {n:,} of these labels{why}."


def _notes(log: ReadLog) -> Points:
    return Points(items=tuple(note[:1].upper() + note[1:] for note in log.notes), title="Please check")


def _columns(log: ReadLog) -> Table:
    rows = [
        {"role": role, "column": ", ".join(column) if isinstance(column, tuple) else column}
        for role, column in log.mapping.items()
    ]
    columns = (Column(key="role", title="Taken as"), Column(key="column", title="Column", limit=200))
    frame = pd.DataFrame(rows, columns=["role", "column"], dtype=object)
    return Table(key="mapping", title="Which column was taken for what", columns=columns, rows=frame)


def _kept(found: Findings) -> list[Prose]:
    """Say which columns stay with the items, and which are used for nothing."""
    kept = [shortened(c, 40) for c in found.everything.item_data.columns]
    unused = [
        n.removeprefix(COLUMNS_NOT_KEPT) for n in found.everything.read_log.notes if n.startswith(COLUMNS_NOT_KEPT)
    ]
    if not kept and not unused:
        return []
    more = f" and {len(kept) - COLUMNS_NAMED:,} more" if len(kept) > COLUMNS_NAMED else ""
    text = f"Kept with each item: {', '.join(kept[:COLUMNS_NAMED]) or 'no column'}{more}; "
    return [Prose(text=text + f"not used: {', '.join(unused) or 'none'}.")]


def _set_aside(log: ReadLog) -> list[Table]:
    if not log.set_aside:
        return []
    rows = [
        {"reason": s.reason, "count": s.count, "file": s.file, "rows": list(s.rows), "where": _where(s)}
        for s in log.set_aside
    ]
    columns = (
        Column(key="reason", title="Why", limit=200),
        Column(key="count", title="How many", kind="count"),
        Column(key="where", title="Rows", limit=200),
    )
    return [Table(key="set_aside", title="Read but not used", columns=columns, rows=pd.DataFrame(rows, dtype=object))]


def _where(aside: SetAside) -> str:
    numbers = ", ".join(str(n) for n in aside.rows[:ROWS_NAMED])
    more = aside.count - min(len(aside.rows), ROWS_NAMED)
    file = f"{aside.file}: " if aside.file not in (None, "frame") else ""
    return f"{file}{numbers}" + (f" and {more:,} more" if more > 0 else "")


def _sources(log: ReadLog) -> Details:
    rows = [
        {"name": s.name, "format": s.format, "details": s.details, "rows": s.rows, "sha256": s.sha256}
        for s in log.sources
    ]
    columns = (
        Column(key="name", title="File"),
        Column(key="format", title="Format"),
        Column(key="details", title="Details"),
        Column(key="rows", title="Rows", kind="count"),
        Column(key="sha256", title="SHA-256"),
    )
    frame = pd.DataFrame(rows, columns=["name", "format", "details", "rows", "sha256"], dtype=object)
    return Details(title="Files", blocks=(Table(key="sources", title="Files", columns=columns, rows=frame),))
