"""labelqa convert: labels from one format to another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from labelqa.cli.kind import kind_option, need_classes
from labelqa.cli.options import Reading, reading_of
from labelqa.io.writers.names import NAMES, TARGETS


def _show_formats(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    del parameter
    if not value or context.resilient_parsing:
        return
    from labelqa.io.formats.registry import FORMATS

    click.echo("Read (found by content):")
    click.echo("  csv, tsv, parquet, xlsx, json: plain tables, long or wide")
    for read in FORMATS:
        click.echo(f"  {read.name}: {read.title}")
    click.echo("Written (--to):")
    for target in TARGETS:
        click.echo(f"  {target.name}: {target.title}")
    context.exit()


def _columns(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> list[str] | None:
    del context, parameter
    return [c.strip() for text in value for c in text.split(",") if c.strip()] if value else None


@click.command(short_help="Labels from one format to another.")
@reading_of("IN... OUT")
@kind_option
@click.option(
    "--to", "to", type=click.Choice(NAMES), metavar="FORMAT", help=f"One of {', '.join(NAMES)}; else by the ending."
)
@click.option(
    "--columns", metavar="A,B", multiple=True, callback=_columns, help="Item columns to write. By default all."
)
@click.option(
    "--formats",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_formats,
    help="List what is read and written.",
)
def convert(reading: Reading, kind: str, to: str | None, columns: list[str] | None) -> int:
    """Read the labels in IN (one file or several, of any format that is read) and write them to the file OUT.

    \b
    labelqa convert export.json labels.csv                     a tool's export as long CSV
    labelqa convert labels.csv tasks.json --to label_studio    to label again there, blind
    labelqa convert labels.csv data.parquet --to huggingface   with soft labels
    """  # noqa: D301  # the backspace character tells click to keep these lines apart
    from labelqa.cli.output import Output
    from labelqa.io.write import format_of, write_annotations

    if len(reading.paths) < 2:
        raise click.UsageError("name what to read and where to write, for example: labelqa convert in.json out.csv")
    *sources, out = reading.paths
    need_classes(kind, "convert", sources)
    Output(format="text", path=out, seed=0).refuse_inputs(tuple(sources))
    form = to or format_of(out)
    reading = replace(reading, paths=tuple(sources))
    annotations = reading.read()
    click.echo(str(annotations.read_log), err=True)
    written = write_annotations(annotations, out, form, columns=columns)
    click.echo(f"wrote {written.n_rows:,} rows to {Path(out).name} ({form})", err=True)
    for note in written.notes:
        click.echo(note, err=True)
    return 0
