"""Slices: kinds of rows with more error, or of items with more disagreement, than the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from labelqa.report.blocks import Block, Column, Details, Figure, Points, Prose, Section, Table
from labelqa.results import as_number, as_percent, p_text
from labelqa.slices.compared import ALL
from labelqa.slices.engine import HOLD_OUT
from labelqa.slices.restating import RESTATES
from labelqa.slices.result import SliceTable
from labelqa.slices.wording import in_points
from labelqa.text import counted, shortened

if TYPE_CHECKING:
    import altair as alt

DRAWN = 20
SLICE_LIMIT = 140  # characters of a slice in a cell or sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is searched, in the words of its readers.

    Attributes
    ----------
    title : str
        Heading.
    row : str
        What one row is called.
    more : str
        What a slice has more of.
    inside : str
        The rate in words, ``{}`` standing for the number.
    rate : str
        Heading of the column of rates.
    saved : str
        Heading of the column of impact; empty where it means nothing to a reader.
    following : str
        What to do about a slice.
    """

    title: str
    row: str
    more: str
    inside: str
    rate: str
    saved: str
    following: str


PREDICTIONS = Wording(
    title="Where does the model go wrong?",
    row="row",
    more="more wrong predictions",
    inside="{} of predictions are wrong",
    rate="Wrong",
    saved="Excess wrong",
    following="Look at some wrong rows of each: is the definition unclear, are labels wrong, are examples few?",
)
ERRORS = Wording(
    title="Where is the error high?",
    row="row",
    more="a higher error",
    inside="the mean error is {}",
    rate="Error",
    saved="",
    following="Look at the worst rows of each: is the definition unclear, are labels wrong, are examples few?",
)
DISAGREEMENT = Wording(
    title="On which items do people disagree most?",
    row="item",
    more="more disagreement",
    inside="{} of label pairs split",
    rate="Label pairs that split",
    saved="",
    following="Read some disputed items of each: what does the instruction say about such items?",
)
HOW_TO_READ = (
    "Every combination of a few conditions was compared with all other {rows}. A slice is listed only if chance "
    "would give the worst of all of them as large an excess in at most {alpha} of such data sets. Slices found after "
    "the first are compared with {rows} that the slices found before treat alike, so that no excess counts twice: all "
    "numbers are of that comparison."
)
PICKED = " The interval takes the slice as given: because the worst was picked, the true difference is rather smaller."


def section(found: SliceTable, wording: Wording = PREDICTIONS) -> Section:
    """Return the section.

    Parameters
    ----------
    found : SliceTable
        The slices.
    wording : Wording
        What was searched.
    """
    if found.undefined_because or not len(found):
        return Section(key="slices", title=wording.title, lead=lead(found, wording), blocks=_left_out(found))
    return Section(
        key="slices",
        title=wording.title,
        lead=f"{lead(found, wording)} {first(found, wording)}",
        how_to_read=HOW_TO_READ.format(rows=f"{wording.row}s", alpha=as_percent(found.alpha))
        + ("" if found.method == HOLD_OUT else PICKED),
        blocks=(
            *_restating(found),
            *(Prose(text=f"{note}.") for note in found.notes),
            _figure(found, wording),
            _table(found, wording),
            _numbers(found),
        ),
    )


def lead(found: SliceTable, wording: Wording) -> str:
    """Return the answer in a sentence or two."""
    if found.undefined_because:
        return f"There is nothing to search: {found.undefined_because}."
    rate = wording.inside.format(_rate(found.error_rate, found))
    whole = f"{rate} in all {counted(found.n_rows, wording.row)}"
    if not len(found):
        closest = f" Closest: {found.closest}." if found.closest else ""
        return (
            f"No kind of {wording.row}s stands out: none of {counted(found.n_searched, 'slice')} has {wording.more} "
            f"than chance gives the worst of so many ({whole}).{closest}"
        )
    kinds = counted(len(found), f"kind of {wording.row}s", f"kinds of {wording.row}s")
    verb = "has" if len(found) == 1 else "have"
    return f"{kinds} {verb} {wording.more} than the rest ({whole}; {counted(found.n_searched, 'slice')} compared)."


def next_step(found: SliceTable, wording: Wording) -> str:
    """Return what to do, in a sentence."""
    if len(found):
        return wording.following
    if found.undefined_because:
        return f"A search needs {wording.row}s of which some are worse than others, and columns that tell them apart."
    return f"More {wording.row}s, or columns that say more about them, could still show one."


def _rate(value: float, found: SliceTable) -> str:
    return as_percent(value) if found.percent else as_number(value)


def first(found: SliceTable, wording: Wording) -> str:
    """Return the slice with the largest effect on the whole, in a sentence; empty where there is none."""
    if not len(found):
        return ""
    row = found.tested().iloc[0]
    inside, outside = (_rate(float(row[c]), found) for c in ("rate", "rest_rate"))
    where = "elsewhere" if row["tested_beside"] == ALL else f"in other {_beside(row['tested_beside'], wording)}"
    return (
        f"{'Above all where' if len(found) > 1 else 'Where'} {shortened(row['predicates'], SLICE_LIMIT)}: "
        f"{wording.inside.format(inside)} on {counted(int(row['size']), wording.row)}, {outside} {where}."
    )


def _figure(found: SliceTable, wording: Wording) -> Figure:
    some = f" The {DRAWN} with the largest effect on the whole." if len(found) > DRAWN else ""
    return Figure(
        key="slices",
        title="Difference to the rest, slice by slice",
        alt=f"Differences of {counted(len(found), 'slice')} to the rest, with intervals; first: "
        f"{shortened(found.frame['predicates'].iloc[0], SLICE_LIMIT)}. The numbers are in the table.",
        caption=f"In brackets: {wording.row}s.{some}",
        draw=partial(_drawn, found, wording),
    )


def _drawn(found: SliceTable, wording: Wording) -> alt.Chart | alt.LayerChart:
    from labelqa.slices.chart import difference_chart  # charts are imported only when drawn

    title = f"{wording.rate}: difference to the rest"
    return difference_chart(found.tested().head(DRAWN), title=title, percent=found.percent)


def _table(found: SliceTable, wording: Wording) -> Table:
    percent = found.percent
    later = [Column(key="beside", title="Compared with", limit=SLICE_LIMIT)] if len(found) > 1 else []
    rows = found.tested()
    rows["beside"] = [_beside(text, wording) for text in rows["tested_beside"]]
    if percent:
        rows["difference"] = [
            in_points(*ends) for ends in zip(rows["difference"], rows["low"], rows["high"], strict=True)
        ]
    saved = [Column(key="impact", title=wording.saved, kind="count")] if wording.saved else []
    return Table(
        key="slices",
        title="Largest effect on the whole first",
        columns=(
            Column(key="predicates", title="Slice", limit=SLICE_LIMIT),
            Column(key="size", title=f"{wording.row.capitalize()}s", kind="count"),
            Column(key="rate", title=wording.rate, kind="percent" if percent else "number"),
            *later,
            Column(key="rest_rate", title="There" if later else "Elsewhere", kind="percent" if percent else "number"),
            Column(
                key="difference",
                title="Difference (95% interval)",
                kind="text" if percent else "estimate",
                is_coefficient=False,
            ),
            *saved,
        ),
        rows=rows,
        note="Rates are those of the half of the rows that took no part in finding; sizes are of all rows."
        if found.method == HOLD_OUT
        else "",
    )


def _beside(text: str, wording: Wording) -> str:
    return text.replace("rows", f"{wording.row}s")


def _numbers(found: SliceTable) -> Details:
    percent, rows = found.percent, found.tested()
    rows["lift"] = (rows["rate"] / rows["rest_rate"]).where(rows["rest_rate"] > 0)
    if percent:
        rows["shrunk"] = [in_points(value) for value in rows["shrunk"]]
    numbers = Table(
        key="slice_numbers",
        title="The numbers behind each slice",
        columns=(
            Column(key="predicates", title="Slice", limit=SLICE_LIMIT),
            Column(key="support", title="Share of all", kind="percent"),
            Column(key="shrunk", title="Difference, corrected for the search", kind="text" if percent else "number"),
            Column(key="lift", title="Times the rest", kind="decimal"),
            Column(key="p", title="p (adjusted for the search)"),
        ),
        rows=rows.assign(p=[p_text(p) for p in rows["p_adjusted"]]),
    )
    return Details(title="The numbers behind each slice", blocks=(numbers, *_left_out(found)))


def _restating(found: SliceTable) -> tuple[Prose, ...]:
    """Say which columns were kept out because they are made of the labels: a reader looks for them in vain."""
    names = [repr(shortened(name, 40)) for name, reason in found.left_out if reason.startswith(RESTATES)]
    if not names:
        return ()
    one = len(names) == 1
    what = "it restates what people said and describes" if one else "they restate what people said and describe"
    return (Prose(text=f"Not searched, as {what} no item: {', '.join(names)}."),)


def _left_out(found: SliceTable) -> tuple[Block, ...]:
    return (Points(title="Columns that were not searched", items=tuple(_reasons(found))),) if found.left_out else ()


def _reasons(found: SliceTable) -> Iterator[str]:
    for name, reason in found.left_out:
        yield f"{shortened(name, 40)}: {reason}"
