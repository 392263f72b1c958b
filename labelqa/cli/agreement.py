"""labelqa agreement: the numbers alone."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from labelqa.cli.emit import emit
from labelqa.cli.options import (
    Gate,
    Output,
    Reading,
    confidence_option,
    gate_options,
    output_options,
    reading_options,
    weights_option,
)
from labelqa.reliability.names import COEFFICIENTS, TITLES
from labelqa.text import harmless

if TYPE_CHECKING:
    from labelqa.annotations.table import Annotations
    from labelqa.counts.patterns import CountPatterns
    from labelqa.reliability.result import AgreementResult, AgreementTable
    from labelqa.report.single import Shown

HEADLINE = "krippendorff_alpha"
METHODS = ("analytic", "jackknife", "bootstrap")


@click.command()
@reading_options
@click.option("--coefficient", type=click.Choice(COEFFICIENTS), multiple=True, help="Default: all eight.")
@weights_option
@confidence_option
@click.option("--interval", type=click.Choice(METHODS), default="analytic", show_default=True, help="Kind of interval.")
@gate_options
@output_options
def agreement(
    reading: Reading,
    coefficient: tuple[str, ...],
    weights: str | None,
    confidence: float,
    interval: str,
    gate: Gate,
    output: Output,
) -> int:
    """Inter-annotator agreement of the labels in FILE, with intervals.

    The gate (--fail-under) looks at the first --coefficient, or at Krippendorff's alpha.
    """
    from labelqa.reliability.estimate import agreement_table
    from labelqa.reliability.levels import weights_of_level

    output.refuse_inputs(reading.paths)
    data = reading.count()
    chosen = tuple(dict.fromkeys(coefficient)) or COEFFICIENTS
    table = agreement_table(
        data,
        weights=weights_of_level(data.schema.level, weights),
        coefficients=chosen,
        confidence=confidence,
        method=interval,
        rng=output.seed,
    )
    arguments = reading.given() | {"coefficient": chosen, "weights": weights, "interval": interval}
    if output.form == "text":
        output.write(_text(data, table))
    else:
        emit(table, output, lambda: _shown(data, table), logs=[data.read_log], arguments=arguments)
    gated = table[coefficient[0] if coefficient else HEADLINE]
    ends = gated.confidence_interval(confidence, interval, rng=output.seed)
    return gate.check(gated.coefficient, gated.estimate, ends.low, gated.undefined_because or ends.undefined_because)


def _shown(data: Annotations | CountPatterns, table: AgreementTable) -> Shown:
    from labelqa.report.numbers import agreement_shown  # not needed for text and JSON

    return agreement_shown(data, table)


def _text(data: Annotations | CountPatterns, table: AgreementTable) -> str:
    from labelqa.results import as_percent

    log, level = data.read_log, as_percent(table.confidence)
    people = "annotators who were not counted" if data.n_annotators is None else f"{data.n_annotators:,} annotators"
    lines = [
        f"{data.n_annotations:,} labels on {data.n_items:,} items by {people}, "
        f"{data.schema.k:,} classes ({data.schema.level})",
        f"read as: {log.layout} layout, {log.mapping_text()}",
        *(f"set aside {entry.count:,}: {entry.reason}" for entry in log.set_aside),
        *(f"note: {note}" for note in log.notes),
        "",
        f"{'Coefficient':<22}{'Estimate':>9}   {level + ' interval':<19}{'Observed':>9}{'By chance':>11}",
        *(_line(result, table) for result in table.results),
    ]
    headline = next((r for r in table.results if r.coefficient == HEADLINE), table.results[0])
    lines += ["", *(textwrap.fill(text, 100) for text in headline.explain(table.confidence))]
    return harmless("\n".join(lines).rstrip())


def _line(result: AgreementResult, table: AgreementTable) -> str:
    from labelqa.results import as_number, as_percent

    title = TITLES[result.coefficient]
    if result.undefined_because is not None:
        return f"{title:<22}{'-':>9}   undefined: {result.undefined_because}"
    ends = result.confidence_interval(table.confidence, table.method, rng=table.rng)
    reason = ends.undefined_because
    spread = "no interval" if reason else f"{as_number(ends.low)} to {as_number(ends.high)}"
    shares = f"{as_percent(result.observed, 1):>9}{as_percent(result.expected, 1):>11}"
    remarks = [] if result.weights == "identity" else [f"({result.weights} weights)"]
    remarks += [reason] if reason else []
    return "  ".join([f"{title:<22}{as_number(result.estimate):>9}   {spread:<19}{shares}", *remarks])
