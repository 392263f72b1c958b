"""Results of agreement: one coefficient, and a table of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from labelqa.errors import check_choice
from labelqa.inference.benchmark import Benchmark, benchmark
from labelqa.inference.intervals import ConfidenceInterval
from labelqa.reliability.explain import explanations
from labelqa.reliability.names import METHODS, TITLES
from labelqa.reliability.samples import Asked, Inference, Known, Sample, sample_interval
from labelqa.results import SCHEMA_VERSION, Result, as_number, as_percent, json_safe, reason_as_object

if TYPE_CHECKING:
    import altair as alt

MAX_LINES = 4
USUAL = (
    "krippendorff_alpha",
    "gwet_ac",
    "fleiss_kappa",
    "percent_agreement",
    "conger_kappa",
    "cohen_kappa",
    "brennan_prediger",
    "scott_pi",
)
COLUMNS = (
    "coefficient",
    "weights",
    "estimate",
    "low",
    "high",
    "standard_error",
    "observed",
    "expected",
    "n_items",
    "n_annotators",
    "n_annotations",
    "n_single",
    "n_unlabeled",
    "reason",
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AgreementResult(Result):
    """A coefficient of agreement and what its inference needs.

    Attributes
    ----------
    coefficient, weights : str
        Names; weights are ``"custom"`` for a table.
    estimate : float
        The coefficient; nan where undefined.
    observed, expected : float
        Observed agreement p_a and agreement expected by chance p_e.
    standard_error : float
        Analytic (linearised) standard error over items; the exact jackknife's for rank weights.
    n_items : int
        Items with at least one label.
    n_annotators : int or None
        Annotators who gave a label; None where the data does not tell.
    n_annotations : int
        Labels.
    n_single : int
        Items with exactly one label: they say nothing about agreement.
    n_unlabeled : int
        Items without any label, left out of everything.
    undefined_because : str or None
        Why the estimate is nan.
    interval_undefined_because : str or None
        Why the estimate has no standard error.
    """

    coefficient: str
    weights: str
    estimate: float
    observed: float
    expected: float
    standard_error: float
    n_items: int
    n_annotators: int | None
    n_annotations: int
    n_single: int
    n_unlabeled: int = 0
    undefined_because: str | None = None
    interval_undefined_because: str | None = None
    _sample: Sample | None = field(default=None, compare=False)
    _degrees: int = field(default=0, compare=False)
    _known: Known = field(default_factory=dict, init=False, compare=False)

    def confidence_interval(
        self,
        level: float = 0.95,
        method: str = "analytic",
        *,
        n_resamples: int = 1000,
        rng: int | np.random.Generator = 0,
    ) -> ConfidenceInterval:
        """Return a confidence interval for the coefficient.

        Parameters
        ----------
        level : float
            Nominal coverage.
        method : {"analytic", "jackknife", "bootstrap"}
            Student t with n - 1 degrees of freedom around the linearised or the exact delete-one-item jackknife
            standard error, the upper limit capped at 1; or percentiles over resampled items.
        n_resamples : int
            Bootstrap resamples b.
        rng : int or numpy.random.Generator
            Seed or generator of the bootstrap.

        Raises
        ------
        ParameterError
            If `level` or `method` is not allowed.
        """
        asked = Asked(level, method, n_resamples, rng)
        asked.check(METHODS)
        inference = Inference(
            estimate=self.estimate,
            sample=self._sample,
            no_interval_because=self.undefined_because or self.interval_undefined_because,
            standard_error=self.standard_error if method == "analytic" else None,
            degrees=self._degrees,
        )
        return sample_interval(inference, asked, self._known)

    def explain(self, level: float = 0.95) -> list[str]:
        """Return what a reader should know about this estimate, in words.

        Low in spite of high percent agreement (a frequent class), below zero, or an interval too wide to say much; an
        empty list where the number speaks for itself.
        """
        return explanations(self, self.confidence_interval(level))

    def benchmark(self, scale: str = "landis_koch", probability: float = 0.95) -> Benchmark:
        """Return the verbal band the coefficient reaches with `probability`, and the probability of every band.

        Raises
        ------
        ParameterError
            If `scale` is not ``landis_koch``, ``altman`` or ``fleiss``.
        """
        return benchmark(self.estimate, self.standard_error, scale=scale, probability=probability)

    def to_frame(self) -> pd.DataFrame:
        """Return one row with the 95 % analytic interval; columns as in :class:`AgreementTable`."""
        return reason_as_object(pd.DataFrame([self.row(0.95)], columns=list(COLUMNS)))

    def row(self, confidence: float, method: str = "analytic", rng: int = 0) -> dict[str, object]:
        """Return the row of this result in a table, with its interval."""
        interval = self.confidence_interval(confidence, method, rng=rng)
        values = {name: getattr(self, name) for name in COLUMNS if name not in ("low", "high", "reason")}
        reason = self.undefined_because or interval.undefined_because
        return values | {"low": interval.low, "high": interval.high, "reason": reason}

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary, with the 95 % analytic interval as ``low`` and ``high``."""
        interval = self.confidence_interval()
        return Result.to_dict(self) | {"low": json_safe(interval.low), "high": json_safe(interval.high)}

    def summary(self) -> list[str]:
        """Return the estimate, its interval, its ingredients, and the next step."""
        name = TITLES[self.coefficient] + ("" if self.weights == "identity" else f" ({self.weights} weights)")
        if self.undefined_because:
            return [f"{name}: undefined ({self.undefined_because})", self._size(), "  next: .to_frame()"]
        interval = self.confidence_interval()
        spread = (
            f"no interval: {self.interval_undefined_because}"
            if self.interval_undefined_because
            else f"95% interval {as_number(interval.low)} to {as_number(interval.high)}"
        )
        return [
            f"{name}: {as_number(self.estimate)} ({spread})",
            f"  observed agreement {as_percent(self.observed, 1)}, by chance {as_percent(self.expected, 1)}",
            self._size(),
            "  next: .benchmark() for what it means, labelqa.class_agreement(data) for where it comes from",
        ]

    def _size(self) -> str:
        single = f", {self.n_single:,} items with a single label" if self.n_single else ""
        empty = f", {self.n_unlabeled:,} without any" if self.n_unlabeled else ""
        return f"  {self.n_annotations:,} labels on {self.n_items:,} items{single}{empty}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AgreementTable(Result):
    """Several coefficients on the same data.

    Attributes
    ----------
    results : tuple of AgreementResult
        One a coefficient.
    confidence : float
        Level of the intervals.
    method : {"analytic", "jackknife", "bootstrap"}
        Kind of the intervals.
    rng : int
        Seed of the bootstrap.
    """

    results: tuple[AgreementResult, ...]
    confidence: float = 0.95
    method: str = "analytic"
    rng: int = 0

    def __getitem__(self, coefficient: str) -> AgreementResult:
        """Return the result of one coefficient.

        Raises
        ------
        ParameterError
            If it is not in the table.
        """
        check_choice("coefficient", coefficient, tuple(r.coefficient for r in self.results))
        return next(r for r in self.results if r.coefficient == coefficient)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient.

        Columns: coefficient, weights, estimate, low, high, standard_error, observed, expected, n_items, n_annotators,
        n_annotations, n_single, reason.
        """
        return reason_as_object(pd.DataFrame(self.rows(), columns=list(COLUMNS)))

    def rows(self) -> list[dict[str, object]]:
        """Return one dictionary a coefficient, keys as the columns of :meth:`to_frame`."""
        return [r.row(self.confidence, self.method, self.rng) for r in self.results]

    def to_dict(self) -> dict[str, object]:
        """Return ``{"schema_version", "confidence", "method", "coefficients": [{"coefficient", "low", ...}, ...]}``."""
        return {
            "schema_version": SCHEMA_VERSION,
            "type": type(self).__name__,
            "confidence": self.confidence,
            "method": self.method,
            "coefficients": json_safe(self.rows()),
        }

    def summary(self) -> list[str]:
        """Return one line a coefficient."""
        usual = [r for name in USUAL for r in self.results if r.coefficient == name]
        shown = self.results if len(self.results) <= MAX_LINES else usual[:MAX_LINES]
        more = len(self.results) - len(shown)
        rest = f" ({more} more in .to_frame())" if more else ""
        head = f"Agreement, {as_percent(self.confidence)} intervals{rest}"
        return [head, *(self._line(result) for result in shown), "  next: .to_frame(), .plot()"]

    def _line(self, result: AgreementResult) -> str:
        interval = result.confidence_interval(self.confidence, self.method, rng=self.rng)
        reason = result.undefined_because or interval.undefined_because
        spread = reason or f"{as_number(interval.low)} to {as_number(interval.high)}"
        return f"  {TITLES[result.coefficient]:<22}{as_number(result.estimate):>10}  {spread}"

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return estimates and intervals as a chart, one row a coefficient."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn

        return interval_chart(self.to_frame().assign(name=[TITLES[r.coefficient] for r in self.results]))
