"""The numbers alone: a table of coefficients with its headline."""

from __future__ import annotations

from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import CountPatterns
from labelqa.reliability.names import TITLES
from labelqa.reliability.result import AgreementTable
from labelqa.report.blocks import Block, Column, Points, Section, Table
from labelqa.report.document import Headline
from labelqa.report.single import Shown
from labelqa.results import as_number, as_percent


def agreement_shown(data: Annotations | CountPatterns, table: AgreementTable) -> Shown:
    """Return the coefficients of `table` as one section.

    Parameters
    ----------
    data : Annotations or CountPatterns
        What was measured.
    table : AgreementTable
        The coefficients; the first one is the headline.
    """
    return Shown(title="Agreement", headline=_headline(data, table), section=_coefficients(table))


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
    blocks: list[Block] = [Table(key="coefficients", title="Coefficients", columns=columns, rows=rows)]
    if explained := table.results[0].explain(table.confidence):
        blocks.append(Points(items=tuple(explained)))
    return Section(
        key="agreement",
        title="Coefficients of agreement",
        lead="0 is what guessing would give, 1 is perfect agreement.",
        blocks=tuple(blocks),
    )
