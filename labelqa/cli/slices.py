"""labelqa slices: where a model goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from labelqa.cli.emit import emit
from labelqa.cli.options import output_options
from labelqa.cli.output import Output

if TYPE_CHECKING:
    from labelqa.io.judged import JudgedColumns, JudgedRows
    from labelqa.report.single import Shown
    from labelqa.slices.metrics import SliceMetrics
    from labelqa.slices.result import SliceTable

MANY_CLASSES = 20  # from which recall and precision of each are too long a table
DEFAULTS = {"max_predicates": 3, "min_support": 0.01, "alpha": 0.05}


def _columns(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Split lists with commas; an option given several times holds one name each."""
    del context, parameter
    return value if len(value) > 1 else tuple(p.strip() for text in value for p in text.split(",") if p.strip())


def _share(context: click.Context, parameter: click.Parameter, value: float) -> float:
    del context
    if not 0 < value < 1:
        example = DEFAULTS.get(str(parameter.name))
        raise click.BadParameter(f"{value:g} is not between 0 and 1 (allowed: for example {example})")
    return value


@click.command(short_help="Where a model goes wrong: slices with more errors than the rest.")
@click.argument("data", metavar="FILE")
@click.option("--label", metavar="COLUMN", help="Column of the labels. Found by its name if not given.")
@click.option("--prediction", metavar="COLUMN", help="Column of the predictions. Found by its name if not given.")
@click.option("--error", metavar="COLUMN", help="Column of errors in place of both: 0 and 1, a loss, a score.")
@click.option(
    "--by", metavar="A,B", multiple=True, callback=_columns, help="Only measure within the values of these columns."
)
@click.option(
    "--features",
    metavar="A,B,C",
    multiple=True,
    callback=_columns,
    help="Columns to search. By default all others.",
)
@click.option("--item", metavar="COLUMN", help="Column that names the rows, not searched. Found by its name.")
@click.option(
    "--groups", metavar="COLUMN", help="Rows with the same value belong together (one document, one patient)."
)
@click.option(
    "--max-predicates", type=click.IntRange(1, 3), default=3, show_default=True, help="Most conditions of a slice."
)
@click.option(
    "--min-support",
    type=float,
    default=0.01,
    show_default=True,
    callback=_share,
    help="Least share of rows of a slice.",
)
@click.option(
    "--alpha",
    type=float,
    default=0.05,
    show_default=True,
    callback=_share,
    help="Probability of reporting anything where there is nothing to find.",
)
@output_options
def slices(  # noqa: PLR0913  # one parameter an option
    data: str,
    label: str | None,
    prediction: str | None,
    error: str | None,
    by: tuple[str, ...],
    features: tuple[str, ...],
    item: str | None,
    groups: str | None,
    max_predicates: int,
    min_support: float,
    alpha: float,
    output: Output,
) -> int:
    """Which kinds of rows in FILE have more errors than the rest.

    FILE has one row a prediction: label, predicted class (or number), and columns that describe the row. All
    combinations of up to three conditions are compared, and the search is allowed for.

    \b
    labelqa slices predictions.csv                         what was found, in words
    labelqa slices predictions.csv --by channel,language   accuracy, recall and precision within each
    labelqa slices predictions.csv -o slices.csv           slices as a table, largest effect first
    """  # noqa: D301  # the backspace character tells click to keep these lines apart
    from labelqa.io.judged import JudgedColumns, read_judged

    if error and (label or prediction):
        raise click.UsageError("--error stands in place of --label and --prediction: give one or the other")
    if by and features:
        raise click.UsageError("--by measures named columns and --features searches: give one or the other")
    output.refuse_inputs((data,), tables=True)
    asked = JudgedColumns(
        label=label, prediction=prediction, error=error, item=item, groups=groups, features=features, by=by
    )
    rows = read_judged(data, asked)
    search = {"max_predicates": max_predicates, "min_support": min_support, "alpha": alpha}
    given = _given(asked, data, search)
    if by:
        _emit_metrics(_measured(rows, by), rows, output, given)
    else:
        _emit_slices(_found(rows, search, output.seed), rows, output, given)
    return 0


def _given(asked: JudgedColumns, path: str, search: dict[str, int | float]) -> dict[str, object]:
    """Return what the user set, for the record of the run."""
    from dataclasses import asdict

    columns = {name: value for name, value in asdict(asked).items() if value}
    changed = {} if asked.by else {n: v for n, v in search.items() if v != DEFAULTS[n]}
    return {"paths": (path,), **columns, **changed}


def _found(rows: JudgedRows, search: dict[str, int | float], seed: int) -> SliceTable:
    from labelqa.slices.find import find_slices

    return find_slices(
        rows.features,
        rows.error,
        max_predicates=int(search["max_predicates"]),
        min_support=search["min_support"],
        alpha=search["alpha"],
        groups=rows.groups,
        rng=seed,
    )


def _measured(rows: JudgedRows, by: tuple[str, ...]) -> SliceMetrics:
    from labelqa.io.judged import WRONG
    from labelqa.slices.metrics import Roles, slice_metrics

    if rows.kind != WRONG:
        name = f"mean {rows.columns.error or 'absolute error'}"
        return slice_metrics(rows.frame.assign(**{name: rows.error}), by=by, metrics=(name,))
    roles = Roles(label=str(rows.columns.label), prediction=str(rows.columns.prediction))
    few = rows.frame[roles.label].nunique() <= MANY_CLASSES
    metrics = ("accuracy", "recall", "precision") if few else ("accuracy",)
    return slice_metrics(rows.frame, by=by, metrics=metrics, roles=roles)


def _emit_slices(found: SliceTable, rows: JudgedRows, output: Output, given: dict[str, object]) -> None:
    if output.is_table:
        output.write_table(found.to_frame())
    else:
        emit(found, output, lambda: _slices_page(found, rows), logs=[rows.log], arguments=given)


def _emit_metrics(found: SliceMetrics, rows: JudgedRows, output: Output, given: dict[str, object]) -> None:
    if output.is_table:
        output.write_table(found.to_frame())
    else:
        emit(found, output, lambda: _metrics_page(found, rows), logs=[rows.log], arguments=given)


def _slices_page(found: SliceTable, rows: JudgedRows) -> Shown:
    from labelqa.io.judged import WRONG
    from labelqa.report.answers.slices import slices_shown  # not needed for CSV and JSON
    from labelqa.report.sections.slices import ERRORS, PREDICTIONS

    names = ", ".join(repr(str(c)) for c in rows.features.columns)
    copies = ", ".join(repr(c) for c in rows.copies)
    aside = "" if not copies or rows.columns.features else f" Left out, as it says whether a row is right: {copies}."
    kept = f" Rows with the same {rows.columns.groups!r} were kept together." if rows.columns.groups else ""
    basis = f"{_what(rows)} Searched: {names}.{kept}{aside}"
    return slices_shown(found, wording=PREDICTIONS if rows.kind == WRONG else ERRORS, basis=[basis])


def _metrics_page(found: SliceMetrics, rows: JudgedRows) -> Shown:
    from labelqa.report.answers.slices import metrics_shown  # not needed for CSV and JSON

    return metrics_shown(found, basis=[_what(rows)])


def _what(rows: JudgedRows) -> str:
    """Return what an error is, in a sentence."""
    from labelqa.io.judged import RESIDUAL, WRONG

    of = rows.columns
    if rows.kind == WRONG:
        return f"A prediction is wrong where {of.prediction!r} differs from {of.label!r}."
    if rows.kind == RESIDUAL:
        return f"The error is the distance between the numbers {of.prediction!r} and {of.label!r}."
    return f"The error is {of.error!r}."
