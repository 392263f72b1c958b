"""What a consensus found: labels, probabilities, quality, and who labeled how."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.calibration import Calibration, calibration
from labelqa.aggregation.gold import coded
from labelqa.aggregation.labeltable import LabelTable
from labelqa.aggregation.names import TITLES, quoted
from labelqa.aggregation.people import People
from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem, check_kind, check_whole
from labelqa.results import Result, as_percent, json_safe, read_only
from labelqa.text import counted

if TYPE_CHECKING:
    import altair as alt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ConsensusResult(Result):
    """Consensus labels and what is behind them; n items, m annotators, k classes.

    Attributes
    ----------
    items : pandas.Index (n,)
        The items.
    schema : LabelSchema
        The classes.
    labels : object array (n,)
        The most probable class of each item, None for items without a label; of tied classes the one that more
        annotators gave, then the first in the order of classes (see `tied`).
    codes : int32 (n,)
        The same as positions in the classes, -1 for items without a label.
    probabilities : float64 (n, k)
        Probability of each class.
    quality : float64 (n,)
        How sure the consensus label is, in [0, 1]; wrong ones come first when sorted. nan for items without a label,
        and for all where no item has a second label, a known class or a classifier: nothing tells then.
    tied : bool (n,)
        Whether two or more classes are equally probable.
    n_labels : int64 (n,)
        Labels of each item.
    agreeing : int64 (n,)
        How many of them are the consensus label.
    method : str
        What was asked for.
    iterations : int
        E-steps of the longest fit; 0 for a vote.
    converged : bool
        Whether every fit did.
    log_likelihood : float
        Of the labels under the fitted model; nan for a vote and for a blend.
    weights : mapping of str to float
        Share of each model in a blend.
    calibration : Calibration or None
        How right the probabilities are, where true classes of some items were given; each judged by a fit without it.
    notes : tuple of str
        What a user should know of.
    """

    items: pd.Index
    schema: LabelSchema
    labels: npt.NDArray[np.object_]
    codes: npt.NDArray[np.int32]
    probabilities: Floats
    quality: Floats
    tied: npt.NDArray[np.bool_]
    n_labels: npt.NDArray[np.int64]
    agreeing: npt.NDArray[np.int64]
    method: str
    iterations: int
    converged: bool
    log_likelihood: float
    _people: People
    weights: dict[str, float] = field(default_factory=dict)
    calibration: Calibration | None = None
    notes: tuple[str, ...] = ()

    @property
    def annotators(self) -> pd.DataFrame:
        """One row an annotator, least accurate first; accuracy is by what the others of an item say.

        Columns: annotator, n, accuracy, low, high (a 95 % interval), confuses (the most frequent mistake against this
        consensus; None where not one is expected), reason. The intervals take the errors of the others as known, so
        they are quick and a little too narrow; :func:`labelqa.annotator_quality` finds how far those errors are
        uncertain and gives intervals up to half as wide again, with the same `confuses` for the same consensus. Its
        accuracies are these with the method ``auto``, but for a last update (about .005). The other methods judge by
        their own model, which on small sets may differ by .05 and more.
        """
        return self._people.frame.copy()

    @property
    def confusion(self) -> Floats:
        """Probability that annotator g gives label l where class c is true, float64 (m, k, k), [g, c, l]."""
        return read_only(self._people.confusion)

    def __len__(self) -> int:
        """Return the number of items n."""
        return len(self.items)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an item: item, label, probability, quality, tied, n_labels, agreeing."""
        top = np.where(np.isnan(self.quality), np.nan, self.probabilities.max(axis=1, initial=0.0))
        return pd.DataFrame(
            {
                "item": np.asarray(self.items),
                "label": pd.Series(self.labels, dtype=object),
                "probability": top,
                "quality": self.quality,
                "tied": self.tied,
                "n_labels": self.n_labels,
                "agreeing": self.agreeing,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary with ``schema_version``; `annotators` and `confusion` are part of it."""
        people = {"annotators": json_safe(self.annotators), "confusion": json_safe(self.confusion)}
        return {**Result.to_dict(self), **people}

    def is_of(self, annotations: Annotations) -> bool:
        """Tell whether this is the consensus of these very labels, in whatever order they are."""
        same_names = (
            self.items.equals(annotations.items)
            and self._people.names.equals(annotations.annotators)
            and self.schema.classes == annotations.schema.classes
        )
        return same_names and self._people.labeled_as(LabelTable.of(annotations))

    def expected_calibration_error(self, gold: Mapping[Hashable, Hashable] | pd.Series) -> Calibration:
        """Compare the probabilities with true classes that the consensus was *not* given.

        Parameters
        ----------
        gold : mapping or Series of item to class
            True classes of some items. Classes given as ``gold=`` to the consensus say nothing here (those items are
            certain by decree): `calibration` holds what can be said of them.

        Returns
        -------
        Calibration
            Expected calibration error in ten bins of equal size.

        Raises
        ------
        ParameterError
            If an item or class is not there.
        """
        truth = coded(gold, self.items, self.schema)
        return calibration(self.probabilities, np.where(self.codes >= 0, truth, -1))

    def worst(self, n: int = 10) -> pd.DataFrame:
        """Return the `n` items whose consensus is least sure, least sure first.

        Raises
        ------
        ParameterError
            If `n` is not a whole number from 0 on.
        """
        check_whole("n", n, 0, what="is not a number of items", usual="10")
        frame = self.to_frame()
        return frame.sort_values(["quality", "n_labels"], kind="stable").head(n).reset_index(drop=True)

    def summary(self) -> list[str]:
        """Return what was found in a few lines."""
        labeled = int((self.codes >= 0).sum())
        lowest = self.annotators.dropna(subset=["accuracy"]).head(1).to_dict("records")
        lines = [
            f"Consensus of {counted(labeled, 'item')} by {TITLES[self.method]}",
            f"  {self._sureness()}",
        ]
        lines += [
            f"  least accurate: {quoted([row['annotator']])} {as_percent(row['accuracy'])} "
            f"({as_percent(row['low'])} to {as_percent(row['high'])}) on {counted(row['n'], 'label')}"
            for row in lowest
        ]
        return [*lines, *(f"  ! {note}" for note in self.notes[:2]), "  next: .worst(), .annotators, .plot()"]

    def _sureness(self) -> str:
        if len(self) and np.isnan(self.quality).all():
            return "how sure: undefined"
        return f"{int(self.tied.sum()):,} tied, {int((self.quality < 0.7).sum()):,} under 70% sure"

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the accuracy of each annotator (the lowest 40) with intervals as a chart."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn

        frame = self.annotators.head(40).astype({"annotator": str})
        frame = frame.rename(columns={"annotator": "name", "accuracy": "estimate"})
        return interval_chart(frame, title="Share of right labels")


def check_consensus(consensus: object, annotations: Annotations) -> None:
    """Raise :class:`labelqa.ParameterError` unless `consensus` is one of these very labels."""
    step = "Pass labelqa.consensus(annotations), or leave it out."
    check_kind("consensus", consensus, ConsensusResult, allowed="a result of labelqa.consensus", next_step=step)
    if isinstance(consensus, ConsensusResult) and not consensus.is_of(annotations):
        raise ParameterError(
            Problem(
                what="the consensus is of other items, annotators, classes or labels than the annotations",
                parameter="consensus",
                next_step="Pass labelqa.consensus(annotations) of these annotations (of several rounds, of the "
                "latest), or leave it out.",
            )
        )
