"""labelqa project: make a project, see where it stands, and keep it safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from labelqa.cli.options import Reading, reading_options
from labelqa.cli.place import Place, actor_of, actor_option, as_typed, names, place_options
from labelqa.cli.showing import Form, form_options, refuse_existing, say, show
from labelqa.review.roles import ROLES
from labelqa.text import counted, visible

if TYPE_CHECKING:
    from labelqa.annotations.table import Annotations
    from labelqa.review.project import Project

STATUS = "Next: labelqa project status --project {}"


@click.group(short_help="A project: sample, label blind, revise the instruction, prove that it helped.")
def project() -> None:
    """Make a project, see where it stands and what to do next, and keep it safe.

    \b
    labelqa project init tickets.db labels.csv
    export LABELQA_DB=tickets.db                  names the project for all commands that follow
    labelqa project status
    """  # noqa: D301  # the backspace character tells click to keep these lines apart


@project.command(short_help="Make a project from labels, items, or both.")
@click.argument("database")
@reading_options
@click.option("--name", metavar="NAME", help="Name of the project. By default that of the file.")
@actor_option
@click.option("--guideline", metavar="FILE", help="The labeling instruction so far (Markdown); else an empty one.")
@click.option("--items", metavar="FILE", multiple=True, help="More items, one a row; the column --item names them.")
@click.option("--held-out", type=float, default=0.2, show_default=True, metavar="SHARE",
              help="Share of items that nobody sees who writes rules: the proof rests on them.")  # fmt: skip
@click.option("--target", type=float, metavar="X", help="Agreement to reach, for example 0.8.")
@click.option("--show", metavar="COLUMN", multiple=True, callback=names,
              help="Column of the items that annotators see. By default all that do not tell labels.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of everything random.")
def init(  # noqa: PLR0913  # one parameter an option
    database: str,
    reading: Reading,
    name: str | None,
    actor_name: str | None,
    guideline: str | None,
    items: tuple[str, ...],
    held_out: float,
    target: float | None,
    show: tuple[str, ...],
    seed: int,
) -> int:
    """Make a project in DATABASE (a file, or postgresql+psycopg://...) from labels in FILE, from items, or both.

    You become its lead; the annotators of the labels become its people. Each round of the labels becomes a closed
    round.

    \b
    labelqa project init tickets.db labels.csv --target 0.8
    labelqa project init tickets.db --items pool.csv --classes bug,billing,other
    """  # noqa: D301  # the backspace character tells click to keep these lines apart
    from labelqa.cli.project_input import default_name, read_guideline
    from labelqa.review.files import read_items
    from labelqa.review.projects import ProjectSettings, create_project

    _check_begin(database, reading, items, guideline)
    actor = actor_of(actor_name)
    with as_typed():
        settings = ProjectSettings(held_out=held_out, seed=seed, shown=show or None, target=target)
        annotations = reading.read() if reading.paths else None
        made = create_project(
            database,
            name or default_name(database),
            actor=actor,
            annotations=annotations,
            items=read_items(list(items), reading.item) if items else None,
            classes=reading.declared if annotations is None else None,
            guideline=None if guideline is None else read_guideline(guideline),
            settings=settings,
        )
    with made:
        _say_made(made, database, actor, annotations)
    return 0


for _parameter in init.params:
    if _parameter.name == "paths":
        _parameter.callback = None  # here labels are a choice: items do instead
        _parameter.metavar = "[FILE]..."


def _check_begin(database: str, reading: Reading, items: tuple[str, ...], guideline: str | None) -> None:
    if database in ("memory:", ":memory:"):
        raise click.BadParameter("what is in memory is gone when the command ends: name a file", param_hint="DATABASE")
    if not reading.paths and not items and guideline is None:
        raise click.UsageError(
            "name what to begin with: labels (labelqa project init tickets.db labels.csv), or --items pool.csv with "
            "--classes A,B or --guideline FILE"
        )


def _say_made(made: Project, database: str, actor: str, annotations: Annotations | None) -> None:
    with made.store.read() as reader:
        n_items, n_held_out = reader.count_items(made.id), reader.count_items(made.id, held_out=True)
        n_rounds = len(reader.rounds(made.id))
    labels = "" if annotations is None else f"{counted(len(annotations), 'label')} in {counted(n_rounds, 'round')}, "
    shown = database if "://" not in database else made.store.place
    option = database if "://" not in database else "URL"
    say(
        f"Made project {visible(made.name)} in {shown}: {labels}{counted(n_items, 'item')} ({n_held_out:,} held out), "
        f"{counted(len(made.classes), 'class', 'classes')}. You ({visible(actor)}) are its lead.",
        STATUS.format(option),
    )


@project.command(short_help="Where the project stands, and what to do next.")
@place_options
@form_options
def status(place: Place, form: Form) -> int:
    """Where the project stands, who works on it, and what to do next."""
    from labelqa.cli.project_pages import status_of, status_shown
    from labelqa.review.people import people_of
    from labelqa.review.state import progress

    output = form.output
    output.refuse_inputs(place.inputs)
    with place.open() as opened:
        found = status_of(progress(opened, actor=place.actor), people_of(opened))
    show(found, output, lambda: status_shown(found))
    return 0


@project.command(short_help="Add a person, change a role, or list all people.")
@click.argument("person_name", required=False, metavar="[NAME]")
@click.argument("role", required=False, metavar="[ROLE]", type=click.Choice(ROLES))
@place_options
def person(person_name: str | None, role: str | None, place: Place) -> int:
    """Give the person NAME the ROLE annotator, reviewer or lead; without both, list the people.

    Annotators label. Reviewers also read results, decide on items and draft rules. Leads also publish rules, design
    and close rounds, and export.
    """
    from labelqa.review.people import people_of, put_person

    if person_name is not None and role is None:
        raise click.UsageError(f"name a role too: {', '.join(ROLES)}")
    person_name = None if person_name is None else person_name.strip()
    with place.open() as opened:
        if person_name is None or role is None:
            with opened.reading(place.actor, "read_results"):  # who else labels is not told to annotators
                people = people_of(opened)
            width = max((len(visible(n)) for n in people), default=0)
            click.echo("\n".join(f"{visible(n):<{width}}  {r}" for n, r in people.items()))
            return 0
        before = people_of(opened).get(person_name)
        put_person(opened, person_name, role, actor=place.actor)
    was = "new here" if before is None else f"was {before}"
    say(f"{visible(person_name)} is {role} of {visible(opened.name)} now ({was}).\nNext: labelqa project status")
    return 0


@project.command(short_help="Add items to the project.")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option("--item", metavar="COLUMN", help="Column of the item ids. Found by its name if not given.")
@place_options
def items(paths: tuple[str, ...], item: str | None, place: Place) -> int:
    """Add the items in FILE, one a row; items that are there with the same data are passed over."""
    from labelqa.review.files import read_items
    from labelqa.review.intake import add_items

    with as_typed():
        found = read_items(list(paths), item, must_exist=True)  # before the project is open: see labelqa.store.looks
    with place.open() as opened:
        added = add_items(opened, found, actor=place.actor)
    passed = len(found) - added
    more = f", {passed:,} were there already" if passed else ""
    say(f"Added {counted(added, 'item')} to {visible(opened.name)}{more}.\nNext: labelqa project status")
    return 0


@project.command(short_help="Write the labels that writers of rules may see.")
@click.argument("file")
@click.option("--round", "number", type=click.IntRange(min=1), metavar="N", help="Only this round.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@place_options
def labels(file: str, number: int | None, force: bool, place: Place) -> int:
    """Write the labels of closed rounds, without held-out items, to FILE (CSV): for labelqa classes and report.

    Rules are written from these; the original file would show the held-out items, too.
    """
    from labelqa.cli.output import Output
    from labelqa.review.visibility import visible_annotations

    if not force:
        refuse_existing(file, "FILE")
    output = Output(format="text", path=file, seed=0)
    output.refuse_inputs(place.inputs)
    with place.open() as opened:
        found = visible_annotations(opened, "rules", actor=place.actor, round=number)
    output.write_table(found.to_frame())
    say(f"{counted(len(found), 'label')} on {counted(found.n_items, 'item')}.\nNext: labelqa classes {visible(file)}")
    return 0


@project.command(short_help="Copy the database while others go on working.")
@click.argument("file")
@place_options
def backup(file: str, place: Place) -> int:
    """Copy the SQLite database, with all of its projects, to the new FILE, while others go on working."""
    from labelqa.review.history import back_up

    with place.open() as opened:
        written = back_up(opened, file, actor=place.actor)
    say(f"Wrote {written}: a complete copy.", STATUS.format(written))
    return 0


@project.command(short_help="Write everything to a folder of plain files.")
@click.argument("folder")
@click.option("--format", "format", type=click.Choice(("jsonl", "parquet")), default="jsonl", show_default=True,
              help="Lines of JSON, or Parquet.")  # fmt: skip
@place_options
def export(folder: str, format: str, place: Place) -> int:
    """Write the whole database, with all of its projects, to the new FOLDER: a file a table, with counts and hashes.

    It holds everything, held-out items and names too. `labelqa project import` reads it.
    """
    from labelqa.review.history import export_all

    with place.open() as opened:
        export_all(opened, folder, actor=place.actor, format=format)
    say(
        f"Wrote {folder}: everything, held-out items and names too.",
        f"Next: labelqa project import {folder} new.db, to use it elsewhere",
    )
    return 0


@project.command("import", short_help="Store an exported folder in a database.")
@click.argument("folder")
@click.argument("database")
def import_(folder: str, database: str) -> int:
    """Store all projects of the exported FOLDER in DATABASE (a file, or postgresql+psycopg://...).

    Nothing is stored unless every file is as it was exported.
    """
    from labelqa.store.database import import_store

    with as_typed(), import_store(folder, database) as store, store.read() as reader:
        found = ", ".join(visible(record.name) for record in reader.projects())
        place = store.place
    option = database if "://" not in database else "URL"
    say(f"Stored {folder} in {place}, which now holds: {found}.\n{STATUS.format(option)}")
    return 0


@project.command(short_help="Export the labels with where each comes from.")
@click.argument("folder")
@place_options
def gold(folder: str, place: Place) -> int:
    """Write the labels to the new FOLDER with their provenance: unanimous, decided (by whom, by which rule), open.

    labels.csv, soft_labels.csv, decisions.jsonl, guideline.md and manifest.json. Held-out items are left out until
    `labelqa project release`.
    """
    from labelqa.review.gold import export_gold

    with place.open() as opened:
        found = export_gold(opened, folder, actor=place.actor)
    *told, _ = found.summary()
    open_ = int((found.labels["provenance"] == "unresolved").sum())
    following = f"decide on {counted(open_, 'unresolved item')} in labelqa review (the app)" if open_ else "train"
    say(f"Wrote {folder}/labels.csv and 4 files beside it. {told[0]}", *told[1:], f"Next: {following}")
    return 0


@project.command(short_help="Release the held-out items: when the proofs are done.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, for the log.")
@place_options
def release(reason: str, place: Place) -> int:
    """Release the held-out items: their labels are seen and exported like all others, and prove nothing any more.

    This cannot be undone.
    """
    from labelqa.review.gold import release_held_out

    with place.open() as opened:
        count = release_held_out(opened, actor=place.actor, reason=reason)
    say(f"Released {counted(count, 'held-out item')} of {visible(opened.name)}.\nNext: labelqa project gold FOLDER")
    return 0
