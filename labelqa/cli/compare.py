"""labelqa compare: whether agreement changed between two rounds."""

from __future__ import annotations

import math
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
    from labelqa.report.single import Shown, Told

DEMANDS = {"improved": ("improved",), "not-worse": ("improved", "no_evidence", "too_few_items")}
NO_VERDICT = "No verdict: there are no two numbers to compare."
HOW_TO_READ = (
    "0 is what guessing would give, 1 is perfect agreement. The difference is after minus before; its interval says "
    "how far it could move with other items of the same kind. Classes are each measured against all others; their p "
    "values are adjusted (Holm), so that looking at many classes does not raise false alarms."
)


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
    from labelqa.reliability.comparison.result import p_text
    from labelqa.report.blocks import Block, Prose, Section
    from labelqa.report.single import Shown, picture_of, remarks, table_of

    rounds = result.to_frame().drop(columns=["p_value", "p_permutation", "standard_error"])
    by_chance = f"p = {p_text(result.p_permutation)} by permutation, {p_text(result.p_value)} by {result.method}."
    note = "" if math.isnan(result.p_value) else by_chance
    lead, *more = result.meaning
    blocks: list[Block] = [
        *(Prose(text=text) for text in more),
        *remarks(result.warnings),
        table_of(rounds, key="rounds", title="Before and after", confidence=result.confidence, note=note),
    ]
    if len(result.classes) and result.undefined_because is None:
        classes = result.classes.drop(columns=["n_before", "n_after", "standard_error", "p_value"])
        columns = [c for c in classes if c != "p_adjusted"] + ["p_adjusted"]
        blocks += [
            table_of(classes[columns], key="classes", title="Class by class", confidence=result.confidence),
            picture_of(
                result,
                key="change",
                title="Agreement before and after",
                alt="Agreement before and after with intervals, and for each class.",
                caption="Hollow: before. Filled: after. Bars are intervals of the whole.",
            ),
        ]
    section = Section(
        key="change", title="Did agreement change?", lead=lead, how_to_read=HOW_TO_READ, blocks=tuple(blocks)
    )
    return Shown(title="Agreement before and after", headline=_headline(result), section=section)


def _headline(result: AgreementComparison) -> Told:
    from labelqa.reliability.comparison.result import VERDICT_TITLES
    from labelqa.report.single import Told
    from labelqa.report.verdict import FIRM, TENTATIVE

    ends = result.after.confidence_interval(result.confidence)
    in_both = "item in both" if result.n_shared == 1 else "items in both"
    counts = {in_both: result.n_shared, "before only": result.n_before_only, "after only": result.n_after_only}
    return Told(
        statement=result.statement,
        verdict=VERDICT_TITLES[result.verdict] if result.undefined_because is None else NO_VERDICT,
        facts=tuple((name, f"{n:,}") for name, n in counts.items() if n),
        coefficient=result.coefficient,
        coefficient_title=f"{result.title}, after",
        estimate=result.after.estimate,
        low=ends.low,
        high=ends.high,
        level=result.confidence,
        limits=() if result.coefficient == "percent_agreement" else (TENTATIVE, FIRM),
        undefined_because=result.after.undefined_because,
        interval_undefined_because=ends.undefined_because,
    )


def _gate(result: AgreementComparison, demand: str | None) -> int:
    """Return 1 and say why unless the verdict is one of those demanded."""
    if demand is None:
        return 0
    met = result.verdict in DEMANDS[demand] and result.undefined_because is None
    found = result.verdict if result.undefined_because is None else "undefined"
    click.echo(f"gate {'met' if met else 'not met'}: {found}, {demand} wanted. {result.statement}", err=True)
    return 0 if met else 1
