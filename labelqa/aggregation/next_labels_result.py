"""Which labels to ask for next: the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.results import Result, as_number
from labelqa.text import counted

if TYPE_CHECKING:
    import altair as alt

COLUMNS = ("item", "annotator", "expected_gain", "probability_now", "reason")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class NextLabels(Result):
    """Items to send to one more annotator, most useful first.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row a label to ask for. Columns: item, annotator (None where anyone who has not labeled the item will do),
        expected_gain (expected fall of the probability that the item's consensus label is wrong), probability_now (of
        the consensus label), reason.
    budget : int
        Labels that could be asked for.
    expected_errors_before, expected_errors_after : float
        Wrong consensus labels expected now and with the new labels, under the fitted model.
    notes : tuple of str
        What a user should know of.
    """

    frame: pd.DataFrame
    budget: int
    expected_errors_before: float
    expected_errors_after: float
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of labels to ask for."""
        return len(self.frame)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a label: item, annotator, expected_gain, probability_now, reason."""
        return self.frame.copy()

    def summary(self) -> list[str]:
        """Return what to ask for in a few lines."""
        n = self.frame["item"].nunique()
        lines = [
            f"{counted(len(self), 'label')} to ask for on {counted(n, 'item')}",
            f"  expected wrong consensus labels: {as_number(self.expected_errors_before, 1)} now, "
            f"{as_number(self.expected_errors_after, 1)} after",
        ]
        first = self.frame.head(1).to_dict("records")
        lines += [f"  first: {row['item']} ({row['reason']})" for row in first]
        return [*lines, *(f"  ! {note}" for note in self.notes[:2]), "  next: .to_frame()"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the expected gain of the first 40 labels as bars."""
        from labelqa.charts.bars import share_chart  # charts are imported only when drawn

        rows = self.frame.head(40).astype({"item": str})
        return share_chart(rows, label="item", value="expected_gain", title="Expected gain of one more label")
