"""labelqa report: the whole picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from labelqa.cli.emit import rendered
from labelqa.cli.options import (
    Gate,
    Reading,
    coefficient_option,
    confidence_option,
    gate_options,
    output_options,
    reading_options,
    weights_option,
)
from labelqa.cli.output import Output

if TYPE_CHECKING:
    from labelqa.report.model import Report


@click.command(short_help="The whole report on the labels in a file.")
@reading_options
@coefficient_option
@weights_option
@confidence_option
@click.option("--title", help="Title of the report.")
@click.option("--gold", metavar="COLUMN", help="Column that holds the true class of some items.")
@gate_options
@output_options
def report(  # noqa: PLR0913  (one parameter an option)
    reading: Reading,
    coefficient: str,
    weights: str | None,
    confidence: float,
    title: str | None,
    gold: str | None,
    gate: Gate,
    output: Output,
) -> int:
    """Report on the consistency of the labels in FILE.

    FILE is long (one row a label: item, annotator, label, and whatever else you have) or wide (one row an item, one
    column an annotator): CSV, TSV, Parquet or Excel, several files, or a folder. Layout and columns are found by
    their names and content; the report says how it was understood.
    """
    from labelqa.report.build import build_report

    output.refuse_inputs(reading.paths)
    annotations = reading.read()
    asked = {"coefficient": coefficient, "weights": weights, "confidence": confidence, "gold": gold}
    arguments = reading.given() | asked
    built = build_report(
        annotations,
        coefficient=coefficient,
        weights=weights,
        confidence=confidence,
        title=title,
        gold=gold,
        seed=output.seed,
        arguments=arguments,
    )
    output.write(render(built, output))
    head = built.headline
    return gate.check(coefficient, head.estimate, head.low, head.undefined_because or head.interval_undefined_because)


def render(built: Report, output: Output) -> str:
    """Return the report in the form asked for."""
    return built.to_json() if output.form == "json" else rendered(built, output)
