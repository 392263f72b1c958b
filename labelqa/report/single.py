"""One result as a short report: what it says, its table and picture, and what was read.

The commands that answer one question (compare, plan, ...) all show their result this way: they say what is particular
about it in a :class:`Shown`; views, remarks on the input and the record of the run are the same for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

from labelqa.annotations.provenance import run_of
from labelqa.annotations.readlog import ReadLog, joint_log
from labelqa.report.blocks import Block, Column, Figure, Notice, Points, Prose, Section, Table
from labelqa.report.document import Headline
from labelqa.report.model import Report
from labelqa.results import Result, as_percent

SHARES = ("share", "share_of_disagreement", "disagreement", "observed", "expected", "power", "rate", "accuracy")
TITLES = {
    "p_value": "p value",
    "p_adjusted": "p adjusted",
    "p_permutation": "p (permutation)",
    "power": "Power (chance to succeed)",
    "power_paired": "Power on the same items",
    "width": "Interval width",
}
HIDDEN = ("low", "high", "reason")  # shown with the estimate they belong to


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Headline):
    """A headline that says more than its estimate: pages show its statement too.

    Attributes
    ----------
    big : str
        What to write large in place of the estimate, such as a number of items.
    below : str
        What to write small below that.
    """

    big: str = ""
    below: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """What is particular about one result.

    Attributes
    ----------
    title : str
        Title of the report.
    headline : Headline
        The answer in short.
    section : Section
        The evidence.
    more : tuple of Section
        Further questions that the same data answers.
    """

    title: str
    headline: Headline
    section: Section
    more: tuple[Section, ...] = ()


def single_report(
    shown: Shown,
    *,
    logs: Sequence[ReadLog] = (),
    seed: int = 0,
    arguments: Mapping[str, object] | None = None,
) -> Report:
    """Return one result as a report of one section or few, with what was read.

    Parameters
    ----------
    shown : Shown
        The result in words, tables and pictures.
    logs : sequence of ReadLog
        How each input was read; none where nothing was.
    seed : int
        Seed of everything random, recorded with the report.
    arguments : mapping, optional
        What the user asked for, recorded with the report.
    """
    return Report(
        title=shown.title,
        headline=shown.headline,
        sections=(shown.section, *shown.more, *([_reading(logs)] if logs else [])),
        run=run_of(logs, seed=seed, arguments=arguments),
        read_log=joint_log(logs) if logs else ReadLog(),
    )


def shown_plainly(result: Result, *, title: str, key: str, headline: Headline | None = None) -> Shown:
    """Return what any result can show: its summary, its table, and its picture where it has one.

    Parameters
    ----------
    result : Result
        Any result of the library.
    title, key : str
        Title of the report, and stable name of its section and table.
    headline : Headline, optional
        The answer in short; by default the first line of the summary.
    """
    first, *more = [line.strip() for line in result.summary()[:-1]]  # the last line is for programmers
    blocks: list[Block] = [Points(items=tuple(more))] if more else []
    blocks.append(table_of(result.to_frame(), key=key, title=title))
    section = Section(key=key, title=title, lead=first, blocks=tuple(blocks))
    return Shown(title=title, headline=headline or Headline(statement=first), section=section)


def table_of(frame: pd.DataFrame, *, key: str, title: str, confidence: float = 0.95, note: str = "") -> Table:
    """Return any tidy frame as a table: columns and the way numbers are written follow from names and types.

    Parameters
    ----------
    frame : DataFrame
        Rows of a result. ``estimate`` (or ``difference``) is written with ``low`` and ``high``, and with its ``reason``
        where it is undefined.
    key, title, note : str
        Name in the JSON, caption, and remark below.
    confidence : float
        Level of the intervals.
    """
    with_interval = next((c for c in ("estimate", "difference") if c in frame), None) if "low" in frame else None
    columns = []
    for name in frame.columns:
        if name in HIDDEN and with_interval:
            continue
        words = TITLES.get(str(name), str(name).replace("_", " ").removeprefix("n ").capitalize())
        if name == with_interval:
            words = f"{words} ({as_percent(confidence)} interval)"
        reason = "reason" if name == with_interval and "reason" in frame else None
        columns.append(
            Column(key=str(name), title=words, kind=_kind(frame[name], name == with_interval), reason=reason)
        )
    return Table(key=key, title=title, columns=tuple(columns), rows=frame, note=note)


def _kind(values: pd.Series, is_estimate: bool) -> str:
    if is_estimate:
        return "estimate"
    if is_bool_dtype(values) or not is_numeric_dtype(values):
        return "text"
    if is_integer_dtype(values):
        return "count"
    return "percent" if str(values.name).startswith(SHARES) else "number"


def picture_of(result: Result, *, key: str, title: str, alt: str, caption: str = "") -> Figure:
    """Return the chart of a result, drawn only where it is shown.

    Parameters
    ----------
    result : Result
        A result with a picture.
    key, title, alt, caption : str
        As for :class:`labelqa.report.blocks.Figure`.
    """
    return Figure(key=key, title=title, alt=alt, caption=caption, draw=result.plot)


def remarks(texts: Sequence[str], *, title: str = "Mind this") -> tuple[Notice, ...]:
    """Return what may mislead as cautions."""
    return tuple(Notice(level="caution", key="remark", title=title, text=text) for text in texts)


def _reading(logs: Sequence[ReadLog]) -> Section:
    """Return how each input was understood and what was set aside."""
    blocks: list[Block] = []
    for log in logs:
        name = ", ".join(s.name for s in log.sources) or "frame"
        before = f"{name}: columns" if len(logs) > 1 else "Columns"
        blocks.append(Prose(text=f"{before} {log.mapping_text()} ({log.layout} layout)."))
        set_aside = tuple(f"set aside {entry.count:,}: {entry.reason}" for entry in log.set_aside)
        if found := (*set_aside, *log.notes):
            blocks.append(Points(items=found))
    rows, labels = sum(log.n_rows_read for log in logs), sum(log.n_labels_used for log in logs)
    return Section(
        key="reading",
        title="What was read",
        lead=f"{_counted(rows, 'row')}, {_counted(labels, 'label')} used.",
        blocks=tuple(blocks),
    )


def _counted(n: int, word: str) -> str:
    return f"{n:,} {word if n == 1 else word + 's'}"
