"""Terminal view: plain text with lines of at most `width` characters; colour only on request."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table as RichTable
from rich.text import Text

from labelqa.errors import ParameterError, Problem
from labelqa.report import cells
from labelqa.report.blocks import Block, Details, Figure, Notice, Points, Prose, Section, Table
from labelqa.report.document import Document, Headline
from labelqa.text import visible

MIN_WIDTH = 40
ROWS = 12  # rows of a table: a screen is not a page
PROSE_WIDTH = 96  # longer lines are hard to read
MARKS = {"problem": ("!!", "bold red"), "caution": ("! ", "yellow"), "info": ("i ", "cyan")}
SCALE_WIDTH = 60
NARROW_TEXT = 14  # characters that a column of text keeps at least, where it has as many
GAP = 2  # characters between columns


def render(document: Document, *, width: int = 80, color: bool = False) -> str:
    """Return `document` as text.

    Raises
    ------
    ParameterError
        If `width` is under 40.
    """
    if width < MIN_WIDTH:
        raise ParameterError(
            Problem(
                what=f"width={width} is too narrow for a report",
                parameter="width",
                value=width,
                allowed=(f"{MIN_WIDTH} or more",),
            )
        )
    # An empty environment: NO_COLOR, COLUMNS or a notebook must not change the bytes of a report.
    console = Console(
        file=io.StringIO(),
        width=width,
        color_system="standard" if color else None,
        force_terminal=color,
        force_jupyter=False,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    for part in _parts(document, width):
        console.print(part)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO above
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _parts(document: Document, width: int) -> Iterator[RenderableType]:
    headline = document.headline
    yield Text(visible(document.title), style="bold")
    if headline.facts:
        yield Text("  ".join(f"{value} {name}" for name, value in headline.facts), style="dim")
    yield Text()
    yield _prose(headline.statement, width, style="bold")
    yield from _scale(headline, width)
    if headline.verdict:
        yield _prose(headline.verdict, width)
    if document.notices:
        yield Text()
        yield from (_notice(n, width) for n in document.notices)
    for section in document.sections:
        yield from _section(section, width)


def _section(section: Section, width: int) -> Iterator[RenderableType]:
    yield Text()
    yield Rule(Text(visible(section.title), style="bold"), align="left", characters="─", style="dim")
    yield _prose(section.lead, width)
    for block in section.blocks:
        yield from _block(block, width)
    if section.how_to_read:
        yield Text()
        yield _prose(f"How to read this: {section.how_to_read}", width, style="dim")


def _block(block: Block, width: int) -> Iterator[RenderableType]:
    match block:
        case Table():
            yield from _table(block, width)
        case Figure():
            return  # the table beside it holds the same numbers
        case Prose():
            yield Text()
            yield _prose(block.text, width)
        case Points():
            yield from _points(block)
        case Notice():
            yield _notice(block, width)
        case Details():
            yield from _details(block, width)


def _details(details: Details, width: int) -> Iterator[RenderableType]:
    for inner in details.blocks if details.in_terminal else ():
        yield from _block(inner, width)


def _prose(text: str, width: int, style: str = "") -> Padding:
    return Padding(Text(visible(text), style=style), (0, max(0, width - PROSE_WIDTH), 0, 0), expand=False)


def _points(points: Points) -> Iterator[RenderableType]:
    grid = RichTable.grid(padding=(0, 1))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(max_width=PROSE_WIDTH, overflow="fold")
    for position, item in enumerate(points.items, start=1):
        grid.add_row(f"{position}." if points.ordered else "-", Text(visible(item)))
    yield Text()
    if points.title:
        yield Text(visible(points.title), style="bold")
    yield grid


def _notice(notice: Notice, width: int) -> RenderableType:
    mark, style = MARKS[notice.level]
    grid = RichTable.grid(padding=(0, 1))
    grid.add_column(no_wrap=True, width=2)
    grid.add_column(max_width=min(width - 3, PROSE_WIDTH), overflow="fold")
    grid.add_row(Text(mark, style=style), Text.assemble((f"{visible(notice.title)}. ", "bold"), visible(notice.text)))
    return grid


def _table(table: Table, width: int) -> Iterator[RenderableType]:
    rows = list(cells.body(table, ROWS))
    widths = _widths(table, rows, width)
    drawn = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for column, column_width in zip(table.columns, widths, strict=False):
        side: JustifyMethod = "left" if column.kind == "text" else "right"
        drawn.add_column(Text(visible(column.title)), overflow="fold", justify=side, width=column_width)
    for row in rows:
        drawn.add_row(*(Text(_short(c)) for c in row[: len(widths)]))
    yield Text()
    yield Text(visible(table.title), style="italic")
    yield drawn
    for remark in _remarks(table, rows, len(widths)):
        yield Text(visible(remark), style="dim")


def _remarks(table: Table, rows: list[list[cells.Cell]], n_shown: int) -> Iterator[str]:
    """Yield why numbers are undefined, how much of the table is left out, and its note."""
    yield from (f"{row[0].text}: undefined, {c.reason}." for row in rows for c in row if c.reason)
    left_out = ", ".join(column.title for column in table.columns[n_shown:])
    yield from (r for r in (cells.shortfall(table, ROWS), table.note) if r)
    if left_out:
        yield f"No room at this width for: {left_out}."


def _widths(table: Table, rows: list[list[cells.Cell]], width: int) -> list[int]:
    """Return the widths of the columns that fit: numbers with their intervals stay on one line, texts may wrap."""
    need, want = [], []
    for position, column in enumerate(table.columns):
        widest = max([cell_len(_short(row[position])) for row in rows], default=0)
        word = max(cell_len(w) for w in visible(column.title).split() or [""])
        floor = min(widest, NARROW_TEXT) if column.kind == "text" else widest
        need.append(max(floor, word))
        want.append(max(widest, cell_len(visible(column.title))))
    while len(need) > 1 and sum(need) + GAP * (len(need) - 1) > width:
        need.pop()
    spare = width - sum(need) - GAP * (len(need) - 1)
    for left, at in enumerate(sorted(range(len(need)), key=lambda i: want[i] - need[i])):
        more = max(0, min(want[at] - need[at], spare // (len(need) - left)))  # long texts share what short ones leave
        need[at] += more
        spare -= more
    return [min(n, width) for n in need]


def _short(cell: cells.Cell) -> str:
    return f"{cell.text} {cell.aside}" if cell.aside else cell.text


def _scale(headline: Headline, width: int) -> Iterator[RenderableType]:
    """Draw the interval on a line from 0 (or lower) to 1, with the customary limits above."""
    if math.isnan(headline.estimate) or math.isnan(headline.low):
        return
    start = max(-1.0, min(0.0, math.floor(headline.low * 10) / 10))
    steps = min(SCALE_WIDTH, width - 12) - 1

    def at(value: float) -> int:
        return round((min(max(value, start), 1.0) - start) / (1.0 - start) * steps)

    line = ["·"] * (steps + 1)
    for limit in headline.limits:
        line[at(limit)] = "|"
    line[at(headline.low) : at(headline.high) + 1] = "━" * (at(headline.high) - at(headline.low) + 1)
    line[at(headline.estimate)] = "●"
    left = f"{start:g} "
    yield Text(f"{left}{''.join(line)} 1")
    marks = [" "] * (steps + 8)
    free = 0  # marks that lie close together are moved apart
    for limit in headline.limits:
        text = f"{limit:.3g}".removeprefix("0")
        place = max(at(limit), free)
        marks[place : place + len(text)] = text
        free = place + len(text) + 1
    if headline.limits:
        yield Text(" " * len(left) + "".join(marks).rstrip(), style="dim")
