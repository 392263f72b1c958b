"""Where a sequential study stands: the frozen snapshot of :class:`labelqa.reliability.sequential.SequentialTarget`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.reliability.names import TITLES
from labelqa.results import Result, as_number, as_percent

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SequentialState(Result):
    """Evidence for "agreement is above the target" so far.

    Attributes
    ----------
    coefficient, weights : str
        What is measured, items weighing alike whatever their number of labels.
    target, alpha : float
        The claim is "above target", wrong with probability at most alpha however often one looks.
    n_items : int
        Items seen.
    n_used : int
        Items that the evidence rests on: complete blocks of four with two or more labels each.
    n_waiting : int
        Items that wait until their block of four is complete.
    n_too_few : int
        Items with fewer than two labels: seen, not used.
    lower_bound : float
        Agreement is above this with confidence 1 - alpha, at every look at once.
    reached : bool
        Whether the target was passed, now or at an earlier look.
    reached_at : int or None
        Items seen when it was.
    evidence : float
        Wealth of the bet against "at most target"; the target is passed at 1/alpha.
    no_evidence_because : str or None
        Why nothing can be said yet.
    history : pandas.DataFrame
        One row an item, columns as in :meth:`to_frame`.
    """

    coefficient: str
    weights: str
    target: float
    alpha: float
    n_items: int
    n_used: int
    n_waiting: int
    n_too_few: int
    lower_bound: float
    reached: bool
    reached_at: int | None
    evidence: float
    no_evidence_because: str | None
    history: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a look (an item): n_items, n_used, evidence, lower_bound, reached."""
        return self.history.copy()

    def summary(self) -> list[str]:
        """Return in words where one stands, and what to do next."""
        name = TITLES[self.coefficient] + ("" if self.weights == "identity" else f" ({self.weights} weights)")
        left_out = f", {self.n_too_few:,} with fewer than two labels left out" if self.n_too_few else ""
        waiting = f", {self.n_waiting:,} waiting for their block of four" if self.n_waiting else ""
        return [
            f"{name}, target {as_number(self.target)}: {self._verdict()}",
            f"  {self._bound()}",
            f"  {self.n_items:,} items seen, {self.n_used:,} used{waiting}{left_out}",
            self._next(),
        ]

    def _verdict(self) -> str:
        if self.reached:
            return f"reached after {self.reached_at:,} items"
        needed = 1 / self.alpha
        return f"not reached yet (evidence {_few_digits(self.evidence)} of the {_few_digits(needed)} needed)"

    def _bound(self) -> str:
        if self.no_evidence_because:
            return f"nothing can be said yet: {self.no_evidence_because}"
        if self.lower_bound <= -1:
            return "no lower bound yet: too little agreement, or too few items, to tell"
        return f"above {as_number(self.lower_bound)} with {as_percent(1 - self.alpha)} confidence, at every look so far"

    def _next(self) -> str:
        if self.reached:
            return "  next: stop labeling; labelqa.agreement(annotations) for the estimate, .plot() for the way there"
        return "  next: .update(labels of one more random item), as often as you like; .plot()"

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the lower bound item by item, with the target."""
        from labelqa.charts.gauge import Axis, path_chart  # charts are imported only when drawn

        frame = self.history.assign(lower_bound=self.history["lower_bound"].clip(lower=min(0.0, self.target)))
        return path_chart(
            frame,
            x=Axis(column="n_items", title="Items seen"),
            y=Axis(column="lower_bound", title="Agreement is above"),
            level=self.target,
            at=self.reached_at,
        )


def _few_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
