"""labelqa report: the whole picture."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

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
from labelqa.reliability.names import COEFFICIENTS

if TYPE_CHECKING:
    from labelqa.report.model import Report

MAX_WIDTH = 110  # longer lines are hard to read on wide terminals
FILE_WIDTH = 100  # the same file whatever the terminal


@click.command()
@reading_options
@click.option("--coefficient", type=click.Choice(COEFFICIENTS), default="krippendorff_alpha", show_default=True)
@weights_option
@confidence_option
@click.option("--title", help="Title of the report.")
@gate_options
@output_options
def report(
    reading: Reading,
    coefficient: str,
    weights: str | None,
    confidence: float,
    title: str | None,
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
    arguments = reading.given() | {"coefficient": coefficient, "weights": weights, "confidence": confidence}
    built = build_report(
        annotations,
        coefficient=coefficient,
        weights=weights,
        confidence=confidence,
        title=title,
        seed=output.seed,
        arguments=arguments,
    )
    output.write(render(built, output))
    head = built.headline
    return gate.check(coefficient, head.estimate, head.low, head.undefined_because or head.interval_undefined_because)


def render(built: Report, output: Output) -> str:
    """Return the report in the form asked for."""
    if output.form == "text":
        on_terminal = output.to_stdout and sys.stdout.isatty()
        width = min(shutil.get_terminal_size().columns, MAX_WIDTH) if on_terminal else FILE_WIDTH
        return built.to_text(width=max(width, 40), color=on_terminal and "NO_COLOR" not in os.environ)
    views = {"html": built.to_html, "markdown": built.to_markdown, "json": built.to_json}
    return views[output.form]()
