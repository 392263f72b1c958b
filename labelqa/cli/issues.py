"""labelqa issues: which labels are probably wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labelqa.cli.emit import emit
from labelqa.cli.options import LEVELS, output_options
from labelqa.cli.output import Output
from labelqa.cli.progress import progress_bar

if TYPE_CHECKING:
    import pandas as pd

    from labelqa.annotations.table import Annotations
    from labelqa.io.labeled import LabeledRows
    from labelqa.label_issues.given import Classes
    from labelqa.label_issues.result import LabelIssues
    from labelqa.report.single import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the labels are judged by."""

    text: tuple[str, ...]
    features: tuple[str, ...]
    pred_probs: tuple[str, ...]
    annotators: str | None

    @property
    def trains(self) -> bool:
        """Whether models are trained: where columns are named, or nothing else judges the labels."""
        return bool(self.text or self.features or not (self.pred_probs or self.annotators))

    @property
    def files(self) -> tuple[str, ...]:
        """Files besides the one that is judged."""
        return (*self.pred_probs, *([self.annotators] if self.annotators else []))


def _share(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    del context, parameter
    if value is not None and not 0 <= value < 1:
        raise click.BadParameter(f"{value:g} is not a share of labels (allowed: 0 to 1, for example 0.05)")
    return value


def _columns(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Split lists with commas; an option given several times holds one name each."""
    del context, parameter
    return value if len(value) > 1 else tuple(p.strip() for text in value for p in text.split(",") if p.strip())


@click.command(short_help="Which labels are probably wrong, and about how many.")
@click.argument("data", metavar="FILE")
@click.option("--label", metavar="COLUMN", help="Column of the labels. Found by its name if not given.")
@click.option("--text", metavar="COLUMN", multiple=True, callback=_columns, help="Column of texts to train on.")
@click.option(
    "--features",
    metavar="A,B,C",
    multiple=True,
    callback=_columns,
    help="Columns to train on. Without this, --text and --pred-probs: all that can be features.",
)
@click.option("--item", metavar="COLUMN", help="Column that names the rows. Found by its name if not given.")
@click.option(
    "--groups", metavar="COLUMN", help="Rows with the same value belong together (one document, one patient)."
)
@click.option(
    "--pred-probs", metavar="FILE", multiple=True, help="Out-of-sample class probabilities (.npy, .csv) instead."
)
@click.option("--annotators", metavar="FILE", help="Labels of annotators (long or wide) as further evidence.")
@click.option("--classes", metavar="A,B,C", multiple=True, callback=_columns, help="All classes in their order.")
@click.option("--level", type=click.Choice(LEVELS), default="nominal", show_default=True, help="Level of the labels.")
@click.option(
    "--repeats", type=click.IntRange(min=1), default=3, show_default=True, help="Repetitions of the cross-validation."
)
@click.option("--cache", metavar="FOLDER", help="Keep what models said: the same call need not train again.")
@click.option(
    "--fail-over",
    type=float,
    metavar="X",
    callback=_share,
    help="Exit with 1 if a larger share is wrong, or if nothing can be said of the labels.",
)
@output_options
def issues(  # noqa: PLR0913  # one parameter an option
    data: str,
    label: str | None,
    text: tuple[str, ...],
    features: tuple[str, ...],
    item: str | None,
    groups: str | None,
    pred_probs: tuple[str, ...],
    annotators: str | None,
    classes: tuple[str, ...],
    level: str,
    repeats: int,
    cache: str | None,
    fail_over: float | None,
    output: Output,
) -> int:
    """Which labels in FILE are probably wrong, and about how many.

    FILE has one row a label. Models are trained on the texts or features of the other rows and say what each label
    should be; or pass the probabilities of your own models, from rows they did not see.

    \b
    labelqa issues data.csv --label label --text text      what was found, in words
    labelqa issues data.csv --pred-probs probs.npy         by your own model
    labelqa issues data.csv --text text -o issues.csv      worst first: item, given, suggested, quality, ...
    """  # noqa: D301  # the backspace character tells click to keep these lines apart
    from labelqa.io.labeled import LabeledColumns, read_labeled
    from labelqa.label_issues.find import find_label_issues

    by = Evidence(text=text, features=features, pred_probs=pred_probs, annotators=annotators)
    output.refuse_inputs((data, *by.files), tables=True)
    asked = LabeledColumns(label=label, item=item, groups=groups, text=text, features=features)
    rows = read_labeled(data, asked)
    witnesses = _witnesses(annotators, rows)
    with progress_bar("training models") as show:
        found = find_label_issues(
            rows.labels,
            pred_probs=_probabilities(pred_probs, rows),
            features=rows.features if by.trains else None,
            annotations=witnesses,
            groups=rows.groups,
            n_repeats=repeats,
            classes=_classes(rows, classes, level),
            cache=cache,
            progress=None if show is None else _shares(show),
            rng=output.seed,
        )
    logs = [rows.log, *([] if witnesses is None else [witnesses.read_log])]
    if output.is_table:
        output.write_table(_table(found, rows))
    else:
        given = _given(asked, by, {"paths": (data,), "classes": classes, "repeats": repeats, "level": level})
        emit(found, output, lambda: _shown(found, rows, by), logs=logs, arguments=given)
    return _gate(found, fail_over)


def _shares(show: Callable[[float], None]) -> Callable[[int, int, str], None]:
    return lambda done, steps, _: show(done / steps)


def _witnesses(path: str | None, rows: LabeledRows) -> Annotations | None:
    """Return the labels of annotators, items as texts."""
    if path is None:
        return None
    if rows.columns.item is None:
        raise click.UsageError("--annotators needs the names of the rows: name their column with --item")
    from dataclasses import replace

    import pandas as pd

    from labelqa.io.read import read_annotations

    found = read_annotations(path)
    return replace(found, items=pd.Index([str(i) for i in found.items], dtype=object))


def _probabilities(paths: tuple[str, ...], rows: LabeledRows) -> list[object] | None:
    from labelqa.io.probabilities import read_probabilities

    return [read_probabilities(path, rows) for path in paths] or None


def _classes(rows: LabeledRows, declared: tuple[str, ...], level: str) -> Classes:
    """Return the classes, with their level where they are ordered; None leaves them to be found."""
    from labelqa.annotations.schema import LabelSchema, natural_order

    if level == "nominal":
        return list(declared) or None
    order = declared or natural_order(rows.labels.unique())
    return LabelSchema(classes=tuple(order), level=level, order_is_guessed=not declared)


def _given(asked: object, by: Evidence, more: dict[str, object]) -> dict[str, object]:
    """Return what the user set, for the record of the run; of files the name alone."""
    from dataclasses import asdict

    files = {
        "pred_probs": tuple(Path(p).name for p in by.pred_probs),
        "annotators": Path(by.annotators).name if by.annotators else None,
    }
    values = {**more, **asdict(asked), **files}  # type: ignore[call-overload]  # a dataclass
    default = {"level": "nominal", "repeats": 3}
    return {n: v for n, v in values.items() if v not in (None, ()) and v != default.get(n)}


def _texts(rows: LabeledRows) -> pd.Series | None:
    """Return the text of each row that a reader sees: the columns named, else the one that is called or looks so."""
    from labelqa.annotations.itemtexts import text_column
    from labelqa.io.labeled import holds_arrays

    known = [c for c in (rows.columns.label, rows.columns.item) if c]
    free = rows.frame.drop(columns=known + [c for c in rows.frame if holds_arrays(rows.frame[c])])
    found = next(iter(rows.columns.text), None) or text_column(free)
    return None if found is None else rows.frame[found]


def _table(found: LabelIssues, rows: LabeledRows) -> pd.DataFrame:
    """Return all labels, worst first, with their texts."""
    frame = found.worst(len(found))
    texts = _texts(rows)
    return frame if texts is None else frame.assign(text=texts.to_numpy()[found.ranking])


def _shown(found: LabelIssues, rows: LabeledRows, by: Evidence) -> Shown:
    from labelqa.io.labeled import left_out_of
    from labelqa.report.answers.issues import issues_shown  # not needed for CSV and JSON

    basis: list[str] = []
    if by.trains:
        names = ", ".join(repr(str(c)) for c in rows.features.columns)
        left = left_out_of(rows)
        kept = f"; rows with the same {rows.columns.groups!r} stayed together" if rows.columns.groups else ""
        basis = [f"Models were trained on {names}{kept}{f' ({left})' if left else ''}."]
    texts = _texts(rows)
    return issues_shown(found, texts=None if texts is None else texts.tolist(), basis=basis)


def _gate(found: LabelIssues, limit: float | None) -> int:
    """Return 1 and say why if more labels than the limit are expected to be wrong or nothing can be said, else 0."""
    if limit is None:
        return 0
    if found.undefined_because:
        click.echo(f"gate cannot be judged: {found.undefined_because}", err=True)
        return 1
    share = found.expected_errors / len(found)
    met = share <= limit
    what = f"{share:.2%} of labels are expected to be wrong, {'at most' if met else 'over'} {limit:.2%}"
    click.echo(f"gate {'met' if met else 'not met'}: {what}", err=True)
    return 0 if met else 1
