"""The plain table: accuracy, recall, calibration, agreement or any mean within each level of named columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.errors import ColumnError, ParameterError, Problem
from labelqa.inference.intervals import check_level, t_half_width
from labelqa.inference.proportions import wilson
from labelqa.reliability.estimate import agreement
from labelqa.results import Result, as_number, reason_as_object
from labelqa.slices.comparable import check_classes, check_comparable, spelling_notes
from labelqa.slices.features import encode_features
from labelqa.slices.fscore import MACRO, Interval, f1_of_class, macro_f1
from labelqa.slices.rowwise import frame_of
from labelqa.text import counted

if TYPE_CHECKING:
    import altair as alt

Rows = npt.NDArray[np.intp]
COLUMNS = ("slice", "metric", "class", "n", "estimate", "low", "high", "reason")
ALL = "all rows"
SHARES = ("accuracy", "recall", "precision", "f1")
NAMED = (*SHARES, "calibration", "agreement")
OF_CLASSES = (*SHARES, "calibration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Which columns hold what.

    Attributes
    ----------
    label, prediction : str
        True and predicted class.
    confidence : str
        Probability of the predicted class.
    annotators : sequence of str
        One column of labels an annotator.
    """

    label: str = "label"
    prediction: str = "predicted"
    confidence: str = "confidence"
    annotators: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SliceMetrics(Result):
    """Metrics within each level of named columns.

    Attributes
    ----------
    by : tuple of str
        The columns.
    level : float
        Level of the intervals.
    frame : pandas.DataFrame
        Columns slice, metric, class (for recall, precision and f1), n, estimate, low, high, reason; all rows first.
    notes : tuple of str
        What may mislead.
    """

    by: tuple[str, ...]
    level: float
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return one row a slice, metric and class."""
        return self.frame.copy()

    def summary(self) -> list[str]:
        """Return the lowest values of the first metric."""
        first = self.frame[self.frame["metric"] == self.frame["metric"].iloc[0]]
        worst = first[first["slice"] != ALL].sort_values("estimate", kind="stable").head(3)
        lines = [
            f"  {r['slice']}{'' if r['class'] is None else ', ' + str(r['class'])}: {as_number(r['estimate'])} "
            f"({as_number(r['low'])} to {as_number(r['high'])}) on {r['n']:,} rows"
            for r in worst.to_dict("records")
        ]
        head = f"{first['metric'].iloc[0]} by {', '.join(self.by)}, lowest first"
        noted = [f"  ! {note}" for note in self.notes[:1]]
        return [head, *(lines or ["  one slice only"]), *noted, "  next: .to_frame(), .plot()"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the first metric with intervals as a chart, one row a slice (the first 40)."""
        from labelqa.slices.chart import metric_chart  # charts are imported only when drawn

        metric = str(self.frame["metric"].iloc[0])
        first = self.frame[self.frame["metric"] == metric]
        names = [s if c is None else f"{s}, {c}" for s, c in zip(first["slice"], first["class"], strict=True)]
        whole = float(first["estimate"].iloc[0])
        shown = first.assign(slice=names).head(40)
        return metric_chart(shown, title=metric, percent=metric in SHARES, reference=whole)


def slice_metrics(
    frame: object,
    *,
    by: str | Sequence[str],
    metrics: Sequence[str] = ("accuracy",),
    roles: Roles | None = None,
    level: float = 0.95,
) -> SliceMetrics:
    """Metrics within each combination of levels of the columns `by`, with their intervals.

    Nothing is searched or adjusted: for differences that stand out among many, see :func:`find_slices`.

    Parameters
    ----------
    frame : table (pandas, polars, pyarrow) of n rows
        Labels, predictions and the columns `by`.
    by : str or sequence of str
        Columns whose levels are crossed; numbers are cut into fifths, missing values are a level.
    metrics : sequence of str
        ``accuracy``; ``recall``, ``precision`` and ``f1`` of each class (of f1 also the mean); ``calibration`` (share
        right minus mean confidence: below 0 is overconfident); ``agreement`` (Krippendorff's alpha of the annotators);
        or the name of a column of numbers, for its mean. Rows without a label are left out, and without a prediction
        are wrong; n of agreement counts rows with two labels. Intervals: Wilson for shares and f1 of a class (n: rows
        with it as label or prediction), jackknife for its mean, t for means, analytic for agreement.
    roles : Roles, optional
        Which columns hold label, prediction, confidence and annotators; by default ``label`` and ``predicted``.
    level : float
        Level of the intervals.

    Returns
    -------
    SliceMetrics
        All rows first, then each slice.

    Raises
    ------
    ColumnError
        If a column is missing.
    ParameterError
        If `metrics` is empty, agreement is asked and no annotators are named, a column in `by` has a value of its own
        in nearly every row, or predictions are no classes.
    LabelError
        If no prediction is one of the labels.

    References
    ----------
    Mitchell, M. et al. (2019). Model cards for model reporting. FAT* '19, 220-229 (disaggregated evaluation).

    Examples
    --------
    >>> rows = pd.DataFrame({"channel": ["chat", "mail"] * 4, "label": "x", "predicted": ["x", "x", "y", "x"] * 2})
    >>> slice_metrics(rows, by="channel").to_frame()[["slice", "n", "estimate"]].values.tolist()
    [['all rows', 8, 0.75], ['channel = chat', 4, 0.5], ['channel = mail', 4, 1.0]]
    """
    check_level(level)
    frame = frame_of(frame, "frame", "Labels, predictions and `by` are columns.")
    columns = (by,) if isinstance(by, str) else tuple(by)
    of = roles or Roles()
    if not metrics or isinstance(metrics, str):
        allowed = (*NAMED, "the name of a column of numbers")
        raise ParameterError(
            Problem(what=f"metrics={metrics!r} is not a list of metrics", parameter="metrics", allowed=allowed)
        )
    if not columns:
        step = "For all rows together, pass a column of one value."
        raise ParameterError(Problem(what="by names no column", parameter="by", value=by, next_step=step))
    measured = list(dict.fromkeys(c for m in metrics for c in _needed(m, of)))
    _check_columns(frame, [*columns, *measured], metrics)
    slices = _slices(frame, columns)
    plain = _comparable(frame[measured], of)
    notes = _checked_classes(plain, of) if set(metrics) & set(OF_CLASSES) else ()
    rows = [
        {"slice": text, "metric": m, "class": c, **dict(zip(COLUMNS[3:], values, strict=True))}
        for m in metrics
        for text, at in slices
        for c, values in _measured(plain.iloc[at], of, m, level)
    ]
    made = reason_as_object(pd.DataFrame(rows, columns=list(COLUMNS)))
    made["class"] = pd.Series([r["class"] for r in rows], dtype=object)  # numbers as they are
    return SliceMetrics(by=columns, level=level, frame=made, notes=notes)


def _checked_classes(plain: pd.DataFrame, of: Roles) -> tuple[str, ...]:
    """Return notes on the spelling of classes; refuse labels and predictions that cannot be compared."""
    label, predicted = plain[of.label], plain[of.prediction]
    for column in (label, predicted):
        _check_hashable(column)
    check_classes(label, predicted)
    check_comparable(label, predicted)
    return tuple(spelling_notes(label, predicted))


def _check_hashable(column: pd.Series) -> None:
    try:
        set(column.tolist())
    except TypeError:
        what = f"column {column.name!r} holds values that cannot be compared, such as lists"
        raise ParameterError(Problem(what=what, parameter="roles", next_step="Pass one class a row.")) from None


def _needed(metric: str, of: Roles) -> list[str]:
    if metric in SHARES:
        return [of.label, of.prediction]
    if metric == "calibration":
        return [of.label, of.prediction, of.confidence]
    if metric == "agreement":
        if isinstance(of.annotators, str) or not len(of.annotators):
            what = f"roles names no columns of annotators (annotators={of.annotators!r}), which agreement needs"
            step = 'Pass roles=Roles(annotators=["ana", "ben"]).'
            raise ParameterError(Problem(what=what, parameter="roles", value=of.annotators, next_step=step))
        return list(of.annotators)
    return [metric]


def _comparable(frame: pd.DataFrame, of: Roles) -> pd.DataFrame:
    """Return the frame with classes as objects, None where missing: categories of two columns cannot be compared."""
    classes = [c for c in (of.label, of.prediction) if c in frame]
    return frame.assign(**{c: frame[c].astype(object).where(frame[c].notna(), None) for c in classes})


def _check_columns(frame: pd.DataFrame, needed: Sequence[str], metrics: Sequence[str]) -> None:
    known = tuple(str(c) for c in frame.columns)
    problems: list[Problem] = []
    for c in dict.fromkeys(needed):
        if c in metrics and c not in frame.columns:
            what = f"there is no column {c!r}, and no such metric"
            problems.append(Problem(what=what, parameter="metrics", value=c, allowed=(*NAMED, *known)))
        elif c not in frame.columns:
            problems.append(Problem(what=f"there is no column {c!r}", parameter=str(c), value=c, allowed=known))
        elif frame.columns.tolist().count(c) > 1:
            what = f"several columns are called {c!r}"
            problems.append(Problem(what=what, parameter=str(c), value=c, next_step="Rename them."))
    if problems:
        raise ColumnError(problems)


def _slices(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[tuple[str, Rows]]:
    """Return all rows, and each combination of levels that some row has, with the positions of its rows."""
    whole = (ALL, np.arange(len(frame)))
    table = encode_features(frame[list(columns)])
    for name, reason in table.left_out:
        if not reason.startswith("constant"):
            raise ParameterError(Problem(what=f"column {name!r} makes no slices: {reason}", parameter="by", value=name))
    if not table.names:
        return [whole]
    combined, codes, size = np.unique(table.codes, axis=0, return_inverse=True, return_counts=True)
    texts = [" and ".join(table.levels[j][v] for j, v in enumerate(row)) for row in combined.tolist()]
    rows = np.split(np.argsort(codes.ravel(), kind="stable"), np.cumsum(size)[:-1])
    return [whole, *zip(texts, rows, strict=True)]


def _measured(part: pd.DataFrame, of: Roles, metric: str, level: float) -> list[tuple[object, Interval]]:
    """Return class (None but for recall, precision and f1) and value of a metric."""
    if metric == "accuracy":
        known = part[part[of.label].notna()]
        return [(None, _share(int((known[of.label] == known[of.prediction]).sum()), len(known), level))]
    if metric in ("recall", "precision"):
        return _per_class(part, of, metric, level)
    if metric == "f1":
        return _f1(part[part[of.label].notna()], of, level)
    if metric == "calibration":
        known = part[part[of.label].notna() & part[of.confidence].notna()]
        right = (known[of.label] == known[of.prediction]).astype(float)
        return [(None, _mean(right - _probabilities(known, of.confidence), level))]
    if metric == "agreement":
        return [(None, _agreement(part[list(of.annotators)], level))]
    return [(None, _mean(_column(part, metric), level))]


def _per_class(part: pd.DataFrame, of: Roles, metric: str, level: float) -> list[tuple[object, Interval]]:
    part = part[part[of.label].notna()]
    given = part[of.label if metric == "recall" else of.prediction]
    right = part[of.label] == part[of.prediction]
    classes = sorted(given.dropna().unique().tolist(), key=str)
    return [(c, _share(int((right & (given == c)).sum()), int((given == c).sum()), level)) for c in classes]


def _f1(part: pd.DataFrame, of: Roles, level: float) -> list[tuple[object, Interval]]:
    label, predicted = part[of.label], part[of.prediction]
    classes = sorted({*label.tolist(), *predicted.dropna().tolist()}, key=str)
    each = [(c, f1_of_class(label, predicted, c, level)) for c in classes]
    return [(MACRO, macro_f1(label, predicted, level)), *each]


def _agreement(labels: pd.DataFrame, level: float) -> Interval:
    if not labels.notna().any(axis=None):
        return 0, math.nan, math.nan, math.nan, "there are no labels"
    found = agreement(Annotations.from_wide(labels)).row(level)
    numbers = [float(str(found[c])) for c in ("estimate", "low", "high")]
    reason = found["reason"]
    n = int((labels.notna().sum(axis=1) > 1).sum())
    return n, numbers[0], numbers[1], numbers[2], None if reason is None else str(reason)


def _probabilities(part: pd.DataFrame, name: str) -> pd.Series:
    values = _column(part, name)
    if not values.between(0, 1).all():
        what = f"column {name!r} holds {values[~values.between(0, 1)].iloc[0]:g}, which is no probability"
        raise ParameterError(Problem(what=what, parameter="confidence", value=name, allowed=("0 to 1",)))
    return values


def _column(part: pd.DataFrame, metric: str) -> pd.Series:
    values = pd.to_numeric(part[metric], errors="coerce")
    if values.isna().sum() > part[metric].isna().sum():
        raise ParameterError(
            Problem(what=f"column {metric!r} holds what is no number", parameter="metrics", value=metric, allowed=NAMED)
        )
    numbers = values.dropna().astype(float)
    if np.isinf(numbers).any():
        what = f"column {metric!r} is infinite in {counted(int(np.isinf(numbers).sum()), 'row')}"
        raise ParameterError(Problem(what=what, parameter="metrics", value=metric, next_step="Cap or drop them."))
    return numbers


def _share(hits: int, n: int, level: float) -> Interval:
    if not n:
        return 0, math.nan, math.nan, math.nan, "there are no such rows"
    share, low, high = (float(v[0]) for v in wilson(np.array([float(hits)]), np.array([float(n)]), level))
    return n, share, low, high, None


def _mean(values: pd.Series, level: float) -> Interval:
    n = len(values)
    if not n:
        return 0, math.nan, math.nan, math.nan, "there are no such rows"
    mean = float(values.mean())
    half = t_half_width(float(values.std(ddof=1)) / math.sqrt(n), level, n - 1) if n > 1 else math.nan
    return n, mean, mean - half, mean + half, None
