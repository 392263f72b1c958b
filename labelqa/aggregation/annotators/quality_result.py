"""What is known of the quality of annotators, in numbers and in words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.annotators import wording
from labelqa.aggregation.annotators.drift import cusum_path
from labelqa.aggregation.annotators.schools_result import AnnotatorSchools
from labelqa.aggregation.names import quoted
from labelqa.annotations.schema import LabelSchema
from labelqa.errors import ParameterError, Problem, check_whole
from labelqa.results import Result, as_percent
from labelqa.text import counted

if TYPE_CHECKING:
    import altair as alt

Floats = npt.NDArray[np.float64]
COLUMNS = (
    "annotator",
    "n",
    "n_judged",
    "accuracy",
    "low",
    "high",
    "below_chance",
    "confuses",
    "seconds",
    "n_with_others",
    "lone_dissent",
    "lone_dissent_low",
    "lone_dissent_high",
    "n_repeated",
    "self_consistency",
    "drift_p",
    "drift_since",
    "drift_before",
    "drift_after",
    "drift_reason",
    "school",
    "reason",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class AnnotatorQuality(Result):
    """Accuracy, confusions, dissents, consistency and drift of m annotators in k classes.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row an annotator, least accurate first. Columns: annotator; n labels; n_judged, of which others or true
        classes can tell; accuracy, low, high; below_chance (the whole interval is under 1 / k); confuses (the most
        frequent mistake against the consensus, in words; None where not one is expected); seconds (median a label);
        lone_dissent (share of the n_with_others labels, on items with two or more others, where all others agree on
        another class) with low and high; self_consistency (share of n_repeated items that got the same label in the
        next round); drift_p (adjusted by Holm over annotators), drift_since (when the change was, where it is more than
        chance), drift_before and drift_after (how far labels fit the others before and after it, where it is),
        drift_reason (why there is no drift_p); school (1 or 2, nan where none was found); reason.
    schema : LabelSchema
        Classes.
    confidence : float
        Level of the intervals.
    round : str or None
        Round that is judged, where there are several.
    schools : AnnotatorSchools or None
        The test behind `school`; None where it would take long.
    notes : tuple of str
        What a user should know of.
    """

    frame: pd.DataFrame
    schema: LabelSchema
    confidence: float
    round: str | None
    schools: AnnotatorSchools | None
    notes: tuple[str, ...]
    _names: tuple[str, ...]
    _confusion: Floats
    _counts: Floats
    _fits: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def meaning(self) -> tuple[str, ...]:
        """What was found, for people who are not statisticians, a sentence or two each."""
        schools = self.schools.meaning if self.schools is not None and self.schools.found else ()
        return (*wording.sentences(self.frame, self.confidence), *schools, *self.notes)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an annotator."""
        return self.frame.copy()

    def worst(self, n: int = 10) -> pd.DataFrame:
        """Return the `n` least accurate annotators: annotator, n, accuracy, low, high, confuses, reason.

        Raises
        ------
        ParameterError
            If `n` is not a whole number from 0 on.
        """
        check_whole("n", n, 0, what="is not a number of annotators", usual="10")
        return self.frame[["annotator", "n", "accuracy", "low", "high", "confuses", "reason"]].head(n)

    def confusion(self, annotator: Hashable) -> pd.DataFrame:
        """Return how often an annotator gives which label (columns) where which class is true (rows).

        Parameters
        ----------
        annotator : str
            Name.

        Returns
        -------
        pandas.DataFrame
            (k, k) shares, shrunk towards the group and towards the annotator's own mean accuracy by three labels a
            class each, and a last column ``n``: how many labels on items of that class the shares rest on.

        Raises
        ------
        ParameterError
            If there is no such annotator.
        """
        g = self._position(annotator)
        names = pd.Index(self.schema.names, name="true_class")
        frame = pd.DataFrame(self._confusion[g], index=names, columns=list(self.schema.names))
        return frame.assign(n=self._counts[g].sum(axis=1))

    def _position(self, annotator: Hashable) -> int:
        if str(annotator) not in self._names:
            raise ParameterError(
                Problem(
                    what=f"there is no annotator {annotator!r}",
                    parameter="annotator",
                    value=annotator,
                    allowed=self._names,
                )
            )
        return self._names.index(str(annotator))

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary with ``schema_version`` and ``meaning``."""
        return Result.to_dict(self) | {"meaning": list(self.meaning)}

    def summary(self) -> list[str]:
        """Return the least accurate annotators and what else stands out."""
        known = self.frame.dropna(subset=["accuracy"])
        rows = [
            f"  {quoted([row['annotator']])}: {as_percent(row['accuracy'])} right "
            f"({as_percent(row['low'])} to {as_percent(row['high'])}) on {counted(row['n_judged'], 'label')}"
            for row in known.head(2).to_dict("records")
        ]
        head = f"Quality of {counted(len(self.frame), 'annotator')}" + (f" in round {self.round}" if self.round else "")
        why = [] if len(known) else [f"  {text}" for text in wording.accuracy(self.frame, self.confidence)]
        marks = [f"  ! {text}" for text in wording.marks(self.frame)[:2]]
        return [head, *why, *rows, *marks, "  next: .meaning, .frame, .confusion(annotator), .plot()"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the accuracy of each annotator (the lowest 40) with intervals as a chart, chance as a dashed line."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn

        frame = self.frame.head(40).rename(columns={"accuracy": "estimate"})
        chance = (1 / self.schema.k,) if self.schema.k > 1 else ()
        frame = frame.astype({"annotator": str})
        return interval_chart(frame, label="annotator", title="Share of labels that are right", reference=chance)

    def plot_confusion(self, annotator: Hashable) -> alt.Chart | alt.LayerChart:
        """Return :meth:`confusion` as a heat map.

        Raises
        ------
        ParameterError
            If there is no such annotator.
        """
        from labelqa.charts.confusion import confusion_chart

        return confusion_chart(self.confusion(annotator).drop(columns="n"))

    def plot_drift(self, annotator: Hashable) -> alt.Chart | alt.LayerChart:
        """Return the CUSUM of how well the labels of an annotator fit, with its permutation limits (5 %) dashed.

        Raises
        ------
        ParameterError
            If there is no such annotator, or fewer than ten of their labels could be judged.
        """
        from labelqa.charts.drift import cusum_chart

        name = self._names[self._position(annotator)]
        if name not in self._fits:
            raise ParameterError(
                Problem(
                    what=f"annotator {name!r} cannot be followed over time: {self._why_not_followed(name)}",
                    parameter="annotator",
                    value=name,
                    allowed=tuple(self._fits),
                )
            )
        path = cusum_path(self._fits[name], np.random.default_rng(0))
        frame = pd.DataFrame({"position": np.arange(1, path.cusum.size + 1), "cusum": path.cusum})
        changed = self.frame.loc[self._rows_of(name), "drift_since"].notna().any()
        return cusum_chart(frame, limit=path.limit, at=path.position if changed else None)

    def _rows_of(self, name: str) -> pd.Series:
        return self.frame["annotator"].astype(str) == name

    def _why_not_followed(self, name: str) -> str:
        return str(self.frame.loc[self._rows_of(name), "drift_reason"].iloc[0])
