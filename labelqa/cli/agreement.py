"""labelqa agreement: the numbers alone."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from labelqa.cli.options import (
    COEFFICIENTS,
    Gate,
    Output,
    Reading,
    confidence_option,
    gate_options,
    output_options,
    reading_options,
    weights_option,
)

if TYPE_CHECKING:
    from labelqa.annotations.table import Annotations
    from labelqa.reliability.result import AgreementTable

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

    annotations = reading.read()
    chosen = tuple(dict.fromkeys(coefficient)) or COEFFICIENTS
    by_level = weights_of_level(annotations.schema.level, weights)
    table = agreement_table(annotations, weights=by_level, coefficients=chosen, confidence=confidence)
    rows = _rows(table, interval, output.seed)
    arguments = reading.given() | {"coefficient": chosen, "weights": weights, "interval": interval}
    output.write(_render(annotations, rows, confidence, output, arguments))
    gated = next(row for row in rows if row["coefficient"] == (coefficient[0] if coefficient else HEADLINE))
    return gate.check(str(gated["coefficient"]), *(gated[key] for key in ("estimate", "low", "reason")))  # type: ignore[arg-type]  # rows hold what the columns say


def _rows(table: AgreementTable, method: str, seed: int) -> list[dict[str, object]]:
    """Return the rows of the table with intervals by `method`."""
    rows = []
    for result in table.results:
        ends = result.confidence_interval(table.confidence, method, rng=seed)
        reason = result.undefined_because or ends.undefined_because
        rows.append(result.row(table.confidence) | {"low": ends.low, "high": ends.high, "reason": reason})
    return rows


def _render(
    annotations: Annotations,
    rows: list[dict[str, object]],
    confidence: float,
    output: Output,
    arguments: dict[str, object],
) -> str:
    if output.form == "json":
        return _json(annotations, rows, confidence, output.seed, arguments)
    if output.form == "text":
        return _text(annotations, rows, confidence)
    from labelqa.report.build import build_report

    first = str(rows[0]["coefficient"]) if len(rows) < len(COEFFICIENTS) else HEADLINE
    weights = arguments["weights"]
    report = build_report(
        annotations,
        coefficient=first,
        weights=None if weights is None else str(weights),
        confidence=confidence,
        title="Agreement",
        seed=output.seed,
        arguments=arguments,
    )
    short = replace(report, sections=tuple(s for s in report.sections if s.key in ("agreement", "reading")))
    return short.to_html() if output.form == "html" else short.to_markdown()


def _json(
    annotations: Annotations, rows: list[dict[str, object]], confidence: float, seed: int, arguments: dict[str, object]
) -> str:
    import orjson

    from labelqa.results import SCHEMA_VERSION, json_safe
    from labelqa.runinfo import InputFile, make_run_info

    log = annotations.read_log
    inputs = [InputFile(name=s.name, sha256=s.sha256, rows=s.rows) for s in log.sources]
    run = make_run_info(arguments=arguments, seed=seed, inputs=inputs, mapping=log.mapping)
    content = {
        "schema_version": SCHEMA_VERSION,
        "confidence": confidence,
        "coefficients": rows,
        "read_log": asdict(log) | {"n_set_aside": log.n_set_aside},
        "run": run.to_dict(),
    }
    return orjson.dumps(json_safe(content), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()


def _text(annotations: Annotations, rows: list[dict[str, object]], confidence: float) -> str:
    from labelqa.reliability.names import TITLES
    from labelqa.results import as_number, as_percent

    level = as_percent(confidence)
    lines = [
        f"{len(annotations):,} labels on {annotations.n_items:,} items by {annotations.n_annotators:,} annotators, "
        f"{annotations.schema.k:,} classes ({annotations.schema.level})",
        f"read as: {annotations.read_log.mapping_text()}",
    ]
    lines += [f"set aside {entry.count:,}: {entry.reason}" for entry in annotations.read_log.set_aside]
    lines += ["", f"{'Coefficient':<22}{'Estimate':>9}   {level + ' interval':<19}{'Observed':>9}{'By chance':>11}"]
    for row in rows:
        title = TITLES[str(row["coefficient"])]
        weights = "" if row["weights"] == "identity" else f"  ({row['weights']} weights)"
        if row["estimate"] != row["estimate"]:  # nan
            lines.append(f"{title:<22}{'-':>9}   undefined: {row['reason']}")
            continue
        ends = f"{as_number(row['low'])} to {as_number(row['high'])}" if row["reason"] is None else "no interval"  # type: ignore[arg-type]  # numbers by column
        shares = f"{as_percent(row['observed'], 1):>9}{as_percent(row['expected'], 1):>11}"  # type: ignore[arg-type]
        lines.append(f"{title:<22}{as_number(row['estimate']):>9}   {ends:<19}{shares}{weights}")  # type: ignore[arg-type]
    return "\n".join(lines)
