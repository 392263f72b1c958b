"""The result of agreement under a distance."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from labelqa.inference.intervals import ConfidenceInterval
from labelqa.reliability.names import METHODS_OF_ANY_FIGURE
from labelqa.reliability.samples import Asked, Inference, Known, Sample, sample_interval
from labelqa.results import Result, as_number, json_safe, reason_as_object
from labelqa.text import visible

COLUMNS = (
    "distance",
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
    "n_distinct",
    "n_references",
    "reason",
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DistanceAgreement(Result):
    """Krippendorff's alpha under a distance, and what its inference needs.

    Attributes
    ----------
    distance, kind : str
        Name of the distance, and the kind of values.
    estimate : float
        Alpha; nan where undefined.
    observed, expected : float
        Mean distance of answers to one item, and of answers paired by chance (for ``interval`` in squared ranges).
    standard_error : float
        Exact delete-one-item jackknife; with sampled references their sampling error is included.
    sampling_error : float
        The part of the standard error that comes from sampling; 0 where every pair of values was compared.
    n_items : int
        Items with at least one answer.
    n_annotators : int
        Annotators who gave an answer.
    n_annotations : int
        Answers.
    n_single : int
        Items with exactly one answer: they say nothing about agreement.
    n_unlabeled : int
        Items without any answer.
    n_distinct : int
        Distinct answers.
    n_references : int
        Answers drawn to estimate the expected distance; 0 where every pair of values was compared.
    undefined_because : str or None
        Why the estimate is nan.
    interval_undefined_because : str or None
        Why the estimate has no standard error.
    """

    distance: str
    kind: str
    estimate: float
    observed: float
    expected: float
    standard_error: float
    sampling_error: float
    n_items: int
    n_annotators: int
    n_annotations: int
    n_single: int
    n_unlabeled: int
    n_distinct: int
    n_references: int
    undefined_because: str | None = None
    interval_undefined_because: str | None = None
    _sample: Sample | None = field(default=None, compare=False)
    _degrees: int = field(default=0, compare=False)
    _known: Known = field(default_factory=dict, init=False, compare=False)

    @property
    def sample(self) -> Sample | None:
        """The measured items, for inference; None where the estimate is undefined."""
        return self._sample

    def confidence_interval(
        self,
        level: float = 0.95,
        method: str = "jackknife",
        *,
        n_resamples: int = 1000,
        rng: int | np.random.Generator = 0,
    ) -> ConfidenceInterval:
        """Return a confidence interval for alpha.

        Parameters
        ----------
        level : float
            Nominal coverage.
        method : {"jackknife", "bootstrap"}
            Student t around the exact delete-one-item standard error, the upper limit capped at 1; or percentiles over
            resampled items.
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
        asked.check(METHODS_OF_ANY_FIGURE)
        inference = Inference(
            estimate=self.estimate,
            sample=self._sample,
            no_interval_because=self.undefined_because or self.interval_undefined_because,
            standard_error=self.standard_error,
            degrees=self._degrees,
        )
        return sample_interval(inference, asked, self._known)

    def to_frame(self) -> pd.DataFrame:
        """Return one row with the 95 % jackknife interval."""
        interval = self.confidence_interval()
        row = {name: getattr(self, name) for name in COLUMNS if name not in ("low", "high", "reason")}
        reason = self.undefined_because or interval.undefined_because
        row |= {"low": interval.low, "high": interval.high, "reason": reason}
        return reason_as_object(pd.DataFrame([row], columns=list(COLUMNS)))

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary, with the 95 % jackknife interval as ``low`` and ``high``."""
        interval = self.confidence_interval()
        return Result.to_dict(self) | {"low": json_safe(interval.low), "high": json_safe(interval.high)}

    def summary(self) -> list[str]:
        """Return alpha, its interval, its ingredients, and the next step."""
        name = f"Krippendorff's alpha ({visible(self.distance)} distance)"
        size = f"  {self.n_annotations:,} answers ({self.n_distinct:,} distinct) on {self.n_items:,} items"
        single = f", {self.n_single:,} of them with a single answer" if self.n_single else ""
        if self.undefined_because:
            return [f"{name}: undefined ({self.undefined_because})", size + single, "  next: .to_frame()"]
        interval = self.confidence_interval()
        spread = (
            f"no interval: {self.interval_undefined_because}"
            if self.interval_undefined_because
            else f"95% interval {as_number(interval.low)} to {as_number(interval.high)}"
        )
        sampled = f", from {self.n_references:,} sampled answers" if self.n_references else ""
        return [
            f"{name}: {as_number(self.estimate)} ({spread})",
            f"  mean distance {as_number(self.observed)}, by chance {as_number(self.expected)}{sampled}",
            size + single,
            "  next: .confidence_interval(method='bootstrap'), .to_frame()",
        ]
