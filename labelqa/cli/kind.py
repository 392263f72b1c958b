"""The option --kind: what a label is, and what to use where a command needs one class a label."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

KINDS = {  # kind -> what measures it, in the library
    "classes": "",
    "sets": "distance_agreement({}, 'jaccard')",
    "spans": "span_agreement({})",
    "boxes": "box_agreement({})",
}
SEEN_AS = {
    "sets": "sets of one class each are read as classes",
    "spans": "spans are read as the class of each token",
    "boxes": "boxes are read as the class of their picture, where it has one",
}

kind_option = click.option(
    "--kind",
    type=click.Choice(tuple(KINDS)),
    default="classes",
    show_default=True,
    help="What a label is. Sets, spans and boxes are measured from Python: the message says how.",
)


def need_classes(kind: str, command: str, paths: Sequence[str]) -> None:
    """Refuse a kind of labels that a command does not take, and say what does.

    Raises
    ------
    click.UsageError
        If the kind is another than ``"classes"``.
    """
    if kind == "classes":
        return
    source = repr(Path(paths[0]).name) if len(paths) == 1 else repr([Path(p).name for p in paths])
    call = KINDS[kind].format("labels")
    raise click.UsageError(
        f"labelqa {command} takes one class a label, and no {kind}. In Python:\n"
        f"  labels = labelqa.read_annotations({source}, kind={kind!r})\n"
        f"  print(labelqa.{call})\n"
        f"Without --kind, {SEEN_AS[kind]}."
    )
