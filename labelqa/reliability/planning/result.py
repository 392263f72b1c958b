"""The plan of an agreement study, and the check of it by simulation."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from labelqa.errors import ParameterError, Problem
from labelqa.reliability.names import TITLES
from labelqa.reliability.planning.population import Population
from labelqa.reliability.planning.simulate import Realised, simulate_plan
from labelqa.reliability.planning.sizes import Sizing
from labelqa.reliability.weights import WeightsLike
from labelqa.results import Result, as_number, as_percent

if TYPE_CHECKING:
    import altair as alt

COLUMNS = ("n_items", "n_labels", "width", "power", "power_paired", "planned")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class AgreementStudyPlan(Result):
    """How many items an agreement study needs.

    Attributes
    ----------
    goal : {"width", "threshold", "change"}
        What the study is for.
    asked : float
        The width, threshold or change asked for.
    coefficient, weights : str
        What will be measured.
    value : float
        Assumed value of the coefficient: the pilot's, or the one given.
    confidence : float
        Level of the interval or of the test (one-sided for a threshold, two-sided for a change).
    power : float
        Probability to succeed; nan for a width.
    item_variance : float
        Variance per item: standard error squared times number of items.
    labels_per_item : float
        Labels that an item gets.
    n_items : int or None
        Items needed; for a change in each of two independent rounds. None where undefined.
    n_items_paired : int or None
        For a change: items needed if both rounds label the same items, at `correlation`; otherwise None.
    n_labels : int or None
        Labels needed, for a change of both rounds together.
    correlation : float
        Assumed between an item's contributions to two rounds; 0 promises no gain from pairing.
    formula : str
        How the number was computed.
    basis : str
        Where the variance comes from.
    warnings : tuple of str
        What may make the plan wrong.
    undefined_because : str or None
        Why there is no number.
    curve : pandas.DataFrame
        Other sizes, columns as in :meth:`to_frame`.
    """

    goal: str
    asked: float
    coefficient: str
    weights: str
    value: float
    confidence: float
    power: float
    item_variance: float
    labels_per_item: float
    n_items: int | None
    n_items_paired: int | None
    n_labels: int | None
    correlation: float
    formula: str
    basis: str
    warnings: tuple[str, ...]
    undefined_because: str | None
    curve: pd.DataFrame
    _population: Population | None = field(default=None)
    _sizing: Sizing | None = field(default=None)
    _scheme: WeightsLike = field(default="identity")

    def simulate(self, n_runs: int = 500, *, rng: int | np.random.Generator = 0) -> PlanCheck:
        """Draw studies of the planned size and measure them, to see whether the plan keeps its promise.

        Parameters
        ----------
        n_runs : int
            Studies to draw; the Monte-Carlo error of a share is about ``1/(2 sqrt(n_runs))``.
        rng : int or numpy.random.Generator
            Seed or generator.

        Returns
        -------
        PlanCheck
            Mean width, share of studies that succeed, coverage of the interval. Drawing from a pilot takes the pilot
            for the truth; for a change the two rounds are drawn independently.

        Raises
        ------
        ParameterError
            If the plan has no number of items, or fewer than two runs are asked for.
        """
        _check_runs(n_runs)
        if self.n_items is None or self._population is None or self._sizing is None:
            raise ParameterError(
                Problem(
                    what=f"this plan has no number of items to simulate: {self.undefined_because}",
                    parameter="n_items",
                    next_step="Change the pilot or the assumptions first.",
                )
            )
        found = simulate_plan(
            self._population,
            self._sizing,
            (self.coefficient, self._scheme),
            n=self.n_items,
            n_runs=n_runs,
            rng=np.random.default_rng(rng),
        )
        return PlanCheck(
            goal=self.goal,
            asked=self.asked,
            n_items=self.n_items,
            n_runs=n_runs,
            planned_width=self._sizing.width_at(self.n_items),
            planned_power=self._sizing.power_at(self.n_items),
            realised=found,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row a size: n_items, n_labels, width, power, power_paired, planned (the row of the plan)."""
        return self.curve.copy()

    def summary(self) -> list[str]:
        """Return the number, what it is for, where it comes from, and what may make it wrong."""
        if self.n_items is None or self.n_labels is None:
            return [f"No plan {self._purpose()}", f"  undefined: {self.undefined_because}", "  next: .to_frame()"]
        rounds = " in each of two rounds" if self.goal == "change" else ""
        more = f" (and {len(self.warnings) - 1} more in .warnings)" if len(self.warnings) > 1 else ""
        return [
            f"Label {self.n_items:,} items{rounds} ({self.n_labels:,} labels) {self._purpose()}",
            *self._pairing(),
            f"  from {self.basis}; {self.formula}",
            *([f"  caution: {self.warnings[0]}{more}"] if self.warnings else []),
            "  next: .simulate() checks it, .to_frame() and .plot() show other sizes",
        ]

    def _purpose(self) -> str:
        name, value = TITLES[self.coefficient], as_number(self.value)
        level = as_percent(self.confidence)
        if self.goal == "width":
            return f"for a {level} interval of width {as_number(self.asked)} around a {name} of {value}"
        chance = f"{as_percent(self.power)} power, {level} confidence"
        if self.goal == "threshold":
            side = "below" if self.value < self.asked else "above"
            return f"to show that {name} is {side} {as_number(self.asked)} if it is {value} ({chance})"
        return f"to detect a change of {self.asked:+.3f} from {value} in {name} ({chance})"

    def _pairing(self) -> list[str]:
        if self.goal != "change" or self.n_items_paired is None:
            return []
        same = f"{self.n_items_paired:,} if both rounds label the same items"
        return [f"  {same} (at an assumed correlation of {self.correlation:g})"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the width or the power over the number of items, with the plan."""
        from labelqa.charts.gauge import Axis, path_chart  # charts are imported only when drawn

        of_width = self.goal == "width"
        y = Axis(column="width", title="Width of interval") if of_width else Axis(column="power", title="Power")
        level = self.asked if of_width else self.power
        return path_chart(
            self.curve, x=Axis(column="n_items", title="Items", log=True), y=y, level=level, at=self.n_items
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PlanCheck(Result):
    """What studies of the planned size turn out to show.

    Attributes
    ----------
    goal, asked
        As in :class:`AgreementStudyPlan`.
    n_items, n_runs : int
        Items of a study (a round), and studies drawn.
    planned_width, planned_power : float
        What the formula promises at this size; power is nan for a width.
    realised : Realised
        ``width`` (mean), ``power`` (share of studies that succeed; for a width, that are as narrow as asked),
        ``coverage`` of the two-sided interval, ``value`` (mean estimate), ``n_undefined`` studies without an estimate.
    """

    goal: str
    asked: float
    n_items: int
    n_runs: int
    planned_width: float
    planned_power: float
    realised: Realised

    def to_frame(self) -> pd.DataFrame:
        """Return one row a quantity: quantity, planned, realised, monte_carlo_error."""
        found = self.realised
        rows = [
            ("width", self.planned_width, found.width, math.nan),
            ("power", self.planned_power, found.power, share_error(found.power, self.n_runs)),
            ("coverage", math.nan, found.coverage, share_error(found.coverage, self.n_runs)),
        ]
        return pd.DataFrame(rows, columns=["quantity", "planned", "realised", "monte_carlo_error"])

    def summary(self) -> list[str]:
        """Return what was promised and what came out."""
        found = self.realised
        success = "as narrow as asked" if self.goal == "width" else "succeed"
        promised = "" if math.isnan(self.planned_power) else f" (planned {as_percent(self.planned_power)})"
        lost = f", {found.n_undefined:,} undefined" if found.n_undefined else ""
        return [
            f"{self.n_runs:,} simulated studies of {self.n_items:,} items{lost}",
            f"  mean width {as_number(found.width)} (planned {as_number(self.planned_width)})",
            f"  {as_percent(found.power)} {success}{promised}; the interval covers in {as_percent(found.coverage, 1)}",
            "  next: .to_frame()",
        ]


def _check_runs(n_runs: object) -> None:
    if not isinstance(n_runs, int | np.integer) or n_runs < 2:
        raise ParameterError(
            Problem(
                what=f"n_runs={n_runs!r} studies show nothing",
                parameter="n_runs",
                value=n_runs,
                allowed=("a whole number from 2 on; 500 is usual",),
            )
        )


def share_error(share: float, n: int) -> float:
    """Return the standard error of a simulated share."""
    return math.sqrt(share * (1 - share) / n) if n and not math.isnan(share) else math.nan
