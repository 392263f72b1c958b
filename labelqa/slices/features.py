"""Everything becomes one categorical table: columns of levels that read as conditions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import UnionType

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import ParameterError, Problem, check_whole
from labelqa.slices.clusters import cluster_levels
from labelqa.slices.columns import (
    FEW_NUMBERS,
    CodedColumn,
    LeftOutError,
    category_levels,
    date_levels,
    number_levels,
)
from labelqa.slices.rowwise import as_table
from labelqa.slices.wording import list_levels, text_levels

Codes = npt.NDArray[np.int32]
MANY_COLUMNS = 40  # of decimal numbers, above which an array is embeddings
LONG_LIST = 8  # numbers, from which a cell is an embedding
REPEATED = 0.5  # share of distinct values up to which short texts are categories
SHORT = 30  # mean characters up to which they are
MAX_LEVELS = 20
FIRST = 100  # texts that are looked at before all are
DATE = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
ZONE = r"(?:Z|[T ].*[+-]\d\d:?\d\d)$"
NUMBER = r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?"
DECIMAL_COMMA = r"-?(?:0|[1-9]\d*)(?:,\d+)?"
THOUSANDS = r"-?[1-9]\d{0,2}(?:,\d{3})?"  # which a number with a comma may be as well
IN_WORDS = 3  # mean words of short texts, from which many different ones are texts even if they repeat
ALLOWED = ("a pandas, polars or pyarrow table", "an array (n, d)", "a list of texts", "a FeatureTable")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FeatureTable:
    """Features of n rows as levels of d columns.

    Attributes
    ----------
    codes : int32 (n, d)
        Level of each row in each column.
    names : tuple of str (d,)
        Names of the columns.
    levels : tuple of tuple of str (d,)
        Text of each level of each column, for example ``"channel = chat"`` or ``"20 <= age < 35"``.
    left_out : tuple of (str, str)
        Columns that make no levels, each with the reason.
    absent : tuple of int (d,)
        For each column the level that only says what a row has not ("text does not contain ..."), which the search for
        slices leaves out; -1 where there is none. Empty: none anywhere.
    sources : tuple of int (d,)
        Position of the column of the features that each is made of: a date makes several. Empty: one of its own each.
    """

    codes: Codes
    names: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    left_out: tuple[tuple[str, str], ...] = ()
    absent: tuple[int, ...] = ()
    sources: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def stated(self) -> FeatureTable:
        """The same table with -1 for levels that only say what a row has not."""
        if not any(level >= 0 for level in self.absent):
            return self
        absent = np.array([level if level >= 0 else -2 for level in self.absent], dtype=np.int32)
        return replace(self, codes=np.where(self.codes == absent, np.int32(-1), self.codes), absent=())


def encode_features(
    features: object, *, max_levels: int = MAX_LEVELS, labels: Sequence[object] | None = None
) -> FeatureTable:
    """Code features of n rows as levels that read as conditions.

    Categories become their frequent values, numbers fifths with round limits, dates fifths, weekdays and times of day,
    texts the presence of frequent words and their length, lists the presence of frequent entries, embeddings clusters.
    What is missing is a level of its own; rare values share one. No error is looked at.

    Parameters
    ----------
    features : table (pandas, polars, pyarrow), array (n, d), list of str or FeatureTable
        One row an item. An array of more than 40 columns of decimals is taken as embeddings, other arrays column by
        column; a cell that holds 8 or more numbers is an embedding, any other list is a list of tags.
    max_levels : int
        Most values of a category that are levels of their own.
    labels : sequence (n,) of text, optional
        What rows are called, or their texts: describes clusters of embeddings. By default the first column of texts.

    Returns
    -------
    FeatureTable
        Columns with at least two levels; the others are named in ``left_out``.

    Raises
    ------
    ParameterError
        If `features` is not a table of at least one row and column, or lengths differ.

    Examples
    --------
    >>> frame = pd.DataFrame({"channel": ["chat", "mail", None, "chat"], "age": [18, 25, 31, 77], "same": 1})
    >>> table = encode_features(frame)
    >>> table.levels[0]
    ('channel = chat', 'channel = mail', 'channel is missing')
    >>> table.left_out
    (('same', "constant: all rows are 'same = 1'"),)
    """
    if isinstance(features, FeatureTable):
        return features
    check_whole("max_levels", max_levels, 2, what="is not a number of levels", usual=str(MAX_LEVELS))
    frame, embedding = _as_frame(features)
    if labels is not None and len(labels) != len(frame):
        _refuse(f"labels has {len(labels):,} entries for {len(frame):,} rows of features", parameter="labels")
    if labels is None and embedding is None:
        labels = _first_texts(frame)
    made, left_out = _coded(frame, embedding, max_levels, None if labels is None else list(labels))
    codes = np.stack([c.codes for c in made], axis=1) if made else np.empty((len(frame), 0), dtype=np.int32)
    return FeatureTable(
        codes=codes,
        names=tuple(c.name for c in made),
        levels=tuple(c.levels for c in made),
        left_out=tuple(left_out),
        absent=tuple(c.absent for c in made),
        sources=tuple(c.source for c in made),
    )


def _coded(
    frame: pd.DataFrame, embedding: npt.NDArray[np.float64] | None, max_levels: int, labels: list[object] | None
) -> tuple[list[CodedColumn], list[tuple[str, str]]]:
    made: list[CodedColumn] = []
    left_out: list[tuple[str, str]] = []
    if embedding is not None:
        try:
            made.append(cluster_levels(embedding, "embedding", labels))
        except LeftOutError as reason:
            left_out.append(("embedding", str(reason)))
        return made, left_out
    for j in range(frame.shape[1]):
        name = str(frame.columns[j])
        try:
            parts = _levels_of(as_typed(frame.iloc[:, j].reset_index(drop=True)), name, max_levels, labels)
            made.extend(replace(part, source=j) for part in parts)
        except LeftOutError as reason:
            left_out.append((name, str(reason)))
    return made, left_out


def _as_frame(features: object) -> tuple[pd.DataFrame, npt.NDArray[np.float64] | None]:
    """Return the table, and the embeddings where an array is one."""
    features = as_table(features, "features")
    if isinstance(features, pd.Series):
        features = features.to_frame()
    if isinstance(features, pd.DataFrame):
        return _checked(_inferred(features)), None
    if isinstance(features, list | tuple) and features and all(isinstance(t, str) for t in features):
        return pd.DataFrame({"text": pd.Series(features, dtype=object)}), None
    values = _as_array(features)
    frame = _checked(pd.DataFrame(values, columns=[f"column {j}" for j in range(values.shape[1])]))
    is_embedding = values.dtype.kind == "f" and values.shape[1] > MANY_COLUMNS
    return _inferred(frame), values.astype(np.float64) if is_embedding else None


def _inferred(frame: pd.DataFrame) -> pd.DataFrame:
    """Return columns of objects as what they hold; half characters, which no column of texts can hold, spelled out."""
    try:
        return frame.infer_objects()
    except UnicodeEncodeError:
        return frame.map(_legible).infer_objects()


def _legible(value: object) -> object:
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _as_array(features: object) -> npt.NDArray[np.generic]:
    values: npt.NDArray[np.generic]
    try:
        values = np.asarray(features)
    except ValueError:  # rows of different lengths
        values = np.empty(0)
    if values.ndim != 2:
        _refuse(f"features is {type(features).__name__} of shape {values.shape}, not a table of rows and columns")
    return values


def _checked(frame: pd.DataFrame) -> pd.DataFrame:
    if not frame.shape[0] or not frame.shape[1]:
        _refuse(f"features has {frame.shape[0]:,} rows and {frame.shape[1]:,} columns")
    return frame


def _first_texts(frame: pd.DataFrame) -> list[object] | None:
    for j in range(frame.shape[1]):
        column = frame.iloc[:, j]
        if _kind(column) == "text":
            return column.astype(object).where(column.notna(), "").tolist()
    return None


def _levels_of(column: pd.Series, name: str, max_levels: int, labels: list[object] | None) -> list[CodedColumn]:
    kind = _kind(column)
    if kind == "number":
        return [number_levels(column, name)]
    if kind == "duration":
        return [number_levels(column.dt.total_seconds(), f"{name} in seconds")]
    if kind == "date":
        return date_levels(column, name)
    if kind == "text":
        return text_levels(column, name)
    if kind == "embedding":
        return [cluster_levels(_stacked(column), name, labels)]
    if kind == "list":
        return list_levels(column, name)
    return [category_levels(column, name, max_levels)]


def _kind(column: pd.Series) -> str:
    """Return what a column holds: number, duration, date, text, embedding, list or category."""
    of_type = pd.api.types
    if of_type.is_bool_dtype(column.dtype) or isinstance(column.dtype, pd.CategoricalDtype):
        return "category"
    if of_type.is_numeric_dtype(column.dtype) and not of_type.is_complex_dtype(column.dtype):
        return "number"
    if of_type.is_datetime64_any_dtype(column.dtype):
        return "date"
    if of_type.is_timedelta64_dtype(column.dtype):
        return "duration"
    known = column.dropna()
    if len(known) and _all_are(known, list | tuple | set | frozenset | np.ndarray):
        return "embedding" if _hold_vectors(known) else "list"
    return "text" if _are_texts(known) else "category"


def _hold_vectors(cells: pd.Series) -> bool:
    sizes = {np.size(v) if not isinstance(v, set | frozenset) else -1 for v in cells}
    first = next(iter(cells))
    of_numbers = isinstance(first, np.ndarray | list | tuple) and np.asarray(first).dtype.kind in "fiu"
    return len(sizes) == 1 and sizes.pop() >= LONG_LIST and of_numbers


def _are_texts(known: pd.Series) -> bool:
    """Whether values are running text: mostly distinct or long, and of more than one word."""
    sample = known.iloc[:: max(1, len(known) // 5000)]
    if not len(sample) or not sample.map(lambda v: isinstance(v, str)).all():
        return False
    repeated = sample.nunique() <= REPEATED * len(sample)
    short = sample.str.len().mean() <= SHORT
    in_words = sample.str.contains(r"\s", regex=True).mean() > 0.5 or sample.str.len().mean() > SHORT
    if repeated and short:
        return bool(sample.nunique() > MAX_LEVELS and sample.map(lambda t: len(t.split())).mean() >= IN_WORDS)
    return bool(in_words or _is_unspaced(sample))


def _is_unspaced(sample: pd.Series) -> bool:
    return bool(sample.str.contains("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]").mean() > 0.5)


def _all_are(values: pd.Series, kinds: type | UnionType) -> bool:
    return all(isinstance(v, kinds) for v in values)  # the first that is not ends it: columns are long


def _all_match(texts: pd.Series, pattern: str) -> bool:
    return bool(texts.head(FIRST).str.fullmatch(pattern).all() and texts.str.fullmatch(pattern).all())


def as_typed(column: pd.Series) -> pd.Series:
    """Return texts that are all dates as dates, and all plain numbers, many of them, as numbers: files hold texts."""
    if isinstance(column.dtype, pd.PeriodDtype):
        starts: pd.Series = column.dt.to_timestamp()
        return starts
    if not (column.dtype == object or isinstance(column.dtype, pd.StringDtype)):
        return column
    known = column.dropna()
    if len(known) and _all_are(known, dt.date):
        zones = bool(known.map(lambda v: getattr(v, "tzinfo", None) is not None).any())  # of several kinds: UTC for all
        return pd.to_datetime(column, errors="coerce", utc=zones, cache=False)
    if not len(known) or not (isinstance(column.dtype, pd.StringDtype) or _all_are(known, str)):
        return column
    if _all_match(known, DATE):
        dates = pd.to_datetime(column, errors="coerce", format="ISO8601", utc=bool(known.str.contains(ZONE).all()))
        return column if dates.isna().sum() > column.isna().sum() else dates
    if known.nunique() > FEW_NUMBERS and _all_match(known, NUMBER):  # codes with leading zeros stay texts
        return pd.to_numeric(column)
    if known.nunique() > FEW_NUMBERS and has_decimal_commas(known):
        return pd.to_numeric(column.str.replace(",", "."))
    return column


def has_decimal_commas(known: pd.Series) -> bool:
    """Whether texts are all numbers with a decimal comma: 3,5 and not 3,500, which may be thousands."""
    return _all_match(known, DECIMAL_COMMA) and not _all_match(known, THOUSANDS)


def _stacked(column: pd.Series) -> npt.NDArray[np.float64]:
    width = max(np.size(v) for v in column.dropna())
    empty = np.full(width, np.nan)
    known = column.notna().tolist()
    return np.vstack([np.ravel(v).astype(np.float64) if k else empty for v, k in zip(column, known, strict=True)])


def _refuse(what: str, parameter: str = "features") -> None:
    raise ParameterError(
        Problem(what=what, parameter=parameter, allowed=ALLOWED, next_step="Pass one row of features an item.")
    )
