"""labelqa consensus: one label an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from labelqa.aggregation.names import METHODS
from labelqa.cli.emit import emit
from labelqa.cli.options import Reading, output_options, reading_options
from labelqa.cli.output import Output

if TYPE_CHECKING:
    from labelqa.aggregation.result import ConsensusResult
    from labelqa.annotations.table import Annotations
    from labelqa.report.single import Shown


@click.command(short_help="One label an item, and how sure each is.")
@reading_options
@click.option(
    "--method", type=click.Choice(METHODS), default="auto", show_default=True, help="How labels are combined."
)
@click.option("--gold", metavar="COLUMN", help="Column that holds the true class of some items.")
@output_options
def consensus(reading: Reading, method: str, gold: str | None, output: Output) -> int:
    """One label an item from the labels of several annotators in FILE, and how sure each is.

    \b
    labelqa consensus labels.csv                      what was found, in words
    labelqa consensus labels.csv -o consensus.csv     item, label, probability, quality, ...
    """  # noqa: D301  # the backspace character tells click to keep these lines apart
    from labelqa.aggregation.consensus import consensus as find_consensus

    output.refuse_inputs(reading.paths, tables=True)
    annotations = reading.read()
    found = find_consensus(annotations, method, gold=gold, rng=output.seed)
    arguments = reading.given() | {"method": method, "gold": gold}
    if output.is_table:
        output.write_table(found.to_frame())
    else:
        emit(found, output, lambda: _shown(found, annotations, gold), logs=[annotations.read_log], arguments=arguments)
    return 0


def _shown(found: ConsensusResult, annotations: Annotations, gold: str | None) -> Shown:
    from labelqa.report.answers.consensus import consensus_shown  # not needed for CSV and JSON
    from labelqa.report.people import look_at_people

    return consensus_shown(found, look_at_people(annotations, found, gold=gold))
