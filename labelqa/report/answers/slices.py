"""Slices, searched or named, shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.report.answers.slice_parts import parts_section
from labelqa.report.blocks import Block, Column, Details, Figure, Prose, Section, Table
from labelqa.report.sections import slices
from labelqa.report.sections.slices import PREDICTIONS, SLICE_LIMIT, Wording
from labelqa.report.single import Shown, Told
from labelqa.report.wording import name_of
from labelqa.results import as_number, as_percent
from labelqa.slices.metrics import ALL, SHARES, SliceMetrics
from labelqa.slices.result import SliceTable
from labelqa.text import counted, shortened

if TYPE_CHECKING:
    import altair as alt

DRAWN = 20
LOW_IS_BAD = (*SHARES, "agreement", "calibration")
TITLES = {
    "accuracy": "Right",
    "recall": "Found of the class (recall)",
    "precision": "Right of those called so (precision)",
    "f1": "F1 of the class",
    "calibration": "Share right minus confidence",
    "agreement": "Krippendorff's alpha",
}
HOW_TO_READ = (
    "Each slice has an interval of its own ({level}). The order is that of its {end} end, so that a few rows alone put "
    "no slice first. Nothing is allowed for: the {order} of many slices is {order} by chance too. To find out which "
    "differences are more than that, search (labelqa slices without --by, find_slices in Python)."
)


def slices_shown(found: SliceTable, *, wording: Wording = PREDICTIONS, basis: Sequence[str] = ()) -> Shown:
    """Return slices as a section, and one that takes them apart.

    Parameters
    ----------
    found : SliceTable
        The slices.
    wording : Wording
        What was searched, in the words of its readers.
    basis : sequence of str
        What was compared, in sentences.
    """
    whole = slices.section(found, wording)
    how = tuple(Prose(text=text) for text in basis)
    section = replace(whole, lead=slices.next_step(found, wording), blocks=(*how, *whole.blocks))
    parts = parts_section(found, wording)
    more = () if parts is None else (parts,)
    return Shown(title=wording.title, headline=_headline(found, wording), section=section, more=more)


def _headline(found: SliceTable, wording: Wording) -> Told:
    facts = ((f"{wording.row}s", f"{found.n_rows:,}"), ("slices compared", f"{found.n_searched:,}"))
    return Told(
        statement=slices.lead(found, wording),
        verdict=slices.first(found, wording),
        facts=facts[:1] if found.undefined_because else facts,
        coefficient_title=f"Slices with {wording.more}",
        big="?" if found.undefined_because else f"{len(found):,}",
        below="" if found.undefined_because else f"of {found.n_searched:,} compared",
        undefined_because=found.undefined_because,
    )


def metrics_shown(found: SliceMetrics, *, basis: Sequence[str] = ()) -> Shown:
    """Return metrics within named slices as a section.

    Parameters
    ----------
    found : SliceMetrics
        The metrics; the first leads.
    basis : sequence of str
        What was measured, in sentences.
    """
    names = list(dict.fromkeys(found.frame["metric"]))
    tables = [_table(found, name) for name in names]
    of_classes = [t for t in tables[1:] if t.rows["class"].notna().any()]
    whole = [t for t in tables if t not in of_classes]
    more = (Details(title="Class by class", blocks=tuple(of_classes)),) if of_classes else ()
    told = (*basis, *(f"{note}." for note in found.notes))
    blocks: tuple[Block, ...] = (*(Prose(text=t) for t in told), *_figure(found, names[0]), *whole, *more)
    order, end = ("lowest", "upper") if names[0] in LOW_IS_BAD else ("highest", "lower")
    section = Section(
        key="slice_metrics",
        title=f"{_title(names[0])}, by {' and '.join(name_of(b) for b in found.by)}",
        lead=f"Measured within each slice, {order} first; nothing was searched.",
        how_to_read=HOW_TO_READ.format(level=as_percent(found.level), order=order, end=end),
        blocks=blocks,
    )
    return Shown(title=f"{_title(names[0])} by slice", headline=_metric_headline(found, names[0]), section=section)


def _title(metric: str) -> str:
    return metric[:1].upper() + metric[1:]


def _of(found: SliceMetrics, metric: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of all rows, and those of slices, what is most surely bad first."""
    rows = found.frame[found.frame["metric"] == metric]
    low_is_bad = metric in LOW_IS_BAD
    order = rows.sort_values("high" if low_is_bad else "low", ascending=low_is_bad, kind="stable")
    return order[order["slice"] == ALL], order[order["slice"] != ALL]


def _written(value: float, metric: str) -> str:
    return as_percent(value) if metric in SHARES else as_number(value)


def _with_interval(row: pd.Series, metric: str) -> str:
    value, low, high = (_written(float(row[c]), metric) for c in ("estimate", "low", "high"))
    return f"{value} ({low} to {high})"


def _worst(found: SliceMetrics, metric: str) -> str:
    whole, parts = _of(found, metric)
    known = parts[parts["estimate"].notna()]
    if len(known) < 2:
        return "There is only one slice: nothing can be compared."
    worst, n = known.iloc[0], len(known)
    if known["estimate"].nunique() == 1:
        return f"It is the same in all {n:,} slices."
    side = "Lowest" if metric in LOW_IS_BAD else "Highest"
    value = float(whole["estimate"].iloc[0])
    return (
        f"{side} of {counted(n, 'slice')}: {shortened(worst['slice'], SLICE_LIMIT)} with "
        f"{_with_interval(worst, metric)} on {counted(int(worst['n']), 'row')}, against {_written(value, metric)} in "
        "all."
    )


def _metric_headline(found: SliceMetrics, metric: str) -> Told:
    whole, parts = _of(found, metric)
    row = whole.iloc[0]
    n = counted(int(row["n"]), "row")
    return Told(
        statement=f"{_title(metric)} is {_with_interval(row, metric)} on {n}.",
        verdict=_worst(found, metric),
        facts=(("rows", f"{int(row['n']):,}"), ("slices", f"{parts['slice'].nunique():,}")),
        coefficient_title=_title(metric),
        big=_written(float(row["estimate"]), metric),
        below=f"of {n}" if metric in SHARES else f"on {n}",
    )


def _table(found: SliceMetrics, metric: str) -> Table:
    whole, parts = _of(found, metric)
    rows = pd.concat([whole, parts], ignore_index=True)
    classes = [Column(key="class", title="Class")] if rows["class"].notna().any() else []
    return Table(
        key=f"slice_{metric.replace(' ', '_')}",
        title=f"{_title(metric)} of each slice",
        columns=(
            Column(key="slice", title="Slice", limit=SLICE_LIMIT),
            *classes,
            Column(key="n", title="Rows", kind="count"),
            Column(
                key="estimate",
                title=f"{TITLES.get(metric, _title(metric))} ({as_percent(found.level)} interval)",
                kind="share" if metric in SHARES else "estimate",
                reason="reason",
                is_coefficient=metric == "agreement",
            ),
        ),
        rows=rows,
    )


def _figure(found: SliceMetrics, metric: str) -> tuple[Figure, ...]:
    parts = _of(found, metric)[1]
    if len(parts) < 2:
        return ()
    figure = Figure(
        key="slice-metrics",
        title=f"{_title(metric)} of each slice",
        alt=f"{_title(metric)} of each slice with its interval; the numbers are in the table.",
        caption=f"Dashed: all rows.{f' The first {DRAWN} slices.' if len(parts) > DRAWN else ''}",
        draw=partial(_drawn, found, metric),
    )
    return (figure,)


def _drawn(found: SliceMetrics, metric: str) -> alt.Chart | alt.LayerChart:
    from labelqa.slices.chart import metric_chart  # charts are imported only when drawn

    whole, parts = _of(found, metric)
    percent, value = metric in SHARES, float(whole["estimate"].iloc[0])
    return metric_chart(parts.head(DRAWN), title=_title(metric), percent=percent, reference=value)
