"""Intraclass correlations of numbers, single and average, with intervals from the F distribution.

References
----------
Shrout, P. E. & Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater reliability. Psychol. Bull.
86(2), 420-428. McGraw, K. O. & Wong, S. P. (1996). Forming inferences about some intraclass correlation coefficients.
Psychol. Methods 1(1), 30-46.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.errors import check_choice
from labelqa.inference.intervals import ConfidenceInterval, check_level, undefined_interval
from labelqa.reliability.distance import words
from labelqa.reliability.distance.numbers import Ratings, as_ratings
from labelqa.reliability.distance.variance import MeanSquares, f_interval, mean_squares
from labelqa.results import Result, as_number, as_percent, json_safe, reason_as_object

if TYPE_CHECKING:
    import altair as alt

FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")
MEANING = {
    "ICC(1,1)": "each item rated by other annotators; one rating",
    "ICC(2,1)": "absolute agreement; one rating",
    "ICC(3,1)": "consistency; one rating",
    "ICC(1,k)": "each item rated by other annotators; mean of k",
    "ICC(2,k)": "absolute agreement; mean of k",
    "ICC(3,k)": "consistency; mean of k",
}
COLUMNS = ("form", "meaning", "estimate", "low", "high", "f", "df1", "df2", "p_value", "reason")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class IntraclassCorrelation(Result):
    """Six intraclass correlations of the same numbers.

    Attributes
    ----------
    estimates : dict of str to float
        ``ICC(1,1)``, ``ICC(2,1)`` (also called A,1), ``ICC(3,1)`` (C,1) and their averages with k; nan where undefined.
    confidence : float
        Level of the intervals in :meth:`to_frame`.
    n_items, n_annotators : int
        Items used, and ratings of each.
    n_annotations : int
        Ratings used.
    n_items_set_aside : int
        Items with a rating missing: analysis of variance needs all.
    set_aside_because : str or None
        What was set aside, in words.
    undefined_because : str or None
        Why ICC(2,1) is nan.
    """

    estimates: dict[str, float]
    confidence: float
    n_items: int
    n_annotators: int
    n_annotations: int
    n_items_set_aside: int
    set_aside_because: str | None = None
    undefined_because: str | None = None
    _squares: MeanSquares | None = None
    _crossed: bool = True

    def __getitem__(self, form: str) -> float:
        """Return one estimate by its name, for example ``result["ICC(3,k)"]``.

        Raises
        ------
        ParameterError
            If there is no such form.
        """
        check_choice("form", form, FORMS)
        return self.estimates[form]

    def confidence_interval(self, level: float = 0.95, *, form: str = "ICC(2,1)") -> ConfidenceInterval:
        """Return the F-based interval of one form.

        Parameters
        ----------
        level : float
            Nominal coverage, exact for normal errors with the forms 1 and 3, Satterthwaite's approximation with 2.
        form : str
            One of the six names.

        Raises
        ------
        ParameterError
            If `level` or `form` is not allowed.
        """
        check_level(level)
        check_choice("form", form, FORMS)
        reason = self._reason(form)
        if reason is not None or self._squares is None:
            return undefined_interval(level, "analytic", reason or words.NO_COMPLETE_ITEMS)
        if not self._squares.has_test(form):
            return undefined_interval(level, "analytic", words.ITEMS_EQUAL)
        low, high = f_interval(self._squares, form, level)
        return ConfidenceInterval(low=low, high=high, level=level, method="analytic")

    def to_frame(self) -> pd.DataFrame:
        """Return one row a form: form, meaning, estimate, low, high, f, df1, df2, p_value, reason."""
        rows = []
        for form in FORMS:
            interval = self.confidence_interval(self.confidence, form=form)
            row = {"form": form, "meaning": MEANING[form], "estimate": self.estimates[form]}
            reason = self._reason(form) or interval.undefined_because
            row |= {"low": interval.low, "high": interval.high, "reason": reason}
            test = (math.nan,) * 4 if self._squares is None or reason else self._squares.test(form)
            rows.append(row | dict(zip(("f", "df1", "df2", "p_value"), test, strict=True)))
        return reason_as_object(pd.DataFrame(rows, columns=list(COLUMNS)))

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary; ``forms`` holds the rows of :meth:`to_frame`."""
        return Result.to_dict(self) | {"forms": json_safe(self.to_frame())}

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the six coefficients and their intervals as a chart."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn

        frame = self.to_frame().rename(columns={"form": "name"})
        return interval_chart(frame, title="Intraclass correlation")

    def summary(self) -> list[str]:
        """Return the single-rating coefficients and the next step."""
        size = f"  {self.n_annotations:,} numbers on {self.n_items:,} items by {self.n_annotators:,} annotators"
        aside = [f"  {self.set_aside_because}"] if self.set_aside_because else []
        lines = [self._line(form) for form in ("ICC(2,1)", "ICC(3,1)", "ICC(2,k)")]
        return [*lines, size, *aside, "  next: .to_frame() for all six, .plot()"]

    def _line(self, form: str) -> str:
        reason = self._reason(form)
        if reason:
            return f"{form}: undefined ({reason})"
        interval = self.confidence_interval(self.confidence, form=form)
        spread = f"{as_percent(self.confidence)} interval {as_number(interval.low)} to {as_number(interval.high)}"
        if interval.undefined_because:
            spread = f"no interval: {interval.undefined_because}"
        return f"{form} {MEANING[form]}: {as_number(self.estimates[form])} ({spread})"

    def _reason(self, form: str) -> str | None:
        if not math.isnan(self.estimates[form]):
            return None
        if self._squares is not None and not self._crossed and form[4] != "1":
            return words.NOT_CROSSED
        if self._squares is not None and self._squares.annotators > 0:
            return words.ITEMS_EQUAL
        return self.undefined_because or words.ALL_NUMBERS_EQUAL


def intraclass_correlation(data: object, *, item: str | None = None, confidence: float = 0.95) -> IntraclassCorrelation:
    """Intraclass correlation of numbers by several annotators: ICC(1), ICC(2) and ICC(3), single and average.

    Parameters
    ----------
    data : Annotations (level interval or ratio), StructuredAnnotations of kind "numbers", frame or matrix (n, m)
        Numbers by annotator. A frame with the columns ``item``, ``annotator`` and ``value`` (or ``label``) is long, any
        other wide: one row an item, one column an annotator. Items without a number by every annotator are set aside
        and counted. If annotators did not rate the same items, ICC(1) uses the items with the usual number of ratings
        and the other forms are undefined.
    item : str, optional
        Column of a wide frame that holds names of items; by default the column ``item``, if there is one.
    confidence : float
        Level of the intervals.

    Returns
    -------
    IntraclassCorrelation
        Six estimates with their intervals.

    Raises
    ------
    ColumnError
        If there is no column `item`.
    DuplicateError
        If an annotator rated an item twice.
    LabelError
        If labels are not numbers, or their level is nominal or ordinal.
    ParameterError
        If `data` is none of these, a column looks like names of items, or `confidence` is not a share.
    RoundsError
        If annotations hold more than one round.

    References
    ----------
    Shrout, P. E. & Fleiss, J. L. (1979). Psychol. Bull. 86(2), 420-428. McGraw, K. O. & Wong, S. P. (1996). Psychol.
    Methods 1(1), 30-46. The interval of ICC(2,k) is that of ICC(2,1) carried over by the Spearman-Brown formula.

    Examples
    --------
    >>> judges = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> result = intraclass_correlation(judges)
    >>> [round(result[form], 2) for form in ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)")]
    [0.17, 0.29, 0.71]
    """
    check_level(confidence, "confidence")
    ratings = as_ratings(data, item)
    squares = mean_squares(ratings.matrix) if min(ratings.matrix.shape) >= 2 else None
    estimates = dict.fromkeys(FORMS, math.nan)
    if squares is not None:
        usable = FORMS if ratings.crossed else tuple(f for f in FORMS if f[4] == "1")
        estimates |= {form: squares.estimate(form) for form in usable}
    return IntraclassCorrelation(
        estimates=estimates,
        confidence=confidence,
        n_items=ratings.matrix.shape[0],
        n_annotators=ratings.matrix.shape[1] if ratings.n_annotators else 0,
        n_annotations=ratings.matrix.size,
        n_items_set_aside=ratings.n_set_aside,
        set_aside_because=_aside(ratings),
        undefined_because=_why(ratings, squares, estimates),
        _squares=squares,
        _crossed=ratings.crossed,
    )


def _aside(ratings: Ratings) -> str | None:
    if not ratings.n_set_aside:
        return None
    k = ratings.matrix.shape[1]
    aside = f"{ratings.n_set_aside:,} items without exactly {k} numbers were set aside: analysis of variance needs all"
    return f"{aside}; {ratings.advice}" if ratings.advice else aside


def _why(ratings: Ratings, squares: MeanSquares | None, estimates: dict[str, float]) -> str | None:
    if not math.isnan(estimates["ICC(2,1)"]):
        return None
    if ratings.n_annotators == 0:
        return words.NO_ANSWERS
    if ratings.n_annotators == 1:
        return words.ONE_ANNOTATOR
    if squares is None:
        return words.NO_COMPLETE_ITEMS
    return words.ALL_NUMBERS_EQUAL if ratings.crossed else words.NOT_CROSSED
