"""A table of predictions beside labels, or of errors: how wrong each row is, and what is known of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.readlog import Origin, ReadLog
from labelqa.errors import ColumnError, LabelError, Problem, shorten
from labelqa.io import words
from labelqa.io.labeled import holds_arrays, item_column, label_column, typed, without_blanks
from labelqa.io.onetable import one_table, with_points
from labelqa.io.rownames import name_column, repeated_names
from labelqa.slices.comparable import check_comparable

WRONG, RESIDUAL, GIVEN, UNKNOWN = "wrong", "absolute error", "given", "unknown"
Rows = npt.NDArray[np.intp]
ONE_VALUE = ("label", "prediction", "error", "probability", "item", "groups")  # roles of one column each
PREDICTED = frozenset({"prediction", "predictions", "predicted", "pred"})
PROBABILITY = frozenset({"confidence", "conf", "probability", "prob", "certainty"})
TRUTHS = {"true": 1.0, "false": 0.0}
RIGHT_OR_WRONG = words.word_set("0 1 0.0 1.0 true false yes no correct incorrect right wrong ok error")
PEOPLE = (
    "Labels by several people and no predictions? `labelqa report FILE` shows where they disagree, and "
    "disagreement_slices(annotations) in Python."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedColumns:
    """Which columns of a table to take.

    Attributes
    ----------
    label, prediction : str or None
        Columns of the true and of the predicted class, or number. None: found by name.
    error : str or None
        Column of errors (0 and 1, losses, scores), in place of label and prediction.
    probability : str or None
        Column of the probability of the predicted class.
    item, groups : str or None
        Columns of the names of rows, and of what belongs together.
    features : tuple of str
        Columns that describe the rows; empty: all others.
    by : tuple of str
        Columns to measure within.
    """

    label: str | None = None
    prediction: str | None = None
    error: str | None = None
    probability: str | None = None
    item: str | None = None
    groups: str | None = None
    features: tuple[str, ...] = ()
    by: tuple[str, ...] = ()

    def named(self) -> list[tuple[str, str]]:
        """Return each column that was named, with what it was named as."""
        single = [(r, getattr(self, r)) for r in ONE_VALUE]
        several = [("features", c) for c in self.features] + [("by", c) for c in self.by]
        return [*((r, c) for r, c in single if c), *several]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedRows:
    """Rows whose error is known; n of all that were read.

    Attributes
    ----------
    frame : DataFrame (n rows)
        All columns, None where a cell is empty; label and prediction so that they can be compared.
    error : float (n,)
        What is wrong with each row; higher is worse; nan where that is not known and such rows were kept.
    kind : {"wrong", "absolute error", "given", "unknown"}
        Whether errors are 1 where label and prediction differ, the distance of two numbers, a column of the table, or
        not known of any row.
    columns : JudgedColumns
        What was taken for what.
    copies : tuple of str
        Columns that say the same as the error, left out of the features unless named.
    log : ReadLog
        How the table was read.
    """

    frame: pd.DataFrame
    error: npt.NDArray[np.float64]
    kind: str
    columns: JudgedColumns
    copies: tuple[str, ...]
    log: ReadLog = field(repr=False)

    @property
    def features(self) -> pd.DataFrame:
        """What is known of the rows: the columns that were named, else all others.

        Raises
        ------
        ColumnError
            If there is none.
        """
        taken = {c for _, c in self.columns.named()} | set(self.copies)
        chosen = self.columns.features or tuple(c for c in self.frame.columns if c not in taken)
        if not chosen:
            raise ColumnError(
                Problem(
                    what="there is nothing to search: no column describes the rows",
                    file=self.log.sources[0].name if self.log.sources else None,
                    next_step="Add columns such as source, length, language or the text itself.",
                )
            )
        return self.frame[list(chosen)]

    @property
    def groups(self) -> pd.Series | None:
        """What rows belong together by; None where nothing was named."""
        return None if self.columns.groups is None else self.frame[self.columns.groups]


def read_judged(
    source: object, asked: JudgedColumns, *, format: str | None = None, keep_all: bool = False
) -> JudgedRows:
    """Read a table of predictions or errors.

    Parameters
    ----------
    source : path, list of paths, folder or frame
        As for :func:`labelqa.read_annotations`.
    asked : JudgedColumns
        Which columns to take.
    format : {"csv", "tsv", "parquet", "xlsx"}, optional
        What the files must be.
    keep_all : bool
        Whether rows without an error are kept, and tables without predictions and errors are read too.

    Returns
    -------
    JudgedRows
        Rows without a label, prediction or error are left out unless `keep_all`, and listed in ``log``.

    Raises
    ------
    FileFormatError
        If a file cannot be read as a table.
    ColumnError
        If columns are missing, or label and prediction are one column.
    LabelError
        If no row has an error, errors are no numbers, or no prediction is one of the labels.

    Examples
    --------
    >>> frame = pd.DataFrame({"label": ["x", "y", ""], "predicted": ["x", "x", "y"], "size": ["1", "2", "3"]})
    >>> rows = read_judged(frame, JudgedColumns())
    >>> rows.error.tolist(), list(rows.features)
    ([0.0, 1.0], ['size'])
    """
    frame, origin, log, file = one_table(source, format)
    _check_unique(frame, file)
    _check_named(frame, asked, file)
    if keep_all and not (asked.error or asked.prediction or asked.label or _predictions(frame)):
        return _described(without_blank_cells(frame), asked, log)
    columns = asked if asked.error else _with_both(frame, asked, file)
    frame, notes = with_points(without_blank_cells(frame))
    if columns.error:
        error, kind = _given(frame, columns.error, origin, file), GIVEN
    else:
        frame, error, kind = _compared(frame, columns, origin, file)
    known = ~np.isnan(error)
    if not known.any():
        what = f"column {columns.error!r} holds no number" if columns.error else "no row has a label and a prediction"
        raise LabelError(Problem(what=what, file=file, next_step="Name other columns."))
    told = _told(log.adding(notes=notes), columns, origin, _why_not(frame, columns, known), int(known.sum()))
    copies = _copies(frame[known], error[known], columns)
    kept = np.ones(known.size, dtype=np.bool_) if keep_all else known
    frame, error = frame[kept].reset_index(drop=True), error[kept]
    columns = replace(columns, item=asked.item or name_column(frame, {c for _, c in columns.named()}))
    log = replace(told, mapping={**told.mapping, **({"item": columns.item} if columns.item else {})})
    log = log.adding(notes=[] if columns.groups else repeated_names(frame, columns.item))
    return JudgedRows(frame=frame, error=error, kind=kind, columns=columns, copies=copies, log=log)


def read_described(source: object, columns: Collection[str] = ()) -> tuple[pd.DataFrame, ReadLog]:
    """Read a table of which no label is needed, only what describes its rows.

    Parameters
    ----------
    source : path, list of paths, folder or frame
        As for :func:`labelqa.read_annotations`.
    columns : collection of str
        Columns that must be there.

    Returns
    -------
    (DataFrame, ReadLog)
        The rows, None where a cell is empty, and how they were read.

    Raises
    ------
    FileFormatError
        If a file cannot be read as a table.
    ColumnError
        If a column is missing or occurs twice.

    Examples
    --------
    >>> frame, log = read_described(pd.DataFrame({"noise": ["car", " "]}), ["noise"])
    >>> frame["noise"].tolist(), log.n_rows_read
    (['car', None], 2)
    """
    frame, _, log, file = one_table(source, None)
    _check_unique(frame, file)
    _check_named(frame, JudgedColumns(features=tuple(columns)), file)
    return without_blank_cells(frame), replace(log, mapping={"features": tuple(columns)} if columns else {})


def without_blank_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with None where a cell is empty or holds spaces only; columns of arrays as they are."""
    return frame.assign(**{str(c): without_blanks(frame[c]) for c in frame.columns if not holds_arrays(frame[c])})


def _described(frame: pd.DataFrame, asked: JudgedColumns, log: ReadLog) -> JudgedRows:
    """Return rows of which no error is known."""
    columns = replace(asked, item=asked.item or item_column(frame, {c for _, c in asked.named()}))
    error = np.full(len(frame), np.nan)
    mapping: dict[str, str | tuple[str, ...]] = {r: c for r, c in columns.named() if r in ONE_VALUE}
    told = replace(log, mapping=mapping)
    return JudgedRows(frame=frame, error=error, kind=UNKNOWN, columns=columns, copies=(), log=told)


def _check_unique(frame: pd.DataFrame, file: str | None) -> None:
    twice = list(dict.fromkeys(str(c) for c in frame.columns[frame.columns.duplicated()]))
    if twice:
        what = f"several columns have the same name: {shorten(map(repr, twice))}"
        raise ColumnError(Problem(what=what, file=file, next_step="Rename them, so that each can be told."))


def _check_named(frame: pd.DataFrame, asked: JudgedColumns, file: str | None) -> None:
    problems = [
        Problem(
            what=f"there is no column {column!r}",
            file=file,
            parameter=role,
            value=column,
            allowed=tuple(str(c) for c in frame.columns),
            next_step=PEOPLE if role == "prediction" and _person(frame) else "",
        )
        for role, column in asked.named()
        if column not in frame.columns
    ]
    arrays = [
        Problem(what=f"column {c!r} holds arrays and not one value a row, as {role} must", file=file, parameter=role)
        for role, c in asked.named()
        if role in ONE_VALUE and c in frame.columns and holds_arrays(frame[c])
    ]
    if problems or arrays:
        raise ColumnError([*problems, *arrays])


def _with_both(frame: pd.DataFrame, asked: JudgedColumns, file: str | None) -> JudgedColumns:
    """Return the columns with label and prediction, found by their names where they were not named."""
    prediction = asked.prediction or _prediction_column(frame, file)
    only = not asked.label and _only_label(frame, prediction)
    label = asked.label or (prediction if only else label_column(frame.drop(columns=prediction), file))
    if label == prediction:
        raise ColumnError(
            Problem(
                what=f"column {label!r} is taken as prediction and as label",
                file=file,
                parameter="prediction",
                next_step="Name two columns: --label and --prediction.",
            )
        )
    return replace(asked, label=label, prediction=prediction)


def _only_label(frame: pd.DataFrame, prediction: str) -> bool:
    """Whether the column of the predictions is the only one that is called label or the like."""
    named = [c for c in frame.columns if words.label_score(words.take_apart(str(c))) >= words.NAMED_NOUN]
    return named == [prediction]


def _person(frame: pd.DataFrame) -> str | None:
    """Return the first column that is called annotator or the like."""
    names = [str(c) for c in frame.columns]
    return next((c for c in names if words.annotator_score(words.take_apart(c)) >= words.NAMED_NOUN), None)


def _prediction_column(frame: pd.DataFrame, file: str | None) -> str:
    apart = [str(c) for c in frame.columns]
    found = _predictions(frame)
    if len(found) == 1:
        return found[0]
    person = _person(frame)
    if found:
        what, step = f"several columns may hold the predictions: {shorten(map(repr, found))}", ""
    elif person:
        what, step = f"there are annotators (column {person!r}) but no predictions to compare with labels", PEOPLE
    else:
        what, step = "no column is called prediction", PEOPLE
    step = f"Name it with --prediction, or a column of errors with --error. {step}".strip()
    raise ColumnError(
        Problem(what=what, file=file, parameter="prediction", allowed=tuple(found or apart), next_step=step)
    )


def _predictions(frame: pd.DataFrame) -> list[str]:
    """Return the columns that are called prediction or the like."""
    apart = {str(c): words.take_apart(str(c)) for c in frame.columns}
    return [c for c, n in apart.items() if PREDICTED & set(n.words) and words.CERTAINTY.isdisjoint(n.words)]


def probability_column(frame: pd.DataFrame) -> str | None:
    """Return the one column that is called confidence or probability and holds numbers from 0 to 1; None without."""
    names = [str(c) for c in frame.columns if PROBABILITY & set(words.take_apart(str(c)).words)]
    if len(names) != 1 or holds_arrays(frame[names[0]]):
        return None
    numbers = pd.to_numeric(frame[names[0]], errors="coerce")
    known = frame[names[0]].notna()
    return names[0] if known.any() and bool(numbers[known].between(0, 1).all()) else None


def _given(frame: pd.DataFrame, name: str, origin: Origin, file: str | None) -> npt.NDArray[np.float64]:
    """Return a column of errors as numbers, nan where missing."""
    values = frame[name].map(lambda v: TRUTHS.get(v.strip().casefold(), v) if isinstance(v, str) else v)
    numbers = pd.to_numeric(values, errors="coerce")
    wrong = np.flatnonzero((numbers.isna() & values.notna() & (values.astype(str).str.casefold() != "nan")).to_numpy())
    if wrong.size:
        row = origin.place(int(wrong[0]))[1]
        what = f"column {name!r} holds {frame[name].iloc[int(wrong[0])]!r}, which is no number"
        step = "An error is 0 or 1, true or false, or a number that is higher where things are worse."
        raise LabelError(Problem(what=what, file=file, row=row, parameter="error", next_step=step))
    return np.asarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan))


def _compared(
    frame: pd.DataFrame, columns: JudgedColumns, origin: Origin, file: str | None
) -> tuple[pd.DataFrame, npt.NDArray[np.float64], str]:
    """Return the frame with comparable label and prediction, the error of each row, and its kind."""
    label, predicted = (typed(frame[c]) for c in (str(columns.label), str(columns.prediction)))
    numbers = all(pd.api.types.is_numeric_dtype(c.dtype) and c.dtype != np.bool_ for c in (label, predicted))
    known = (label.notna() & predicted.notna()).to_numpy()
    if numbers and not all((c[known] % 1 == 0).all() for c in (label, predicted)):
        with np.errstate(over="ignore", invalid="ignore"):
            distance = (label.astype(float) - predicted.astype(float)).abs().fillna(np.inf).where(known)
        if np.isinf(distance[known]).any():
            at = int(np.flatnonzero(np.isinf(distance.to_numpy()))[0])
            what = f"label {label.iloc[at]:g} and prediction {predicted.iloc[at]:g} are infinitely far apart"
            step = "Cap such numbers, or leave out their rows."
            raise LabelError(Problem(what=what, file=file, row=origin.place(at)[1], parameter="error", next_step=step))
        return frame, np.where(known, distance, np.nan), RESIDUAL
    if numbers:
        label, predicted = (c.map(lambda v: f"{v:.0f}", na_action="ignore") for c in (label, predicted))
    label, predicted = (c.map(lambda v: str(v).strip(), na_action="ignore") for c in (label, predicted))
    check_comparable(label, predicted, file)
    made = frame.assign(**{str(columns.label): label, str(columns.prediction): predicted})
    return made, np.where(known, (label != predicted).astype(float), np.nan), WRONG


def _copies(frame: pd.DataFrame, error: npt.NDArray[np.float64], columns: JudgedColumns) -> tuple[str, ...]:
    """Return columns that say whether a row is right, such as "correct": they would explain everything."""
    if set(np.unique(error).tolist()) != {0.0, 1.0}:
        return ()
    taken = {c for _, c in columns.named()}
    free = [c for c in frame.columns if c not in taken and not holds_arrays(frame[c])]
    return tuple(str(c) for c in free if _says_the_same(frame[c], error))


def _says_the_same(column: pd.Series, error: npt.NDArray[np.float64]) -> bool:
    values = column.map(lambda v: str(v).strip().casefold(), na_action="ignore")
    pairs = {*zip(values.tolist(), error.tolist(), strict=True)}
    return len(pairs) == 2 and values.nunique() == 2 and set(values.unique()) <= RIGHT_OR_WRONG


def _why_not(frame: pd.DataFrame, columns: JudgedColumns, known: npt.NDArray[np.bool_]) -> dict[str, Rows]:
    """Return the rows that cannot be judged, by what they lack."""
    if columns.error:
        return {"no error": np.flatnonzero(~known)}
    label, predicted = (frame[str(c)].notna().to_numpy() for c in (columns.label, columns.prediction))
    return {
        "no label": np.flatnonzero(~known & ~label & predicted),
        "no prediction": np.flatnonzero(~known & label & ~predicted),
        "neither label nor prediction": np.flatnonzero(~label & ~predicted),
    }


def _told(log: ReadLog, columns: JudgedColumns, origin: Origin, empty: dict[str, Rows], n: int) -> ReadLog:
    """Return the log with the mapping, and the rows that cannot be judged."""
    mapping: dict[str, str | tuple[str, ...]] = {r: c for r, c in columns.named() if r in ONE_VALUE}
    mapping |= {r: v for r, v in (("features", columns.features), ("by", columns.by)) if v}
    aside = [s for missing, rows in empty.items() for s in origin.set_aside(rows, missing)]
    return replace(log, mapping=mapping, n_labels_used=n).adding(set_aside=aside)
