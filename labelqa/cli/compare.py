"""labelqa compare: whether agreement changed between two rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from labelqa.cli.emit import emit
from labelqa.cli.options import (
    Reading,
    coefficient_option,
    confidence_option,
    output_options,
    reading_options,
    weights_option,
)
from labelqa.cli.output import Output

if TYPE_CHECKING:
    from labelqa.annotations.readlog import ReadLog
    from labelqa.annotations.table import Annotations
    from labelqa.reliability.comparison.result import AgreementComparison
    from labelqa.report.single import Shown

DEMANDS = {"improved": ("improved",), "not-worse": ("improved", "no_evidence", "too_few_items")}


@click.command(short_help="Whether agreement changed between two files or rounds.")
@reading_options
@click.option(
    "--between", nargs=2, metavar="BEFORE AFTER", help="Compare two rounds of one file, for example --between 1 2."
)
@coefficient_option
@weights_option
@confidence_option
@click.option(
    "--permutations",
    type=click.IntRange(min=99),
    default=2000,
    show_default=True,
    help="Random arrangements of the permutation test.",
)
@click.option(
    "--fail-unless",
    type=click.Choice(tuple(DEMANDS)),
    help="Exit with 1 unless agreement improved, or unless it did not get worse; undefined fails.",
)
@output_options
def compare(  # noqa: PLR0913  # one parameter an option
    reading: Reading,
    between: tuple[str, str] | None,
    coefficient: str,
    weights: str | None,
    confidence: float,
    permutations: int,
    fail_unless: str | None,
    output: Output,
) -> int:
    """Did agreement change? BEFORE.csv and AFTER.csv, or one file and --between.

    Items are recognised by their names: the same items in both files are compared pairwise, which finds smaller
    changes. Items chosen because annotators disagreed on them agree better the next time whatever was changed.
    """
    from labelqa.reliability.comparison.compare import compare_agreement
    from labelqa.reliability.levels import weights_of_level

    _check_paths(reading, between)
    output.refuse_inputs(reading.paths)
    before, after, logs = _read(reading, between)
    result = compare_agreement(
        before,
        after,
        coefficient,
        weights=weights_of_level(before.schema.level, weights)[coefficient],
        confidence=confidence,
        n_permutations=permutations,
        rng=output.seed,
    )
    given = {"between": between, "coefficient": coefficient, "weights": weights, "confidence": confidence}
    arguments = reading.given() | {n: v for n, v in given.items() if v is not None} | {"permutations": permutations}
    emit(result, output, lambda: _shown(result), logs=logs, arguments=arguments)
    return _gate(result, fail_unless)


def _check_paths(reading: Reading, between: tuple[str, str] | None) -> None:
    n = len(reading.paths)
    if between is None and n != 2:
        raise click.UsageError(
            f"{n} file{'s' if n > 1 else ''} given: name two files (labelqa compare before.csv after.csv), or two "
            "rounds of one (labelqa compare labels.csv --between 1 2)"
        )
    if between is not None and reading.only_round is not None:
        raise click.UsageError("--only-round leaves one round, and --between compares two: use one of them")


def _read(reading: Reading, between: tuple[str, str] | None) -> tuple[Annotations, Annotations, list[ReadLog]]:
    """Return both rounds, and how each file was read."""
    if between is None:
        named = [replace(reading, paths=(path,)).read_named() for path in reading.paths]
        first, second = _anonymised(named) if reading.anonymise else named
        return first, second, [first.read_log, second.read_log]
    from labelqa.reliability.comparison.compare import split_rounds

    whole = reading.read()
    first, second = split_rounds(whole, *between)
    return first, second, [whole.read_log]


def _anonymised(parts: Sequence[Annotations]) -> list[Annotations]:
    """Return `parts` with letters for people: the same letter for the same person in every part."""
    import pandas as pd

    from labelqa.annotations.reshape import letters

    names = list(dict.fromkeys(name for part in parts for name in part.annotators))
    letter = dict(zip(names, letters(names), strict=True))
    new = {str(name): code for name, code in letter.items()}
    return [
        replace(
            part,
            annotators=pd.Index([letter[name] for name in part.annotators], dtype=object),
            read_log=part.read_log.with_people_renamed(new),
        )
        for part in parts
    ]


def _shown(result: AgreementComparison) -> Shown:
    from labelqa.report.answers.change import change_shown  # not needed for JSON

    return change_shown(result)


def _gate(result: AgreementComparison, demand: str | None) -> int:
    """Return 1 and say why unless the verdict is one of those demanded."""
    if demand is None:
        return 0
    met = result.verdict in DEMANDS[demand] and result.undefined_because is None
    found = result.verdict if result.undefined_because is None else "undefined"
    click.echo(f"gate {'met' if met else 'not met'}: {found}, {demand} wanted. {result.statement}", err=True)
    return 0 if met else 1
