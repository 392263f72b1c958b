"""How the commands on projects show what they found, and say what they did."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labelqa.cli.emit import FILE_WIDTH, MAX_WIDTH, emit
from labelqa.cli.options import bundled
from labelqa.cli.output import FORMATS, Output
from labelqa.text import harmless

if TYPE_CHECKING:
    from labelqa.report.single import Shown
    from labelqa.results import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """In which form a result is shown, and where."""

    format: str | None
    path: str | None

    @property
    def output(self) -> Output:
        """The same for those who write results."""
        return Output(format=self.format, path=self.path, seed=0)


form_options = bundled(
    "form",
    Form,
    click.option("--format", "format", type=click.Choice(FORMATS), help="By default by the ending of -o, else text."),
    click.option("-o", "--output", "path", metavar="FILE", help="Write to FILE instead of the terminal."),
)


def show(
    result: Result,
    output: Output,
    shown: Callable[[], Shown],
    *,
    text: Callable[[], str] | None = None,
    arguments: Mapping[str, object] | None = None,
) -> None:
    """Write a result in the form asked for; as `text` where the library has words of its own for a terminal."""
    if output.form == "text" and text is not None:
        output.write(harmless(text()))
    else:
        emit(result, output, shown, arguments=arguments)


def as_json(content: Mapping[str, object]) -> str:
    """Return JSON as the other commands write it."""
    import orjson

    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()


def say(*lines: str) -> None:
    """Tell on stderr what was done, and what to do next."""
    click.echo(wrapped(harmless("\n".join(lines)), terminal=sys.stderr.isatty()), err=True)


def wrapped(text: str, *, terminal: bool) -> str:
    """Return lines as wide as the terminal; what continues an indented line stands further in."""
    width = max(40, min(shutil.get_terminal_size().columns, MAX_WIDTH) if terminal else FILE_WIDTH)
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def _wrapped(line: str, width: int) -> str:
    indent = line[: len(line) - len(line.lstrip(" "))]
    further = "  " if indent or line.startswith("! ") else ""
    parts = textwrap.wrap(
        line, width, subsequent_indent=indent + further, break_long_words=False, break_on_hyphens=False
    )  # fmt: skip
    return "\n".join(parts)


def refuse_existing(path: str, what: str) -> None:
    """Raise a usage error where a file is there already, so that nothing is overwritten by mistake."""
    target = Path(path)
    if target.exists():
        kind = "a folder" if target.is_dir() else "there already"
        step = "name a file in it" if target.is_dir() else "choose another name, or add --force to overwrite it"
        raise click.BadParameter(f"{path!r} is {kind}: {step}", param_hint=what)
