"""labelqa agreement: the numbers alone."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import click

from labelqa.cli.emit import emit
from labelqa.cli.options import (
    COEFFICIENT_HELP,
    Gate,
    Reading,
    confidence_option,
    gate_options,
    output_options,
    reading_options,
    weights_option,
)
from labelqa.cli.output import Output
from labelqa.reliability.names import COEFFICIENTS, KRIPPENDORFF, METHODS, TITLES
from labelqa.text import harmless

if TYPE_CHECKING:
    from labelqa.annotations.table import Annotations
    from labelqa.counts.patterns import CountPatterns
    from labelqa.reliability.result import AgreementResult, AgreementTable
    from labelqa.report.single import Shown

MIN_WIDTH, MAX_WIDTH = 60, 100
SCALE = "0 is what guessing would give, 1 is perfect agreement; percent agreement counts lucky hits too."
MORE = "For classes, people and items, in words: labelqa report"


@click.command(short_help="Agreement of the labels in a file, with intervals.")
@reading_options
@click.option(
    "--coefficient",
    type=click.Choice(COEFFICIENTS),
    metavar="NAME",
    multiple=True,
    help=f"{COEFFICIENT_HELP} Default: all eight.",
)
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
    main = coefficient[0] if coefficient else KRIPPENDORFF
    given = {"coefficient": coefficient or None, "weights": weights, "interval": interval}
    arguments = reading.given() | {name: value for name, value in given.items() if value is not None}
    if output.form == "text":
        output.write(_text(data, table, main, width=_width(output)))
    else:
        emit(table, output, lambda: _shown(data, table, main), logs=[data.read_log], arguments=arguments)
    gated = table[main]
    ends = gated.confidence_interval(confidence, interval, rng=output.seed)
    return gate.check(gated.coefficient, gated.estimate, ends.low, gated.undefined_because or ends.undefined_because)


def _shown(data: Annotations | CountPatterns, table: AgreementTable, main: str) -> Shown:
    from labelqa.report.answers.agreement import agreement_shown  # not needed for text and JSON

    return agreement_shown(data, table, main=main, cautions=_cautions(table, main))


def _cautions(table: AgreementTable, main: str) -> list[str]:
    """Return what may mislead: too few items to take an interval at its word."""
    from labelqa.reliability.explain import few_items

    text = few_items(table[main])
    return [text] if text is not None and table[main].undefined_because is None else []


def _width(output: Output) -> int:
    """Return how long a line may be: what the terminal shows, or a fixed length in a file."""
    if not (output.to_stdout and sys.stdout.isatty()):
        return MAX_WIDTH
    return min(max(shutil.get_terminal_size().columns, MIN_WIDTH), MAX_WIDTH)


def _text(data: Annotations | CountPatterns, table: AgreementTable, main: str, *, width: int) -> str:
    from labelqa.results import as_percent

    log = data.read_log
    people = (
        "annotators who were not counted" if data.n_annotators is None else _counted(data.n_annotators, "annotator")
    )
    counts = f"{_counted(data.n_annotations, 'label')} on {_counted(data.n_items, 'item')} by {people}"
    above = [
        f"{counts}, {_counted(data.schema.k, 'class', 'classes')} ({data.schema.level})",
        f"read as: {log.layout} layout, {log.mapping_text()}",
        *(f"set aside {entry.count:,}: {entry.reason}" for entry in log.set_aside),
        *(f"note: {note}" for note in log.notes),
    ]
    below = [
        SCALE,
        *table[main].explain(table.confidence),
        *(f"Caution: {text}" for text in _cautions(table, main)),
        MORE,
    ]
    is_weighted = any(result.weights != "identity" for result in table.results)
    heading = f"{'Coefficient':<21}{'Estimate':>9}   {as_percent(table.confidence) + ' interval':<17}{'Observed':>9}"
    lines = [
        *(_wrapped(text, width) for text in above),
        "",
        f"{heading}{'By chance':>11}{'  Weights' if is_weighted else ''}",
        *(_line(result, table, is_weighted) for result in table.results),
        "",
        *(_wrapped(text, width) for text in [*_reasons(table), *below]),
    ]
    return harmless("\n".join(lines))


def _line(result: AgreementResult, table: AgreementTable, is_weighted: bool) -> str:
    from labelqa.results import as_number, as_percent

    title = TITLES[result.coefficient]
    if result.undefined_because is not None:
        return f"{title:<21}{'-':>9}   undefined"
    ends = result.confidence_interval(table.confidence, table.method, rng=table.rng)
    spread = "no interval" if ends.undefined_because else f"{as_number(ends.low)} to {as_number(ends.high)}"
    by_chance = "-" if result.coefficient == "percent_agreement" else as_percent(result.expected, 1)
    shares = f"{as_percent(result.observed, 1):>9}{by_chance:>11}"
    return f"{title:<21}{as_number(result.estimate):>9}   {spread:<17}{shares}" + (
        f"  {result.weights}" if is_weighted else ""
    )


def _reasons(table: AgreementTable) -> list[str]:
    """Return why numbers or intervals are undefined, each reason once."""
    found: dict[str, list[str]] = {}
    for result in table.results:
        if result.undefined_because is not None:
            found.setdefault(f"undefined: {result.undefined_because}", []).append(TITLES[result.coefficient])
        elif reason := result.confidence_interval(table.confidence, table.method, rng=table.rng).undefined_because:
            found.setdefault(f"no interval: {reason}", []).append(TITLES[result.coefficient])
    return [f"{'All' if len(names) == len(table.results) else ', '.join(names)} {why}." for why, names in found.items()]


def _wrapped(text: str, width: int) -> str:
    return textwrap.fill(text, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _counted(n: int, word: str, words: str | None = None) -> str:
    return f"{n:,} {word if n == 1 else words or word + 's'}"
