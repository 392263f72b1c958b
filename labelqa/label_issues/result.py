"""What was found: how probably each label is right, what it should be, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.errors import ParameterError, Problem, check_whole
from labelqa.label_issues.given import class_values
from labelqa.label_issues.sample import ReviewSample, draw_sample
from labelqa.label_issues.scoring import NORMAL
from labelqa.label_issues.words import Evidence
from labelqa.results import Result, as_percent, json_safe
from labelqa.text import counted

if TYPE_CHECKING:
    import altair as alt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LabelIssues(Result):
    """Given labels and how probably each is right; n rows, k classes.

    Attributes
    ----------
    items : pandas.Index (n,)
        Names of the rows.
    schema : LabelSchema
        The classes.
    given, suggested : int32 (n,)
        Class that the label is and that the evidence speaks for, as positions in the classes.
    quality : float64 (n,)
        Probability, by the model, that the label is right; low = suspicious.
    probabilities : float64 (n, k)
        Of the classes, by all evidence.
    expected_errors, expected_errors_low, expected_errors_high : float
        How many labels are wrong, by the model, with the range that the ways to estimate it span. Errors that no model
        sees are not in it: check a sample (`review_sample`) to know.
    source : str
        What the labels were judged by, in words.
    models : tuple of str
        Names of the models behind it.
    notes : tuple of str
        What a user should know of.
    undefined_because : str or None
        Why nothing can be said: every quality is then 0.5 and `expected_errors` is nan.
    """

    items: pd.Index
    schema: LabelSchema
    given: Codes
    suggested: Codes
    quality: Floats
    probabilities: Floats
    expected_errors: float
    expected_errors_low: float
    expected_errors_high: float
    source: str
    models: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    undefined_because: str | None = None
    _evidence: Evidence
    _class_of: Codes | None = None
    _class_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of labels n."""
        return len(self.items)

    @property
    def flagged(self) -> npt.NDArray[np.bool_]:
        """Labels that are more probably wrong than right, bool (n,)."""
        return np.asarray(self.quality < 0.5)

    @property
    def ranking(self) -> npt.NDArray[np.intp]:
        """Rows in order of suspicion, worst first, int (n,)."""
        return np.argsort(self.quality, kind="stable")

    @property
    def expected_precision(self) -> float:
        """Share of flagged labels that are wrong, by the model; nan where none is flagged."""
        flagged = self.flagged
        return float((1 - self.quality[flagged]).mean()) if flagged.any() else math.nan

    @property
    def neighbours(self) -> Codes | None:
        """Rows of the five nearest others, int32 (n, 5); None without features."""
        return self._evidence.neighbours

    def evidence(self, row: int) -> str:
        """Return what speaks for and against the label in `row` (counted from 0), in words."""
        check_whole("row", row, 0, what="is not a row", usual="0")
        if row >= len(self):
            what = f"row={row} is not one of {counted(len(self), 'row')}, counted from 0"
            raise ParameterError(Problem(what=what, parameter="row", value=row))
        return self._evidence.of(int(row))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a label, in the order given: item, given, suggested, quality, rank, flagged, evidence."""
        return self._frame(np.arange(len(self)))

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary with ``schema_version``; `issues` holds one row a label, as `to_frame`."""
        whole = Result.to_dict(self)
        for name in ("items", "given", "suggested", "quality"):
            del whole[name]
        return {**whole, "issues": json_safe(self.to_frame()), "class_errors": json_safe(self.class_errors())}

    def worst(self, n: int = 10) -> pd.DataFrame:
        """Return the `n` most suspicious labels, worst first, with the columns of `to_frame`."""
        check_whole("n", n, 0, what="is not a number of labels", usual="10")
        return self._frame(self.ranking[: int(n)])

    def review_sample(self, n: int = 100, *, rng: int | np.random.Generator = 0) -> ReviewSample:
        """Draw `n` labels to check, stratified by quality with known probabilities, for `estimate_label_errors`.

        Every label may be drawn, so that errors no model sees are found, too; each beginning of the order is a
        stratified random sample, so that a reviewer may stop anywhere.
        """
        return draw_sample(self.items, self.quality, self._frame, n=n, rng=rng)

    def _frame(self, rows: Sequence[int] | npt.NDArray[np.intp]) -> pd.DataFrame:
        rank = np.empty(len(self), dtype=np.int64)
        rank[self.ranking] = np.arange(1, len(self) + 1)
        classes = class_values(self.schema)
        return pd.DataFrame(
            {
                "item": np.asarray(self.items)[rows],
                "given": classes[self.given[rows]],
                "suggested": classes[self.suggested[rows]],
                "quality": self.quality[rows],
                "rank": rank[rows],
                "flagged": self.flagged[rows],
                "evidence": pd.Series([self._evidence.of(int(i)) for i in rows], dtype=object),
            }
        )

    def class_errors(self) -> pd.DataFrame:
        """Return one row a class: class, n, flagged, expected_errors, low, high; model-based, as the total is."""
        owner = self.given if self._class_of is None else self._class_of
        names = self.schema.names if self._class_of is None else self._class_names
        k = len(names)
        wrong = np.bincount(owner, weights=1 - self.quality, minlength=k)
        spread = NORMAL * np.sqrt(np.bincount(owner, weights=self.quality * (1 - self.quality), minlength=k))
        n = np.bincount(owner, minlength=k)
        if self._class_of is not None:  # of a class without evidence every quality is 0.5
            wrong[np.bincount(owner, weights=self.quality != 0.5, minlength=k) == 0] = math.nan
        if self.undefined_because:
            wrong = np.full(k, math.nan)
        total = float(np.nansum(wrong))
        ends = (self.expected_errors_low, self.expected_errors_high)
        least, most = (end / total if total > 0 else 1.0 for end in ends)
        return pd.DataFrame(
            {
                "class": names,
                "n": n,
                "flagged": np.bincount(owner, weights=self.flagged, minlength=k).astype(np.int64),
                "expected_errors": wrong,
                "low": np.maximum(least * wrong - spread, 0.0),
                "high": np.minimum(most * wrong + spread, np.minimum(n, self.expected_errors_high)),
            }
        )

    def summary(self) -> list[str]:
        """Return what was found in a few lines."""
        if self.undefined_because:
            return [
                f"{counted(len(self), 'label')}, none judged: {self.undefined_because}",
                "  next: .review_sample(100)",
            ]
        n_flagged = int(self.flagged.sum())
        lines = [
            f"{counted(n_flagged, 'label')} of {len(self):,} more probably wrong than right, by {self.source}",
            f"  about {self.expected_errors:,.0f} wrong in all ({self.expected_errors_low:,.0f} to "
            f"{self.expected_errors_high:,.0f}, model-based until labels are checked)",
        ]
        if n_flagged:
            lines.append(
                f"  expect {as_percent(self.expected_precision)} of the flagged labels to be wrong or ambiguous"
            )
        lines += [f"  ! {note}" for note in self.notes[:2]]
        return [*lines, "  next: .worst(), .review_sample(100), .class_errors(), .plot()"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the expected number of wrong labels of each class, with its range, as a chart."""
        from labelqa.charts.issues import error_chart  # charts are imported only when drawn

        frame = self.class_errors().sort_values("expected_errors", ascending=False, kind="stable")
        return error_chart(frame.head(40), title="Expected number of wrong labels")
