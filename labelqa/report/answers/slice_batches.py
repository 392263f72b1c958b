"""Combinations that are missing, and what changed between two batches, shown."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from labelqa.report.blocks import Block, Column, Figure, Points, Prose, Section, Table
from labelqa.report.sections.slices import SLICE_LIMIT
from labelqa.report.single import Shown, Told, picture_of, remarks
from labelqa.results import as_number, as_percent, p_text
from labelqa.slices.coverage import SliceCoverage
from labelqa.slices.drift import OF_ERROR, SliceDrift
from labelqa.slices.wording import in_points
from labelqa.text import counted, shortened

DRAWN = 40  # by SliceDrift.plot
RULE_OF_THREE = (
    "Errors that could hide: the highest error rate (95 %) that so many rows, all of them right, leave possible, about "
    "3 divided by their number. Share at most: such rows are at most this share (95 %) of where the data is from; "
    "where there are none, about 3 divided by the number of all rows. Expected: rows if the columns had nothing to do "
    "with each other."
)
HOW_TO_READ = (
    "Every combination of a few conditions was compared. A change is listed only if chance would show any in at most "
    "{alpha} of such pairs of batches. A change of the error is one within the slice, whatever its share; differences "
    "have 95 % intervals, which take the slice as given."
)


def coverage_shown(found: SliceCoverage, *, notes: Sequence[str] = ()) -> Shown:
    """Return how well combinations are covered as a section.

    Parameters
    ----------
    found : SliceCoverage
        The combinations.
    notes : sequence of str
        What may mislead.
    """
    status = found.frame["status"]
    missing, thin, n = int((status == "missing").sum()), int((status == "thin").sum()), len(found.frame)
    lead = f"Of {counted(n, 'combination')}, {missing:,} {_is(missing)} missing and {thin:,} {_is(thin)} thin."
    if not missing and not thin:
        lead = f"All {counted(n, 'combination')} have at least {counted(found.least, 'row')}."
    section = Section(
        key="slice_coverage",
        title="Which combinations are missing or thin?",
        lead=f"Thin: fewer than {counted(found.least, 'row')}.",
        how_to_read=RULE_OF_THREE,
        blocks=(*remarks([*notes, *(f"{note}." for note in found.notes)]), _coverage_table(found)),
    )
    headline = Told(
        statement=lead,
        verdict=_thinnest(found),
        facts=(("rows", f"{found.n_rows:,}"), ("combinations", f"{n:,}")),
        coefficient_title="Missing or thin",
        big=f"{missing + thin:,}",
        below=f"of {counted(n, 'combination')}",
    )
    return Shown(title="What does the data not hold?", headline=headline, section=section)


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


def _thinnest(found: SliceCoverage) -> str:
    row = found.frame.iloc[0]
    if row["status"] == "covered":
        return f"Fewest rows: {shortened(row['combination'], SLICE_LIMIT)}, {int(row['n']):,}."
    rows = counted(int(row["n"]), "row") if row["n"] else "no row"
    total = int(found.frame["n_more"].sum())
    return (
        f"Thinnest: {shortened(row['combination'], SLICE_LIMIT)} with {rows}, where an error rate of up to "
        f"{as_percent(float(row['hidden_rate']))} could hide. {counted(total, 'more row')} would fill all."
    )


def _coverage_table(found: SliceCoverage) -> Table:
    return Table(
        key="slice_coverage",
        title="Thinnest first",
        columns=(
            Column(key="combination", title="Combination", limit=SLICE_LIMIT),
            Column(key="status", title="Status"),
            Column(key="n", title="Rows", kind="count"),
            Column(key="expected", title="Expected", kind="count"),
            Column(key="percent_high", title="Share at most, %", kind="decimal"),
            Column(key="hidden_rate", title="Errors that could hide", kind="percent"),
            Column(key="n_more", title="Rows to collect", kind="count"),
        ),
        rows=found.frame.assign(percent_high=100 * found.frame["share_high"]),
    )


def drift_shown(found: SliceDrift, *, basis: Sequence[str] = (), notes: Sequence[str] = ()) -> Shown:
    """Return what changed between two batches as a section.

    Parameters
    ----------
    found : SliceDrift
        The changes.
    basis : sequence of str
        What was compared, in sentences.
    notes : sequence of str
        What may mislead.
    """
    of_error = found.frame["change"].isin(OF_ERROR)
    blocks: list[Block] = [*(Prose(text=text) for text in basis), *remarks(notes)]
    if len(found):
        blocks.append(_picture(found))
    blocks += _changes(found.frame[of_error], "slice_errors", "Another error", "Error", percent=found.shares)
    blocks += _changes(found.frame[~of_error], "slice_shares", "Another share of the rows", "Share", percent=True)
    if found.left_out:
        reasons = tuple(f"{shortened(name, 40)}: {reason}" for name, reason in found.left_out)
        blocks.append(Points(title="Columns that were not compared", items=reasons))
    section = Section(
        key="slice_drift",
        title="What changed between the batches?",
        lead=f"{counted(found.n_searched, 'slice')} compared.",
        how_to_read=HOW_TO_READ.format(alpha=as_percent(found.alpha)),
        blocks=tuple(blocks),
    )
    return Shown(title="What changed between two batches?", headline=_drift_headline(found), section=section)


def _drift_headline(found: SliceDrift) -> Told:
    of_error = int(found.frame["change"].isin(OF_ERROR).sum())
    of_share = len(found) - of_error
    verb = "did" if of_error else "changed"
    told = [f"the error changed in {counted(of_error, 'slice')}"] if of_error else []
    told += [f"the share of {counted(of_share, 'slice')} {verb}"] if of_share else []
    statement = f"{', '.join(told)}." if told else "No change beyond chance."
    return Told(
        statement=f"{statement[:1].upper()}{statement[1:]}{_in_all(found)}",
        verdict=_first(found),
        facts=(("rows before", f"{found.n_before:,}"), ("rows after", f"{found.n_after:,}")),
        coefficient_title="Changes",
        big=f"{len(found):,}",
        below=f"in {counted(found.n_searched, 'slice')} compared",
    )


def _in_all(found: SliceDrift) -> str:
    if math.isnan(found.error_before):
        return " Errors are not known: only shares were compared."
    before, after = (_written(v, found.shares) for v in (found.error_before, found.error_after))
    return f" The error in all rows: {before} before, {after} after."


def _written(value: float, percent: bool) -> str:
    return as_percent(value, 1) if percent else as_number(value)


def _first(found: SliceDrift) -> str:
    if not len(found):
        return ""
    row = found.frame.iloc[0]
    is_error = row["change"] in OF_ERROR
    before, after = (_written(float(row[c]), found.shares or not is_error) for c in ("before", "after"))
    what = row["change"] if is_error else f"{row['change']} (share of the rows)"
    return f"First: {shortened(row['predicates'], SLICE_LIMIT)}: {what}, {before} to {after}."


def _picture(found: SliceDrift) -> Figure:
    some = f" The first {DRAWN}." if len(found) > DRAWN else ""
    return picture_of(
        found,
        key="slice-drift",
        title="Changes, slice by slice",
        alt=f"{counted(min(len(found), DRAWN), 'change')} with intervals; the numbers are in the tables.",
        caption=f"After minus before. In brackets: rows of both batches.{some}",
    )


def _changes(frame: pd.DataFrame, key: str, title: str, what: str, *, percent: bool) -> tuple[Table, ...]:
    if not len(frame):
        return ()
    kind = "percent" if percent else "number"
    rows = frame.assign(p=[p_text(p) for p in frame["p_adjusted"]])
    if percent:
        ends = zip(frame["difference"], frame["low"], frame["high"], strict=True)
        rows["difference"] = [in_points(*three) for three in ends]
    table = Table(
        key=key,
        title=title,
        columns=(
            Column(key="predicates", title="Slice", limit=SLICE_LIMIT),
            Column(key="change", title="Change"),
            Column(key="before", title=f"{what} before", kind=kind),
            Column(key="after", title="After", kind=kind),
            Column(
                key="difference",
                title="Difference (95% interval)",
                kind="text" if percent else "estimate",
                is_coefficient=False,
            ),
            Column(key="n_before", title="Rows before", kind="count"),
            Column(key="n_after", title="Rows after", kind="count"),
            Column(key="p", title="p (adjusted)"),
        ),
        rows=rows,
    )
    return (table,)
