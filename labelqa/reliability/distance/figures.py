"""Figures with their own inference, and the result style that all measures of structured answers share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from labelqa.errors import check_choice
from labelqa.inference.intervals import ConfidenceInterval
from labelqa.reliability.distance import words
from labelqa.reliability.distance.ratios import PairRatios
from labelqa.reliability.names import METHODS_OF_ANY_FIGURE
from labelqa.reliability.samples import Asked, Inference, Known, Resampled, sample_interval
from labelqa.results import Result, as_number, json_safe, reason_as_object

if TYPE_CHECKING:
    import altair as alt

COLUMNS = ("measure", "estimate", "low", "high", "standard_error", "n", "reason")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Figure:
    """One number with what its inference needs.

    Attributes
    ----------
    value : float
        The number; nan where undefined.
    n : int
        What it rests on: items, spans, boxes or pairs.
    sample : Resampled or None
        The items behind it; None where there is no inference over items.
    undefined_because : str or None
        Why the value is nan.
    no_interval_because : str or None
        Why it has no interval.
    """

    value: float
    n: int
    sample: Resampled | None = None
    undefined_because: str | None = None
    no_interval_because: str | None = None
    _known: Known = field(default_factory=dict, init=False, repr=False)

    def interval(
        self,
        level: float = 0.95,
        method: str = "bootstrap",
        n_resamples: int = 1000,
        rng: int | np.random.Generator = 0,
    ) -> ConfidenceInterval:
        """Return the interval of the figure over its items, computed once; nan with a reason where there is none."""
        asked = Asked(level, method, n_resamples, rng)
        asked.check(METHODS_OF_ANY_FIGURE)
        reason = self.undefined_because or self.no_interval_because
        inference = Inference(estimate=self.value, sample=self.sample, no_interval_because=reason)
        return sample_interval(inference, asked, self._known)


def figure(value: float, sample: Resampled | None, *, n: int, n_items: int, reason: str) -> Figure:
    """Return a figure over `n_items` items; `reason` is why the value is nan, if it is."""
    if math.isnan(value):
        return Figure(value=math.nan, n=n, undefined_because=reason)
    if n_items < 2 or sample is None:
        return Figure(value=value, n=n, no_interval_because=words.ONE_ITEM)
    if isinstance(sample, PairRatios) and sample.n_counting < 2:  # resampling the others changes nothing
        return Figure(value=value, n=n, no_interval_because=words.ONE_ITEM_COUNTS)
    return Figure(value=value, n=n, sample=sample)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class FigureResult(Result):
    """Base of results that hold several figures, each with an interval over items.

    Attributes
    ----------
    n_items, n_annotators, n_annotations, n_single : int
        Items with an answer, annotators, answers, items with one answer only.
    undefined_because : str or None
        Why the main figure is nan.
    """

    n_items: int
    n_annotators: int
    n_annotations: int
    n_single: int
    undefined_because: str | None = None
    _figures: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def figures(self) -> Mapping[str, Figure]:
        """The figures by their names, the main one first."""
        return self._figures

    @property
    def estimate(self) -> float:
        """The main figure, as in every other result; nan where undefined."""
        return next(iter(self.figures.values())).value

    def confidence_interval(
        self,
        level: float = 0.95,
        method: str = "bootstrap",
        *,
        measure: str | None = None,
        n_resamples: int = 1000,
        rng: int | np.random.Generator = 0,
    ) -> ConfidenceInterval:
        """Return a confidence interval for a measure, over items.

        Parameters
        ----------
        level : float
            Nominal coverage.
        method : {"bootstrap", "jackknife"}
            Percentiles over resampled items, or Student t around the exact delete-one-item standard error.
        measure : str, optional
            Which measure of :meth:`to_frame`; by default the main one.
        n_resamples : int
            Bootstrap resamples b.
        rng : int or numpy.random.Generator
            Seed or generator of the bootstrap.

        Raises
        ------
        ParameterError
            If `level`, `method`, `n_resamples` or `measure` is not allowed.
        """
        name = next(iter(self.figures)) if measure is None else measure
        check_choice("measure", name, tuple(self.figures))
        return self.figures[name].interval(level, method, n_resamples, rng)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a measure: measure, estimate, low, high (95 % bootstrap), standard_error, n, reason."""
        rows = []
        for name, found in self.figures.items():
            interval = found.interval()
            reason = found.undefined_because or interval.undefined_because
            row = {"measure": name, "estimate": found.value, "low": interval.low, "high": interval.high}
            rows.append(row | {"standard_error": interval.standard_error, "n": found.n, "reason": reason})
        return reason_as_object(pd.DataFrame(rows, columns=list(COLUMNS)))

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary; ``measures`` holds the rows of :meth:`to_frame`."""
        return Result.to_dict(self) | {"measures": json_safe(FigureResult.to_frame(self))}

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the measures and their intervals as a chart."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn

        return interval_chart(FigureResult.to_frame(self).rename(columns={"measure": "name"}))

    def shown(self, name: str) -> str:
        """Return a figure in words, without its interval."""
        found = self.figures[name]
        return f"undefined ({found.undefined_because})" if found.undefined_because else as_number(found.value)

    def headline(self, name: str) -> str:
        """Return a figure with its interval in words, for example ``0.81 (95% interval 0.76 to 0.86)``."""
        found = self.figures[name]
        if found.undefined_because:
            return f"undefined ({found.undefined_because})"
        interval = found.interval()
        if interval.undefined_because:
            return f"{as_number(found.value)} (no interval: {interval.undefined_because})"
        return f"{as_number(found.value)} (95% interval {as_number(interval.low)} to {as_number(interval.high)})"
