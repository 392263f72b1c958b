"""What labelqa slices answers: each way of asking is one read, one call of the library, one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labelqa.cli.emit import emit
from labelqa.cli.output import Output

if TYPE_CHECKING:
    import pandas as pd

    from labelqa.annotations.readlog import ReadLog
    from labelqa.annotations.table import Annotations
    from labelqa.io.judged import JudgedColumns, JudgedRows
    from labelqa.report.single import Shown
    from labelqa.results import Result
    from labelqa.slices.metrics import SliceMetrics
    from labelqa.slices.result import SliceTable

MANY_CLASSES = 20  # from which recall and precision of each are too long a table
PAIRS = 2  # conditions of a slice that are compared between batches unless more are asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user asked for.

    Attributes
    ----------
    data : str
        The file.
    asked : JudgedColumns
        Which columns to take.
    annotations, compare : str or None
        Further files: labels by people, and a later batch.
    model : str or None
        What to refit.
    diagnose : bool
        Whether to say why.
    important : mapping of column to values
        What should be covered.
    search : mapping of str to number
        How to search.
    changed : set of str
        Names in `search` that the user set.
    """

    data: str
    asked: JudgedColumns
    annotations: str | None
    model: str | None
    diagnose: bool
    important: Mapping[str, tuple[str, ...]]
    compare: str | None
    search: Mapping[str, int | float]
    changed: set[str]

    def check(self) -> None:
        """Refuse options that do not go together."""
        of = self.asked
        if of.error and (of.label or of.prediction):
            raise click.UsageError("--error stands in place of --label and --prediction: give one or the other")
        chosen = self._way()
        self._check_companions(chosen)
        if (of.by or self.important) and of.features:
            raise click.UsageError(f"{chosen} names its columns and --features searches: give one or the other")
        if self.diagnose and of.error:
            raise click.UsageError("--diagnose needs labels and predictions: a column of errors does not tell them")
        if self.compare and of.groups:
            raise click.UsageError("--compare cannot keep --groups together: pass one row of each")

    def _way(self) -> str:
        """Return the option that says what is asked; empty for a search."""
        of = self.asked
        ways = {"--by": of.by, "--diagnose": self.diagnose, "--important": self.important, "--compare": self.compare}
        chosen = [name for name, value in ways.items() if value]
        if len(chosen) > 1:
            raise click.UsageError(f"{' and '.join(chosen)} are different questions: ask one at a time")
        return next(iter(chosen), "")

    def _check_companions(self, chosen: str) -> None:
        """Refuse options that mean nothing for what is asked."""
        of = self.asked
        needs = (
            ("--annotations", self.annotations, ("--diagnose", "--by")),
            ("--model", self.model, ("--diagnose",)),
            ("--probability", of.probability, ("--by",)),
            ("--least", "least" in self.changed, ("--important",)),
        )
        for option, value, where in needs:
            if value and chosen not in where:
                raise click.UsageError(f"{option} is for {' and '.join(where)}: add {' or '.join(where)}")
        unused = [f"--{role}" for role, _ in of.named()] if self.important else []
        if unused:
            raise click.UsageError(f"{unused[0]} has no meaning with --important, which counts rows")

    def given(self) -> dict[str, object]:
        """Return what the user set, for the record of the run; of files the name alone."""
        files = {n: Path(f).name for n, f in (("annotations", self.annotations), ("compare", self.compare)) if f}
        columns = {name: value for name, value in asdict(self.asked).items() if value}
        more = {"diagnose": self.diagnose, "model": self.model, "important": dict(self.important)}
        numbers = {} if self.asked.by else {n: self.search[n] for n in sorted(self.changed)}
        return {"paths": (self.data,), **columns, **files, **{n: v for n, v in more.items() if v}, **numbers}


def answer(request: Request, output: Output) -> None:
    """Answer the question that `request` asks."""
    if request.important:
        _covered(request, output)
    elif request.compare:
        _compared(request, output)
    elif request.asked.by:
        _measured(request, output)
    elif request.diagnose:
        _diagnosed(request, output)
    else:
        _searched(request, output)


def _write(found: Result, request: Request, output: Output, shown: Callable[[], Shown], logs: list[ReadLog]) -> None:
    if output.is_table:
        output.write_table(found.to_frame())
    else:
        emit(found, output, shown, logs=logs, arguments=request.given())


def _searched(request: Request, output: Output) -> None:
    from labelqa.io.judged import read_judged

    rows = read_judged(request.data, request.asked)
    found = _found(rows, request, output.seed)
    _write(found, request, output, lambda: _slices_page(found, rows), [rows.log])


def _found(rows: JudgedRows, request: Request, seed: int) -> SliceTable:
    from labelqa.slices.find import find_slices

    return find_slices(
        rows.features,
        rows.error,
        max_predicates=int(request.search["max_predicates"]),
        min_support=request.search["min_support"],
        alpha=request.search["alpha"],
        groups=rows.groups,
        rng=seed,
    )


def _slices_page(found: SliceTable, rows: JudgedRows) -> Shown:
    from labelqa.io.judged import WRONG
    from labelqa.report.answers.slices import slices_shown  # not needed for CSV and JSON
    from labelqa.report.sections.slices import ERRORS, PREDICTIONS

    names = ", ".join(repr(str(c)) for c in rows.features.columns)
    copies = ", ".join(repr(c) for c in rows.copies)
    aside = "" if not copies or rows.columns.features else f" Left out, as it says whether a row is right: {copies}."
    kept = f" Rows with the same {rows.columns.groups!r} were kept together." if rows.columns.groups else ""
    basis = f"{what_is_wrong(rows)} Searched: {names}.{kept}{aside}"
    return slices_shown(found, wording=PREDICTIONS if rows.kind == WRONG else ERRORS, basis=[basis])


def _diagnosed(request: Request, output: Output) -> None:
    from labelqa.cli.slice_remedies import diagnosed
    from labelqa.io.judged import WRONG, read_judged

    rows = read_judged(request.data, request.asked)
    if rows.kind != WRONG:
        raise click.UsageError("--diagnose needs classes as labels and predictions; these are numbers with decimals")
    people = _people(request.annotations, rows)
    found = diagnosed(_found(rows, request, output.seed), rows, people, request.model, output.seed)
    logs = [rows.log, *([] if people is None else [people.read_log])]
    _write(found, request, output, lambda: found.shown(_slices_page(found.slices, rows)), logs)


def _people(path: str | None, rows: JudgedRows) -> Annotations | None:
    """Return labels by people, items as texts; some must be rows of the data."""
    if path is None:
        return None
    if rows.columns.item is None:
        raise click.UsageError("--annotations needs the names of the rows: name their column with --item")
    from dataclasses import replace

    import pandas as pd

    from labelqa.errors import shorten
    from labelqa.io.read import read_annotations

    read = read_annotations(path)
    found = replace(read, items=pd.Index([str(i) for i in read.items], dtype=object))
    names = rows.frame[rows.columns.item].astype(str)
    if not found.items.isin(names).any():
        here, there = shorten(map(repr, found.items), 3), shorten(map(repr, names), 3)
        raise click.UsageError(
            f"no item of {Path(path).name} ({here}) is a row of {Path(str(rows.log.sources[0].name)).name} ({there}): "
            "name the column that holds the same names with --item"
        )
    if found.n_rounds > 1:
        raise click.UsageError(f"{Path(path).name} holds {found.n_rounds} rounds: keep one of them in the file")
    return found


def _measured(request: Request, output: Output) -> None:
    from labelqa.io.judged import read_judged

    rows = read_judged(request.data, request.asked)
    people = _people(request.annotations, rows)
    found, notes = _metrics(rows, request.asked.by, people)

    def shown() -> Shown:
        from labelqa.report.answers.slices import metrics_shown  # not needed for CSV and JSON

        return metrics_shown(found, basis=[what_is_wrong(rows), *notes])

    logs = [rows.log, *([] if people is None else [people.read_log])]
    _write(found, request, output, shown, logs)


def _metrics(rows: JudgedRows, by: tuple[str, ...], people: Annotations | None) -> tuple[SliceMetrics, list[str]]:
    """Return what can be measured with the columns there are, and what that is."""
    from labelqa.io.judged import WRONG, probability_column
    from labelqa.slices.metrics import Roles, slice_metrics

    frame, metrics, notes = rows.frame, [], []
    label, prediction = str(rows.columns.label), str(rows.columns.prediction)
    probability = rows.columns.probability or probability_column(frame.drop(columns=list(by)))
    if rows.kind == WRONG:
        few = frame[label].nunique() <= MANY_CLASSES
        metrics += ["accuracy", "recall", "precision"] if few else ["accuracy"]
    else:
        metrics = [f"mean {rows.columns.error or 'absolute error'}"]
        frame = frame.assign(**{metrics[0]: rows.error})
    if rows.kind == WRONG and probability is not None:
        metrics.append("calibration")
        notes.append(f"Calibration: share right minus the mean of {probability!r}; below 0 is overconfident.")
    annotators: list[str] = []
    if people is not None:
        wide = _wide(people, rows)
        annotators = list(wide.columns)
        frame = frame.assign(**wide)
        metrics.append("agreement")
        n = int(wide.notna().any(axis=1).sum())
        notes.append(f"Agreement: of {len(annotators):,} people, who labeled {n:,} of these rows.")
    roles = Roles(
        label=label, prediction=prediction, confidence=probability or "confidence", annotators=tuple(annotators)
    )
    return slice_metrics(frame, by=by, metrics=metrics, roles=roles), notes


def _wide(people: Annotations, rows: JudgedRows) -> pd.DataFrame:
    """Return one column of labels a person, rows in the order of the data."""
    long = people.to_frame()
    wide = long.assign(item=long["item"].astype(str)).pivot_table(
        index="item", columns="annotator", values="label", aggfunc="first", observed=True
    )
    wide.columns = [f"label by {name}" for name in wide.columns]
    return wide.reindex(rows.frame[str(rows.columns.item)].astype(str)).reset_index(drop=True)


def _covered(request: Request, output: Output) -> None:
    from labelqa.io.judged import read_described
    from labelqa.slices.coverage import slice_coverage

    frame, log = read_described(request.data, tuple(request.important))
    tidy = frame.assign(**{c: frame[c].map(_without_blanks, na_action="ignore") for c in request.important})
    found = slice_coverage(tidy, important=request.important, least=int(request.search["least"]))

    def shown() -> Shown:
        from labelqa.report.answers.slice_batches import coverage_shown  # not needed for CSV and JSON

        return coverage_shown(found)

    _write(found, request, output, shown, [log])


def _without_blanks(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _compared(request: Request, output: Output) -> None:
    from labelqa.io.judged import UNKNOWN, read_judged
    from labelqa.slices.drift import slice_drift

    before = read_judged(request.data, request.asked, keep_all=True)
    after = read_judged(request.compare, request.asked, keep_all=True)
    without = [r for r in (before, after) if r.kind == UNKNOWN]
    if not without and before.kind != after.kind:
        raise click.UsageError("the batches hold errors of different kinds: classes in one, numbers in the other")
    predicates = int(request.search["max_predicates"]) if "max_predicates" in request.changed else PAIRS
    found = slice_drift(
        before.features,
        after.features,
        error=None if without else (before.error, after.error),
        max_predicates=predicates,
        min_support=request.search["min_support"],
        alpha=request.search["alpha"],
        rng=output.seed,
    )

    def shown() -> Shown:
        from labelqa.report.answers.slice_batches import drift_shown  # not needed for CSV and JSON

        names = " and ".join(sorted({s.name for r in without for s in r.log.sources}))
        step = f"{names} has no predictions" if len(without) == 1 else "the files have no predictions"
        basis = f"Errors were not compared: {step}." if without else what_is_wrong(after)
        return drift_shown(found, basis=[f"Before: {_name(before)}. After: {_name(after)}.", basis])

    _write(found, request, output, shown, [before.log, after.log])


def _name(rows: JudgedRows) -> str:
    return ", ".join(s.name for s in rows.log.sources) or "frame"


def what_is_wrong(rows: JudgedRows) -> str:
    """Return what an error is, in a sentence."""
    from labelqa.io.judged import RESIDUAL, WRONG

    of = rows.columns
    if rows.kind == WRONG:
        return f"A prediction is wrong where {of.prediction!r} differs from {of.label!r}."
    if rows.kind == RESIDUAL:
        return f"The error is the distance between the numbers {of.prediction!r} and {of.label!r}."
    return f"The error is {of.error!r}."
