"""Slices taken apart: two columns crossed, and each slice beside its parts."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from labelqa.report.blocks import Block, Column, Details, Figure, Prose, Section, Table
from labelqa.report.sections.slices import SLICE_LIMIT, Wording
from labelqa.results import as_percent
from labelqa.slices.detail import BESIDE, NONE, REST, SLICE, SliceDetail
from labelqa.slices.held import FEW, LEVEL
from labelqa.slices.result import SliceTable
from labelqa.slices.twoway import SliceCells
from labelqa.text import counted, shortened

TAKEN_APART = 5  # slices, of those with the largest effect
PARTS = {SLICE: "the slice", NONE: "none of its conditions", REST: "all outside", BESIDE: "beside it"}
HOW_TO_READ = (
    "A slice is compared with {rows} that meet a part of its conditions only. Where these have no more error than "
    "{rows} that meet none, by the {level} interval of the difference, it is the combination that matters. With fewer "
    "than {few} {rows} nothing is said."
)
CAPTION = (
    "Orange: the slice. Below it: {rows} that meet a part of its conditions, {rows} that meet none, and other levels "
    "of its columns. In brackets: {rows}; hollow: fewer than {few}; dashed: all {rows} outside the slice."
)


def parts_section(found: SliceTable, wording: Wording) -> Section | None:
    """Return slices taken apart as a section; None where none was found.

    Parameters
    ----------
    found : SliceTable
        The slices.
    wording : Wording
        What was searched, in the words of its readers.
    """
    if not len(found):
        return None
    details = [found.detail(i) for i in range(min(len(found), TAKEN_APART))]
    some = f" of the {TAKEN_APART} with the largest effect" if len(found) > TAKEN_APART else ""
    return Section(
        key="slice_parts",
        title="Is it the combination, or one condition alone?",
        lead=f"Each slice{some} beside {wording.row}s that meet a part of its conditions.",
        how_to_read=HOW_TO_READ.format(rows=f"{wording.row}s", level=as_percent(LEVEL), few=FEW),
        blocks=(*_cells(found, wording), *(b for i, d in enumerate(details) for b in _detail(i, d, found, wording))),
    )


def _cells(found: SliceTable, wording: Wording) -> Iterator[Block]:
    """Yield the heat map of the strongest pair of columns, and its numbers."""
    if len(found.columns) < 2:
        return
    crossed = found.cells()
    few = int(((crossed.frame["n"] > 0) & crossed.frame["few"]).sum())
    names = f"{shortened(crossed.column_a, 40)} by {shortened(crossed.column_b, 40)}"
    thin = f" Dashed, without colour and with a question mark: fewer than {FEW} {wording.row}s." if few else ""
    yield Figure(
        key="slice-cells",
        title=f"{wording.rate}: {names}",
        alt=f"{wording.rate} for each pair of levels of {names}; the numbers are in the table.",
        caption=f"Below each rate: {wording.row}s. The darker, the higher.{thin}",
        draw=crossed.plot,
    )
    yield Details(title=f"The numbers of {names}", blocks=(_cell_table(crossed, found, wording),))


def _rate_column(found: SliceTable, wording: Wording) -> Column:
    title = f"{wording.rate} ({as_percent(LEVEL)} interval)"
    kind = "share" if found.percent else "estimate"
    return Column(key="rate", title=title, kind=kind, reason="reason", is_coefficient=False)


def _with_reason(frame: pd.DataFrame) -> pd.DataFrame:
    reasons = pd.Series([None if n else "no rows" for n in frame["n"]], index=frame.index, dtype=object)
    return frame.assign(reason=reasons)


def _cell_table(crossed: SliceCells, found: SliceTable, wording: Wording) -> Table:
    rows = _with_reason(crossed.frame)
    return Table(
        key="slice_cells",
        title=f"{shortened(crossed.column_a, 40)} by {shortened(crossed.column_b, 40)}",
        columns=(
            Column(key="level_a", title="Condition"),
            Column(key="level_b", title="and"),
            Column(key="n", title=f"{wording.row.capitalize()}s", kind="count"),
            _rate_column(found, wording),
        ),
        rows=rows,
    )


def _detail(i: int, detail: SliceDetail, found: SliceTable, wording: Wording) -> Iterator[Block]:
    """Yield what makes one slice: in words, as a picture, and as numbers one click away."""
    name = shortened(detail.predicates, SLICE_LIMIT)
    yield Prose(text=f"Where {name}: {detail.reading}")
    yield Figure(
        key=f"slice-{i + 1}",
        title=f"{name}, beside its parts",
        alt=f"{wording.rate} of {name} and of {counted(len(detail.drawn()) - 1, 'group')} beside it, with intervals.",
        caption=CAPTION.format(rows=f"{wording.row}s", few=FEW) if not i else "",
        draw=detail.plot,
    )
    rows = _with_reason(detail.frame)
    rows["part"] = [PARTS.get(p, "a part of its conditions") for p in rows["part"]]
    table = Table(
        key=f"slice_{i + 1}_parts",
        title=name,
        columns=(
            Column(key="predicates", title=f"{wording.row.capitalize()}s with", limit=SLICE_LIMIT),
            Column(key="part", title="What this is"),
            Column(key="n", title=f"{wording.row.capitalize()}s", kind="count"),
            _rate_column(found, wording),
        ),
        rows=rows,
    )
    yield Details(title=f"The numbers of {shortened(detail.predicates, 80)}", blocks=(table,))
