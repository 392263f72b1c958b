"""Agreement within groups of items: by channel, by language, by length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import check_one_round, need_annotations
from labelqa.errors import ColumnError, ParameterError, Problem
from labelqa.reliability import names
from labelqa.reliability.estimate import agreement
from labelqa.reliability.weights import WeightsLike
from labelqa.results import Result, as_number, reason_as_object

if TYPE_CHECKING:
    import altair as alt

MAX_GROUPS = 1000
MAX_VALUES_UNBINNED = 20  # a numeric column with more distinct values is cut into quarters
COLUMNS = ("group", "n_items", "n_annotations", "estimate", "low", "high", "standard_error", "reason")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class AgreementBy(Result):
    """One coefficient within each group of items.

    Attributes
    ----------
    by : str
        What the groups are of.
    coefficient : str
        The coefficient.
    frame : pandas.DataFrame
        Columns group, n_items, n_annotations, estimate, low, high, standard_error, reason; lowest estimate first.
    """

    by: str
    coefficient: str
    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a group, lowest agreement first."""
        return self.frame.copy()

    def summary(self) -> list[str]:
        """Return the groups with the lowest agreement."""
        lines = [
            f"  {row['group']}: {as_number(row['estimate'])} on {row['n_items']:,} items"
            for row in self.frame.head(3).to_dict("records")
        ]
        return [f"{names.TITLES[self.coefficient]} by {self.by}, lowest first", *lines, "  next: .to_frame(), .plot()"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return estimates and intervals as a chart, one row a group (the lowest 40)."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn

        return interval_chart(self.frame.head(40).rename(columns={"group": "name"}))


def agreement_by(
    annotations: Annotations,
    by: str | pd.Series | list[object] | npt.NDArray[np.generic],
    *,
    coefficient: str = names.KRIPPENDORFF,
    weights: WeightsLike = "identity",
    confidence: float = 0.95,
) -> AgreementBy:
    """Agreement within each group of items.

    Parameters
    ----------
    annotations : Annotations
        Labels of one round; with ``by="round"`` of several.
    by : str or sequence (n,)
        An item column, ``"round"``, or one value an item in the order of ``annotations.items``. Numbers with more
        than 20 distinct values are cut into quarters; missing values are a group of their own.
    coefficient, weights
        As for :func:`labelqa.agreement`.
    confidence : float
        Level of the intervals.

    Returns
    -------
    AgreementBy
        One row a group, lowest agreement first.

    Raises
    ------
    ColumnError
        If there is no such item column.
    ParameterError
        If `by` has the wrong length or more than 1,000 groups.
    RoundsError
        If annotations hold more than one round (unless ``by="round"``).

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"ann": ["x", "x", "y", "z"], "ben": ["x", "x", "y", "x"]})
    >>> agreement_by(Annotations.from_wide(wide), ["a", "a", "b", "b"], coefficient="percent_agreement").to_frame()[
    ...     ["group", "estimate"]
    ... ].values.tolist()
    [['b', 0.5], ['a', 1.0]]
    """
    need_annotations(annotations)
    rounds = isinstance(by, str) and by == "round"
    if rounds:
        groups = _rounds(annotations)
        title = "round"
    else:
        check_one_round(annotations)
        title, values = _values(annotations, by)
        groups = _item_groups(annotations, values, title)
    rows = []
    for name, part in groups:
        result = agreement(part, coefficient, weights=weights)
        row = result.row(confidence)
        rows.append({"group": name} | {key: row[key] for key in COLUMNS if key != "group"})
    frame = reason_as_object(pd.DataFrame(rows, columns=list(COLUMNS)))
    if not rounds:
        frame = frame.sort_values("estimate", kind="stable", na_position="last").reset_index(drop=True)
    return AgreementBy(by=title, coefficient=coefficient, frame=frame)


def _rounds(annotations: Annotations) -> list[tuple[str, Annotations]]:
    if annotations.rounds is None:
        raise ColumnError(
            Problem(what="this data has no rounds", parameter="by", value="round", next_step="Name the round column.")
        )
    return [(str(r), annotations.where(round=r)) for r in annotations.rounds]


def _values(annotations: Annotations, by: object) -> tuple[str, pd.Series]:
    if isinstance(by, str):
        if by not in annotations.item_data:
            raise ColumnError(
                Problem(
                    what=f"there is no item column {by!r}",
                    parameter="by",
                    value=by,
                    allowed=(*(str(c) for c in annotations.item_data.columns), "round"),
                )
            )
        return by, annotations.item_data[by]
    values = pd.Series(by).reset_index(drop=True)
    if len(values) != annotations.n_items:
        raise ParameterError(
            Problem(
                what=f"by has {len(values):,} values for {annotations.n_items:,} items",
                parameter="by",
                value=len(values),
                allowed=("one value an item, in the order of annotations.items",),
            )
        )
    return str(getattr(by, "name", None) or "group"), values


def _item_groups(annotations: Annotations, values: pd.Series, title: str) -> list[tuple[str, Annotations]]:
    numeric = pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)
    if numeric and values.nunique() > MAX_VALUES_UNBINNED:
        values = _quarters(values)
    codes, groups = pd.factorize(values.astype(object), sort=False)
    if len(groups) > MAX_GROUPS:
        raise ParameterError(
            Problem(
                what=f"{title!r} has {len(groups):,} different values",
                parameter="by",
                value=title,
                allowed=(f"up to {MAX_GROUPS:,} groups",),
                next_step="Group the values first, for example by a prefix or a length class.",
            )
        )
    of_label = codes[annotations.item]
    found = [(str(g), annotations.take(np.flatnonzero(of_label == i))) for i, g in enumerate(groups)]
    missing = np.flatnonzero(of_label < 0)
    return [*found, ("(missing)", annotations.take(missing))] if missing.size else found


def _quarters(values: pd.Series) -> pd.Series:
    """Cut numbers into quarters named by their lowest and highest value; missing values stay missing."""
    numbers = values.astype("Float64").astype("float64")  # also from nullable integers, missing as nan
    finite = numbers.where(np.isfinite(numbers))
    quarter = pd.qcut(finite, 4, labels=False, duplicates="drop")
    ends = finite.groupby(quarter).agg(["min", "max"])
    names = {q: f"{_plain(low)} to {_plain(high)}" for q, low, high in ends.itertuples()}
    named = quarter.map(names).astype(object)
    return named.where(~np.isinf(numbers), numbers.astype(str))


def _plain(number: float) -> str:
    return f"{int(number)}" if float(number).is_integer() else f"{number:.12g}"
