"""A table with one label a row, as classifiers are trained on: which column is what, and which rows count."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.readlog import EMPTY_CELL, Origin, ReadLog
from labelqa.errors import ColumnError, LabelError, Problem, shorten
from labelqa.io import words
from labelqa.io.onetable import one_table

Rows = npt.NDArray[np.intp]
NUMBER = re.compile(r"\s*[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")  # not 007, which is a code
WHOLE = re.compile(r"-?(0|[1-9]\d*)")
ROWS_NAMED = 10  # rows without a label that are listed
ITEM_NAMES = 2.0  # score from which a column name says that it holds the item
NOT_THE_LABELS = ("text", "features", "groups")
LEFT_OUT = "constants, codes, truths, predictions, uneven lists or copies of the labels"
SINGLE_VALUES = ("label", "item", "groups")  # roles that a column of arrays cannot have


@dataclass(frozen=True, slots=True, kw_only=True)
class LabeledColumns:
    """Which columns of a table to take.

    Attributes
    ----------
    label, item, groups : str or None
        Columns of the labels, of the names of the rows, and of what belongs together. None: found by name, or none.
    text, features : tuple of str
        Columns to train on; those of `text` are texts whatever they hold.
    """

    label: str | None = None
    item: str | None = None
    groups: str | None = None
    text: tuple[str, ...] = ()
    features: tuple[str, ...] = ()

    def named(self) -> list[tuple[str, str]]:
        """Return each column that was named, with what it was named as."""
        single = [(r, c) for r, c in (("label", self.label), ("item", self.item), ("groups", self.groups)) if c]
        return [*single, *(("text", c) for c in self.text), *(("features", c) for c in self.features)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabeledRows:
    """Rows that have a label; n of `n_rows`.

    Attributes
    ----------
    labels : Series (n,)
        Texts, or whole numbers where all labels are; its index names the rows.
    frame : DataFrame (n rows)
        All columns of these rows, with the same index.
    kept : int (n,)
        Their positions among all rows.
    n_rows : int
        Number of all rows.
    columns : LabeledColumns
        What was taken for what.
    log : ReadLog
        How the table was read.
    """

    labels: pd.Series
    frame: pd.DataFrame
    kept: Rows
    n_rows: int
    columns: LabeledColumns
    log: ReadLog = field(repr=False)

    @property
    def features(self) -> pd.DataFrame:
        """What to train on: the columns that were named, else all that can be features; numbers as numbers."""
        chosen = self.columns.text + self.columns.features or tuple(_usable(self.frame, self.columns, self.labels))
        if not chosen:
            raise ColumnError(
                Problem(
                    what="there is no column to train on besides the labels",
                    file=self._file,
                    parameter="features",
                    value=tuple(self.frame.columns),
                    next_step=f"Add other features, or pass class probabilities: {LEFT_OUT} are not trained on.",
                )
            )
        texts = set(self.columns.text)
        return pd.DataFrame({c: self.frame[c] if c in texts else typed(self.frame[c]) for c in dict.fromkeys(chosen)})

    @property
    def groups(self) -> pd.Series | None:
        """What rows belong together by; None where nothing was named."""
        return None if self.columns.groups is None else self.frame[self.columns.groups]

    @property
    def _file(self) -> str | None:
        return self.log.sources[0].name if self.log.sources else None


def read_labeled(source: object, asked: LabeledColumns, *, format: str | None = None) -> LabeledRows:
    """Read a table with one label a row.

    Parameters
    ----------
    source : path, list of paths, folder or frame
        As for :func:`labelqa.read_annotations`.
    asked : LabeledColumns
        Which columns to take. Without `label` the one that is called so; without `item` rows are named by a column
        that is called so and names each row once, else by their number.
    format : {"csv", "tsv", "parquet", "xlsx"}, optional
        What the files must be.

    Returns
    -------
    LabeledRows
        Rows without a label are left out, and listed in ``log``.

    Raises
    ------
    FileFormatError
        If a file cannot be read as a table.
    ColumnError
        If a column is missing, the labels are named as text, features or groups too, a column of arrays is named as
        label, item or groups, or the items do not name each row once.
    LabelError
        If no row has a label.

    Examples
    --------
    >>> frame = pd.DataFrame({"id": ["a", "b", "c"], "label": ["x", "", "y"], "size": ["1.5", "2", "3"]})
    >>> rows = read_labeled(frame, LabeledColumns())
    >>> rows.labels.to_dict(), rows.features["size"].tolist()
    ({'a': 'x', 'c': 'y'}, [1.5, 3.0])
    """
    frame, origin, log, file = one_table(source, format)
    _check_named(frame, asked, file)
    columns = replace(asked, label=asked.label or label_column(frame, file))
    _check_roles(frame, columns, file)
    labels = _labels(frame[columns.label])
    kept = np.flatnonzero(labels.notna().to_numpy())
    if not kept.size:
        raise LabelError(
            Problem(what=f"column {columns.label!r} holds no label", file=file, next_step="Name another with --label.")
        )
    columns = replace(columns, item=asked.item or item_column(frame.iloc[kept], {c for _, c in columns.named()}))
    items = _items(frame.iloc[kept], columns, origin, kept, file)
    log = _told(log, columns, origin, np.flatnonzero(labels.isna().to_numpy()), int(kept.size))
    return LabeledRows(
        labels=_as_whole(labels.iloc[kept]).set_axis(items),
        frame=frame.iloc[kept].set_axis(items),
        kept=kept,
        n_rows=len(frame),
        columns=columns,
        log=log,
    )


def typed(column: pd.Series) -> pd.Series:
    """Return texts that all spell numbers as numbers (empty ones as nan); anything else as it is.

    Examples
    --------
    >>> typed(pd.Series(["1", "", "2.5"])).tolist(), typed(pd.Series(["007", "1"])).tolist()
    ([1.0, nan, 2.5], ['007', '1'])
    """
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    if holds_arrays(column):
        return column
    known = without_blanks(column).dropna()
    if known.empty or not all(isinstance(v, str) and NUMBER.fullmatch(v) for v in known.unique()):
        return column
    return pd.to_numeric(without_blanks(column)).astype(np.float64)


def without_blanks(column: pd.Series) -> pd.Series:
    """Return values with None where a cell is empty or holds spaces only."""
    values = column.astype(object)
    blank = values.isna() | values.map(lambda v: isinstance(v, str) and not v.strip())
    return values.where(~blank, None)


def _labels(column: pd.Series) -> pd.Series:
    """Return labels without the spaces around them, None where there is none."""
    return without_blanks(column).map(lambda v: v.strip() if isinstance(v, str) else v)


def _as_whole(labels: pd.Series) -> pd.Series:
    """Return labels as int where all of them spell whole numbers: columns of probabilities are counted so."""
    distinct = labels.unique()
    return labels.map(int) if all(isinstance(v, str) and WHOLE.fullmatch(v) for v in distinct) else labels


def _check_named(frame: pd.DataFrame, asked: LabeledColumns, file: str | None) -> None:
    problems = [
        Problem(
            what=f"there is no column {column!r}",
            file=file,
            parameter=role,
            value=column,
            allowed=tuple(frame.columns),
            next_step=f"Name the column of the {role} as it is spelled.",
        )
        for role, column in asked.named()
        if column not in frame.columns
    ]
    if problems:
        raise ColumnError(problems)


def _check_roles(frame: pd.DataFrame, columns: LabeledColumns, file: str | None) -> None:
    """Refuse labels that would be judged by themselves, and arrays where single values are wanted."""
    leaks = [
        Problem(
            what=f"column {column!r} holds the labels: a model that sees them judges nothing",
            file=file,
            parameter=role,
            value=column,
            next_step=f"Name another column as {role}, or the column of the labels with --label.",
        )
        for role, column in columns.named()
        if role in NOT_THE_LABELS and column == columns.label
    ]
    arrays = [
        Problem(
            what=f"column {column!r} holds arrays and not one value a row, as {role} must",
            file=file,
            parameter=role,
            value=column,
            next_step="Name a column of single values; arrays of numbers can be features.",
        )
        for role, column in columns.named()
        if role in SINGLE_VALUES and holds_arrays(frame[column])
    ]
    if leaks or arrays:
        raise ColumnError([*leaks, *arrays])


def label_column(frame: pd.DataFrame, file: str | None) -> str:
    """Return the column that is called label or the like.

    Raises
    ------
    ColumnError
        If there is none, or several.
    """
    scores = {str(c): words.label_score(words.take_apart(str(c))) for c in frame.columns}
    best = max(scores.values(), default=0.0)
    found = [name for name, score in scores.items() if score == best]
    if best < words.NAMED_NOUN or len(found) > 1:
        what = "several columns may hold the labels" if best >= words.NAMED_NOUN else "no column is called label"
        raise ColumnError(
            Problem(
                what=what, file=file, parameter="label", allowed=tuple(scores), next_step="Name it: --label COLUMN."
            )
        )
    return found[0]


def item_column(frame: pd.DataFrame, taken: Collection[str]) -> str | None:
    """Return the column that is called item, id or the like, names each row once, and is not `taken`."""
    free = [str(c) for c in frame.columns if c not in taken and not holds_arrays(frame[c])]
    named = [c for c in free if words.item_score(words.take_apart(c)) >= ITEM_NAMES or words.take_apart(c).has_id]
    named += [c for c in free if c.casefold() == "id" and c not in named]
    return next((c for c in named if frame[c].notna().all() and frame[c].is_unique), None)


def _items(frame: pd.DataFrame, columns: LabeledColumns, origin: Origin, kept: Rows, file: str | None) -> pd.Index:
    """Return the names of rows: those of the item column, else the number of each row as a spreadsheet counts."""
    if columns.item is None:
        places = [origin.place(int(i)) for i in kept]
        several = len(origin.files) > 1
        numbered = [f"{name} {row}" if several else row for name, row in places]
        return pd.Index(numbered, dtype=object if several else np.int64, name="row")
    names = without_blanks(frame[columns.item])
    if names.isna().any() or not names.is_unique:
        bad = names.isna() | names.duplicated(keep=False)
        first = int(kept[int(np.flatnonzero(bad.to_numpy())[0])])
        raise ColumnError(
            Problem(
                what=f"column {columns.item!r} does not name each row once ({int(bad.sum()):,} rows do not)",
                file=file,
                row=origin.place(first)[1],
                parameter="item",
                value=columns.item,
                next_step="Name another column, or none: rows are then called by their number. "
                "If rows belong together, name the column as groups.",
            )
        )
    return pd.Index([str(name) for name in names], dtype=object, name=columns.item)


def _told(log: ReadLog, columns: LabeledColumns, origin: Origin, empty: Rows, n: int) -> ReadLog:
    """Return the log with the mapping, and the rows that have no label."""
    mapping: dict[str, str | tuple[str, ...]] = {}
    for role, column in columns.named():
        seen = mapping.get(role)
        mapping[role] = column if seen is None else (*([seen] if isinstance(seen, str) else seen), column)
    left_out = [
        replace(entry, reason=f"{EMPTY_CELL} in place of a label, {_rows_named(entry.rows, entry.count)}")
        for entry in origin.set_aside(empty, EMPTY_CELL)
    ]
    notes = [] if columns.item else ["no column names the rows: they are called by their number in the file"]
    return replace(log, mapping=mapping, n_labels_used=n).adding(set_aside=left_out, notes=notes)


def _rows_named(rows: Sequence[int], count: int) -> str:
    shown = ", ".join(str(r) for r in rows[:ROWS_NAMED])
    more = f" and {count - ROWS_NAMED:,} more" if count > ROWS_NAMED else ""
    return f"row{'s' if count > 1 else ''} {shown}{more}"


def _usable(frame: pd.DataFrame, columns: LabeledColumns, labels: pd.Series) -> Iterator[str]:
    """Yield the columns that can be features: those that `left_out_of` names cannot."""
    taken = {c for _, c in columns.named()}
    for name in frame.columns:
        own, values = words.take_apart(str(name)), frame[name]
        if name in taken or words.is_reference(own) or own.head == "annotator":
            continue
        if _is_embedding(values) if holds_arrays(values) else _tells(values, labels):
            yield str(name)


def _tells(values: pd.Series, labels: pd.Series) -> bool:
    """Whether a column of single values is no constant, no code of the row and no copy of the labels."""
    return values.nunique() > 1 and not _is_code(values) and not _spells_labels(values, labels)


def holds_arrays(column: pd.Series) -> bool:
    """Whether cells of a column are arrays, lists or mappings, such as embeddings: such values cannot be counted."""
    return column.dtype == object and any(isinstance(v, list | tuple | dict | np.ndarray) for v in column)


def _is_embedding(column: pd.Series) -> bool:
    """Whether every row has an array of numbers, all of one size and none missing."""
    try:
        values = np.stack([np.asarray(v) for v in column])
    except ValueError:  # of several sizes
        return False
    return values.ndim == 2 and values.dtype.kind in "fiu" and bool(np.isfinite(values).all())


def _spells_labels(column: pd.Series, labels: pd.Series) -> bool:
    """Whether a column says the same as the labels in other words, one word a class, such as a code of the class.

    Empty cells stand for a class, or are gaps. Where every row has its own value it says nothing of the labels.
    """
    values, classes = (pd.factorize(c)[0] for c in (without_blanks(column), labels))
    known = values >= 0
    return _is_one_to_one(values, classes) or _is_one_to_one(values[known], classes[known])


def _is_one_to_one(values: Rows, classes: Rows) -> bool:
    n, k = np.unique(values).size, np.unique(classes).size
    return 1 < n == k == len(np.unique(np.column_stack([values, classes]), axis=0)) < values.size


def _is_code(column: pd.Series) -> bool:
    """Whether every row has its own single word, such as an id."""
    if pd.api.types.is_numeric_dtype(typed(column).dtype) or not column.is_unique:
        return False
    return not column.dropna().astype(str).str.contains(r"\s", regex=True).any()


def left_out_of(rows: LabeledRows) -> str:
    """Return which columns were not trained on, for the reader; empty where all were named or taken."""
    if rows.columns.text + rows.columns.features:
        return ""
    taken = {*(c for _, c in rows.columns.named()), *rows.features.columns}
    rest = [repr(c) for c in rows.frame.columns if c not in taken]
    return f"not trained on, as {LEFT_OUT}: {shorten(rest)}" if rest else ""
