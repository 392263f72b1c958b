"""labelqa slices: where a model goes wrong, why, what the data lacks, and what changed."""

from __future__ import annotations

import click

from labelqa.cli.options import output_options
from labelqa.cli.output import Output

DEFAULTS = {"max_predicates": 3, "min_support": 0.01, "alpha": 0.05, "least": 30}
MODELS = ("linear", "trees")


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


def _levels(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the values of each important column."""
    del context, parameter
    found: dict[str, tuple[str, ...]] = {}
    for text in value:
        column, equals, levels = text.partition("=")
        names = tuple(p.strip() for p in levels.split(",") if p.strip())
        if not equals or not column.strip() or not names:
            raise click.BadParameter(f"{text!r} is not of the form COLUMN=VALUE,VALUE (for example channel=mail,chat)")
        found[column.strip()] = tuple(dict.fromkeys((*found.get(column.strip(), ()), *names)))
    return found


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
    "--probability",
    metavar="COLUMN",
    help="Column of the probability of the predicted class, for calibration with --by. Found by its name.",
)
@click.option(
    "--groups", metavar="COLUMN", help="Rows with the same value belong together (one document, one patient)."
)
@click.option("--diagnose", is_flag=True, help="Say why each slice has more errors, and what to do about it.")
@click.option(
    "--annotations", metavar="FILE", help="Labels by two or more people, joined by --item: for --diagnose and --by."
)
@click.option(
    "--model",
    type=click.Choice(MODELS),
    help="With --diagnose: also refit such a model on the columns, 75 times, to see whether more data would help.",
)
@click.option(
    "--important",
    metavar="COLUMN=A,B",
    multiple=True,
    callback=_levels,
    help="Values that matter: which combinations of them are missing or thin. Once for each column.",
)
@click.option(
    "--least",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="With --important: rows wanted of each combination.",
)
@click.option("--compare", metavar="FILE", help="A later batch: what changed from FILE to it, in share or in error.")
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
    probability: str | None,
    groups: str | None,
    diagnose: bool,
    annotations: str | None,
    model: str | None,
    important: dict[str, tuple[str, ...]],
    least: int,
    compare: str | None,
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
    labelqa slices predictions.csv --diagnose              why, and what to do about each
    labelqa slices predictions.csv --by channel,language   accuracy, recall and precision within each
    labelqa slices rows.csv --important channel=mail,chat --important language=en,de    what is missing
    labelqa slices before.csv --compare after.csv          what changed
    labelqa slices predictions.csv -o slices.csv           slices as a table, largest effect first
    """  # noqa: D301  # the backspace character tells click to keep these lines apart
    from labelqa.cli import slice_answers
    from labelqa.io.judged import JudgedColumns

    asked = JudgedColumns(
        label=label,
        prediction=prediction,
        error=error,
        probability=probability,
        item=item,
        groups=groups,
        features=features,
        by=by,
    )
    request = slice_answers.Request(
        data=data,
        asked=asked,
        annotations=annotations,
        model=model,
        diagnose=diagnose,
        important=important,
        compare=compare,
        search={"max_predicates": max_predicates, "min_support": min_support, "alpha": alpha, "least": least},
        changed={n for n in DEFAULTS if _is_given(n)},
    )
    request.check()
    output.refuse_inputs(tuple(f for f in (data, annotations, compare) if f), tables=True)
    slice_answers.answer(request, output)
    return 0


def _is_given(parameter: str) -> bool:
    from click.core import ParameterSource

    return click.get_current_context().get_parameter_source(parameter) is not ParameterSource.DEFAULT
