"""The numbers alone: a table of coefficients with its headline."""

from __future__ import annotations

import math
from collections.abc import Sequence

from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import CountPatterns
from labelqa.reliability.names import KRIPPENDORFF, TITLES
from labelqa.reliability.result import AgreementResult, AgreementTable
from labelqa.report.blocks import Block, Column, Points, Section, Table
from labelqa.report.document import Headline
from labelqa.report.evidence import CHANCE_BLIND, ENOUGH_ITEMS, NO_SPREAD
from labelqa.report.single import Shown, remarks
from labelqa.report.verdict import FIRM, TENTATIVE, verdict_of
from labelqa.results import as_number, as_percent

LEAD = (
    "0 is what guessing would give, 1 is perfect agreement. Percent agreement counts lucky hits too: there, 0 means "
    "never the same label."
)


def agreement_shown(
    data: Annotations | CountPatterns, table: AgreementTable, *, main: str | None = None, cautions: Sequence[str] = ()
) -> Shown:
    """Return the coefficients of `table` as one section.

    Parameters
    ----------
    data : Annotations or CountPatterns
        What was measured.
    table : AgreementTable
        The coefficients.
    main : str, optional
        The coefficient of the headline; by default Krippendorff's alpha, or the first one where that is missing.
    cautions : sequence of str
        What may mislead.
    """
    names = [result.coefficient for result in table.results]
    first = table[main or (KRIPPENDORFF if KRIPPENDORFF in names else names[0])]
    return Shown(
        title="Agreement", headline=_headline(data, table, first), section=_coefficients(table, first, cautions)
    )


def _headline(data: Annotations | CountPatterns, table: AgreementTable, first: AgreementResult) -> Headline:
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
        verdict=_verdict(table, first, ends.low, ends.high),
        facts=tuple((name, f"{count:,}") for name, count in counts.items() if count is not None),
        coefficient=first.coefficient,
        coefficient_title=title,
        weights=first.weights,
        estimate=first.estimate,
        low=ends.low,
        high=ends.high,
        level=table.confidence,
        limits=() if first.coefficient == "percent_agreement" else (TENTATIVE, FIRM),
        undefined_because=first.undefined_because,
        interval_undefined_because=ends.undefined_because,
    )


def _verdict(table: AgreementTable, first: AgreementResult, low: float, high: float) -> str:
    """Say in a sentence what the number means, as far as the numbers alone can carry it."""
    if first.undefined_because is not None:
        return "This coefficient cannot be computed on this data."
    if low != low:  # nan
        return "One number without an interval: too little data to say how far to trust it."
    if first.n_items < ENOUGH_ITEMS or first.standard_error <= NO_SPREAD:
        return "Too little data for a verdict."
    if first.coefficient == "percent_agreement":
        return "This counts agreement by luck too: a coefficient that takes luck off tells more."
    alpha = next((r.estimate for r in table.results if r.coefficient == KRIPPENDORFF), math.nan)
    if first.coefficient in CHANCE_BLIND and alpha < TENTATIVE <= first.estimate:
        return f"High by this coefficient, yet Krippendorff's alpha is {as_number(alpha, 2)}: look at the rare classes."
    return verdict_of(first.estimate, low, high)


def _coefficients(table: AgreementTable, first: AgreementResult, cautions: Sequence[str]) -> Section:
    rows = table.to_frame().assign(title=[TITLES[r.coefficient] for r in table.results])
    rows.loc[rows["coefficient"] == "percent_agreement", "expected"] = math.nan  # luck is not looked at
    heading = f"Estimate ({as_percent(table.confidence)} {table.method} interval)"
    columns = (
        Column(key="title", title="Coefficient"),
        Column(key="estimate", title=heading, kind="estimate", reason="reason"),
        Column(key="observed", title="Observed", kind="percent"),
        Column(key="expected", title="By chance", kind="percent"),
        Column(key="weights", title="Weights"),
    )
    blocks: list[Block] = [
        *remarks(cautions),
        Table(key="coefficients", title="Coefficients", columns=columns, rows=rows),
    ]
    if explained := first.explain(table.confidence):
        blocks.append(Points(items=tuple(explained)))
    return Section(
        key="agreement",
        title="Coefficients of agreement",
        lead=LEAD,
        blocks=tuple(blocks),
    )
