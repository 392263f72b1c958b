"""labelqa round: rounds as experiments: designed, labeled blind, closed, proved."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from labelqa.cli.options import bundled, confidence_option
from labelqa.cli.place import Place, names, place_options
from labelqa.cli.showing import Form, form_options, say, show, wrapped
from labelqa.reliability.names import COEFFICIENTS, KRIPPENDORFF
from labelqa.text import counted, shortened, visible

if TYPE_CHECKING:
    from labelqa.review.exchange.responses import FilledFile
    from labelqa.review.layout import RoundSettings
    from labelqa.review.project import Project

METHODS = ("random", "disagreement")
FORMATS = ("csv", "label_studio", "prodigy")
REQUIREMENTS = ("improved", "by-rules", "not-worse", "no-regression", "target")
ROUND = click.IntRange(min=1)


@click.group("round", short_help="Rounds of blind labeling: design, hand out, close, prove.")
def round_() -> None:
    """Let people label blind by the guideline in force, and prove whether it helped.

    \b
    labelqa round design --annotators ana,bo --paired 40 --fresh 40 --control 30 --held-out 40
    labelqa round export 2 out                    one file an annotator
    labelqa round import 2 filled/*.csv
    labelqa round close 2
    labelqa round prove 1 2
    """  # noqa: D301  # the backspace character tells click to keep these lines apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How many items of each stratum, and how they are laid out."""

    paired: int
    fresh: int
    control: int
    held_out: int
    method: str
    per_item: int
    repeats: float

    @property
    def counts(self) -> dict[str, int]:
        """Items of each stratum that has any."""
        found = {name: getattr(self, name) for name in ("paired", "fresh", "control", "held_out")}
        return {name: n for name, n in found.items() if n}

    def settings(self) -> RoundSettings:
        """Return the settings of the round."""
        from labelqa.review.layout import RoundSettings

        return RoundSettings(annotators_per_item=self.per_item, method=self.method, repeat_share=self.repeats)


layout_options = bundled(
    "layout",
    Layout,
    click.option("--paired", type=click.IntRange(min=0), default=0, metavar="N",
                 help="Items labeled before, of the classes that changed rules touch."),
    click.option("--fresh", type=click.IntRange(min=0), default=0, metavar="N", help="Items never labeled."),
    click.option("--control", type=click.IntRange(min=0), default=0, metavar="N",
                 help="Items labeled before, of other classes: they tell learning from better rules."),
    click.option("--held-out", type=click.IntRange(min=0), default=0, metavar="N",
                 help="Items that nobody saw who wrote rules: the proof rests on them."),
    click.option("--method", type=click.Choice(METHODS), default="random", show_default=True,
                 help="How paired and fresh items are chosen: by chance, or rather those people disagreed on."),
    click.option("--per-item", type=click.IntRange(min=2), default=2, show_default=True, metavar="N",
                 help="People who label each item."),
    click.option("--repeats", type=float, default=0.05, show_default=True, metavar="SHARE",
                 help="Share of each person's items that come again, unannounced."),
)  # fmt: skip


@round_.command(short_help="Design the next round and open it.")
@click.option("--annotators", required=True, multiple=True, callback=names, metavar="A,B", help="Who labels.")
@layout_options
@click.option("--show", "columns", multiple=True, callback=names, metavar="COLUMN",
              help="Column of the items that annotators see. By default as the project says.")  # fmt: skip
@click.option("--title", default="", metavar="TEXT", help="What people call the round.")
@click.option("--purpose", default="", metavar="TEXT", help="What it is for.")
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", help="Seed of everything random. [that of the project]"
)
@place_options
def design(
    annotators: tuple[str, ...],
    layout: Layout,
    columns: tuple[str, ...],
    title: str,
    purpose: str,
    seed: int | None,
    place: Place,
) -> int:
    """Choose items with known chances, give each to several people in an order of their own, and open the round.

    Nobody sees old labels. Every label is stamped with the version of the guideline in force.
    """
    from labelqa.review.rounds import design_round

    if not layout.counts:
        raise click.UsageError("say how many items: --fresh 100, or --paired, --control, --held-out")
    with place.open() as opened:
        found = design_round(
            opened, annotators, layout.counts, actor=place.actor, settings=layout.settings(), name=title,
            purpose=purpose, columns=columns or None, seed=seed,
        )  # fmt: skip
    *told, _ = found.plan.summary()
    say(
        f"Opened {told[0][0].lower()}{told[0][1:]}, guideline version {found.guideline_version}", *told[1:],
        f"Next: labelqa round export {found.round} FOLDER, or label in the app: labelqa review",
    )  # fmt: skip
    return 0


@round_.command(short_help="Write one file an annotator, to label.")
@click.argument("number", type=ROUND, metavar="ROUND")
@click.argument("folder")
@click.option("--format", "format", type=click.Choice(FORMATS), default="csv", show_default=True,
              help="For which tool: a spreadsheet, Label Studio, or Prodigy.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite files of this round, labels in them too.")
@place_options
def export(number: int, folder: str, format: str, force: bool, place: Place) -> int:
    """Write one file an annotator of ROUND to FOLDER, and the guideline; print the names of the files.

    The files hold no old labels, names or reasons why an item was chosen.
    """
    from labelqa.review.handing_out import export_round

    with place.open() as opened:
        files = export_round(opened, number, folder, actor=place.actor, format=format, overwrite=force)
    for file in files:
        click.echo(visible(file))
    say(
        f"Wrote {counted(len(files), 'file')} to {visible(folder)}.\nNext: let people label by the guideline beside "
        f"them, then labelqa round import {number} FILE..."
    )
    return 0


@round_.command("import", short_help="Read files that annotators filled in.")
@click.argument("number", type=ROUND, metavar="ROUND")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--annotator", metavar="NAME", help="Whose file it must be.")
@place_options
def import_(number: int, files: tuple[str, ...], annotator: str | None, place: Place) -> int:
    """Read labels for ROUND from each FILE: all of it, or nothing where anything in it does not belong there.

    Reading a file again changes nothing; labels that changed since are corrections; where one was taken out, the
    earlier one stands. Rows must still show the text of their item.
    """
    from labelqa.errors import FileFormatError, Problem
    from labelqa.review.handing_out import import_labels, waiting_for

    wrong: list[Problem] = []
    with place.open() as opened:
        for file in files:
            try:
                found = import_labels(opened, number, file, actor=place.actor, annotator=annotator)
            except FileFormatError as error:
                wrong += error.problems
            else:
                say(_imported(file, found))
        with opened.store.read() as reader:
            left = {name: n for name, n in waiting_for(reader, opened, number).items() if n}
        if wrong:
            raise FileFormatError(wrong)
    missing = ", ".join(f"{visible(name)} {n:,}" for name, n in left.items())
    following = f"still missing: {missing}" if left else f"labelqa round close {number}"
    say(f"Next: {following}")
    return 0


def _imported(file: str, found: FilledFile) -> str:
    people = shortened(", ".join(sorted({visible(r.annotator) for r in found.responses})), 60)
    return f"Read {visible(file)} by {people}: {found.told}"


@round_.command(short_help="How far a round is, and who has to label how much.")
@click.argument("number", type=ROUND, required=False, metavar="[ROUND]")
@place_options
@form_options
def status(number: int | None, place: Place, form: Form) -> int:
    """How far ROUND is: who was asked how much, and what is missing. By default the open round, else the last one."""
    from labelqa.cli.project_pages import round_shown, round_status

    output = form.output
    output.refuse_inputs(place.inputs)
    with place.open() as opened:
        found = round_status(opened, _last(opened) if number is None else number, actor=place.actor)
    show(found, output, lambda: round_shown(found))
    return 0


def _last(opened: Project) -> int:
    with opened.store.read() as reader:
        rounds = reader.rounds(opened.id)
    if not rounds:
        raise click.UsageError("there is no round yet: labelqa round design")
    return max(rounds, key=lambda r: (r.state == "open", r.state != "cancelled", r.number)).number


@round_.command(short_help="Close a round, so that its labels are seen.")
@click.argument("number", type=ROUND, metavar="ROUND")
@click.option("--allow-missing", is_flag=True, help="Close it though labels are missing.")
@place_options
def close(number: int, allow_missing: bool, place: Place) -> int:
    """Close ROUND: its labels are seen from now on, and no more come in."""
    from labelqa.review.rounds import close_round

    with place.open() as opened:
        missing = close_round(opened, number, actor=place.actor, allow_missing=allow_missing)
        before = _closed_before(opened, number)
    without = f" with {counted(missing, 'label')} missing" if missing else ""
    following = f"labelqa round prove {before} {number}" if before else "labelqa project status"
    say(f"Closed round {number}{without}.\nNext: {following}")
    return 0


def _closed_before(opened: Project, number: int) -> int | None:
    with opened.store.read() as reader:
        closed = [r.number for r in reader.rounds(opened.id) if r.state == "closed" and r.number < number]
    return max(closed, default=None)


@round_.command(short_help="Cancel an open round; its labels stay stored, unused.")
@click.argument("number", type=ROUND, metavar="ROUND")
@click.option("--reason", required=True, metavar="TEXT", help="Why, for the log.")
@place_options
def cancel(number: int, reason: str, place: Place) -> int:
    """Cancel ROUND, which must be open: its labels stay stored, and no result uses them."""
    from labelqa.review.rounds import cancel_round

    with place.open() as opened:
        cancel_round(opened, number, actor=place.actor, reason=reason)
    say(f"Cancelled round {number}.\nNext: labelqa round design")
    return 0


@round_.command(short_help="Prove whether a revised instruction helped.")
@click.argument("before", type=ROUND, metavar="EARLIER")
@click.argument("after", type=ROUND, metavar="LATER")
@click.option("--target", type=float, metavar="X", help="Agreement to reach. By default that of the project.")
@click.option("--require", multiple=True, type=click.Choice(REQUIREMENTS),
              help="Exit with 1 unless agreement improved; improved by more than learning; did not get worse; got "
              "worse on no class; is surely above the target. May be given several times.")  # fmt: skip
@click.option("--coefficient", type=click.Choice(COEFFICIENTS), metavar="NAME", default=KRIPPENDORFF, show_default=True,
              help=f"One of {', '.join(COEFFICIENTS)}.")  # fmt: skip
@confidence_option
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of everything random.")
@place_options
@form_options
def prove(  # noqa: PLR0913  # one parameter an option
    before: int,
    after: int,
    target: float | None,
    require: tuple[str, ...],
    coefficient: str,
    confidence: float,
    seed: int,
    place: Place,
    form: Form,
) -> int:
    """Compare round LATER with round EARLIER: whether people agree better, on which class, and by which rule.

    The answer rests on held-out and fresh items, which nobody saw while the rules were written.
    """
    from labelqa.cli.round_pages import missed, proof_shown
    from labelqa.review.proof import prove as find_proof

    if "target" in require and target is not None and not -1 <= target <= 1:
        raise click.BadParameter(
            f"{target:g} is no agreement (allowed: -1 to 1, for example 0.8)", param_hint="--target"
        )
    output = form.output
    output.refuse_inputs(place.inputs)
    with place.open() as opened:
        found = find_proof(
            opened, before, after, actor=place.actor, target=target, coefficient=coefficient, confidence=confidence,
            rng=seed,
        )  # fmt: skip
    arguments = {"earlier": before, "later": after, "target": target, "coefficient": coefficient, "seed": seed}
    show(
        found, output, lambda: proof_shown(found), arguments=arguments,
        text=lambda: wrapped(found.to_text(), terminal=output.to_stdout and sys.stdout.isatty()),
    )  # fmt: skip
    failed = [text for text in (missed(found, name) for name in dict.fromkeys(require)) if text]
    for text in failed:
        click.echo(f"gate not met: {text}", err=True)
    if require and not failed:
        click.echo(f"gate met: {', '.join(dict.fromkeys(require))}", err=True)
    return 1 if failed else 0
