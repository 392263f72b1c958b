"""labelqa guidelines: the labeling instruction, its versions, and what changed."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import click

from labelqa.cli.place import Place, place_options
from labelqa.cli.showing import Form, as_json, form_options, refuse_existing, say, show
from labelqa.text import harmless, visible

if TYPE_CHECKING:
    from labelqa.cli.guideline_files import GuidelineFile
    from labelqa.guidelines.document import Guideline
    from labelqa.guidelines.drafts import DraftConflict
    from labelqa.guidelines.versions import GuidelineVersion
    from labelqa.review.project import Project

FAIL_ON = ("error", "warning")
TO_STDOUT = "-"


@click.group(short_help="The labeling instruction: versions, differences, checks.")
def guidelines() -> None:
    """Edit the labeling instruction as a Markdown file; every version stays, with who changed what and why.

    \b
    labelqa guidelines export guideline.md
    (edit guideline.md)
    labelqa guidelines lint guideline.md
    labelqa guidelines import guideline.md --reason "refund against billing was unclear"
    """  # noqa: D301  # the backspace character tells click to keep these lines apart


@guidelines.command("show", short_help="Print the instruction, or an earlier version of it.")
@click.argument("number", required=False, type=click.IntRange(min=1), metavar="[VERSION]")
@place_options
@form_options
def show_(number: int | None, place: Place, form: Form) -> int:
    """Print the guideline in force, or an earlier VERSION; as text and Markdown it is the Markdown itself."""
    from labelqa.guidelines.markdown import guideline_markdown
    from labelqa.review.revise import guideline_version

    output = form.output
    if output.form == "html":
        raise click.UsageError("a guideline is shown as text, markdown or json")
    output.refuse_inputs(place.inputs)
    with place.open() as opened:
        found = guideline_version(opened, number, actor=place.actor)
    if output.form == "json":
        output.write(as_json(_version_dict(found)))
    else:
        text = guideline_markdown(found.guideline)
        output.write(harmless(text) if output.to_stdout else text)
    return 0


def _version_dict(found: GuidelineVersion) -> dict[str, object]:
    told = {n: getattr(found, n) for n in ("parent", "author", "reason", "edit", "created_utc", "restored_from")}
    return {
        "schema_version": 1,
        "version": found.number,
        "content_hash": found.content_hash,
        "guideline": found.guideline.to_dict(),
        **told,
    }


@guidelines.command(short_help="List the versions: when, by whom, why, which rules.")
@place_options
@form_options
def history(place: Place, form: Form) -> int:
    """List all versions, newest first: when, by whom, why, and which rules changed."""
    from labelqa.cli.guideline_pages import history_of, history_shown
    from labelqa.review.revise import guideline_history

    output = form.output
    output.refuse_inputs(place.inputs)
    with place.open() as opened:
        found = history_of(guideline_history(opened, actor=place.actor))
    show(found, output, lambda: history_shown(found))
    return 0


@guidelines.command(short_help="What changed between two versions, or in your file.")
@click.argument("before", required=False, type=click.IntRange(min=1), metavar="[VERSION")
@click.argument("after", required=False, type=click.IntRange(min=1), metavar="[VERSION]]")
@click.option("--file", metavar="FILE", help="Compare with this file instead: what an import would change.")
@place_options
@form_options
def diff(before: int | None, after: int | None, file: str | None, place: Place, form: Form) -> int:
    """Show what changed, rule by rule: between two VERSIONs, from one to that in force, or else in the last one.

    Words removed are shown as [-...-], words added as {+...+}.
    """
    from labelqa.cli.guideline_files import read_file
    from labelqa.cli.guideline_pages import diff_shown
    from labelqa.guidelines.diff import diff_guidelines
    from labelqa.review.revise import guideline_version

    if file is not None and after is not None:
        raise click.UsageError("--file takes the place of the second version: leave that out")
    output = form.output
    output.refuse_inputs((*place.inputs, *([] if file is None else [file])))
    with place.open() as opened:
        new = guideline_version(opened, after, actor=place.actor)
        old = guideline_version(opened, before or (new.number if file is not None else _before(new)))
        yours = new.guideline if file is None else read_file(Path(file)).guideline
    found = diff_guidelines(old.guideline, yours)
    title = f"Version {old.number} -> {f'version {new.number}' if file is None else visible(file)}"
    show(found, output, lambda: diff_shown(found), text=lambda: f"{title}\n{found.to_text()}")
    return 0


def _before(version: GuidelineVersion) -> int:
    if version.parent is None:
        raise click.UsageError("there is one version only: publish another, or compare a file with --file")
    return version.parent


@guidelines.command(short_help="Look for what people would stumble over.")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--fail-on", type=click.Choice(FAIL_ON), help="Exit with 1 if there is an error, or also a warning.")
@place_options
@form_options
def lint(file: str | None, fail_on: str | None, place: Place, form: Form) -> int:
    """Check FILE, or the guideline in force: missing definitions, boundaries without examples, contradictions.

    With a project it also finds rules that quote an item or show one that does not exist.
    """
    from labelqa.cli.guideline_files import read_file
    from labelqa.cli.guideline_pages import lint_shown, lint_text
    from labelqa.guidelines.lint import lint_guideline

    output = form.output
    output.refuse_inputs((*place.inputs, *([] if file is None else [file])))
    yours = None if file is None else read_file(Path(file)).guideline
    with nullcontext() if yours is not None and not place.database else place.open() as opened:
        guideline, texts = (yours, None) if opened is None else _with_texts(opened, yours, place.actor)
    found = lint_guideline(cast("Guideline", guideline), texts)
    show(found, output, lambda: lint_shown(found), text=lambda: lint_text(found))
    failed = len(found) if fail_on == "warning" else len(found.errors) if fail_on else 0
    if failed:
        click.echo(f"gate not met: {found.summary()[0]}", err=True)
    return 1 if failed else 0


def _with_texts(opened: Project, yours: Guideline | None, actor: str) -> tuple[Guideline, dict[str, str] | None]:
    """Return the guideline to check and the texts of items that its writers may see."""
    from labelqa.review.revise import guideline_version

    guideline = yours or guideline_version(opened).guideline
    with opened.reading(actor, "edit_draft") as reader:
        seen = reader.items(opened.id, held_out=False)
    return guideline, {r.item: " ".join(v for v in r.payload.values() if isinstance(v, str)) for r in seen}


@guidelines.command(short_help="Write the instruction to a file, to edit it.")
@click.argument("file", metavar="FILE")
@click.option("--version", "number", type=click.IntRange(min=1), metavar="N", help="An earlier version.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@place_options
def export(file: str, number: int | None, force: bool, place: Place) -> int:
    """Write the guideline in force to FILE as Markdown; its first line notes the version, for the import.

    FILE - is stdout.
    """
    from labelqa.cli.guideline_files import file_text
    from labelqa.cli.output import Output
    from labelqa.review.revise import guideline_version

    if file != TO_STDOUT and not force:
        refuse_existing(file, "FILE")
    Output(format="markdown", path=file, seed=0).refuse_inputs(place.inputs)
    with place.open() as opened:
        found = guideline_version(opened, number, actor=place.actor)
    text = file_text(found.guideline, found)
    if file == TO_STDOUT:
        click.echo(text, nl=False)
        return 0
    _write(Path(file), text)
    say(
        f"Wrote {visible(file)}: version {found.number} of the guideline.\n"
        f"Next: edit it, then labelqa guidelines import {visible(file)} --reason WHY"
    )
    return 0


def _write(path: Path, text: str) -> None:
    from labelqa.review.exchange.files import write_file

    write_file(path, text.encode())


@guidelines.command("import", short_help="Publish an edited file as the next version.")
@click.argument("file", metavar="FILE")
@click.option("--reason", required=True, metavar="TEXT", help="Why it was changed.")
@click.option("--base", type=click.IntRange(min=1), metavar="N",
              help="The version that FILE was made from. By default what its first line notes.")  # fmt: skip
@click.option("--edit", type=click.Choice(("semantic", "minor")),
              help="Whether people may label differently by it. By default as the difference suggests.")  # fmt: skip
@click.option("--merged", metavar="FILE",
              help="If somebody published meanwhile and the changes fit together: write both here.")  # fmt: skip
@click.option("--format", "format", type=click.Choice(("text", "json")), default="text", show_default=True,
              help="How a conflict is shown.")  # fmt: skip
@place_options
def import_(
    file: str, reason: str, base: int | None, edit: str | None, merged: str | None, format: str, place: Place
) -> int:
    """Publish FILE as the next version of the guideline.

    If somebody published another version since FILE was exported, nothing is changed: both texts and the difference
    are shown, and the exit code is 1.
    """
    from labelqa.cli.guideline_files import read_file, renote
    from labelqa.errors import ConflictError
    from labelqa.review.revise import publish_guideline

    if merged is not None:
        refuse_existing(merged, "--merged")
    path = Path(file)
    found = read_file(path)
    with place.open() as opened:
        made_from = _base_of(opened, found, base)
        try:
            version = publish_guideline(
                opened, found.guideline, base=made_from, actor=place.actor, reason=reason,
                edit=cast("Literal['semantic', 'minor'] | None", edit),
            )  # fmt: skip
        except ConflictError:
            return _tell_conflict(_conflict(opened, found, made_from, place.actor), file, merged, format)
    renote(path, version)
    noted = "" if found.base is None else f" (noted in the first line of {visible(file)})"
    following = "labelqa round design, to see whether it helps" if version.edit == "semantic" else "nothing to relabel"
    say(f"Published version {version.number} of the guideline, a {version.edit} edit{noted}.\nNext: {following}")
    return 0


def _base_of(opened: Project, found: GuidelineFile, base: int | None) -> int:
    from labelqa.review.revise import guideline_history

    if base is not None:
        return base
    noted = found.checked_base(guideline_history(opened))
    if noted is None:
        raise click.UsageError(
            f"{visible(found.name)} does not note the version that it was made from: add --base N "
            "(labelqa guidelines history lists them)"
        )
    return noted


def _conflict(opened: Project, found: GuidelineFile, base: int, actor: str) -> DraftConflict:
    from labelqa.guidelines.drafts import Draft, check_base
    from labelqa.review.revise import guideline_version

    draft = Draft(author=actor, base=guideline_version(opened, base, actor=actor), guideline=found.guideline)
    return cast("DraftConflict", check_base(draft, guideline_version(opened)))


def _tell_conflict(conflict: DraftConflict, file: str, merged: str | None, format: str) -> int:
    """Show both texts and the difference, write the offer to merge if asked; nothing was published."""
    from labelqa.cli.guideline_files import file_text
    from labelqa.cli.guideline_pages import conflict_dict, conflict_text

    both = conflict.merged
    if both is not None and merged is not None:
        _write(Path(merged), file_text(both, conflict.theirs))
        offer = f"Next: read {visible(merged)}, which has both, then labelqa guidelines import {visible(merged)}"
    elif both is not None:
        offer = "Next: both fit together: the same command with --merged FILE writes them to a file to read and import"
    else:
        n = conflict.theirs.number
        offer = f"Next: put into {visible(file)} what shall hold, then import it with --base {n}"
    told = as_json(conflict_dict(conflict, file)) if format == "json" else conflict_text(conflict, file, offer=offer)
    click.echo(told)
    say(f"Nothing was published: version {conflict.theirs.number} came in since version {conflict.base.number}. "
        + (offer if format == "json" else "")
    )  # fmt: skip
    return 1


@guidelines.command(short_help="Publish an earlier version again.")
@click.argument("number", type=click.IntRange(min=1), metavar="VERSION")
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
@place_options
def restore(number: int, reason: str, place: Place) -> int:
    """Publish the content of an earlier VERSION again, as a new version; nothing is lost."""
    from labelqa.review.revise import restore_guideline

    with place.open() as opened:
        version = restore_guideline(opened, number, actor=place.actor, reason=reason)
    say(f"Published version {version.number}, the content of version {number}.\nNext: labelqa guidelines diff")
    return 0
