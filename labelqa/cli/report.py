"""labelqa report: the whole picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from labelqa.cli.emit import rendered
from labelqa.cli.kind import kind_option, need_classes
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
from labelqa.text import visible

if TYPE_CHECKING:
    from labelqa.annotations.table import Annotations
    from labelqa.report.model import Report
    from labelqa.validation.result import Validation


@click.command(short_help="The whole report on the labels in a file.")
@reading_options
@kind_option
@coefficient_option
@weights_option
@confidence_option
@click.option("--title", help="Title of the report.")
@click.option("--gold", metavar="COLUMN", help="Column that holds the true class of some items.")
@click.option(
    "--expect",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="JSON of what should hold (classes, labels_per_item, columns, time_range): exit code 1 if it does not.",
)
@gate_options
@output_options
def report(  # noqa: PLR0913  (one parameter an option)
    reading: Reading,
    kind: str,
    coefficient: str,
    weights: str | None,
    confidence: float,
    title: str | None,
    gold: str | None,
    expect: str | None,
    gate: Gate,
    output: Output,
) -> int:
    """Report on the consistency of the labels in FILE.

    FILE is long (one row a label: item, annotator, label, and whatever else you have) or wide (one row an item, one
    column an annotator): CSV, TSV, Parquet, Excel or JSON, the export of an annotation tool, several files, or a
    folder. Layout and columns are found by their names and content; the report says how it was understood.
    """
    from labelqa.report.build import build_report

    output.refuse_inputs(reading.paths)
    need_classes(kind, "report", reading.paths)
    annotations = reading.read()
    validated = None if expect is None else _validated(annotations, expect, anonymised=reading.anonymise)
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
        validated=validated,
    )
    output.write(render(built, output))
    head = built.headline
    code = gate.check(coefficient, head.estimate, head.low, head.undefined_because or head.interval_undefined_because)
    if validated is None or validated.ok:
        return code
    for found in validated.errors:
        click.echo(f"not as expected: {visible(found.what)}", err=True)
    return 1


def _validated(annotations: Annotations, expect: str, *, anonymised: bool) -> Validation:
    from labelqa.validation.expect import expectation_of
    from labelqa.validation.validate import validate_annotations

    asked = expectation_of(expect)
    if anonymised and asked.annotators is not None:
        raise click.UsageError("--expect names annotators, whom --anonymise hides: leave one of them out")
    return validate_annotations(annotations, expect=asked)


def render(built: Report, output: Output) -> str:
    """Return the report in the form asked for."""
    return built.to_json() if output.form == "json" else rendered(built, output)
