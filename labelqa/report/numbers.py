"""A short report: a table of coefficients, and what was read."""

from __future__ import annotations

from collections.abc import Mapping

from labelqa.annotations.readlog import ReadLog
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import CountPatterns
from labelqa.reliability.names import TITLES
from labelqa.reliability.result import AgreementTable
from labelqa.report.blocks import Block, Column, Points, Prose, Section, Table
from labelqa.report.document import Headline
from labelqa.report.model import Report
from labelqa.results import as_number, as_percent
from labelqa.runinfo import InputFile, make_run_info


def numbers_report(
    data: Annotations | CountPatterns,
    table: AgreementTable,
    *,
    seed: int = 0,
    arguments: Mapping[str, object] | None = None,
) -> Report:
    """Return the coefficients of `table` as a report of one section.

    Parameters
    ----------
    data : Annotations or CountPatterns
        What was measured.
    table : AgreementTable
        The coefficients; the first one is the headline.
    seed : int
        Seed of the bootstrap, recorded with the report.
    arguments : mapping, optional
        What the user asked for, recorded with the report.
    """
    log = data.read_log
    inputs = [InputFile(name=s.name, sha256=s.sha256, rows=s.rows) for s in log.sources]
    return Report(
        title="Agreement",
        headline=_headline(data, table),
        sections=(_coefficients(table), _reading(log)),
        run=make_run_info(arguments=arguments, seed=seed, inputs=inputs, mapping=log.mapping),
        read_log=log,
    )


def _headline(data: Annotations | CountPatterns, table: AgreementTable) -> Headline:
    first = table.results[0]
    ends = first.confidence_interval(table.confidence, table.method, rng=table.rng)
    title, level = TITLES[first.coefficient], as_percent(table.confidence)
    if first.undefined_because is not None:
        statement = f"{title} is undefined: {first.undefined_because}."
    elif ends.undefined_because is not None:
        statement = f"{title} is {as_number(first.estimate)} (no interval: {ends.undefined_because})."
    else:
        spread = f"{as_number(ends.low)} to {as_number(ends.high)}"
        statement = f"{title} is {as_number(first.estimate)} ({level} interval {spread}, {table.method})."
    counts = {"items": data.n_items, "annotators": data.n_annotators, "labels": data.n_annotations}
    return Headline(
        statement=statement,
        facts=tuple((name, f"{count:,}") for name, count in counts.items() if count is not None),
        coefficient=first.coefficient,
        coefficient_title=title,
        weights=first.weights,
        estimate=first.estimate,
        low=ends.low,
        high=ends.high,
        level=table.confidence,
        undefined_because=first.undefined_because,
        interval_undefined_because=ends.undefined_because,
    )


def _coefficients(table: AgreementTable) -> Section:
    rows = table.to_frame().assign(title=[TITLES[r.coefficient] for r in table.results])
    heading = f"Estimate ({as_percent(table.confidence)} {table.method} interval)"
    columns = (
        Column(key="title", title="Coefficient"),
        Column(key="estimate", title=heading, kind="estimate", reason="reason"),
        Column(key="observed", title="Observed", kind="percent"),
        Column(key="expected", title="By chance", kind="percent"),
        Column(key="weights", title="Weights"),
    )
    return Section(
        key="agreement",
        title="Coefficients of agreement",
        lead="0 is what guessing would give, 1 is perfect agreement.",
        blocks=(Table(key="coefficients", title="Coefficients", columns=columns, rows=rows),),
    )


def _reading(log: ReadLog) -> Section:
    set_aside = tuple(f"set aside {entry.count:,}: {entry.reason}" for entry in log.set_aside)
    blocks: list[Block] = [Prose(text=f"Columns: {log.mapping_text()}")]
    if remarks := (*set_aside, *log.notes):
        blocks.append(Points(items=remarks))
    lead = f"{log.n_rows_read:,} rows ({log.layout} layout), {log.n_labels_used:,} labels used."
    return Section(key="reading", title="What was read", lead=lead, blocks=tuple(blocks))
