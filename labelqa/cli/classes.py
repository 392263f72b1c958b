"""labelqa classes: which class definitions overlap, and the evidence to rewrite them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import click

from labelqa.cli.emit import emit
from labelqa.cli.options import Reading, confidence_option, output_options, reading_options
from labelqa.cli.output import Output
from labelqa.text import harmless

PROPOSAL = "PROPOSAL by a language model. Nobody has checked it: edit it, then test it on items labeled blind."

if TYPE_CHECKING:
    from labelqa.ambiguity.class_summary import ClassAmbiguity
    from labelqa.ambiguity.confusions_result import ClassConfusions
    from labelqa.ambiguity.evidence.result import ConfusionEvidence
    from labelqa.annotations.readlog import ReadLog
    from labelqa.report.single import Shown


def _two(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, str] | None:
    """Split a,b in two; a name that holds a comma is quoted: "a, b",c."""
    del context, parameter
    if value is None:
        return None
    parts = [part.strip() for part in next(csv.reader([value], skipinitialspace=True), [])]
    if len(parts) != 2 or not all(parts):
        raise click.BadParameter(f"{value!r} is not two classes (allowed: A,B, for example billing,refund)")
    return parts[0], parts[1]


def _check(
    pair: tuple[str, str] | None,
    draft_prompt: tuple[str, str] | None,
    *,
    ask_model: bool,
    details: str | None,
    form: str | None,
) -> None:
    """Refuse options that would be ignored."""
    if ask_model and draft_prompt is None:
        raise click.UsageError("--ask-model sends a prompt: add --draft-prompt A,B")
    if pair is not None and draft_prompt is not None:
        raise click.UsageError("--pair and --draft-prompt both name two classes: give one of them")
    if details is not None and pair is None and draft_prompt is None:
        raise click.UsageError("--text and --columns are about the items of two classes: add --pair A,B")
    if draft_prompt is not None and form not in (None, "text"):
        raise click.UsageError(f"a prompt is plain text, not {form}: leave --format out")


def _share(context: click.Context, parameter: click.Parameter, value: float) -> float:
    del context, parameter
    if not 0 <= value < 1:
        raise click.BadParameter(f"{value:g} is not a share of label pairs (allowed: 0 to 1, for example 0.1)")
    return value


@click.command(short_help="Which class definitions overlap, and the evidence to rewrite them.")
@reading_options
@click.option("--pair", metavar="A,B", callback=_two, help="Evidence on these two classes.")
@click.option("--text", metavar="COLUMN", help="Column of the texts. Found by its name or content if not given.")
@click.option("--columns", metavar="A,B,C", help="Columns that rules may use. By default all but the text.")
@click.option(
    "--tolerance",
    type=float,
    default=0.1,
    show_default=True,
    callback=_share,
    help="Share of split label pairs that is tolerated.",
)
@click.option(
    "--draft-prompt",
    metavar="A,B",
    callback=_two,
    help="Write a prompt that asks a language model to draft the rule between two classes; it may quote items.",
)
@click.option(
    "--ask-model",
    is_flag=True,
    help="With --draft-prompt: send it to the endpoint that LABELQA_LLM_URL names, and write its proposal.",
)
@confidence_option
@output_options
def classes(  # noqa: PLR0913  # one parameter an option
    reading: Reading,
    pair: tuple[str, str] | None,
    text: str | None,
    columns: str | None,
    tolerance: float,
    draft_prompt: tuple[str, str] | None,
    ask_model: bool,
    confidence: float,
    output: Output,
) -> int:
    """Which class definitions in FILE overlap, how sure that is, and what to do about each.

    \b
    labelqa classes labels.csv                              every pair, those with an unclear border first
    labelqa classes labels.csv --pair billing,refund        the evidence to write the rule from
    labelqa classes labels.csv --draft-prompt billing,refund -o prompt.txt
    """  # noqa: D301  # the backspace character tells click to keep these lines apart
    from labelqa.ambiguity.class_summary import class_ambiguity
    from labelqa.ambiguity.confusions import class_confusions
    from labelqa.ambiguity.evidence.explain import explain_confusion

    _check(pair, draft_prompt, ask_model=ask_model, details=text or columns, form=output.format)
    output.refuse_inputs(reading.paths, tables=True)
    wanted = draft_prompt or pair
    arguments = reading.given() | {"pair": wanted, "text": text, "columns": columns, "tolerance": tolerance}
    given = {name: value for name, value in arguments.items() if value is not None}
    if wanted is None:
        data = reading.count()
        found = class_confusions(data, tolerance, confidence=confidence)
        _emit_pairs(found, class_ambiguity(data, tolerance, confidence=confidence), output, data.read_log, given)
        return 0
    annotations = reading.read()
    named = None if columns is None else [c.strip() for c in columns.split(",") if c.strip()]
    evidence = explain_confusion(annotations, wanted, text=text, columns=named, confidence=confidence, rng=output.seed)
    if draft_prompt is not None:
        _draft(evidence, output, ask_model)
    else:
        _emit_evidence(evidence, output, annotations.read_log, given)
    return 0


def _emit_pairs(
    found: ClassConfusions, classes: ClassAmbiguity, output: Output, log: ReadLog, arguments: dict[str, object]
) -> None:
    if output.is_table:
        output.write_table(found.to_frame())
        return
    emit(found, output, lambda: _pairs_shown(found, classes), logs=[log], arguments=arguments)


def _pairs_shown(found: ClassConfusions, classes: ClassAmbiguity) -> Shown:
    from labelqa.report.answers.classes import classes_shown  # not needed for CSV and JSON

    return classes_shown(found, classes)


def _emit_evidence(found: ConfusionEvidence, output: Output, log: ReadLog, arguments: dict[str, object]) -> None:
    if output.is_table:
        output.write_table(found.disputed)
        return
    emit(found, output, lambda: _evidence_shown(found), logs=[log], arguments=arguments)


def _evidence_shown(found: ConfusionEvidence) -> Shown:
    from labelqa.report.answers.classes import evidence_shown  # not needed for CSV and JSON

    return evidence_shown(found)


def _draft(evidence: ConfusionEvidence, output: Output, ask_model: bool) -> None:
    """Write the prompt, or what a model proposes in answer to it."""
    from labelqa.ambiguity.evidence.prompt import draft_prompt, has_texts

    prompt = draft_prompt(evidence)
    if not ask_model:
        output.write(prompt)
        return
    from labelqa.io.endpoint import ask_endpoint

    if not has_texts(evidence):
        raise click.UsageError("there are no texts to draft a rule from: name their column with --text")
    output.write(f"{PROPOSAL}\n\n{harmless(ask_endpoint(prompt))}")
