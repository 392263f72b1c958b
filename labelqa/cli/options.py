"""Options that commands share, each group one decorator that hands the command one object."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from labelqa.cli.output import FORMATS, Output
from labelqa.cli.progress import progress_bar
from labelqa.reliability.names import COEFFICIENTS, KRIPPENDORFF, WEIGHTS

if TYPE_CHECKING:
    from labelqa.annotations.table import Annotations
    from labelqa.counts.patterns import CountPatterns

Data = TypeVar("Data")
Command = TypeVar("Command", bound=Callable[..., Any])
NAMED = re.compile(r"""annotator (?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*") labeled""")  # a name as repr() writes it
LEVELS = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read the labels."""

    paths: tuple[str, ...]
    input_format: str | None
    item: str | None
    annotator: tuple[str, ...]
    label: str | None
    round_column: str | None
    timestamp: str | None
    question: str | None
    only_round: str | None
    classes: tuple[str, ...]
    level: str
    on_duplicate: str
    normalise_labels: bool
    map_labels: tuple[str, ...]
    cannot_tell: tuple[str, ...]
    merge_classes: tuple[str, ...]
    anonymise: bool

    @property
    def annotators(self) -> tuple[str, ...]:
        """The annotator columns: listed with commas, or one option each (for names that hold a comma)."""
        return self.annotator if len(self.annotator) > 1 else tuple(n for text in self.annotator for n in _split(text))

    def count(self) -> Annotations | CountPatterns:
        """Read the annotations, or count them without reading them whole where the files are too large for that."""
        from labelqa.annotations.classes import BuildOptions
        from labelqa.errors import FileFormatError
        from labelqa.io.columns import Asked
        from labelqa.io.large import are_large, count_large

        cleaned = self.normalise_labels or self.map_labels or self.cannot_tell or self.merge_classes
        other = self.question or self.only_round or self.input_format or len(self.annotators) > 1
        if cleaned or other or not are_large(self.paths):
            return self.read()
        asked = Asked(
            item=self.item,
            annotator=next(iter(self.annotators), None),
            label=self.label,
            round=self.round_column,
            timestamp=self.timestamp,
        )
        options = BuildOptions(classes=self.declared, level=self.level, on_duplicate=self.on_duplicate)
        try:
            with progress_bar("counting labels") as progress:
                return self._hiding(count_large)(self.paths, asked, options, progress=progress)
        except FileFormatError:
            return self.read()  # knows more about what files can be, and what is wrong with them

    @property
    def declared(self) -> list[str] | None:
        """The declared classes."""
        return [name for text in self.classes for name in _split(text)] if self.classes else None

    def read(self) -> Annotations:
        """Read the annotations, with classes merged, one round chosen and names hidden where asked."""
        annotations = self.read_named()
        return annotations.anonymise() if self.anonymise else annotations

    def read_named(self) -> Annotations:
        """Read the annotations as :meth:`read` does, people with their names (but not in errors)."""
        from labelqa.annotations.classes import LabelCleaning
        from labelqa.io.read import read_annotations

        cleaning = LabelCleaning(
            normalise=self.normalise_labels,
            mapping=_mapping(self.map_labels),
            cannot_tell=self.cannot_tell,
        )
        wide = len(self.annotators) > 1
        annotations = self._hiding(read_annotations)(
            self.paths[0] if len(self.paths) == 1 else list(self.paths),
            format=self.input_format,
            item=self.item,
            annotator=list(self.annotators) if wide else next(iter(self.annotators), None),
            label=self.label,
            round=self.round_column,
            timestamp=self.timestamp,
            question=self.question,
            classes=self.declared,
            level=self.level,
            on_duplicate=self.on_duplicate,
            cleaning=cleaning,
        )
        merges: dict[Hashable, list[str]] = {}
        for new, old in (_pair("--merge-classes", text) for text in self.merge_classes):
            merges.setdefault(new, []).extend(_split(old))
        if merges:
            annotations = annotations.merge_classes(merges)
        if self.only_round is not None:
            annotations = annotations.where(round=self.only_round)
        return annotations

    def _hiding(self, read: Callable[..., Data]) -> Callable[..., Data]:
        """Wrap `read` so that with --anonymise its errors name nobody either."""
        from labelqa.errors import DuplicateError

        def wrapped(*args: object, **kwargs: object) -> Data:
            try:
                return read(*args, **kwargs)
            except DuplicateError as error:
                if not self.anonymise:
                    raise
                hidden = [replace(p, what=NAMED.sub("an annotator labeled", p.what)) for p in error.problems]
                raise DuplicateError(hidden) from None

        return wrapped

    def given(self) -> dict[str, object]:
        """Return what the user set, for the record of the run."""
        values = {name: getattr(self, name) for name in self.__slots__}
        default = {"level": "nominal", "on_duplicate": "error", "normalise_labels": False, "anonymise": False}
        if self.anonymise:  # columns and files may be named after people
            values["annotator"] = () if len(self.annotators) > 1 else self.annotator
            values["paths"] = self.paths if len(self.paths) == 1 else (f"{len(self.paths)} files",)
        return {n: v for n, v in values.items() if v not in (None, ()) and v != default.get(n)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A number that must be reached, else the exit code is 1."""

    fail_under: float | None
    fail_on: str

    def __post_init__(self) -> None:
        """Refuse limits that no agreement can be compared with."""
        if self.fail_under is not None and not -1 <= self.fail_under <= 1:  # nan is not between either
            raise click.BadParameter(
                f"{self.fail_under:g} is not a limit of agreement (allowed: -1 to 1, for example 0.67)",
                param_hint="--fail-under",
            )
        if self.fail_under is None and self.fail_on != "estimate":
            raise click.UsageError(f"--fail-on {self.fail_on} needs a limit: add --fail-under, for example 0.67")

    def check(self, name: str, estimate: float, low: float, reason: str | None) -> int:
        """Return 1 and say why if the estimate (or its lower bound) is undefined or under the limit, else 0."""
        if self.fail_under is None:
            return 0
        value = low if self.fail_on == "lower" else estimate
        what = f"the lower bound of {name}" if self.fail_on == "lower" else name
        if value != value:  # nan
            return _not_met(f"{what} is undefined: {reason or 'it has no interval'}")
        if value < self.fail_under:
            return _not_met(f"{what} is {value:.4f}, under {self.fail_under:g}")
        click.echo(f"gate met: {what} is {value:.4f}, at least {self.fail_under:g}", err=True)
        return 0


def _not_met(text: str) -> int:
    click.echo(f"gate not met: {text}", err=True)
    return 1


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _pair(option: str, text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not equals or not old.strip() or not new.strip():
        raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE", param_hint=option)
    return old.strip(), new.strip()


def _mapping(texts: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for old, new in (_pair("--map-labels", text) for text in texts):
        if found.setdefault(old, new) != new:
            raise click.BadParameter(f"{old!r} is mapped to {found[old]!r} and to {new!r}", param_hint="--map-labels")
    return found


def _stack(*decorators: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(function: Any) -> Any:  # noqa: ANN401  # click decorators take and return any callable
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


def bundled(name: str, kind: type[Any], *decorators: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Return a decorator that adds click options and hands them to the command as one object."""
    fields = tuple(kind.__slots__)

    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def wrapped(*args: object, **kwargs: object) -> object:
            kwargs[name] = kind(**{field: kwargs.pop(field) for field in fields})
            return function(*args, **kwargs)

        decorated: Command = _stack(*decorators)(wrapped)
        return decorated

    return decorate


def _existing(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    del context, parameter
    if not value:
        raise click.UsageError("name a file, several files or a folder, for example: labelqa report labels.csv")
    return value


def reading_of(files: str) -> Callable[[Command], Command]:
    """Return the options of reading, with `files` as what the help calls the files."""
    paths = click.argument("paths", nargs=-1, metavar=files, callback=_existing)
    return bundled("reading", Reading, paths, *_READING)


_READING = (
    click.option("--item", metavar="COLUMN", help="Column of the items. Found by name and content if not given."),
    click.option(
        "--annotator",
        metavar="COLUMN",
        multiple=True,
        help="Column of the annotators; for a wide file all of them: ana,ben,cem.",
    ),
    click.option("--label", metavar="COLUMN", help="Column of the labels."),
    click.option("--round-column", metavar="COLUMN", help="Column of the rounds."),
    click.option("--timestamp", metavar="COLUMN", help="Column of the times of labeling."),
    click.option("--question", metavar="NAME", help="Which question to measure, where a file holds several."),
    click.option("--only-round", metavar="ROUND", help="Measure this round only."),
    click.option("--classes", metavar="A,B,C", multiple=True, help="All classes in their order."),
    click.option(
        "--level", type=click.Choice(LEVELS), default="nominal", show_default=True, help="Level of the labels."
    ),
    click.option(
        "--on-duplicate",
        type=click.Choice(("error", "first", "last")),
        default="error",
        show_default=True,
        help="Which label counts where an annotator labeled an item twice.",
    ),
    click.option("--normalise-labels", is_flag=True, help="Labels that differ only in case and spaces are one."),
    click.option("--map-labels", metavar="OLD=NEW", multiple=True, help="Rename a label."),
    click.option("--cannot-tell", metavar="LABEL", multiple=True, help="This label means: no label."),
    click.option("--merge-classes", metavar="NEW=A,B", multiple=True, help="Measure classes A and B as one."),
    click.option("--anonymise", is_flag=True, help="Call the annotators A, B, C, ..."),
    click.option(
        "--input-format",
        metavar="FORMAT",
        help="Do not guess the file format: csv, parquet, label_studio, ... (all: labelqa convert --formats).",
    ),
)
reading_options = reading_of("FILE...")

output_options = bundled(
    "output",
    Output,
    click.option("--format", "format", type=click.Choice(FORMATS), help="By default by the ending of -o, else text."),
    click.option("-o", "--output", "path", metavar="FILE", help="Write to FILE instead of the terminal."),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Seed of everything random.",
    ),
)

gate_options = bundled(
    "gate",
    Gate,
    click.option("--fail-under", type=float, metavar="X", help="Exit with 1 if agreement is under X or undefined."),
    click.option(
        "--fail-on",
        type=click.Choice(("estimate", "lower")),
        default="estimate",
        show_default=True,
        help="What --fail-under looks at: the estimate, or the lower end of its interval.",
    ),
)

COEFFICIENT_HELP = f"One of {', '.join(COEFFICIENTS)}."
coefficient_option = click.option(
    "--coefficient",
    type=click.Choice(COEFFICIENTS),
    metavar="NAME",
    default=KRIPPENDORFF,
    show_default=True,
    help=COEFFICIENT_HELP,
)
weights_option = click.option(
    "--weights",
    type=click.Choice(WEIGHTS),
    metavar="NAME",
    help=f"Agreement weights: {', '.join(WEIGHTS)}. By default those that fit --level.",
)


def _share(context: click.Context, parameter: click.Parameter, value: float) -> float:
    del context, parameter
    if not 0 < value < 1:
        raise click.BadParameter(f"{value:g} is not between 0 and 1 (allowed: for example 0.95)")
    return value


confidence_option = click.option(
    "--confidence", type=float, default=0.95, show_default=True, callback=_share, help="Level of the intervals."
)
